"""A ranking refuses to be wrong, knows its ties and can say why."""

from itertools import permutations

import numpy as np
import pytest

from recount.ranking import Ranking, place_bounds, places, rank
from recount.scores import Criterion, Scores, beaten, normalise

CRITERIA = (Criterion("talks", "Talks"), Criterion("boats", "Boats"))


def table(*lines: tuple[float, float], names: str = "abcde") -> Scores:
    """A table of scores by hand: one line an alternative, NaN where nothing is told."""
    chosen = tuple(names[: len(lines)])
    rows = {(name, "talks"): (f"acts:{name}-talk",) for name in chosen}
    return Scores(chosen, CRITERIA, np.array(lines, dtype=float), rows)


def test_more_is_a_better_place() -> None:
    """Who has the greater share of the leaders on average stands before the others."""
    found = rank(table((4, 1), (2, 2), (1, 0)))
    assert found.alternatives == ("a", "b", "c")
    assert found.scores == pytest.approx((0.75, 0.75, 0.125))
    assert found.places == (1, 1, 3)


def test_ties_share_a_place_and_the_next_is_skipped() -> None:
    """Two firsts are followed by a third."""
    found = rank(table((1, 1), (1, 1), (0, 0)))
    assert found.groups == (("a", "b"), ("c",))
    assert found.ties == (("a", "b"),)
    assert found.place("c") == 3


def test_why_names_the_rows() -> None:
    """Asked why, a ranking answers with what each criterion adds and the rows behind it."""
    (why,) = rank(table((4, 1), (2, 0))).why(2)
    assert why.alternative == "b"
    assert why.rows == ("acts:b-talk",)
    assert [reason.share for reason in why.reasons] == [0.5, 0.0]


@pytest.mark.parametrize(
    ("alternatives", "scores", "held"),
    [
        ((), (), ()),
        (("a", "a"), (2.0, 1.0), (1, 2)),
        (("a", "b"), (1.0, 2.0), (1, 2)),
        (("a", "b"), (2.0, 1.0), (1, 1)),
        (("a", "b"), (2.0, float("nan")), (1, 2)),
        (("a", "b"), (2.0,), (1, 2)),
    ],
)
def test_what_is_no_ranking_cannot_exist(
    alternatives: tuple[str, ...], scores: tuple[float, ...], held: tuple[int, ...]
) -> None:
    """Empty, doubled, unsorted, untied ties, no numbers: each is refused when it is made."""
    with pytest.raises(ValueError, match=r"."):
        Ranking(alternatives, scores, held)


def test_nothing_told_is_not_zero() -> None:
    """An alternative is judged on what is told of it; a gap neither counts as zero nor as the best."""
    gap = rank(table((4, 2), (4, float("nan"))))
    zero = rank(table((4, 2), (4, 0)))
    assert gap.place("b") == 1
    assert gap.missing == (("b", "boats"),)
    assert zero.place("b") == 2


def test_gaps_leave_a_range_of_places() -> None:
    """Where cells are untold the ranking knows which places they could still give."""
    assert place_bounds(table((4, 2), (3, float("nan")), (2, 1))) == {"a": (1, 1), "b": (2, 3), "c": (2, 3)}
    assert place_bounds(table((4, 1), (4, float("nan")), (1, 1)))["b"] == (1, 3)
    assert place_bounds(table((4, 1), (2, 1)))["a"] == (1, 1)


def test_somebody_of_whom_nothing_is_told_is_refused() -> None:
    """A score for nothing told would be invented."""
    with pytest.raises(ValueError, match="nothing is told of b"):
        rank(table((1, 1), (float("nan"), float("nan"))))


def test_order_of_rows_never_matters() -> None:
    """The same alternatives in any order end in the same ranking."""
    lines = {"a": (4.0, 1.0), "b": (2.0, 2.0), "c": (0.0, 3.0)}
    rankings = {
        rank(Scores(order, CRITERIA, np.array([lines[name] for name in order]), {})).alternatives
        for order in permutations(lines)
    }
    assert len(rankings) == 1


@pytest.mark.parametrize("method", ["weighted-sum", "topsis", "promethee-ii", "borda", "copeland"])
@pytest.mark.parametrize("how", ["share-of-leader", "share-of-total", "rank"])
def test_one_more_act_never_lowers_a_place(method: str, how: str) -> None:
    """Whoever does more of something stands no lower afterwards, whatever the method."""
    before = table((3, 1), (2, 2), (1, 4), (2, 0))
    for i in range(4):
        for j in range(2):
            values = before.values.copy()
            values[i, j] += 1
            after = Scores(before.alternatives, before.criteria, values, {})
            name = before.alternatives[i]
            assert rank(after, method=method, normalisation=how).place(name) <= rank(
                before, method=method, normalisation=how
            ).place(name)


def test_places_of_many_tables_agree_with_one_ranking() -> None:
    """The vectorised places are those of the ranking of each table."""
    totals = np.array([[0.2, 0.9, 0.2], [1.0, 0.0, 0.5]])
    assert places(totals).tolist() == [[2, 1, 2], [1, 3, 2]]


def test_nobody_leads_where_all_have_nothing() -> None:
    """Where the best has zero everybody told has a share of zero, which is not "untold"."""
    shares = normalise(np.array([[0.0], [0.0], [np.nan]]), "share-of-leader")
    assert shares[:2, 0].tolist() == [0.0, 0.0]
    assert np.isnan(shares[2, 0])


def test_beaten_rivals_count_ties_half() -> None:
    """The best of four beats all, two in the middle beat one and a half, the last nobody."""
    assert beaten(np.array([[9.0], [5.0], [5.0], [1.0]]))[:, 0].tolist() == pytest.approx([1, 0.5, 0.5, 0])
