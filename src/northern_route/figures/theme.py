"""What all figures share: colours, shapes, type, and the last step from a chart to a figure.

The look stands in `config` alone and never in a mark, so that a page can restyle a figure by exchanging the
specification's `config` for `config("dark")`. The background is transparent in both.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import altair as alt
import pandas as pd

from recount.drawing import FONT
from recount.values import Column, Figure, Table

# In the order of their chapters, which every legend and axis follows unless it ranks.
NAMES = {"unodc": "UNODC", "bomca": "BOMCA", "sco": "SCO", "osce": "OSCE", "csto": "CSTO"}
# Chosen by search: at least 3:1 against white and against a dark page, and farthest apart (OKLab) for normal sight,
# protanopia, deuteranopia and tritanopia alike. The shape says the same for those who see no colour at all.
COLOURS = {"unodc": "#0d5ed7", "bomca": "#b84513", "sco": "#1d9e7a", "osce": "#9b5c9d", "csto": "#ab8c27"}
SHAPES = {"unodc": "circle", "bomca": "square", "sco": "triangle-up", "osce": "diamond", "csto": "cross"}
OTHER = "#7d8590"

# One hue from dark to pale, for what has an order (places, shares); readable on white and on a dark page.
ORDERED = ("#1f5f8b", "#4d8bb5", "#86b4d2", "#b9d3e4", "#dfe9f0")
# Text on the fills above: these marks carry their own ground, so their ink must not follow the page.
ON_DARK, ON_PALE = "#ffffff", "#1b1f24"

WIDTH = 600
SIZE = 11
UNTOLD = "–"

TACTICS = {
    "training": "Training",
    "cooperation": "Cooperation",
    "equipment": "Equipment",
    "infrastructure": "Infrastructure",
    "unique": "Unique",
    "operation": "Operations",
}
REGIONS = {
    "dushanbe": "Dushanbe",
    "sughd": "Sughd",
    "khatlon": "Khatlon",
    "districts-of-republican-subordination": "Districts of Republican Subordination",
    "gorno-badakhshan": "Gorno-Badakhshan",
    "national": "Whole country",
    "central-asia": "Central Asia",
    "afghanistan": "Afghanistan",
    "abroad": "Abroad",
    "unstated": "No region told",
}

Ground = Literal["light", "dark"]
Record = dict[str, Any]


def config(ground: Ground = "light") -> Record:
    """The configuration of every figure, for a white or a dark page."""
    ink, soft, faint = ("#24292f", "#57606a", "#d8dee4") if ground == "light" else ("#e6edf3", "#b1bac4", "#30363d")
    # Without a limit no label is measured a second time to see whether it has to be cut; none has.
    letters = {"labelFont": FONT, "titleFont": FONT, "labelFontSize": SIZE, "titleFontSize": SIZE, "labelLimit": 0}
    return {
        "background": "transparent",
        "font": FONT,
        "padding": 4,
        "view": {"stroke": None},
        "text": {"color": ink, "font": FONT, "fontSize": SIZE},
        "rule": {"color": soft},
        "title": {
            "color": ink,
            "font": FONT,
            "fontSize": SIZE + 1,
            "fontWeight": 600,
            "anchor": "start",
            "subtitleColor": soft,
            "subtitleFont": FONT,
            "subtitleFontSize": SIZE,
        },
        "axis": {
            **letters,
            "labelColor": ink,
            "titleColor": soft,
            "titleFontWeight": "normal",
            "domainColor": faint,
            "gridColor": faint,
            "gridOpacity": 0.7,
            "tickColor": faint,
        },
        "header": {**letters, "labelColor": ink, "titleColor": soft, "labelFontWeight": 600},
        "legend": {
            **letters,
            "labelColor": ink,
            "titleColor": soft,
            "titleFontWeight": "normal",
            "orient": "top",
            "direction": "horizontal",
            "symbolStrokeWidth": 1.5,
        },
    }


def name_of(organisation: str) -> str:
    """How a figure calls an organisation or, where it is none of the five, an actor's id as words."""
    return NAMES.get(organisation, organisation.replace("-", " ").capitalize())


def domain(names: Iterable[str]) -> list[str]:
    """Those of the five that occur, as names, in the order of their chapters; then all others, sorted."""
    present = set(names)
    five = [name for name in NAMES.values() if name in present]
    return five + sorted(present - set(five))


def colours(names: Sequence[str]) -> alt.Scale:
    """The colour scale of organisations, given by their names."""
    by_name = {NAMES[key]: colour for key, colour in COLOURS.items()}
    return alt.Scale(domain=list(names), range=[by_name.get(name, OTHER) for name in names])


def shapes(names: Sequence[str]) -> alt.Scale:
    """The shape scale of organisations, given by their names."""
    by_name = {NAMES[key]: shape for key, shape in SHAPES.items()}
    return alt.Scale(domain=list(names), range=[by_name.get(name, "triangle-down") for name in names])


def organisation_marks(names: Sequence[str], *, legend: bool = True) -> tuple[alt.Color, alt.Shape]:
    """Colour and shape by the field `organisation`, with one legend for both."""
    key = alt.Legend(title=None) if legend else None
    return (
        alt.Color("organisation:N", scale=colours(names), legend=key),
        alt.Shape("organisation:N", scale=shapes(names), legend=key),
    )


def highlight(*, legend: bool = True) -> alt.Parameter:
    """A choice of one organisation, by its legend entry or by pointing at a mark of it."""
    if legend:
        return alt.selection_point(name="chosen", fields=["organisation"], bind="legend")
    return alt.selection_point(name="chosen", fields=["organisation"], on="pointerover", clear="pointerout")


def faded(chosen: alt.Parameter, opacity: float = 1.0) -> alt.OpacityValue:
    """Full opacity for what is chosen, or for all while nothing is."""
    # A channel given as a dictionary or a string altair first looks up among all classes it has, ten milliseconds each.
    return alt.OpacityValue(**alt.condition(chosen, alt.value(opacity), alt.value(0.15), empty=True))


EVIDENCE = (
    alt.Tooltip("name:N", title="What"),
    alt.Tooltip("organisation:N", title="Organisation"),
    alt.Tooltip("when:N", title="When"),
    alt.Tooltip("row:N", title="Row"),
    alt.Tooltip("section:N", title="Section"),
    alt.Tooltip("source:N", title="Source"),
)


def when(row: Mapping[str, str]) -> str:
    """The dates of an act as words; the year of a cited work is marked as such."""
    if not row["start"] and not row["end"]:
        return "undated"
    text = row["start"] if row["start"] == row["end"] or not row["end"] else f"{row['start']} to {row['end']}"
    if not row["end"] and row["status"] == "ongoing":
        text = f"since {text}"
    if not row["start"]:
        text = f"until {row['end']}"
    return f"{text} (year of the source)" if row["dating"] == "from-source" else text


def evidence(row: Mapping[str, str], table: str = "activities") -> Record:
    """What a tooltip tells of a row of evidence."""
    return {
        "name": row["name"],
        "organisation": name_of(row["organisation"]),
        "when": when(row),
        "row": f"{table}:{row['id']}",
        "section": row["section"].replace(";", ", "),
        "source": row["source"].replace(";", ", ") or UNTOLD,
    }


def rows_of(frame: pd.DataFrame) -> list[dict[str, str]]:
    """The rows of a table of text, sorted by id, so that the order of the file never shows."""
    names = [str(name) for name in frame.columns]
    found = [dict(zip(names, map(str, line), strict=True)) for line in frame.itertuples(index=False, name=None)]
    return sorted(found, key=lambda row: row["id"])


def several(cell: str) -> list[str]:
    """The values of a cell that holds several."""
    return [part for part in cell.split(";") if part]


def origins(frame: pd.DataFrame, table: str) -> tuple[str, ...]:
    """The rows of a table as `table:id`, sorted."""
    return tuple(f"{table}:{name}" for name in sorted(frame["id"]))


def shorten(text: str, limit: int) -> str:
    """A text cut at a word, with an ellipsis; the whole of it stands in the tooltip and the table."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;(") + "…"


def brief(name: str, limit: int) -> str:
    """A name that fits: whole, or by the abbreviation that it carries in brackets, or cut at a word."""
    if len(name) > limit and name.endswith(")"):
        return name[name.rindex("(") + 1 : -1]
    return shorten(name, limit)


@dataclass(frozen=True)
class _Rows:
    """Rows that altair carries as they are; lists it would copy whole with every step of a chart.

    What has a `_schema` altair turns into JSON by `to_dict`.
    """

    rows: tuple[Record, ...]
    _schema: ClassVar[Mapping[str, str]] = {"type": "array"}

    def to_dict(self) -> list[Record]:
        return [dict(row) for row in self.rows]


def data(rows: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    """Rows as inline data; pandas would turn whole numbers with gaps into decimals."""
    return alt.InlineData(values=_Rows(tuple(dict(row) for row in rows)))  # type: ignore[arg-type]


def pixels(height: float, field: str = "y") -> alt.Y:
    """A vertical position in pixels, for figures that place their rows themselves."""
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, height], reverse=True, nice=False), axis=None)


def label(rows: Sequence[Mapping[str, Any]], at: float, height: float, field: str = "label", **mark: Any) -> alt.Chart:  # noqa: ANN401 - mark properties
    """The field of every row as a text at a horizontal position in pixels, which may lie left of the plot."""
    settings: Record = {"baseline": "middle", "align": "left", "clip": False} | mark
    chart: alt.Chart = (
        alt.Chart(data(rows))
        .mark_text(**settings)
        .encode(x=alt.XValue(at), y=pixels(height), text=alt.Text(f"{field}:N"))
    )
    return chart


def stacked(groups: Sequence[tuple[str, Sequence[Record]]], row: float, gap: float) -> tuple[list[Record], float]:
    """Heads and rows below each other: each row gets its `y`; the heads are returned, with the height of all.

    A group without a head takes no line for it.
    """
    heads: list[Record] = []
    y = 0.0
    for head, rows in groups:
        if head:
            heads.append({"y": round(y + row / 2, 1), "label": head})
            y += row
        for record in rows:
            record["y"] = round(y + row / 2, 1)
            y += row
        y += gap
    return heads, y - gap if groups else 0.0


def text_table(
    heads: Sequence[str], rows: Iterable[Sequence[object]], *, note: str = "", right: Sequence[int] = ()
) -> Table:
    """A table view: heads, rows of anything printable, and the columns that hold numbers."""
    columns = tuple(Column(head, "right" if index in right else "left") for index, head in enumerate(heads))
    return Table(columns, tuple(tuple(str(cell) for cell in row) for row in rows), note)


def side_by_side(*charts: alt.LayerChart | alt.FacetChart, spacing: int) -> alt.HConcatChart:
    """Charts in a row whose choices of the same name are one: pointing in either fades both."""
    with warnings.catch_warnings():
        # Joining them is what is wanted; altair warns that it does.
        warnings.filterwarnings("ignore", message="Automatically deduplicated selection parameter")
        return alt.hconcat(*charts, spacing=spacing)


def figure(  # noqa: PLR0913 - a figure has that many parts, each given by name
    chart: alt.TopLevelMixin,
    name: str,
    *,
    alt_text: str,
    description: str,
    table: Table,
    behind: Iterable[str] = (),
) -> Figure:
    """A chart as a figure whose specification is the same in every process.

    Args:
        chart: without configuration of its own.
        name: kebab-case, begins the names of views and data sets.
        alt_text: one sentence made from the data.
        description: the long description made from the data.
        table: the data shown.
        behind: the rows behind the figure, each `table:id`.
    """
    spec = _renamed(chart.to_dict(), name.replace("-", "_"))
    spec["config"] = config()
    spec["background"] = "transparent"
    spec["description"] = alt_text
    rows = tuple(sorted(set(behind)))
    shown = Table(table.columns, table.rows, table.note, rows)
    return Figure(spec, alt_text, description, shown, rows)


def _renamed(spec: Record, name: str) -> Record:
    """The specification with the names that altair makes up exchanged for names of ours.

    Altair numbers or hashes views and data sets, so a name may depend on which charts were made before. A choice that
    was joined from several charts may also name views that no longer exist.
    """
    found = [label for label in _labels(spec) if label.startswith(("view_", "data-"))]
    found += [key for key in spec.get("datasets", {}) if key not in found]
    present = set(_labels(spec))
    for parameter in spec.get("params", []):
        if "views" in parameter:
            parameter["views"] = [view for view in parameter["views"] if view in present]
    text = json.dumps(spec, ensure_ascii=False, default=_Rows.to_dict)
    for old, new in zip(found, _names(found, name), strict=True):
        text = text.replace(json.dumps(old), json.dumps(new))
    renamed: Record = json.loads(text)
    return renamed


def _labels(node: object) -> list[str]:
    """The names given anywhere in a specification, each once, in the order in which they stand."""
    found: list[str] = []
    if isinstance(node, dict):
        own = node.get("name")
        inner = [
            *([own] if isinstance(own, str) else []),
            *(label for value in node.values() for label in _labels(value)),
        ]
    else:
        inner = [label for value in node for label in _labels(value)] if isinstance(node, list) else []
    for label in inner:
        if label not in found:
            found.append(label)
    return found


def _names(found: Sequence[str], name: str) -> list[str]:
    counts = {"view": 0, "data": 0}
    new = []
    for label in found:
        kind = "view" if label.startswith("view_") else "data"
        counts[kind] += 1
        new.append(f"{name}_{kind}_{counts[kind]}")
    return new
