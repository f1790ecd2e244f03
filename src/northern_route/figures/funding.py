"""Who pays: the shares of donors that the thesis states."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import altair as alt

from northern_route.figures import theme
from recount import words
from recount.amounts import amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from recount.values import Figure

GUTTER, INNER, ROW, GAP = 150, 430, 17, 9
BOUNDS = {
    "": "",
    "exact": "",
    "less-than": "less than ",
    "more-than": "more than ",
    "at-least": "at least ",
    "about": "about ",
}


def shares(funding: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """The stated shares of donors in each budget, with the amounts where they are stated too.

    Args:
        funding: the rows of `funding.csv`.
        names: what actors are called, by id.
    """
    rows = theme.rows_of(funding)
    order = list(theme.NAMES)
    budgets: dict[tuple[int, str, str], list[theme.Record]] = {}
    for row in rows:
        key = (order.index(row["organisation"]), row["budget"], row["year"])
        budgets.setdefault(key, []).append(_record(row, names))
    for records in budgets.values():
        records.sort(key=lambda record: (-(record["share"] if record["share"] is not None else -1), record["donor"]))
    groups = [
        (
            f"{theme.NAMES[order[at]]}: {budget.replace('-', ' ')}" + (f", {year}" if year else ""),
            budgets[at, budget, year],
        )
        for at, budget, year in sorted(budgets)
    ]
    heads, height = theme.stacked(groups, ROW, GAP)
    shown = [record for _, records in groups for record in records]
    told = [record for record in shown if record["share"] is not None]
    top = max(told, key=lambda record: record["share"], default=None)
    return theme.figure(
        _chart(shown, heads, height),
        "funding",
        alt_text=(
            f"Bars of {words.counted(len(told), 'stated share')} of donors in {words.counted(len(budgets), 'budget')}"
            + (
                f"; the largest is {top['share']:g}% of a budget of {top['organisation']}, from {top['donor']}."
                if top
                else "."
            )
        ),
        description=" ".join(
            f"{head}: " + words.listed([f"{record['donor']} {record['label']}" for record in records]) + "."
            for head, records in groups
        ),
        table=theme.text_table(
            ["Organisation", "Budget", "Donor", "Share and amount", "Section"],
            [
                [record["organisation"], head.split(": ", 1)[1], record["donor"], record["label"], record["section"]]
                for head, records in groups
                for record in records
            ],
            note="Shares of different budgets, years and bases: they do not add up across organisations.",
        ),
        behind=[f"funding:{row['id']}" for row in rows],
    )


def _record(row: Mapping[str, str], names: Mapping[str, str]) -> theme.Record:
    share = float(row["share_percent"]) if row["share_percent"] else None
    money = amount(Decimal(row["amount"]), row["currency"]) if row["amount"] else ""
    bound = BOUNDS.get(row["bound"], "")
    parts = [*([f"{bound}{share:g}%"] if share is not None else []), *([money] if money else [])]
    return {
        "organisation": theme.NAMES[row["organisation"]],
        "donor": names.get(row["donor"], theme.name_of(row["donor"])),
        "share": share,
        "label": ", ".join(parts) or "share not told",
        "row": f"funding:{row['id']}",
        "section": row["section"].replace(";", ", "),
        "source": row["source"].replace(";", ", ") or theme.UNTOLD,
    }


def _chart(shown: list[theme.Record], heads: list[theme.Record], height: float) -> alt.TopLevelMixin:
    most = max((record["share"] for record in shown if record["share"] is not None), default=1.0)
    scale = alt.Scale(domain=[0, most * 1.35], nice=False)
    axis = alt.Axis(tickCount=5, grid=True)
    title = "Share of the budget (%)"
    names = theme.domain(str(record["organisation"]) for record in shown)
    tooltip = [
        alt.Tooltip("donor:N", title="Donor"),
        alt.Tooltip("label:N", title="Stated"),
        alt.Tooltip("organisation:N", title="Organisation"),
        alt.Tooltip("row:N", title="Row"),
        alt.Tooltip("section:N", title="Section"),
        alt.Tooltip("source:N", title="Source"),
    ]
    chosen = theme.highlight(legend=False)
    base = alt.Chart(theme.data([record | {"share": record["share"] or 0, "zero": 0} for record in shown]))
    bars = (
        base.mark_rule(strokeWidth=11)
        .encode(
            x=alt.X("zero:Q", scale=scale, axis=axis, title=title),
            x2=alt.X2("share:Q"),
            y=theme.pixels(height),
            color=alt.Color("organisation:N", scale=theme.colours(names), legend=None),
            opacity=theme.faded(chosen),
            tooltip=tooltip,
        )
        .add_params(chosen)
    )
    labels = base.mark_text(align="left", baseline="middle", dx=5).encode(
        x=alt.X("share:Q", scale=scale, axis=axis, title=title),
        y=theme.pixels(height),
        text=alt.Text("label:N"),
        tooltip=tooltip,
    )
    return alt.layer(
        bars,
        labels,
        theme.label(heads, -GUTTER, height, fontWeight=600),
        theme.label(shown, -8, height, "donor", align="right"),
        width=INNER,
        height=height,
    )
