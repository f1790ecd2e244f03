"""One build for the preview: the same stages, but a changed verdict is shown instead of stopping it.

A draft stands in `.recount/preview/`, never in `_book`: what the book says is what `make report` let through.
"""

from __future__ import annotations

import dataclasses
import io
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from recount import build, checking, project, publish, quarto, renderers, swap
from recount.problems import Problem, Stop, shown
from recount.progress import Progress
from recount.project import Project
from recount.typesetting import Layout

FOLDER = ".recount/preview"
Say = Callable[[Mapping[str, Any]], None]


def draft_of(book: Project) -> Project:
    """The same project with its output where the preview serves it."""
    settings = {**book.settings, "project": {**book.settings.get("project", {}), "output-dir": FOLDER}}
    return dataclasses.replace(book, settings=settings)


def build_draft(book: Project, progress: Progress, say: Say) -> list[Problem]:
    """Bring the draft up to date; returns where verdicts differ from the accepted ones.

    Raises:
        Stop: whatever stops a build, but for a changed verdict.
    """
    from recount import acceptance

    changed: list[Problem] = []

    def check() -> bool:
        return checking.check(book, progress, lambda problem: say({"problem": shown([problem])[0]}))

    def compare() -> None:
        changed.extend(acceptance.problems(book.root))

    with swap.alone(book.cache / "lock"):
        draft = draft_of(book)

        def press(layout: Layout) -> None:
            # Set by the preview itself: it remembers what it set before, and this process ends.
            fonts = [str(folder) for folder in layout.fonts]
            say({"layout": {**dataclasses.asdict(layout), "folder": str(layout.folder), "fonts": fonts}})

        renderer = dataclasses.replace(renderers.choose(draft, "builtin"), press=press)
        ahead = publish.ahead(draft, renderer)
        executed = build.pipeline(book, progress, gate=check, verdicts=compare, after=ahead)
        if not publish.publish(draft, executed.chapters, renderer, ("html",), progress):
            press(publish.layout(draft))
        if os.environ.get("RECOUNT_FEED"):
            # Quarto's own preview renders a touched chapter once for each text. A touch of its settings has every open
            # page reloaded, and each page made again when it is next asked for.
            quarto.feed(book, executed.chapters)
            if any(reason.kind != "text changed" for reasons in executed.reasons.values() for reason in reasons):
                (book.root / "_quarto.yml").touch()
    return changed


def run(root: Path, say: Say) -> None:
    """Build once and say how it went: `problem` as soon as one is found, then `done` with all there is to show."""
    progress = Progress(Lines(say))
    try:
        verdicts = build_draft(project.load(root), progress, say)
    except Stop as stop:
        say({"done": False, "problems": shown(stop.problems)})
        return
    account = json.loads((root / FOLDER / "build.json").read_text(encoding="utf-8"))
    say({"done": True, "verdicts": shown(verdicts), "files": account["outputs"], "seconds": progress.total()})


class Lines(io.StringIO):
    """A stream that says each line it is given."""

    def __init__(self, say: Say) -> None:
        """Say through SAY."""
        super().__init__()
        self._say = say

    def write(self, text: str) -> int:
        """Say the text."""
        if text.strip():
            self._say({"line": text.rstrip("\n")})
        return len(text)
