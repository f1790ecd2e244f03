"""What a claim can be tested against: filtered rows, and counts under every combination of choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from recount.methods import METHODS
from recount.multiverse import Choice
from recount.scores import normalise, weights_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recount.filters import Table, Where
    from recount.multiverse import Tally
    from recount.scores import Floats


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
        alive: for a table which rows are there, shape (rows) or (cases, rows); all where the table is not named.
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
        if "base" not in self._cache:
            self._cache["base"] = tuple(choice.base_index for choice in self.choices)
        base: tuple[int, ...] = self._cache["base"]
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
        for table, at in self._where(rows).items():
            mask = alive.get(table)
            mask = np.ones(len(self.tables[table].ids), dtype=bool) if mask is None else mask.copy()
            mask[..., at] = False
            alive[table] = mask
        return replace(self, alive=alive, _cache={})

    def cases(self, lost: Sequence[Sequence[str]]) -> Evidence:
        """The evidence of the base combination once whole, and once without each of these sets of rows.

        A check is then run once for all cases: they are an axis before those of the choices, and what an outcome says
        of its base reading it says of the whole evidence. Rows are not named.
        """
        alive = {}
        for case, rows in enumerate(lost, start=1):
            for table, at in self._where(rows).items():
                if table not in alive:
                    there = self.alive.get(table, np.ones(len(self.tables[table].ids), dtype=bool))
                    alive[table] = np.tile(there, (len(lost) + 1, 1))
                alive[table][case, at] = False
        axis = Choice("case", "What is left out?", tuple(map(str, range(len(lost) + 1))), "0")
        return replace(self.untraced(), choices=(axis, *self.choices), alive={**self.alive, **alive}, _cache={})

    def _where(self, rows: Sequence[str]) -> Mapping[str, list[int]]:
        """Where rows ("table:id") stand, by table."""
        found: dict[str, list[int]] = {}
        for row in rows:
            table, _, name = row.partition(":")
            found.setdefault(table, []).append(self.tables[table].index[name])
        return found

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

    def flat(self, array: Floats, own: int = 1) -> Floats:
        """Base values with an axis of length one for each choice before the `own` last axes; cases are the first."""
        cases, rest = array.shape[: array.ndim - own], array.shape[array.ndim - own :]
        return array.reshape((*cases, *(1,) * (len(self.choices) - len(cases)), *rest))

    @cached_property
    def _alive_rows(self) -> NDArray[np.bool_] | None:
        mask = self.alive.get(self.counted)
        return None if mask is None else mask[..., self._positions]

    def acts(self, where: Where) -> Quantity:
        """How many counted rows that fit a filter each alternative has."""
        belongs: Floats = self._share("belongs", self.tally.belongs)
        if self.reads is not None:
            self.note(self.counted, self._share("belongs-by-row", lambda: self._by_row(belongs)))
        mask = self.rows(self.counted, where)
        key = ("acts", repr(where))
        if key not in self._cache:
            there = mask[..., self._positions]
            values = self.flat(there @ belongs) if self.base_only else self._spread(self.tally.selected(there))
            self._cache[key] = self._quantity(values, lambda: belongs * there[:, np.newaxis])
        found: Quantity = self._cache[key]
        return found

    def _quantity(self, values: Floats, behind: Callable[[], Floats]) -> Quantity:
        """A quantity with the rows behind its base values; what is `behind` has shape (rows, alternatives)."""
        if not self.traced:
            return Quantity(values, ((),) * values.shape[-1])
        base = behind()
        rows, weights = [], []
        for i in range(base.shape[1]):
            there = np.flatnonzero(base[:, i] > 0).tolist()
            rows.append(tuple(self.tally.rows[r] for r in there))
            weights.append(tuple(float(base[r, i]) for r in there))
        return Quantity(values, tuple(rows), tuple(weights))

    def counts(self) -> Floats:
        """The counts of the criteria, shape (one axis a choice..., alternatives, criteria)."""
        parts: Floats = self._share("contributions", self.tally.contributions)
        if self.reads is not None:
            self.note(self.counted, self._share("contributions-by-row", lambda: self._by_row(parts)))
        if "counts" not in self._cache:
            if self.base_only:
                alive = self._alive_rows
                summed = parts.sum(axis=0) if alive is None else np.tensordot(alive.astype(float), parts, 1)
                self._cache["counts"] = self.flat(np.where(self.tally.told, summed, np.nan), own=2)
            else:
                self._cache["counts"] = self._spread(self.tally.counts(self._alive_rows))
        counts: Floats = self._cache["counts"]
        return counts

    def criterion(self, name: str) -> Quantity:
        """The counts of one criterion."""
        j = [criterion.id for criterion in self.tally.criteria].index(name)
        counts = self.counts()
        if ("criterion", j) not in self._cache:
            self._cache["criterion", j] = self._quantity(counts[..., j], lambda: self._there([j]))
        found: Quantity = self._cache["criterion", j]
        return found

    def _there(self, criteria: Sequence[int]) -> Floats:
        """What every row that is there adds to some criteria together, shape (rows, alternatives)."""
        parts: Floats = self._share("contributions", self.tally.contributions)
        alive = self._alive_rows
        summed: Floats = parts[..., list(criteria)].sum(axis=-1)
        return summed if alive is None else summed * alive[:, np.newaxis]

    def overall(self, criteria: Sequence[str] | None = None) -> Quantity:
        """The total score of each alternative, under every normalisation and method.

        Args:
            criteria: those that enter; all where left out.
        """
        used = [j for j, criterion in enumerate(self.tally.criteria) if criteria is None or criterion.id in criteria]
        key = ("overall", tuple(used))
        if key not in self._cache:
            self._cache[key] = self._totals(used)
        found = self._quantity(self._cache[key], lambda: self._there(used))
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
