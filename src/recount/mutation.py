"""Mutation of data: small changes of tables, and which values of a report they change.

A report whose sentences are computed can be put to the test: change a row, compute everything again, and see whether
what rests on the row moved and whether anything moved that does not rest on it. Nothing here opens a file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from recount.predicates import run
from recount.values import Computed, Figure, Table

if TYPE_CHECKING:
    import pandas as pd

    from recount.evidence import Evidence

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


# Kinds of perturbation ---------------------------------------------------------------------------------------


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


# What a report shows -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """What a name of a chapter shows.

    Args:
        kind: text, table, figure or refused.
        text: all that the reader sees, data of figures included; for a refusal, why.
        origin: the rest of what is said of it: formula, sources, rows.
        rows: the rows behind it, each "table:id".
    """

    kind: str
    text: str
    origin: str = ""
    rows: frozenset[str] = frozenset()


def shown(value: object) -> Shown:
    """What VALUE shows: a `Computed`, a `Table`, a `Figure`, or anything that prints."""
    if isinstance(value, Computed):
        return Shown("text", value.text, _json(value.origin()), frozenset(value.rows))
    if isinstance(value, Table):
        return Shown("table", value.markdown(), _json(value.origins), frozenset(value.origins))
    if isinstance(value, Figure):
        seen = [value.spec, value.alt, value.description, value.table.markdown()]
        return Shown("figure", _json(seen), _json(value.origins), frozenset(value.origins))
    return Shown("text", str(value))


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def evaluate(names: Iterable[str], ask: Callable[[str], object]) -> dict[str, Shown]:
    """What each name shows; one that cannot be computed any more is refused, as a build would refuse it."""
    found = {}
    for name in names:
        try:
            found[name] = shown(ask(name))
        except Exception as error:  # noqa: BLE001 - whatever stops a chapter is what we want to know
            found[name] = Shown("refused", f"{type(error).__name__}: {error}")
    return found


@dataclass(frozen=True)
class Change:
    """A name that shows something else, or gives another origin, than before."""

    name: str
    before: Shown
    after: Shown

    @property
    def rows(self) -> frozenset[str]:
        """The rows behind it before and after."""
        return self.before.rows | self.after.rows

    @property
    def seen(self) -> bool:
        """Whether the reader sees another text, and not a refusal."""
        return self.before.text != self.after.text and self.after.kind != "refused"

    def shows(self, texts: Iterable[str]) -> bool:
        """Whether one of some texts stands in what is shown before or after, or in its origin."""
        all_of_it = f"{self.before.text}\n{self.before.origin}\n{self.after.text}\n{self.after.origin}"
        return any(text in all_of_it or _json(text)[1:-1] in all_of_it for text in texts)


def differences(before: Mapping[str, Shown], after: Mapping[str, Shown]) -> list[Change]:
    """What changed of the names that both hold."""
    return [Change(name, before[name], after[name]) for name in after if before[name] != after[name]]


def unexplained(
    changes: Iterable[Change],
    touched: frozenset[str],
    names: frozenset[str] = frozenset(),
    reads: Mapping[str, frozenset[str]] | None = None,
) -> list[Change]:
    """The changes that nothing touched accounts for.

    A change is accounted for if the value names a touched row, or reads something derived that is touched, or shows
    the name of a touched row.

    Args:
        changes: what changed.
        touched: touched rows and derived things, each "table:id".
        names: how touched rows are called where others show them.
        reads: derived things that a value reads, by name, where it does not name them itself.
    """
    known = reads or {}
    return [
        change
        for change in changes
        if not touched & (change.rows | known.get(change.name, frozenset())) and not change.shows(names)
    ]


# In place of files -------------------------------------------------------------------------------------------


class _Text(str):
    """A text that can be read like a file."""

    __slots__ = ()

    def read_text(self, encoding: str = "utf-8") -> str:
        """The text."""
        del encoding
        return str(self)


@dataclass
class Bench:
    """Tables and results held in memory in place of files, noting which of them are read.

    Args:
        tables: by name, every cell as text.
        results: by name, as JSON values.
        reads: what was read since it was last emptied: `tables:name` or `results:name`.
    """

    tables: Mapping[str, pd.DataFrame]
    results: dict[str, Any] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)

    def certified(self, name: str, root: object = None) -> pd.DataFrame:
        """A table, in place of `recount.tables.certified`."""
        del root
        self.reads.add(f"tables:{name}")
        return self.tables[name]

    def folder(self) -> Bench:
        """Itself, in place of the folder of results."""
        return self

    def __truediv__(self, file: str) -> _Text:
        """A result as the text of its file."""
        name = file.removesuffix(".json")
        self.reads.add(f"results:{name}")
        return _Text(json.dumps(self.results[name], allow_nan=False))


def forget(modules: Iterable[object]) -> None:
    """Empty every cache of functions that MODULES hold, so that they read again."""
    for module in modules:
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


# What a claim saw --------------------------------------------------------------------------------------------


def saw(evidence: Evidence, check: Mapping[str, Any]) -> frozenset[str]:
    """The rows that a check looked at, and every row of the counted table where it compares scores.

    Rows that fit one of its filters are looked at. Scores are weighed against the leader's, under every combination,
    so any counted row can bear on them; such a check also depends on what else a tally is made from, which the caller
    has to know.
    """
    reads: list[tuple[str, Any]] = []
    noting = type(evidence)(
        evidence.tables, evidence.tally, evidence.choices, evidence.counted, evidence.normalisation, evidence.method,
        base_only=True, reads=reads,
    )  # fmt: skip
    run(noting, check)
    rows: set[str] = set()
    for table, lines in reads:
        if lines.dtype == np.bool_ and lines.ndim == 1:
            ids = evidence.tables[table].ids
            rows |= {f"{table}:{ids[at]}" for at in np.flatnonzero(lines).tolist()}
    if compares_scores(check):
        rows |= {f"{evidence.counted}:{row}" for row in evidence.tables[evidence.counted].ids}
    return frozenset(rows)


def compares_scores(check: object) -> bool:
    """Whether a check asks for a criterion or for the overall score anywhere in it."""
    if isinstance(check, Mapping):
        return bool({"criterion", "overall"} & set(check)) or any(map(compares_scores, check.values()))
    return isinstance(check, list) and any(map(compares_scores, check))
