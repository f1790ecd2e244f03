"""A conclusion under every combination of choices: the specification curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from northern_route.figures import theme
from recount import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from recount.values import Figure

# Thousands of combinations are drawn as so many equal groups: more would be thinner than a pixel or two.
BINS = 120
LEFT, INNER, ROW, GAP = 216, 330, 13, 6
CURVE = 96
OPTION_LIMIT = 40


def curve(
    choices: Sequence[Mapping[str, Any]],
    places: Sequence[int],
    organisation: str,
    *,
    name: str = "",
    rivals: int = 5,
) -> Figure:
    """The place of one organisation under all combinations, best first, with the options behind each below.

    Combinations are sorted by place and then by the choices, those that matter most first, and drawn in equal groups;
    a strip shows what part of each group takes an option, and the number beside it in what part of all combinations
    with that option the organisation keeps its most frequent place. That a curve over all defensible combinations says
    more than one result is Simonsohn, Simmons and Nelson's point [simonsohn2020specification].

    Args:
        choices: as in `data/choices.yml`: id, options (each with id and label) and base.
        places: the place of the organisation (from 1) under every combination, the options of the last choice varying
            fastest; as many as there are combinations.
        organisation: its id.
        name: kebab-case name of the figure; by default made from the organisation.
        rivals: how many places there are.

    Raises:
        ValueError: as many places as there are not combinations, since it would not be known which is which.
    """
    shape = tuple(len(choice["options"]) for choice in choices)
    values = np.asarray(places, dtype=np.int64)
    if values.size != int(np.prod(shape)):
        raise ValueError(f"{values.size} places for {int(np.prod(shape))} combinations")
    options = np.indices(shape).reshape(len(shape), -1)
    held = int(np.bincount(values).argmax())
    shares = [
        [float((values[options[i] == j] == held).mean()) for j in range(size)] for i, size in enumerate(shape)
    ]
    influence = sorted(range(len(shape)), key=lambda i: (-(max(shares[i]) - min(shares[i])), i))
    order = np.lexsort([options[i] for i in reversed(influence)] + [values])
    bounds = np.linspace(0, values.size, min(BINS, values.size) + 1).round().astype(int)
    groups = [order[begin:end] for begin, end in zip(bounds[:-1], bounds[1:], strict=True)]
    base = int(np.ravel_multi_index([_base(choice) for choice in choices], shape))
    at = int(np.flatnonzero(order == base)[0]) / values.size * len(groups)
    label = theme.NAMES[organisation]
    counts = {place: int((values == place).sum()) for place in range(1, rivals + 1)}
    most = choices[influence[0]]
    ranges = {i: max(shares[i]) - min(shares[i]) for i in influence}
    return theme.figure(
        _chart(choices, influence, options, values, groups, shares, at, held, rivals),
        name or f"specification-{organisation}",
        alt_text=(
            f"Specification curve: {label} is {words.ordinal(held)} in {words.share(counts[held] / values.size, 1)} of"
            f" {values.size:,} combinations of choices; its place depends most on {str(most['id']).replace('-', ' ')}."
        ),
        description=(
            f"{label} takes "
            + words.listed(
                [
                    f"the {words.ordinal(place)} place in {count:,} combinations"
                    for place, count in counts.items()
                    if count
                ]
            )
            + f"; in the base combination it is {words.ordinal(int(values[base]))}. "
            + " ".join(
                f"{choices[i].get('question', choices[i]['id'])} "
                + words.listed(
                    [
                        f"{option['label']}: {words.ordinal(held)} in {words.share(share)}"
                        for option, share in zip(choices[i]["options"], shares[i], strict=True)
                    ]
                )
                + "."
                for i in influence
                if ranges[i] > 0
            )
        ),
        table=theme.text_table(
            ["Choice", "Option", "Base", f"{label} {words.ordinal(held)} (%)"],
            [
                [
                    str(choices[i]["id"]).replace("-", " "),
                    option["label"],
                    "yes" if option["id"] == choices[i]["base"] else "no",
                    f"{100 * share:.1f}",
                ]
                for i in influence
                for option, share in zip(choices[i]["options"], shares[i], strict=True)
            ],
            note=f"Share of the combinations with that option in which {label} is {words.ordinal(held)}; choices by how"
            " much they matter.",
            right=[3],
        ),
    )


def _base(choice: Mapping[str, Any]) -> int:
    return [option["id"] for option in choice["options"]].index(choice["base"])


def _chart(  # noqa: PLR0913, PLR0917 - the parts of one computation, used once
    choices: Sequence[Mapping[str, Any]],
    influence: Sequence[int],
    options: NDArray[np.int64],
    values: NDArray[np.int64],
    groups: Sequence[NDArray[np.int64]],
    shares: Sequence[Sequence[float]],
    at: float,
    held: int,
    rivals: int,
) -> alt.TopLevelMixin:
    strips, heads, lines = [], [], []
    y = float(CURVE + 26)
    for i in influence:
        heads.append({"y": y + ROW / 2, "label": str(choices[i]["id"]).replace("-", " ").capitalize()})
        for j, option in enumerate(choices[i]["options"]):
            strips.append(
                {
                    "y": y,
                    "option": option["label"],
                    "choice": choices[i]["id"],
                    "part": [round(100 * float((options[i][group] == j).mean())) for group in groups],
                }
            )
            mark = " (base)" if option["id"] == choices[i]["base"] else ""
            lines.append(
                {
                    "y": y + ROW / 2,
                    "label": theme.shorten(str(option["label"]), OPTION_LIMIT - len(mark)) + mark,
                    "share": words.share(shares[i][j]),
                }
            )
            y += ROW
        y += GAP
    height = round(y)
    x = alt.X("group:Q", scale=alt.Scale(domain=[0, len(groups)], nice=False), axis=None)
    scale_y = alt.Scale(domain=[0, height], reverse=True, nice=False)
    y_axis = alt.Y("y:Q", scale=scale_y, axis=None)
    step = (CURVE - 16) / max(rivals - 1, 1)
    steps = [
        {
            "group": index,
            "end": index + 1,
            "y": round(8 + (float(values[group].mean()) - 1) * step, 1),
            "place": round(float(values[group].mean()), 2),
        }
        for index, group in enumerate(groups)
    ]
    grid = [{"y": 8 + (place - 1) * step, "label": words.ordinal(place)} for place in range(1, rivals + 1)]
    width = {"group": alt.value(0), "end": alt.value(INNER)}
    bars = (
        alt.Chart(theme.data(strips))
        .transform_calculate(groups=f"sequence({len(groups)})")
        .transform_flatten(["part", "groups"], as_=["part", "group"])
        .transform_filter("datum.part > 0")
        .transform_calculate(end="datum.group + 1", bottom=f"datum.y + {ROW - 3}")
        .mark_rect()
        .encode(
            x=x,
            x2="end:Q",
            y=y_axis,
            y2="bottom:Q",
            color=alt.value(theme.ORDERED[0]),
            opacity=alt.Opacity("part:Q", scale=alt.Scale(domain=[0, 100], range=[0.05, 1]), legend=None),
            tooltip=[
                alt.Tooltip("choice:N", title="Choice"),
                alt.Tooltip("option:N", title="Option"),
                alt.Tooltip("part:Q", title="Per cent of this group"),
            ],
        )
    )
    curve_line = (
        alt.Chart(theme.data(steps))
        .mark_rule(strokeWidth=3, color=theme.ORDERED[0])
        .encode(x=x, x2="end:Q", y=y_axis, tooltip=[alt.Tooltip("place:Q", title="Mean place of this group")])
    )

    def text(rows: Sequence[theme.Record], position: float, field: str = "label:N", **mark: Any) -> alt.Chart:  # noqa: ANN401 - mark properties
        chart: alt.Chart = (
            alt.Chart(theme.data(rows))
            .mark_text(baseline="middle", **mark)
            .encode(x=alt.value(position), y=y_axis, text=field)
        )
        return chart

    base_line = alt.Chart(theme.data([{"group": round(at, 1)}])).encode(x=x)
    return alt.layer(
        alt.Chart(theme.data(grid))
        .mark_rule(strokeWidth=0.5, opacity=0.4)
        .encode(x=width["group"], x2=width["end"], y=y_axis),
        base_line.mark_rule(strokeDash=[3, 2], strokeWidth=1, opacity=0.8).encode(y=alt.value(0), y2=alt.value(height)),
        bars,
        curve_line,
        text(grid, -6, align="right"),
        text(heads, -LEFT + 4, align="left", fontWeight=600, fontSize=10),
        text(lines, -6, align="right", fontSize=10),
        text(lines, INNER + 32, "share:N", align="right", fontSize=10),
        text([{"y": CURVE + 14, "label": f"{words.ordinal(held)} in"}], INNER + 32, align="right", fontSize=10),
        base_line.transform_calculate(label="'base'").mark_text(baseline="bottom", fontSize=10, dy=-2).encode(
            y=alt.value(0), text="label:N"
        ),
    ).properties(width=INNER, height=height)
