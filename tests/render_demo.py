"""The demonstration book of the renderer: two invented organisations, every construct of the dialect."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recount.render.book import Book, Chapter, Extras, Origin

HERE = Path(__file__).parent / "demo_book"
FILES = {
    "index.qmd": "index.md",
    "chapters/01-harbour.qmd": "chapters/01-harbour.md",
    "chapters/02-meadow.qmd": "chapters/02-meadow.md",
    "references.qmd": "references.md",
    "appendix/method.qmd": "appendix/method.md",
}
_FONT = "Source Sans Pro"
_CONFIG = {
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {"labelFont": _FONT, "titleFont": _FONT, "grid": False},
}


@dataclass(frozen=True)
class Ran:
    """An executed chapter, without having executed anything."""

    source: str
    folder: Path
    markdown: str
    figures: tuple[str, ...] = ()


def _bars() -> dict[str, Any]:
    values = [
        {"year": year, "bridges": count} for year, count in ((2001, 1), (2002, 2), (2003, 3), (2004, 4), (2012, 4))
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": values},
        "mark": {"type": "bar", "color": "#2a6f97"},
        "encoding": {
            "x": {"field": "year", "type": "ordinal", "title": "Year"},
            "y": {"field": "bridges", "type": "quantitative", "title": "Bridges"},
            "tooltip": [{"field": "year", "title": "Year"}, {"field": "bridges", "title": "Bridges"}],
        },
        "width": 480,
        "height": 220,
        "config": _CONFIG,
    }


def _figure(spec: dict[str, Any]) -> dict[str, Any]:
    """A figure as execution writes it, with its table and description."""
    values = spec["data"]["values"]
    return {
        "spec": spec,
        "alt": "A bar chart",
        "description": "One bar a year. The trust mended most bridges in 2004 and in 2012.",
        "table": {
            "columns": ["Year", "Bridges"],
            "align": ["left", "right"],
            "rows": [[str(row["year"]), str(row["bridges"])] for row in values],
        },
        "origins": ["bridges:bridge-01", "bridges:bridge-04"],
    }


def _line() -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "datasets": {"trees": [{"year": str(2005 + n), "trees": 200 + 100 * n} for n in range(8)]},
        "data": {"name": "trees"},
        "mark": {"type": "line", "point": True, "color": "#b5651d"},
        "encoding": {
            "x": {"field": "year", "type": "temporal", "title": "Year"},
            "y": {"field": "trees", "type": "quantitative", "title": "Trees planted"},
        },
        "width": "container",
        "height": 220,
        "config": _CONFIG,
    }


def demo_book(root: Path) -> Book:
    """The book, its project in `root`."""
    bibliography = root / "references.bib"
    bibliography.write_bytes((HERE / "references.bib").read_bytes())
    return Book(
        root=root,
        title="Bridges and Trees",
        subtitle="Two invented organisations compared",
        statement="A book about *nothing real*, made to try a renderer.",
        authors=("A. Student",),
        date="1 March 2020",
        abstract="Two organisations that do not exist are compared by what they did not do.",
        chapters=(
            Chapter("index.qmd"),
            Chapter("chapters/01-harbour.qmd", part="The organisations"),
            Chapter("chapters/02-meadow.qmd", part="The organisations"),
            Chapter("references.qmd"),
            Chapter("appendix/method.qmd", appendix=True),
        ),
        bibliography=bibliography,
        stem="bridges",
        meta={"certificate": "3f2a9c", "version": "0.1.0", "repository": "https://example.org/bridges"},
    )


def demo_executed(root: Path, *, draw: bool = False) -> tuple[Ran, ...]:
    """Its chapters as if run; `draw` makes real pictures, otherwise each is a small rectangle."""
    charts = {
        "chapters/01-harbour.qmd": {"fig-harbour-years": _bars()},
        "chapters/02-meadow.qmd": {"fig-meadow-trees": _line()},
    }
    ran = []
    for source, name in FILES.items():
        folder = root / ".recount" / "executed" / source.removesuffix(".qmd")
        figures = folder / f"{Path(source).stem}_files" / "figure-html"
        figures.mkdir(parents=True, exist_ok=True)
        for label, spec in charts.get(source, {}).items():
            kept = _figure(spec) if "values" in spec["data"] else spec
            (figures / f"{label}.vl.json").write_text(json.dumps(kept), encoding="utf-8")
            (figures / f"{label}.svg").write_text(_picture(spec, draw=draw), encoding="utf-8")
        text = (HERE / name).read_text(encoding="utf-8")
        ran.append(Ran(source, folder, text, tuple(charts.get(source, {}))))
    return tuple(ran)


def _picture(spec: dict[str, Any], *, draw: bool) -> str:
    if not draw:
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" width="500" height="260" viewBox="0 0 500 260">'
            '<rect width="500" height="260" fill="#2a6f97"/></svg>'
        )
    from recount.drawing import engine

    return str(engine().vegalite_to_svg(spec | {"width": 480}))


def demo_extras() -> Extras:
    """What its computed values rest on."""
    bridges = [
        {
            "id": f"bridge-{n:02}",
            "organisation": "meadow" if n % 3 == 0 else "harbour",
            "name": f"Bridge at mile {n}",
            "year": str(2000 + n % 13),
            "section": "1.1" if n % 3 else "2.1",
            "source": "weir2012mending" if n % 2 else "hollow2004river;pool2015meadows",
        }
        for n in range(1, 25)
    ]
    trees = [{"id": f"grove-{n}", "organisation": "meadow", "trees": str(100 * n)} for n in range(1, 9)]
    rows = tuple(f"bridges:{row['id']}" for row in bridges if row["organisation"] == "harbour")
    return Extras(
        provenance={
            "harbour.bridges": Origin(
                "14 bridges", "Bridges mended by the Harbour Trust", "count of rows", rows, ("weir2012mending",)
            ),
            "harbour.share": Origin(
                "61 %", "Share of the Harbour Trust", "bridges of the trust ÷ all bridges", rows[:3]
            ),
            "harbour.guild": Origin("31.0", "Share that the guild paid", "amount ÷ budget", ("bridges:bridge-01",)),
            "harbour.courses": Origin("five courses", "Courses of the trust", "count", ("bridges:bridge-02",)),
            "meadow.trees": Origin(
                "2,300 trees", "Trees of the league", "sum of trees", ("trees:grove-1", "trees:grove-2")
            ),
            "meadow.bridges": Origin("9 bridges", "Bridges of the league", "count", ("bridges:bridge-03",)),
        },
        evidence={"bridges": bridges, "trees": trees},
        origins={"tbl-ranking": ("bridges:bridge-01", "trees:grove-1")},
        tables={"bridges": _csv(bridges), "trees": _csv(trees)},
    )


def _csv(rows: list[dict[str, str]]) -> bytes:
    return ("\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]) + "\n").encode()
