"""Operations and exercises with what they seized and whom they arrested."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from northern_route.figures import theme
from recount import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from recount.values import Figure

SEIZED = ("narcotics-seized", "opiates-seized", "heroin-seized", "precursor-seized")
ARRESTED = ("arrests",)
KILOGRAMMES = {"kg": 1, "tonne": 1000}
BOUNDS = {"more-than": "more than ", "at-least": "at least ", "about": "about ", "less-than": "less than "}
GUTTER, INNER, ROW, GAP = 292, 298, 16, 8
# Where the names of organisations end, left of those of operations.
HEADS = 44
NOTHING = "no seizure or arrest stated"


def outcomes(activities: pd.DataFrame, observations: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Operations and exercises, each with its stated seizures (kilogrammes, logarithmic) and arrests.

    Seizures of agencies and forces outside these operations stand below, for scale.

    Args:
        activities: the rows of `activities.csv` to show, for instance those of tactic operation.
        observations: the rows of `observations.csv`; shown are seizures and arrests.
        names: what subjects of observations are called, by id.
    """
    acts = {row["id"]: row for row in theme.rows_of(activities) if row["organisation"] in theme.NAMES}
    stated = [row for row in theme.rows_of(observations) if row["measure"] in SEIZED + ARRESTED and row["value"]]
    groups: list[tuple[str, list[theme.Record]]] = []
    points: list[theme.Record] = []
    for key, name in theme.NAMES.items():
        records = []
        for row in sorted(
            (row for row in acts.values() if row["organisation"] == key),
            key=lambda row: (row["start"] or "9", row["id"]),
        ):
            found = [entry for entry in stated if entry["subject"] == row["id"]]
            records.append(_line(theme.evidence(row), found))
        if records:
            groups.append((name, records))
    others = []
    for subject in sorted({row["subject"] for row in stated if row["subject"] not in acts}):
        found = [row for row in stated if row["subject"] == subject and row["measure"] in SEIZED]
        others += [
            _line(
                {
                    "name": names.get(subject, theme.name_of(subject)),
                    "organisation": "Others",
                    "when": _period(row),
                    "row": f"observations:{row['id']}",
                    "section": row["section"].replace(";", ", "),
                    "source": row["source"].replace(";", ", ") or theme.UNTOLD,
                },
                [row],
            )
            for row in found
        ]
    if others:
        groups.append(("Others", others))
    heads, height = theme.stacked([("", records) for _, records in groups], ROW, GAP)
    heads = [{"y": records[0]["y"], "label": head} for head, records in groups]
    shown = [record for _, records in groups for record in records]
    for record in shown:
        # An act without a number has no point: a point at nought would say that nothing was seized.
        points += [
            {key: value for key, value in record.items() if key != "found"} | {"kg": kg, "text": text, "row": row}
            for kg, text, row in record["found"]
            if kg is not None
        ]
    told = [record for record in shown if record["organisation"] != "Others" and record["label"] != NOTHING]
    silent = sum(record["organisation"] != "Others" for record in shown) - len(told)
    return theme.figure(
        _chart(shown, points, heads, height),
        "operations",
        alt_text=(
            f"{words.sentence(words.counted(len(told) + silent, 'operation')).rstrip('.')} and exercises with stated"
            f" seizures and arrests; {words.number(silent)} have none stated"
            + (
                "; stated are " + words.listed([f"{record['label']} for {record['name']}" for record in told]) + "."
                if told
                else "."
            )
        ),
        description=" ".join(
            f"{record['organisation']}: {record['name']}, {record['when']}: {record['label']}." for record in shown
        ),
        table=theme.text_table(
            ["Organisation", "Operation", "When", "Stated", "Section"],
            [
                [record["organisation"], record["name"], record["when"], record["label"], record["section"]]
                for record in shown
            ],
            note="Seizures of others cover other years and areas and cannot be compared act by act.",
        ),
        behind=[
            *(f"activities:{name}" for name in acts),
            *(row for record in shown for _, _, row in record["found"]),
        ],
    )


def _period(row: Mapping[str, str]) -> str:
    if row["from"] and row["to"] and row["from"] != row["to"]:
        return f"{row['from']} to {row['to']}"
    return row["from"] or row["to"] or "undated"


def _line(record: theme.Record, found: list[dict[str, str]]) -> theme.Record:
    """A line of the list with its stated numbers: kilogrammes (none for arrests), text and row."""
    numbers: list[tuple[float | None, str, str]] = []
    for row in found:
        value = float(row["value"])
        bound = BOUNDS.get(row["bound"], "")
        if row["measure"] in SEIZED:
            what = row["measure"].removesuffix("-seized").replace("-", " ")
            text = (
                f"{bound}{value:,.0f} {words.plural(row['unit'], value) if row['unit'] == 'tonne' else 'kg'} of {what}"
            )
            numbers.append((value * KILOGRAMMES[row["unit"]], text, f"observations:{row['id']}"))
        else:
            numbers.append((None, f"{bound}{value:,.0f} {words.plural('arrest', value)}", f"observations:{row['id']}"))
    numbers.sort(key=lambda number: (-(number[0] or 0), number[2]))
    dates = f", {record['when'].replace(' to ', '–')}" if record["organisation"] == "Others" else ""
    return record | {
        "found": numbers,
        "label": "; ".join(text for _, text, _ in numbers) or NOTHING,
        "short": f"{record['name']}{dates}",
    }


def _chart(
    shown: list[theme.Record], points: list[theme.Record], heads: list[theme.Record], height: float
) -> alt.TopLevelMixin:
    names = theme.domain(str(record["organisation"]) for record in shown)
    x = alt.X(
        "kg:Q",
        title="Seized, kilogrammes (log scale)",
        scale=alt.Scale(type="log", domain=[10, 100_000_000], nice=False),
        axis=alt.Axis(values=[10, 100, 1000, 10000], format=",d"),
    )
    y = theme.pixels(height)
    chosen = theme.highlight(legend=False)
    marks = (
        alt.Chart(theme.data(points))
        .mark_point(size=64, filled=True, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("organisation:N", scale=theme.colours(names), legend=None),
            shape=alt.Shape("organisation:N", scale=theme.shapes(names), legend=None),
            opacity=theme.faded(chosen),
            tooltip=[*theme.EVIDENCE, alt.Tooltip("text:N", title="Stated")],
        )
        .add_params(chosen)
    )
    # The words of a line stand after its rightmost point.
    rightmost: dict[float, theme.Record] = {}
    for point in sorted(points, key=lambda point: point["kg"]):
        rightmost[point["y"]] = point
    told = (
        alt.Chart(theme.data([rightmost[at] for at in sorted(rightmost)]))
        .mark_text(align="left", baseline="middle", dx=8, fontSize=10)
        .encode(x=x, y=y, text=alt.Text("label:N"))
    )
    plain = [
        {key: value for key, value in record.items() if key != "found"}
        for record in shown
        if record["y"] not in rightmost
    ]
    lines = [{"y": record["y"], "short": record["short"]} for record in shown]
    return alt.layer(
        marks,
        told,
        theme.label(plain, 4, height, fontSize=10, fontStyle="italic"),
        theme.label(lines, -8, height, "short", align="right", limit=GUTTER - HEADS - 8),
        theme.label(heads, -GUTTER, height, fontWeight=600),
        width=INNER,
        height=height,
    )
