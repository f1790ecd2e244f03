"""What a claim can be tested against: tables that answer filters, and counts under every combination of choices."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from recount.methods import METHODS
from recount.scores import normalise, weights_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from recount.multiverse import Choice, Tally
    from recount.scores import Floats

Where = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Table:
    """A table of text cells that answers filters.

    A filter maps columns to what a cell must hold: a value (one of those in the cell), a list (any of them), or a
    mapping with `not`, `all`, `from`, `to` or `empty`. The key `any` holds a list of filters of which one must fit.
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    _masks: dict[str, NDArray[np.bool_]] = field(default_factory=dict, repr=False)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the rows."""
        return self.columns["id"]

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Where each id stands."""
        return {name: at for at, name in enumerate(self.ids)}

    @cached_property
    def _values(self) -> Mapping[str, tuple[frozenset[str], ...]]:
        return {
            name: tuple(frozenset(cell.split(";")) - {""} for cell in cells) for name, cells in self.columns.items()
        }

    def values(self, column: str) -> frozenset[str]:
        """Every value that stands in a column."""
        return frozenset().union(*self._values[column])

    def mask(self, where: Where) -> NDArray[np.bool_]:
        """Which rows fit a filter."""
        key = json.dumps(where, sort_keys=True, default=str)
        if key not in self._masks:
            self._masks[key] = self._fit(where)
        return self._masks[key]

    def _fit(self, where: Where) -> NDArray[np.bool_]:
        fits = np.ones(len(self.ids), dtype=bool)
        for column, wanted in where.items():
            if column == "any":
                fits &= np.any([self.mask(option) for option in wanted], axis=0)
            else:
                fits &= np.array([self._cell(column, at, wanted) for at in range(len(self.ids))], dtype=bool)
        return fits

    def _cell(self, column: str, at: int, wanted: Any) -> bool:  # noqa: ANN401 - a filter is YAML
        values = self._values[column][at]
        if isinstance(wanted, Mapping):
            return all(self._rule(rule, value, column, at) for rule, value in wanted.items())
        if isinstance(wanted, list):
            return any(str(value) in values for value in wanted)
        return str(wanted) in values

    def _rule(self, rule: str, value: Any, column: str, at: int) -> bool:  # noqa: ANN401 - a filter is YAML
        cell = self.columns[column][at]
        if rule == "not":
            return not self._cell(column, at, value)
        if rule == "all":
            return all(str(one) in self._values[column][at] for one in value)
        if rule == "empty":
            return (cell == "") == bool(value)
        if not cell:
            return False
        limit, number = _number(str(value)), _number(cell)
        comparable = (number, limit) if number is not None and limit is not None else (cell, str(value))
        left, right = comparable
        if rule == "from":
            return bool(left >= right)  # type: ignore[operator] # both are of one kind by construction
        return bool(left <= right)  # type: ignore[operator] # both are of one kind by construction


RULES = frozenset({"not", "all", "empty", "from", "to"})


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def year(text: str) -> float:
    """A date as a year with a fraction: "2019-07" is 2019.5; NaN where there is none."""
    pieces = text.split("-")
    try:
        value = float(pieces[0])
    except ValueError:
        return float("nan")
    for piece, span in zip(pieces[1:], (12, 365), strict=False):
        value += (float(piece) - 1) / span
    return value


def table_of(name: str, frame: pd.DataFrame) -> Table:
    """A table of text cells as a `Table`; rows sorted by id so that their order never matters.

    Raises:
        ValueError: no column id, since a claim could then name no witness.
    """
    if "id" not in frame.columns:
        raise ValueError(f"{name} has no column id")
    ordered = frame.sort_values("id")
    return Table(name, {str(column): tuple(str(cell) for cell in ordered[column]) for column in ordered.columns})


@dataclass(frozen=True, eq=False)
class Quantity:
    """Numbers a predicate compares.

    Args:
        values: shape (one axis a choice..., alternatives), or (..., 1) for a single number; NaN where not told.
        rows: for each alternative the rows behind the base value.
        weights: for each alternative what each of these rows adds, where that is how the value arises.
        dated: whether the number is a date, as a year, so that shares of it mean nothing.
    """

    values: Floats
    rows: tuple[tuple[str, ...], ...]
    weights: tuple[tuple[float, ...], ...] | None = None
    dated: bool = False

    @property
    def base_rows(self) -> tuple[str, ...]:
        """All rows behind the base values, each once, sorted."""
        return tuple(sorted({row for rows in self.rows for row in rows}))


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that claims are tested against.

    Args:
        tables: by name.
        tally: the rows that count towards criteria; `counted` is the table they come from.
        choices: all choices, those of the tally first; every quantity has one axis for each, of length one where
            the choice does not bear on it.
        counted: the name of the table whose rows the tally counts.
        normalisation: the id of the choice of normalisation.
        method: the id of the choice of method.
        alive: for a table which rows are there; all where the table is not named.
        base_only: whether quantities are wanted for the base combination alone, which is much faster.
        reads: where given, what is looked at is noted here: a table's name and an array with one entry or line a row,
            in which rows of equal lines are interchangeable.
        traced: whether quantities name the rows behind them; searches that only ask whether a claim holds go without.
    """

    tables: Mapping[str, Table]
    tally: Tally
    choices: tuple[Choice, ...]
    counted: str = "activities"
    normalisation: str = "normalisation"
    method: str = "method"
    alive: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    base_only: bool = False
    traced: bool = True
    reads: list[tuple[str, NDArray[Any]]] | None = None
    _cache: dict[Any, Any] = field(default_factory=dict, repr=False)
    _shared: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def alternatives(self) -> tuple[str, ...]:
        """The alternatives that claims are about."""
        return self.tally.alternatives

    @property
    def base(self) -> tuple[int, ...]:
        """The base combination, one option index a choice."""
        base: tuple[int, ...] = self._share("base", lambda: tuple(choice.base_index for choice in self.choices))
        return base

    def at_base(self) -> Evidence:
        """The same evidence, answering for the base combination alone."""
        return replace(self, base_only=True, _cache={})

    def untraced(self) -> Evidence:
        """The same evidence, answering for the base combination without naming rows."""
        return replace(self, base_only=True, traced=False, _cache={})

    def without(self, rows: Sequence[str]) -> Evidence:
        """The same evidence as if these rows ("table:id") did not exist."""
        alive = dict(self.alive)
        for row in rows:
            table, _, name = row.partition(":")
            mask = alive.get(table)
            mask = np.ones(len(self.tables[table].ids), dtype=bool) if mask is None else mask.copy()
            mask[self.tables[table].index[name]] = False
            alive[table] = mask
        return replace(self, alive=alive, _cache={})

    def rows(self, table: str, where: Where) -> NDArray[np.bool_]:
        """Which rows of a table fit a filter and are there."""
        mask = self.tables[table].mask(where)
        self.note(table, mask)
        return mask & self.alive[table] if table in self.alive else mask

    def note(self, table: str, lines: NDArray[Any]) -> None:
        """Note what is looked at, where somebody wants to know."""
        if self.reads is not None:
            self.reads.append((table, lines))

    def _by_row(self, lines: NDArray[Any]) -> NDArray[Any]:
        """Lines of the tally's rows as lines of their table's rows; zeros for rows that never count."""
        spread = np.zeros((len(self.tables[self.counted].ids), lines[0].size if len(lines) else 0))
        spread[self._positions] = lines.reshape(len(lines), -1)
        return spread

    def names(self, table: str, mask: NDArray[np.bool_]) -> tuple[str, ...]:
        """The references of masked rows; none where rows are not traced."""
        if not self.traced:
            return ()
        ids = self.tables[table].ids
        return tuple(f"{table}:{ids[at]}" for at in np.flatnonzero(mask).tolist())

    @property
    def _positions(self) -> NDArray[np.int64]:
        """Where the rows of the tally stand in their table."""
        index = self.tables[self.counted].index
        found: NDArray[np.int64] = self._share(
            "positions",
            lambda: np.array([index[row.partition(":")[2]] for row in self.tally.rows], dtype=np.int64),
        )
        return found

    def _share(self, key: str, compute: Any) -> Any:  # noqa: ANN401 - holds any derived array
        """A derived value that does not depend on which rows are there."""
        if key not in self._shared:
            self._shared[key] = compute()
        return self._shared[key]

    def _spread(self, array: Floats) -> Floats:
        """An array of the tally with axes of length one for the choices that the tally does not know."""
        known = {choice.id for choice in self.tally.choices}
        shape, at = [], 0
        for choice in self.choices:
            if choice.id in known:
                shape.append(array.shape[at])
                at += 1
            else:
                shape.append(1)
        return array.reshape(*shape, *array.shape[at:])

    def _flat(self, array: Floats) -> Floats:
        """A base value as an array with one axis of length one for every choice."""
        return array.reshape((1,) * len(self.choices) + array.shape)

    @cached_property
    def _alive_rows(self) -> NDArray[np.bool_] | None:
        mask = self.alive.get(self.counted)
        return None if mask is None else mask[self._positions]

    def acts(self, where: Where) -> Quantity:
        """How many counted rows that fit a filter each alternative has."""
        mask = self.rows(self.counted, where)[self._positions]
        belongs: Floats = self._share("belongs", self.tally.belongs)
        self.note(self.counted, self._share("belongs-by-row", lambda: self._by_row(belongs)))
        base = belongs * mask[:, np.newaxis]
        values = self._flat(base.sum(axis=0)) if self.base_only else self._spread(self.tally.selected(mask))
        return self._quantity(values, base)

    def _quantity(self, values: Floats, base: Floats) -> Quantity:
        """A quantity with the rows behind its base values; `base` has shape (rows, alternatives)."""
        if not self.traced:
            return Quantity(values, ((),) * base.shape[1])
        rows, weights = [], []
        for i in range(base.shape[1]):
            there = np.flatnonzero(base[:, i] > 0).tolist()
            rows.append(tuple(self.tally.rows[r] for r in there))
            weights.append(tuple(float(base[r, i]) for r in there))
        return Quantity(values, tuple(rows), tuple(weights))

    def counts(self) -> Floats:
        """The counts of the criteria, shape (one axis a choice..., alternatives, criteria)."""
        parts: Floats = self._share("contributions", self.tally.contributions)
        self.note(self.counted, self._share("contributions-by-row", lambda: self._by_row(parts)))
        if "counts" not in self._cache:
            if self.base_only:
                alive = self._alive_rows
                summed = parts.sum(axis=0) if alive is None else np.tensordot(alive.astype(float), parts, 1)
                self._cache["counts"] = self._flat(np.where(self.tally.told, summed, np.nan))
            else:
                self._cache["counts"] = self._spread(self.tally.counts(self._alive_rows))
        counts: Floats = self._cache["counts"]
        return counts

    def criterion(self, name: str) -> Quantity:
        """The counts of one criterion."""
        j = [criterion.id for criterion in self.tally.criteria].index(name)
        parts: Floats = self._share("contributions", self.tally.contributions)
        alive = self._alive_rows
        base = parts[..., j] if alive is None else parts[..., j] * alive[:, np.newaxis]
        return self._quantity(self.counts()[..., j], base)

    def overall(self, criteria: Sequence[str] | None = None) -> Quantity:
        """The total score of each alternative, under every normalisation and method.

        Args:
            criteria: those that enter; all where left out.
        """
        used = [j for j, criterion in enumerate(self.tally.criteria) if criteria is None or criterion.id in criteria]
        key = ("overall", tuple(used))
        if key not in self._cache:
            self._cache[key] = self._totals(used)
        parts: Floats = self._share("contributions", self.tally.contributions)
        alive = self._alive_rows
        base = parts[..., used].sum(axis=-1)
        if alive is not None:
            base = base * alive[:, np.newaxis]
        found = self._quantity(self._cache[key], base)
        return Quantity(found.values, found.rows)

    def _totals(self, used: Sequence[int]) -> Floats:
        chosen = [self.tally.criteria[j] for j in used]
        weights = weights_of(chosen)
        costs = np.array([criterion.direction == "min" for criterion in chosen])
        counts = self.counts()[..., used]
        silent = np.isnan(counts).all(axis=-1)
        ways = {choice.id: choice for choice in self.choices}
        n, m = ways[self.normalisation], ways[self.method]
        at_n, at_m = (
            next(i for i, choice in enumerate(self.choices) if choice.id == name)
            for name in (self.normalisation, self.method)
        )
        hows = (n.base,) if self.base_only else n.options
        names = (m.base,) if self.base_only else m.options
        shape = list(np.broadcast_shapes(counts.shape[:-1]))
        shape[at_n], shape[at_m] = len(hows), len(names)
        totals = np.empty(shape)
        for a, how in enumerate(hows):
            shares = normalise(counts, how, costs)
            for b, name in enumerate(names):
                at: list[Any] = [slice(None)] * len(shape)
                at[at_n], at[at_m] = slice(a, a + 1), slice(b, b + 1)
                totals[tuple(at)] = np.where(silent, np.nan, METHODS[name](shares, weights))
        return totals
