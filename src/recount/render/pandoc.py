"""Calling pandoc, and remembering what it answered."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import get_ident
from typing import Any

import pypandoc  # type: ignore[import-untyped] # the package has no types

from recount.problems import Exit, Problem, Stop


@dataclass(frozen=True)
class Answer:
    """What pandoc wrote, and its warnings."""

    output: str
    warnings: str


PREPARED = Path(sys.prefix) / "share" / "recount"
"""Where set-up keeps what follows from the packages alone; see `ahead`."""


@dataclass(frozen=True)
class Cache:
    """A folder of answers, each under the hash of its question; what set-up prepared is looked up as well.

    Content decides, never a time: the same question has the same answer on every machine. Files no run has asked for
    may be deleted at any moment.
    """

    folder: Path

    def get(self, key: str) -> str | None:
        """The stored text, or None; a file that is not what was stored counts as none."""
        for folder in (self.folder, PREPARED):
            try:
                hashed, _, content = (folder / key).read_bytes().partition(b"\n")
            except FileNotFoundError:
                continue
            if hashed.decode(errors="replace") == digest(content):
                return content.decode()
        return None

    def put(self, key: str, content: str) -> None:
        """Store a text; written beside and moved, so that a broken run leaves no half file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # Two threads may ask the same at once.
        half = self.folder / f"{key}.{os.getpid()}-{get_ident()}.part"
        half.write_bytes(f"{digest(content)}\n{content}".encode())
        half.replace(self.folder / key)


def digest(*parts: str | bytes) -> str:
    """One name for several texts; a boundary moved between two parts gives another name."""
    total = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        total.update(f"{len(raw)}:".encode())
        total.update(raw)
    return total.hexdigest()[:32]


@cache
def program() -> str:
    """The pandoc that the wheel brought; never one that happens to be installed."""
    return str(Path(pypandoc.__file__).parent / "files" / "pandoc")


@cache
def version() -> str:
    """The wheel's version, part of every cache key."""
    return str(pypandoc.__version__)


def run(arguments: Sequence[str], given: str) -> Answer:
    """Pandoc's answer to a text on standard input.

    Raises:
        Stop: pandoc refused; its own words are the message.
    """
    done = subprocess.run(  # noqa: S603 - our own pandoc, arguments from this package
        [program(), *arguments], input=given, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise Stop(
            [Problem(file="", line=0, rule="pandoc-accepts", message=done.stderr.strip() or "pandoc stopped")],
            Exit.RENDER,
        )
    return Answer(done.stdout, done.stderr)


def ask(arguments: Sequence[str], given: str, cache_in: Cache) -> Answer:
    """The answer from the cache where it is known."""
    key = "pandoc-" + digest(version(), "\n".join(arguments), given)
    known = cache_in.get(key)
    if known is not None:
        stored: dict[str, str] = json.loads(known)
        return Answer(stored["output"], stored["warnings"])
    answer = run(arguments, given)
    cache_in.put(key, json.dumps({"output": answer.output, "warnings": answer.warnings}))
    return answer


def ask_all(arguments: Sequence[str], texts: Sequence[str], cache_in: Cache) -> list[Answer]:
    """Answers to several texts, in their order, two at a time."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(lambda given: ask(arguments, given, cache_in), texts))


def document(blocks: list[dict[str, Any]], meta: dict[str, Any] | None = None) -> str:
    """Blocks as a document that pandoc's JSON reader takes."""
    return json.dumps(
        {"pandoc-api-version": [1, 23, 1, 1], "meta": meta or {}, "blocks": blocks}, ensure_ascii=False, sort_keys=True
    )
