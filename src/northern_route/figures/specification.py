"""A conclusion under every combination of choices: the specification curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt

from northern_route.figures import theme
from recount import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recount.values import Figure

# The options are drawn for groups of neighbouring combinations: single ones would be thinner than a pixel.
GROUPS = 40
LEFT, INNER, ROW, GAP = 248, 304, 13, 6
CURVE = 110
# Between the curve and the options stand the heads.
HEADS = 26


def curve(
    multiverse: Mapping[str, Any], choices: Sequence[Mapping[str, Any]], *, name: str = "specification"
) -> Figure:
    """How far the leader of the base reading is ahead or behind under all combinations, with the options below.

    The combinations are sorted by the lead; each point says who comes first. Below, a strip shows how often an option
    occurs among neighbouring combinations, and the number beside it in what share of all combinations with that option
    the leader stays first. Choices stand in the order in which they matter. The form is that of
    [simonsohn2020specification].

    Args:
        multiverse: the result of that name: `combinations` (how many), `leader`, `places` (shares of each place by
            organisation), `sways` (for each choice the share of combinations by option in which the leader is first,
            and the range between them) and `curve` (`choices`: options by choice; `points`: a sample in equal steps
            of the combinations sorted by lead, each with `lead`, `first` and `options`, an index for each choice in
            the order of the declaration).
        choices: each with id, question, base and options (id and label), as declared in `data/choices.yml`.
        name: kebab-case name of the figure.
    """
    leader = theme.NAMES[multiverse["leader"]]
    declared = {str(choice["id"]): choice for choice in choices}
    # As declared: the results are kept with their keys sorted, and options told by place would go to other choices.
    order = [name for name in declared if name in multiverse["curve"]["choices"]]
    points = sorted(multiverse["curve"]["points"], key=lambda point: -point["lead"])
    sways = sorted(multiverse["sways"], key=lambda sway: (-sway["range"], order.index(sway["choice"])))
    total, first = multiverse["combinations"], multiverse["places"][multiverse["leader"]][0]
    labels = {
        (choice["id"], option["id"]): str(option.get("label", option["id"]))
        for choice in choices
        for option in choice["options"]
    }
    table = [
        [
            str(sway["choice"]).replace("-", " ").capitalize(),
            labels[sway["choice"], option],
            "yes" if option == declared[sway["choice"]]["base"] else "no",
            f"{100 * share:.1f}",
        ]
        for sway in sways
        for option, share in sway["shares"].items()
    ]
    rivals = {key: line[0] for key, line in multiverse["places"].items() if key != multiverse["leader"] and line[0]}
    return theme.figure(
        _chart(points, sways, declared, labels, order, leader),
        name,
        alt_text=(
            f"Specification curve: {leader} comes first, alone or with others, in {words.share(first, 1)} of {total:,}"
            f" combinations of choices; most hangs on the choice of {str(sways[0]['choice']).replace('-', ' ')}."
        ),
        description=(
            f"The lead of {leader} over its strongest rival goes from {points[-1]['lead']:.2f} to"
            f" {points[0]['lead']:.2f}. "
            + (
                "Others come first in "
                + words.listed(
                    [
                        f"{words.share(rivals[key], 1)} ({theme.NAMES[key]})"
                        for key in sorted(rivals, key=lambda key: (-rivals[key], key))
                    ]
                )
                + " of the combinations. "
                if rivals
                else ""
            )
            + " ".join(
                f"{declared[sway['choice']]['question']} {leader} is first "
                + words.listed(
                    [
                        f"in {words.share(share, 1)} with \u201c{labels[sway['choice'], option]}\u201d"
                        for option, share in sway["shares"].items()
                    ]
                )
                + "."
                for sway in sways
            )
        ),
        table=theme.text_table(
            ["Choice", "Option", "Base", f"{leader} first (%)"],
            table,
            note=f"Share of the combinations with that option in which {leader} is first; {total:,} combinations.",
            right=[3],
        ),
    )


def _chart(  # noqa: PLR0913, PLR0917 - the parts of one computation, used once
    points: Sequence[Mapping[str, Any]],
    sways: Sequence[Mapping[str, Any]],
    declared: Mapping[str, Mapping[str, Any]],
    labels: Mapping[tuple[str, str], str],
    order: Sequence[str],
    leader: str,
) -> alt.LayerChart:
    count = len(points)
    groups = [range(i * count // GROUPS, (i + 1) * count // GROUPS) for i in range(GROUPS)]
    groups = [group for group in groups if group]
    strips, heads, lines = [], [], []
    y = float(CURVE + HEADS)
    for sway in sways:
        at = order.index(sway["choice"])
        head = str(sway["choice"]).replace("-", " ").capitalize()
        heads.append({"y": y + ROW / 2, "label": head})
        for j, (option, share) in enumerate(sway["shares"].items()):
            mark = " (base)" if option == declared[sway["choice"]]["base"] else ""
            strips.append(
                {
                    "y": y,
                    "option": labels[sway["choice"], option],
                    "choice": head,
                    "part": [
                        round(100 * sum(points[i]["options"][at] == j for i in group) / len(group)) for group in groups
                    ],
                }
            )
            lines.append(
                {
                    "y": y + ROW / 2,
                    "label": labels[sway["choice"], option] + mark,
                    "share": words.share(share),
                }
            )
            y += ROW
        y += GAP
    height = round(y)
    layers: list[alt.Chart] = [
        *_curve_layers(points, leader, height),
        *_strip_layers(strips, len(groups), height),
        _text(heads, -LEFT + 4, height, align="left", fontWeight=600, fontSize=10),
        _text(lines, -6, height, align="right", fontSize=10, limit=LEFT - 10),
        _text(lines, INNER + 34, height, "share:N", align="right", fontSize=10),
        _text([{"y": CURVE + HEADS - 10, "label": f"{leader} first"}], INNER + 34, height, align="right", fontSize=10),
    ]
    chart: alt.LayerChart = alt.layer(*layers, width=INNER, height=height).resolve_scale(y="independent")
    return chart


def _y(height: float, field: str = "y") -> alt.Y:
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, height], reverse=True, nice=False), axis=None)


def _text(rows: Sequence[theme.Record], at: float, height: float, field: str = "label:N", **mark: Any) -> alt.Chart:  # noqa: ANN401 - mark properties
    chart: alt.Chart = (
        alt.Chart(theme.data(rows))
        .mark_text(baseline="middle", **mark)
        .encode(x=alt.XValue(at), y=_y(height), text=alt.Text(field))
    )
    return chart


def _curve_layers(points: Sequence[Mapping[str, Any]], leader: str, height: float) -> list[alt.Chart]:
    """The lead, sorted, in the colour of whoever comes first; several of equal score count as shared."""
    order = list(theme.NAMES)
    shown = [
        {
            "at": round((i + 0.5) / len(points), 4),
            "lead": round(point["lead"], 3),
            "organisation": " and ".join(theme.NAMES[key] for key in sorted(point["first"], key=order.index))
            if len(point["first"]) == 1
            else "shared",
            "first": words.listed([theme.NAMES[key] for key in sorted(point["first"], key=order.index)]),
        }
        for i, point in enumerate(points)
    ]
    names = theme.domain(str(record["organisation"]) for record in shown)
    colour, shape = theme.organisation_marks(names)
    colour["legend"] = shape["legend"] = alt.Legend(title="First")
    leads = [float(point["lead"]) for point in points]
    low, high = min([*leads, 0.0]), max([*leads, 0.0])
    share = (height - CURVE) / CURVE
    y = alt.Y(
        "lead:Q",
        title=None,
        scale=alt.Scale(domain=[low - (high - low) * share - 0.02, high + 0.02], nice=False),
        axis=alt.Axis(
            values=_ticks(low, high),
            labelExpr="datum.value == 0 ? '0' : format(datum.value, '+.1f')",
            offset=2,
            domain=False,
            ticks=False,
        ),
    )
    x = alt.X("at:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None)
    chosen = theme.highlight()
    curve: alt.Chart = (
        alt.Chart(theme.data(shown))
        .mark_point(filled=True, size=12)
        .encode(
            x=x,
            y=y,
            color=colour,
            shape=shape,
            opacity=theme.faded(chosen),
            tooltip=[alt.Tooltip("first:N", title="First"), alt.Tooltip("lead:Q", title=f"Lead of {leader}")],
        )
        .add_params(chosen)
    )
    title = _text([{"y": 10, "label": f"Lead of {leader}"}], -48, height, align="right")
    under = _text([{"y": 24, "label": "over its strongest rival"}], -48, height, align="right")
    return [curve, title, under]


def _ticks(low: float, high: float) -> list[float]:
    """Zero, which decides, and a round value on either side of it."""
    step = 0.5 if max(-low, high) >= 0.5 else 0.1
    return [value for value in (-step, 0.0, step) if low <= value <= high]


def _strip_layers(strips: Sequence[theme.Record], groups: int, height: float) -> list[alt.Chart]:
    x = alt.X("group:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None)
    strip: alt.Chart = (
        alt.Chart(theme.data(strips))
        .transform_calculate(index=f"sequence({groups})")
        .transform_flatten(["part", "index"], as_=["part", "index"])
        .transform_filter("datum.part > 0")
        .transform_calculate(
            group=f"datum.index / {groups}", end=f"(datum.index + 1) / {groups}", bottom=f"datum.y + {ROW - 3}"
        )
        .mark_rect(aria=False)
        .encode(
            x=x,
            x2=alt.X2("end:Q"),
            y=_y(height),
            y2=alt.Y2("bottom:Q"),
            fill=alt.FillValue(theme.ORDERED[0]),
            fillOpacity=alt.FillOpacity("part:Q", scale=alt.Scale(domain=[0, 100], range=[0.04, 1]), legend=None),
            tooltip=[
                alt.Tooltip("choice:N", title="Choice"),
                alt.Tooltip("option:N", title="Option"),
                alt.Tooltip("part:Q", title="Per cent of these combinations"),
            ],
        )
    )
    return [strip]
