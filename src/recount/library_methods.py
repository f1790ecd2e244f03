"""The ranking methods for one table, by pymcdm.

`recount.methods` has the same for thousands of tables at once; the tests hold these forms and those against each other.
Each takes values of shape (alternatives, criteria), more is better, NaN where nothing is told, and weights of shape
(criteria), not negative; each returns shape (alternatives), more is better. pymcdm knows no gaps, so it is asked only
about criteria that are told: for those who are told of the same ones together, or for two alternatives at a time.
Their weights are scaled up to one.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np

from recount.imports import pymcdm
from recount.methods import INDIFFERENCE, PREFERENCE, TIE, Method
from recount.scores import Floats


def weighted_sum(values: Floats, weights: Floats) -> Floats:
    """The weighted mean over the criteria of which something is told [triantaphyllou2000multi]."""
    return _by_what_is_told(values, weights, pymcdm().methods.WSM(_as_they_are))


def topsis(values: Floats, weights: Floats) -> Floats:
    """Closeness to the best point and distance from the worst one, 0 to 1 [hwang1981multiple].

    Where all are alike the closeness is a half: both points are one, and pymcdm has no number for it.
    """
    with np.errstate(invalid="ignore"):
        found = _by_what_is_told(values, weights, pymcdm().methods.TOPSIS(_as_they_are))
    return np.where(np.isnan(found), 0.5, found)


def promethee_ii(
    values: Floats, weights: Floats, indifference: float = INDIFFERENCE, preference: float = PREFERENCE
) -> Floats:
    """Net outranking flow, -1 to 1, with a linear preference between two thresholds [brans1985preference].

    Args:
        values: shape (alternatives, criteria).
        weights: shape (criteria).
        indifference: differences up to this count for nothing; in the unit of the values.
        preference: differences from this on count fully; more than `indifference`.
    """
    flows = _duels(values, weights, "vshape_2", q=indifference, p=preference)
    return np.asarray(flows.sum(axis=1) / max(len(flows) - 1, 1))


def borda(values: Floats, weights: Floats) -> Floats:
    """The weighted mean share of rivals beaten on the criteria, 0 to 1 [ecer2021consolidated]."""
    shares = np.full(values.shape, np.nan)
    for j, column in enumerate(values.T):
        told = ~np.isnan(column)
        ranks = pymcdm().helpers.rankdata(_levels(column[told]))
        # Somebody alone beats everybody there is.
        shares[told, j] = (ranks - 1) / (len(ranks) - 1) if len(ranks) > 1 else 1.0
    return weighted_sum(shares, weights)


def copeland(values: Floats, weights: Floats) -> Floats:
    """Duels won less duels lost, scaled to -1 to 1; a duel goes to the greater weight [copeland1951reasonable].

    pymcdm has no such method; a duel is its net flow of two alternatives that prefer any difference fully.
    """
    flows = _duels(values, weights, "ushape", q=TIE)
    won = np.sign(np.where(np.abs(flows) <= TIE, 0.0, flows))
    return np.asarray(won.sum(axis=1) / max(len(flows) - 1, 1))


def _as_they_are(column: Floats, cost: bool = False) -> Floats:  # noqa: FBT001, FBT002, ARG001 - pymcdm's signature
    """The normalisation of values that are comparable already."""
    return column


def _by_what_is_told(values: Floats, weights: Floats, score: Callable[..., Floats]) -> Floats:
    """Scores of the alternatives, told of different criteria, each on those it is told of.

    Args:
        values: shape (alternatives, criteria).
        weights: shape (criteria).
        score: a method of pymcdm.
    """
    told = ~np.isnan(values) & (weights > 0)
    # A gap lies at the best of its column, so it moves neither the best nor the worst point for the others.
    filled = np.where(told, values, np.where(told, values, -np.inf).max(axis=0))
    found = np.empty(len(values))
    for pattern in np.unique(told, axis=0):
        alike = (told == pattern).all(axis=1)
        found[alike] = _ask(score, filled[:, pattern], weights[pattern])[alike]
    return found


def _duels(values: Floats, weights: Floats, preference: str, **thresholds: float) -> Floats:
    """The net flow of each against each, shape (alternatives, alternatives); 0 where two share no criterion.

    Args:
        values: shape (alternatives, criteria).
        weights: shape (criteria).
        preference: the name of one of pymcdm's preference functions.
        thresholds: what it asks for, the same for each criterion.
    """
    told = ~np.isnan(values) & (weights > 0)
    flows = np.zeros((len(values), len(values)))
    for i, k in combinations(range(len(values)), 2):
        both = told[i] & told[k]
        if both.any():
            limits = {name: [value] * int(both.sum()) for name, value in thresholds.items()}
            score = pymcdm().methods.PROMETHEE_II(preference, **limits)
            flows[i, k], flows[k, i] = _ask(score, values[np.ix_([i, k], both)], weights[both])
    return flows


def _ask(score: Callable[..., Floats], table: Floats, weights: Floats) -> Floats:
    """What a method of pymcdm says of a table without gaps, with the weights scaled to one."""
    # Its validation warns of every alternative that is best or worst throughout, which is no fault here.
    return score(table, weights / weights.sum(), np.ones(len(weights)), validation=False)


def _levels(column: Floats) -> Floats:
    """Values as the numbers of their levels from 0, since pymcdm takes a difference of the last digit for one."""
    ordered = np.unique(column)
    level = np.cumsum(np.diff(ordered, prepend=ordered[:1]) > TIE)
    return np.asarray(level[np.searchsorted(ordered, column)], dtype=float)


METHODS: dict[str, Method] = {
    "weighted-sum": weighted_sum,
    "topsis": topsis,
    "promethee-ii": promethee_ii,
    "borda": borda,
    "copeland": copeland,
}
