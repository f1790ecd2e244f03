"""Measuring how soon a save is followed: when in a preview page and PDF are new, when an error of the data is told."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

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


@dataclass(frozen=True)
class Told:
    """An error of the data: where it was told, after how many seconds each time."""

    where: str
    seconds: tuple[float, ...]


def errors(root: Path, spoil: Callable[[], object], mend: Callable[[], object], rounds: int) -> list[Told]:
    """How soon the first error of the data is told, from a save in a preview and from the start of `make report`.

    Args:
        root: the project; its draft is built first, and is not measured.
        spoil: saves data that the gate refuses.
        mend: takes that back.
        rounds: how often.

    Raises:
        Stop: nothing was told.
    """
    saves = []
    with _previewed(root) as (state, start):
        _follow(state, lambda: 0.0, "start", start)
        for _ in range(rounds):
            began = time.monotonic()
            spoil()
            _until(state, "a fault", lambda now: now["state"] == "broken")
            saves.append(time.monotonic() - began)
            mend()
            _until(state, "no fault", lambda now: now["state"] == "ready")
    spoil()
    commands = [_refused(root) for _ in range(rounds)]
    mend()
    return [Told("in a preview, after a save", tuple(saves)), Told("by `make report`", tuple(commands))]


def _refused(root: Path) -> float:
    """Seconds until a build of data that the gate refuses prints where the first problem lies."""
    began = time.monotonic()
    command = [sys.executable, "-m", "recount", "report"]
    with subprocess.Popen(  # noqa: S603 - this Python, our own module
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            if line.lstrip().startswith("where: data/"):
                seconds = time.monotonic() - began
                process.communicate()
                return seconds
    raise Stop([_failed("a fault", [])], Exit.DATA)


def _until(state: State, name: str, reached: Callable[[Mapping[str, Any]], bool]) -> None:
    number, until = -1, time.monotonic() + PATIENCE
    while time.monotonic() < until:
        number, now = state.after(number, 1)
        if reached(now):
            return
    raise Stop([_failed(name, [])], Exit.RENDER)


@contextmanager
def _previewed(root: Path) -> Iterator[tuple[State, Callable[[], None]]]:
    """The state of a preview of the project in ROOT, and what starts it."""
    state = State()
    preview = Preview(root, state, Progress(io.StringIO()))
    running = threading.Thread(target=preview.run, daemon=True)
    try:
        yield state, running.start
    finally:
        preview.stop()
        running.join()


def measure(root: Path, pace: Callable[[], float], edits: Iterable[tuple[str, Callable[[], object]]]) -> list[Followed]:
    """Follow edits one after another in a preview of the project in ROOT.

    Args:
        root: the project; its draft is built first, and is not measured.
        pace: how quick the machine is, asked before each save.
        edits: what to call each, and what makes it.

    Raises:
        Stop: a save broke the draft, or was never followed; a failure that is fast is no measurement.
    """
    with _previewed(root) as (state, start):
        _follow(state, pace, "start", start)
        return [_follow(state, pace, name, edit) for name, edit in edits]


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


def errors_table(told: Sequence[Told]) -> list[str]:
    """The measurements of errors as lines of a Markdown page."""
    return [
        "",
        "## A first error of the data",
        "",
        "Seconds until a date that no source can mean is told.",
        "",
        "| Told | Seconds | From, to |",
        "|:--|--:|:--|",
        *(
            f"| {one.where} | {median(one.seconds):.1f} | {min(one.seconds):.1f}, {max(one.seconds):.1f} |"
            for one in told
        ),
    ]


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
