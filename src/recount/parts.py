"""Parts of files that hold many things: columns and rows of a table, entries of a result; and their hash.

Whoever reads one part need not be made again when another changes. What is handed out and what is hashed are selected
by the same rules, so that nothing can be read that the hash does not cover.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Part:
    """What is read of a file.

    Args:
        path: the file, relative to the project: a table (CSV) or a result (JSON).
        keys: the way to an entry of a result, from the outside in.
        columns: of rows or entries only these fields; all of them if empty.
        where: of rows or entries only those that have each of these values, as pairs of field and JSON text.
        rows: whether a result is read entry by entry; if not, all that lies at the keys.
    """

    path: str
    keys: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    rows: bool = False

    @property
    def text(self) -> str:
        """The part as JSON, as records keep it."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)


def part_of(text: str) -> Part:
    """The part that `Part.text` wrote down."""
    told = json.loads(text)
    where = tuple((field, value) for field, value in told["where"])
    return Part(told["path"], tuple(told["keys"]), tuple(told["columns"]), where, told["rows"])


def conditions(where: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Conditions as `Part.where` holds them."""
    return tuple((field, _canonical(value)) for field, value in sorted(where.items()))


def selected(value: Any, part: Part) -> Any:  # noqa: ANN401 - JSON of any shape
    """What of a result belongs to a part: what lies at its keys, or the chosen fields of the entries there that fit.

    Raises:
        KeyError: nothing lies there.
    """
    for key in part.keys:
        value = value[int(key)] if isinstance(value, list) else value[key]
    if not part.rows:
        return value
    entries = list(value.values()) if isinstance(value, Mapping) else value
    fitting = [one for one in entries if all(_canonical(one.get(field)) == wanted for field, wanted in part.where)]
    return [{name: one[name] for name in part.columns} for one in fitting] if part.columns else fitting


def held(root: Path, part: Part, hashed: str) -> str:
    """The hash of what a file holds of a part; of a part that is not there, or of no such file, nothing.

    Args:
        root: the project's folder.
        part: the part.
        hashed: the hash of the file as it is, under which its contents are remembered.
    """
    try:
        if part.path.endswith(".csv"):
            value: Any = _rows(root / part.path, hashed, part)
        else:
            value = selected(_json(root / part.path, hashed), part)
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError):
        return ""
    return hashlib.sha256(_canonical(value).encode()).hexdigest()


def _rows(path: Path, hashed: str, part: Part) -> list[Sequence[str]]:
    """The chosen cells of a table, its header first."""
    header, rows = _table(path, hashed)
    chosen: Iterable[Sequence[str]] = rows
    for field, value in part.where:
        place, wanted = header.index(field), json.loads(value)
        # Many parts ask for one row each: looking it up costs less than going through the table every time.
        chosen = (
            _by(path, hashed, place).get(wanted, []) if chosen is rows else [r for r in chosen if r[place] == wanted]
        )
    if not part.columns:
        return [header, *chosen]
    places = [header.index(name) for name in part.columns]
    return [part.columns, *([row[place] for place in places] for row in chosen)]


@functools.lru_cache(maxsize=64)
def _table(path: Path, hashed: str) -> tuple[list[str], list[list[str]]]:
    del hashed  # part of what is remembered
    header, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
    return header, rows


@functools.lru_cache(maxsize=64)
def _by(path: Path, hashed: str, place: int) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for row in _table(path, hashed)[1]:
        found.setdefault(row[place], []).append(row)
    return found


@functools.lru_cache(maxsize=64)
def _json(path: Path, hashed: str) -> Any:  # noqa: ANN401 - JSON of any shape
    del hashed  # part of what is remembered
    return json.loads(path.read_text(encoding="utf-8"))


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
