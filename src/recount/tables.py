"""Tables: strict reading of CSV with line numbers, the data package as their schema, certified tables for chapters.

What is checked here needs neither Great Expectations nor frictionless and costs milliseconds: that a file is the
CSV the project keeps (UTF-8, line feeds, one header, as many cells in each line as the header has), that ids are
unique and sorted, that no cell holds control characters or is longer than its column allows. What a cell may mean
is the business of the suites in `validation/`.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from recount import certificate, csvform, trace
from recount.csvform import Integers, limited
from recount.parts import Part, conditions
from recount.problems import Exit, Problem, Stop

PACKAGE = "data/datapackage.json"
CERTIFICATE = ".recount/certificate.json"
LONGEST_CELL = 1000
NO_CONDITION: Mapping[str, str] = MappingProxyType({})


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
    lines: Integers
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
        numbers: np.ndarray[Any, np.dtype[np.float64]] = np.append(parsed, np.nan)[codes]
        return numbers

    @cached_property
    def row_of_id(self) -> dict[str, int]:
        """The row of each id; of a repeated id, its first row."""
        ids = self.frame[self.schema.key].tolist()
        return {key: row for row, key in zip(range(len(ids) - 1, -1, -1), reversed(ids), strict=True)}


def find_root(start: Path | None = None) -> Path:
    """The project's folder: START or the nearest folder above it that holds the data package.

    Chapters run in their own folder, so they cannot count on the current one.
    """
    # The current folder is known without links; resolving it again for each row looked up takes longer than the rest.
    here = start.resolve() if start else Path.cwd()
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
    table, problems = _form(data, schema)
    if table is not None:
        problems.extend(_identifiers(table))
        problems.extend(_lengths(table))
    return table, problems


def _form(data: bytes, schema: Schema) -> tuple[Table | None, list[Problem]]:
    """The table in DATA and what is wrong with its form, whatever its cells hold."""
    problems = list(csvform.encoding(data, schema.path))
    if problems:
        return None, problems
    header, _, body = data.partition(b"\n")
    problems.extend(csvform.header(header, schema.path, schema.header))
    if problems:
        return None, problems
    good, lines, problems = csvform.rows(body, schema.path, len(schema.columns))
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
    return Table(schema, hashlib.sha256(data).hexdigest(), frame, lines), problems


def _identifiers(table: Table) -> Iterator[Problem]:
    """Ids that are missing, repeated or out of order."""
    key, path = table.schema.key, table.schema.path
    ids = table.frame[key].to_numpy()
    missing = pd.isna(ids)
    found = [
        Problem(path, line, "id-given", f"the row has no {key}", key, fix="give it a kebab-case id of its own")
        for line in table.lines[missing].tolist()[: csvform.SHOWN]
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
            )
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
            )
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
            rows = np.flatnonzero(np.append(over, False)[codes])
            yield from limited(
                Problem(
                    table.schema.path,
                    int(table.lines[row]),
                    "cell-not-too-long",
                    f"the cell has {len(distinct[codes[row]])} characters, {column.longest} are allowed",
                    column.name,
                    distinct[codes[row]][:60],
                    fix="say it shorter, or give it a row of its own",
                )
                for row in rows.tolist()
            )


def typed(table: Table) -> pd.DataFrame:
    """The table with numbers as numbers: integers and years as Int64, numbers as float64, all else as text."""
    columns: dict[str, Any] = {}
    for column in table.schema.columns:
        if column.kind in {"integer", "year"}:
            columns[column.name] = pd.Series(table.number(column.name)).astype("Int64").array
        elif column.kind == "number":
            columns[column.name] = table.number(column.name)
        else:
            # Arrays: of series the indices would be compared one by one, which takes as long as all else here.
            columns[column.name] = pd.array(table.frame[column.name].to_numpy(), dtype="str")
    return pd.DataFrame(columns)


_taken: dict[str, str] | None = None


def take_candidates() -> None:
    """From now on this process takes tables that the gate may not have let through yet, and keeps their hashes.

    What is computed from them counts for nothing until somebody compared the hashes with the certificate.
    """
    global _taken  # noqa: PLW0603 - a state of the process that computes drafts
    _taken = {}
    forget()


def taken() -> dict[str, str] | None:
    """The hash of each candidate taken so far; None where only certified tables are."""
    return _taken


def certified(
    name: str,
    columns: Sequence[str] = (),
    where: Mapping[str, str] = NO_CONDITION,
    *,
    root: Path | None = None,
) -> pd.DataFrame:
    """The table NAME with typed columns, a missing cell as NaN; or a part of it, on which alone the reader depends.

    Refused (Stop, exit code 2) unless the file is byte for byte the one the gate last let through: a chapter must
    never show numbers that were not checked.

    Args:
        name: a table of the data package.
        columns: only these, in this order; all if empty.
        where: only rows whose cells have these texts, by column.
        root: the project's folder.
    """
    found = _certified(name, root or find_root())
    table, frame = found.table, found.frame
    if not columns and not where:
        trace.whole(table.schema.path)
        return frame.copy()
    trace.part(Part(table.schema.path, columns=tuple(columns), where=conditions(where)))
    fits = np.ones(len(frame), dtype=bool)
    for column, text in where.items():
        fits &= (table.frame[column].fillna("") == text).to_numpy()
    return frame.loc[fits, list(columns) or list(frame.columns)].reset_index(drop=True)


def row(name: str, key: str, columns: Sequence[str] = (), *, root: Path | None = None) -> dict[str, Any] | None:
    """Some or all cells of the row that has an id, as `certified` types them; nothing if none has it."""
    found = _certified(name, root or find_root())
    schema = found.table.schema
    trace.part(Part(schema.path, columns=tuple(columns), where=conditions({schema.key: key})))
    at = found.table.row_of_id.get(key)
    return None if at is None else {column: found.cells[column][at] for column in columns or schema.header}


@dataclass(frozen=True, eq=False)
class _Read:
    """A certified table as texts and typed."""

    table: Table
    frame: pd.DataFrame

    @cached_property
    def cells(self) -> dict[str, list[Any]]:
        """The typed columns as Python's own values: a row of a frame takes a hundred times as long to look up."""
        return {str(column): self.frame[column].tolist() for column in self.frame}


@functools.cache
def _certified(name: str, root: Path) -> _Read:
    """A certified table, read once by a process."""
    known = schemas(root)
    schema = known.get(name)
    if schema is None:
        near = difflib.get_close_matches(name, known, 1)
        fix = f"did you mean {near[0]!r}?" if near else "name a table of the data package"
        raise Stop([Problem(PACKAGE, 0, "table-exists", f"there is no table {name!r}", value=name, fix=fix)], Exit.DATA)
    passed = certificate.load(root / CERTIFICATE)
    checked = passed.tables.get(name, {}).get("sha256") if passed else None
    # What is read of it is told by whoever asks for it, part by part.
    with trace.silent(schema.path):
        data = (root / schema.path).read_bytes() if (root / schema.path).is_file() else b""
    now = hashlib.sha256(data).hexdigest()
    if _taken is not None:
        _taken[name] = now
    elif checked is None or now != checked:
        why = "was never checked" if checked is None else "changed since it was checked"
        problem = Problem(schema.path, 0, "table-is-certified", f"the table {name} {why}", fix="run: make validate")
        raise Stop([problem], Exit.DATA)
    # What its cells hold is the gate's to check, which has done so or is at it.
    table, problems = _form(data, schema)
    if table is None:
        raise Stop(problems, Exit.DATA)
    return _Read(table, typed(table))


def forget() -> None:
    """Read certified tables anew from now on; for a process that outlives a change of them."""
    _certified.cache_clear()
