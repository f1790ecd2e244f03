"""Chapter 1 as tables: what the literature holds about policies and difficulties."""

from __future__ import annotations

from northern_route.evidence import citation, rows_of, table
from northern_route.organisation import OBSTACLES
from recount.values import Column, Table

POLICIES = {
    "russian-policy": "Russian policy",
    "eu-policy": "EU policy",
    "us-policy": "US policy",
    "chinese-policy": "Chinese policy",
}
STANCES = {"supports": "supports", "criticises": "criticises", "neutral": "describes", "recommends": "recommends"}


def __getattr__(name: str) -> Table:
    """The tables of the literature chapter by name."""
    if name == "positions_table":
        return _positions(POLICIES, "Policy")
    if name == "difficulties_table":
        return _positions(OBSTACLES, "Difficulty")
    raise AttributeError(name)


def _positions(themes: dict[str, str], head: str) -> Table:
    """The positions of chapter 1 on some themes, in the order of the themes, then of the authors."""
    rows = [
        row
        for row in rows_of(table("positions"))
        if row["theme"] in themes and any(section.startswith("1.") for section in row["section"].split(";"))
    ]
    order = list(themes)
    rows.sort(key=lambda row: (order.index(row["theme"]), row["source"], row["id"]))
    lines = []
    before = ""
    for row in rows:
        # The theme stands once, so that the eye finds where the next begins.
        theme = themes[row["theme"]] if row["theme"] != before else "\u00a0"
        before = row["theme"]
        lines.append((theme, row["position"], STANCES[row["stance"]], citation(row["source"]) or "the thesis"))
    heads = (
        Column(head),
        Column("Position"),
        Column("Stance"),
        Column("Source"),
    )
    note = "Positions in our own words, from the first chapter of the thesis."
    return Table(heads, tuple(lines), note, tuple(f"positions:{row['id']}" for row in rows))
