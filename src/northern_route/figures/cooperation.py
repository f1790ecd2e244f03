"""Cooperation: who with whom, of which kind, and at which level."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import altair as alt

from northern_route.figures import theme
from recount import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from recount.values import Figure

KINDS = {
    "information": "Information",
    "training": "Training",
    "border-security": "Border security",
    "joint-operations": "Joint operations",
    "": "Kind untold",
}
LEVELS = {
    "inter-agency": "between Tajik agencies",
    "regional": "between states",
    "inter-organisation": "between organisations",
    "": "level untold",
}
# Partners named less often share one line, so that the figure stays readable; the table names them all.
OFTEN = 2
ROW, CELL, LEFT, TOP = 16, 38, 148, 20
KIND_CELL, KIND_LEFT = 24, 118


def cooperation(activities: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Acts with partners, as a matrix of partners by organisations, and their kinds and levels beside it.

    Args:
        activities: the rows of `activities.csv` to show. An act counts once for each partner; for kinds and levels
            those of tactic cooperation count, under every kind and level told of them.
        names: what actors are called, by id.
    """
    rows = [row for row in theme.rows_of(activities) if row["organisation"] in theme.NAMES]
    pairs: defaultdict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        for partner in theme.several(row["partners"]):
            pairs[partner, row["organisation"]].append(row)
    kinds: defaultdict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        if row["tactic"] == "cooperation":
            for kind in theme.several(row["cooperation_kind"]) or [""]:
                for level in theme.several(row["cooperation_level"]) or [""]:
                    kinds[row["organisation"], kind, level].append(row)
    totals = Counter({partner: 0 for partner, _ in pairs})
    for (partner, _), acts in pairs.items():
        totals[partner] += len(acts)
    called = {partner: theme.NAMES.get(partner) or names.get(partner, theme.name_of(partner)) for partner in totals}
    ranked = sorted(totals, key=lambda partner: (-totals[partner], called[partner]))
    often = [partner for partner in ranked if totals[partner] >= OFTEN]
    rest = [partner for partner in ranked if totals[partner] < OFTEN]
    by_kind = {
        key: Counter({kind: sum(len(kinds[key, kind, level]) for level in LEVELS) for kind in KINDS if kind})
        for key in theme.NAMES
    }
    chart = theme.side_by_side(_partners(pairs, often, rest, called), _kinds(kinds), spacing=18)
    acts_with = sum(bool(row["partners"]) for row in rows)
    return theme.figure(
        chart,
        "cooperation",
        alt_text=(
            f"Matrix of {words.counted(len(totals), 'partner')} by organisation from {acts_with} acts;"
            f" the most frequent is {called[ranked[0]]} with {totals[ranked[0]]}. Beside it the kinds and levels of"
            f" {sum(row['tactic'] == 'cooperation' for row in rows)} acts of cooperation."
            if ranked
            else "No act names a partner."
        ),
        description=" ".join(
            f"{name} works with "
            + words.listed(
                [f"{called[partner]} ({len(pairs[partner, key])})" for partner in ranked if (partner, key) in pairs]
            )
            + "; kinds: "
            + words.listed([f"{KINDS[kind].lower()} {count}" for kind, count in by_kind[key].items() if count])
            + "; levels: "
            + words.listed(
                [
                    f"{text} {count}"
                    for level, text in LEVELS.items()
                    if level and (count := sum(len(kinds[key, kind, level]) for kind in KINDS))
                ]
            )
            + "."
            for key, name in theme.NAMES.items()
        ),
        table=theme.text_table(
            ["Partner", *theme.NAMES.values(), "All"],
            [
                [called[partner], *(len(pairs.get((partner, key), [])) or "" for key in theme.NAMES), totals[partner]]
                for partner in ranked
            ],
            note="Acts in which a partner is named; an act counts once for each of its partners.",
            right=range(1, len(theme.NAMES) + 2),
        ),
        behind=[f"activities:{row['id']}" for row in rows if row["partners"] or row["tactic"] == "cooperation"],
    )


def _named(acts: list[dict[str, str]]) -> theme.Record:
    """What a tooltip tells of a cell."""
    more = f" and {len(acts) - 5} more" if len(acts) > 5 else ""
    return {
        "count": len(acts),
        "rows": ", ".join(row["id"] for row in acts[:5]) + more,
        "sections": ", ".join(sorted({part for row in acts for part in theme.several(row["section"])})),
    }


def _partners(
    pairs: Mapping[tuple[str, str], list[dict[str, str]]],
    often: list[str],
    rest: list[str],
    called: Mapping[str, str],
) -> alt.LayerChart | alt.FacetChart:
    cells, lines = [], []
    groups = [(called[partner], [partner]) for partner in often]
    if rest:
        groups.append((f"{len(rest)} {words.plural('other', len(rest))}, one act each", rest))
    for index, (label, partners) in enumerate(groups):
        y = TOP + index * ROW + ROW / 2
        lines.append({"y": y, "label": theme.brief(label, 28)})
        for column, (key, name) in enumerate(theme.NAMES.items()):
            acts = [row for partner in partners for row in pairs.get((partner, key), [])]
            if acts:
                cells.append(
                    {"x": LEFT + column * CELL + CELL / 2, "y": y, "organisation": name, "partner": label}
                    | _named(acts)
                )
    width, height = LEFT + len(theme.NAMES) * CELL, TOP + len(groups) * ROW
    heads = [
        {"x": LEFT + column * CELL + CELL / 2, "y": 8, "label": name}
        for column, name in enumerate(theme.NAMES.values())
    ]
    return _grid(cells, lines, heads, (LEFT, width, height), "partner", "Partner")


def _kinds(kinds: Mapping[tuple[str, str, str], list[dict[str, str]]]) -> alt.LayerChart | alt.FacetChart:
    cells, lines, blocks = [], [], []
    y = TOP + 58.0
    for key, name in theme.NAMES.items():
        blocks.append({"y": y - 5, "label": name})
        y += 12
        for level, text in LEVELS.items():
            if not level and not any(kinds.get((key, kind, level)) for kind in KINDS):
                continue
            lines.append({"y": y, "label": text})
            for column, (kind, label) in enumerate(KINDS.items()):
                acts = kinds.get((key, kind, level), [])
                if acts:
                    cells.append(
                        {
                            "x": KIND_LEFT + column * KIND_CELL + KIND_CELL / 2,
                            "y": y,
                            "organisation": name,
                            "kind": f"{label}, {text}",
                        }
                        | _named(acts)
                    )
            y += ROW
        y += 8
    width, height = KIND_LEFT + len(KINDS) * KIND_CELL, round(y - 8)
    heads = [
        {"x": KIND_LEFT + column * KIND_CELL + KIND_CELL / 2, "y": TOP + 50, "label": label}
        for column, label in enumerate(KINDS.values())
    ]
    return _grid(cells, lines, heads, (KIND_LEFT, width, height), "kind", "Kind and level", blocks)


def _grid(  # noqa: PLR0913, PLR0917 - the parts of one panel
    cells: list[theme.Record],
    lines: list[theme.Record],
    heads: list[theme.Record],
    size: tuple[int, int, int],
    field: str,
    title: str,
    blocks: list[theme.Record] | None = None,
) -> alt.LayerChart | alt.FacetChart:
    """A panel of squares with their number, in the colour of the organisation."""
    left, width, height = size
    names = list(theme.NAMES.values())
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, width], nice=False), axis=None)
    y = theme.pixels(height)
    chosen = alt.selection_point(name="chosen", fields=["organisation"], on="pointerover", clear="pointerout")
    base = alt.Chart(theme.data(cells)).encode(x=x, y=y)
    squares = (
        base.mark_rect(width=20, height=ROW - 3, cornerRadius=2)
        .encode(
            color=alt.Color("organisation:N", scale=theme.colours(names), legend=None),
            opacity=theme.faded(chosen),
            tooltip=[
                alt.Tooltip("organisation:N", title="Organisation"),
                alt.Tooltip(f"{field}:N", title=title),
                alt.Tooltip("count:Q", title="Acts"),
                alt.Tooltip("rows:N", title="Rows"),
                alt.Tooltip("sections:N", title="Sections"),
            ],
        )
        .add_params(chosen)
    )
    numbers = base.mark_text(fontSize=10, baseline="middle").encode(
        text=alt.Text("count:Q"), color=alt.ColorValue(theme.ON_DARK)
    )
    upright: theme.Record = {"angle": 270, "align": "left", "fontSize": 10} if blocks else {"align": "center"}
    head = (
        alt.Chart(theme.data(heads)).mark_text(baseline="middle", **upright).encode(x=x, y=y, text=alt.Text("label:N"))
    )
    ground = (
        alt.Chart(theme.data(lines))
        .mark_rule(strokeWidth=0.4, opacity=0.35)
        .encode(y=y, x=alt.XValue(left), x2=alt.X2Value(width))
    )
    layers = [ground, squares, numbers, head, theme.label(lines, left - 6, height, align="right", fontSize=10)]
    if blocks:
        layers.append(theme.label(blocks, 0, height, fontWeight=600))
    return alt.layer(*layers, width=width, height=height)
