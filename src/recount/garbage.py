"""Garbage: the processes of a build seldom look for it, since they end soon and leave little in circles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

NEW_OBJECTS = 100_000
"""After how many new objects Python looks for garbage. As it comes, after 700, that is a tenth of a build."""


def seek_seldom() -> None:
    """Let this process, and what is forked from it, look for garbage seldom."""
    gc.set_threshold(NEW_OBJECTS)


@contextmanager
def unsought() -> Iterator[None]:
    """Keep Python from looking for garbage where nothing is thrown away: while importing, among the cells of tables."""
    seeking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if seeking:
            gc.enable()
