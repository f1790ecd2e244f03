"""The made-up project of `recount.synthetic`, and our command line run on it as a person would."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[1] / "src"


def environment(root: Path, **more: str) -> dict[str, str]:
    """The environment of our command line for the project in ROOT; its own engine, no byte code left behind."""
    path = os.pathsep.join([str(root / "src"), str(ENGINE)])
    return {**os.environ, "PYTHONPATH": path, "SOURCE_DATE_EPOCH": "1577836800", **more}


def recount(root: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run our command line in ROOT."""
    return subprocess.run(
        [sys.executable, "-m", "recount", *arguments],
        cwd=root,
        env=environment(root, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def report(root: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Build the book with the built-in renderer."""
    return recount(root, "report", "--renderer", "builtin", **more)


def copy(built: Path, place: Path) -> Path:
    """A project with its book and caches somewhere else."""
    shutil.copytree(built, place, symlinks=True)
    return place


def wrong_with(book: Path) -> list[str]:
    """What keeps a book from being one whole build: files that are missing, left over or other than accounted for."""
    account = json.loads((book / "build.json").read_text(encoding="utf-8"))["outputs"]
    there = {
        path.relative_to(book).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in book.rglob("*")
        if path.is_file() and path.name != "build.json"
    }
    return sorted(path for path in account.keys() | there.keys() if account.get(path) != there.get(path))


def content(book: Path) -> dict[str, bytes]:
    """Every file of a book."""
    return {path.relative_to(book).as_posix(): path.read_bytes() for path in book.rglob("*") if path.is_file()}


def edit(path: Path, old: str, new: str) -> None:
    """Replace the first OLD in a file, which must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path.name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
