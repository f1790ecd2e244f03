"""What decides a statement, in words: each number with what it counts."""

from __future__ import annotations

import pytest

from northern_route import deciding

NAMES = {"unodc": "UNODC", "bomca": "BOMCA", "sco": "SCO", "osce": "OSCE", "csto": "CSTO"}
TRAININGS = {"acts": {"tactic": "training"}, "of": "bomca"}
GIFTS = {"acts": {"tactic": "equipment"}, "of": "bomca"}
BUILDINGS = {"acts": {"tactic": "infrastructure"}, "of": "bomca"}


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """The organisations by name, and a table of numbers with one seizure and one amount of money."""
    units = {"observations": {"seized": {"unit": "kg"}}, "funding": {"gift": {"currency": "usd"}}}
    monkeypatch.setattr(deciding, "name", NAMES.__getitem__)
    monkeypatch.setattr(deciding, "by_id", lambda table, *_: units[table])
    monkeypatch.setattr(deciding, "subject_name", lambda one: NAMES.get(one, one))


def test_a_month_is_the_one_that_was_coded() -> None:
    """A date comes as a year with a fraction, rounded; November must not become October."""
    assert deciding.shown(round(2019 + 10 / 12, 6), "date") == "November 2019"
    assert deciding.shown(2019 + 11 / 12 + 30 / 365, "date") == "December 2019"
    assert deciding.shown(2019.0, "date") == "2019"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1, "act", "1 act"),
        (12, "act", "12 acts"),
        (2200, "person", "2,200 people"),
        (0.0064, "share", "0.64%"),
        (3_288_288, "usd", "US$3.29 million"),
        (120, "kg", "120 kg"),
    ],
)
def test_a_number_carries_its_unit(value: float, unit: str, text: str) -> None:
    """A bare number in a table says nothing."""
    assert deciding.shown(value, unit) == text


def test_the_unit_comes_from_the_test() -> None:
    """Acts are counted, shares are of acts, and a value has the unit of its row."""
    assert deciding.phrase({"value": 2, "least": 1}, {"exists": TRAININGS}) == "2 acts; to be at least 1"
    share = {"share": {"part": TRAININGS, "whole": {"acts": {}, "of": "bomca"}, "above": 0.5}}
    figures = {"part": 12, "whole": 31, "value": 12 / 31, "above": 0.5}
    assert deciding.phrase(figures, share) == "12 of 31 acts (39%); to be above 50%"
    seized = {"at-least": {"value-of": {"value": "value", "in": "observations", "rows": {"id": "seized"}}, "above": 0}}
    assert deciding.phrase({"value": 120, "above": 0}, seized) == "120 kg; to be above 0 kg"


def test_a_value_held_against_several_is_said_once() -> None:
    """Each number carries what sets it apart from the others, and nothing that all of them share."""
    checks = [{"at-least": {"value-of": TRAININGS, "above": other}} for other in (GIFTS, BUILDINGS)]
    figures = {"1. value": 9, "1. above": 5, "2. value": 9, "2. above": 0}
    told = deciding.phrase(figures, {"all-of": {"checks": checks}})
    assert told == "9 acts of training; to be above 5 of equipment and 0 of infrastructure"


def test_several_values_held_against_one_bound_name_it_once() -> None:
    """A bound that is the same for all stands at the end."""
    checks = [{"at-least": {"value-of": what, "most": 0}} for what in (GIFTS, BUILDINGS)]
    figures = {"1. value": 0, "1. most": 0, "2. value": 0, "2. most": 0}
    told = deciding.phrase(figures, {"all-of": {"checks": checks}})
    assert told == "0 acts of equipment and 0 acts of infrastructure; to be at most 0"


def test_many_comparisons_name_only_who_is_first() -> None:
    """Thirty numbers in a cell would be read by nobody."""
    criteria = ("cooperation", "equipment", "infrastructure")
    checks = [{"leads": {"subject": "unodc", "criterion": criterion}} for criterion in criteria]
    figures = {f"{i}. {one}": float(one == "unodc") for i in (1, 2, 3) for one in NAMES}
    told = deciding.phrase(figures, {"all-of": {"checks": checks}})
    assert told.startswith("most acts of cooperation: UNODC 1, acts of equipment: UNODC 1")


def test_what_all_missing_things_share_is_left_out() -> None:
    """Of things looked for in the same place only what tells them apart is named."""
    figures = {"bomca, corruption, ignores": 1.0, "csto, corruption, ignores": 0.0}
    assert deciding.phrase(figures, {"has-all": {"each": []}}) == "1 of 2 found; missing: CSTO"
