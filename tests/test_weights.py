"""Robustness over weights: acceptability, exact winning shares and the smallest change."""

import numpy as np
import pytest

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


def test_no_weights_unseat_somebody_best_at_everything() -> None:
    """Who is best on every criterion stays first whatever the weights."""
    change = smallest_change(np.array([[1.0, 0.9], [0.5, 0.8]]), np.array([0.5, 0.5]), ("a", "b"))
    assert change.distance is None
