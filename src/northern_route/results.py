"""The analysis: from the certified tables and the declared rules to everything that chapters say.

`compute` is what a build calls; `analyse` is the same without files, for tests and experiments.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from northern_route import indicators, robustness
from northern_route.conclusions import conclusions, finding_as_json, gap_as_json
from northern_route.recommendations import Gap, gaps, unsupported
from recount.claims import Claim, claims_from, strangers
from recount.declared import Entry, read_entries
from recount.evidence import Evidence
from recount.filters import table_of
from recount.lock import as_json
from recount.multiverse import Choice, choices_from
from recount.problems import Exit, Problem, Stop
from recount.ranking import Ranking, place_bounds, rank, unranked
from recount.scores import Criterion, Scores, criteria_from
from recount.verdicts import Finding, Thresholds, given, judge, prints, thresholds_from

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TABLES = (
    "activities",
    "funding",
    "observations",
    "obstacles",
    "organisations",
    "places",
    "positions",
    "actors",
    "context",
)
DECLARED = ("criteria", "choices", "thresholds", "claims")


@dataclass(frozen=True)
class Rules:
    """What is declared before the counting."""

    criteria: tuple[Criterion, ...]
    choices: tuple[Choice, ...]
    thresholds: Thresholds
    entries: Mapping[str, tuple[Entry, ...]]


def rules(root: Path) -> Rules:
    """The rules declared in the project's `data/` folder.

    Raises:
        Stop: a file declares something that cannot be.
    """
    entries = {name: read_entries(root / "data" / f"{name}.yml", f"data/{name}.yml") for name in DECLARED}
    wrong = indicators.choice_problems(entries["choices"])
    if wrong:
        raise Stop(wrong, Exit.DATA)
    return Rules(
        criteria_from(entries["criteria"]),
        choices_from(entries["choices"]),
        thresholds_from(entries["thresholds"]),
        entries,
    )


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything computed, as values; `results.compute` writes it down."""

    tables: indicators.Tables
    rules: Rules
    evidence: Evidence
    claims: tuple[Claim, ...]

    @cached_property
    def scores(self) -> Scores:
        """The table of scores of the base reading."""
        return self.evidence.tally.scores()

    @cached_property
    def ranking(self) -> Ranking:
        """The ranking of the base reading."""
        return self.ranking_by()

    def ranking_by(self, method: str = "", normalisation: str = "") -> Ranking:
        """The ranking of the base counts by another method or normalisation."""
        silent = unranked(self.scores)
        if silent:
            raise Stop([self._silence(name) for name in silent], Exit.DATA)
        base = {choice.id: choice.base for choice in self.rules.choices}
        return rank(self.scores, method=method or base["method"], normalisation=normalisation or base["normalisation"])

    def _silence(self, organisation: str) -> Problem:
        """Why there is no ranking: an organisation of which nothing is told."""
        # Cells hold no line breaks, so a row stands in the line of its number, after the header.
        line = list(self.tables["organisations"]["id"]).index(organisation) + 2
        return Problem(
            "data/organisations.csv",
            line,
            "organisation-is-told-of",
            f"no row tells of anything that {organisation} did or did not do, so it has no place among the others",
            column="id",
            value=organisation,
            fix="code an act as its own in data/activities.csv, or declare its noughts in data/criteria.yml",
        )

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What the evidence makes of every claim."""
        return judge(self.claims, self.evidence, self.rules.thresholds)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """What the organisations do not do."""
        return gaps(self.tables, self.evidence.tally, self.findings)


def analyse(tables: indicators.Tables, declared: Rules) -> Analysis:
    """The analysis of text tables under declared rules.

    Args:
        tables: every table of `TABLES`, all cells as text, empty where the thesis does not say.
        declared: the rules.

    Raises:
        Stop: a claim names something that does not exist.
    """
    tally = indicators.build(tables, declared.criteria, declared.choices)
    evidence = Evidence({name: table_of(name, tables[name]) for name in TABLES}, tally, declared.choices)
    return Analysis(tables, declared, evidence, claims_from(declared.entries["claims"], evidence))


def as_results(analysis: Analysis) -> dict[str, Any]:
    """The analysis as JSON values by name, one file each."""
    scores, evidence = analysis.scores, analysis.evidence
    methods = next(choice.options for choice in analysis.rules.choices if choice.id == "method")
    findings = analysis.findings
    current = prints(evidence, analysis.rules.entries)
    return {
        "scores": {
            "organisations": list(scores.alternatives),
            "criteria": [
                {
                    "id": criterion.id,
                    "title": criterion.title,
                    "unit": criterion.unit,
                    "decimals": criterion.decimals,
                    "description": criterion.description,
                    "weight": float(weight),
                }
                for criterion, weight in zip(
                    scores.criteria,
                    np.array([c.weight for c in scores.criteria]) / sum(c.weight for c in scores.criteria),
                    strict=True,
                )
            ],
            "cells": [
                {
                    "organisation": name,
                    "criterion": criterion.id,
                    "value": None if np.isnan(scores.values[i, j]) else float(scores.values[i, j]),
                    "stated_none": name in criterion.noughts,
                    "rows": list(scores.behind(name, criterion.id)),
                }
                for i, name in enumerate(scores.alternatives)
                for j, criterion in enumerate(scores.criteria)
            ],
        },
        "rankings": {
            "base": _ranking(analysis.ranking),
            "by_method": {method: _ranking(analysis.ranking_by(method)) for method in methods},
            "by_criterion": robustness.by_criterion(scores),
            "bounds": {name: list(bounds) for name, bounds in place_bounds(scores).items()},
            "untold": [list(cell) for cell in scores.missing],
        },
        "acceptability": robustness.over_weights(analysis.ranking, scores),
        "multiverse": robustness.over_choices(evidence, analysis.ranking),
        "fragility": {
            "without_criterion": robustness.without_criterion(scores),
            "without_organisation": robustness.without_organisation(scores),
            "without_source": robustness.without_source(evidence, findings),
        },
        # With its test, which says what its figures count.
        "claims": {finding.claim.id: finding_as_json(finding) | {"check": finding.claim.check} for finding in findings},
        "recommendations": {
            "gaps": [gap_as_json(gap) for gap in analysis.gaps],
            "unsupported": list(unsupported(findings)),
        },
        "verdicts": as_json(given(findings), current),
        "thresholds": {entry["id"]: entry["value"] for entry in analysis.rules.entries["thresholds"]},
        "conclusions": conclusions(analysis.ranking, scores, evidence.choices, findings, analysis.gaps),
        "warnings": [str(problem) for problem in strangers(analysis.claims, evidence)],
    }


def _ranking(ranking: Ranking) -> list[dict[str, Any]]:
    """A ranking as JSON, best first, with what each criterion adds."""
    return [
        {
            "organisation": why.alternative,
            "place": why.place,
            "score": why.score,
            "reasons": [
                {
                    "criterion": reason.criterion,
                    "value": reason.value,
                    "share": reason.share,
                    "weight": reason.weight,
                    "rows": list(reason.rows),
                }
                for reason in why.reasons
            ],
        }
        for place in sorted(set(ranking.places))
        for why in ranking.why(place)
    ]


def compute() -> dict[str, Any]:
    """All results of the project, from its certified tables and declared rules."""
    from northern_route.evidence import table
    from recount.results import project_root

    return as_results(analyse({name: table(name) for name in TABLES}, rules(project_root())))


def abstract() -> str:
    """The abstract: what was asked, on what, and what comes out."""
    from northern_route import overall

    return overall.abstract()
