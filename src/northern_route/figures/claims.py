"""The thesis's statements by what the evidence makes of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import altair as alt

from northern_route.figures import theme
from recount import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recount.values import Figure

VERDICTS = {
    "holds": ("holds", "#1f5f8b"),
    "holds-narrowly": ("holds narrowly", "#4d8bb5"),
    "tied": ("tied", "#a9c6da"),
    "depends-on-choices": ("depends on choices", "#d9c08c"),
    "fails": ("fails", "#b84513"),
    "not-evaluable": ("cannot be decided", "#9aa2ab"),
}
PALE = ("tied", "depends-on-choices", "not-evaluable")
ROW = 24
WIDTH = 500


def verdicts(claims: Mapping[str, Mapping[str, Any]]) -> Figure:
    """How many statements of each kind hold, fail, or cannot be decided; each is a part of a bar.

    Args:
        claims: the result of that name: for each id at least `kind`, `verdict` and `section` (a list).
    """
    counts = Counter((str(claim["kind"]), str(claim["verdict"])) for claim in claims.values())
    totals = Counter(str(claim["kind"]) for claim in claims.values())
    kinds = sorted(totals, key=lambda kind: (-totals[kind], kind))
    shown = []
    for kind in kinds:
        start = 0
        for verdict, (label, _) in VERDICTS.items():
            own = sorted(name for name, claim in claims.items() if (claim["kind"], claim["verdict"]) == (kind, verdict))
            shown.append(
                {
                    "kind": kind,
                    "verdict": label,
                    "start": start,
                    "end": start + len(own),
                    "claim": own,
                    "section": [", ".join(claims[name]["section"]) for name in own],
                    "index": list(range(len(own))),
                }
            )
            start += len(own)
    shown = [record for record in shown if record["claim"]]
    overall = Counter(str(claim["verdict"]) for claim in claims.values())
    return theme.figure(
        _chart(shown, counts, kinds),
        "verdicts",
        alt_text=(
            f"Bars of {len(claims)} statements by kind and verdict: "
            + words.listed([f"{overall[key]} {label}" for key, (label, _) in VERDICTS.items() if overall[key]])
            + "."
        ),
        description=" ".join(
            f"{kind.capitalize()}: "
            + words.listed(
                [f"{counts[kind, key]} {label}" for key, (label, _) in VERDICTS.items() if counts[kind, key]]
            )
            + "."
            for kind in kinds
        ),
        table=theme.text_table(
            ["Kind", *(label.capitalize() for label, _ in VERDICTS.values()), "All"],
            [
                *([kind.capitalize(), *(counts[kind, key] for key in VERDICTS), totals[kind]] for kind in kinds),
                ["All", *(overall[key] for key in VERDICTS), len(claims)],
            ],
            right=range(1, len(VERDICTS) + 2),
        ),
        behind=[f"claims:{name}" for name in claims],
    )


def _chart(
    shown: list[theme.Record], counts: Counter[tuple[str, str]], kinds: list[str]
) -> alt.LayerChart | alt.FacetChart:
    labels = [label for label, _ in VERDICTS.values()]
    y = alt.Y(
        "kind:N",
        sort=kinds,
        title=None,
        axis=alt.Axis(domain=False, ticks=False, labelExpr="upper(slice(datum.label, 0, 1)) + slice(datum.label, 1)"),
    )
    x = alt.X("start:Q", title="Statements", axis=alt.Axis(tickMinStep=5))
    bars = (
        alt.Chart(theme.data([{key: record[key] for key in ("kind", "verdict", "start", "end")} for record in shown]))
        .mark_bar(height=18)
        .encode(
            x=x,
            x2=alt.X2("end:Q"),
            y=y,
            color=alt.Color(
                "verdict:N",
                scale=alt.Scale(domain=labels, range=[colour for _, colour in VERDICTS.values()]),
                legend=alt.Legend(title=None, symbolType="square", columns=6),
            ),
        )
    )
    # One part a statement, for its tooltip alone: side by side, parts with a colour show the seams between them.
    parts = (
        alt.Chart(theme.data([{key: value for key, value in record.items() if key != "end"} for record in shown]))
        .transform_flatten(["claim", "section", "index"])
        .transform_calculate(start="datum.start + datum.index", end="datum.start + 1")
        .mark_bar(height=18, opacity=0)
        .encode(
            x=x,
            x2=alt.X2("end:Q"),
            y=y,
            tooltip=[
                alt.Tooltip("verdict:N", title="Verdict"),
                alt.Tooltip("claim:N", title="Statement"),
                alt.Tooltip("section:N", title="Section"),
            ],
        )
    )
    most = max(sum(counts[kind, key] for key in VERDICTS) for kind in kinds)
    middles = []
    for kind in kinds:
        start = 0
        for key in VERDICTS:
            # A number wider than its part of the bar would run into the next one.
            if counts[kind, key] * WIDTH / most > 8 * len(str(counts[kind, key])):
                middles.append(
                    {
                        "kind": kind,
                        "middle": start + counts[kind, key] / 2,
                        "count": counts[kind, key],
                        "ink": theme.ON_PALE if key in PALE else theme.ON_DARK,
                    }
                )
            start += counts[kind, key]
    numbers = (
        alt.Chart(theme.data(middles))
        .mark_text(fontSize=10)
        .encode(x=alt.X("middle:Q"), y=y, text=alt.Text("count:Q"), color=alt.Color("ink:N", scale=None))
    )
    return alt.layer(bars, parts, numbers, width=WIDTH, height=len(kinds) * ROW)
