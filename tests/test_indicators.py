"""From activities to counts: each choice changes what it says it changes, and nothing else."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from northern_route.indicators import build, choice_problems
from recount.declared import entries_of, read_entries
from recount.multiverse import Tally, choices_from
from recount.scores import criteria_from

DATA = Path(__file__).parent.parent / "data"
CRITERIA = criteria_from(read_entries(DATA / "criteria.yml"))
CHOICES = choices_from(read_entries(DATA / "choices.yml"))
COLUMNS = (
    *("id", "organisation", "tactic", "also", "mode", "form", "start", "end"),
    *("status", "partners", "part_of", "counted", "reason", "credited"),
)
ORGANISATIONS = pd.DataFrame({"id": ["sco", "unodc", "osce"], "chapter": ["4", "2", "5"]})


def tally(*rows: dict[str, str], observations: tuple[tuple[str, str, str], ...] = ()) -> Tally:
    """The tally of some activities, with what is left out filled as an ordinary completed act."""
    usual = {"organisation": "unodc", "status": "completed", "counted": "yes"}
    table = pd.DataFrame(
        [{**dict.fromkeys(COLUMNS, ""), **usual, "id": f"row-{i}", **row} for i, row in enumerate(rows)]
    )
    numbers = pd.DataFrame(list(observations), columns=["subject", "measure", "value"])
    tables = {"activities": table, "organisations": ORGANISATIONS, "observations": numbers}
    return build(tables, CRITERIA, CHOICES)


def count(found: Tally, criterion: str, organisation: str = "unodc", **options: str) -> float:
    """A count under the base reading, with some choices made otherwise (underscores for hyphens)."""
    chosen = {name.replace("_", "-"): option for name, option in options.items()}
    at = tuple(choice.options.index(chosen.get(choice.id, choice.base)) for choice in found.choices)
    names = [entry.id for entry in found.criteria]
    return float(found.counts()[at][found.alternatives.index(organisation), names.index(criterion)])


def test_organisations_stand_in_the_order_of_their_chapters() -> None:
    """Tables and rankings list the organisations as the thesis does."""
    assert tally({"tactic": "training"}).alternatives == ("unodc", "sco", "osce")


def test_context_is_never_counted() -> None:
    """Strategies and budgets are no acts, and rows marked as not counted are none either."""
    found = tally({"tactic": "framework"}, {"tactic": "equipment", "counted": "no", "reason": "general-statement"})
    assert found.rows == ()


LONG = {"tactic": "equipment", "start": "2009", "status": "ongoing"}
VISIT = {"tactic": "training", "mode": "theoretical", "form": "study-visit"}
CONCLUDED = {"tactic": "equipment", "counted": "no", "reason": "conclusion-only"}


@pytest.mark.parametrize(
    ("row", "criterion", "option", "base", "otherwise"),
    [
        ({"tactic": "operation", "mode": "practical"}, "practical-training", {"operations": "apart"}, 1, 0),
        ({"tactic": "cooperation", "status": "planned"}, "cooperation", {"planned": "count"}, 0, 1),
        ({"tactic": "unique", "also": "equipment"}, "equipment", {"secondary": "also"}, 0, 1),
        ({"tactic": "equipment", "start": "2009", "end": "2010"}, "equipment", {"years": "ending-from-2015"}, 1, 0),
        (LONG, "equipment", {"years": "ending-from-2015"}, 1, 1),
        (LONG, "equipment", {"years": "starting-from-2015"}, 1, 0),
        ({"tactic": "equipment"}, "equipment", {"years": "starting-from-2015"}, 1, 0),
        ({"tactic": "training", "mode": "unstated"}, "practical-training", {"untold_mode": "theoretical"}, 0.5, 0),
        ({"tactic": "training", "mode": "unstated"}, "theoretical-training", {"untold_mode": "leave-out"}, 0.5, 0),
        ({"tactic": "training", "mode": "both"}, "practical-training", {"untold_mode": "leave-out"}, 1, 1),
        (VISIT, "practical-training", {"study_visits": "practical"}, 0, 1),
        (CONCLUDED, "equipment", {"conclusion_only": "count"}, 0, 1),
        ({"tactic": "equipment", "status": "abandoned"}, "equipment", {"planned": "count"}, 0, 0),
    ],
    ids=str,
)  # fmt: skip
def test_a_choice_changes_what_it_asks(
    row: dict[str, str], criterion: str, option: dict[str, str], base: float, otherwise: float
) -> None:
    """One act under the base reading and under one choice made otherwise."""
    found = tally(row)
    assert (count(found, criterion), count(found, criterion, **option)) == (base, otherwise)


def test_a_joint_act_is_credited_to_its_leader_or_to_all() -> None:
    """A partner among the organisations gets a joint act only where that is chosen."""
    found = tally(
        {"tactic": "cooperation", "partners": "osce;russia"}, {"tactic": "cooperation", "organisation": "osce"}
    )
    assert (count(found, "cooperation", "osce"), count(found, "cooperation", "osce", joint="all")) == (1, 2)
    assert count(found, "cooperation", joint="all") == 1


def test_a_bilateral_act_counts_only_where_it_is_credited() -> None:
    """What a state does alone counts for the organisation that the thesis credits, if so chosen."""
    row = {"organisation": "russia", "credited": "sco", "tactic": "equipment", "counted": "no", "reason": "bilateral"}
    found = tally(row, {**row, "id": "other", "credited": ""})
    assert (count(found, "equipment", "sco"), count(found, "equipment", "sco", bilateral="credit")) == (0, 1)
    assert len(found.rows) == 1


def test_a_series_counts_its_rest_when_events_are_counted() -> None:
    """Ten courses of which one is coded by itself are one and nine, ten in all."""
    found = tally(
        {"id": "series", "tactic": "training", "mode": "theoretical"},
        {"id": "course", "tactic": "training", "mode": "theoretical", "part_of": "series"},
        observations=(("series", "training-events", "10"),),
    )
    assert (count(found, "theoretical-training"), count(found, "theoretical-training", unit="events")) == (2, 10)


def test_a_number_in_a_sequence_counts_for_its_series() -> None:
    """The 25th course says that the series has had 25."""
    found = tally(
        {"id": "series", "tactic": "training", "mode": "theoretical"},
        {"id": "last", "tactic": "training", "mode": "theoretical", "part_of": "series"},
        observations=(("last", "edition", "25"),),
    )
    assert count(found, "theoretical-training", unit="events") == 25


def test_untold_participants_are_not_zero() -> None:
    """Training without a number of participants has no number; with some, the sum is of those."""
    untold = tally({"tactic": "training", "mode": "practical"})
    assert np.isnan(count(untold, "practical-training", unit="participants"))
    partly = tally(
        {"id": "told", "tactic": "training", "mode": "practical"},
        {"tactic": "training", "mode": "practical"},
        observations=(("told", "participants", "24"),),
    )
    assert count(partly, "practical-training", unit="participants") == 24


def test_silence_and_a_stated_nought_differ() -> None:
    """An organisation of which nothing is told has no count; one said to have none has zero."""
    found = tally({"tactic": "training"})
    assert np.isnan(count(found, "infrastructure", "osce"))
    assert count(found, "infrastructure", "sco") == 0


def test_a_tactic_left_out_by_choice_is_zero_and_not_untold() -> None:
    """A planned building is told of, so without plans the count is zero."""
    assert count(tally({"tactic": "infrastructure", "status": "planned"}), "infrastructure") == 0


@pytest.mark.parametrize(
    ("before", "after", "rules"),
    [
        ("- id: secondary", "- id: also", ["choice-is-declared", "choice-is-known"]),
        ("id: credit,", "id: credited,", ["option-is-known"]),
        ("id: promethee-ii,", "id: electre,", ["option-is-known"]),
        (', from: "2015"', "", ["span-has-a-start"]),
        ("", "", []),
    ],
    ids=["renamed", "option", "method", "span", "as-declared"],
)
def test_choices_that_nothing_computes_are_refused(before: str, after: str, rules: list[str]) -> None:
    """A choice or an option that counting does not know would silently count for nothing, or end in a traceback."""
    text = (DATA / "choices.yml").read_text(encoding="utf-8")
    assert before in text
    problems = choice_problems(entries_of(text.replace(before, after, 1), "data/choices.yml"))
    assert sorted(problem.rule for problem in problems) == rules
    assert all(problem.line or problem.rule == "choice-is-declared" for problem in problems)
