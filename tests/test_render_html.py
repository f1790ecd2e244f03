"""The site: complete, light, at home on any disk, readable without scripts."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from recount.render.html import render_html
from recount.render.reading import read_book
from render_demo import demo_book, demo_executed, demo_extras


class Page(HTMLParser):
    """What a browser would look for in a page."""

    def __init__(self, text: str) -> None:
        """Read the page."""
        super().__init__()
        self.ids: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep identifiers and addresses."""
        given = dict(attrs)
        self.elements.append((tag, given))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        for name in ("href", "src"):
            if given.get(name):
                self.links.append((tag, str(given[name])))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration book as a site."""
    root = tmp_path_factory.mktemp("site")
    reading = read_book(demo_book(root), demo_executed(root), cache=root / "cache")
    render_html(reading, root / "book", demo_extras())
    (root / "book" / "bridges.pdf").write_bytes(b"%PDF")
    return root / "book"


def pages(site: Path) -> dict[str, Page]:
    """Every page by its path."""
    return {
        path.relative_to(site).as_posix(): Page(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
    }


def data(site: Path, name: str, call: str) -> Any:  # noqa: ANN401 - JSON
    """What a data script hands over."""
    text = (site / name).read_text(encoding="utf-8")
    return json.loads("[" + text.removeprefix(f"recount.{call}(").rstrip().removesuffix(");") + "]")


def test_every_link_leads_somewhere(site: Path) -> None:
    """Each address inside the site names a file that is there and an identifier that is in it."""
    read = pages(site)
    broken = []
    for page, content in read.items():
        for _, address in content.links:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (site / PurePosixPath(page).parent / unquote(parts.path)).resolve() if parts.path else site / page
            name = target.relative_to(site.resolve()).as_posix() if parts.path else page
            made = parts.fragment.startswith(("rows=", "of="))
            missing = parts.fragment and name in read and not made and unquote(parts.fragment) not in read[name].ids
            if not target.is_file() or missing:
                broken.append((page, address))
    assert broken == []


def test_identifiers_are_unique_on_a_page(site: Path) -> None:
    """An identifier twice would make a link land at random."""
    for content in pages(site).values():
        assert len(content.ids) == len(set(content.ids))


def test_nothing_is_fetched_from_outside(site: Path) -> None:
    """Styles, scripts, fonts and pictures all lie in the folder; only links for people lead out of it."""
    for content in pages(site).values():
        outside = [(tag, address) for tag, address in content.links if tag != "a" and urlsplit(address).scheme]
        assert outside == []
    for path in [*site.rglob("*.css"), site / "assets" / "book.js"]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"(?:https?:)?//(?!\s)[\w.]+\.[a-z]{2,}", re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
        )
        assert "fetch(" not in text


def test_a_page_weighs_less_than_300_kilobytes(site: Path) -> None:
    """A page with its styles, script, fonts and pictures, without the chart library that all charts share."""
    for page, content in pages(site).items():
        needed = {site / page, *site.glob("assets/*.woff")}
        needed |= {
            (site / PurePosixPath(page).parent / address).resolve()
            for tag, address in content.links
            if tag in {"img", "script", "link"}
        }
        if page == "evidence.html":
            needed |= {max((site / "assets" / "evidence").iterdir(), key=lambda path: path.stat().st_size)}
        assert sum(path.stat().st_size for path in needed) < 300_000


def test_two_builds_give_the_same_bytes(tmp_path: Path, site: Path) -> None:
    """No time, no random name, no path of this machine stands in any file."""
    root = tmp_path / "elsewhere"
    root.mkdir()
    render_html(read_book(demo_book(root), demo_executed(root), cache=root / "cache"), root / "book", demo_extras())
    for path in sorted((root / "book").rglob("*")):
        if path.is_file():
            other = site / path.relative_to(root / "book")
            assert path.read_bytes() == other.read_bytes()
            assert str(root).encode() not in path.read_bytes()


def test_every_chapter_is_in_the_sidebar_and_one_is_here(site: Path) -> None:
    """From any page one reaches any other, and sees where one is."""
    read = pages(site)
    for page, content in read.items():
        here = [given for tag, given in content.elements if tag == "a" and given.get("aria-current") == "page"]
        assert len(here) == 1
        reached = {
            (site / PurePosixPath(page).parent / urlsplit(address).path).resolve()
            for tag, address in content.links
            if tag == "a" and not urlsplit(address).scheme and urlsplit(address).path
        }
        assert {(site / name).resolve() for name in read} <= reached


def test_a_reader_without_scripts_gets_the_picture_and_its_data(site: Path) -> None:
    """The static picture, its words, a long description and a table stand in the page itself."""
    page = (site / "chapters" / "01-harbour.html").read_text(encoding="utf-8")
    figure = page[page.index('<figure class="figure drawn" id="fig-harbour-years"') : page.index("</figure>")]
    assert 'alt="A bar chart: between one and four bridges a year, the most in 2004"' in figure
    assert "One bar a year." in figure
    assert "<th scope=col>Year</th>" in figure
    assert "vega" not in page


def test_a_chart_registers_its_own_specification(site: Path) -> None:
    """A script is all a page from the file system may load."""
    label, spec = data(site, "charts/fig-meadow-trees.js", "chart")
    assert label == "fig-meadow-trees"
    assert spec["mark"]["type"] == "line"
    csv = (site / "charts" / "fig-harbour-years.csv").read_text(encoding="utf-8")
    assert csv.splitlines()[:2] == ["Year,Bridges", "2001,1"]


def test_the_chart_library_is_there_once(site: Path) -> None:
    """One bundle serves all charts."""
    assert len(list(site.rglob("vega*.js"))) == 1


def test_search_finds_sections_with_their_words(site: Path) -> None:
    """The index names page, chapter, heading and text of each section."""
    (rows,) = data(site, "assets/search-index.js", "search")
    found = [row for row in rows if "masonry" in row[3]]
    assert [row[:3] for row in found] == [["chapters/01-harbour.html#training", "The Harbour Trust", "1.2 Training"]]


def test_a_computed_value_knows_rows_and_sources(site: Path) -> None:
    """What a popover tells is what the analysis said."""
    (told,) = data(site, "assets/provenance.js", "provenance")
    text, what, formula, rows, sources = told["harbour.bridges"]
    assert (text, what, formula) == ("14 bridges", "Bridges mended by the Harbour Trust", "count of rows")
    assert "bridges:bridge-01" in rows
    assert sources == ["weir2012mending"]


def test_a_row_knows_where_the_book_uses_it(site: Path) -> None:
    """The evidence page leads back to every passage that rests on a row."""
    name, table = data(site, "assets/evidence/bridges.js", "evidence")
    assert name == "bridges"
    assert table["columns"][0] == "id"
    used = {table["places"][at][1]: table["places"][at][0] for at in table["uses"]["bridge-02"]}
    assert used["five courses, 1 The Harbour Trust"] == "chapters/01-harbour.html#value-harbour.courses"


def test_tables_and_figures_lead_to_their_rows(site: Path) -> None:
    """A figure brings its rows, a table gets them from what execution recorded."""
    page = (site / "chapters" / "02-meadow.html").read_text(encoding="utf-8")
    behind = data(site, "assets/origins.js", "origins")[0]
    label = next(label for label, rows in behind.items() if rows == ["bridges:bridge-01", "trees:grove-1"])
    assert f"../evidence.html#of={label}" in page


def test_a_picture_brings_its_own_letters(site: Path) -> None:
    """An SVG in `img` sees no font of the page; without its own it would be set in the wrong one."""
    from recount.render.fonts import with_fonts
    from recount.render.pandoc import Cache

    svg = '<svg><text font-family="Source Sans Pro" font-weight="bold">Жар</text></svg>'
    dressed = with_fonts(svg, Cache(site.parent / "cache"))
    assert dressed.count("@font-face") == 2
    # Two faces with the common letters, which all pictures share, and the three of this one.
    assert len(dressed) < 36_000
    assert with_fonts("<svg><rect/></svg>", Cache(site.parent / "cache")) == "<svg><rect/></svg>"
