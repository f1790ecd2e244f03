"""The ranking methods for thousands of tables at once: from normalised scores and weights to one number an alternative.

Each takes values of shape (..., alternatives, criteria), more is better, NaN where nothing is told, and weights
of shape (criteria) or (..., criteria). Each returns shape (..., alternatives), more is better. They are written for
thousands of tables at once, which the library has no way to rank; `recount.library_methods` ranks one table by it, and
the tests hold both against published tables and against each other. What is not told is left out and the weights of
what is told are scaled up to one: nothing is scored as zero for want of a row.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from recount.scores import Floats, beaten

INDIFFERENCE = 0.1
PREFERENCE = 0.5
TIE = 1e-9


def _spread(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Values with gaps filled, and weights scaled to one over what is told, shape (..., alternatives, criteria)."""
    told = ~np.isnan(values)
    spread = np.where(told, weights[..., np.newaxis, :], 0.0)
    total = spread.sum(axis=-1, keepdims=True)
    return np.where(told, values, 0.0), spread / np.where(total > 0, total, 1.0)


def weighted_sum(values: Floats, weights: Floats) -> Floats:
    """The weighted mean over the criteria of which something is told [triantaphyllou2000multi]."""
    filled, spread = _spread(values, weights)
    result: Floats = (filled * spread).sum(axis=-1)
    return result


def topsis(values: Floats, weights: Floats) -> Floats:
    """Closeness to the best point and distance from the worst one, 0 to 1 [hwang1981multiple].

    The best and the worst point are those among the alternatives. Where all are alike the closeness is a half.
    """
    told = ~np.isnan(values)
    filled, spread = _spread(values, weights)
    best = np.where(told, values, -np.inf).max(axis=-2, keepdims=True)
    worst = np.where(told, values, np.inf).min(axis=-2, keepdims=True)
    best, worst = np.where(np.isfinite(best), best, 0.0), np.where(np.isfinite(worst), worst, 0.0)
    to_best = np.sqrt((np.where(told, (filled - best) * spread, 0.0) ** 2).sum(axis=-1))
    to_worst = np.sqrt((np.where(told, (filled - worst) * spread, 0.0) ** 2).sum(axis=-1))
    total = to_best + to_worst
    result: Floats = np.where(total > 0, to_worst / np.where(total > 0, total, 1.0), 0.5)
    return result


def promethee_ii(
    values: Floats,
    weights: Floats,
    indifference: float | Floats = INDIFFERENCE,
    preference: float | Floats = PREFERENCE,
) -> Floats:
    """Net outranking flow, -1 to 1, with a linear preference between two thresholds [brans1985preference].

    Args:
        values: shape (..., alternatives, criteria).
        weights: shape (criteria) or (..., criteria).
        indifference: differences up to this count for nothing; in the unit of the values.
        preference: differences from this on count fully; more than `indifference`.
    """
    count, criteria = values.shape[-2:]
    low = np.broadcast_to(np.asarray(indifference, dtype=float), (criteria,))
    high = np.broadcast_to(np.asarray(preference, dtype=float), (criteria,))
    shape = np.broadcast_shapes(values.shape[:-2], weights.shape[:-1])
    flow = np.zeros((*shape, count))
    # One rival at a time keeps the memory at one table a combination instead of one table a pair.
    for rival in range(count):
        with np.errstate(invalid="ignore"):
            difference = values - values[..., rival : rival + 1, :]
            degree = np.sign(difference) * np.clip((np.abs(difference) - low) / (high - low), 0.0, 1.0)
        both = ~np.isnan(difference)
        shared = np.where(both, weights[..., np.newaxis, :], 0.0)
        total = shared.sum(axis=-1)
        flow += (np.where(both, degree, 0.0) * shared).sum(axis=-1) / np.where(total > 0, total, 1.0)
    result: Floats = flow / max(count - 1, 1)
    return result


def borda(values: Floats, weights: Floats) -> Floats:
    """The weighted mean share of rivals beaten on the criteria, 0 to 1 [ecer2021consolidated]."""
    return weighted_sum(beaten(values), weights)


def copeland(values: Floats, weights: Floats) -> Floats:
    """Duels won less duels lost, scaled to -1 to 1; a duel goes to the greater weight [copeland1951reasonable]."""
    count = values.shape[-2]
    shape = np.broadcast_shapes(values.shape[:-2], weights.shape[:-1])
    result = np.zeros((*shape, count))
    for rival in range(count):
        with np.errstate(invalid="ignore"):
            difference = values - values[..., rival : rival + 1, :]
            better = (difference > TIE).astype(float) - (difference < -TIE).astype(float)
        margin = (better * weights[..., np.newaxis, :]).sum(axis=-1)
        result += np.sign(np.where(np.abs(margin) <= TIE, 0.0, margin))
    scaled: Floats = result / max(count - 1, 1)
    return scaled


Method = Callable[[Floats, Floats], Floats]
METHODS: dict[str, Method] = {
    "weighted-sum": weighted_sum,
    "topsis": topsis,
    "promethee-ii": promethee_ii,
    "borda": borda,
    "copeland": copeland,
}
