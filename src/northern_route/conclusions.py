"""The conclusions for machines: `_book/conclusions.json`, described by `docs/schemas/conclusions.schema.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recount import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from northern_route.recommendations import Gap
    from recount.multiverse import Choice
    from recount.ranking import Ranking
    from recount.scores import Scores
    from recount.verdicts import Finding

VERSION = 1


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """What the evidence makes of one claim, as JSON."""
    claim, outcome = finding.claim, finding.outcome
    decisive = finding.decisive
    return {
        "id": claim.id,
        "section": list(claim.section),
        "says": claim.says,
        "about": list(claim.about),
        "kind": claim.kind,
        "predicate": claim.predicate or None,
        "verdict": finding.verdict,
        "wording": words.supported(finding.verdict),
        "why_not": finding.why_not or None,
        "caveat": (claim.why_not or None) if claim.check else None,
        "holds_in_base": outcome.holds if outcome else None,
        "margin": _rounded(outcome.margin if outcome else None),
        "share_of_combinations": _rounded(outcome.robust if outcome else None),
        "decisive_choice": decisive.choice if decisive else None,
        "shares_by_option": dict(decisive.shares) if decisive else None,
        "figures": dict(outcome.figures or {}) if outcome else {},
        "rows": list(outcome.witnesses) if outcome else [],
        "smallest_changes": [
            {"how": change.how, "least": change.least, "most": change.most, "rows": list(change.rows)}
            for change in finding.changes
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 6)


def gap_as_json(gap: Gap) -> dict[str, Any]:
    """A gap and who recommends to close it, as JSON."""
    return {
        "organisation": gap.organisation,
        "kind": gap.kind,
        "value": gap.value,
        "told": gap.told,
        "rows": list(gap.rows),
        "recommended_by_the_thesis": list(gap.claims),
    }


def conclusions(
    ranking: Ranking, scores: Scores, choices: Sequence[Choice], findings: Sequence[Finding], gaps: Sequence[Gap]
) -> dict[str, Any]:
    """What a machine may rely on: base reading, ranking, scores, every claim with its verdict, recommendations."""
    return {
        "version": VERSION,
        "base": {choice.id: choice.base for choice in choices},
        "ranking": [
            {"organisation": name, "place": place, "score": round(score, 6)}
            for name, place, score in zip(ranking.alternatives, ranking.places, ranking.scores, strict=True)
        ],
        "scores": {
            name: {
                criterion.id: None if (value := scores.value(name, criterion.id)) != value else value
                for criterion in scores.criteria
            }
            for name in scores.alternatives
        },
        "claims": [finding_as_json(finding) for finding in findings],
        "recommendations": [gap_as_json(gap) for gap in gaps],
    }
