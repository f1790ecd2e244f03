"""Organisations by tactic, and where the thesis has no evidence."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import altair as alt

from northern_route.figures import theme
from recount import words

if TYPE_CHECKING:
    import pandas as pd

    from recount.values import Figure

# How many rows a tooltip names before it only says how many more there are.
NAMED = 8


def organisation_by_tactic(activities: pd.DataFrame) -> Figure:
    """How many acts of each tactic are told of each organisation, as a matrix.

    Args:
        activities: the rows of `activities.csv` to count, each once, under its first tactic.
    """
    cells: defaultdict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in theme.rows_of(activities):
        if row["organisation"] in theme.NAMES and row["tactic"] in theme.TACTICS:
            cells[row["organisation"], row["tactic"]].append(row)
    shown = [_cell(organisation, tactic, cells) for organisation in theme.NAMES for tactic in theme.TACTICS]
    most = max((cell["count"] for cell in shown), default=0)
    base = alt.Chart(theme.data(shown)).encode(
        x=alt.X(
            "tactic:N",
            sort=list(theme.TACTICS.values()),
            title=None,
            axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False),
            scale=alt.Scale(paddingInner=0.03),
        ),
        y=alt.Y(
            "organisation:N",
            sort=list(theme.NAMES.values()),
            title=None,
            axis=alt.Axis(domain=False, ticks=False),
            scale=alt.Scale(paddingInner=0.1),
        ),
    )
    tooltip = [
        alt.Tooltip("organisation:N", title="Organisation"),
        alt.Tooltip("tactic:N", title="Tactic"),
        alt.Tooltip("count:Q", title="Acts"),
        alt.Tooltip("rows:N", title="Rows"),
        alt.Tooltip("sections:N", title="Sections"),
    ]
    scale = alt.Scale(domain=[1, max(most, 2)], range=[theme.ORDERED[-1], theme.ORDERED[1]])
    squares = (
        base.transform_filter("datum.count > 0")
        .mark_rect(cornerRadius=3)
        .encode(color=alt.Color("count:Q", scale=scale, legend=None), tooltip=tooltip)
    )
    numbers = (
        base.transform_filter("datum.count > 0")
        .mark_text(fontSize=13)
        .encode(text=alt.Text("count:Q"), color=alt.ColorValue(theme.ON_PALE))
    )
    none = base.transform_filter("datum.count == 0").mark_text().encode(text=alt.TextValue("0"), tooltip=tooltip)
    chart = alt.layer(squares, numbers, none, width=535, height=5 * 32)
    totals = {
        organisation: sum(len(cells[organisation, tactic]) for tactic in theme.TACTICS) for organisation in theme.NAMES
    }
    top = max(shown, key=lambda cell: cell["count"])
    empty = [(cell["organisation"], cell["tactic"].lower()) for cell in shown if not cell["count"]]
    lines = [
        f"{name}: "
        + words.listed([f"{len(cells[key, tactic])} {label.lower()}" for tactic, label in theme.TACTICS.items()])
        + f", {totals[key]} in all."
        for key, name in theme.NAMES.items()
    ]
    return theme.figure(
        chart,
        "organisation-by-tactic",
        alt_text=(
            f"Matrix of {sum(totals.values())} acts by organisation and tactic; the fullest cell is"
            f" {top['tactic'].lower()} of {top['organisation']} with {top['count']}, and {len(empty)} of {len(shown)}"
            " cells are empty."
        ),
        description=" ".join(lines)
        + (" Empty: " + words.listed([f"{tactic} of {name}" for name, tactic in empty]) + "." if empty else ""),
        table=theme.text_table(
            ["Organisation", *theme.TACTICS.values(), "All"],
            [
                [name, *(len(cells[key, tactic]) for tactic in theme.TACTICS), totals[key]]
                for key, name in theme.NAMES.items()
            ],
            right=range(1, len(theme.TACTICS) + 2),
        ),
        behind=[f"activities:{row['id']}" for rows in cells.values() for row in rows],
    )


def _cell(organisation: str, tactic: str, cells: defaultdict[tuple[str, str], list[dict[str, str]]]) -> theme.Record:
    rows = cells[organisation, tactic]
    named = [row["id"] for row in rows[:NAMED]]
    more = len(rows) - len(named)
    sections = sorted({section for row in rows for section in theme.several(row["section"])})
    return {
        "organisation": theme.NAMES[organisation],
        "tactic": theme.TACTICS[tactic],
        "count": len(rows),
        "rows": ", ".join(named) + (f" and {more} more" if more else "") or theme.UNTOLD,
        "sections": ", ".join(sections) or theme.UNTOLD,
    }
