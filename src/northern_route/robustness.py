"""How firmly the ranking stands: over weights, over choices, and with something left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from recount.multiverse import sways
from recount.predicates import run
from recount.ranking import Ranking, places, rank, unranked
from recount.scores import normalise, weights_of
from recount.weights import acceptability, smallest_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recount.evidence import Evidence
    from recount.scores import Scores
    from recount.verdicts import Finding

CURVE = 400


def _places(ranking: Ranking) -> dict[str, int]:
    return dict(sorted(zip(ranking.alternatives, ranking.places, strict=True)))


def by_criterion(scores: Scores) -> dict[str, list[dict[str, Any]]]:
    """For each criterion the organisations of which something is told, most first, ties sharing a place."""
    found = {}
    for j, criterion in enumerate(scores.criteria):
        column = scores.values[:, j]
        told = [i for i in range(len(column)) if not np.isnan(column[i])]
        ordered = sorted(told, key=lambda i: (-column[i], scores.alternatives[i]))
        found[criterion.id] = [
            {
                "organisation": scores.alternatives[i],
                "place": 1 + sum(bool(column[k] > column[i]) for k in told),
                "value": float(column[i]),
                "rows": list(scores.behind(scores.alternatives[i], criterion.id)),
            }
            for i in ordered
        ]
    return found


def over_weights(ranking: Ranking, scores: Scores) -> dict[str, Any]:
    """Rank acceptability over all weights, central weights, winning shares, and the smallest change of weights."""
    shares = normalise(scores.values, "share-of-leader")
    found = acceptability(shares, scores.alternatives)
    change = smallest_change(shares, weights_of(scores.criteria), scores.alternatives)
    criteria = [criterion.id for criterion in scores.criteria]
    return {
        "points": found.points,
        "places": {name: [float(v) for v in found.shares[i]] for i, name in enumerate(found.alternatives)},
        "central": {
            name: None
            if np.isnan(found.central[i]).any()
            else dict(zip(criteria, map(float, found.central[i]), strict=True))
            for i, name in enumerate(found.alternatives)
        },
        "winning": {
            name: {other: float(found.pairwise[i, k]) for k, other in enumerate(found.alternatives) if k != i}
            for i, name in enumerate(found.alternatives)
        },
        "smallest_change": {
            "leader": ranking.alternatives[0],
            "distance": change.distance,
            "rival": change.rival,
            "weights": dict(zip(criteria, change.weights, strict=False)),
        },
    }


def over_choices(evidence: Evidence, ranking: Ranking) -> dict[str, Any]:
    """The share of combinations that gives each organisation each place, and how far the base leader is ahead."""
    totals = evidence.overall().values
    told = ~np.isnan(totals)
    at = places(np.where(told, totals, -np.inf))
    count = int(np.prod(totals.shape[:-1]))
    names = evidence.alternatives
    leader = names.index(ranking.alternatives[0])
    rivals = np.where(told, totals, -np.inf)
    rivals[..., leader] = -np.inf
    lead = totals[..., leader] - rivals.max(axis=-1)
    ordered = np.argsort(lead, axis=None, kind="stable")
    picked = ordered[np.unique(np.linspace(0, count - 1, CURVE).round().astype(int))]
    return {
        "combinations": count,
        "places": {
            name: [float(((at[..., i] == place) & told[..., i]).sum() / count) for place in range(1, len(names) + 1)]
            for i, name in enumerate(names)
        },
        "leader": names[leader],
        "sways": [
            {"choice": sway.choice, "shares": dict(sway.shares), "range": sway.range}
            for sway in sways(at[..., leader] == 1, evidence.choices)
        ],
        "curve": {
            "choices": {choice.id: list(choice.options) for choice in evidence.choices},
            "points": [
                {
                    "lead": round(float(lead.flat[index]), 6),
                    "first": [names[i] for i in range(len(names)) if at.reshape(count, -1)[index, i] == 1],
                    "options": [int(option) for option in np.unravel_index(index, lead.shape)],
                }
                for index in picked.tolist()
            ],
        },
        "by_criterion": _leads(evidence),
    }


def _leads(evidence: Evidence) -> dict[str, dict[str, float]]:
    """For each criterion the share of combinations in which each organisation has the most, alone or with others."""
    found = {}
    for criterion in evidence.tally.criteria:
        values = evidence.criterion(criterion.id).values
        filled = np.where(np.isnan(values), -np.inf, values)
        top = filled.max(axis=-1, keepdims=True)
        first = (filled >= top - 1e-9) & (top > 0)
        found[criterion.id] = {name: float(first[..., i].mean()) for i, name in enumerate(evidence.alternatives)}
    return found


def without_criterion(scores: Scores) -> dict[str, dict[str, int]]:
    """The places when one criterion is left out, among those of whom something is told on another."""
    found = {}
    for criterion in scores.criteria:
        rest = scores.without(criterion=criterion.id)
        for name in unranked(rest):
            rest = rest.without(alternative=name)
        found[criterion.id] = _places(rank(rest)) if rest.alternatives else {}
    return found


def without_organisation(scores: Scores) -> dict[str, dict[str, Any]]:
    """The places when one organisation is left out, and whether that turns the order of any two others."""
    full = rank(scores)
    found = {}
    for name in scores.alternatives:
        ranking = rank(scores.without(alternative=name))
        others = [other for other in full.alternatives if other != name]
        turned = [
            [first, second]
            for i, first in enumerate(others)
            for second in others[i + 1 :]
            if full.place(first) < full.place(second) and ranking.place(first) > ranking.place(second)
        ]
        found[name] = {"places": _places(ranking), "turned": turned}
    return found


def without_source(evidence: Evidence, findings: Sequence[Finding]) -> dict[str, dict[str, Any]]:
    """For each cited work: how many rows rest on it alone, and which base outcomes turn when they are left out."""
    resting: dict[str, list[str]] = {}
    for name, table in evidence.tables.items():
        for row, cell in zip(table.ids, table.columns.get("source", ()), strict=False):
            cited = {part.partition("@")[0] for part in cell.split(";") if part}
            if len(cited) == 1:
                resting.setdefault(cited.pop(), []).append(f"{name}:{row}")
    works = sorted(resting)
    cases = evidence.cases([resting[work] for work in works])
    turned: dict[str, list[str]] = {work: [] for work in works}
    for finding in findings:
        if finding.claim.check is None or finding.outcome is None:
            continue
        held = run(cases, finding.claim.check).by_case
        # What no case touches is one answer for all of them.
        for work, holds in zip(works, held[1:], strict=False):
            if holds != held[0]:
                turned[work].append(finding.claim.id)
    return {work: {"rows": len(resting[work]), "turned": turned[work]} for work in works}
