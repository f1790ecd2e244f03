"""Inconsistencies that can be computed from the tables; pure functions from tables to findings."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from northern_route.evidence import Row, several
from recount import words

SAME_TOTAL = Decimal("0.05")
"""Two totals implied by shares printed to one decimal agree if they differ by no more than this share."""

_NO_NAMES: Mapping[str, str] = {}


@dataclass(frozen=True)
class Finding:
    """One computed inconsistency: what kind, what was computed, and the rows it rests on."""

    kind: str
    says: str
    rows: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a finding that rests on nothing."""
        if not self.rows:
            raise ValueError(f"a finding without rows: {self.says}")


def never_cited(works: Mapping[str, Mapping[str, str]], citations: Sequence[Row]) -> Iterator[Finding]:
    """Works of the thesis's bibliography that no citation means, not even as one of several."""
    cited = {key for row in citations for key in several(row["keys"])}
    for key in sorted(works):
        if "thesis" in works[key].get("keywords", "") and key not in cited:
            yield Finding("citation", f"{_entry(works[key])} is never cited", (f"references:{key}",))


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{words.number(count)} times")


def _entry(work: Mapping[str, str]) -> str:
    names = re.split(r"\s+and\s+", work.get("author", "").replace("\n", " "))
    who = " and ".join(name.strip("{}").partition(",")[0] for name in names)
    title = re.sub(r"[{}]", "", " ".join(work.get("title", "").split()))
    return f"{who} ({work.get('year', 'no year')}), “{title}”"


def not_listed(citations: Sequence[Row]) -> Iterator[Finding]:
    """Citations that no entry of the bibliography answers."""
    for row in citations:
        if row["status"] == "unlisted":
            yield Finding(
                "citation",
                f"“{row['printed']}” in section {row['section']} has no entry in the bibliography",
                (f"citations:{row['id']}",),
            )


def ambiguous(citations: Sequence[Row]) -> Iterator[Finding]:
    """Citations by a name and year that several entries share, one finding for each printed form."""
    by_form: dict[str, list[Row]] = defaultdict(list)
    for row in citations:
        if row["status"] == "ambiguous":
            by_form[row["printed"]].append(row)
    for form, rows in sorted(by_form.items()):
        entries = {key for row in rows for key in several(row["keys"])}
        yield Finding(
            "citation",
            f"“{form}” is cited {_times(len(rows))} and could mean {words.counted(len(entries), 'entry')}",
            tuple(f"citations:{row['id']}" for row in rows),
        )


def misspelt(citations: Sequence[Row]) -> Iterator[Finding]:
    """Citations whose name or year is not that of the entry, one finding for each printed form."""
    by_form: dict[str, list[Row]] = defaultdict(list)
    for row in citations:
        if row["status"] in {"misspelt", "wrong-year"}:
            by_form[row["printed"]].append(row)
    for form, rows in sorted(by_form.items()):
        wrong = "name" if rows[0]["status"] == "misspelt" else "year"
        yield Finding(
            "name" if wrong == "name" else "date",
            f"“{form}” differs in {wrong} from the entry @{rows[0]['keys']}",
            tuple(f"citations:{row['id']}" for row in rows),
        )


def sources_too_old(activities: Sequence[Row], years: Mapping[str, int]) -> Iterator[Finding]:
    """Acts that began after every work they rest on was published; plans are left out, since they look ahead."""
    for row in activities:
        works = [part.split("@")[0] for part in several(row["source"])]
        dated = [years[key] for key in works if key in years]
        began = re.match(r"\d{4}", row["start"])
        if row["status"] == "planned" or not dated or not began or len(dated) < len(works):
            continue
        if int(began[0]) > max(dated):
            cited = words.listed([f"@{key}" for key in works])
            yield Finding(
                "date",
                f"{row['name']} is dated {began[0]}, its source {cited} is of {max(dated)}",
                (f"activities:{row['id']}",),
            )


def two_values(observations: Sequence[Row], names: Mapping[str, str] = _NO_NAMES) -> Iterator[Finding]:
    """One thing measured twice with different numbers."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in observations:
        if row["unit"] == "ordinal":
            continue
        groups[row["subject"], row["measure"], row["from"], row["to"], row["unit"]].append(row)
    for (subject, measure, *_), rows in sorted(groups.items()):
        values = {(row["value"], row["value_high"]) for row in rows}
        if len(values) > 1:
            printed = " and ".join(f"{Decimal(row['value']):,} {row['unit']} ({row['section']})" for row in rows)
            yield Finding(
                "conflict",
                f"{names.get(subject, subject)}, {measure.replace('-', ' ')}: {printed}",
                tuple(f"observations:{row['id']}" for row in rows),
            )


def shares_and_totals(funding: Sequence[Row]) -> Iterator[Finding]:
    """Budgets whose amounts and shares imply totals that differ by more than rounding, or whose shares exceed 100."""
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in funding:
        groups[row["organisation"], row["budget"], row["year"]].append(row)
    for (organisation, budget, year), rows in sorted(groups.items()):
        exact = [row for row in rows if row["amount"] and row["share_percent"] and row["bound"] in {"", "exact"}]
        totals = [Decimal(row["amount"]) * 100 / Decimal(row["share_percent"]) for row in exact]
        if len(totals) > 1 and (max(totals) - min(totals)) / max(totals) > SAME_TOTAL:
            shown = " and ".join(f"{total / 1_000_000:.0f} million" for total in totals)
            yield Finding(
                "arithmetic",
                f"the shares of {organisation}'s {budget} {year} imply totals of {shown}",
                tuple(f"funding:{row['id']}" for row in exact),
            )
        shares = [Decimal(row["share_percent"]) for row in rows if row["share_percent"]]
        if sum(shares) > 100:
            yield Finding(
                "arithmetic",
                f"the shares of {organisation}'s {budget} {year} add up to {sum(shares)} per cent",
                tuple(f"funding:{row['id']}" for row in rows),
            )


def more_members_than_stated(
    activities: Sequence[Row], observations: Sequence[Row], names: Mapping[str, str] = _NO_NAMES
) -> Iterator[Finding]:
    """Series of which more members are named than the thesis states there are."""
    members = Counter(row["part_of"] for row in activities if row["part_of"])
    for row in observations:
        named = members.get(row["subject"], 0)
        if row["unit"] in {"events", "sites"} and row["bound"] == "exact" and named > Decimal(row["value"]):
            called, stated = names.get(row["subject"], row["subject"]), words.number(int(row["value"]))
            yield Finding(
                "arithmetic",
                f"{called}: {stated} stated, {words.number(named)} named",
                (f"observations:{row['id']}",),
            )


def several_spellings(places: Sequence[Row]) -> Iterator[Finding]:
    """Places spelt in more than one way."""
    for row in places:
        if row["also_spelt"]:
            yield Finding(
                "name",
                f"{row['name']} is also spelt {row['also_spelt'].replace(';', ', ')}",
                (f"places:{row['id']}",),
            )


def all_findings(
    tables: Mapping[str, Sequence[Row]],
    works: Mapping[str, Mapping[str, str]],
    years: Mapping[str, int],
    names: Mapping[str, str] = _NO_NAMES,
) -> list[Finding]:
    """Every computed inconsistency, by kind and then in the order of the functions above.

    Args:
        tables: rows by table name: activities, citations, funding, observations, places.
        works: fields of the bibliography's entries by key.
        years: the year of each work by key.
        names: what the subjects of observations are called, by id.
    """
    found = [
        *shares_and_totals(tables["funding"]),
        *more_members_than_stated(tables["activities"], tables["observations"], names),
        *two_values(tables["observations"], names),
        *sources_too_old(tables["activities"], years),
        *misspelt(tables["citations"]),
        *several_spellings(tables["places"]),
        *not_listed(tables["citations"]),
        *ambiguous(tables["citations"]),
        *never_cited(works, tables["citations"]),
    ]
    order = ("arithmetic", "conflict", "date", "name", "citation")
    return sorted(found, key=lambda finding: order.index(finding.kind))
