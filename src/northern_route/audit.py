"""What the thesis gets wrong or leaves contradictory: coded by hand and computed, as the audit chapter tells it."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Mapping

from northern_route import slips
from northern_route.evidence import Row, rows_of, subject_name, table
from northern_route.slips import Finding
from recount import references, words
from recount.results import project_root
from recount.values import Column, Computed, Table

WEIGHTS = ("serious", "moderate", "minor")
KINDS = {
    "conflict": "conflict",
    "arithmetic": "arithmetic",
    "date": "date",
    "name": "name",
    "citation": "citation",
    "attribution": "attribution",
    "slip": "slip",
}


SEARCHED = {
    "activities": ("id", "name", "status", "start", "part_of", "source"),
    "citations": ("id", "keys", "status", "printed", "section"),
    "funding": ("id", "organisation", "budget", "year", "amount", "share_percent", "bound"),
    "observations": ("id", "subject", "measure", "from", "to", "unit", "value", "value_high", "bound", "section"),
    "places": ("id", "name", "also_spelt"),
}
"""Where inconsistencies are searched for; they do not change with other columns."""


@functools.cache
def _works() -> Mapping[str, references.Reference]:
    """The entries of the bibliography by key."""
    return references.read(project_root() / "data" / "references.bib", "data/references.bib").entries


@functools.cache
def computed() -> tuple[Finding, ...]:
    """The inconsistencies found by computation."""
    works = _works()
    years = {
        key: int(work.fields["year"][:4]) for key, work in works.items() if work.fields.get("year", "")[:4].isdigit()
    }
    tables = {name: rows_of(table(name, *columns)) for name, columns in SEARCHED.items()}
    names = {row["subject"]: subject_name(row["subject"]) for row in tables["observations"]}
    return tuple(slips.all_findings(tables, {key: work.fields for key, work in works.items()}, years, names))


def _coded(weight: str = "") -> list[Row]:
    rows = rows_of(table("audit"))
    return [row for row in rows if not weight or row["weight"] == weight]


def _number(rows: list[Row], what: str) -> Computed:
    return Computed(
        words.number(len(rows)) if rows else "no",
        what,
        "rows of audit.csv",
        tuple(f"audit:{row['id']}" for row in rows),
        value=len(rows),
    )


def _computed_number() -> Computed:
    found = computed()
    return Computed(
        words.number(len(found)),
        "inconsistencies found by computation",
        "see the section on computed inconsistencies",
        tuple(row for finding in found for row in finding.rows),
        value=len(found),
    )


def _cited(note: str) -> str:
    """A note with the works it names by their keys cited as everywhere else."""
    return re.sub(r"\b[a-z]+\d{4}[a-z]*\b", lambda key: f"@{key[0]}" if key[0] in _works() else key[0], note)


def _by_weight(weight: str) -> Table:
    rows = sorted(_coded(weight), key=lambda row: (list(KINDS).index(row["kind"]), row["place_a"], row["id"]))
    lines = tuple(
        (
            row["kind"],
            _cited(f"{row['place_a'].replace(';', ', ')}: {row['reading_a']}"),
            _cited(f"{row['place_b'].replace(';', ', ')}: {row['reading_b']}") if row["reading_b"] else "",
            _cited(row["note"]),
        )
        for row in rows
    )
    heads = (
        Column("Kind"),
        Column("One place"),
        Column("Other place"),
        Column("Note"),
    )
    return Table(heads, lines, origins=tuple(f"audit:{row['id']}" for row in rows))


def _computed_table() -> Table:
    lines = tuple((finding.kind, finding.says) for finding in computed())
    return Table(
        (Column("Kind"), Column("Computed")),
        lines,
        origins=tuple(row for finding in computed() for row in finding.rows),
    )


def _summary_table() -> Table:
    counts = Counter((row["kind"], row["weight"]) for row in _coded())
    by_computation = Counter(finding.kind for finding in computed())
    lines = [
        (
            kind,
            *(str(counts[kind, weight]) for weight in WEIGHTS),
            str(by_computation[kind]),
        )
        for kind in KINDS
    ]
    heads = (Column("Kind"), *(Column(weight.capitalize(), "right") for weight in WEIGHTS), Column("Computed", "right"))
    note = "Coded while reading, by weight; the last column was found by computation."
    behind = [f"audit:{row['id']}" for row in _coded()] + [row for finding in computed() for row in finding.rows]
    return Table(heads, tuple(lines), note, tuple(dict.fromkeys(behind)))


def __getattr__(name: str) -> Computed | Table:
    """Numbers and tables of the audit by name."""
    if name in WEIGHTS:
        return _number(_coded(name), f"coded inconsistencies of weight {name}")
    if name == "coded":
        return _number(_coded(), "coded inconsistencies")
    if name == "computed_count":
        return _computed_number()
    if name == "computed_table":
        return _computed_table()
    if name == "summary_table":
        return _summary_table()
    if name.removesuffix("_table") in WEIGHTS:
        return _by_weight(name.removesuffix("_table"))
    raise AttributeError(name)
