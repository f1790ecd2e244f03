"""The ranking methods reproduce published tables: those for one table, by pymcdm, and ours for thousands at once.

Every published number was looked up and not remembered: the ten ballots in Lippman's own chapter; the aircraft, the
sites and the cars in the tests of other libraries, which name the same sources; the weighted sums in reference works.
"""

from types import ModuleType

import numpy as np
import pytest

from recount import library_methods, methods
from recount.ranking import places

BOTH = pytest.mark.parametrize("ours", [library_methods, methods], ids=["one-table", "many-tables"])


@BOTH
def test_weighted_sum_reproduces_triantaphyllou2000multi(ours: ModuleType) -> None:
    """Three alternatives on four criteria score 21.5, 22 and 22: the last two tie."""
    values = np.array([[25, 20, 15, 30], [10, 30, 20, 30], [30, 10, 30, 10]], dtype=float)
    totals = ours.weighted_sum(values, np.array([0.20, 0.15, 0.40, 0.25]))
    assert totals == pytest.approx([21.5, 22.0, 22.0])
    assert places(totals).tolist() == [3, 1, 1]


@BOTH
def test_topsis_reproduces_hwang1981multiple(ours: ModuleType) -> None:
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
    closeness = ours.topsis(lengths, np.array([0.2, 0.1, 0.1, 0.1, 0.2, 0.3]))
    # The book calculates with four decimals, which moves its third value by one in the last place.
    assert closeness == pytest.approx([0.643, 0.268, 0.613, 0.312], abs=0.001)
    assert places(closeness).tolist() == [1, 4, 2, 3]


@BOTH
def test_promethee_ii_reproduces_papathanasiou2018multiple(ours: ModuleType) -> None:
    """Six sites on four criteria with linear preference between 1 and 2: the printed net flows."""
    matrix = np.array(
        [[8, 7, 2, 1], [5, 3, 7, 5], [7, 5, 6, 4], [9, 9, 7, 3], [11, 10, 3, 7], [6, 9, 5, 4]], dtype=float
    )
    flows = ours.promethee_ii(matrix, np.array([0.4, 0.3, 0.1, 0.2]), indifference=1, preference=2)
    assert np.round(flows, 2).tolist() == [-0.26, -0.52, -0.22, 0.36, 0.7, -0.06]


@BOTH
def test_borda_reproduces_ecer2021consolidated(ours: ModuleType) -> None:
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
    assert places(ours.borda(-ranks, equal)).tolist() == published


@BOTH
def test_copeland_reproduces_lippman2017math(ours: ModuleType) -> None:
    """Ten members vote on three places to travel to: two duels won by Hawaii, one by Anaheim, none by Orlando."""
    hawaii, anaheim, orlando = (0, 1, 2)
    # Bob; Ann, Eve, Jim; Marv, Omar, Dave; Alice, Lupe, Tish.
    votes = ((1, (anaheim, orlando, hawaii)), (3, (anaheim, hawaii, orlando)))
    votes += ((3, (orlando, hawaii, anaheim)), (3, (hawaii, anaheim, orlando)))
    values = np.array([[-order.index(place) for _, order in votes] for place in (hawaii, anaheim, orlando)], float)
    weights = np.array([size for size, _ in votes]) / 10
    duels_won_less_lost = ours.copeland(values, weights) * 2
    assert duels_won_less_lost == pytest.approx([2, 0, -2])


def random_tables() -> tuple[np.ndarray, np.ndarray]:
    """Forty tables of six alternatives on five criteria, and weights that sum to one, the same on every run."""
    draw = np.random.default_rng(4)
    weights = draw.dirichlet(np.ones(5))
    return draw.random((40, 6, 5)), weights


def gappy_tables() -> np.ndarray:
    """The same tables in tenths, so that there are ties, with two cells in five untold and in each line one told."""
    tables, _ = random_tables()
    draw = np.random.default_rng(5)
    untold = draw.random(tables.shape) < 0.4
    untold[..., 2] &= ~untold.all(axis=-1)
    found = np.where(untold, np.nan, tables.round(1))
    assert (np.isnan(found).sum(axis=(1, 2)) > 5).all()
    return found


@pytest.mark.parametrize("name", sorted(methods.METHODS))
def test_one_table_and_many_at_once_agree(name: str) -> None:
    """With gaps and without, also where a criterion has no weight and where two weigh as much as a third."""
    tables, drawn = random_tables()
    for values in (tables, gappy_tables()):
        for weights in (drawn, np.array([0.0, 0.25, 0.25, 0.5, 0.0]), np.array([0.1, 0.2, 0.3, 0.2, 0.2])):
            at_once = methods.METHODS[name](values, weights)
            alone = np.array([library_methods.METHODS[name](table, weights) for table in values])
            assert alone == pytest.approx(at_once, abs=1e-12)
            assert places(alone).tolist() == places(at_once).tolist()


@pytest.mark.parametrize("name", sorted(methods.METHODS))
@pytest.mark.parametrize(
    "values",
    [
        [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]],
        [[0.0, 0.0], [0.0, 0.0]],
        [[0.3, 0.7]],
        [[0.3], [0.1], [0.3]],
        [[0.3, np.nan], [np.nan, 0.2]],
        [[0.3, np.nan], [0.4, np.nan]],
        [[0.1 + 0.2, 1.0], [0.3, 1.0], [0.0, 0.0]],
    ],
    ids=["all alike", "all nothing", "one alternative", "one criterion", "nothing shared", "nobody told", "last digit"],
)
def test_one_table_and_many_agree_at_the_edges(name: str, values: list[list[float]]) -> None:
    """Where pymcdm would divide by nothing, and where two values differ by the last digit of a float."""
    table = np.array(values)
    weights = np.full(table.shape[1], 1 / table.shape[1])
    alone = library_methods.METHODS[name](table, weights)
    assert alone == pytest.approx(methods.METHODS[name](table, weights), abs=1e-12)


@BOTH
@pytest.mark.parametrize("name", sorted(methods.METHODS))
def test_an_untold_cell_is_no_zero(name: str, ours: ModuleType) -> None:
    """An alternative with a gap scores more than the same one with a zero there."""
    weights = np.array([0.5, 0.5])
    gap = ours.METHODS[name](np.array([[0.9, 0.9], [0.5, np.nan], [0.6, 0.4], [0.2, 0.2]]), weights)
    zero = ours.METHODS[name](np.array([[0.9, 0.9], [0.5, 0.0], [0.6, 0.4], [0.2, 0.2]]), weights)
    assert gap[1] > zero[1]


@pytest.mark.parametrize("name", sorted(methods.METHODS))
def test_weights_may_differ_by_table(name: str) -> None:
    """One table under many weights at once is the table under each of them."""
    tables, _ = random_tables()
    several = np.random.default_rng(1).dirichlet(np.ones(5), size=7)
    at_once = methods.METHODS[name](np.broadcast_to(tables[0], (7, 6, 5)), several)
    assert at_once == pytest.approx(np.array([methods.METHODS[name](tables[0], weights) for weights in several]))
