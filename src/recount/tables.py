"""Tables: strict reading of CSV with line numbers, the data package as their schema, certified tables for chapters.

What is checked here needs neither Great Expectations nor frictionless and costs milliseconds: that a file is the
CSV the project keeps (UTF-8, line feeds, one header, as many cells in each line as the header has), that ids are
unique and sorted, that no cell holds control characters or is longer than its column allows. What a cell may mean
is the business of the suites in `validation/`.
"""

from __future__ import annotations

import difflib
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from recount.problems import Exit, Problem, Stop

PACKAGE = "data/datapackage.json"
CERTIFICATE = ".recount/certificate.json"
LONGEST_CELL = 1000
SHOWN = 100
"""How many problems of one kind in one table are shown one by one; the rest are counted."""

_CHUNK = 1 << 25
_QUOTE, _COMMA, _NEWLINE = ord('"'), ord(","), ord("\n")
_ALLOWED_CONTROLS = b"\n"
_PRINTABLE = bytes(byte for byte in range(256) if (byte >= 32 and byte != 127) or byte in _ALLOWED_CONTROLS)


@dataclass(frozen=True)
class Column:
    """A column as the data package describes it.

    Args:
        name: the header.
        kind: Frictionless type: string, integer, number, year or boolean.
        separator: what stands between several values of a cell, or empty.
        unit: the unit of its numbers in words, or empty.
        longest: how many characters a cell may have.
        description: one sentence for people.
    """

    name: str
    kind: str
    separator: str = ""
    unit: str = ""
    longest: int = LONGEST_CELL
    description: str = ""

    @property
    def numeric(self) -> bool:
        """Whether its cells are numbers."""
        return self.kind in {"integer", "number", "year"}


@dataclass(frozen=True)
class Schema:
    """A table as the data package describes it; `path` is relative to the project."""

    name: str
    path: str
    key: str
    columns: tuple[Column, ...]
    description: str = ""

    @property
    def header(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column called NAME."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True, eq=False)
class Table:
    """A table as read: every cell as text, a missing cell as NaN, and the line each row stands in."""

    schema: Schema
    sha256: str
    frame: pd.DataFrame
    lines: np.ndarray[Any, np.dtype[np.int64]]
    _codes: dict[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = field(default_factory=dict)

    def coded(self, column: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """The column as codes into its distinct values; -1 is a missing cell. Checks run once a value, not a row."""
        if column not in self._codes:
            codes, distinct = pd.factorize(self.frame[column].to_numpy(), use_na_sentinel=True)
            self._codes[column] = (codes, np.asarray(distinct, dtype=object))
        return self._codes[column]

    def distinct(self, column: str) -> list[str]:
        """The distinct values of a column, in the order they are first met."""
        values: list[str] = self.coded(column)[1].tolist()
        return values

    def number(self, column: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The column as numbers; what is missing or no number is NaN."""
        codes, distinct = self.coded(column)
        parsed = pd.to_numeric(pd.Series(distinct, dtype=object), errors="coerce").to_numpy(dtype=float)
        return np.append(parsed, np.nan)[codes]

    @cached_property
    def row_of_id(self) -> dict[str, int]:
        """The row of each id; of a repeated id, its first row."""
        ids = self.frame[self.schema.key].tolist()
        return {key: row for row, key in zip(range(len(ids) - 1, -1, -1), reversed(ids), strict=True)}


def find_root(start: Path | None = None) -> Path:
    """The project's folder: START or the nearest folder above it that holds the data package.

    Chapters run in their own folder, so they cannot count on the current one.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / PACKAGE).is_file():
            return folder
    raise Stop(
        [Problem(PACKAGE, 0, "data-package-exists", f"no {PACKAGE} here or above", fix="run this inside the project")],
        Exit.DATA,
    )


def schemas(root: Path) -> dict[str, Schema]:
    """Every table of the data package, in its order; a package that cannot be read is a Stop."""
    try:
        package = json.loads((root / PACKAGE).read_text(encoding="utf-8"))
        return {resource["name"]: _schema(resource) for resource in package["resources"] if "schema" in resource}
    except FileNotFoundError as error:
        problem = Problem(PACKAGE, 0, "data-package-exists", "the data package is not there", fix="restore it from Git")
        raise Stop([problem], Exit.DATA) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", 0)
        problem = Problem(PACKAGE, line, "data-package-reads", f"not JSON: {error}", fix="write it as JSON")
        raise Stop([problem], Exit.DATA) from error
    except (KeyError, TypeError) as error:
        problem = Problem(
            PACKAGE, 0, "data-package-reads", f"a resource has no {error}", fix="give each name, path and schema"
        )
        raise Stop([problem], Exit.DATA) from error


def _schema(resource: Mapping[str, Any]) -> Schema:
    fields = tuple(
        Column(
            name=entry["name"],
            kind=entry["type"],
            separator=entry.get("separator", ""),
            unit=entry.get("unit", ""),
            longest=entry.get("constraints", {}).get("maxLength", LONGEST_CELL),
            description=entry.get("description", ""),
        )
        for entry in resource["schema"]["fields"]
    )
    key = resource["schema"]["primaryKey"]
    return Schema(
        resource["name"],
        f"data/{resource['path']}",
        key[0] if isinstance(key, list) else key,
        fields,
        resource.get("description", ""),
    )


def read(schema: Schema, root: Path) -> tuple[Table | None, list[Problem]]:
    """The table of SCHEMA below ROOT and what is wrong with its file; no table if it cannot be read as one."""
    try:
        data = (root / schema.path).read_bytes()
    except FileNotFoundError:
        fix = "create it with its header line, or take it out of the data package"
        return None, [Problem(schema.path, 0, "table-exists", f"the table {schema.name} is not there", fix=fix)]
    return parse(data, schema)


def parse(data: bytes, schema: Schema) -> tuple[Table | None, list[Problem]]:
    """The table in DATA and what is wrong with it; lines that are no rows are left out of the table and reported."""
    problems = list(_encoding(data, schema.path))
    if problems:
        return None, problems
    header, _, body = data.partition(b"\n")
    problems.extend(_header(header, schema))
    if problems:
        return None, problems
    good, lines, problems = _rows(body, schema)
    frame = pd.read_csv(
        io.BytesIO(good),
        header=None,
        names=list(schema.header),
        dtype=object,
        keep_default_na=False,
        na_values=[""],
        encoding="utf-8",
        skip_blank_lines=False,
    )
    table = Table(schema, hashlib.sha256(data).hexdigest(), frame, lines)
    problems.extend(_identifiers(table))
    problems.extend(_lengths(table))
    return table, problems


def _encoding(data: bytes, path: str) -> Iterator[Problem]:
    """Whether DATA is a non-empty UTF-8 text file with line feeds."""
    save = "save it as CSV, UTF-8 without byte-order mark, line ends LF"
    if not data or data.isspace():
        yield Problem(path, 1, "file-has-content", "the file is empty", fix="restore its header line and rows from Git")
        return
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        yield Problem(path, 1, "no-byte-order-mark", "the file begins with a byte-order mark", fix=save)
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"0x{data[error.start]:02x}"
        yield Problem(path, line, "encoded-as-utf-8", f"byte {byte} is not UTF-8", value=byte, fix=save)
        return
    if b"\r" in data:
        line = data.count(b"\n", 0, data.index(b"\r")) + 1
        yield Problem(path, line, "line-ends-are-lf", "the line ends with a carriage return", fix=save)
        return
    controls = data.translate(None, _PRINTABLE)
    if controls:
        wanted = [data.index(bytes([byte])) for byte in set(controls)]
        for position in sorted(wanted):
            line = data.count(b"\n", 0, position) + 1
            shown = f"0x{data[position]:02x}"
            yield Problem(path, line, "no-control-characters", f"a cell holds the control character {shown}", value=shown,
                          fix="delete it; a cell is one line of plain text")  # fmt: skip
        return
    if not data.endswith(b"\n"):
        line = data.count(b"\n") + 1
        yield Problem(path, line, "last-line-ends", "the last line has no line end, as if the file were cut off",
                      fix="complete the row and end it with a line feed")  # fmt: skip


def _header(line: bytes, schema: Schema) -> Iterator[Problem]:
    found = line.decode("utf-8").split(",")
    expected = list(schema.header)
    if found == expected:
        return
    where = schema.path
    if not set(found) & set(expected):
        yield Problem(where, 1, "file-is-csv", "the first line is not the header of this table", value=found[0][:60],
                      fix=f"begin the file with: {','.join(expected)}")  # fmt: skip
        return
    for name in expected:
        if name not in found:
            near = difflib.get_close_matches(name, [other for other in found if other not in expected], 1)
            fix = f"did you mean {name!r} where the header says {near[0]!r}?" if near else f"add the column {name}"
            yield Problem(where, 1, "header-as-in-data-package", f"the column {name} is absent", name, fix=fix)
    for name in dict.fromkeys(found):
        if name not in expected:
            yield Problem(where, 1, "header-as-in-data-package", f"the column {name!r} is not in the data package",
                          name, fix="remove it, or describe it in the data package and in its suite")  # fmt: skip
        elif found.count(name) > 1:
            yield Problem(where, 1, "header-as-in-data-package", f"the column {name} stands twice", name,
                          fix="remove one of them")  # fmt: skip
    if sorted(found) == sorted(expected):
        name = next(ours for ours, theirs in zip(expected, found, strict=True) if ours != theirs)
        yield Problem(where, 1, "header-as-in-data-package", "the columns stand in another order", name,
                      fix=f"begin the file with: {','.join(expected)}")  # fmt: skip


def _rows(body: bytes, schema: Schema) -> tuple[bytes, np.ndarray[Any, np.dtype[np.int64]], list[Problem]]:
    """The lines of BODY that are rows, their line numbers, and what is wrong with the others."""
    commas = len(schema.columns) - 1
    buffer = np.frombuffer(body, dtype=np.uint8)
    problems: list[Problem] = []
    bad: list[tuple[int, int, int]] = []
    line, position = 2, 0
    while position < len(body):
        end = body.find(b"\n", position + _CHUNK)
        end = len(body) if end < 0 else end + 1
        ends, counts, unclosed, stray = _scan(buffer[position:end])
        for index in np.flatnonzero((counts != commas) | unclosed | stray).tolist():
            start = position + (int(ends[index - 1]) + 1 if index else 0)
            stop = position + int(ends[index])
            bad.append((line + index, start, stop + 1))
            text = body[start:stop]
            problems.append(_bad_row(schema, line + index, text, int(counts[index]) + 1, bool(unclosed[index])))
        line += len(counts)
        position = end
    lines = np.arange(2, line)
    if bad:
        lines = np.delete(lines, [number - 2 for number, _, _ in bad])
        cuts = [0, *(edge for _, start, stop in bad for edge in (start, stop)), len(body)]
        body = b"".join(body[start:stop] for start, stop in zip(cuts[::2], cuts[1::2], strict=True))
    return body, lines, list(limited(problems))


_SPECIAL = np.zeros(256, dtype=bool)
_SPECIAL[[_QUOTE, _COMMA, _NEWLINE]] = True
_Integers: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
_Booleans: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]


def _scan(data: np.ndarray[Any, np.dtype[np.uint8]]) -> tuple[_Integers, _Integers, _Booleans, _Booleans]:
    """For each line of DATA: its end, its commas between cells, whether a quotation is left open or begins mid-cell.

    A quotation never goes over a line end: cells hold no line breaks, so each line can be judged alone. Only the
    bytes that matter are looked at: a file of a million rows takes a second.
    """
    places = np.flatnonzero(_SPECIAL[data])
    marks = data[places]
    newlines = np.flatnonzero(marks == _NEWLINE)
    ends = places[newlines]
    comma, quote = marks == _COMMA, marks == _QUOTE
    none = np.zeros(len(newlines), dtype=bool)
    if not quote.any():
        return ends, _per_line(comma, newlines), none, none
    inside = np.logical_xor.accumulate(quote)
    before = np.concatenate([[False], inside[newlines[:-1]]])
    unclosed = inside[newlines] != before
    if unclosed.any():
        inside ^= np.repeat(before, np.diff(newlines, prepend=-1))
    counts = _per_line(comma & ~inside, newlines)
    positions = np.flatnonzero(quote)
    opening = inside[positions]
    at = places[positions]
    neighbour = np.where(opening, data[at - 1], data[np.minimum(at + 1, len(data) - 1)])
    neighbour[at == 0] = _NEWLINE
    stray = np.zeros(len(marks), dtype=bool)
    stray[positions] = ~_SPECIAL[neighbour]
    return ends, counts, unclosed, _per_line(stray, newlines) > 0


def _per_line(marked: _Booleans, newlines: _Integers) -> _Integers:
    """How many of the MARKED characters stand in each line."""
    return np.diff(np.cumsum(marked, dtype=np.int64)[newlines], prepend=0)


def _bad_row(schema: Schema, line: int, text: bytes, cells: int, unclosed: bool) -> Problem:  # noqa: FBT001 - private
    wanted = len(schema.columns)
    shown = text.decode("utf-8")[:60]
    if not text:
        return Problem(schema.path, line, "row-is-whole", "the line is empty", fix="delete the line")
    if unclosed:
        return Problem(schema.path, line, "quotation-closed", "a quotation mark is not closed in this line", value=shown,
                       fix="close it; double a quotation mark inside a cell; a cell holds no line break")  # fmt: skip
    if cells == wanted:
        return Problem(schema.path, line, "quotation-closed", "a quotation mark stands in the middle of a cell",
                       value=shown, fix="put the whole cell in quotation marks and double those inside")  # fmt: skip
    what = "too few" if cells < wanted else "too many"
    hint = "complete the row" if cells < wanted else "put a cell that holds a comma in quotation marks"
    return Problem(schema.path, line, "row-is-whole", f"{cells} cells, the header has {wanted}: {what}", value=shown,
                   fix=hint)  # fmt: skip


def _identifiers(table: Table) -> Iterator[Problem]:
    """Ids that are missing, repeated or out of order."""
    key, path = table.schema.key, table.schema.path
    ids = table.frame[key].to_numpy()
    missing = pd.isna(ids)
    found = [
        Problem(path, line, "id-given", f"the row has no {key}", key, fix="give it a kebab-case id of its own")
        for line in table.lines[missing].tolist()[:SHOWN]
    ]
    text = np.where(missing, "", ids)
    repeated = pd.Series(text).duplicated().to_numpy() & ~missing
    for row in np.flatnonzero(repeated).tolist():
        first = table.lines[table.row_of_id[text[row]]]
        found.append(
            Problem(
                path,
                int(table.lines[row]),
                "id-is-unique",
                f"{text[row]!r} stands already in line {first}",
                key,
                text[row],
                fix="delete the repeated row or give it an id of its own",
            )  # fmt: skip
        )
    unsorted = np.flatnonzero(text[1:] < text[:-1]) + 1
    for row in unsorted.tolist():
        if missing[row]:
            continue
        found.append(
            Problem(
                path,
                int(table.lines[row]),
                "rows-sorted-by-id",
                f"{text[row]!r} stands after {text[row - 1]!r}",
                key,
                text[row],
                fix="sort the rows by id, so that a review shows only what changed",
            )  # fmt: skip
        )
    yield from limited(found)


def _lengths(table: Table) -> Iterator[Problem]:
    """Cells longer than their column allows."""
    for column in table.schema.columns:
        codes, distinct = table.coded(column.name)
        if not len(distinct):
            continue
        over = np.fromiter(map(len, distinct), dtype=np.int64, count=len(distinct)) > column.longest
        if over.any():
            rows = np.flatnonzero(np.append(over, False)[codes])  # noqa: FBT003 - a value, not a flag
            yield from limited(
                Problem(
                    table.schema.path,
                    int(table.lines[row]),
                    "cell-not-too-long",
                    f"the cell has {len(distinct[codes[row]])} characters, {column.longest} are allowed",
                    column.name,
                    distinct[codes[row]][:60],
                    fix="say it shorter, or give it a row of its own",
                )  # fmt: skip
                for row in rows.tolist()
            )


def limited(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The first of PROBLEMS of each rule and column, then how many more there are: nobody reads a million."""
    seen: dict[tuple[str, str, str], int] = {}
    last: dict[tuple[str, str, str], Problem] = {}
    for problem in problems:
        kind = (problem.file, problem.rule, problem.column)
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= SHOWN:
            yield problem
        last[kind] = problem
    for kind, count in seen.items():
        if count > SHOWN:
            problem = last[kind]
            yield Problem(problem.file, problem.line, problem.rule, f"and {count - SHOWN} more of this kind, the last "
                          "here", problem.column, fix=problem.fix, severity=problem.severity)  # fmt: skip


def typed(table: Table) -> pd.DataFrame:
    """The table with numbers as numbers: integers and years as Int64, numbers as float64, all else as text."""
    columns: dict[str, Any] = {}
    for column in table.schema.columns:
        if column.kind in {"integer", "year"}:
            columns[column.name] = pd.array(table.number(column.name), dtype="Int64")
        elif column.kind == "number":
            columns[column.name] = table.number(column.name)
        else:
            columns[column.name] = table.frame[column.name].astype("str")
    return pd.DataFrame(columns)


def certified(name: str, root: Path | None = None) -> pd.DataFrame:
    """The table NAME with typed columns, a missing cell as NaN.

    Refused (Stop, exit code 2) unless the file is byte for byte the one the gate last let through: a chapter must
    never show numbers that were not checked.
    """
    root = root or find_root()
    schema = schemas(root).get(name)
    if schema is None:
        near = difflib.get_close_matches(name, schemas(root), 1)
        fix = f"did you mean {near[0]!r}?" if near else "name a table of the data package"
        raise Stop([Problem(PACKAGE, 0, "table-exists", f"there is no table {name!r}", value=name, fix=fix)], Exit.DATA)
    try:
        known = json.loads((root / CERTIFICATE).read_text(encoding="utf-8"))["tables"].get(name, {}).get("sha256")
    except (OSError, ValueError, KeyError):
        known = None
    data = (root / schema.path).read_bytes() if (root / schema.path).is_file() else b""
    if known is None or hashlib.sha256(data).hexdigest() != known:
        why = "was never checked" if known is None else "changed since it was checked"
        problem = Problem(schema.path, 0, "table-is-certified", f"the table {name} {why}", fix="run: make validate")
        raise Stop([problem], Exit.DATA)
    table, problems = parse(data, schema)
    if table is None:
        raise Stop(problems, Exit.DATA)
    return typed(table)
