"""Verdicts follow declared thresholds, and a changed one names what changed."""

from typing import Any

import numpy as np
import pytest

from recount.claims import claims_from
from recount.declared import entries_of
from recount.lock import Lock, accept, as_json, compare, from_json, lock_as_text, lock_from_text
from recount.outcomes import Outcome
from recount.problems import Stop
from recount.verdicts import Finding, Thresholds, given, judge, prints, thresholds_from, verdict
from tiny_report import acts, evidence

CLAIMS = """
- {id: ants-talk-most, section: ["1"], says: Ants talk most, about: [ants], kind: superlative,
   check: {leads: {criterion: talks, subject: ants}}}
- {id: bees-go-north, section: ["1"], says: Bees go north, about: [bees], kind: coverage,
   check: {exists: {acts: {region: north}, of: bees}}}
- {id: ants-act-five-times, section: ["2"], says: Ants act five times, about: [ants], kind: arithmetic,
   check: {count: {acts: {}, of: ants, equals: 5}}}
- {id: cats-have-most-boats, section: ["2"], says: Cats have most boats, about: [cats], kind: superlative,
   check: {leads: {criterion: boats, subject: cats}}}
- {id: cats-are-happy, section: ["2"], says: Cats are happy, about: [cats], kind: classification, check: null,
   why_not: nobody asked them}
"""


def outcome(*, holds: bool | None, share: float | None, **more: Any) -> Outcome:  # noqa: ANN401 - fields of an outcome
    """An outcome that a given share of ten combinations bear out."""
    everywhere = np.full(1, np.nan) if share is None else (np.arange(10) < share * 10).astype(float)
    return Outcome(holds, everywhere, **more)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (outcome(holds=None, share=1.0), "not-evaluable"),
        (outcome(holds=False, share=0.0, tied=True), "tied"),
        (outcome(holds=True, share=1.0, margin=0.5), "holds"),
        (outcome(holds=True, share=None), "holds"),
        (outcome(holds=True, share=0.9, margin=0.5), "holds"),
        (outcome(holds=True, share=0.8, margin=0.5), "depends-on-choices"),
        (outcome(holds=True, share=1.0, margin=0.05), "holds-narrowly"),
        (outcome(holds=False, share=0.1), "fails"),
        (outcome(holds=False, share=0.2), "depends-on-choices"),
        (outcome(holds=False, share=None), "fails"),
    ],
)
def test_verdicts_follow_the_thresholds(found: Outcome, expected: str) -> None:
    """Each verdict begins exactly where its declared threshold lies."""
    assert verdict(found, Thresholds()) == expected


def test_a_lead_of_one_row_is_narrow() -> None:
    """A comparison that one removed row turns holds only narrowly, however large its margin."""
    assert (
        verdict(outcome(holds=True, share=1.0, margin=0.5), Thresholds(), comparison=True, rows=1) == "holds-narrowly"
    )
    assert verdict(outcome(holds=True, share=1.0, margin=0.5), Thresholds(), comparison=True, rows=2) == "holds"


def findings(**rows: str) -> tuple[Finding, ...]:
    """The findings on the claims above, with the club of some acts changed."""
    table = acts()
    for name, club in rows.items():
        table.loc[table["id"] == name, "club"] = club
    source = evidence(table)
    return judge(claims_from(entries_of(CLAIMS, "claims.yml"), source), source, Thresholds())


def test_every_claim_gets_a_verdict() -> None:
    """Claims that data can and cannot decide all have one, in the order of the file."""
    assert [(finding.claim.id, finding.verdict) for finding in findings()] == [
        ("ants-talk-most", "holds-narrowly"),
        ("bees-go-north", "holds"),
        ("ants-act-five-times", "depends-on-choices"),
        ("cats-have-most-boats", "not-evaluable"),
        ("cats-are-happy", "not-evaluable"),
    ]


def test_the_choice_that_matters_most_is_named() -> None:
    """A verdict that depends on choices says on which, and how far it goes by option."""
    sway = findings()[2].decisive
    assert sway is not None
    assert (sway.choice, dict(sway.shares)) == ("plans", {"leave-out": 0.0, "count": 1.0})


def test_a_changed_verdict_names_the_row() -> None:
    """When one act changes hands the report stops at the claims it turns, and at no other."""
    source = evidence()
    lock = accept(given(findings()), Lock(), prints(source, {}), "first")
    table = acts()
    table.loc[table["id"] == "a3", "club"] = "bees"
    problems = compare(given(findings(a3="bees")), lock, prints(evidence(table), {}), "verdicts.yml")
    assert [problem.rule for problem in problems] == ["verdict-accepted"] * 2
    assert {problem.message for problem in problems} == {
        "ants-act-five-times was depends-on-choices and now is fails, because of acts:a3",
        "ants-talk-most was holds-narrowly and now is fails, because of acts:a3",
    }
    assert all("make accept" in problem.fix and problem.line for problem in problems)


def test_new_and_lost_claims_are_differences() -> None:
    """A claim nobody accepted, and an accepted one that is gone, both stop a build."""
    now = given(findings()[:1])
    assert [p.message for p in compare(now, Lock(), {})] == [
        "ants-talk-most was never accepted and now is holds-narrowly"
    ]
    assert [p.message for p in compare({}, accept(now, Lock(), {}, "first"), {})] == [
        "ants-talk-most was holds-narrowly and is no claim any more"
    ]


def test_accepting_settles_it_and_records_why() -> None:
    """After an acceptance nothing differs, and the log says what changed and why."""
    first = accept(given(findings()), Lock(), {}, "first")
    now = given(findings(a3="bees"))
    second = accept(now, first, {}, "a3 is an act of the bees")
    assert compare(now, second, {}) == []
    assert [entry["reason"] for entry in second.log] == ["first", "a3 is an act of the bees"]
    assert second.log[1]["changed"] == [
        "ants-act-five-times: depends-on-choices -> fails",
        "ants-talk-most: holds-narrowly -> fails",
    ]
    with pytest.raises(ValueError, match="reason"):
        accept(now, first, {}, "  ")


def test_the_lock_survives_its_files() -> None:
    """What is written is what is read, and a verdict is one line."""
    lock = accept(given(findings()), Lock(), prints(evidence(), {}), "first")
    verdicts, rows = lock_as_text(lock)
    assert lock_from_text(verdicts, rows) == lock
    assert "  ants-talk-most: holds-narrowly\n" in verdicts
    assert from_json(as_json(given(findings()), lock.prints)) == (given(findings()), dict(lock.prints))
    assert lock_from_text("", "") == Lock()


def test_a_missing_threshold_is_refused() -> None:
    """No verdict may hang on a number that nobody wrote down."""
    with pytest.raises(Stop) as stopped:
        thresholds_from(entries_of("- {id: settled, value: 0.9, means: x}\n- {id: far, value: 1, means: x}"))
    assert {problem.rule for problem in stopped.value.problems} == {"threshold-known"}
    with pytest.raises(Stop) as stopped:
        thresholds_from(entries_of("- {id: settled, value: 0.9, means: x}"))
    assert {problem.rule for problem in stopped.value.problems} == {"thresholds-complete"}


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ("{lead: {criterion: talks, subject: ants}}", "there is no predicate lead"),
        ("{leads: {criterion: talks}}", "leads needs subject"),
        ("{leads: {criterion: talks, subject: ants, of: bees, how: x}}", "leads has no argument how"),
        ("{leads: {criterion: walks, subject: ants}}", "there is no criterion walks"),
        ("{leads: {criterion: talks, subject: dogs}}", "there is no alternative dogs"),
        ("{exists: {rows: {id: a1}, in: deeds}}", "there is no table deeds"),
        ("{exists: {rows: {name: a1}, in: acts}}", "acts has no column name"),
        ("{exists: {acts: {start: {since: 2015}}}}", "a filter knows no rule since"),
        ("{not: {check: {exists: {acts: {colour: red}}}}}", "acts has no column colour"),
        ("{at-least: {acts: {}, of: ants, least: one}}", "one is no number"),
        ("{sum: {of: [1, {of: ants}], equals: 2}}", "{'of': 'ants'} says neither what to count nor where"),
        ("{ratio: {of: [1, 2], equals: 0.5, tolerance: small}}", "tolerance small is no number"),
        ("{trend: {of: [1, 2], direction: up}}", "there is no direction up"),
        ("null", "ants-x has neither a check nor a reason"),
    ],
)
def test_a_misspelt_name_is_no_evidence_of_absence(check: str, message: str) -> None:
    """A check that names something that does not exist is refused with its file and line."""
    text = f"# a comment\n- {{id: ants-x, section: ['1'], says: x, about: [ants], kind: coverage, check: {check}}}"
    with pytest.raises(Stop) as stopped:
        claims_from(entries_of(text, "claims.yml"), evidence())
    (problem,) = stopped.value.problems
    assert message in problem.message
    assert (problem.file, problem.line) == ("claims.yml", 2)
