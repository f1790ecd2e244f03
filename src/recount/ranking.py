"""A ranking: a frozen value that refuses to be wrong, knows its ties, and can say why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from recount.library_methods import METHODS
from recount.scores import Floats, Scores, normalise, weights_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

TIE = 1e-9


@dataclass(frozen=True)
class Reason:
    """What one criterion adds to one alternative's score, and the rows behind it.

    `value` is in the criterion's unit and `share` on the normalised scale; both are None where nothing is told.
    """

    criterion: str
    value: float | None
    share: float | None
    weight: float
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Why:
    """Why an alternative stands where it stands."""

    alternative: str
    place: int
    score: float
    reasons: tuple[Reason, ...]

    @property
    def rows(self) -> tuple[str, ...]:
        """All rows behind the score, each once, sorted."""
        return tuple(sorted({row for reason in self.reasons for row in reason.rows}))


@dataclass(frozen=True)
class Ranking:
    """Alternatives in order, best first; equal scores share a place (1, 2, 2, 4).

    Args:
        alternatives: the names, best first; names of equal score in alphabetical order.
        scores: one a name, more is better.
        places: one a name, from 1.
        method: the name of the method that made the scores.
        reasons: for each name what each criterion adds.
        missing: the cells (alternative, criterion) of which nothing is told.

    Raises:
        ValueError: empty, a name twice, a score that is no number, places that do not follow from the scores;
            such a value would be no ranking.
    """

    alternatives: tuple[str, ...]
    scores: tuple[float, ...]
    places: tuple[int, ...]
    method: str = ""
    reasons: tuple[tuple[Reason, ...], ...] = field(default=(), repr=False)
    missing: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no ranking."""
        if not self.alternatives:
            raise ValueError("nobody is ranked")
        if len(set(self.alternatives)) != len(self.alternatives):
            raise ValueError("somebody is ranked twice")
        if not len(self.alternatives) == len(self.scores) == len(self.places):
            raise ValueError("names, scores and places are not equally many")
        if not np.isfinite(self.scores).all():
            raise ValueError("a score is no number")
        if self.places != places_of(self.scores):
            raise ValueError("the places do not follow from the scores")
        if self.reasons and len(self.reasons) != len(self.alternatives):
            raise ValueError("names and reasons are not equally many")

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The alternatives by place, best first; those of one group are tied."""
        grouped: dict[int, list[str]] = {}
        for name, place in zip(self.alternatives, self.places, strict=True):
            grouped.setdefault(place, []).append(name)
        return tuple(tuple(names) for _, names in sorted(grouped.items()))

    @property
    def ties(self) -> tuple[tuple[str, ...], ...]:
        """The groups of more than one."""
        return tuple(group for group in self.groups if len(group) > 1)

    @property
    def leaders(self) -> tuple[str, ...]:
        """Who shares the first place."""
        return self.groups[0]

    def place(self, alternative: str) -> int:
        """The place of a name, from 1."""
        return self.places[self.alternatives.index(alternative)]

    def score(self, alternative: str) -> float:
        """The score of a name."""
        return self.scores[self.alternatives.index(alternative)]

    def margin(self, place: int = 1) -> float:
        """How far the group at a place is ahead of the next one, in scores; infinite where nobody follows."""
        distinct = sorted({score for score, at in zip(self.scores, self.places, strict=True) if at > place})
        at = [score for score, where in zip(self.scores, self.places, strict=True) if where == place]
        if not at:
            raise ValueError(f"nobody has place {place}")
        return float(at[0] - distinct[-1]) if distinct else float("inf")

    def why(self, place: int) -> tuple[Why, ...]:
        """Who stands at a place, and for each what each criterion adds, with the rows behind it."""
        found = tuple(
            Why(name, at, score, self.reasons[i] if self.reasons else ())
            for i, (name, at, score) in enumerate(zip(self.alternatives, self.places, self.scores, strict=True))
            if at == place
        )
        if not found:
            raise ValueError(f"nobody has place {place}")
        return found


def places_of(scores: tuple[float, ...] | Floats) -> tuple[int, ...]:
    """The place of every score where scores are sorted from high to low, equal ones sharing a place.

    Raises:
        ValueError: the scores are not sorted.
    """
    values = np.asarray(scores, dtype=float)
    steps = np.diff(values)
    if (steps > TIE).any():
        raise ValueError("the scores do not fall from first to last")
    places = [1]
    for i, step in enumerate(steps, start=2):
        places.append(i if step < -TIE else places[-1])
    return tuple(places)


def places(totals: Floats) -> NDArray[np.int64]:
    """The places of many tables at once, shape (..., alternatives): one more than how many are better."""
    better = np.zeros(totals.shape, dtype=np.int64)
    for rival in range(totals.shape[-1]):
        better += totals[..., rival : rival + 1] > totals + TIE
    return better + 1


def unranked(scores: Scores, weights: Floats | None = None) -> tuple[str, ...]:
    """The alternatives that no ranking can place, since nothing is told of them on any criterion that has weight."""
    used = np.array([criterion.weight for criterion in scores.criteria]) if weights is None else weights
    told = ~np.isnan(scores.values) & (used > 0)
    return tuple(name for name, line in zip(scores.alternatives, told, strict=True) if not line.any())


def rank(
    scores: Scores,
    *,
    normalisation: str = "share-of-leader",
    method: str = "weighted-sum",
    weights: Floats | None = None,
) -> Ranking:
    """The ranking of a table of scores.

    Args:
        scores: the table; cells of which nothing is told are left out of that alternative's score.
        normalisation: how scores are made comparable, see `recount.scores.normalise`.
        method: how they are combined, a name of `recount.library_methods.METHODS`.
        weights: one a criterion, summing to one; those of the criteria where left out.

    Raises:
        ValueError: an alternative of which nothing at all is told, since it has no score.
    """
    used = weights_of(scores.criteria) if weights is None else weights
    silent = unranked(scores, used)
    if silent:
        raise ValueError(f"nothing is told of {', '.join(silent)}")
    costs = np.array([criterion.direction == "min" for criterion in scores.criteria])
    shares = normalise(scores.values, normalisation, costs)
    totals = METHODS[method](shares, used)
    order = sorted(range(len(totals)), key=lambda i: (-round(float(totals[i]), 9), scores.alternatives[i]))
    sorted_totals = tuple(float(totals[i]) for i in order)
    return Ranking(
        tuple(scores.alternatives[i] for i in order),
        sorted_totals,
        places_of(sorted_totals),
        method,
        tuple(_reasons(scores, shares, used, i) for i in order),
        scores.missing,
    )


def _reasons(scores: Scores, shares: Floats, weights: Floats, i: int) -> tuple[Reason, ...]:
    """What each criterion adds to the alternative of row i."""

    def told(value: float) -> float | None:
        return None if np.isnan(value) else float(value)

    return tuple(
        Reason(
            criterion.id,
            told(scores.values[i, j]),
            told(shares[i, j]),
            float(weights[j]),
            scores.behind(scores.alternatives[i], criterion.id),
        )
        for j, criterion in enumerate(scores.criteria)
    )


def place_bounds(
    scores: Scores, *, normalisation: str = "share-of-leader", method: str = "weighted-sum"
) -> dict[str, tuple[int, int]]:
    """For each alternative the best and the worst place that the untold cells leave open.

    The best place gives an alternative the leader's value wherever nothing is told of it and the worst value
    (zero, or the highest cost) to the others' gaps; the worst place is the other way round. Without gaps both are
    its place.
    """
    used = weights_of(scores.criteria)
    costs = np.array([criterion.direction == "min" for criterion in scores.criteria])
    gaps = np.isnan(scores.values)
    most = np.where(gaps, 0.0, scores.values).max(axis=0)
    least = np.where(gaps, most, scores.values).min(axis=0)
    best, worst = np.where(costs, least, most), np.where(costs, most, 0.0)
    bounds = {}
    for i, name in enumerate(scores.alternatives):
        found = []
        for own, others in ((best, worst), (worst, best)):
            filled = np.where(gaps, others, scores.values)
            filled[i] = np.where(gaps[i], own, scores.values[i])
            totals = METHODS[method](normalise(filled, normalisation, costs), used)
            found.append(int(places(totals)[i]))
        bounds[name] = (found[0], found[1])
    return bounds
