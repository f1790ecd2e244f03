"""Measuring a preview: how long after a save the page and the PDF are new."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from recount.preview import Preview, State
from recount.problems import Exit, Problem, Stop
from recount.progress import Progress

PATIENCE = 300.0
"""Seconds after which a save counts as never followed."""


@dataclass(frozen=True)
class Followed:
    """One save: what was changed, after how many seconds the pages and the PDF were new, and the machine's pace."""

    name: str
    pages: float
    paper: float
    pace: float


def measure(root: Path, pace: Callable[[], float], edits: Iterable[tuple[str, Callable[[], object]]]) -> list[Followed]:
    """Follow edits one after another in a preview of the project in ROOT.

    Args:
        root: the project; its draft is built first, and is not measured.
        pace: how quick the machine is, asked before each save.
        edits: what to call each, and what makes it.

    Raises:
        Stop: a save broke the draft, or was never followed; a failure that is fast is no measurement.
    """
    state = State()
    preview = Preview(root, state, Progress(io.StringIO()))
    running = threading.Thread(target=preview.run, daemon=True)
    try:
        _follow(state, pace, "start", running.start)
        return [_follow(state, pace, name, edit) for name, edit in edits]
    finally:
        preview.stop()
        running.join()


def _follow(state: State, pace: Callable[[], float], name: str, edit: Callable[[], object]) -> Followed:
    quick = pace()
    number, before = state.after(-1, 0)
    began = time.monotonic()
    edit()
    pages = 0.0
    while time.monotonic() - began < PATIENCE:
        number, now = state.after(number, 1)
        if now["state"] == "broken" or now["paper"]["problems"]:
            raise Stop([_failed(name, [*now["problems"], *now["paper"]["problems"]])], Exit.RENDER)
        if now["builds"] > before["builds"] and not pages:
            pages = time.monotonic() - began
        if pages and now["paper"]["set"] > before["paper"]["set"]:
            return Followed(name, pages, time.monotonic() - began, quick)
    raise Stop([_failed(name, [])], Exit.RENDER)


def _failed(name: str, told: Sequence[dict[str, str]]) -> Problem:
    said = "; ".join(f"{one['rule']}: {one['message']}" for one in told) or f"not within {PATIENCE:.0f} seconds"
    return Problem("", 0, "measured-save-is-followed", f"{name}: {said}", fix="make the preview work first")


def table(followed: Sequence[Followed]) -> list[str]:
    """The measurements as lines of a Markdown page; a save that was made several times as its median."""
    names = dict.fromkeys(one.name for one in followed)
    return [
        "",
        "## In a preview",
        "",
        "Seconds from a save until the open page and the PDF are new, in a `make preview` that is running; as above.",
        "",
        "| Saved | Page | From, to | PDF | From, to | Pace |",
        "|:--|--:|:--|--:|:--|--:|",
        *(_line(name, [one for one in followed if one.name == name]) for name in names),
    ]


def _line(name: str, times: Sequence[Followed]) -> str:
    cells = [name]
    for seconds in ([one.pages for one in times], [one.paper for one in times]):
        cells += [f"{median(seconds):.1f}", f"{min(seconds):.1f}, {max(seconds):.1f}" if len(times) > 1 else ""]
    return f"| {' | '.join(cells)} | {median(one.pace for one in times):.2f} |"
