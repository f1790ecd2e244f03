"""Calling pandoc, and remembering what it answered."""

from __future__ import annotations

import atexit
import hashlib
import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import Queue
from threading import Lock, get_ident
from typing import Any

import pypandoc  # type: ignore[import-untyped] # the package has no types

from recount.problems import Exit, Problem, Stop


@dataclass(frozen=True)
class Answer:
    """What pandoc wrote, and its warnings."""

    output: str
    warnings: str


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


@cache
def _module_of(function: Callable[[str], str]) -> str:
    """The hash of the module that holds a function."""
    return digest(Path(inspect.getfile(function)).read_bytes())


def _as_it_is(output: str) -> str:
    return output


def ask_all(
    arguments: Sequence[str],
    texts: Iterable[str],
    cache_in: Cache,
    tidy: Callable[[str], str] = _as_it_is,
) -> list[Answer]:
    """Answers to several texts, in their order; those that are not known yet go through two processes that stay.

    Each is asked as soon as it comes, so whoever gives them one by one can go on meanwhile.

    Args:
        arguments: what pandoc is told on its command line.
        texts: what it reads.
        cache_in: where answers are kept.
        tidy: a function of a module, applied to what pandoc wrote before it is kept; what it made is forgotten when
            its module changes.
    """
    asked = [*arguments, tidy.__name__, _module_of(tidy)]

    def answer(given: str) -> Answer:
        known = cache_in.get(_key(asked, given))
        if known is not None:
            return _stored(known)
        found = WORKERS.ask(arguments, given) or run(arguments, given)
        found = Answer(tidy(found.output), found.warnings)
        _keep(asked, given, found, cache_in)
        return found

    with ThreadPoolExecutor(max_workers=2) as pool:
        return [future.result() for future in [pool.submit(answer, given) for given in texts]]


class Workers:
    """Pandoc processes that answer one text after another, started when they are first needed."""

    def __init__(self, count: int) -> None:
        """At most COUNT at a time."""
        self._count = count
        self._lock = Lock()
        self._pid = 0

    @property
    def running(self) -> list[subprocess.Popen[bytes]]:
        """Those that wait for a text."""
        return [worker for worker in self._free.queue if worker is not None]

    def ask(self, arguments: Sequence[str], text: str) -> Answer | None:
        """The answer; none where pandoc has more to say than an answer, or has ended."""
        with self._lock:
            if self._pid != os.getpid():
                # The processes of whom this one is a fork are not its own.
                self._pid, self._free = os.getpid(), Queue[subprocess.Popen[bytes] | None]()
                for _ in range(self._count):
                    self._free.put(None)
        free = self._free
        worker, output = free.get(), None
        try:
            worker = worker or _started()
            output = _converted(worker, arguments, text)
        except (OSError, ValueError):
            if worker:
                worker.kill()
                worker.wait()
            worker = None
        finally:
            free.put(worker)
        # As the command line ends its answers.
        return None if output is None else Answer(output if output.endswith("\n") else f"{output}\n", "")


WORKERS = Workers(2)
"""As many at a time as the cores a build counts on."""


def _started() -> subprocess.Popen[bytes]:
    script = str(Path(__file__).with_name("worker.lua"))
    worker = subprocess.Popen(  # noqa: S603 - our own pandoc and our own script
        [program(), "lua", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,  # Ctrl-C is for the build, which ends this process with itself
    )
    # It also ends by itself, when whoever started it has ended and there is nothing more to read.
    atexit.register(worker.kill)
    return worker


def _converted(worker: subprocess.Popen[bytes], arguments: Sequence[str], text: str) -> str | None:
    """What a worker makes of a text, or None if it would rather not."""
    if worker.stdin is None or worker.stdout is None:
        raise ValueError("a worker is started with pipes")
    given = dict(argument.removeprefix("--").partition("=")[::2] for argument in arguments)
    options = {OPTIONS[name]: value or name for name, value in given.items() if name not in {"from", "to"}}
    raw = text.encode()
    asked = {"from": given["from"], "to": given["to"], "options": options, "bytes": len(raw)}
    worker.stdin.write(json.dumps(asked).encode() + b"\n" + raw)
    worker.stdin.flush()
    told = worker.stdout.readline()
    if told == b"no\n":
        return None
    size = int(told)  # nothing at all, if it ended
    output = worker.stdout.read(size)
    if len(output) < size:
        raise ValueError("the answer broke off")
    return output.decode()


def document(blocks: list[dict[str, Any]], meta: dict[str, Any] | None = None) -> str:
    """Blocks as a document that pandoc's JSON reader takes."""
    return json.dumps(
        {"pandoc-api-version": [1, 23, 1, 1], "meta": meta or {}, "blocks": blocks}, ensure_ascii=False, sort_keys=True
    )
