"""Robustness over weights: acceptability, exact winning shares and the smallest change."""

import numpy as np
import pytest
from scipy.optimize import OptimizeResult, linprog

from recount.methods import weighted_sum
from recount.weights import acceptability, half_space_share, lattice, smallest_change


@pytest.mark.parametrize("criteria", [1, 2, 3, 6, 50])
def test_weights_lie_on_the_simplex(criteria: int) -> None:
    """All weights are positive or zero and sum to one, for few criteria and for many."""
    weights = lattice(criteria, 20_000)
    assert weights.sum(axis=1) == pytest.approx(np.ones(len(weights)))
    assert (weights >= 0).all()
    assert len(weights) <= 20_000


def test_no_criterion_is_favoured() -> None:
    """On average over the lattice every criterion has the same weight."""
    assert lattice(6).mean(axis=0) == pytest.approx(np.full(6, 1 / 6))


def test_half_space_share_is_exact_on_a_line_and_a_triangle() -> None:
    """A cut at a quarter of a segment leaves three quarters; a cut through two edge middles a quarter."""
    assert half_space_share(np.array([3.0, -1.0])) == pytest.approx(0.75)
    assert half_space_share(np.array([1.0, -1.0, -1.0])) == pytest.approx(0.25)
    assert half_space_share(np.array([1.0, 0.0, -1.0])) == pytest.approx(0.5)
    assert half_space_share(np.array([1.0, 2.0])) == 1.0
    assert half_space_share(np.array([0.0, -2.0])) == 0.0
    assert half_space_share(np.zeros(3)) == 0.5


def test_exact_shares_agree_with_the_lattice() -> None:
    """What the formula gives is what counting many weights gives."""
    weights = lattice(4, 100_000)
    for coefficients in np.random.default_rng(2).normal(size=(6, 4)):
        counted = float((weights @ coefficients > 0).mean())
        assert half_space_share(coefficients) == pytest.approx(counted, abs=0.01)


def test_two_specialists_share_the_first_place() -> None:
    """Each of two alternatives best on one of two criteria is first under half of all weights."""
    found = acceptability(np.array([[1.0, 0.0], [0.0, 1.0], [0.2, 0.2]]), ("a", "b", "c"))
    assert found.shares[:2, 0] == pytest.approx([0.5, 0.5], abs=0.001)
    assert found.shares[2, 0] == 0.0
    assert found.shares.sum(axis=1) == pytest.approx(np.ones(3))
    assert found.central[0] == pytest.approx([0.75, 0.25], abs=0.001)
    assert np.isnan(found.central[2]).all()
    assert found.pairwise[0, 1] == pytest.approx(0.5)


def test_twins_share_their_places() -> None:
    """Two that are alike have each of their two places half of the time."""
    found = acceptability(np.array([[1.0, 0.5], [1.0, 0.5], [0.0, 0.0]]), ("a", "b", "c"))
    assert found.shares[0].tolist() == pytest.approx([0.5, 0.5, 0.0])


def test_smallest_change_moves_just_enough() -> None:
    """With 0.6 to 0.4 between two criteria, 0.1 has to move for the second to draw level."""
    change = smallest_change(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0.6, 0.4]), ("a", "b"))
    assert change.distance == pytest.approx(0.2)
    assert change.rival == "b"
    assert change.weights == pytest.approx((0.5, 0.5))


def test_smallest_change_is_what_a_solver_of_linear_programmes_finds() -> None:
    """For drawn tables, gaps and uneven weights among them, a solver finds no smaller change, and this one levels."""
    draw = np.random.default_rng(3)
    unseated = 0
    for _ in range(60):
        criteria = int(draw.integers(2, 7))
        shares = draw.random((4, criteria)).round(1)
        shares[0, 0] = np.nan if criteria > 3 else shares[0, 0]
        weights = draw.dirichlet(np.ones(criteria))
        found = smallest_change(shares, weights, tuple("abcd"))
        start = weighted_sum(shares, weights)
        filled = np.where(np.isnan(shares), start[:, np.newaxis], shares)
        first = int(np.argmax(start))
        solved = [
            solution.fun
            for rival in range(4)
            if rival != first and (solution := solve(filled[first] - filled[rival], weights)).status == 0
        ]
        assert (found.distance is None) == (not solved)
        if found.distance is not None:
            unseated += 1
            assert found.distance == pytest.approx(min(solved), abs=1e-6)
            changed = np.array(found.weights)
            lead = filled[first] - filled["abcd".index(found.rival)]
            assert changed @ lead == pytest.approx(0, abs=1e-8)
            assert (changed >= 0).all()
            assert changed.sum() == pytest.approx(1)
    assert unseated > 30


def solve(lead: np.ndarray, weights: np.ndarray) -> OptimizeResult:
    """The same question as a linear programme: the new weights, then how far each is from the old one."""
    m = len(weights)
    return linprog(
        np.concatenate([np.zeros(m), np.ones(m)]),
        A_ub=np.vstack(
            [
                np.hstack([np.eye(m), -np.eye(m)]),
                np.hstack([-np.eye(m), -np.eye(m)]),
                np.concatenate([lead, np.zeros(m)]),
            ]
        ),
        b_ub=np.concatenate([weights, -weights, [0.0]]),
        A_eq=np.concatenate([np.ones(m), np.zeros(m)])[np.newaxis],
        b_eq=[1.0],
        bounds=[(0, 1)] * m + [(0, None)] * m,
    )


def test_no_weights_unseat_somebody_best_at_everything() -> None:
    """Who is best on every criterion stays first whatever the weights."""
    change = smallest_change(np.array([[1.0, 0.9], [0.5, 0.8]]), np.array([0.5, 0.5]), ("a", "b"))
    assert change.distance is None
