"""A ranking and how firmly it stands; and a ranking whose weights the reader sets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import altair as alt

from northern_route.figures import theme
from recount import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from recount.values import Figure

# A segment narrower than this share has no room for its number.
ROOM = 0.07
# Criteria are told apart by order and label; organisations keep their own colours for themselves.
CRITERIA = ("#1f5f8b", "#86b4d2", "#4f6d5a", "#a3c4a8", "#8a6d3b", "#d9c08c", "#6b5b73", "#c4b5cc")


def acceptability(
    shares: Mapping[str, Sequence[float]], places: Mapping[str, int], *, over: str, name: str = "acceptability"
) -> Figure:
    """How often each organisation takes each place, as stacked shares, in the order of the base ranking.

    Args:
        shares: for each organisation the share of cases (0 to 1) in which it takes the first, second, ... place.
        places: for each organisation its place in the base ranking, from 1.
        over: what varies, for the axis: "all weights", "all combinations of choices".
        name: kebab-case name of the figure, so that two of them can stand on one page.

    Raises:
        ValueError: shares of an organisation that do not add up to one, since they are no shares of all cases.
    """
    for organisation, line in shares.items():
        if not math.isclose(sum(line), 1.0, abs_tol=1e-3):
            raise ValueError(f"the shares of {organisation} add up to {sum(line)}")
    order = sorted(shares, key=lambda key: (places[key], list(theme.NAMES).index(key)))
    labels = [f"{places[key]}  {theme.NAMES[key]}" for key in order]
    count = max(len(line) for line in shares.values())
    shown = []
    for key, label in zip(order, labels, strict=True):
        start = 0.0
        for place, share in enumerate(shares[key], start=1):
            if share > 0:
                shown.append(
                    {
                        "label": label,
                        "organisation": theme.NAMES[key],
                        "place": words.ordinal(place),
                        "share": round(share, 4),
                        "start": round(start, 4),
                        "end": round(start + share, 4),
                        "text": words.share(share) if share >= ROOM else "",
                        "ink": theme.ON_DARK if place <= 2 else theme.ON_PALE,
                    }
                )
            start += share
    ordinals = [words.ordinal(place) for place in range(1, count + 1)]
    ramp = [theme.ORDERED[min(i, len(theme.ORDERED) - 1)] for i in range(count)]
    y = alt.Y("label:N", sort=labels, title=None, axis=alt.Axis(domain=False, ticks=False, labelFontSize=12))
    base = alt.Chart(theme.data(shown)).encode(y=y)
    bars = base.mark_bar(stroke=theme.OTHER, strokeWidth=0.5, height=22).encode(
        x=alt.X(
            "start:Q",
            title=f"Share of {over}",
            scale=alt.Scale(domain=[0, 1], nice=False),
            axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]),
        ),
        x2=alt.X2("end:Q"),
        color=alt.Color(
            "place:N",
            scale=alt.Scale(domain=ordinals, range=ramp),
            legend=alt.Legend(title="Place", symbolType="square"),
        ),
        tooltip=[
            alt.Tooltip("organisation:N", title="Organisation"),
            alt.Tooltip("place:N", title="Place"),
            alt.Tooltip("share:Q", title="Share", format=".1%"),
        ],
    )
    numbers = (
        base.transform_filter("datum.text != ''")
        .transform_calculate(middle="(datum.start + datum.end) / 2")
        .mark_text()
        .encode(x=alt.X("middle:Q"), text=alt.Text("text:N"), color=alt.Color("ink:N", scale=None))
    )
    chart = alt.layer(bars, numbers, width=520, height=len(order) * 30)
    lines = [
        f"{theme.NAMES[key]} (place {places[key]} in the base reading): "
        + words.listed(
            [f"{ordinals[i]} in {words.share(share, 1)}" for i, share in enumerate(shares[key]) if share > 0]
        )
        + "."
        for key in order
    ]
    first = max(order, key=lambda key: shares[key][0])
    return theme.figure(
        chart,
        name,
        alt_text=(
            f"Stacked shares of {over} in which each organisation takes each place;"
            f" {theme.NAMES[first]} takes the first place most often, in {words.share(shares[first][0], 1)}."
        ),
        description=" ".join(lines),
        table=theme.text_table(
            ["Organisation", "Base place", *(f"{ordinal.capitalize()} (%)" for ordinal in ordinals)],
            [
                [theme.NAMES[key], places[key], *(f"{100 * share:.1f}" for share in shares[key])]
                + [theme.UNTOLD] * (count - len(shares[key]))
                for key in order
            ],
            note=f"Shares of {over}, in percent.",
            right=range(1, count + 2),
        ),
    )


def weights(shares: pd.DataFrame, titles: Mapping[str, str], *, name: str = "weights") -> Figure:
    """The ranking as a weighted mean whose weights are sliders; as printed, all weights are equal.

    Args:
        shares: organisations (index) by criteria (columns), each value a share of the leader, 0 to 1; a gap where
            nothing is told. As in `recount.methods.weighted_sum`, a gap is left out of that organisation's mean.
        titles: the title of each criterion.
        name: kebab-case name of the figure.
    """
    criteria = [str(column) for column in shares.columns]
    parameter = {criterion: "weight_" + criterion.replace("-", "_") for criterion in criteria}
    sliders = [
        alt.param(
            name=parameter[criterion],
            value=1,
            bind=alt.binding_range(min=0, max=5, step=0.5, name=f"{titles[criterion]} "),
        )
        for criterion in criteria
    ]
    values = {
        str(organisation): {
            criterion: None if math.isnan(float(line[criterion])) else round(float(line[criterion]), 4)
            for criterion in criteria
        }
        for organisation, line in shares.iterrows()
    }
    told = [key for key in theme.NAMES if key in values]
    shown = [
        {
            "organisation": theme.NAMES[key],
            "criterion": titles[criterion],
            "key": criterion,
            "order": index,
            "share": values[key][criterion],
        }
        for key in told
        for index, criterion in enumerate(criteria)
        if values[key][criterion] is not None
    ]
    lookup = "{" + ", ".join(f"'{criterion}': {parameter[criterion]}" for criterion in criteria) + "}[datum.key]"
    scored = (
        alt.Chart(theme.data(shown))
        .transform_calculate(weight=lookup)
        .transform_joinaggregate(all_weights="sum(weight)", groupby=["organisation"])
        .transform_calculate(part="datum.all_weights > 0 ? datum.weight * datum.share / datum.all_weights : 0")
        .transform_joinaggregate(sum="sum(part)", groupby=["organisation"])
        # Without rounding the last binary digit would break a tie.
        .transform_calculate(score="round(datum.sum * 1e9) / 1e9")
    )
    by_score = alt.EncodingSortField(field="score", op="max", order="descending")
    y = alt.Y("organisation:N", sort=by_score, title=None, axis=alt.Axis(domain=False, ticks=False, labelFontSize=12))
    x_axis = alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format=".2f")
    bars = scored.mark_bar(height=22).encode(
        x=alt.X(
            "part:Q",
            stack="zero",
            title="Score: weighted mean of the shares of the leader",
            scale=alt.Scale(domain=[0, 1.08], nice=False),
            axis=x_axis,
        ),
        y=y,
        color=alt.Color(
            "criterion:N",
            scale=alt.Scale(
                domain=[titles[criterion] for criterion in criteria],
                range=[CRITERIA[i % len(CRITERIA)] for i in range(len(criteria))],
            ),
            legend=alt.Legend(title=None, columns=3, symbolType="square"),
        ),
        order=alt.Order("order:Q"),
        tooltip=[
            alt.Tooltip("organisation:N", title="Organisation"),
            alt.Tooltip("criterion:N", title="Criterion"),
            alt.Tooltip("share:Q", title="Share of the leader", format=".2f"),
            alt.Tooltip("weight:Q", title="Weight"),
            alt.Tooltip("part:Q", title="Adds to the score", format=".3f"),
        ],
    )
    totals = (
        scored.transform_aggregate(score="max(score)", groupby=["organisation"])
        .transform_window(place="rank()", sort=[alt.SortField("score", order="descending")])
        .transform_calculate(label="format(datum.score, '.2f') + '  (place ' + datum.place + ')'")
        .mark_text(align="left", dx=5)
        .encode(x=alt.X("score:Q", axis=x_axis), y=y, text=alt.Text("label:N"))
    )
    chart = alt.layer(bars, totals, width=540, height=len(told) * 32).add_params(*sliders)
    means = {
        key: sum(value for value in values[key].values() if value is not None)
        / max(1, sum(value is not None for value in values[key].values()))
        for key in told
    }
    ranked = sorted(told, key=lambda key: (-round(means[key], 9), told.index(key)))
    return theme.figure(
        chart,
        name,
        alt_text=(
            "Scores of the organisations as stacked parts of each criterion, with a slider for each weight; with equal"
            f" weights the order is {words.listed([theme.NAMES[key] for key in ranked])}."
        ),
        description=" ".join(
            f"{theme.NAMES[key]} scores {means[key]:.2f} with equal weights: "
            + words.listed(
                [
                    f"{titles[criterion].lower()} "
                    + ("untold" if values[key][criterion] is None else f"{values[key][criterion]:.2f}")
                    for criterion in criteria
                ]
            )
            + "."
            for key in ranked
        ),
        table=theme.text_table(
            ["Organisation", *(titles[criterion] for criterion in criteria), "Score"],
            [
                [
                    theme.NAMES[key],
                    *(
                        theme.UNTOLD if values[key][criterion] is None else f"{values[key][criterion]:.2f}"
                        for criterion in criteria
                    ),
                    f"{means[key]:.2f}",
                ]
                for key in ranked
            ],
            note="Shares of the leader in each criterion; the score is their mean with equal weights.",
            right=range(1, len(criteria) + 2),
        ),
    )
