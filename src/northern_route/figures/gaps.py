"""Where the thesis has no evidence: organisation by tactic by region by years."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import altair as alt

from northern_route.figures import theme
from recount import words

if TYPE_CHECKING:
    import pandas as pd

    from recount.values import Figure

# First and last year of each period; an act without a year has a period of its own.
PERIODS = (("before 2005", 0, 2004), ("2005–09", 2005, 2009), ("2010–14", 2010, 2014), ("2015–20", 2015, 9999))
UNDATED = "undated"
# Heads in two lines; everything that is no part of Tajikistan, or not told, shares the last block.
PLACES = {
    "gorno-badakhshan": "Gorno-\nBadakhshan",
    "khatlon": "Khatlon",
    "sughd": "Sughd",
    "districts-of-republican-subordination": "Republican\nsubordination",
    "dushanbe": "Dushanbe",
    "national": "Whole\ncountry",
    "": "Elsewhere\nor untold",
}
ELSEWHERE = ("", "national")

LEFT, TOP = 150, 34
CELL, ROW, GAP = 11, 12, 8
NAMED = 6

Cells = defaultdict[tuple[str, str, str, str], list[str]]


def gaps(activities: pd.DataFrame) -> Figure:
    """Where the thesis has evidence, and where it has none: organisation by tactic by region by years.

    Args:
        activities: the rows of `activities.csv` to show. A row enters every region and every period it touches; an
            act under way without an end touches all periods from its start.
    """
    cells = _cells(activities)
    periods = [name for name, _, _ in PERIODS] + [UNDATED]
    filled = [_filled(key, rows, periods) for key, rows in sorted(cells.items())]
    inside = [region for region in PLACES if region not in ELSEWHERE]
    bare = [
        f"{theme.NAMES[organisation]} in {_plain(region)}"
        for region in inside
        for organisation in theme.NAMES
        if not any(cells.get((organisation, tactic, region, period)) for tactic in theme.TACTICS for period in periods)
    ]
    possible = len(theme.NAMES) * len(theme.TACTICS) * len(PLACES) * len(periods)
    return theme.figure(
        _chart(filled, periods),
        "gaps",
        alt_text=(
            f"Map of gaps: of {possible:,} cells of organisation, tactic, region and period the evidence fills"
            f" {len(filled)}; {len(bare)} of the {len(theme.NAMES) * len(inside)} pairs of organisation and Tajik"
            " region have no act at all."
        ),
        description=f"No act is told of {words.listed(bare)}." if bare else "Every organisation acts in every region.",
        table=theme.text_table(
            ["Organisation", "Tactic", "Region", "Years", "Acts"],
            [
                [theme.NAMES[organisation], theme.TACTICS[tactic], _plain(region).capitalize(), period, len(rows)]
                for (organisation, tactic, region, period), rows in sorted(
                    cells.items(), key=lambda item: _position(item[0], periods)
                )
            ],
            note="Only cells with evidence are listed; an act enters every region and period that it touches.",
            right=[4],
        ),
        behind={f"activities:{row}" for rows in cells.values() for row in rows},
    )


def _cells(activities: pd.DataFrame) -> Cells:
    cells: Cells = defaultdict(list)
    for row in theme.rows_of(activities):
        if row["organisation"] in theme.NAMES and row["tactic"] in theme.TACTICS:
            told = {region if region in PLACES else "" for region in theme.several(row["region"])} or {""}
            for region in told:
                for period in _periods(row):
                    cells[row["organisation"], row["tactic"], region, period].append(row["id"])
    return cells


def _periods(row: dict[str, str]) -> list[str]:
    """The periods an act touches."""
    if not row["start"] and not row["end"]:
        return [UNDATED]
    first = int((row["start"] or row["end"])[:4])
    last = int(row["end"][:4]) if row["end"] else (PERIODS[-1][2] if row["status"] == "ongoing" else first)
    return [name for name, begin, end in PERIODS if first <= end and last >= begin]


def _plain(region: str) -> str:
    """A region as running text calls it."""
    if region in ELSEWHERE:
        return PLACES[region].replace("\n", " ").lower()
    return {"districts-of-republican-subordination": "the Districts of Republican Subordination"}.get(
        region, theme.REGIONS[region]
    )


def _position(key: tuple[str, str, str, str], periods: list[str]) -> tuple[int, int, int, int]:
    organisation, tactic, region, period = key
    return (
        list(theme.NAMES).index(organisation),
        list(theme.TACTICS).index(tactic),
        list(PLACES).index(region),
        periods.index(period),
    )


def _x(region: int, period: int, periods: int) -> int:
    return LEFT + region * (periods * CELL + GAP) + period * CELL


def _y(organisation: int, tactic: int) -> int:
    return TOP + organisation * (len(theme.TACTICS) * ROW + GAP) + tactic * ROW


def _filled(key: tuple[str, str, str, str], rows: list[str], periods: list[str]) -> theme.Record:
    organisation, tactic, region, period = _position(key, periods)
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return {
        "x": _x(region, period, len(periods)),
        "y": _y(organisation, tactic),
        "organisation": theme.NAMES[key[0]],
        "tactic": theme.TACTICS[key[1]],
        "region": _plain(key[2]),
        "period": key[3],
        "count": len(rows),
        "rows": ", ".join(rows[:NAMED]) + more,
    }


def _chart(filled: list[theme.Record], periods: list[str]) -> alt.TopLevelMixin:
    """Everything is placed in pixels: a grid of four dimensions has no axes of its own."""
    p, t, o, r = len(periods), len(theme.TACTICS), len(theme.NAMES), len(PLACES)
    width, height = _x(r - 1, p, p), _y(o - 1, t) + 58
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, width], nice=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, height], reverse=True, nice=False), axis=None)
    cell: dict[str, Any] = {"width": CELL - 2, "height": ROW - 2, "align": "left", "baseline": "top", "cornerRadius": 1}
    # The empty grid is a dashed line a row: a thousand squares would weigh more than the rest of the figure.
    dash = [CELL - 2, 2] * p
    dash[-1] = 2 + GAP
    blank = (
        alt.Chart(theme.data([{"y": _y(i, j) + (ROW - 2) / 2} for i in range(o) for j in range(t)]))
        .mark_rule(stroke=theme.OTHER, strokeWidth=ROW - 2, strokeDash=dash, opacity=0.16, aria=False)
        .encode(x=alt.XValue(LEFT), x2=alt.X2Value(_x(r - 1, p - 1, p) + CELL - 2), y=y)
    )
    chosen = theme.highlight(legend=False)
    squares = (
        alt.Chart(theme.data(filled))
        .mark_rect(**cell)
        .encode(
            x=x,
            y=y,
            color=alt.Color("organisation:N", scale=theme.colours(list(theme.NAMES.values())), legend=None),
            opacity=theme.faded(chosen),
            tooltip=[
                alt.Tooltip("organisation:N", title="Organisation"),
                alt.Tooltip("tactic:N", title="Tactic"),
                alt.Tooltip("region:N", title="Region"),
                alt.Tooltip("period:N", title="Years"),
                alt.Tooltip("count:Q", title="Acts"),
                alt.Tooltip("rows:N", title="Rows"),
            ],
        )
        .add_params(chosen)
    )
    heads = [
        {"x": _x(i, 0, p), "y": TOP - 4 - 11 * len(line), "label": line}
        for i, text in enumerate(PLACES.values())
        for line in [text.split("\n")]
    ]
    tactics = [
        {"x": LEFT - 6, "y": _y(i, j) + ROW / 2 - 1, "label": label}
        for i in range(o)
        for j, label in enumerate(theme.TACTICS.values())
    ]
    names = [{"x": 0, "y": _y(i, 0) + ROW / 2 - 1, "label": name} for i, name in enumerate(theme.NAMES.values())]
    years = [
        {"x": _x(i, j, p) + CELL / 2 - 1, "y": _y(o - 1, t) + 3, "label": label}
        for i in range(r)
        for j, label in enumerate(periods)
    ]

    def text(rows: list[theme.Record], **mark: Any) -> alt.Chart:  # noqa: ANN401 - mark properties
        chart: alt.Chart = alt.Chart(theme.data(rows)).mark_text(**mark).encode(x=x, y=y, text=alt.Text("label:N"))
        return chart

    return alt.layer(
        blank,
        squares,
        text(heads, align="left", baseline="top", fontSize=10, lineHeight=11),
        text(names, align="left", baseline="middle", fontWeight=600),
        text(tactics, align="right", baseline="middle", fontSize=10),
        text(years, align="right", baseline="middle", angle=270, fontSize=9),
        width=width,
        height=height,
    )
