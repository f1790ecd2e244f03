"""What is out of date, and why, in a closed vocabulary."""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from recount import parts as parts_of_files

Kind = Literal[
    "output missing",
    "text changed",
    "table changed",
    "result changed",
    "file changed",
    "module changed",
    "package changed",
    "setting changed",
]
ENGINE = ("chapters", "execution", "imports", "parts", "shell", "trace", "values", "drawing")


@dataclass(frozen=True)
class Reason:
    """One reason why something is made again: a word of the vocabulary, and what changed."""

    kind: Kind
    what: str = ""

    def __str__(self) -> str:
        """The reason as `make why` prints it."""
        return f"{self.kind}: {self.what}" if self.what else self.kind


def digest(data: bytes) -> str:
    """The SHA-256 of DATA in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, or of the names in a folder; nothing if there is neither."""
    try:
        return digest(path.read_bytes())
    except IsADirectoryError:
        return digest("\n".join(sorted(os.listdir(path))).encode())  # noqa: PTH208 - the names are all that is wanted
    except OSError:
        return ""


def record(
    root: Path, texts: Iterable[str], inputs: Mapping[str, list[str]], cache: Path, outputs: Mapping[str, str]
) -> dict[str, Any]:
    """What a run depended on and what it left, with the hash of each thing as it was.

    Args:
        root: the project's folder.
        texts: the files whose text is the chapter itself.
        inputs: what `trace.report` gave.
        cache: where copies of small tables are kept, so that `reasons` can later name the changed rows.
        outputs: hash of each file the run left, by path relative to the folder of the record; see `outputs_of`.
    """
    own = sorted(set(texts))
    files = {path: file_digest(root / path) for path in inputs.get("files", []) if path not in own}
    parts: dict[str, dict[str, Any]] = {}
    for text in inputs.get("parts", []):
        path = parts_of_files.part_of(text).path
        if path not in parts:
            parts[path] = {"sha256": file_digest(root / path), "held": {}}
        parts[path]["held"][text] = parts_of_files.held(root, parts_of_files.part_of(text), parts[path]["sha256"])
    for path, hashed in {**files, **{path: found["sha256"] for path, found in parts.items()}}.items():
        if path.endswith(".csv") and hashed:
            keep(cache, hashed, (root / path).read_bytes())
    return {
        "inputs": {name: list(found) for name, found in inputs.items()},
        "texts": {path: file_digest(root / path) for path in own},
        "files": files,
        "parts": parts,
        "modules": {path: file_digest(root / path) for path in inputs.get("modules", [])},
        "environment": {name: os.environ.get(name, "") for name in inputs.get("environment", [])},
        "packages": file_digest(root / "requirements.lock"),
        "engine": engine_digest(),
        "outputs": dict(outputs),
    }


def outputs_of(folder: Path, base: Path) -> dict[str, str]:
    """The hash of every file below FOLDER, by path relative to BASE."""
    return {
        path.relative_to(base).as_posix(): file_digest(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }


def keep(cache: Path, hashed: str, data: bytes) -> None:
    """Keep a copy of a table under its hash."""
    path = cache / "copies" / hashed
    if file_digest(path) != hashed:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        draft.write_bytes(data)
        draft.replace(path)


@functools.cache
def engine_digest() -> str:
    """The hash of the modules that shape an executed chapter without being imported by it."""
    folder = Path(__file__).parent
    return digest("".join(file_digest(folder / f"{name}.py") for name in ENGINE).encode())


Digest = Callable[[Path], str]


def reasons(
    root: Path, record_file: Path, texts: Iterable[str], cache: Path, digest_of: Digest = file_digest
) -> list[Reason]:
    """Why the thing recorded in RECORD_FILE is out of date; nothing if it is not.

    Args:
        root: the project's folder.
        record_file: what `record` gave, as JSON.
        texts: the files whose text is the chapter itself.
        cache: where copies of tables are kept.
        digest_of: the hash of a file; given by whoever asks about many things that rest on the same files.
    """
    try:
        kept = json.loads(record_file.read_text(encoding="utf-8"))
        found = [
            Reason("output missing", path)
            for path, before in kept["outputs"].items()
            if digest_of(record_file.parent / path) != before
        ]
        found += _compare(root, kept, sorted(set(texts)), cache, digest_of)
    except OSError:
        return [Reason("output missing")]
    except (ValueError, KeyError, TypeError, AttributeError):
        # A damaged record says nothing; the run is made again and writes a whole one.
        return [Reason("output missing", "its record is damaged")]
    return found


def _compare(root: Path, kept: Mapping[str, Any], texts: list[str], cache: Path, digest_of: Digest) -> Iterable[Reason]:
    now = {path: digest_of(root / path) for path in texts}
    for path in sorted(now.keys() | kept["texts"].keys()):
        if now.get(path) != kept["texts"].get(path):
            yield Reason("text changed", path)
    for path, before in kept["files"].items():
        after = digest_of(root / path)
        if after != before:
            yield changed_file(root, path, before, cache)
    yield from _changed_parts(root, kept["parts"], cache, digest_of)
    yield from (
        Reason("module changed", path) for path, before in kept["modules"].items() if digest_of(root / path) != before
    )
    yield from (
        Reason("setting changed", name)
        for name, before in kept["environment"].items()
        if os.environ.get(name, "") != before
    )
    if kept["packages"] != digest_of(root / "requirements.lock"):
        yield Reason("package changed", "requirements.lock")
    if kept["engine"] != engine_digest():
        yield Reason("module changed", "src/recount (execution)")


def _changed_parts(root: Path, known: Mapping[str, Any], cache: Path, digest_of: Digest) -> Iterable[Reason]:
    """A reason for each file of which a part changed; a file that changed elsewhere is no reason."""
    for path, before in known.items():
        now = digest_of(root / path)
        if now == before["sha256"]:
            continue
        changed = [
            part
            for part, held in ((parts_of_files.part_of(text), held) for text, held in before["held"].items())
            if parts_of_files.held(root, part, now) != held
        ]
        if changed:
            yield changed_file(root, path, before["sha256"], cache)


def changed_file(root: Path, path: str, before: str, cache: Path) -> Reason:
    """The reason that a file other than the text itself gives; for a table with the rows, where they are known.

    Args:
        root: the project's folder.
        path: the file, relative to it.
        before: its hash when it was last read.
        cache: where copies of tables are kept.
    """
    if path.startswith(".recount/results/"):
        return Reason("result changed", Path(path).stem)
    if not path.endswith(".csv"):
        return Reason("file changed", path)
    copy = cache / "copies" / before
    rows = changed_rows(copy, root / path) if file_digest(copy) == before else ""
    return Reason("table changed", f"{path}{f' ({rows})' if rows else ''}")


def changed_rows(before: Path, after: Path) -> str:
    """The ids of rows that differ between two versions of a table, at most five named; empty if unknown."""
    try:
        old, new = _rows(before), _rows(after)
    except OSError:
        return ""
    ids = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    if not ids:
        return "order or header"
    more = f" and {len(ids) - 5} more" if len(ids) > 5 else ""
    return ", ".join(ids[:5]) + more


def _rows(path: Path) -> dict[str, tuple[str, ...]]:
    reader = csv.reader(io.StringIO(path.read_text(encoding="utf-8", errors="replace")))
    return {row[0]: tuple(row) for row in reader if row}
