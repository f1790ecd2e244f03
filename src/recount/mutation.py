"""Mutation of data: which values of a report change with its rows, and what accounts for that.

A report whose sentences are computed can be put to the test: change a row, compute everything again, and see whether
what rests on the row moved and whether anything moved that does not rest on it. Nothing here opens a file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from recount.predicates import run
from recount.tables import NO_CONDITION
from recount.values import Computed, Figure, Table

if TYPE_CHECKING:
    import pandas as pd

    from recount.evidence import Evidence


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
    return [Change(name, old, after[name]) for name, old in before.items() if name in after and old != after[name]]


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
        results: by name, each as the text of its file.
        reads: what was read since it was last emptied: `tables:name` or `results:name`.
    """

    tables: Mapping[str, pd.DataFrame]
    results: Mapping[str, str] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)
    _rows: dict[str, tuple[pd.DataFrame, dict[str, dict[str, Any]]]] = field(default_factory=dict)

    def certified(
        self, name: str, columns: Sequence[str] = (), where: Mapping[str, str] = NO_CONDITION
    ) -> pd.DataFrame:
        """A table or a part of it, in place of `recount.tables.certified`."""
        self.reads.add(f"tables:{name}")
        found = self.tables[name]
        for column, text in where.items():
            found = found[found[column] == text]
        return found[list(columns)] if columns else found

    def row(self, name: str, key: str, columns: Sequence[str] = ()) -> dict[str, Any] | None:
        """The row with an id, in place of `recount.tables.row`."""
        self.reads.add(f"tables:{name}")
        table = self.tables[name]
        if name not in self._rows or self._rows[name][0] is not table:
            told = table.to_dict("records")
            self._rows[name] = table, {row["id"]: {str(field): cell for field, cell in row.items()} for row in told}
        found = self._rows[name][1].get(key)
        return {field: found[field] for field in columns} if found and columns else found

    def folder(self) -> Bench:
        """Itself, in place of the folder of results."""
        return self

    def __truediv__(self, file: str) -> _Text:
        """A result as the text of its file."""
        name = file.removesuffix(".json")
        self.reads.add(f"results:{name}")
        return _Text(self.results[name])


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
    noting = replace(evidence, base_only=True, reads=reads, _cache={})
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
