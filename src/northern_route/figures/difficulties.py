"""The five difficulties: what each organisation does about them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import altair as alt

from northern_route.figures import theme
from recount import words

if TYPE_CHECKING:
    import pandas as pd

    from recount.values import Figure

DIFFICULTIES = {
    "political-will": "Lack of political will",
    "corruption": "Corruption",
    "organised-crime": "Organised crime",
    "narco-terror-nexus": "Narco-terror nexus",
    "weak-state": "Weak state",
}
STANCES = {
    "acts-on": "acts on it",
    "acknowledges": "acknowledges it",
    "ignores": "ignores it",
    "is-held-back-by": "is held back by it",
}
# Filled for what an organisation does, hollow for what it does not.
FORMS = {
    "acts-on": ("circle", 1),
    "acknowledges": ("diamond", 1),
    "ignores": ("circle", 0),
    "is-held-back-by": ("triangle-down", 0),
}
LEFT, WIDE, HIGH, TOP, SLOT = 66, 106, 30, 22, 25


def difficulties(obstacles: pd.DataFrame) -> Figure:
    """What is told of each organisation and each of the five difficulties, one mark for each stance told.

    A number beside a mark says in how many rows a stance is told, where it is more than one.

    Args:
        obstacles: the rows of `obstacles.csv`; those of others than the five organisations are left out.
    """
    cells: defaultdict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
    for row in theme.rows_of(obstacles):
        if row["subject"] in theme.NAMES:
            cells[row["subject"], row["obstacle"], row["stance"]].append(row)
    shown = [
        {
            "x": LEFT + list(DIFFICULTIES).index(difficulty) * WIDE + 15 + list(STANCES).index(stance) * SLOT,
            "y": TOP + list(theme.NAMES).index(organisation) * HIGH + HIGH / 2,
            "organisation": theme.NAMES[organisation],
            "difficulty": DIFFICULTIES[difficulty],
            "stance": STANCES[stance],
            "count": len(rows),
            "text": str(len(rows)) if len(rows) > 1 else "",
            "rows": ", ".join(f"obstacles:{row['id']}" for row in rows),
            "section": ", ".join(sorted({part for row in rows for part in theme.several(row["section"])})),
            "source": ", ".join(sorted({part for row in rows for part in theme.several(row["source"])}))
            or theme.UNTOLD,
        }
        for (organisation, difficulty, stance), rows in sorted(cells.items())
    ]
    acting = {
        difficulty: [theme.NAMES[key] for key in theme.NAMES if cells.get((key, difficulty, "acts-on"))]
        for difficulty in DIFFICULTIES
    }
    nobody = [DIFFICULTIES[difficulty].lower() for difficulty, names in acting.items() if not names]
    return theme.figure(
        _chart(shown),
        "difficulties",
        alt_text=(
            "Grid of organisations and five difficulties with the stances told; "
            + words.listed(
                [
                    f"{DIFFICULTIES[difficulty].lower()} is acted on by {words.listed(names)}"
                    for difficulty, names in acting.items()
                    if names
                ]
            )
            + (f"; nobody acts on {words.listed(nobody)}." if nobody else ".")
        ),
        description=" ".join(
            f"{name}: "
            + "; ".join(
                f"{DIFFICULTIES[difficulty].lower()}, "
                + words.listed(
                    [
                        STANCES[stance] + (f" ({len(rows)} rows)" if len(rows) > 1 else "")
                        for stance in STANCES
                        if (rows := cells.get((key, difficulty, stance)))
                    ]
                )
                for difficulty in DIFFICULTIES
                if any(cells.get((key, difficulty, stance)) for stance in STANCES)
            )
            + "."
            for key, name in theme.NAMES.items()
            if any(subject == key for subject, _, _ in cells)
        ),
        table=theme.text_table(
            ["Organisation", *DIFFICULTIES.values()],
            [
                [
                    name,
                    *(
                        "; ".join(
                            STANCES[stance] + (f" ({len(rows)})" if len(rows) > 1 else "")
                            for stance in STANCES
                            if (rows := cells.get((key, difficulty, stance)))
                        )
                        or theme.UNTOLD
                        for difficulty in DIFFICULTIES
                    ),
                ]
                for key, name in theme.NAMES.items()
            ],
            note="In brackets the number of rows where a stance is told more than once.",
        ),
        behind=[f"obstacles:{row['id']}" for rows in cells.values() for row in rows],
    )


def _chart(shown: list[theme.Record]) -> alt.TopLevelMixin:
    names = list(theme.NAMES.values())
    width, height = LEFT + len(DIFFICULTIES) * WIDE, TOP + len(names) * HIGH + 30
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, width], nice=False), axis=None)
    y = theme.pixels(height)
    chosen = theme.highlight(legend=False)
    colour = alt.Color("organisation:N", scale=theme.colours(names), legend=None)
    base = alt.Chart(theme.data(shown)).encode(x=x, y=y)
    tooltip = [
        alt.Tooltip("organisation:N", title="Organisation"),
        alt.Tooltip("difficulty:N", title="Difficulty"),
        alt.Tooltip("stance:N", title="Stance"),
        alt.Tooltip("rows:N", title="Rows"),
        alt.Tooltip("section:N", title="Section"),
        alt.Tooltip("source:N", title="Source"),
    ]
    forms = {STANCES[stance]: form for stance, form in FORMS.items()}
    shape = alt.Shape(
        "stance:N",
        scale=alt.Scale(domain=list(forms), range=[form for form, _ in forms.values()]),
        legend=None,
    )
    filled = "datum.stance == '{}' || datum.stance == '{}'".format(*(name for name, (_, fill) in forms.items() if fill))
    marks = base.mark_point(size=80, strokeWidth=1.8).encode(
        color=colour,
        fill=alt.Fill("organisation:N", scale=theme.colours(names), legend=None),
        fillOpacity=alt.FillOpacityValue(**alt.condition(filled, alt.value(1), alt.value(0))),
        shape=shape,
        opacity=theme.faded(chosen),
        tooltip=tooltip,
    )
    key = [
        {"x": LEFT + 14 + 128 * i, "y": height - 10, "stance": stance, "label": stance}
        for i, stance in enumerate(forms)
    ]
    key_marks = (
        alt.Chart(theme.data(key))
        .mark_point(size=80, strokeWidth=1.8, color=theme.OTHER, fill=theme.OTHER)
        .encode(
            x=x, y=y, shape=shape, fillOpacity=alt.FillOpacityValue(**alt.condition(filled, alt.value(1), alt.value(0)))
        )
    )

    def text(rows: list[theme.Record], **mark: object) -> alt.Chart:
        settings: theme.Record = {"baseline": "middle", "align": "left"} | mark
        chart: alt.Chart = alt.Chart(theme.data(rows)).mark_text(**settings).encode(x=x, y=y, text=alt.Text("label:N"))
        return chart

    lines = [{"y": TOP + i * HIGH} for i in range(len(names) + 1)]
    columns = [{"x": LEFT + i * WIDE} for i in range(len(DIFFICULTIES))]
    return alt.layer(
        alt.Chart(theme.data(lines)).mark_rule(strokeWidth=0.5, opacity=0.5).encode(y=y),
        alt.Chart(theme.data(columns))
        .mark_rule(strokeWidth=0.5, opacity=0.5)
        .encode(x=x, y=alt.YValue(2), y2=alt.Y2Value(TOP + len(names) * HIGH)),
        marks.add_params(chosen),
        base.mark_text(align="left", dx=7, fontSize=10).encode(text=alt.Text("text:N")),
        text([{"x": LEFT + i * WIDE + 6, "y": 10, "label": head} for i, head in enumerate(DIFFICULTIES.values())]),
        text([{"x": 0, "y": TOP + (i + 0.5) * HIGH, "label": name} for i, name in enumerate(names)]),
        key_marks,
        text(key, dx=9),
        width=width,
        height=height,
    )
