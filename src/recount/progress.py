"""Telling a person what is going on: lines with seconds, one status line where there is a terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Progress:
    """Prints the steps of a build; safe to use from several threads."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Print to STREAM, standard output by default."""
        self._stream = stream or sys.stdout
        self._tty = self._stream.isatty()
        self._lock = threading.Lock()
        self._start = time.monotonic()

    def line(self, text: str) -> None:
        """One finished line."""
        with self._lock:
            clear = "\r\x1b[K" if self._tty else ""
            self._stream.write(f"{clear}{text}\n")
            self._stream.flush()

    def status(self, text: str) -> None:
        """What is being done now; nothing where there is no terminal."""
        if self._tty:
            with self._lock:
                self._stream.write(f"\r\x1b[K{text[:100]}")
                self._stream.flush()

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """A step with its seconds; what the caller appends to the list is printed beside the name."""
        self.status(f"{name} ...")
        began = time.monotonic()
        said: list[str] = []
        yield said
        detail = f"  {', '.join(said)}" if said else ""
        self.line(f"{name:<12}{time.monotonic() - began:6.1f} s{detail}")

    def total(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._start
