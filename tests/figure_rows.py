"""A handful of evidence rows for the tests of figures: small enough to count by hand."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from northern_route.figures import (
    claims,
    cooperation,
    difficulties,
    funding,
    gaps,
    geodata,
    infrastructure,
    matrix,
    operations,
    ranking,
    specification,
    timeline,
    training,
)
from northern_route.figures import map as maps
from recount.values import Figure

ACTIVITY = [
    *("id", "organisation", "name", "tactic", "also", "mode", "form", "start", "end", "dating", "status", "region"),
    *("place", "audience", "cooperation_kind", "cooperation_level", "partners", "themes", "part_of", "counted"),
    *("reason", "credited", "section", "source", "note"),
]


def table(columns: list[str], *rows: dict[str, str]) -> pd.DataFrame:
    """A table of text as `evidence.table` gives it: empty where nothing is said, indexed by id."""
    filled = [{column: row.get(column, "") for column in columns} for row in rows]
    return pd.DataFrame(filled, columns=columns).set_index("id", drop=False)


def read(text: str) -> pd.DataFrame:
    """A table from the text of a CSV file."""
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False).set_index("id", drop=False)


def act(name: str, tactic: str, **cells: str) -> dict[str, str]:
    """One act; its organisation is the beginning of its id."""
    return {
        "id": name,
        "organisation": name.partition("-")[0],
        "name": name.replace("-", " ").capitalize(),
        "tactic": tactic,
        "status": "completed",
        "dating": "stated",
        "counted": "yes",
        "section": "2.1",
    } | cells


ACTIVITIES = table(
    ACTIVITY,
    act("unodc-course", "training", mode="theoretical", start="2018-11", region="sughd", place="khujand"),
    act("unodc-office", "infrastructure", region="gorno-badakhshan", place="khorog", source="gavrilis2012central@22"),
    act("unodc-centre", "cooperation", start="2009", status="ongoing", region="central-asia", partners="caricc;russia",
        cooperation_kind="information", cooperation_level="regional"),
    act("csto-sweep", "operation", mode="practical", start="2014-05", region="gorno-badakhshan", partners="russia"),
    act("csto-drill", "operation", mode="practical", start="2019"),
    act("csto-guns", "equipment", start="2015-04", status="planned", region="national"),
    act("bomca-cameras", "equipment", start="2018-08"),
    act("osce-hall", "infrastructure", status="planned", region="khatlon", start="2020"),
)  # fmt: skip
OBSERVATIONS = read("""\
id,subject,measure,value,bound,value_high,unit,from,to,section,source,note
o1,csto-sweep,opiates-seized,300,more-than,,kg,2014-05,2014-05,6.5,,
o2,csto-sweep,arrests,7,exact,,people,,,6.5,,
o3,agency,narcotics-seized,2,exact,,tonne,2018,2018,intro,,
o4,bomca-cameras,equipment-value,48000,exact,,eur,,,3.3,,
o5,unodc-course,participants,26,exact,,people,,,2.3,,
o6,unodc-course,training-events,10,exact,,events,,,2.3,,
""")
PLACES = read("""\
id,name,also_spelt,region,latitude,longitude,coordinate_source,coordinate_precision_km,section
khorog,Khorog,,gorno-badakhshan,37.49,71.55,,3,2.5
khujand,Khujand,,sughd,40.28,69.63,,5,2.5
gorno-badakhshan,Gorno-Badakhshan,,gorno-badakhshan,38.4,73.0,,150,2.2
""")
CONTEXT = read("""\
id,date,precision,event,section,source
tajik-coup-attempt,2015,year,A coup fails,intro,
local-unrest,2012-07,month,Unrest,6.7,
lease-ends,2042,year,A lease ends,1.1,
""")
OBSTACLES = read("""\
id,subject,obstacle,stance,activity,section,source
b1,unodc,corruption,ignores,,2.6,
b2,unodc,corruption,is-held-back-by,,2.2,
b3,unodc,corruption,is-held-back-by,,2.3,
b4,csto,weak-state,acts-on,,6.5,
b5,russia,weak-state,acts-on,,1.1,
""")
FUNDING = read("""\
id,organisation,budget,donor,year,amount,currency,share_percent,bound,section,source
f1,unodc,fund,russia,2018,2100000,usd,1,less-than,2.1,
f2,unodc,fund,united-states,2018,,,22.2,exact,2.1,
f3,osce,project,germany,,,,,,5.4,
""")
NAMES = {"russia": "Russia", "united-states": "United States", "caricc": "Regional Centre of Many Words (CARICC)"}
BORDER = ((67.5, 37.0), (75.0, 37.5), (70.0, 41.0))
OUTLINE = geodata.Outline((BORDER,), (("Panj", ((68.2, 37.0), (71.5, 37.2))),), "a map")
SHARES = pd.DataFrame(
    {"training": [1.0, 0.5, 0.2], "cooperation": [0.2, 1.0, float("nan")], "equipment": [0.0, 0.3, 1.0]},
    index=["unodc", "osce", "csto"],
)
TITLES = {"training": "Training", "cooperation": "Cooperation", "equipment": "Equipment"}
ACCEPTABILITY = {"unodc": [0.7, 0.3, 0.0], "csto": [0.0, 0.2, 0.8], "osce": [0.3, 0.5, 0.2]}
CHOICES = [
    {
        "id": "planned",
        "question": "Do plans count?",
        "base": "no",
        "options": [{"id": "no", "label": "no"}, {"id": "yes", "label": "yes"}],
    },
    {
        "id": "unit",
        "question": "What is counted?",
        "base": "rows",
        "options": [{"id": "rows", "label": "acts"}, {"id": "events", "label": "events"}],
    },
]
MULTIVERSE: dict[str, Any] = {
    "combinations": 4,
    "leader": "unodc",
    "places": {"unodc": [0.75, 0.25], "osce": [0.25, 0.75]},
    "sways": [
        {"choice": "unit", "shares": {"rows": 1.0, "events": 0.5}, "range": 0.5},
        {"choice": "planned", "shares": {"no": 1.0, "yes": 0.5}, "range": 0.5},
    ],
    "curve": {
        "choices": {"planned": ["no", "yes"], "unit": ["rows", "events"]},
        "points": [
            {"lead": -0.1, "first": ["osce"], "options": [1, 1]},
            {"lead": 0.1, "first": ["unodc"], "options": [0, 1]},
            {"lead": 0.2, "first": ["unodc"], "options": [1, 0]},
            {"lead": 0.3, "first": ["unodc"], "options": [0, 0]},
        ],
    },
}
CLAIMS = {
    "unodc-first": {"kind": "ranking", "verdict": "holds", "section": ["conclusion"]},
    "sco-last": {"kind": "ranking", "verdict": "holds", "section": ["4.4", "conclusion"]},
    "csto-most": {"kind": "superlative", "verdict": "fails", "section": ["6.8"]},
}


def every_figure() -> dict[str, Figure]:
    """One figure of every kind, from the rows above."""
    return {
        "matrix": matrix.organisation_by_tactic(ACTIVITIES),
        "gaps": gaps.gaps(ACTIVITIES),
        "acceptability": ranking.acceptability(ACCEPTABILITY, {"unodc": 1, "osce": 2, "csto": 3}, over="all weights"),
        "weights": ranking.weights(SHARES, TITLES),
        "specification": specification.curve(MULTIVERSE, CHOICES),
        "timeline": timeline.all_activities(ACTIVITIES, CONTEXT),
        "timeline-csto": timeline.of_organisation(ACTIVITIES, CONTEXT, "csto"),
        "funding": funding.shares(FUNDING, NAMES),
        "training": training.training(ACTIVITIES, OBSERVATIONS),
        "cooperation": cooperation.cooperation(ACTIVITIES, NAMES),
        "equipment": infrastructure.equipment(ACTIVITIES[ACTIVITIES["tactic"] == "equipment"], OBSERVATIONS, NAMES),
        "infrastructure": infrastructure.by_place(ACTIVITIES[ACTIVITIES["tactic"] == "infrastructure"], PLACES),
        "map": maps.tajikistan(ACTIVITIES, PLACES, OUTLINE),
        "operations": operations.outcomes(ACTIVITIES[ACTIVITIES["tactic"] == "operation"], OBSERVATIONS, NAMES),
        "difficulties": difficulties.difficulties(OBSTACLES),
        "verdicts": claims.verdicts(CLAIMS),
    }


def data_with(figure: Figure, *fields: str) -> list[dict[str, Any]]:
    """The rows of the first data set of a specification whose rows have all these fields."""
    for rows in _inline(dict(figure.spec)):
        if rows and all(field in rows[0] for field in fields):
            return rows
    raise LookupError(f"no data with {fields}")


def _inline(node: object) -> Iterator[list[dict[str, Any]]]:
    if isinstance(node, dict):
        if isinstance(node.get("values"), list) and all(isinstance(row, dict) for row in node["values"]):
            yield node["values"]
        for name, value in node.items():
            if name == "datasets":
                yield from value.values()
            else:
                yield from _inline(value)
    elif isinstance(node, list):
        for value in node:
            yield from _inline(value)


def drawn(figure: Figure, **parameters: float) -> str:
    """The texts of the drawing, one a line, with other values for some parameters."""
    from recount.drawing import svg

    spec = json.loads(json.dumps(figure.spec))
    for parameter in spec.get("params", []):
        if parameter["name"] in parameters:
            parameter["value"] = parameters[parameter["name"]]
    return "\n".join(re.findall(r"<(?:text|tspan)[^>]*>([^<]+)<", svg(json.dumps(spec))))
