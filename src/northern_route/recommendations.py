"""Recommendations that follow from the rows, held against those that the thesis makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from northern_route.indicators import parts, records

if TYPE_CHECKING:
    from collections.abc import Iterable

    from northern_route.indicators import Tables
    from recount.multiverse import Tally
    from recount.verdicts import Finding

# The regions of Tajikistan; the other values of the column are wider or elsewhere.
REGIONS = ("dushanbe", "sughd", "khatlon", "districts-of-republican-subordination", "gorno-badakhshan")
OBSTACLES = ("political-will", "corruption", "organised-crime", "narco-terror-nexus", "weak-state")


@dataclass(frozen=True)
class Gap:
    """Something an organisation does not do, from which a recommendation follows.

    Args:
        organisation: whose gap it is.
        kind: `tactic`, `region` or `obstacle`.
        value: which one.
        told: whether the thesis says so, or is silent.
        rows: the rows that show it: those of the organisation among which it is lacking.
        claims: the recommendations of the thesis that would close it.
    """

    organisation: str
    kind: str
    value: str
    told: bool
    rows: tuple[str, ...]
    claims: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The gap as `recommends` of a claim names it."""
        return f"{self.kind}:{self.value}"


def gaps(tables: Tables, tally: Tally, findings: Iterable[Finding] = ()) -> tuple[Gap, ...]:
    """The gaps of all organisations, in the order of the organisations.

    A tactic is missing where the base reading counts none; a region is uncovered where no act counted in the base
    reading names it (acts told for the whole country name none); a difficulty is left alone where no row says that the
    organisation acts on it.
    """
    wanted: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        for organisation in finding.claim.about:
            if finding.claim.recommends:
                wanted.setdefault((organisation, finding.claim.recommends), []).append(finding.claim.id)
    found = [
        *_tactics(tally),
        *_regions(tables, tally),
        *_obstacles(tables, tally.alternatives),
    ]
    order = {name: i for i, name in enumerate(tally.alternatives)}
    kinds = ("tactic", "region", "obstacle")
    complete = [
        Gap(g.organisation, g.kind, g.value, g.told, g.rows, tuple(sorted(wanted.get((g.organisation, g.name), ()))))
        for g in found
    ]
    return tuple(sorted(complete, key=lambda g: (order[g.organisation], kinds.index(g.kind), g.value)))


def _tactics(tally: Tally) -> Iterable[Gap]:
    scores = tally.scores()
    for i, organisation in enumerate(scores.alternatives):
        for j, criterion in enumerate(scores.criteria):
            value = scores.values[i, j]
            if np.isnan(value) or value == 0:
                yield Gap(organisation, "tactic", criterion.id, told=not np.isnan(value), rows=())


def _regions(tables: Tables, tally: Tally) -> Iterable[Gap]:
    activities = {row["id"]: row for row in records(tables["activities"])}
    belongs = tally.belongs()
    for i, organisation in enumerate(tally.alternatives):
        named: dict[str, set[str]] = {}
        for r in np.flatnonzero(belongs[:, i] > 0).tolist():
            row = tally.rows[r]
            for region in parts(activities[row.partition(":")[2]]["region"]):
                named.setdefault(region, set()).add(row)
        placed = sorted(set().union(*(named.get(region, set()) for region in REGIONS)))
        for region in REGIONS:
            if region not in named:
                yield Gap(organisation, "region", region, told=bool(placed), rows=tuple(placed))


def _obstacles(tables: Tables, organisations: Iterable[str]) -> Iterable[Gap]:
    rows = records(tables["obstacles"])
    for organisation in organisations:
        for obstacle in OBSTACLES:
            own = [row for row in rows if row["subject"] == organisation and row["obstacle"] == obstacle]
            if not any(row["stance"] == "acts-on" for row in own):
                references = tuple(sorted(f"obstacles:{row['id']}" for row in own))
                yield Gap(organisation, "obstacle", obstacle, told=bool(own), rows=references)


def unsupported(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The recommendations of the thesis whose gap its own rows do not show under the base reading and most others."""
    return tuple(
        finding.claim.id
        for finding in findings
        if finding.claim.kind == "recommendation" and finding.verdict in ("fails", "tied")
    )
