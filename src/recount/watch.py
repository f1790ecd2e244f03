"""Seeing which files of a project were saved, by looking again and again; no service of the system is needed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("chapters", "data", "src", "validation", "styles", "assets")
FILES = ("_quarto.yml", "pyproject.toml", "requirements.lock", "references.bib")
IGNORED = ("__pycache__", ".part", ".swp", ".tmp", "~")
# What Quarto leaves beside a chapter for as long as it renders it.
RENDERED = (".html", ".typ", ".pdf")

Stamp = tuple[int, int, int]


class Watch:
    """The files of a project that a build may depend on, as they were when last asked."""

    def __init__(self, root: Path) -> None:
        """Remember how the files below ROOT are now."""
        self._root = root
        self._stamps = dict(self._look())
        self._hashes = {path: _hash(root / path) for path in self._stamps}

    def changed(self) -> list[str]:
        """The files made, changed or removed since the last call, relative to the project, sorted.

        A file counts as changed if its content is another; that it was merely touched does not matter, nor does the
        direction in which a clock went.
        """
        stamps = dict(self._look())
        moved = {path for path in stamps.keys() | self._stamps.keys() if stamps.get(path) != self._stamps.get(path)}
        self._stamps = stamps
        found = []
        for path in sorted(moved):
            now = _hash(self._root / path)
            if now != self._hashes.get(path, ""):
                found.append(path)
            self._hashes[path] = now
        return found

    def _look(self) -> Iterator[tuple[str, Stamp]]:
        for name in FILES:
            yield from _stamp(self._root / name, name)
        for path in self._root.glob("*.qmd"):
            yield from _stamp(path, path.name)
        for name in FOLDERS:
            yield from _below(str(self._root / name), name)


def _below(folder: str, name: str) -> Iterator[tuple[str, Stamp]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name.endswith((*IGNORED, "_files")):
            continue
        if name.partition("/")[0] == "chapters" and entry.name.endswith(RENDERED):
            continue
        path = f"{name}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path, path)
        else:
            yield from _stamp(Path(entry.path), path)


def _stamp(path: Path, name: str) -> Iterator[tuple[str, Stamp]]:
    try:
        found = path.stat()
    except OSError:
        return
    yield name, (found.st_mtime_ns, found.st_size, found.st_ino)


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
