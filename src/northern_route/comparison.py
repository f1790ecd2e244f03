"""The comparison as tables: scores, ranking, methods, and what was declared before the counting."""

from __future__ import annotations

import functools
from typing import Any

from northern_route.naming import name
from northern_route.organisation import OBSTACLES, REGIONS
from recount import words
from recount.marked import plain
from recount.results import entries, project_root, read
from recount.values import Column, Table


def base() -> list[dict[str, Any]]:
    """The base ranking, best first, with what each criterion adds."""
    return list(read("rankings", "base"))


def entry_of(organisation: str) -> dict[str, Any]:
    """The entry of one organisation in the base ranking."""
    return entries("rankings", "base", where={"organisation": organisation})[0]


def titles() -> dict[str, str]:
    """What each criterion is called, in the order in which they are declared."""
    return {one["id"]: one["title"] for one in entries("scores", "criteria", columns=("id", "title"))}


def rows_of_entry(entry: dict[str, Any]) -> tuple[str, ...]:
    """The rows behind one organisation's scores."""
    return tuple(dict.fromkeys(row for reason in entry["reasons"] for row in reason["rows"]))


def all_rows() -> tuple[str, ...]:
    """The rows behind the scores of all organisations."""
    return tuple(dict.fromkeys(row for entry in base() for row in rows_of_entry(entry)))


@functools.cache
def places() -> dict[str, int]:
    """The place of each organisation in the base ranking."""
    found = entries("rankings", "base", columns=("organisation", "place"))
    return {entry["organisation"]: entry["place"] for entry in found}


@functools.cache
def declared(file: str) -> list[dict[str, Any]]:
    """A declaration of `data/` as written: criteria, choices or thresholds."""
    found: list[dict[str, Any]] = plain((project_root() / "data" / f"{file}.yml").read_text(encoding="utf-8"))
    return found


def _cell_text(cell: dict[str, Any]) -> str:
    if cell["value"] is None:
        return ""
    return f"{cell['value']:g}"


def scores() -> Table:
    """Criteria by organisation, with what each counts."""
    found = read("scores")
    cells = {(cell["organisation"], cell["criterion"]): cell for cell in found["cells"]}
    lines = tuple(
        (criterion["title"], *(_cell_text(cells[one, criterion["id"]]) for one in found["organisations"]))
        for criterion in found["criteria"]
    )
    heads = (Column("Counted acts"), *(Column(name(one), "right") for one in found["organisations"]))
    note = (
        "A dash means that the thesis tells nothing; a nought that it tells of acts that do not count in the base "
        "reading, or states that there are none. A half comes from training whose kind is not told."
    )
    return Table(heads, lines, note, all_rows())


def ranking() -> Table:
    """The base ranking with scores and shares under each criterion."""
    lines = []
    for entry in base():
        shares = {reason["criterion"]: reason["share"] for reason in entry["reasons"]}
        told = [f"{shares[one]:.2f}" if shares[one] is not None else "" for one in titles()]
        lines.append((str(entry["place"]), name(entry["organisation"]), f"{entry['score']:.2f}", *told))
    heads = (
        Column("Place", "right"),
        Column("Organisation"),
        Column("Score", "right"),
        *(Column(title, "right") for title in titles().values()),
    )
    note = (
        "Under each criterion the count as a share of the leader's; the score is their weighted mean over what is told."
    )
    return Table(heads, tuple(lines), note, all_rows())


def methods() -> Table:
    """The places under each method of combination."""
    by_method = read("rankings", "by_method")
    options = {option["id"]: option["label"] for entry in declared("choices") for option in entry["options"]}
    order = list(places())
    lines = []
    for method, ranked in by_method.items():
        own = {entry["organisation"]: entry["place"] for entry in ranked}
        lines.append((words.sentence(options[method]).rstrip("."), *(str(own[one]) for one in order)))
    heads = (Column("Method"), *(Column(name(one), "right") for one in order))
    return Table(heads, tuple(lines), "Places under the base reading.", all_rows())


def criteria() -> Table:
    """The criteria as declared."""
    lines = tuple(
        (entry["title"], entry["unit"], f"{entry['weight']:g}", entry["description"], ", ".join(entry["sections"]))
        for entry in declared("criteria")
    )
    heads = (
        Column("Criterion"),
        Column("Unit"),
        Column("Weight", "right"),
        Column("What counts"),
        Column("Sections"),
    )
    return Table(heads, lines)


def choices() -> Table:
    """The choices as declared, the base option in bold."""
    lines = []
    for entry in declared("choices"):
        labels = [
            f"**{option['label']}**" if option["id"] == entry["base"] else option["label"]
            for option in entry["options"]
        ]
        lines.append((entry["question"], "; ".join(labels), entry["why"]))
    heads = (Column("Question"), Column("Options"), Column("Why it is open"))
    return Table(heads, tuple(lines), "The base option is in bold.")


def thresholds() -> Table:
    """The limits as declared."""
    lines = tuple(
        (entry["id"].replace("-", " "), f"{entry['value']:g}", entry["means"]) for entry in declared("thresholds")
    )
    return Table((Column("Limit"), Column("Value", "right"), Column("Meaning")), lines)


KINDS = {"tactic": "Tactic", "region": "Region", "obstacle": "Difficulty"}


def gap_text(kind: str, value: str) -> str:
    """What is lacking, in words."""
    if kind == "tactic":
        return titles()[value].lower()
    return REGIONS.get(value) or OBSTACLES.get(value) or value.replace("-", " ")


def recommendations(organisation: str) -> Table:
    """The recommendations derived from an organisation's gaps, beside what the thesis recommends.

    Gaps of a kind that the thesis knows equally well and for which it recommends the same share a line.
    """
    gaps = entries("recommendations", "gaps", where={"organisation": organisation})
    lacking: dict[tuple[str, str, str], list[str]] = {}
    for gap in gaps:
        thesis = "; ".join(read("claims", one, "says").rstrip(".") for one in gap["recommended_by_the_thesis"])
        told = "told, none counted" if gap["told"] else "not told"
        lacking.setdefault((KINDS[gap["kind"]], told, thesis), []).append(gap_text(gap["kind"], gap["value"]))
    lines = [
        (kind, words.sentence(words.listed(found)).rstrip("."), told, thesis)
        for (kind, told, thesis), found in lacking.items()
    ]
    heads = (Column("Kind"), Column("What is lacking"), Column("Evidence"), Column("Recommended by the thesis"))
    note = "“Not told” means that the thesis is silent; a recommendation then rests on an empty cell and is withheld."
    rows = tuple(dict.fromkeys(row for gap in gaps for row in gap["rows"]))
    return Table(heads, tuple(lines), note, rows)
