"""Every combination of choices is computed, and each is what counting by hand under it gives."""

from itertools import product

import numpy as np
import pytest

from recount.declared import entries_of
from recount.methods import METHODS
from recount.multiverse import choices_from, sways
from recount.problems import Stop
from recount.scores import normalise, weights_of
from tiny_report import CHOICES, acts, evidence


def test_counts_of_every_combination_are_the_sums_of_its_rows() -> None:
    """The table counted at once for all combinations is the sum of the single rows under each."""
    tally = evidence().tally
    counts = tally.counts()
    for chosen in product(*(range(size) for size in tally.shape)):
        summed = np.where(tally.told, tally.contributions(chosen).sum(axis=0), np.nan)
        assert counts[chosen] == pytest.approx(summed, nan_ok=True)


def test_totals_of_every_combination_are_those_of_its_methods() -> None:
    """The total scores of all combinations at once are each normalisation and method by itself."""
    source = evidence()
    totals = source.overall().values
    assert totals.shape == (2, 2, 2, 3)
    weights = weights_of(source.tally.criteria)
    counts = source.tally.counts()
    for a, b, c in np.ndindex(2, 2, 2):
        shares = normalise(counts[a], CHOICES[1].options[b])
        assert totals[a, b, c] == pytest.approx(METHODS[CHOICES[2].options[c]](shares, weights))


def test_the_base_alone_is_the_base_of_all() -> None:
    """The fast way for the base reading gives what the computation of everything gives there."""
    full, fast = evidence(), evidence().at_base()
    for ask in (lambda e: e.criterion("talks"), lambda e: e.overall(), lambda e: e.acts({"region": "north"})):
        everywhere, base = ask(full).values, ask(fast).values
        at = tuple(0 if size == 1 else i for i, size in zip(full.base, everywhere.shape, strict=False))
        assert everywhere[at] == pytest.approx(base.reshape(-1))


def test_a_removed_row_is_as_if_it_had_never_been_coded() -> None:
    """Leaving a row out of the evidence gives what a table without the row gives."""
    table = acts()
    without = evidence(table[table["id"] != "a1"])
    removed = evidence().without(["acts:a1"])
    assert removed.criterion("talks").values == pytest.approx(without.criterion("talks").values)
    assert removed.overall().values == pytest.approx(without.overall().values)


def test_order_of_rows_never_matters() -> None:
    """The same acts in another order give the same evidence."""
    turned = evidence(acts().iloc[::-1])
    assert turned.overall().values.tolist() == evidence().overall().values.tolist()
    assert turned.criterion("talks").rows == evidence().criterion("talks").rows


def test_sways_put_the_choice_that_matters_first() -> None:
    """A conclusion that follows one choice alone is swayed by it from nothing to all, and by no other."""
    holds = np.zeros((2, 2, 2), dtype=bool)
    holds[:, 1, :] = True
    found = sways(holds, CHOICES)
    assert [(sway.choice, sway.range) for sway in found] == [("normalisation", 1.0), ("method", 0.0), ("plans", 0.0)]


@pytest.mark.parametrize(
    ("options", "base", "rule"),
    [
        ("[{id: a}, {id: b}]", "c", "base-is-an-option"),
        ("[{id: a}]", "a", "choice-has-options"),
        ("[{id: a}, {id: a}]", "a", "choice-has-options"),
    ],
)
def test_a_choice_that_is_none_is_refused(options: str, base: str, rule: str) -> None:
    """A choice needs two options and a base among them."""
    text = f"- {{id: x, question: Why?, options: {options}, base: {base}, why: y, sections: [intro]}}"
    with pytest.raises(Stop) as stopped:
        choices_from(entries_of(text))
    assert [problem.rule for problem in stopped.value.problems] == [rule]
