"""The site: one page a chapter, an evidence page, and the assets they share."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from recount.render import search
from recount.render.book import Book, Extras
from recount.render.charts import Chart, bundle, read_chart
from recount.render.citing import reference_texts
from recount.render.fonts import web_fonts, with_fonts
from recount.render.nodes import attributes, walk, words
from recount.render.pandoc import Cache, ask_all, document
from recount.render.reading import ReadChapter, Reading
from recount.render.screen import OnScreen, Surroundings, for_screen, notes_section

EVIDENCE = "evidence.html"
_TO = (
    "--from=json",
    "--to=html5",
    "--mathml",
    "--wrap=none",
    "--email-obfuscation=none",
)


@dataclass(frozen=True)
class Section:
    """A heading in a page's own contents."""

    level: int
    id: str
    number: str
    title: str


@dataclass(frozen=True)
class Page:
    """What the template asks of a page."""

    page: str
    name: str
    number: str = ""
    ordinal: str = ""
    id: str = ""
    part: str = ""
    sections: tuple[Section, ...] = ()
    wide: bool = False

    @property
    def title(self) -> str:
        """For the browser's tab."""
        return f"{self.number} {self.name}".strip()

    @property
    def heading(self) -> str:
        """For the way there from another page."""
        return self.title


def render_html(reading: Reading, out: Path, extras: Extras) -> None:
    """Write the site into a folder.

    Args:
        reading: the book, read once for both formats.
        out: a folder; only files below it are written, and those already there with other names are left alone.
        extras: provenance, evidence and tables.
    """
    writer, screens = _companions(reading, out, extras)
    *chapters, abstract, statement = _bodies(reading, screens)
    writer.chapters(chapters, abstract, statement)
    _figures(reading, out)


def render_companions(reading: Reading, out: Path, extras: Extras) -> None:
    """Write everything but the chapters: assets, charts, search, previews, provenance, evidence, CSV.

    For pages that another renderer made at the same addresses: each includes `assets/reading.css` and
    `assets/reading.js`, and the script finds the rest.
    """
    _companions(reading, out, extras)


def _companions(reading: Reading, out: Path, extras: Extras) -> tuple[_Writer, list[OnScreen]]:
    charts = _charts(reading, extras)
    origins = {label: chart.origins for label, chart in charts.items()} | dict(extras.origins)
    around = Surroundings(reading.targets, reading.references_page, charts, origins if extras.evidence else {})
    screens = [for_screen(chapter, around) for chapter in reading.chapters]
    pages = [_page(chapter, screen) for chapter, screen in zip(reading.chapters, screens, strict=True)]
    writer = _Writer(reading.book, out, pages, extras)
    if extras.evidence:
        writer.evidence(_uses(pages, screens, extras))
        behind = {label: list(rows) for label, rows in sorted(origins.items()) if rows}
        writer.text("assets/origins.js", f"recount.origins({_json(behind)});\n")
    entries = [
        entry
        for chapter, screen in zip(reading.chapters, screens, strict=True)
        for entry in search.index(chapter, screen.blocks)
    ]
    writer.text("assets/search-index.js", search.script(entries))
    writer.text("assets/previews.js", _previews(reading, pages))
    writer.text("assets/provenance.js", _provenance(extras, _places(pages, screens)))
    writer.shared(reading.cache)
    for label, chart in sorted(charts.items()):
        writer.text(f"charts/{label}.js", chart.script())
        writer.bytes(f"charts/{label}.csv", chart.csv())
    if charts:
        writer.text("assets/vega.js", bundle(reading.cache))
    for name, content in sorted(extras.tables.items()):
        writer.bytes(f"data/{name}.csv", content)
    return writer, screens


def _charts(reading: Reading, extras: Extras) -> dict[str, Chart]:
    found = {}
    for chapter in reading.chapters:
        for path in sorted(chapter.folder.glob("*_files/figure-html/*.vl.json")):
            label = path.name.removesuffix(".vl.json")
            if label in reading.targets:
                found[label] = read_chart(label, path, extras.descriptions.get(label, ""))
    return found


def _bodies(reading: Reading, screens: Sequence[OnScreen]) -> list[str]:
    """Each chapter as HTML, then the abstract and the statement."""
    trees = [[*screen.blocks, *notes_section(screen.notes)] for screen in screens]
    trees += [reading.abstract, reading.statement]
    return [answer.output for answer in ask_all(_TO, [document(tree) for tree in trees], reading.cache)]


@cache
def templates() -> dict[str, Template]:
    """The templates of the site by name; compiled once, which is best done before the pages are wanted."""
    environment = Environment(
        loader=PackageLoader("recount.render", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    return {name: environment.get_template(f"{name}.html") for name in ("page", "evidence")}


def _page(chapter: ReadChapter, screen: OnScreen) -> Page:
    kind = "Appendix" if chapter.chapter.appendix else "Chapter"
    return Page(
        page=chapter.chapter.page,
        name=words(chapter.title),
        number=chapter.number,
        ordinal=f"{kind} {chapter.number}" if chapter.number else "",
        id=chapter.id,
        part=chapter.chapter.part or ("Appendices" if chapter.chapter.appendix else ""),
        sections=tuple(Section(*heading) for heading in screen.headings),
    )


class _Writer:
    """The folder that is being written, and what all pages have in common."""

    def __init__(self, book: Book, out: Path, pages: list[Page], extras: Extras) -> None:
        self.book, self.out, self.pages, self.extras = book, out, pages, extras

    def text(self, name: str, content: str) -> None:
        self.bytes(name, content.encode())

    def bytes(self, name: str, content: bytes) -> None:
        path = self.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def shared(self, cache: Cache) -> None:
        assets = files("recount.render") / "assets"
        for name in ("reading.css", "reading.js", "book.css", "book.js", "evidence.js"):
            self.bytes(f"assets/{name}", (assets / name).read_bytes())
        for name, font in web_fonts(cache).items():
            self.bytes(f"assets/{name}", font)

    def chapters(self, bodies: Sequence[str], abstract: str, statement: str) -> None:
        for position, (page, body) in enumerate(zip(self.pages, bodies, strict=True)):
            cover = None
            if position == 0:
                cover = {"abstract": abstract, "statement": statement, "facts": facts(self.book)}
            before = self.pages[position - 1] if position else None
            after = self.pages[position + 1] if position + 1 < len(self.pages) else None
            self._write(page, body, cover=cover, previous=before, following=after, cite=_cite(self.book, page))

    def evidence(self, uses: Mapping[str, Any]) -> None:
        rows = self.extras.evidence
        tables = [{"name": name, "rows": len(rows.get(name, ()))} for name in sorted(self.extras.tables)]
        counts = [(name, len(rows[name])) for name in sorted(rows)]
        body = templates()["evidence"].render(counts=counts, tables=tables)
        page = Page(EVIDENCE, "Evidence", wide=True)
        # A script a table: all together would weigh more than a page may.
        for name in sorted(rows):
            data = _columns(rows[name]) | _indexed(name, uses)
            self.text(f"assets/evidence/{name}.js", f"recount.evidence({_json(name)},{_json(data)});\n")
        self._write(page, body, cover=None, previous=None, following=None, cite=None)

    def _write(self, page: Page, body: str, **more: object) -> None:
        root = "../" * (len(PurePosixPath(page.page).parts) - 1)
        html = templates()["page"].render(
            book=self.book,
            page=page,
            pages=self.pages,
            groups=[{"part": part, "pages": list(group)} for part, group in groupby(self.pages, lambda one: one.part)],
            root=root,
            body=body,
            evidence=EVIDENCE if self.extras.evidence else "",
            downloads=self._downloads(),
            **more,
        )
        self.text(page.page, html)

    def _downloads(self) -> list[dict[str, object]]:
        links: list[dict[str, object]] = [
            {"name": "The book as PDF", "address": f"{self.book.stem}.pdf", "download": False}
        ]
        if self.extras.tables:
            links.append({"name": "The data as CSV", "address": f"{EVIDENCE}#downloads", "download": False})
        return links


def facts(book: Book) -> list[tuple[str, str]]:
    """What a title page says beside the title: certificate, version, repository."""
    names = {"certificate": "Data certificate", "version": "Version", "repository": "Repository"}
    return [(name, book.meta[key]) for key, name in names.items() if book.meta.get(key)]


def _cite(book: Book, page: Page) -> dict[str, str]:
    who = ", ".join(book.authors) or book.title
    year = "".join(re.findall(r"\b\d{4}\b", book.date)[:1]) or "n.d."
    where = f" {book.meta['repository']}." if book.meta.get("repository") else ""
    version = f" Version {book.meta['version']}." if book.meta.get("version") else ""
    whole = f"{book.title}: {book.subtitle}" if book.subtitle else book.title
    text = f"{who}. {year}. \u201c{page.name}\u201d. In {whole}.{version}{where}"
    key = re.sub(r"[^a-z0-9]+", "-", f"{book.stem}-{PurePosixPath(page.page).stem}".lower())
    fields = {
        "author": " and ".join(book.authors),
        "title": page.name,
        "booktitle": whole,
        "year": year,
        "version": book.meta.get("version", ""),
        "url": book.meta.get("repository", ""),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return {"text": text, "bibtex": "\n".join([f"@incollection{{{key},", *lines, "}"])}


def _figures(reading: Reading, out: Path) -> None:
    """Copy every picture a chapter shows to where the page looks for it."""
    for chapter in reading.chapters:
        base = out / PurePosixPath(chapter.chapter.page).parent
        for address, origin in chapter.pictures(reading.book.root):
            target = (base / address).resolve()
            if not target.is_relative_to(out.resolve()):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.suffix == ".svg":
                svg = origin.read_text(encoding="utf-8")
                target.write_text(with_fonts(svg, reading.cache), encoding="utf-8")
            else:
                shutil.copyfile(origin, target)


def _places(pages: Iterable[Page], screens: Iterable[OnScreen]) -> dict[str, list[list[str]]]:
    """Computed value to the places that use it: address and heading of the chapter."""
    places: dict[str, list[list[str]]] = {}
    for page, screen in zip(pages, screens, strict=True):
        for value in screen.values:
            places.setdefault(value, []).append([f"{page.page}#value-{value}", page.heading])
    return places


def _uses(pages: Iterable[Page], screens: Iterable[OnScreen], extras: Extras) -> dict[str, list[list[str]]]:
    """Evidence row to the places in the book whose values rest on it."""
    uses: dict[str, list[list[str]]] = {}
    for value, places in _places(pages, screens).items():
        origin = extras.provenance.get(value)
        for row in origin.rows if origin else ():
            for address, heading in places:
                uses.setdefault(row, []).append([address, f"{origin.text if origin else value}, {heading}"])
    return dict(sorted(uses.items()))


def _provenance(extras: Extras, places: Mapping[str, list[list[str]]]) -> str:
    told = {
        value: [origin.text, origin.what, origin.formula, list(origin.rows), list(origin.sources)]
        for value, origin in sorted(extras.provenance.items())
        if value in places
    }
    return f"recount.provenance({_json(told)});\n"


def _previews(reading: Reading, pages: Sequence[Page]) -> str:
    """What a reference shows before one follows it: name, title, picture; for a work its entry in the list."""
    pictures = {}
    for chapter, page in zip(reading.chapters, pages, strict=True):
        for node in chapter.nodes:
            if node["t"] == "Div" and "recount-figure" in attributes(node)[1]:
                image = next((part for part in walk(node["c"][1]) if part["t"] == "Image"), None)
                if image is not None:
                    pictures[attributes(node)[0]] = str(PurePosixPath(page.page).parent / image["c"][2][0])
    told: dict[str, list[str]] = {
        label: [target.name.replace("\u00a0", " ") if target.number else "", target.title, pictures.get(label, "")]
        for label, target in sorted(reading.targets.items())
    }
    # The empty name says where the list of works stands.
    told[""] = ["", reading.references_page, ""]
    told |= {key: ["", words(node), ""] for key, node in sorted(reference_texts(reading.references).items())}
    return f"recount.previews({_json(told)});\n"


def _columns(rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Rows as a list of columns and a list of lists, half the bytes of a list of objects."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {"columns": names, "rows": [[row.get(name, "") for name in names] for row in rows]}


def _indexed(table: str, uses: Mapping[str, list[list[str]]]) -> dict[str, Any]:
    """The uses of a table's rows, each place written once and counted from 0: a value may rest on a hundred rows."""
    mine = {row.split(":", 1)[1]: places for row, places in uses.items() if row.startswith(f"{table}:")}
    numbers: dict[tuple[str, str], int] = {}
    for places in mine.values():
        for address, heading in places:
            numbers.setdefault((address, heading), len(numbers))
    used = {row: [numbers[address, heading] for address, heading in places] for row, places in mine.items()}
    return {"places": [list(place) for place in numbers], "uses": used}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
