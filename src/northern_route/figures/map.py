"""A map of Tajikistan with the places where acts are told."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import altair as alt

from northern_route.figures import theme
from recount import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from northern_route.figures.geodata import Line, Outline
    from recount.values import Figure

WEST, EAST, SOUTH, NORTH = 67.1, 75.45, 36.45, 41.15
INNER = 588
# Equirectangular, true to scale at the middle of the country: a degree of longitude is 0.78 of one of latitude there.
SHRINK = 0.779
HEIGHT = round(INNER * (NORTH - SOUTH) / ((EAST - WEST) * SHRINK))
KILOMETRES = 100
DEGREES_OF_SCALE = KILOMETRES / (111.32 * SHRINK)

# Where the name of a region stands: a choice of drawing, no data.
REGIONS = {
    "gorno-badakhshan": (72.75, 38.62),
    "khatlon": (69.3, 37.98),
    "sughd": (68.6, 39.44),
    "districts-of-republican-subordination": (70.45, 39.02),
    "dushanbe": (68.78, 38.56),
}
NEIGHBOURS = {
    "UZBEKISTAN": (67.55, 40.45),
    "KYRGYZSTAN": (72.3, 39.95),
    "CHINA": (75.1, 38.95),
    "AFGHANISTAN": (70.15, 36.75),
}
RIVERS = ("Panj", "Pamir")
# Places known to no better than this are regions, not points.
POINT_KM = 60
NEAR = 0.1
PIXEL = (NORTH - SOUTH) / HEIGHT
APART = 0.3

SIDES: dict[str, dict[str, Any]] = {
    "above": {"dy": -11},
    "left": {"dx": -8, "align": "right"},
    "below": {"dy": 13},
}
STATES = ("begun", "planned")


def tajikistan(activities: pd.DataFrame, places: pd.DataFrame, outline: Outline) -> Figure:
    """Tajikistan with the acts told at places, by organisation, and the number of acts in each region.

    Args:
        activities: the rows of `activities.csv` to show; planned ones are hollow.
        places: the rows of `places.csv`.
        outline: the country's border and rivers, as `geodata.tajikistan()` gives them.
    """
    rows = [row for row in theme.rows_of(activities) if row["organisation"] in theme.NAMES]
    groups = _groups(places)
    marks, labels = _marks(rows, groups)
    in_region: defaultdict[str, Counter[str]] = defaultdict(Counter)
    nowhere: Counter[str] = Counter()
    for row in rows:
        told = [region for region in theme.several(row["region"]) if region in REGIONS]
        for region in told:
            in_region[region][row["organisation"]] += 1
        nowhere[row["organisation"]] += not told
    chart = _chart(marks, labels, _region_labels(in_region), _note(nowhere, outline.source), outline)
    here = in_region["gorno-badakhshan"]
    on_map = sorted({row for mark in marks for row in mark["rows"]})
    return theme.figure(
        chart,
        "map",
        alt_text=(
            f"Map of Tajikistan with {words.counted(len(on_map), 'act')} at {words.counted(len(labels), 'place')};"
            f" {words.counted(here.total(), 'act')} of {len(rows)} are told of Gorno-Badakhshan"
            + (f", by {words.listed([theme.NAMES[key] for key in theme.NAMES if here[key]])}." if here else ".")
        ),
        description=(
            " ".join(f"{theme.REGIONS[region]}: {_tally(in_region[region])}." for region in REGIONS)
            + f" In no region of Tajikistan, or in none told: {_tally(nowhere)}. At places: "
            + "; ".join(
                f"{label['label']}, "
                + words.listed(
                    [
                        f"{len(mark['rows'])} of {mark['organisation']}"
                        for mark in marks
                        if mark["place"] == label["label"]
                    ]
                )
                for label in labels
            )
            + "."
        ),
        table=theme.text_table(
            ["Region", *theme.NAMES.values(), "All"],
            [
                [head, *(tally[key] for key in theme.NAMES), tally.total()]
                for head, tally in [
                    *((theme.REGIONS[region], in_region[region]) for region in REGIONS),
                    ("No region of Tajikistan told", nowhere),
                ]
            ],
            note=f"Acts told of a region or of a place in it; an act told of two regions counts in both. Border and"
            f" rivers: {outline.source}.",
            right=range(1, len(theme.NAMES) + 2),
        ),
        behind=[
            *(f"activities:{row['id']}" for row in rows),
            *(
                f"places:{place}"
                for place in sorted(groups)
                if any(mark["place"] == groups[place][0] for mark in marks)
            ),
        ],
    )


def _groups(places: pd.DataFrame) -> dict[str, tuple[str, float, float]]:
    """For each place that is a point in Tajikistan the name and coordinates it is drawn under.

    Places closer than a few kilometres are drawn as one, under the shortest of their names.
    """
    points = [
        row
        for row in theme.rows_of(places)
        if row["region"] in REGIONS and row["latitude"] and float(row["coordinate_precision_km"] or 0) <= POINT_KM
    ]
    groups: dict[str, tuple[str, float, float]] = {}
    for row in sorted(points, key=lambda row: (len(row["name"]), row["id"])):
        longitude, latitude = float(row["longitude"]), float(row["latitude"])
        near = [
            group for group in groups.values() if abs(group[1] - longitude) < NEAR and abs(group[2] - latitude) < NEAR
        ]
        groups[row["id"]] = near[0] if near else (row["name"].removesuffix(" training ground"), longitude, latitude)
    return groups


def _marks(
    rows: Sequence[dict[str, str]], groups: Mapping[str, tuple[str, float, float]]
) -> tuple[list[theme.Record], list[theme.Record]]:
    """A mark for every act at a place, side by side, and a label for every place with an act."""
    at: defaultdict[tuple[str, float, float], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        for group in sorted({groups[place] for place in theme.several(row["place"]) if place in groups}):
            at[group].append(row)
    marks, labels = [], []
    for (name, longitude, latitude), acts in sorted(at.items()):
        kinds: defaultdict[tuple[int, int], list[dict[str, str]]] = defaultdict(list)
        for row in acts:
            kinds[list(theme.NAMES).index(row["organisation"]), int(row["status"] == "planned")].append(row)
        for index, ((_, planned), own) in enumerate(sorted(kinds.items())):
            marks.append(
                {
                    "longitude": round(longitude + (index - (len(kinds) - 1) / 2) * APART, 3),
                    "latitude": latitude,
                    "place": name,
                    "organisation": theme.name_of(own[0]["organisation"]),
                    "state": STATES[planned],
                    "count": str(len(own)) if len(own) > 1 else "",
                    "acts": "; ".join(row["name"] for row in own),
                    "rows": [f"activities:{row['id']}" for row in own],
                    "section": ", ".join(sorted({part for row in own for part in theme.several(row["section"])})),
                    "source": ", ".join(sorted({part for row in own for part in theme.several(row["source"])}))
                    or theme.UNTOLD,
                }
            )
        labels.append({"longitude": longitude, "latitude": latitude, "label": name})
    for label in labels:
        label["side"] = _side(label, [other for other in labels if other is not label])
    return marks, labels


def _side(label: theme.Record, others: Sequence[theme.Record]) -> str:
    """Where a place's name has room: above its marks, else to their left or below them."""
    for other in others:
        east, north = other["longitude"] - label["longitude"], other["latitude"] - label["latitude"]
        if 0 < east < 0.8 and abs(north) < 0.2:
            return "left"
        if abs(east) < 0.5 and 0.15 < north < 0.4:
            return "below"
    return "above"


def _tally(counts: Counter[str]) -> str:
    """How many acts of whom, as words."""
    return words.listed([f"{counts[key]} of {theme.NAMES[key]}" for key in theme.NAMES if counts[key]])


def _region_labels(in_region: Mapping[str, Counter[str]]) -> list[theme.Record]:
    labels = []
    for region, (longitude, latitude) in REGIONS.items():
        if region == "dushanbe":  # a city: its point carries its name
            continue
        counts = in_region.get(region, Counter())
        whose = ", ".join(f"{theme.NAMES[key]} {counts[key]}" for key in theme.NAMES if counts[key])
        lines = theme.REGIONS[region].upper().replace(" SUBORDINATION", "\nSUBORDINATION").split("\n")
        labels.append(
            {
                "longitude": longitude,
                "latitude": latitude,
                "below": round(latitude - 14 * len(lines) * PIXEL, 3),
                "label": lines,
                "whose": whose or "no act told",
            }
        )
    return labels


def _note(nowhere: Counter[str], source: str) -> list[str]:
    return [
        "Not in any region of Tajikistan,",
        "or in none told:",
        *(f"{theme.NAMES[key]} {nowhere[key]}" for key in theme.NAMES if nowhere[key]),
        "Hollow: planned",
        f"Border: {source}",
    ]


def _path(lines: Sequence[Line]) -> list[theme.Record]:
    return [
        {"x": longitude, "y": latitude, "i": i, "line": number}
        for number, line in enumerate(lines)
        for i, (longitude, latitude) in enumerate(line)
    ]


def _xy(x: str, y: str) -> tuple[alt.X, alt.Y]:
    return (
        alt.X(f"{x}:Q", scale=alt.Scale(domain=[WEST, EAST], nice=False, zero=False), axis=None),
        alt.Y(f"{y}:Q", scale=alt.Scale(domain=[SOUTH, NORTH], nice=False, zero=False), axis=None),
    )


def _chart(
    marks: Sequence[theme.Record],
    labels: Sequence[theme.Record],
    regions: Sequence[theme.Record],
    note: Sequence[str],
    outline: Outline,
) -> alt.TopLevelMixin:
    x, y = _xy("x", "y")
    lon, lat = _xy("longitude", "latitude")
    under = _xy("longitude", "below")[1]
    names = theme.domain(str(mark["organisation"]) for mark in marks)
    colour, shape = theme.organisation_marks(names)
    chosen = theme.highlight()
    zoom = alt.selection_interval(name="zoom", bind="scales")
    ground = (
        alt.Chart(theme.data(_path(outline.rings)))
        .mark_line(
            interpolate="linear-closed", fill=theme.OTHER, fillOpacity=0.1, stroke=theme.OTHER, strokeWidth=1, clip=True
        )
        .encode(x=x, y=y, order=alt.Order("i:Q"), detail=alt.Detail("line:N"))
    )
    rivers = (
        alt.Chart(theme.data(_path([line for name, line in outline.rivers if name in RIVERS])))
        .mark_line(interpolate="linear", stroke="#4d8bb5", strokeWidth=1.4, clip=True)
        .encode(x=x, y=y, order=alt.Order("i:Q"), detail=alt.Detail("line:N"))
    )

    def text(rows: Sequence[theme.Record], field: str = "label:N") -> alt.Chart:
        chart: alt.Chart = alt.Chart(theme.data(rows)).encode(x=lon, y=lat, text=alt.Text(field))
        return chart

    around = [{"longitude": x, "latitude": y, "label": name} for name, (x, y) in NEIGHBOURS.items()]
    river_name = [{"longitude": 70.95, "latitude": 37.9, "label": "Panj"}]
    scale = [{"longitude": WEST + 0.15, "end": round(WEST + 0.15 + DEGREES_OF_SCALE, 3), "latitude": SOUTH + 0.15}]
    points = (
        alt.Chart(theme.data(marks))
        .mark_point(size=62, strokeWidth=1.6, clip=True)
        .encode(
            x=lon,
            y=lat,
            color=colour,
            shape=shape,
            fill=alt.Fill("organisation:N", scale=theme.colours(names), legend=alt.Legend(title=None)),
            fillOpacity=alt.FillOpacityValue(**alt.condition("datum.state == 'planned'", alt.value(0), alt.value(1))),
            opacity=theme.faded(chosen),
            tooltip=[
                alt.Tooltip("place:N", title="Place"),
                alt.Tooltip("organisation:N", title="Organisation"),
                alt.Tooltip("acts:N", title="Acts"),
                alt.Tooltip("state:N", title="State"),
                alt.Tooltip("rows:N", title="Rows"),
                alt.Tooltip("section:N", title="Section"),
                alt.Tooltip("source:N", title="Source"),
            ],
        )
        .add_params(chosen, zoom)
    )
    return alt.layer(
        ground,
        rivers,
        text(around).mark_text(fontSize=10, opacity=0.65, clip=True),
        text(river_name).mark_text(fontSize=10, fontStyle="italic", clip=True),
        text(regions).mark_text(fontSize=11, fontWeight=600, lineHeight=13, clip=True),
        alt.Chart(theme.data(regions))
        .mark_text(fontSize=10, clip=True)
        .encode(x=lon, y=under, text=alt.Text("whose:N")),
        points,
        text([mark for mark in marks if mark["count"]], "count:N").mark_text(
            fontSize=10, align="left", dx=7, clip=True
        ),
        *(
            text([label for label in labels if label["side"] == side]).mark_text(fontSize=10.5, clip=True, **settings)
            for side, settings in SIDES.items()
            if any(label["side"] == side for label in labels)
        ),
        alt.Chart(theme.data(scale)).mark_rule(strokeWidth=1.5, clip=True).encode(x=lon, x2=alt.X2("end:Q"), y=lat),
        alt.Chart(theme.data([scale[0] | {"label": f"{KILOMETRES} km"}]))
        .mark_text(align="left", dy=-7, fontSize=10, clip=True)
        .encode(x=lon, y=lat, text=alt.Text("label:N")),
        alt.Chart(theme.data([{"label": list(note)}]))
        .mark_text(align="right", baseline="top", lineHeight=13, fontSize=10.5)
        .encode(x=alt.XValue(INNER), y=alt.YValue(2), text=alt.Text("label:N")),
        width=INNER,
        height=HEIGHT,
    )
