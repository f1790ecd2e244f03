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


MANY = 4
"""From how many texts on one process for several is quicker than one for each."""

OPTIONS = {"mathml": "html_math_method", "wrap": "wrap_text", "email-obfuscation": "email_obfuscation"}
"""What pandoc's own language calls the options of its command line that we use."""

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
    known = cache_in.get(_key(arguments, given))
    if known is not None:
        return _stored(known)
    answer = run(arguments, given)
    _keep(arguments, given, answer, cache_in)
    return answer


def _stored(text: str) -> Answer:
    told: dict[str, str] = json.loads(text)
    return Answer(told["output"], told["warnings"])


def _key(arguments: Sequence[str], given: str) -> str:
    return "pandoc-" + digest(version(), "\n".join(arguments), given)


def _keep(arguments: Sequence[str], given: str, answer: Answer, cache_in: Cache) -> None:
    cache_in.put(_key(arguments, given), json.dumps({"output": answer.output, "warnings": answer.warnings}))


def ask_all(arguments: Sequence[str], texts: Sequence[str], cache_in: Cache) -> list[Answer]:
    """Answers to several texts, in their order, two at a time; many that are not known yet share two processes."""
    known = {given: cache_in.get(_key(arguments, given)) for given in dict.fromkeys(texts)}
    unknown = sorted((given for given, stored in known.items() if stored is None), key=len)
    if unknown:
        with ThreadPoolExecutor(max_workers=2) as pool:
            if len(unknown) >= MANY:
                list(pool.map(lambda group: _together(arguments, group, cache_in), (unknown[::2], unknown[1::2])))
            asked = dict(zip(unknown, pool.map(lambda given: ask(arguments, given, cache_in), unknown), strict=True))
    return [asked[given] if (stored := known[given]) is None else _stored(stored) for given in texts]


def _together(arguments: Sequence[str], texts: Sequence[str], cache_in: Cache) -> None:
    """Put the answers to several texts into the cache; of those that pandoc has something to say about, none."""
    given = dict(argument.removeprefix("--").partition("=")[::2] for argument in arguments)
    options = {OPTIONS[name]: value or name for name, value in given.items() if name not in {"from", "to"}}
    asked = {"from": given["from"], "to": given["to"], "options": options, "texts": texts}
    script = str(Path(__file__).with_name("batch.lua"))
    done = subprocess.run(  # noqa: S603 - our own pandoc and our own script
        [program(), "lua", script],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode or done.stderr:
        return  # asked one by one, what is wrong is said of the one it is wrong with
    for text, output in zip(texts, json.loads(done.stdout), strict=True):
        # As the command line ends its answers.
        _keep(arguments, text, Answer(output if output.endswith("\n") else f"{output}\n", ""), cache_in)


def document(blocks: list[dict[str, Any]], meta: dict[str, Any] | None = None) -> str:
    """Blocks as a document that pandoc's JSON reader takes."""
    return json.dumps(
        {"pandoc-api-version": [1, 23, 1, 1], "meta": meta or {}, "blocks": blocks}, ensure_ascii=False, sort_keys=True
    )
