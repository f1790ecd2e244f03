"""Every predicate says what a person finds who counts the rows of three clubs by hand."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from recount.outcomes import Outcome
from recount.predicates import PREDICATES, run
from tiny_report import evidence

NORTH = {"region": "north"}
MEMBERS = {"rows": {"measure": "members"}, "in": "numbers", "by": "subject", "sum": "value"}
BOATS = {"acts": {"kind": "boat"}, "of": "bees"}
PLACED = {"acts": {"region": {"empty": False}}, "of": "cats"}


def outcome(**check: Any) -> Outcome:  # noqa: ANN401 - arguments of any predicate
    """The outcome of a check, its name written with underscores."""
    ((name, args),) = check.items()
    return run(evidence(), {name.replace("_", "-"): args})


@pytest.mark.parametrize(
    ("check", "holds"),
    [
        ({"leads": {"criterion": "talks", "subject": "ants"}}, True),
        ({"leads": {"criterion": "boats", "subject": "ants"}}, False),
        ({"leads": {"criterion": "boats", "subject": "cats"}}, None),
        ({"leads": {"criterion": "talks", "subject": "ants", "lead": 0.3}}, True),
        ({"leads": {"criterion": "talks", "subject": "ants", "lead": 0.5}}, False),
        ({"leads": {**MEMBERS, "subject": "ants"}}, True),
        ({"is-last": {"criterion": "talks", "subject": "cats"}}, True),
        ({"is-last": {"criterion": "talks", "subject": "bees"}}, False),
        ({"ranks": {"criterion": "talks", "subject": "bees", "place": 2}}, True),
        ({"ranks": {"criterion": "talks", "subject": "bees", "from": 3}}, False),
        ({"is-only": {"acts": {"start": "2010"}, "subject": "ants"}}, True),
        ({"is-only": {"acts": NORTH, "subject": "ants"}}, False),
        ({"has-all": {"subject": "bees", "each": [{"kind": "talk"}, {"kind": "boat"}]}}, True),
        ({"has-all": {"subject": "cats", "each": [{"kind": "talk"}, {"kind": "boat"}]}}, False),
        ({"has-all": {"each": [{"criterion": "talks", "of": "cats"}, {"criterion": "boats", "of": "cats"}]}}, None),
        ({"has-none": {"acts": {"kind": "boat", **NORTH}, "of": "bees", "among": BOATS}}, True),
        ({"has-none": {"acts": NORTH, "of": "ants"}}, False),
        ({"has-none": {"acts": NORTH, "of": "cats", "among": PLACED}}, None),
        ({"exists": {"acts": NORTH, "of": "bees"}}, True),
        ({"exists": {"rows": {"id": "a4"}, "in": "acts"}}, True),
        ({"count": {"acts": {"kind": "talk"}, "equals": 6}}, True),
        ({"count": {"rows": {"kind": "talk"}, "in": "acts", "equals": 6}}, False),
        ({"at-least": {"acts": {}, "of": "ants", "least": 4}}, True),
        ({"at-least": {"acts": {}, "of": "ants", "above": 4}}, False),
        ({"at-least": {"value": "value", "in": "numbers", "rows": {"id": "n3"}, "most": 0}}, True),
        ({"at-least": {"value": "value", "in": "numbers", "rows": {"id": "n9"}, "most": 0}}, None),
        ({"share": {"part": {"acts": NORTH, "of": "ants"}, "whole": {"acts": {}, "of": "ants"}, "least": 0.5}}, True),
        ({"share": {"part": {"acts": NORTH, "of": "ants"}, "whole": {"acts": {}, "of": "ants"}, "above": 0.5}}, False),
        ({"sum": {"of": [{"value": "value", "in": "numbers", "rows": {"id": "n1"}}, 2], "equals": 42}}, True),
        ({"sum": {"of": [40, 2], "equals": 40, "tolerance": 1}}, False),
        ({"ratio": {"of": [10, 4], "equals": 2.5}}, True),
        ({"ratio": {"of": [10, 0], "equals": 1}}, None),
        ({"interval": {"value": {"ratio": [25, 10]}, "low": 2, "high": 3}}, True),
        ({"interval": {"value": 3.5, "low": 2, "high": 3}}, False),
        ({"trend": {"of": [1, 2, 3], "direction": "rising"}}, True),
        ({"trend": {"of": [1, 2, 2], "direction": "rising"}}, False),
        ({"trend": {"of": [3, 1], "direction": "falling"}}, True),
        ({"classification": {"in": "acts", "id": "b2", "column": "region", "is": "north"}}, True),
        ({"classification": {"in": "acts", "id": "b1", "column": "region", "is": ["north", "west"]}}, False),
        ({"classification": {"in": "acts", "id": "a3", "column": "region", "is": "north"}}, None),
        ({"not": {"check": {"exists": {"acts": {"region": "south"}, "of": "cats"}}}}, True),
    ],
    ids=str,
)  # fmt: skip
def test_a_predicate_finds_what_a_person_finds(check: dict[str, Any], holds: bool | None) -> None:  # noqa: FBT001 - a row of the table
    """Claims about the three clubs hold, fail or cannot be told just as counting by hand says."""
    assert run(evidence(), check).holds is holds


def test_every_predicate_is_tested_here() -> None:
    """No predicate can be added without a row in the table above."""
    marks = test_a_predicate_finds_what_a_person_finds.pytestmark  # type: ignore[attr-defined] # pytest adds it
    tested = {name for check, _ in marks[0].args[1] for name in check}
    assert set(PREDICATES) == tested | {"all-of", "any-of"}


def test_all_cases_at_once_are_as_each_case_alone() -> None:
    """What every predicate finds with a set of rows left out is the same, asked one set at a time or all together."""
    rows = [f"{name}:{row}" for name, table in evidence().tables.items() for row in table.ids]
    lost = [[row] for row in rows] + [list(pair) for pair in combinations(rows, 2)]
    cases, alone = evidence().cases(lost), [evidence().at_base()]
    alone += [alone[0].without(chosen) for chosen in lost]
    marks = test_a_predicate_finds_what_a_person_finds.pytestmark  # type: ignore[attr-defined] # pytest adds it
    checks = [check for check, _ in marks[0].args[1]]
    checks += [{"all-of": {"checks": checks[:3]}}, {"any-of": {"checks": checks[-4:]}}]
    turned = 0
    for check in checks:
        outcomes = [run(one, check) for one in alone]
        expected = [outcome.holds for outcome in outcomes]
        together = run(cases, check)
        found = together.by_case
        assert list(found) == (expected if len(found) > 1 else expected[:1])
        assert len(found) > 1 or len(set(expected)) == 1
        slacks = np.array([outcome.slack[0] for outcome in outcomes])
        assert np.broadcast_to(together.slack, slacks.shape) == pytest.approx(slacks, nan_ok=True)
        turned += len(set(expected)) > 1
    assert turned > len(checks) / 2


@pytest.mark.parametrize(
    ("first", "second", "both", "either"),
    [(1, 1, True, True), (1, 0, False, True), (0, None, False, None), (1, None, None, True), (None, None, None, None)],
)
def test_several_checks_follow_three_valued_logic(
    first: int | None,
    second: int | None,
    both: bool | None,  # noqa: FBT001 - a row of the table
    either: bool | None,  # noqa: FBT001 - a row of the table
) -> None:
    """One failure decides "all", one success decides "any", whatever cannot be told."""
    known = {1: {"at-least": {"value-of": 1, "least": 1}}, 0: {"at-least": {"value-of": 0, "least": 1}}}
    untold = {"leads": {"criterion": "boats", "subject": "cats"}}
    checks = [untold if state is None else known[state] for state in (first, second)]
    assert outcome(all_of={"checks": checks}).holds is both
    assert outcome(any_of={"checks": checks}).holds is either


def test_a_tie_is_no_lead_and_says_so() -> None:
    """Two with equally many do not lead; the outcome calls it a tie."""
    found = outcome(leads={"acts": {"kind": "boat", "start": {"empty": False}}, "subject": "bees"})
    assert (found.holds, found.tied) == (False, True)


def test_figures_name_what_is_not_told() -> None:
    """An alternative without a row shows as not told, never as zero."""
    assert outcome(leads={"criterion": "boats", "subject": "bees"}).figures == {
        "ants": 1.0,
        "bees": 2.0,
        "cats": "not told",
    }


def test_witnesses_are_the_rows_compared() -> None:
    """An outcome names exactly the rows that count in the base reading: not the plan, not other kinds."""
    found = outcome(leads={"criterion": "boats", "subject": "bees"})
    assert found.witnesses == ("acts:a5", "acts:b3", "acts:b4")


def test_choices_change_the_share_and_not_the_base() -> None:
    """Where plans count the ants have five acts; the base says four, half of the readings say five."""
    found = outcome(count={"acts": {}, "of": "ants", "equals": 5})
    assert (found.holds, found.robust) == (False, 0.5)


def test_plain_rows_do_not_depend_on_choices() -> None:
    """Rows of a table are there whatever is chosen, so no share is reported."""
    assert outcome(exists={"rows": {"id": "a4"}, "in": "acts"}).robust is None


def test_filters_compare_dates_as_text_and_numbers_as_numbers() -> None:
    """A span takes dates of any precision; an empty cell lies in no span."""
    start = {"from": "2015", "to": "2019-12"}
    assert outcome(count={"rows": {"start": start}, "in": "acts", "equals": 6}).holds
    assert outcome(count={"rows": {"value": {"from": 9, "to": 40}}, "in": "numbers", "equals": 2}).holds
    assert outcome(count={"rows": {"region": {"all": ["north", "south"]}}, "in": "acts", "equals": 1}).holds
    assert outcome(count={"rows": {"any": [{"id": "a1"}, {"id": "b1"}]}, "in": "acts", "equals": 2}).holds
    assert outcome(count={"rows": {"region": {"not": "north"}}, "in": "acts", "equals": 6}).holds


def test_a_value_in_two_rows_is_no_value() -> None:
    """Where a filter finds two numbers, neither is taken: that would be a choice nobody made."""
    members = {"value": "value", "in": "numbers", "rows": {"measure": "members"}}
    assert outcome(at_least={**members, "least": 1}).holds is None
    assert outcome(at_least={"max": "value", "in": "numbers", "rows": {"measure": "members"}, "least": 40}).holds
