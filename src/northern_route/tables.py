"""Tables on all five organisations that no other module owns."""

from __future__ import annotations

from northern_route.evidence import by_id, counted, of_organisation, rows_of
from recount.values import Column, Table


def _organisations() -> Table:
    lines = []
    behind = []
    known = sorted(by_id("organisations").values(), key=lambda row: row["chapter"])
    for row in known:
        acts = of_organisation("activities", row["id"], "id", "status", "counted", "tactic")
        own = counted(acts)
        behind += [f"activities:{act}" for act in acts["id"]]
        planned = [act for act in rows_of(acts) if act["status"] == "planned" and act["tactic"] != "framework"]
        lines.append(
            (
                row["name"],
                row["founded"],
                row["tajikistan_since"],
                row["approach"],
                row["donor_bloc"],
                str(len(acts)),
                str(len(own)),
                str(len(planned)),
            )
        )
    heads = (
        Column("Organisation"),
        Column("Founded", "right"),
        Column("In the region since", "right"),
        Column("Approach"),
        Column("Donors"),
        Column("Coded", "right"),
        Column("Counted", "right"),
        Column("Planned", "right"),
    )
    note = "Approach and donors as the thesis classes them. A dash: the thesis does not say."
    return Table(heads, tuple(lines), note, (*(f"organisations:{row['id']}" for row in known), *behind))


def __getattr__(name: str) -> Table:
    """The tables by name."""
    if name == "organisations":
        return _organisations()
    raise AttributeError(name)
