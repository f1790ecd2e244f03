"""Verdicts: what evidence makes of each claim, under declared thresholds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from recount.declared import Entry, missing_fields
from recount.fragility import Change, changes
from recount.lock import Given
from recount.multiverse import Sway, sways
from recount.predicates import run
from recount.problems import Exit, Problem, Stop
from recount.words import Strength, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recount.claims import Claim
    from recount.evidence import Evidence
    from recount.outcomes import Outcome

COMPARISONS = frozenset({"leads", "is-last", "ranks"})


@dataclass(frozen=True)
class Thresholds:
    """The declared limits between verdicts, and between words; see `data/thresholds.yml`."""

    settled: float = 0.9
    narrow: float = 0.1
    narrow_rows: int = 1
    clearly: float = 0.25
    by_far: float = 0.5
    most: float = 0.5

    @property
    def strength(self) -> Strength:
        """The thresholds that words need."""
        return Strength(self.clearly, self.by_far, self.settled, self.most)


def thresholds_from(entries: tuple[Entry, ...]) -> Thresholds:
    """The thresholds that a file declares.

    Raises:
        Stop: one is missing or unknown, because a default nobody wrote down would decide.
    """
    names = {name.replace("_", "-"): name for name in Thresholds.__dataclass_fields__}
    problems, values = [], {}
    for entry in entries:
        problems += missing_fields(entry, ("id", "value", "means"))
        if entry.get("id") not in names:
            problems.append(
                entry.problem(
                    "threshold-known",
                    f"there is no threshold {entry.get('id')}",
                    column="id",
                    fix=listed(sorted(names)),
                )
            )
        else:
            values[names[entry["id"]]] = entry["value"]
    if not problems and len(values) < len(names):
        file = entries[0].file if entries else ""
        lacking = sorted(name for name, attribute in names.items() if attribute not in values)
        problems.append(Problem(file, 0, "thresholds-complete", f"no value is declared for {listed(lacking)}"))
    if problems:
        raise Stop(problems, Exit.DATA)
    return Thresholds(**values)


@dataclass(frozen=True, eq=False)
class Finding:
    """What the evidence makes of one claim."""

    claim: Claim
    verdict: str
    outcome: Outcome | None = None
    changes: tuple[Change, ...] = ()
    sways: tuple[Sway, ...] = ()

    @property
    def why_not(self) -> str:
        """Why there is no answer, or empty."""
        if self.outcome is None:
            return self.claim.why_not
        return self.outcome.why_not

    @property
    def decisive(self) -> Sway | None:
        """The choice that matters most, None where none matters."""
        return self.sways[0] if self.sways and self.sways[0].range > 0 else None


def verdict(outcome: Outcome, thresholds: Thresholds, *, comparison: bool = False, rows: int | None = None) -> str:
    """The verdict on an outcome.

    Args:
        outcome: what a predicate found.
        thresholds: the declared limits.
        comparison: whether the claim compares alternatives, so that a lead of a row or two is narrow.
        rows: how many rows would turn it if removed, where known.
    """
    if outcome.holds is None:
        return "not-evaluable"
    if outcome.tied:
        return "tied"
    robust = outcome.robust
    agree = None if robust is None else robust if outcome.holds else 1.0 - robust
    if agree is not None and agree < thresholds.settled:
        return "depends-on-choices"
    if not outcome.holds:
        return "fails"
    narrow = outcome.margin is not None and outcome.margin < thresholds.narrow
    if narrow or (comparison and rows is not None and rows <= thresholds.narrow_rows):
        return "holds-narrowly"
    return "holds"


def judge(claims: Iterable[Claim], evidence: Evidence, thresholds: Thresholds) -> tuple[Finding, ...]:
    """A finding for every claim, in the order of the claims; equal checks are worked out once."""
    at_base = evidence.at_base()
    known: dict[str, Finding] = {}
    findings = []
    for claim in claims:
        if claim.check is None:
            findings.append(Finding(claim, "not-evaluable"))
            continue
        key = json.dumps([claim.check, claim.not_at_issue], sort_keys=True, default=str)
        if key not in known:
            known[key] = _find(claim, evidence, at_base, thresholds)
        found = known[key]
        findings.append(Finding(claim, found.verdict, found.outcome, found.changes, found.sways))
    return tuple(findings)


def _find(claim: Claim, evidence: Evidence, at_base: Evidence, thresholds: Thresholds) -> Finding:
    if claim.check is None:
        return Finding(claim, "not-evaluable")
    outcome = _at_issue(run(evidence, claim.check), claim, evidence)
    turning = changes(at_base, claim.check, outcome.witnesses) if outcome.holds is not None else ()
    rows = next((change.most for change in turning if change.how == "removal" and change.exact), None)
    given = verdict(outcome, thresholds, comparison=claim.predicate in COMPARISONS, rows=rows)
    swayed = sways(outcome.everywhere == 1, evidence.choices) if outcome.robust is not None else ()
    return Finding(claim, given, outcome, turning, swayed)


def _at_issue(outcome: Outcome, claim: Claim, evidence: Evidence) -> Outcome:
    """The outcome with the choices that do not bear on the claim kept at their base option."""
    everywhere = outcome.everywhere
    for axis, choice in enumerate(evidence.choices):
        if choice.id in claim.not_at_issue and everywhere.shape[axis] > 1:
            everywhere = np.take(everywhere, [choice.base_index], axis=axis)
    return replace(outcome, everywhere=everywhere)


def prints(evidence: Evidence, declared: Mapping[str, Sequence[Entry]]) -> dict[str, str]:
    """A short hash of every row of every table and of every declared entry, by reference."""
    found = {}
    for name, table in evidence.tables.items():
        columns = sorted(table.columns)
        for at, row in enumerate(table.ids):
            found[f"{name}:{row}"] = _hash([[column, table.columns[column][at]] for column in columns])
    for name, entries in declared.items():
        for entry in entries:
            # What a claim says may be worded better without its verdict resting on anything else.
            data = [entry["check"], entry.get("not_at_issue")] if name == "claims" else dict(entry)
            found[f"{name}:{entry['id']}"] = _hash(data)
    return dict(sorted(found.items()))


def _hash(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:8]


def given(findings: Iterable[Finding]) -> dict[str, Given]:
    """The verdicts of findings, by claim."""
    return {
        finding.claim.id: Given(
            finding.verdict,
            finding.outcome.witnesses if finding.outcome else (),
            finding.claim.entry.file,
            finding.claim.entry.line,
        )
        for finding in findings
    }
