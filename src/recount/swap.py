"""Putting a finished file or folder in the place of the old one, whole or not at all."""

from __future__ import annotations

import ctypes
import ctypes.util
import fcntl
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

AT_FDCWD = -100
RENAME_EXCHANGE = 2  # Linux: renameat2
RENAME_SWAP = 2  # macOS: renamex_np


def write_whole(path: Path, text: str) -> None:
    """Write TEXT to PATH by exchanging the file: a reader never sees half of it, and a kill leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def exchange(fresh: Path, place: Path) -> None:
    """Make FRESH stand at PLACE; what stood there is removed afterwards.

    Both must lie in one file system. Where the system can exchange two folders in one step (Linux, macOS) PLACE is at
    every moment either the old or the new folder; elsewhere there is an instant in which it is missing, and
    `repair` puts the old one back.
    """
    old = place.with_name(f"{place.name}.old")
    if not place.exists():
        fresh.rename(place)
        return
    if _exchange(fresh, place):
        shutil.rmtree(fresh, ignore_errors=True)
        return
    shutil.rmtree(old, ignore_errors=True)
    place.rename(old)
    fresh.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def repair(place: Path) -> None:
    """After a kill between two renames: put the old folder back."""
    old = place.with_name(f"{place.name}.old")
    if old.exists() and not place.exists():
        old.rename(place)
    elif old.exists():
        shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    library = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
    first, second = os.fsencode(one), os.fsencode(other)
    if sys.platform.startswith("linux") and hasattr(library, "renameat2"):
        return bool(library.renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE) == 0)
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return bool(library.renamex_np(first, second, RENAME_SWAP) == 0)
    return False


@contextmanager
def alone(lock_file: Path, waiting: str = "") -> Iterator[None]:
    """Hold the project's lock; a second build waits and says so."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting:
                sys.stderr.write(waiting + "\n")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
