"""Robustness over weights: who is first under which weights, and how little has to change.

Stochastic multicriteria acceptability analysis [lahdelma2001smaa] without chance: the weights run over a lattice of
the simplex (or, for many criteria, over a fixed low-discrepancy sequence), so every run gives the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from recount.methods import weighted_sum

if TYPE_CHECKING:
    from recount.scores import Floats

TIE = 1e-9


def lattice(criteria: int, points: int = 25_000) -> Floats:
    """Weights spread evenly over the simplex, shape (points at most, criteria), each summing to one.

    The points are the centres of a lattice, so that none lies on the edge where a criterion has no weight. Where even
    the coarsest useful lattice is larger than `points`, the points are those of a Sobol sequence without scrambling,
    mapped to the simplex by spacings.

    Raises:
        ValueError: no criterion.
    """
    if criteria < 1:
        raise ValueError("weights need a criterion")
    if criteria == 1:
        return np.ones((1, 1))
    steps = 1
    while comb(steps + criteria, criteria - 1) <= points:
        steps += 1
    if steps >= 4:
        bars = np.array(list(combinations(range(steps + criteria - 1), criteria - 1)), dtype=np.int64)
        edges = np.hstack([np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), steps + criteria - 1)])
        cells = np.diff(edges, axis=1) - 1
        return (cells + 1.0 / criteria) / (steps + 1)
    # Imported where it is needed: most reports have few criteria, and this takes longer than all else here.
    from scipy.stats import qmc

    power = int(np.log2(min(points, 2**13)))
    uniform = qmc.Sobol(criteria - 1, scramble=False).random_base2(power)
    ordered = np.sort(uniform, axis=1)
    spaced: Floats = np.diff(ordered, prepend=0.0, append=1.0, axis=1)
    return spaced


@dataclass(frozen=True, eq=False)
class Acceptability:
    """What part of all weights gives each alternative each place.

    Args:
        alternatives: the names.
        shares: shape (alternatives, places); a tie shares the places it spans.
        central: shape (alternatives, criteria); the mean of the weights that put the alternative first, NaN where
            none do.
        pairwise: shape (alternatives, alternatives); the part of all weights under which the row beats the column.
        points: how many weights were tried; 0 where the pairwise shares alone are exact.
    """

    alternatives: tuple[str, ...]
    shares: Floats
    central: Floats
    pairwise: Floats
    points: int


def acceptability(shares: Floats, alternatives: tuple[str, ...], points: int = 25_000) -> Acceptability:
    """Rank acceptability of the weighted sum over all weights.

    Args:
        shares: normalised scores, shape (alternatives, criteria), NaN where nothing is told.
        alternatives: the names.
        points: how many weights to try at most.
    """
    count, criteria = shares.shape
    weights = lattice(criteria, points)
    totals = np.empty((len(weights), count))
    # A few thousand at a time: the tables of a hundred alternatives would otherwise not fit into memory.
    for start in range(0, len(weights), 2000):
        part = weights[start : start + 2000]
        totals[start : start + 2000] = weighted_sum(shares[np.newaxis], part)
    better = np.zeros((len(weights), count), dtype=np.int64)
    level = np.zeros((len(weights), count), dtype=np.int64)
    for rival in range(count):
        difference = totals[:, rival : rival + 1] - totals
        better += difference > TIE
        level += np.abs(difference) <= TIE
    found = np.zeros((count, count))
    central = np.full((count, criteria), np.nan)
    for i in range(count):
        for (first, width), size in _groups(better[:, i], level[:, i]):
            found[i, first : first + width] += size / width
        first_place = better[:, i] == 0
        if first_place.any():
            central[i] = weights[first_place].mean(axis=0)
    return Acceptability(alternatives, found / len(weights), central, pairwise_winning(shares, weights), len(weights))


def _groups(better: np.ndarray, level: np.ndarray) -> list[tuple[tuple[int, int], int]]:
    """How often each pair of (alternatives that are better, alternatives that are level) occurs."""
    width = int(level.max()) + 1
    pairs, sizes = np.unique(better * width + level, return_counts=True)
    return [(divmod(pair, width), size) for pair, size in zip(pairs.tolist(), sizes.tolist(), strict=True)]


def pairwise_winning(shares: Floats, weights: Floats) -> Floats:
    """The part of all weights under which the row beats the column, a tie counting half.

    Exact where both are told on every criterion, otherwise over the given weights.
    """
    count = len(shares)
    result = np.full((count, count), 0.5)
    totals: Floats | None = None
    for i in range(count):
        for k in range(i):
            difference = shares[i] - shares[k]
            if np.isnan(difference).any():
                if totals is None:
                    totals = weighted_sum(shares[np.newaxis], weights)
                gap = totals[:, i] - totals[:, k]
                wins = float(((gap > TIE) + 0.5 * (np.abs(gap) <= TIE)).mean())
            else:
                wins = half_space_share(difference)
            result[i, k], result[k, i] = wins, 1.0 - wins
    return result


def half_space_share(coefficients: Floats) -> float:
    """The part of the simplex on which a linear function is positive, exactly [varsi1973multidimensional].

    Args:
        coefficients: the value of the function at each corner. All zero counts as a half.
    """
    positive = [float(value) for value in coefficients if value > TIE]
    others = [-float(value) for value in coefficients if value <= TIE]
    if not positive:
        return 0.0 if any(value > TIE for value in others) else 0.5
    # The edge between a positive corner and another one crosses the cut; splitting the simplex there leaves two
    # smaller ones, one without either corner, whose parts below the cut are known from the steps before.
    volumes = [0.0] + [1.0] * len(others)
    for height in positive:
        for j, depth in enumerate(others, start=1):
            volumes[j] = (depth * volumes[j] + height * volumes[j - 1]) / (height + depth)
    return 1.0 - volumes[-1] if others else 1.0


@dataclass(frozen=True)
class SmallestChange:
    """The smallest change of weights that puts somebody else level with the first.

    Args:
        distance: the sum of the absolute changes, 0 to 2; None where no weights do it.
        rival: who draws level, or empty.
        weights: the changed weights, one a criterion.
    """

    distance: float | None
    rival: str = ""
    weights: tuple[float, ...] = ()


def smallest_change(shares: Floats, weights: Floats, alternatives: tuple[str, ...]) -> SmallestChange:
    """The smallest change of weights under which another alternative draws level with the first.

    That is a linear programme for each rival: the least sum of absolute changes under which the lead is nothing, the
    weights still sum to one and none is negative. Every share of weight that is moved does most when it goes where the
    rival is best placed against the first, and when it is taken where the first leads most; so taking it there first
    solves the programme exactly [dantzig1957discrete].

    Args:
        shares: normalised scores, shape (alternatives, criteria). Where nothing is told of a cell, the alternative is
            judged on its other cells, which is not linear in the weights; such a cell enters with the mean of what is
            told of its alternative under the given weights, which leaves the starting totals as they are.
        weights: the weights to change, summing to one.
        alternatives: the names.
    """
    start = weighted_sum(shares, weights)
    filled = np.where(np.isnan(shares), start[:, np.newaxis], shares)
    first = int(np.argmax(start))
    best = SmallestChange(None)
    for rival in range(len(alternatives)):
        if rival == first:
            continue
        found = _levelled(filled[first] - filled[rival], weights)
        if found is None:
            continue
        moved = float(np.abs(found - weights).sum())
        if best.distance is None or moved < best.distance - TIE:
            best = SmallestChange(moved, alternatives[rival], tuple(map(float, found)))
    return best


def _levelled(lead: Floats, weights: Floats) -> Floats | None:
    """The nearest weights under which a lead, given by criterion, is nothing; None where there are none."""
    to = int(np.argmin(lead))
    found = weights.copy()
    for at in np.argsort(-lead, kind="stable").tolist():
        left = float(lead @ found)
        if left <= TIE:
            return found
        gain = float(lead[at] - lead[to])
        if gain <= TIE:
            return None
        share = min(float(found[at]), left / gain)
        found[at] -= share
        found[to] += share
    return found if float(lead @ found) <= TIE else None
