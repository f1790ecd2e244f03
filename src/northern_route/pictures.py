"""The figures that chapters show: which rows and results go into which figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from northern_route.compared import ORGANISATIONS
from northern_route.comparison import all_rows, base, declared, places, titles
from northern_route.evidence import counted, of_organisation, rows_of, several, table
from recount.results import read
from recount.values import Figure

SHOWN = (
    *("id", "organisation", "name", "tactic", "also", "mode", "start", "end", "dating", "status", "region", "place"),
    *("cooperation_kind", "cooperation_level", "partners", "counted", "section", "source"),
)
"""The columns of acts that figures show or choose by; they do not change with a note."""


def acts() -> pd.DataFrame:
    """The counted acts of the five."""
    rows = counted(table("activities", *SHOWN))
    return rows[rows["organisation"].isin(ORGANISATIONS)]


def timeline_of(organisation: str) -> Figure:
    """The dated acts of one organisation, planned ones included."""
    from northern_route.figures import timeline

    rows = of_organisation("activities", organisation, *SHOWN)
    return timeline.of_organisation(rows[rows["tactic"] != "framework"], table("context"), organisation)


def _matrix() -> Figure:
    from northern_route.figures import matrix

    return matrix.organisation_by_tactic(acts())


def _timeline() -> Figure:
    from northern_route.figures import timeline

    return timeline.all_activities(acts(), table("context"))


def _gaps() -> Figure:
    from northern_route.figures import gaps

    return gaps.gaps(acts())


def _resting(figure: Figure) -> Figure:
    """A figure made from results, with the rows behind the scores as its own."""
    rows = all_rows()
    return replace(figure, origins=rows, table=replace(figure.table, origins=rows))


def _acceptability() -> Figure:
    from northern_route.figures import ranking

    return _resting(ranking.acceptability(read("acceptability", "places"), places(), over="all weights"))


def _weights() -> Figure:
    from northern_route.figures import ranking

    shares = {
        entry["organisation"]: {reason["criterion"]: reason["share"] for reason in entry["reasons"]} for entry in base()
    }
    frame = pd.DataFrame.from_dict(shares, orient="index", columns=list(titles())).astype(float)
    return _resting(ranking.weights(frame, titles()))


def _with_plans() -> pd.DataFrame:
    """The acts of the five that are coded as countable, planned ones included; figures draw plans hollow."""
    rows = table("activities", *SHOWN)
    return rows[(rows["counted"] == "yes") & rows["organisation"].isin(ORGANISATIONS)]


def _names() -> dict[str, str]:
    files = ("actors", "organisations", "activities", "places", "topics")
    return {row["id"]: row["name"] for file in files for row in rows_of(table(file, "id", "name"))}


def _cooperation() -> Figure:
    from northern_route.figures import cooperation

    return cooperation.cooperation(acts(), _names())


def _training() -> Figure:
    from northern_route.figures import training

    rows = acts()
    return training.training(rows[rows["tactic"].isin(["training", "operation"])], table("observations"))


def _equipment() -> Figure:
    from northern_route.figures import infrastructure

    rows = table("activities", *SHOWN)
    return infrastructure.equipment(rows[rows["tactic"] == "equipment"], table("observations"), _names())


def _infrastructure() -> Figure:
    from northern_route.figures import infrastructure

    rows = _with_plans()
    also = rows["also"].map(lambda cell: "infrastructure" in several(cell))
    return infrastructure.by_place(rows[(rows["tactic"] == "infrastructure") | also], table("places"))


def _operations() -> Figure:
    from northern_route.figures import operations

    rows = acts()
    return operations.outcomes(rows[rows["tactic"] == "operation"], table("observations"), _names())


def _funding() -> Figure:
    from northern_route.figures import funding

    return funding.shares(table("funding"), _names())


def _difficulties() -> Figure:
    from northern_route.figures import difficulties

    return difficulties.difficulties(table("obstacles"))


def _specification() -> Figure:
    from northern_route.figures import specification

    return _resting(specification.curve(read("multiverse"), declared("choices")))


def _verdicts() -> Figure:
    from northern_route.figures import claims

    return claims.verdicts(read("claims"))


def _map() -> Figure:
    from northern_route.figures import geodata
    from northern_route.figures.map import tajikistan

    return tajikistan(_with_plans(), table("places"), geodata.tajikistan())


_MAKERS: dict[str, Callable[[], Figure]] = {
    "matrix": _matrix,
    "timeline": _timeline,
    "gaps": _gaps,
    "acceptability": _acceptability,
    "weights": _weights,
    "cooperation": _cooperation,
    "training": _training,
    "equipment": _equipment,
    "infrastructure": _infrastructure,
    "operations": _operations,
    "funding": _funding,
    "difficulties": _difficulties,
    "specification": _specification,
    "verdicts": _verdicts,
    "map": _map,
}


def __getattr__(name: str) -> Figure:
    """A figure by name."""
    if name in _MAKERS:
        return _MAKERS[name]()
    raise AttributeError(name)
