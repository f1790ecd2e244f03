"""The ranking methods reproduce published tables and agree with pymcdm.

Every published number was looked up and not remembered: the ten ballots in Lippman's own chapter; the aircraft, the
sites and the cars in the tests of other libraries, which name the same sources; the weighted sums in reference works.
"""

import numpy as np
import pytest
from pymcdm import methods as library

from recount.methods import METHODS, borda, copeland, promethee_ii, topsis, weighted_sum
from recount.ranking import places


def test_weighted_sum_reproduces_triantaphyllou2000multi() -> None:
    """Three alternatives on four criteria score 21.5, 22 and 22: the last two tie."""
    values = np.array([[25, 20, 15, 30], [10, 30, 20, 30], [30, 10, 30, 10]], dtype=float)
    totals = weighted_sum(values, np.array([0.20, 0.15, 0.40, 0.25]))
    assert totals == pytest.approx([21.5, 22.0, 22.0])
    assert places(totals).tolist() == [3, 1, 1]


def test_topsis_reproduces_hwang1981multiple() -> None:
    """Four fighter aircraft on six criteria, the fourth a cost: closeness 0.643, 0.268, 0.613, 0.312."""
    matrix = np.array(
        [
            [2.0, 1500, 20000, 5.5, 5, 9],
            [2.5, 2700, 18000, 6.5, 3, 5],
            [1.8, 2000, 21000, 4.5, 7, 7],
            [2.2, 1800, 20000, 5.0, 5, 5],
        ]
    )
    lengths = matrix / np.sqrt((matrix**2).sum(axis=0))
    lengths[:, 3] *= -1
    closeness = topsis(lengths, np.array([0.2, 0.1, 0.1, 0.1, 0.2, 0.3]))
    # The book calculates with four decimals, which moves its third value by one in the last place.
    assert closeness == pytest.approx([0.643, 0.268, 0.613, 0.312], abs=0.001)
    assert places(closeness).tolist() == [1, 4, 2, 3]


def test_promethee_ii_reproduces_papathanasiou2018multiple() -> None:
    """Six sites on four criteria with linear preference between 1 and 2: the printed net flows."""
    matrix = np.array(
        [[8, 7, 2, 1], [5, 3, 7, 5], [7, 5, 6, 4], [9, 9, 7, 3], [11, 10, 3, 7], [6, 9, 5, 4]], dtype=float
    )
    flows = promethee_ii(matrix, np.array([0.4, 0.3, 0.1, 0.2]), indifference=1, preference=2)
    assert np.round(flows, 2).tolist() == [-0.26, -0.52, -0.22, 0.36, 0.7, -0.06]


def test_borda_reproduces_ecer2021consolidated() -> None:
    """Ten electric cars in six rankings: the published order of the compromise."""
    ranks = np.array(
        [
            [7, 8, 7, 6, 7, 7],
            [4, 7, 5, 7, 5, 4],
            [8, 9, 8, 8, 9, 8],
            [1, 4, 1, 1, 1, 1],
            [2, 2, 2, 4, 3, 2],
            [3, 1, 4, 3, 2, 3],
            [10, 5, 10, 9, 8, 10],
            [6, 3, 6, 5, 4, 6],
            [9, 10, 9, 10, 10, 9],
            [5, 6, 3, 2, 6, 5],
        ],
        dtype=float,
    )
    equal = np.full(6, 1 / 6)
    published = [7, 6, 8, 1, 2, 3, 9, 5, 10, 4]
    assert places(borda(-ranks, equal)).tolist() == published


def test_copeland_reproduces_lippman2017math() -> None:
    """Ten members vote on three places to travel to: two duels won by Hawaii, one by Anaheim, none by Orlando."""
    hawaii, anaheim, orlando = (0, 1, 2)
    # Bob; Ann, Eve, Jim; Marv, Omar, Dave; Alice, Lupe, Tish.
    votes = ((1, (anaheim, orlando, hawaii)), (3, (anaheim, hawaii, orlando)))
    votes += ((3, (orlando, hawaii, anaheim)), (3, (hawaii, anaheim, orlando)))
    values = np.array([[-order.index(place) for _, order in votes] for place in (hawaii, anaheim, orlando)], float)
    weights = np.array([size for size, _ in votes]) / 10
    duels_won_less_lost = copeland(values, weights) * 2
    assert duels_won_less_lost == pytest.approx([2, 0, -2])


def random_tables() -> tuple[np.ndarray, np.ndarray]:
    """Forty tables of six alternatives on five criteria, and weights that sum to one, the same on every run."""
    draw = np.random.default_rng(4)
    weights = draw.dirichlet(np.ones(5))
    return draw.random((40, 6, 5)), weights


def test_vectorised_methods_agree_with_pymcdm() -> None:
    """Thousands of tables at once give what pymcdm gives for each of them."""
    tables, weights = random_tables()
    types = np.ones(5)

    def same(values: np.ndarray, cost: bool = False) -> np.ndarray:  # noqa: FBT001, FBT002, ARG001 - pymcdm's signature
        return values

    thresholds = {"q": [0.1] * 5, "p": [0.5] * 5}
    for at_once, one in (
        (weighted_sum(tables, weights), lambda: library.WSM(same)),
        (topsis(tables, weights), lambda: library.TOPSIS(same)),
        (promethee_ii(tables, weights), lambda: library.PROMETHEE_II("vshape_2", **thresholds)),
    ):
        expected = np.array([one()(table, weights, types) for table in tables])
        assert at_once == pytest.approx(expected)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_an_untold_cell_is_no_zero(name: str) -> None:
    """An alternative with a gap scores more than the same one with a zero there."""
    weights = np.array([0.5, 0.5])
    gap = METHODS[name](np.array([[0.9, 0.9], [0.5, np.nan], [0.6, 0.4], [0.2, 0.2]]), weights)
    zero = METHODS[name](np.array([[0.9, 0.9], [0.5, 0.0], [0.6, 0.4], [0.2, 0.2]]), weights)
    assert gap[1] > zero[1]


@pytest.mark.parametrize("name", sorted(METHODS))
def test_weights_may_differ_by_table(name: str) -> None:
    """One table under many weights at once is the table under each of them."""
    tables, _ = random_tables()
    several = np.random.default_rng(1).dirichlet(np.ones(5), size=7)
    at_once = METHODS[name](np.broadcast_to(tables[0], (7, 6, 5)), several)
    assert at_once == pytest.approx(np.array([METHODS[name](tables[0], weights) for weights in several]))
