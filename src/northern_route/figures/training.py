"""Training: acts by mode, and the events and participants that the thesis states."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import altair as alt

from northern_route.figures import theme
from recount import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from recount.values import Figure

MODES = {
    "theoretical": "theoretical",
    "both": "both",
    "practical": "practical",
    "unstated": "content not told",
    "exercise": "operation or exercise",
}
INKS = (*theme.ORDERED[:3], theme.ORDERED[4], theme.OTHER)
EVENTS = ("training-events", "courses", "study-visits")
PARTICIPANTS = ("participants",)
BOUNDS = {
    "more-than": "more than ",
    "at-least": "at least ",
    "at-most": "at most ",
    "less-than": "fewer than ",
    "about": "about ",
}
ROW = 30


def training(activities: pd.DataFrame, observations: pd.DataFrame) -> Figure:
    """Training acts by mode, beside the numbers of events and of participants stated of them.

    Stated numbers are drawn one by one and never added: some of them count the same people or courses.

    Args:
        activities: the rows of `activities.csv` to show; those of tactic training count by mode, those of tactic
            operation apart.
        observations: the rows of `observations.csv`; shown are numbers of events and participants whose subject is an
            act shown.
    """
    rows = [
        row
        for row in theme.rows_of(activities)
        if row["organisation"] in theme.NAMES and row["tactic"] in {"training", "operation"}
    ]
    counts: defaultdict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        counts[row["organisation"], "exercise" if row["tactic"] == "operation" else row["mode"] or "unstated"].append(
            row
        )
    by_id = {row["id"]: row for row in rows}
    stated = [row for row in theme.rows_of(observations) if row["subject"] in by_id and float(row["value"] or 0) > 0]
    events = [_number(row, by_id[row["subject"]]) for row in stated if row["measure"] in EVENTS]
    people = [_number(row, by_id[row["subject"]]) for row in stated if row["measure"] in PARTICIPANTS]
    chart = theme.side_by_side(
        _modes(counts),
        _numbers(events, "Events stated", 100, 40),
        _numbers(people, "Participants stated", 1000, 200),
        spacing=14,
    ).resolve_scale(color="independent")
    per_mode = {mode: sum(len(counts[key, mode]) for key in theme.NAMES) for mode in MODES}
    most = max(theme.NAMES, key=lambda key: (len(counts[key, "theoretical"]), -list(theme.NAMES).index(key)))
    return theme.figure(
        chart,
        "training",
        alt_text=(
            f"Training by mode: {per_mode['theoretical']} theoretical acts,"
            f" {len(counts[most, 'theoretical'])} of them by {theme.NAMES[most]};"
            f" {per_mode['practical']} practical, {per_mode['both']} both, {per_mode['unstated']} of untold content,"
            f" and {per_mode['exercise']} operations and exercises."
        ),
        description=" ".join(
            f"{name}: "
            + words.listed([f"{len(counts[key, mode])} {text}" for mode, text in MODES.items() if counts[key, mode]])
            + "; events stated: "
            + words.listed(
                [f"{record['text']} ({record['name']})" for record in events if record["organisation"] == name]
            )
            + "; participants stated: "
            + words.listed(
                [f"{record['text']} ({record['name']})" for record in people if record["organisation"] == name]
            )
            + "."
            for key, name in theme.NAMES.items()
        ),
        table=theme.text_table(
            ["Organisation", *(text.capitalize() for text in MODES.values()), "Events stated", "Participants stated"],
            [
                [
                    name,
                    *(len(counts[key, mode]) for mode in MODES),
                    "; ".join(record["text"] for record in events if record["organisation"] == name) or theme.UNTOLD,
                    "; ".join(record["text"] for record in people if record["organisation"] == name) or theme.UNTOLD,
                ]
                for key, name in theme.NAMES.items()
            ],
            note="Stated numbers stand side by side and are not added, because some include others.",
            right=range(1, len(MODES) + 1),
        ),
        behind=[
            *(f"activities:{row['id']}" for row in rows),
            *(str(record["row"]) for record in [*events, *people]),
        ],
    )


def _number(row: dict[str, str], act: dict[str, str]) -> theme.Record:
    value = float(row["value"])
    return theme.evidence(act) | {
        "row": f"observations:{row['id']}",
        "section": row["section"].replace(";", ", "),
        "source": row["source"].replace(";", ", ") or theme.UNTOLD,
        "value": value,
        "text": f"{BOUNDS.get(row['bound'], '')}{value:,.0f}",
    }


def _chosen() -> alt.Parameter:
    return alt.selection_point(name="chosen", fields=["organisation"], on="pointerover", clear="pointerout")


def _y(*, labels: bool) -> alt.Y:
    names = list(theme.NAMES.values())
    axis = alt.Axis(domain=False, ticks=False, labels=labels)
    return alt.Y("organisation:N", sort=names, scale=alt.Scale(domain=names), title=None, axis=axis)


def _modes(counts: defaultdict[tuple[str, str], list[dict[str, str]]]) -> alt.LayerChart | alt.FacetChart:
    """The acts as stacked bars."""
    shown = []
    for key, name in theme.NAMES.items():
        start = 0
        for (mode, text), ink in zip(MODES.items(), INKS, strict=True):
            own = counts[key, mode]
            if own:
                named = ", ".join(row["id"] for row in own[:8]) + (f" and {len(own) - 8} more" if len(own) > 8 else "")
                shown.append(
                    {
                        "organisation": name,
                        "mode": text,
                        "count": len(own),
                        "start": start,
                        "end": start + len(own),
                        "rows": named,
                        "ink": theme.ON_PALE if ink in {theme.ORDERED[2], theme.ORDERED[4]} else theme.ON_DARK,
                    }
                )
            start += len(own)
    base = alt.Chart(theme.data(shown)).encode(y=_y(labels=True))
    bars = base.mark_bar(height=20).encode(
        x=alt.X("start:Q", title="Acts told", axis=alt.Axis(tickCount=4)),
        x2=alt.X2("end:Q"),
        color=alt.Color(
            "mode:N",
            scale=alt.Scale(domain=list(MODES.values()), range=list(INKS)),
            legend=alt.Legend(title=None, symbolType="square", columns=2),
        ),
        tooltip=[
            alt.Tooltip("organisation:N", title="Organisation"),
            alt.Tooltip("mode:N", title="Content"),
            alt.Tooltip("count:Q", title="Acts"),
            alt.Tooltip("rows:N", title="Rows"),
        ],
    )
    numbers = (
        base.transform_calculate(middle="(datum.start + datum.end) / 2")
        .mark_text(fontSize=10)
        .encode(x=alt.X("middle:Q"), text=alt.Text("count:Q"), color=alt.Color("ink:N", scale=None))
    )
    return alt.layer(bars, numbers, width=180, height=len(theme.NAMES) * ROW)


def _numbers(shown: Sequence[theme.Record], title: str, top: float, room: float) -> alt.LayerChart | alt.FacetChart:
    """Stated numbers one by one on a logarithmic axis; the largest of each organisation carries its figure."""
    names = list(theme.NAMES.values())
    chosen = _chosen()
    largest: dict[str, theme.Record] = {}
    for record in sorted(shown, key=lambda record: (record["value"], record["row"])):
        largest[record["organisation"]] = record
    silent = [{"organisation": name} for name in names if name not in largest]
    x = alt.X(
        "value:Q",
        title=f"{title} (log scale)",
        scale=alt.Scale(type="log", domain=[1, top * room], nice=False),
        axis=alt.Axis(values=[10**power for power in range(5) if 10**power <= top], format=",d"),
    )
    points = (
        alt.Chart(theme.data(shown))
        .mark_point(size=48, filled=True)
        .encode(
            x=x,
            y=_y(labels=False),
            color=alt.Color("organisation:N", scale=theme.colours(names), legend=None),
            shape=alt.Shape("organisation:N", scale=theme.shapes(names), legend=None),
            opacity=theme.faded(chosen, 0.9),
            tooltip=[*theme.EVIDENCE, alt.Tooltip("text:N", title="Stated")],
        )
        .add_params(chosen)
    )
    labels = (
        alt.Chart(theme.data([largest[name] for name in names if name in largest]))
        .mark_text(align="left", dx=7, fontSize=10)
        .encode(x=x, y=_y(labels=False), text=alt.Text("text:N"))
    )
    none = (
        alt.Chart(theme.data(silent))
        .mark_text(align="left", fontSize=10, fontStyle="italic")
        .encode(x=alt.XValue(4), y=_y(labels=False), text=alt.TextValue("none stated"))
    )
    return alt.layer(points, labels, none, width=128, height=len(names) * ROW)
