"""Small changes of data: a source dropped, a row recoded, two owners swapped, a value doubled, a cell emptied.

Tables are DataFrames by name, every cell as text, with a column `id`; a row is named "table:id". Nothing is changed in
place, and the same seed always gives the same changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from random import Random
from typing import TYPE_CHECKING, Any

from recount.filters import table_of

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("drop a source", "recode a row", "swap", "double a value", "empty a cell")
LABEL = "name"
"""The column by which other tables show a row."""


@dataclass(frozen=True)
class Perturbation:
    """A small change of the data.

    Args:
        kind: one of `KINDS`.
        what: the change in words.
        cells: new texts: row ("table:id"), column, text.
        dropped: rows that vanish, each "table:id".
    """

    kind: str
    what: str
    cells: tuple[tuple[str, str, str], ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def rows(self) -> frozenset[str]:
        """The rows it touches."""
        return frozenset({row for row, _, _ in self.cells} | set(self.dropped))

    @property
    def tables(self) -> frozenset[str]:
        """The tables it touches."""
        return frozenset(row.partition(":")[0] for row in self.rows)


def applied(tables: Mapping[str, pd.DataFrame], perturbations: Iterable[Perturbation]) -> dict[str, pd.DataFrame]:
    """The tables with perturbations applied one after the other; tables that none touches are the same objects.

    Args:
        tables: by name, every cell as text, with a column `id`.
        perturbations: what to change; a row that an earlier one dropped stays dropped.
    """
    cells: dict[str, list[tuple[str, str, str]]] = {}
    dropped: dict[str, set[str]] = {}
    for one in perturbations:
        for row, column, text in one.cells:
            table, _, row_id = row.partition(":")
            cells.setdefault(table, []).append((row_id, column, text))
        for row in one.dropped:
            table, _, row_id = row.partition(":")
            dropped.setdefault(table, set()).add(row_id)
    result = dict(tables)
    for name in {*cells, *dropped}:
        frame = tables[name]
        texts = frame.to_numpy(dtype=object, copy=True)
        at = {row_id: position for position, row_id in enumerate(frame["id"])}
        for row_id, column, text in cells.get(name, ()):
            texts[at[row_id], frame.columns.get_loc(column)] = text
        kept = [position for row_id, position in at.items() if row_id not in dropped.get(name, ())]
        result[name] = type(frame)(texts[kept], columns=frame.columns, dtype=object)
    return result


def renamed(
    before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame], rows: Iterable[str]
) -> frozenset[str]:
    """The names, old and new, of those rows that are called otherwise than before or are gone."""
    found: set[str] = set()
    for row in rows:
        table, _, row_id = row.partition(":")
        if LABEL in before[table]:
            old, new = (_label(tables[table], row_id) for tables in (before, after))
            found |= {old, new} if old != new else set()
    return frozenset(found - {""})


def _label(frame: pd.DataFrame, row_id: str) -> str:
    cells = frame.loc[frame["id"] == row_id, LABEL]
    return str(cells.iloc[0]) if len(cells) else ""


def without_source(tables: Mapping[str, pd.DataFrame], work: str, column: str = "source") -> Perturbation:
    """As if WORK had never been read: rows that rest on it alone vanish, others lose the reference."""
    cells, dropped = [], []
    for name, frame in tables.items():
        if column not in frame:
            continue
        for row_id, cell in zip(frame["id"], frame[column], strict=True):
            parts = [part for part in cell.split(";") if part]
            kept = [part for part in parts if part.partition("@")[0] != work]
            if not kept and parts:
                dropped.append(f"{name}:{row_id}")
            elif len(kept) < len(parts):
                cells.append((f"{name}:{row_id}", column, ";".join(kept)))
    return Perturbation(KINDS[0], f"without {work}", tuple(cells), tuple(dropped))


def recoded(tables: Mapping[str, pd.DataFrame], row: str, column: str, random: Random) -> Perturbation | None:
    """The cell gets what stands in the same column of another row; None where no other value stands there."""
    now = _cell(tables, row, column)
    others = sorted(set(tables[row.partition(":")[0]][column]) - {now, ""})
    if not others:
        return None
    text = random.choice(others)
    return Perturbation(KINDS[1], f"{row}, {column}: {now!r} becomes {text!r}", ((row, column, text),))


def swapped(tables: Mapping[str, pd.DataFrame], name: str, column: str, first: str, second: str) -> Perturbation:
    """Everything in a table that belongs to one now belongs to the other, and the other way round."""
    other = {first: second, second: first}
    frame = tables[name]
    cells = tuple(
        (f"{name}:{row_id}", column, other[cell])
        for row_id, cell in zip(frame["id"], frame[column], strict=True)
        if cell in other
    )
    return Perturbation(KINDS[2], f"{first} and {second} change places in {name}", cells)


def doubled(tables: Mapping[str, pd.DataFrame], rows: Sequence[str], columns: Sequence[str]) -> Perturbation | None:
    """The numbers of some rows twice as large; None where none of the cells holds a number other than nought.

    Args:
        tables: all tables.
        rows: which rows.
        columns: cells of a row that are doubled together, because one bounds the other.
    """
    cells = []
    for row in rows:
        for column in columns:
            try:
                twice = 2 * Decimal(_cell(tables, row, column))
            except InvalidOperation:
                continue
            if twice:
                cells.append((row, column, format(twice.normalize(), "f")))
    what = f"twice {' and '.join(columns)} of {', '.join(rows)}"
    return Perturbation(KINDS[3], what, tuple(cells)) if cells else None


def emptied(tables: Mapping[str, pd.DataFrame], row: str, column: str) -> Perturbation | None:
    """The cell empty; None where it is empty already, or where no row may leave the column empty."""
    now = _cell(tables, row, column)
    if now == "" or "" not in set(tables[row.partition(":")[0]][column]):
        return None
    return Perturbation(KINDS[4], f"{row}, {column}: {now!r} is gone", ((row, column, ""),))


def _cell(tables: Mapping[str, pd.DataFrame], row: str, column: str) -> str:
    table, _, row_id = row.partition(":")
    frame = tables[table]
    return str(frame.loc[frame["id"] == row_id, column].iloc[0])


def without_rows(what: str, rows: Iterable[str]) -> Perturbation:
    """As if the source of some rows had never been read."""
    return Perturbation(KINDS[0], what, dropped=tuple(sorted(set(rows))))


@dataclass(frozen=True)
class Aim:
    """What has to be known to make rows into what a check looks for.

    Args:
        counted: the table whose rows are counted.
        owner: its column that says whose a row is.
        counts: the cells that make a row count.
    """

    counted: str
    owner: str
    counts: Mapping[str, str]


def aimed(
    tables: Mapping[str, pd.DataFrame], what: str, check: Mapping[str, Any], aim: Aim, random: Random
) -> Perturbation | None:
    """For every filter of a check one row made to fit it, and a classified cell made another; None if there is none."""
    cells: list[tuple[str, str, str]] = []
    used: set[str] = set()
    for table, where in _filters(check, aim, "", ""):
        frame = tables[table]
        wanted = {**(aim.counts if table == aim.counted else {}), **where}
        ids = [str(one) for one in _as_list(wanted.pop("id", []))]
        own = frame[frame[aim.owner] == where[aim.owner]] if aim.owner in where else frame
        # A row made to fit one filter is not taken away again for the next.
        free = [row_id for row_id in sorted(own["id"]) or sorted(frame["id"]) if f"{table}:{row_id}" not in used]
        row_id = random.choice(ids or free or [""])
        if row_id not in set(frame["id"]):
            continue
        used.add(f"{table}:{row_id}")
        for column, demand in wanted.items():
            text = _fitting(frame, column, demand)
            cells.append((f"{table}:{row_id}", column, text))
    for table, row_id, column in _classified(check):
        one = recoded(tables, f"{table}:{row_id}", column, random)
        cells += one.cells if one else ()
    return Perturbation(KINDS[1], f"rows made to fit {what}", tuple(cells)) if cells else None


def handed_over(
    tables: Mapping[str, pd.DataFrame], what: str, check: Mapping[str, Any], aim: Aim
) -> Perturbation | None:
    """Every row that a check asks of one owner now belongs to that owner; None if there is no such row."""
    cells: list[tuple[str, str, str]] = []
    for table, where in _filters(check, aim, "", ""):
        others = {column: demand for column, demand in where.items() if column != aim.owner}
        # A filter that fits every row would leave all others with nothing.
        if aim.owner not in where or not others:
            continue
        found = table_of(table, tables[table])
        ids = [row_id for row_id, fits in zip(found.ids, found.mask(others), strict=True) if fits]
        cells += [(f"{table}:{row_id}", aim.owner, str(where[aim.owner])) for row_id in ids]
    return Perturbation(KINDS[1], f"rows handed over for {what}", tuple(cells)) if cells else None


def _as_list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]


def _filters(what: object, aim: Aim, table: str, subject: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The filters of a check, each with its table and whose rows it asks for; of alternatives the first."""
    if isinstance(what, list):
        for part in what:
            yield from _filters(part, aim, table, subject)
    if not isinstance(what, Mapping):
        return
    table = what.get("in", table)
    of = what.get("subject", what.get("of"))
    subject = of if isinstance(of, str) else subject
    for key, value in what.items():
        parts = value if key == "each" else [value] if key in ("acts", "rows") else []
        if parts and all(isinstance(part, Mapping) and not {"acts", "rows", "in"} & set(part) for part in parts):
            here = table if table and key != "acts" else aim.counted
            for part in parts:
                rest = {column: demand for column, demand in part.items() if column != "any"}
                whose = {aim.owner: subject} if subject and here == aim.counted else {}
                yield here, {**whose, **rest, **(part["any"][0] if "any" in part else {})}
        else:
            yield from _filters(value, aim, table, subject)


def _classified(what: object) -> Iterator[tuple[str, str, str]]:
    """The cells (table, id, column) that a check wants to hold a certain word."""
    if isinstance(what, Mapping):
        if {"in", "id", "column"} <= set(what):
            yield what["in"], what["id"], what["column"]
        for value in what.values():
            yield from _classified(value)
    elif isinstance(what, list):
        for part in what:
            yield from _classified(part)


def _fitting(frame: pd.DataFrame, column: str, demand: object) -> str:
    """A text that meets what a filter demands of a column."""
    if not isinstance(demand, Mapping):
        return str(_as_list(demand)[0])
    if "all" in demand:
        return ";".join(map(str, demand["all"]))
    if "from" in demand or "to" in demand:
        return str(demand.get("from", demand.get("to")))
    if demand.get("empty"):
        return ""
    unwanted = {str(one) for one in _as_list(demand.get("not", []))} | {""}
    return min((text for text in frame[column] if not unwanted & set(text.split(";"))), default="")
