"""One organisation as its chapter speaks of it: counts, lists, tables."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from northern_route import evidence
from northern_route.evidence import Row, by_id, citation, count, counted, rows_of, several
from recount import words
from recount.amounts import BOUNDS, amount
from recount.values import Column, Computed, Figure, Table

ELSEWHERE = {
    "national": "the whole country",
    "central-asia": "Central Asia",
    "afghanistan": "Afghanistan",
    "abroad": "abroad",
}
REGIONS = {
    "dushanbe": "Dushanbe",
    "sughd": "Sughd",
    "khatlon": "Khatlon",
    "gorno-badakhshan": "Gorno-Badakhshan",
    "districts-of-republican-subordination": "the Districts of Republican Subordination",
}
TACTICS = ("training", "cooperation", "equipment", "infrastructure", "unique", "operation", "framework")
NOUNS = {"unique": "unique initiatives", "operation": "operations and exercises"}
OBSTACLES = {
    "political-will": "lack of political will",
    "corruption": "corruption",
    "organised-crime": "organised crime",
    "narco-terror-nexus": "the narco-terror nexus",
    "weak-state": "the weak state",
}
GENERAL = (
    "Left out is what the introduction and the conclusion say of all five at once: that each difficulty hampers them."
)
STANCES = {
    "acts-on": "acts on it",
    "acknowledges": "acknowledges it",
    "ignores": "ignores it",
    "is-held-back-by": "is held back by it",
}


@dataclass(frozen=True)
class Organisation:
    """The values of one organisation; each is computed when a chapter asks for it."""

    id: str

    @property
    def row(self) -> Row:
        """Its row in `organisations.csv`."""
        return by_id("organisations")[self.id]

    @property
    def name(self) -> str:
        """The short name."""
        return self.row["name"]

    @property
    def founded(self) -> str:
        """The founding year as stated."""
        return self.row["founded"]

    @property
    def all_acts(self) -> pd.DataFrame:
        """Every coded act told under this organisation."""
        return evidence.of_organisation("activities", self.id)

    @property
    def counted_acts(self) -> pd.DataFrame:
        """Those that the base rule counts."""
        return _counted_acts(self.id)

    def _count(self, rows: pd.DataFrame, what: str) -> Computed:
        formula = "rows of activities.csv with counted = yes and status completed or ongoing"
        return count(rows, "activities", f"{what}, {self.name}", formula)

    def _tactic(self, tactic: str) -> Computed:
        rows = self.counted_acts
        return self._count(rows[rows["tactic"] == tactic], f"counted acts, {NOUNS.get(tactic, tactic)}")

    @property
    def coded(self) -> Computed:
        """How many rows were coded, counted or not."""
        return count(self.all_acts, "activities", f"coded acts, {self.name}", "rows of activities.csv")

    @property
    def acts(self) -> Computed:
        """How many acts count."""
        return self._count(self.counted_acts, "counted acts")

    @property
    def training(self) -> Computed:
        """How many counted acts of training."""
        return self._tactic("training")

    @property
    def cooperation(self) -> Computed:
        """How many counted acts of cooperation."""
        return self._tactic("cooperation")

    @property
    def equipment(self) -> Computed:
        """How many counted donations."""
        return self._tactic("equipment")

    @property
    def infrastructure(self) -> Computed:
        """How many counted works of infrastructure."""
        return self._tactic("infrastructure")

    @property
    def unique(self) -> Computed:
        """How many counted unique initiatives."""
        return self._tactic("unique")

    @property
    def operations(self) -> Computed:
        """How many counted operations and exercises."""
        return self._tactic("operation")

    @property
    def planned(self) -> Computed:
        """How many acts are only planned."""
        rows = self.all_acts
        formula = "rows of activities.csv with status planned, frameworks left out"
        return count(
            rows[(rows["status"] == "planned") & (rows["tactic"] != "framework")],
            "activities",
            f"planned acts, {self.name}",
            formula,
        )

    @property
    def theoretical(self) -> Computed:
        """How many counted trainings are theoretical, wholly or in part."""
        rows = self.counted_acts
        chosen = rows[(rows["tactic"] == "training") & rows["mode"].isin(["theoretical", "both"])]
        return self._count(chosen, "counted trainings that are theoretical, wholly or in part")

    @property
    def practical(self) -> Computed:
        """How many counted trainings are practical, wholly or in part."""
        rows = self.counted_acts
        chosen = rows[(rows["tactic"] == "training") & rows["mode"].isin(["practical", "both"])]
        return self._count(chosen, "counted trainings that are practical, wholly or in part")

    @property
    def gorno_badakhshan(self) -> Computed:
        """How many counted acts are placed in Gorno-Badakhshan."""
        rows = self.counted_acts
        # Of no rows at all pandas would make a column of texts, and take it for the names of columns.
        chosen = rows[rows["region"].map(lambda cell: "gorno-badakhshan" in several(cell)).astype(bool)]
        return self._count(chosen, "counted acts placed in Gorno-Badakhshan")

    @property
    def regions(self) -> Computed:
        """The regions of Tajikistan in which counted acts are placed."""
        rows = self.counted_acts
        found = {region for cell in rows["region"] for region in several(cell)}
        names = [name for region, name in REGIONS.items() if region in found]
        chosen = rows[rows["region"].map(lambda cell: bool(found & set(REGIONS) & set(several(cell)))).astype(bool)]
        return Computed(
            words.listed(names),
            f"regions of Tajikistan with a counted act, {self.name}",
            "regions named in the rows, or holding a place named there",
            tuple(f"activities:{row}" for row in chosen["id"]),
            evidence.keys(chosen["source"]),
        )

    @property
    def works(self) -> Computed:
        """How many different works the coded acts rest on."""
        found = evidence.keys(self.all_acts["source"])
        return Computed(
            words.number(len(found)),
            f"different works cited for the acts, {self.name}",
            "distinct keys in the source column of activities.csv",
            tuple(f"activities:{row}" for row in self.all_acts["id"]),
            found,
            len(found),
        )

    @property
    def place(self) -> Computed:
        """The place in the base ranking, as a word."""
        from northern_route import overall

        return overall.place(self.id)

    @property
    def standing(self) -> Computed:
        """The sentence on this organisation's place and how firmly it stands."""
        from northern_route import overall

        return overall.standing(self.id)

    @property
    def timeline(self) -> Figure:
        """Its dated acts over time."""
        from northern_route import pictures

        return pictures.timeline_of(self.id)

    @property
    def claims_table(self) -> Table:
        """What the thesis states of it, with the verdicts."""
        from northern_route import replication

        return replication.of_organisation(self.id)

    @property
    def recommendations_table(self) -> Table:
        """The recommendations that follow from its gaps, beside those of the thesis."""
        from northern_route import comparison

        return comparison.recommendations(self.id)

    @property
    def training_table(self) -> Table:
        """Its trainings."""
        return acts_table(self.all_acts, "training")

    @property
    def cooperation_table(self) -> Table:
        """Its cooperation."""
        return acts_table(self.all_acts, "cooperation")

    @property
    def equipment_table(self) -> Table:
        """Its donations."""
        return acts_table(self.all_acts, "equipment")

    @property
    def infrastructure_table(self) -> Table:
        """Its infrastructure."""
        return acts_table(self.all_acts, "infrastructure")

    @property
    def unique_table(self) -> Table:
        """Its unique initiatives."""
        return acts_table(self.all_acts, "unique")

    @property
    def operations_table(self) -> Table:
        """Its operations and exercises."""
        return acts_table(self.all_acts, "operation")

    @property
    def obstacles_table(self) -> Table:
        """What it does about the five difficulties; what the thesis says of every organisation alike is left out."""
        all_rows = evidence.of_organisation("obstacles", self.id)
        rows = all_rows[~all_rows["section"].str.startswith("intro")]
        lines = []
        for obstacle, named in OBSTACLES.items():
            own = rows_of(rows[rows["obstacle"] == obstacle].sort_values(["stance", "id"]))
            lines += [
                (
                    # The difficulty stands once, so that the eye finds where the next begins.
                    "\u00a0" if index else words.sentence(named).rstrip("."),
                    STANCES[row["stance"]],
                    "; ".join(by_id("activities", "name")[act]["name"] for act in several(row["activity"])),
                    row["section"].replace(";", ", ").replace("conclusion", "concl."),
                    citation(row["source"]),
                )
                for index, row in enumerate(own)
            ]
        heads = (
            Column("Difficulty"),
            Column("Stance"),
            Column("Acts"),
            Column("Section"),
            Column("Source"),
        )
        shown = dict.fromkeys(act for cell in rows["activity"] for act in several(cell))
        behind = (*(f"obstacles:{row}" for row in rows["id"]), *(f"activities:{act}" for act in shown))
        return Table(heads, tuple(lines), GENERAL, behind)

    @property
    def funding_table(self) -> Table:
        """Its donors as the thesis states them."""
        rows = evidence.of_organisation("funding", self.id)
        lines = [
            (
                actor_name(row["donor"]),
                row["budget"].replace("-", " "),
                row["year"],
                _money(row),
                f"{BOUNDS[row['bound'] or 'exact']}{row['share_percent']}" if row["share_percent"] else "",
                citation(row["source"]),
            )
            for row in rows_of(rows)
        ]
        heads = (
            Column("Donor"),
            Column("Budget"),
            Column("Year", "right"),
            Column("Amount", "right"),
            Column("Share (%)", "right"),
            Column("Source"),
        )
        return Table(heads, tuple(lines), origins=tuple(f"funding:{row}" for row in rows["id"]))


@functools.cache
def _counted_acts(organisation: str) -> pd.DataFrame:
    # Some twenty numbers of a chapter start from these rows.
    return counted(evidence.of_organisation("activities", organisation))


def _money(row: Row) -> str:
    if not row["amount"]:
        return ""
    return amount(Decimal(row["amount"]), row["currency"])


@functools.cache
def actor_name(actor: str) -> str:
    """The printed name of an organisation or actor."""
    for name in ("organisations", "actors"):
        if found := by_id(name, "name").get(actor):
            return found["name"]
    return actor.replace("-", " ")


@functools.cache
def place_name(place: str) -> str:
    """The printed name of a place."""
    known = by_id("places", "name").get(place)
    return known["name"] if known else place.replace("-", " ")


def when(row: Row) -> str:
    """The dates of an act as a table shows them; a date known only from the source is in brackets."""
    start, end = row["start"], row["end"]
    text = f"{start} to {end}" if start and end and start != end else start or end
    if not text:
        return ""
    return f"[{text}]" if row["dating"] == "from-source" else text


def acts_table(rows: pd.DataFrame, tactic: str) -> Table:
    """The acts of one tactic, oldest first, with where, when, how they count and what they rest on.

    Args:
        rows: rows of `activities.csv`.
        tactic: which of them; also those filed under it second, marked as such.
    """
    chosen = rows[rows["tactic"] == tactic].sort_values(["start", "id"])
    lines = []
    for row in rows_of(chosen):
        where = ", ".join(place_name(place) for place in several(row["place"])) or ", ".join(
            (REGIONS | ELSEWHERE)[region] for region in several(row["region"]) if region != "unstated"
        )
        status = "yes" if row["counted"] == "yes" and row["status"] in evidence.DONE else row["status"]
        if row["counted"] == "no":
            status = f"no: {row['reason'].replace('-', ' ')}"
        lines.append((row["name"], when(row), where, status, citation(row["source"])))
    heads = (
        Column("Act"),
        Column("When"),
        Column("Where"),
        Column("Counts"),
        Column("Source"),
    )
    note = "A date in square brackets is the year of the work cited; the thesis gives none."
    dated = any(line[1].startswith("[") for line in lines)
    return Table(heads, tuple(lines), note if dated else "", tuple(f"activities:{row}" for row in chosen["id"]))
