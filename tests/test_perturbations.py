"""Perturbations touch what they say and nothing else; a change nothing accounts for is found."""

from __future__ import annotations

import random

import pandas as pd

from recount import mutation, perturbations
from recount.mutation import Bench, Shown
from recount.perturbations import Aim, Perturbation
from recount.values import Column, Computed, Table


def tables() -> dict[str, pd.DataFrame]:
    """Four gifts by two givers, and the givers."""
    gifts = {
        "id": ["apple", "brush", "cart", "drum"],
        "giver": ["alpha", "beta", "alpha", "beta"],
        "kind": ["fruit", "tool", "tool", ""],
        "weight": ["0.2", "1", "80", ""],
        "source": ["smith@3", "smith@4;jones", "jones", ""],
    }
    givers = {"id": ["alpha", "beta"], "name": ["Alpha House", "Beta Hall"]}
    return {"gifts": pd.DataFrame(gifts), "givers": pd.DataFrame(givers)}


def cell(row: str, column: str, *some: Perturbation) -> str:
    """A cell after perturbations."""
    frame = perturbations.applied(tables(), some)[row.partition(":")[0]]
    return str(frame.loc[frame["id"] == row.partition(":")[2], column].item())


def test_without_a_source_only_rows_that_rest_on_it_alone_vanish() -> None:
    """A row with another source stays and loses the reference; a row without any source stays as it is."""
    one = perturbations.without_source(tables(), "smith")
    assert one.dropped == ("gifts:apple",)
    assert one.rows == {"gifts:apple", "gifts:brush"}
    assert cell("gifts:brush", "source", one) == "jones"


def test_a_swap_exchanges_all_rows_of_two_and_twice_is_nothing() -> None:
    """What belonged to one belongs to the other; swapped back, the table is as before."""
    one = perturbations.swapped(tables(), "gifts", "giver", "alpha", "beta")
    swapped = perturbations.applied(tables(), [one])
    assert list(swapped["gifts"]["giver"]) == ["beta", "alpha", "beta", "alpha"]
    again = perturbations.swapped(swapped, "gifts", "giver", "alpha", "beta")
    assert perturbations.applied(swapped, [again])["gifts"].equals(tables()["gifts"].astype(object))


def test_doubling_leaves_what_is_no_number() -> None:
    """A number is written as people write it, an empty cell stays empty; without any number there is nothing to do."""
    one = perturbations.doubled(tables(), ["gifts:apple", "gifts:cart", "gifts:drum"], ["weight"])
    assert one is not None
    assert one.cells == (("gifts:apple", "weight", "0.4"), ("gifts:cart", "weight", "160"))
    assert perturbations.doubled(tables(), ["gifts:drum"], ["weight"]) is None


def test_a_cell_that_may_not_be_empty_is_not_emptied() -> None:
    """Only a column that some row leaves empty can lose a cell; an empty cell has nothing to lose."""
    assert perturbations.emptied(tables(), "gifts:apple", "giver") is None
    assert perturbations.emptied(tables(), "gifts:drum", "kind") is None
    assert perturbations.emptied(tables(), "gifts:apple", "kind") is not None


def test_recoding_takes_a_word_of_the_same_column() -> None:
    """The new word stands in another row, and is another word."""
    one = perturbations.recoded(tables(), "gifts:brush", "kind", random.Random(1))  # noqa: S311 - the same every time
    assert one is not None
    assert one.cells == (("gifts:brush", "kind", "fruit"),)


def test_nothing_is_changed_in_place() -> None:
    """The tables that were given are as they were, and tables not touched are the very same."""
    given = tables()
    after = perturbations.applied(given, [Perturbation("drop a source", "without apple", dropped=("gifts:apple",))])
    assert given["gifts"].equals(tables()["gifts"])
    assert len(after["gifts"]) == 3
    assert after["givers"] is given["givers"]


def test_rows_are_made_to_fit_a_check() -> None:
    """A check that finds nothing finds something afterwards, in a row of whom it asks about."""
    aim = Aim("gifts", "giver", {})
    check = {"exists": {"acts": {"kind": "fruit"}, "of": "beta"}}
    one = perturbations.aimed(tables(), "beta gives fruit", check, aim, random.Random(1))  # noqa: S311 - the same every time
    assert one is not None
    frame = perturbations.applied(tables(), [one])["gifts"]
    assert "beta" in set(frame[frame["kind"] == "fruit"]["giver"])
    handed = perturbations.handed_over(tables(), "beta gives fruit", check, aim)
    assert handed is not None
    assert handed.cells == (("gifts:apple", "giver", "beta"),)


def test_a_change_that_names_no_touched_row_is_unexplained() -> None:
    """A value may change with its own rows, with a result it read, or with a name it shows; with nothing else."""
    value = Computed("two", "gifts of Alpha House", rows=("gifts:apple", "gifts:cart"))
    before = {"count": mutation.shown(value)}
    changes = mutation.differences(before, {"count": Shown("text", "one")})
    assert mutation.unexplained(changes, frozenset({"gifts:apple"})) == []
    assert mutation.unexplained(changes, frozenset({"gifts:brush"})) == changes
    assert (
        mutation.unexplained(changes, frozenset({"results:score"}), reads={"count": frozenset({"results:score"})}) == []
    )
    called = perturbations.renamed(
        tables(),
        perturbations.applied(tables(), [Perturbation("swap", "", (("givers:alpha", "name", "A"),))]),
        ["givers:alpha"],
    )
    assert called == {"Alpha House", "A"}
    assert mutation.unexplained(changes, frozenset({"givers:alpha"}), called) == []


def test_a_value_that_cannot_be_made_is_refused_and_not_seen() -> None:
    """An error stands in place of the value, and does not count as a text that moved."""
    values = {"good": Table((Column("Gift"),), (("apple",),), origins=("gifts:apple",))}
    found = mutation.evaluate(["good", "bad"], values.__getitem__)
    assert (found["good"].kind, found["good"].rows) == ("table", {"gifts:apple"})
    assert found["bad"].kind == "refused"
    change = mutation.differences({"bad": Shown("text", "one")}, found)[-1]
    assert not change.seen


def test_the_bench_notes_what_is_read() -> None:
    """Tables and results come from memory, and reading leaves a trace."""
    bench = Bench(tables(), {"score": "{}"})
    assert len(bench.certified("gifts")) == 4
    assert (bench.row("gifts", "apple", ["id"]), bench.row("gifts", "pear")) == ({"id": "apple"}, None)
    assert (bench.folder() / "score.json").read_text(encoding="utf-8") == "{}"
    assert bench.reads == {"tables:gifts", "results:score"}
