"""How time is drawn: bars in lanes over an axis of years, with lines for what happened in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt

from northern_route.figures import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST, LAST = 1991, 2020
GUTTER, INNER = 84, 508
# What a letter of the label size takes, in pixels; enough to keep labels apart without measuring them.
LETTER = 5.3
# The size of names, in pixels, and how wide their letters are on average at the most.
LABEL = 10.5
WIDEST = 7.5
# A name in fewer pixels than these would say nothing.
ENOUGH = 85
STATES = {"has an end": 1, "under way, no end told": 0.45, "planned": 0.2}


def _axes(height: float) -> tuple[alt.X, alt.X, alt.Y]:
    """The beginning of a bar, a point in time, and the height in pixels; layers must agree on every scale."""
    begin, at = _time("begin"), _time("at")
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, height], reverse=True, nice=False), axis=None)
    return begin, at, y


def _time(field: str) -> alt.X:
    return alt.X(
        f"{field}:Q",
        title=None,
        scale=alt.Scale(domain=[FIRST, LAST + 1], nice=False),
        axis=alt.Axis(format="d", values=[1991, 1995, 2000, 2005, 2010, 2015, 2020], grid=True),
    )


def _bars(marks: Sequence[theme.Record], x: alt.X, y: alt.Y, chosen: alt.Parameter) -> alt.Chart:
    names = theme.domain(str(mark["organisation"]) for mark in marks)
    states = [state for state in STATES if any(mark["state"] == state for mark in marks)]
    chart: alt.Chart = (
        alt.Chart(theme.data(marks))
        .mark_rule(clip=True)
        .encode(
            x=x,
            x2=alt.X2("end:Q"),
            y=y,
            color=alt.Color("organisation:N", scale=theme.colours(names), legend=None),
            opacity=alt.Opacity(
                "state:O",
                scale=alt.Scale(type="ordinal", domain=states, range=[STATES[state] for state in states]),
                legend=alt.Legend(title=None, symbolType="stroke", symbolStrokeWidth=6, symbolStrokeColor=theme.OTHER),
            ),
            # Opacity tells the state here, so what is not chosen grows thin instead of pale.
            strokeWidth=alt.StrokeWidthValue(**alt.condition(chosen, alt.value(6), alt.value(1.5), empty=True)),
            tooltip=[*theme.EVIDENCE, alt.Tooltip("tactic:N", title="Tactic")],
        )
    )
    return chart


def frame(
    marks: Sequence[theme.Record],
    lanes: Sequence[theme.Record],
    heads: Sequence[theme.Record],
    dots: Sequence[theme.Record],
    height: float,
) -> alt.TopLevelMixin:
    """Lanes of bars above each other, under labelled lines for the major events and above dots for all of them.

    Args:
        marks: a bar each, with `begin` and `end` in years and `y` in pixels.
        lanes: the height of each lane's name and of its upper edge, in pixels.
        heads: a labelled line each, at a year.
        dots: a dot each, at a year.
        height: of the whole, in pixels.
    """
    x, at, y = _axes(height)
    chosen = theme.highlight(legend=False)
    zoom = alt.selection_interval(name="zoom", bind="scales", encodings=["x"])
    lines = alt.Chart(theme.data(heads)).encode(x=at)
    labels = [
        lines.transform_filter(f"datum.right == {str(right).lower()}")
        .mark_text(align="right" if right else "left", dx=-3 if right else 3, fontSize=10, clip=True)
        .encode(y=y, text=alt.Text("label:N"))
        for right in (False, True)
    ]
    return alt.layer(
        lines.mark_rule(strokeDash=[2, 3], strokeWidth=0.8, opacity=0.6, clip=True).encode(y=y, y2=alt.Y2Value(height)),
        *labels,
        _lane_lines(lanes, y),
        _bars(marks, x, y, chosen).add_params(chosen, zoom),
        alt.Chart(theme.data(dots))
        .mark_point(shape="circle", filled=True, size=26, color=theme.OTHER, clip=True)
        .encode(x=at, y=y, tooltip=[*theme.EVIDENCE]),
        _lane_labels(lanes, y),
        width=INNER,
        height=round(height),
    )


def _lane_lines(lanes: Sequence[theme.Record], y: alt.Y) -> alt.Chart:
    tops = [{"y": lane["top"]} for lane in lanes[1:]]
    chart: alt.Chart = (
        alt.Chart(theme.data(tops))
        .mark_rule(strokeWidth=0.5, opacity=0.5, clip=False)
        .encode(y=y, x=alt.XValue(-GUTTER + 6), x2=alt.X2Value(INNER))
    )
    return chart


def _lane_labels(lanes: Sequence[theme.Record], y: alt.Y) -> alt.Chart:
    rows = [{"y": lane["y"], "label": lane["label"]} for lane in lanes]
    chart: alt.Chart = (
        alt.Chart(theme.data(rows))
        .mark_text(align="left", baseline="middle", lineHeight=12, clip=False)
        .encode(y=y, x=alt.XValue(-GUTTER + 6), text=alt.Text("label:N"))
    )
    return chart


def named_frame(
    marks: Sequence[theme.Record],
    lanes: Sequence[theme.Record],
    events: Sequence[theme.Record],
    key: Sequence[theme.Record],
    height: float,
) -> alt.TopLevelMixin:
    """A bar a row, each beside its name, before numbered lines for the events, whose names stand below.

    Args:
        marks: a bar each, with `begin` and `end` in years, `y` and the `gutter` before it in pixels, and its `label`.
        lanes: as in `frame`.
        events: a numbered line each, at a year.
        key: the name of each event, with its height below the bars in pixels.
        height: of the bars, in pixels.
    """
    x, at, y = _axes(height)
    chosen = theme.highlight(legend=False)
    zoom = alt.selection_interval(name="zoom", bind="scales", encodings=["x"])
    # Most acts are recent, so names stand before their bar; where there is no room on the left, after it. The engine
    # that draws them measures them, so that no name is cut that has room.
    scale = INNER / (LAST + 1 - FIRST)
    placed: list[theme.Record] = []
    for mark in marks:
        label = str(mark["label"])
        room = (float(mark["begin"]) - FIRST) * scale + float(mark["gutter"]) - 4
        if room > ENOUGH:
            placed.append({"y": mark["y"], "label": label, "at": mark["begin"], "side": "left"})
            placed[-1] |= {"room": _limit(label, round(room))}
        else:
            free = (LAST + 1 - float(mark["end"])) * scale > len(label) * LETTER
            placed.append({"y": mark["y"], "label": label, "at": mark["end"] if free else FIRST})
            placed[-1] |= {"room": _limit(label, INNER), "side": "right" if free else "over"}
    sides: dict[str, dict[str, Any]] = {
        "left": {"align": "right", "dx": -4},
        "right": {"align": "left", "dx": 4},
        "over": {"align": "left", "dx": 2},
    }
    names = [
        alt.Chart(theme.data([mark for mark in placed if mark["side"] == side]))
        .mark_text(baseline="middle", fontSize=LABEL, clip=False, limit=alt.ExprRef("datum.room"), **settings)
        .encode(x=at, y=y, text=alt.Text("label:N"))
        for side, settings in sides.items()
        if any(mark["side"] == side for mark in placed)
    ]
    background = []
    if events:
        base = alt.Chart(theme.data([{k: v for k, v in event.items() if k != "id"} for event in events]))
        tooltip = [*theme.EVIDENCE]
        background = [
            base.transform_calculate(y="datum.y + 12")
            # Paler than in the figure of all five, for here the lines run through names.
            .mark_rule(strokeDash=[2, 3], strokeWidth=0.7, opacity=0.4, clip=True)
            .encode(x=at, y=y, y2=alt.Y2Value(height), tooltip=tooltip),
            base.mark_text(fontSize=10, fontWeight=600, baseline="top", clip=True).encode(
                x=_time("said"), y=y, text=alt.Text("number:N"), tooltip=tooltip
            ),
            alt.Chart(theme.data(key))
            .mark_text(align="left", baseline="top", fontSize=10, clip=False)
            .encode(x=alt.XValue(-GUTTER + 6), y=y, text=alt.Text("label:N")),
        ]
    return alt.layer(
        *background[:2],
        _lane_lines(lanes, y),
        _bars(marks, x, y, chosen).add_params(chosen, zoom),
        *names,
        _lane_labels(lanes, y),
        *background[2:],
        width=INNER,
        height=round(height),
    )


def _limit(label: str, room: int) -> int:
    """Where a name is to be cut, in pixels; 0, which is nowhere, for one that surely fits.

    To measure a name takes the engine longer than to draw it, and it measures each that has a limit.
    """
    return room if len(label) * WIDEST > room else 0
