"""From counted rows to scores: criteria, the table of scores, and how scores are made comparable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from recount.declared import Entry, missing_fields, repeated_ids
from recount.problems import Exit, Stop

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Direction = Literal["max", "min"]
Floats = NDArray[np.float64]
NORMALISATIONS = ("share-of-leader", "share-of-total", "rank")


@dataclass(frozen=True)
class Criterion:
    """One thing that is measured.

    Args:
        id: kebab-case name.
        title: as a table prints it.
        unit: what one is of, in the singular.
        direction: whether more ("max") or less ("min") is better.
        weight: relative weight, not negative.
        decimals: how many decimals a table prints.
        description: what is counted, one sentence.
        sections: where the source states the criterion.
        counts: what the analysis counts for it, as declared.
        noughts: the alternatives of which the source states that they have none, with the section.
    """

    id: str
    title: str
    unit: str = "row"
    direction: Direction = "max"
    weight: float = 1.0
    decimals: int = 0
    description: str = ""
    sections: tuple[str, ...] = ()
    counts: Mapping[str, str] = field(default_factory=dict)
    noughts: Mapping[str, str] = field(default_factory=dict)


def criteria_from(entries: tuple[Entry, ...]) -> tuple[Criterion, ...]:
    """The criteria that a file declares.

    Raises:
        Stop: a field is missing, an id repeated, a direction unknown or a weight negative, because
            a ranking on such criteria would mean something else than its reader thinks.
    """
    problems = repeated_ids(entries)
    for entry in entries:
        problems += missing_fields(entry, ("id", "title", "unit", "direction", "weight"))
        if entry.get("direction", "max") not in ("max", "min"):
            problems.append(
                entry.problem(
                    "direction-known", "a direction is max or min", column="direction", fix="write max or min"
                )
            )
        weight = entry.get("weight", 0)
        if not isinstance(weight, int | float) or weight < 0:
            problems.append(entry.problem("weight-not-negative", "a weight is a number from 0", column="weight"))
    if entries and not problems and sum(float(entry["weight"]) for entry in entries) <= 0:
        problems.append(entries[0].problem("weights-not-all-zero", "no criterion has a weight", column="weight"))
    if problems:
        raise Stop(problems, Exit.DATA)
    return tuple(
        Criterion(
            id=entry["id"],
            title=entry["title"],
            unit=entry["unit"],
            direction=entry["direction"],
            weight=float(entry["weight"]),
            decimals=int(entry.get("decimals", 0)),
            description=entry.get("description", ""),
            sections=tuple(str(section) for section in entry.get("sections", ())),
            counts=dict(entry.get("counts", {})),
            noughts={str(name): str(section) for name, section in entry.get("noughts", {}).items()},
        )
        for entry in entries
    )


def weights_of(criteria: Iterable[Criterion]) -> Floats:
    """The weights of the criteria, scaled to sum to one."""
    weights = np.array([criterion.weight for criterion in criteria], dtype=float)
    scaled: Floats = weights / weights.sum()
    return scaled


@dataclass(frozen=True, eq=False)
class Scores:
    """What every alternative reaches on every criterion, with the rows behind each cell.

    Args:
        alternatives: names of the alternatives, one a row.
        criteria: the criteria, one a column.
        values: shape (alternatives, criteria), in the unit of the criterion; NaN where nothing is told.
        rows: for an alternative and a criterion the row references ("table:id") behind the cell.

    Raises:
        ValueError: names repeated or shapes that do not fit, because a cell would belong to nobody.
    """

    alternatives: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    values: Floats
    rows: Mapping[tuple[str, str], tuple[str, ...]]

    def __post_init__(self) -> None:
        """Refuse what cannot be a table of scores."""
        if len(set(self.alternatives)) != len(self.alternatives):
            raise ValueError("an alternative stands twice")
        if len({criterion.id for criterion in self.criteria}) != len(self.criteria):
            raise ValueError("a criterion stands twice")
        if self.values.shape != (len(self.alternatives), len(self.criteria)):
            raise ValueError(f"{self.values.shape} values for {len(self.alternatives)} by {len(self.criteria)}")

    @property
    def missing(self) -> tuple[tuple[str, str], ...]:
        """The cells of which nothing is told, as (alternative, criterion)."""
        return tuple(
            (self.alternatives[i], self.criteria[j].id) for i, j in np.argwhere(np.isnan(self.values)).tolist()
        )

    def value(self, alternative: str, criterion: str) -> float:
        """One cell; NaN where nothing is told."""
        column = [entry.id for entry in self.criteria].index(criterion)
        return float(self.values[self.alternatives.index(alternative), column])

    def behind(self, alternative: str, criterion: str) -> tuple[str, ...]:
        """The rows behind one cell."""
        return self.rows.get((alternative, criterion), ())

    def without(self, alternative: str = "", criterion: str = "") -> Scores:
        """The same table with one alternative or one criterion left out."""
        keep = [i for i, name in enumerate(self.alternatives) if name != alternative]
        columns = [j for j, entry in enumerate(self.criteria) if entry.id != criterion]
        return Scores(
            tuple(self.alternatives[i] for i in keep),
            tuple(self.criteria[j] for j in columns),
            self.values[np.ix_(keep, columns)],
            self.rows,
        )


def normalise(values: Floats, how: str, costs: NDArray[np.bool_] | None = None) -> Floats:
    """Values made comparable between criteria, 0 to 1, more is better.

    Args:
        values: shape (..., alternatives, criteria), not negative; NaN where nothing is told, which stays NaN.
        how: `share-of-leader` (of the best), `share-of-total` (of the sum) or `rank` (the share of the
            others that are beaten, a tie counting half).
        costs: shape (criteria), true where less is better; a cost is the best value over the value.

    Raises:
        ValueError: an unknown way.
    """
    if how == "rank":
        signed = values if costs is None else np.where(costs, -values, values)
        return beaten(signed)
    if how not in NORMALISATIONS:
        raise ValueError(f"no normalisation is called {how}")
    benefit = values if costs is None or not costs.any() else np.where(costs, _cost_as_benefit(values), values)
    told = np.nan_to_num(benefit, nan=0.0)
    base = told.max(axis=-2, keepdims=True) if how == "share-of-leader" else told.sum(axis=-2, keepdims=True)
    # Where the best is 0 everybody who is told has 0; dividing would make NaN, that is "not told", of it.
    result: Floats = benefit / np.where(base > 0, base, 1.0)
    return result


def _cost_as_benefit(values: Floats) -> Floats:
    """The least cost over the cost, so that the cheapest has 1 (a free one makes the others 0)."""
    least = np.nanmin(values, axis=-2, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = least / values
    result: Floats = np.where((values == 0), 1.0, share)
    return result


def beaten(values: Floats, tolerance: float = 1e-9) -> Floats:
    """The share of the other told alternatives that each one beats, a tie counting half.

    Args:
        values: shape (..., alternatives, criteria); NaN where nothing is told, which stays NaN.
        tolerance: differences up to this are ties.
    """
    count = values.shape[-2]
    wins = np.zeros_like(values)
    for other in range(count):
        with np.errstate(invalid="ignore"):
            difference = values - values[..., other : other + 1, :]
            wins += (difference > tolerance) + 0.5 * (np.abs(difference) <= tolerance)
    told = ~np.isnan(values)
    rivals = told.sum(axis=-2, keepdims=True) - 1
    # Everybody ties with itself, which is worth the half taken away here; somebody alone beats everybody there is.
    share = np.where(rivals > 0, (wins - 0.5) / np.maximum(rivals, 1), 1.0)
    result: Floats = np.where(told, share, np.nan)
    return result
