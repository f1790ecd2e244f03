"""The multiverse: declared choices, and every combination of their options computed at once.

A conclusion is held against all defensible readings of the data instead of one [steegen2016increasing].
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from recount.declared import Entry, missing_fields, repeated_ids
from recount.problems import Exit, Problem, Stop
from recount.scores import Criterion, Floats, Scores

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Choice:
    """One analytic choice that the source leaves open.

    Args:
        id: kebab-case name.
        question: what has to be decided.
        options: names of the options, in the declared order.
        base: the option of the base reading.
        why: why the source leaves it open.
        sections: where.
        bears_on: what the choice changes, as declared ("counting", "scoring").
        settings: for an option what else is declared of it.
    """

    id: str
    question: str
    options: tuple[str, ...]
    base: str
    why: str = ""
    sections: tuple[str, ...] = ()
    bears_on: str = ""
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, compare=False)

    @property
    def base_index(self) -> int:
        """The position of the base option."""
        return self.options.index(self.base)

    def label(self, option: str) -> str:
        """How prose calls an option."""
        return str(self.settings.get(option, {}).get("label", option))


def choices_from(entries: tuple[Entry, ...]) -> tuple[Choice, ...]:
    """The choices that a file declares.

    Raises:
        Stop: a field is missing, an id repeated, fewer than two options, or a base that is no option, because
            a combination would then be counted twice or not exist.
    """
    problems: list[Problem] = repeated_ids(entries)
    choices = []
    for entry in entries:
        lacking = missing_fields(entry, ("id", "question", "options", "base", "why", "sections"))
        problems += lacking
        if lacking:
            continue
        options = tuple(str(option["id"]) for option in entry["options"])
        if len(set(options)) < max(2, len(options)):
            problems.append(
                entry.problem("choice-has-options", f"{entry['id']} needs two different options", column="options")
            )
        if entry["base"] not in options:
            problems.append(
                entry.problem(
                    "base-is-an-option",
                    f"the base of {entry['id']} is none of its options",
                    column="base",
                    fix=f"write one of {', '.join(options)}",
                )
            )
        choices.append(
            Choice(
                id=entry["id"],
                question=entry["question"],
                options=options,
                base=str(entry["base"]),
                why=entry["why"],
                sections=tuple(str(section) for section in entry["sections"]),
                bears_on=entry.get("bears_on", ""),
                settings={str(option["id"]): dict(option) for option in entry["options"]},
            )
        )
    if problems:
        raise Stop(problems, Exit.DATA)
    return tuple(choices)


@dataclass(frozen=True, eq=False)
class Factor:
    """What some choices make of each row: a weight for every option, row, alternative and criterion.

    Args:
        choices: the choices that decide, one leading axis each, in this order.
        weights: shape (options of each choice..., rows, alternatives or 1, criteria or 1).
        known: same shape, false where the weight is not told (its weight must be 0); None where all are.
    """

    choices: tuple[str, ...]
    weights: Floats
    known: NDArray[np.bool_] | None = None


@dataclass(frozen=True, eq=False)
class Tally:
    """Rows that count towards cells: a row's weight in a cell is the product of the factors.

    Args:
        rows: references ("table:id"), one a row.
        alternatives: the alternatives.
        criteria: the criteria.
        choices: the choices that the factors know, which give the leading axes of every result their order.
        factors: what the choices make of each row.
        told: shape (alternatives, criteria); false where the source says nothing whatever is chosen.
    """

    rows: tuple[str, ...]
    alternatives: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    choices: tuple[Choice, ...]
    factors: tuple[Factor, ...]
    told: NDArray[np.bool_]
    _paths: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of options of each choice."""
        return tuple(len(choice.options) for choice in self.choices)

    @property
    def base(self) -> tuple[int, ...]:
        """The base combination, one option index a choice."""
        return tuple(choice.base_index for choice in self.choices)

    def counts(self, alive: NDArray[np.bool_] | None = None) -> Floats:
        """The counts under every combination, shape (options of each choice..., alternatives, criteria).

        NaN where nothing is told: no row speaks of the cell, or rows are counted but none tells its weight.

        Args:
            alive: one a row; rows that are false are left out, as if they did not exist.
        """
        mask = np.ones(len(self.rows)) if alive is None else alive.astype(float)
        counts = self._sum([factor.weights for factor in self.factors], mask, everything=True)
        partly = [factor for factor in self.factors if factor.known is not None]
        if partly:
            there = self._sum([self._there(factor) for factor in self.factors], mask, everything=True)
            known = self._sum([factor.weights != 0 for factor in self.factors], mask, everything=True)
            counts = np.where((there > 0) & (known == 0), np.nan, counts)
        result: Floats = np.where(self.told, counts, np.nan)
        return result

    def selected(self, mask: NDArray[np.bool_]) -> Floats:
        """How many of the masked rows each alternative has, shape (options of each choice..., alternatives).

        Only the factors that do not look at criteria decide: whether a row counts, and for whom. Choices that do not
        bear on that have an axis of length one.
        """
        return self._sum(
            [factor.weights for factor in self._rowwise], mask.astype(float), everything=False, factors=self._rowwise
        )[..., 0]

    def contributions(self, combination: Sequence[int] | None = None) -> Floats:
        """The weight of every row in every cell under one combination, shape (rows, alternatives, criteria)."""
        return self._product(self.factors, self.base if combination is None else tuple(combination))

    def belongs(self, combination: Sequence[int] | None = None) -> Floats:
        """The weight of every row for every alternative whatever the criterion, shape (rows, alternatives)."""
        return self._product(self._rowwise, self.base if combination is None else tuple(combination), criteria=1)[
            ..., 0
        ]

    def scores(self, combination: Sequence[int] | None = None) -> Scores:
        """The table of scores under one combination, with the rows behind every cell."""
        chosen = self.base if combination is None else tuple(combination)
        parts = self.contributions(chosen)
        values = self.counts()[chosen]
        rows = {
            (alternative, criterion.id): tuple(
                sorted(self.rows[r] for r in np.flatnonzero(parts[:, i, j] > 0).tolist())
            )
            for i, alternative in enumerate(self.alternatives)
            for j, criterion in enumerate(self.criteria)
        }
        return Scores(self.alternatives, self.criteria, values, rows)

    @cached_property
    def _rowwise(self) -> tuple[Factor, ...]:
        return tuple(factor for factor in self.factors if factor.weights.shape[-1] == 1)

    @staticmethod
    def _there(factor: Factor) -> Floats:
        """The factor with a weight of one where the weight is not told."""
        result: Floats = factor.weights if factor.known is None else np.where(factor.known, factor.weights, 1.0)
        return result

    def _product(self, factors: Iterable[Factor], chosen: tuple[int, ...], criteria: int | None = None) -> Floats:
        at = dict(zip((choice.id for choice in self.choices), chosen, strict=True))
        shape = (len(self.rows), len(self.alternatives), len(self.criteria) if criteria is None else criteria)
        total = np.ones(shape)
        for factor in factors:
            total = total * factor.weights[tuple(at[name] for name in factor.choices)]
        return total

    def _sum(
        self,
        weights: Sequence[NDArray[Any]],
        mask: Floats,
        *,
        everything: bool,
        factors: tuple[Factor, ...] | None = None,
    ) -> Floats:
        """The sum over rows of the product of the weights, for every combination."""
        letters = dict(zip((choice.id for choice in self.choices), string.ascii_lowercase, strict=False))
        operands: list[Any] = [mask]
        subscripts = ["R"]
        used: set[str] = set()
        tail_used: set[str] = set()
        for factor, weight in zip(self.factors if factors is None else factors, weights, strict=True):
            names = [letters[name] for name in factor.choices]
            used.update(names)
            array = np.asarray(weight, dtype=float)
            tail = "R"
            # An axis of length one is dropped: einsum would otherwise take it for a full one and refuse.
            if array.shape[-1] == 1:
                array = array[..., 0]
            else:
                tail += "C"
            axis = -1 if tail == "R" else -2
            if array.shape[axis] == 1:
                array = np.squeeze(array, axis=axis)
            else:
                tail = tail.replace("R", "RA")
            tail_used.update(tail)
            operands.append(array)
            subscripts.append("".join(names) + tail)
        order = "".join(letters[choice.id] for choice in self.choices if letters[choice.id] in used)
        out = order + "".join(letter for letter in "AC" if letter in tail_used)
        expression = ",".join(subscripts) + "->" + out
        # Finding the best order of summation costs as much as summing, and is the same for every mask.
        if expression not in self._paths:
            self._paths[expression] = np.einsum_path(expression, *operands, optimize="optimal")[0]
        summed = np.einsum(expression, *operands, optimize=self._paths[expression])
        lengths = [len(choice.options) if letters[choice.id] in used else 1 for choice in self.choices]
        n = len(self.alternatives) if "A" in tail_used else 1
        m = len(self.criteria) if "C" in tail_used else 1
        shaped = summed.reshape(*lengths, n, m)
        if not everything:
            return np.broadcast_to(shaped, (*lengths, len(self.alternatives), m))
        return np.broadcast_to(shaped, (*self.shape, len(self.alternatives), len(self.criteria)))


@dataclass(frozen=True)
class Sway:
    """How much one choice sways a conclusion: the share of combinations in which it holds, by option."""

    choice: str
    shares: tuple[tuple[str, float], ...]

    @property
    def range(self) -> float:
        """The largest share less the smallest."""
        values = [value for _, value in self.shares]
        return max(values) - min(values)


def sways(holds: NDArray[np.bool_], choices: Sequence[Choice]) -> tuple[Sway, ...]:
    """How each choice sways a conclusion, the strongest first.

    Args:
        holds: shape (options of each choice...), an axis of length one where a choice does not bear on it.
        choices: the choices in the order of the axes.
    """
    found = []
    for axis, choice in enumerate(choices):
        if holds.shape[axis] == 1:
            found.append(Sway(choice.id, tuple((option, float(holds.mean())) for option in choice.options)))
            continue
        others = tuple(i for i in range(holds.ndim) if i != axis)
        shares = holds.mean(axis=others)
        found.append(Sway(choice.id, tuple(zip(choice.options, (float(value) for value in shares), strict=True))))
    return tuple(sorted(found, key=lambda sway: (-round(sway.range, 12), sway.choice)))
