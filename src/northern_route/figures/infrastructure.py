"""Infrastructure and equipment: what was built where, and what was handed over when."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import altair as alt

from northern_route.figures import theme
from northern_route.figures.timeline import year
from recount import words
from recount.amounts import amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from recount.values import Figure

ROW, GAP = 16, 8
WIDTH = 596
STATES = ("begun", "planned")
FIRST, LAST = 2006, 2021
LEVEL = 17
GUTTER, INNER = 100, 488
# What a letter takes at most on average, in pixels; names are kept apart by it.
LETTER = 5.2


def by_place(activities: pd.DataFrame, places: pd.DataFrame) -> Figure:
    """What was built or refurbished, by the region and place that the thesis names, in the mark of its organisation.

    Args:
        activities: the rows of `activities.csv` to show, for instance those whose tactic or further tactic is
            infrastructure; planned ones are hollow.
        places: the rows of `places.csv`.
    """
    names = {row["id"]: row["name"] for row in theme.rows_of(places)}
    regions = ["gorno-badakhshan", "khatlon", "sughd", "districts-of-republican-subordination", "dushanbe"]
    rest = "No region named"
    groups: dict[str, list[theme.Record]] = {head: [] for head in [*(theme.REGIONS[key] for key in regions), rest]}
    order = list(theme.NAMES)
    rows = sorted(
        (row for row in theme.rows_of(activities) if row["organisation"] in theme.NAMES),
        key=lambda row: (order.index(row["organisation"]), row["id"]),
    )
    for row in rows:
        told = [theme.REGIONS[region] for region in regions if region in theme.several(row["region"])] or [rest]
        for head in told:
            groups[head].append(
                theme.evidence(row)
                | {
                    "state": STATES[row["status"] == "planned"],
                    "place": words.listed([names.get(place, place) for place in theme.several(row["place"])])
                    if row["place"]
                    else "",
                }
            )
    for records in groups.values():
        for record in records:
            dates = "" if record["when"] == "undated" else f", {record['when'].replace(' (year of the source)', '')}"
            record["label"] = record["name"] + dates
    empty = [head for head, records in groups.items() if not records]
    told_of = {head: records for head, records in groups.items() if records}
    _, height = theme.stacked([("", records) for records in told_of.values()], ROW, GAP)
    heads = [
        {
            "y": records[0]["y"],
            "label": head.replace("Districts of Republican Subordination", "Republican subordination"),
        }
        for head, records in told_of.items()
    ]
    shown = [record for records in groups.values() for record in records]
    return theme.figure(
        _list(shown, heads, height),
        "infrastructure",
        alt_text=(
            f"List of {words.counted(len(rows), 'act')} of infrastructure by region: "
            + words.listed([f"{len(records)} in {head}" for head, records in groups.items() if head != rest])
            + f", and {len(groups[rest])} where no region is named."
        ),
        description=" ".join(
            f"{head}: "
            + words.listed([f"{record['name']} ({record['organisation']}, {record['when']})" for record in records])
            + "."
            for head, records in groups.items()
            if records
        )
        + (f" Nothing is told of {words.listed(empty)}." if empty else ""),
        table=theme.text_table(
            ["Region", "Place", "What", "Organisation", "When", "State"],
            [
                [
                    head,
                    record["place"],
                    record["name"],
                    record["organisation"],
                    record["when"],
                    record["state"],
                ]
                for head, records in groups.items()
                for record in records
            ],
        ),
        behind=[f"activities:{row['id']}" for row in rows],
    )


def _list(shown: list[theme.Record], heads: list[theme.Record], height: float) -> alt.TopLevelMixin:
    names = theme.domain(str(record["organisation"]) for record in shown)
    colour, shape = theme.organisation_marks(names)
    chosen = theme.highlight()
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, WIDTH], nice=False), axis=None)
    marks = (
        alt.Chart(theme.data([record | {"x": 190} for record in shown]))
        .mark_point(size=60, strokeWidth=1.6)
        .encode(
            x=x,
            y=theme.pixels(height),
            color=colour,
            shape=shape,
            fill=alt.Fill("organisation:N", scale=theme.colours(names), legend=alt.Legend(title=None)),
            fillOpacity=alt.FillOpacityValue(**alt.condition("datum.state == 'planned'", alt.value(0), alt.value(1))),
            opacity=theme.faded(chosen),
            tooltip=[*theme.EVIDENCE, alt.Tooltip("place:N", title="Place"), alt.Tooltip("state:N", title="State")],
        )
        .add_params(chosen)
    )
    planned = any(record["state"] == STATES[1] for record in shown)
    return alt.layer(
        marks,
        theme.label(heads, 0, height, fontWeight=600),
        theme.label(shown, 202, height),
        theme.label(
            [{"y": 6, "label": "hollow: planned"}] if planned else [], WIDTH, height, align="right", fontSize=10
        ),
        width=WIDTH,
        height=height,
    )


def equipment(activities: pd.DataFrame, observations: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """What equipment was handed over when, and for how much where the thesis says so.

    Args:
        activities: the rows of `activities.csv` to show, for instance those of tactic equipment, counted or not; what
            a state gave on its own stands in a lane of its own.
        observations: the rows of `observations.csv`; those on the value of an act shown give the size of its mark.
        names: what actors are called, by id.
    """
    rows = theme.rows_of(activities)
    values = {
        row["subject"]: (Decimal(row["value"]), row["unit"], row["id"])
        for row in theme.rows_of(observations)
        if row["unit"] in {"eur", "usd"} and row["value"]
    }
    order = list(theme.NAMES)
    lanes = sorted(
        {row["organisation"] for row in rows}, key=lambda key: (order.index(key) if key in order else len(order), key)
    )
    marks, lines = [], []
    y = 0.0
    for lane in lanes:
        own = sorted(
            (row for row in rows if row["organisation"] == lane), key=lambda row: (row["start"] or "9999", row["id"])
        )
        ends: list[float] = []
        for row in own:
            mark = _hand_over(row, values, names)
            begin, end = float(mark["left"]), float(mark["right"])
            level = next((i for i, last in enumerate(ends) if begin >= last), len(ends))
            ends[level : level + 1] = [end]
            marks.append(mark | {"y": round(y + level * LEVEL + LEVEL / 2, 1)})
        lane_height = max(len(ends), 1) * LEVEL
        lines.append({"y": y + LEVEL / 2, "top": y - 4, "label": names.get(lane, theme.name_of(lane))})
        y += lane_height + 10
    height = y - 10
    told = [mark for mark in marks if mark["amount"]]
    top = max(told, key=lambda mark: mark["amount"], default=None)
    return theme.figure(
        _lanes(marks, lines, height),
        "equipment",
        alt_text=(
            f"{words.sentence(words.counted(len(marks), 'hand-over')).rstrip('.')} of equipment by year and giver;"
            f" a value is stated for {words.number(len(told))}"
            + (f", the largest {top['value']} by {top['organisation']}." if top else ".")
        ),
        description=" ".join(
            f"{mark['organisation']}: {mark['name']}, {mark['when']}, {mark['value']}." for mark in marks
        ),
        table=theme.text_table(
            ["Giver", "What", "When", "Value", "State", "Section"],
            [
                [mark["organisation"], mark["name"], mark["when"], mark["value"], mark["state"], mark["section"]]
                for mark in marks
            ],
        ),
        behind=[
            *(f"activities:{row['id']}" for row in rows),
            *(f"observations:{values[row['id']][2]}" for row in rows if row["id"] in values),
        ],
    )


def _hand_over(
    row: Mapping[str, str], values: Mapping[str, tuple[Decimal, str, str]], names: Mapping[str, str]
) -> theme.Record:
    """A mark with its label, and from where to where both reach, in years of the axis."""
    worth, unit, _ = values.get(row["id"], (Decimal(0), "", ""))
    value = amount(worth, unit) if worth else "value not told"
    at = (year(row["start"]) + year(row["start"], end=True)) / 2 if row["start"] else LAST + 1.2
    if worth and row["status"] == "planned":
        value += ", promised"
    text = value if worth else row["name"]
    wide = (len(text) * LETTER + 16) * (LAST + 2 - FIRST) / INNER
    # A name stands before its mark; where it would run into the giver's, after it.
    side = "before" if at - wide >= FIRST else "after"
    return theme.evidence(row) | {
        "organisation": names.get(row["organisation"], theme.name_of(row["organisation"])),
        "at": round(at, 2),
        "amount": float(worth),
        "value": value,
        "label": text,
        "left": at - (wide if side == "before" else 0.4),
        "right": at + (wide if side == "after" else 0.4),
        "side": side,
        "state": "planned" if row["status"] == "planned" else "given",
    }


def _lanes(marks: list[theme.Record], lines: list[theme.Record], height: float) -> alt.TopLevelMixin:
    years = [2008, 2010, 2012, 2014, 2016, 2018, 2020]
    x = alt.X(
        "at:Q",
        title="Filled: value told; hollow: value not told",
        scale=alt.Scale(domain=[FIRST, LAST + 2], nice=False),
        axis=alt.Axis(
            values=[*years, LAST + 1.2], labelExpr=f"datum.value > {LAST} ? 'undated' : format(datum.value, 'd')"
        ),
    )
    names = [str(line["label"]) for line in lines]
    size = alt.Size(
        "amount:Q",
        scale=alt.Scale(type="sqrt", domain=[0, max([1.0, *(mark["amount"] for mark in marks)])], range=[40, 260]),
        legend=None,
    )
    chosen = theme.highlight(legend=False)
    base = alt.Chart(theme.data([{k: v for k, v in mark.items() if k not in {"left", "right"}} for mark in marks]))
    points = (
        base.mark_point(strokeWidth=1.6, opacity=1)
        .encode(
            x=x,
            y=theme.pixels(height),
            size=size,
            color=alt.Color("organisation:N", scale=theme.colours(names), legend=None),
            shape=alt.Shape("organisation:N", scale=theme.shapes(names), legend=None),
            fill=alt.Fill("organisation:N", scale=theme.colours(names), legend=None),
            fillOpacity=alt.FillOpacityValue(**alt.condition("datum.amount > 0", alt.value(1), alt.value(0))),
            opacity=theme.faded(chosen),
            tooltip=[*theme.EVIDENCE, alt.Tooltip("value:N", title="Value"), alt.Tooltip("state:N", title="State")],
        )
        .add_params(chosen)
    )
    sides: dict[str, dict[str, Any]] = {"before": {"align": "right", "dx": -9}, "after": {"align": "left", "dx": 9}}
    labels = [
        base.transform_filter(f"datum.side == '{side}'")
        .mark_text(baseline="middle", fontSize=10, **settings)
        .encode(x=x, y=theme.pixels(height), text=alt.Text("label:N"))
        for side, settings in sides.items()
    ]
    rules = (
        alt.Chart(theme.data([{"y": line["top"]} for line in lines[1:]]))
        .mark_rule(strokeWidth=0.5, opacity=0.5, clip=False)
        .encode(y=theme.pixels(height), x=alt.XValue(-GUTTER), x2=alt.X2Value(INNER))
    )
    return alt.layer(rules, points, *labels, theme.label(lines, -GUTTER, height), width=INNER, height=height)
