"""The PDF of a preview: set beside the builds, by a press that stays."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from recount.problems import Problem, Stop

GRACE = 1.0
"""Seconds in which a newer layout may explain why an older one could not be set: it was exchanged meanwhile."""


@dataclass(frozen=True)
class Layout:
    """A book laid out for paper.

    Args:
        folder: where; always the same one in a preview, which is what lets the press remember.
        fonts: folders with its faces.
        timestamp: seconds since 1970 that the PDF calls its date.
        name: what the PDF is called on the site.
    """

    folder: Path
    fonts: tuple[Path, ...]
    timestamp: int
    name: str


class Typesetting:
    """Sets the newest layout in a thread of its own, and gives the PDF to whoever asks."""

    def __init__(self, tell: Callable[[float, Sequence[Problem]], None]) -> None:
        """Call TELL after each layout with the seconds it took and what Typst refused."""
        self._tell = tell
        self._changed = threading.Condition()
        self._waiting: Layout | None = None
        self._at_work = False
        self._pdf: bytes | None = None
        self.name = ""
        threading.Thread(target=self._run, daemon=True).start()

    def set(self, layout: Layout) -> None:
        """Set a layout next; one that still waits is forgotten."""
        with self._changed:
            self._waiting = layout
            self.name = layout.name
            self._changed.notify_all()

    def pdf(self, timeout: float) -> bytes | None:
        """The PDF of the newest layout, waiting for one that is on its way; nothing if none was ever set."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is None and not self._at_work, timeout)
            return self._pdf

    def _run(self) -> None:
        # Loaded here, in the thread: the first build does not wait for it.
        from recount.render.press import Press

        press: Press | None = None
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting is not None)
                layout, self._waiting, self._at_work = self._waiting, None, True
            if layout is None:
                continue
            press = press or Press(layout.folder, layout.fonts)
            began = time.monotonic()
            made, failure = None, None
            try:
                made = press.set(layout.timestamp)
            except Exception as error:  # noqa: BLE001 - a thread that ended would leave whoever waits for it waiting
                failure = error
            with self._changed:
                if failure:
                    self._changed.wait_for(lambda: self._waiting is not None, GRACE)
                newer = self._waiting is not None
                self._pdf = made or self._pdf
                self._at_work = False
                self._changed.notify_all()
            if not newer:
                self._tell(time.monotonic() - began, _problems(failure))


def _problems(failure: Exception | None) -> Sequence[Problem]:
    if isinstance(failure, Stop):
        return failure.problems
    if failure is None:
        return ()
    told = f"{type(failure).__name__}: {failure}"
    return (Problem("", 0, "pages-are-set", told, fix="this is a bug of ours"),)
