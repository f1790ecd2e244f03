"""The book on paper: pandoc writes Typst, Typst sets it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path, PurePosixPath

import typst

from recount.problems import Exit, Problem, Stop
from recount.render.book import Extras
from recount.render.html import facts
from recount.render.nodes import Node, attributes, raw_block, walk, words
from recount.render.paper import Sheet, for_paper, label, labels, string
from recount.render.pandoc import ask_all, document
from recount.render.reading import ReadChapter, Reading

_TO = ("--from=json", "--to=typst", "--wrap=none")


def render_pdf(reading: Reading, out_file: Path, extras: Extras, *, timestamp: int, font_paths: Sequence[Path]) -> None:
    """Write the book as a tagged PDF (PDF/UA-1).

    Args:
        reading: the book, read once for both formats.
        out_file: the PDF; its folder is made.
        extras: provenance, for the index of computed values.
        timestamp: seconds since 1970 that the PDF calls its date; bytes depend on it and on nothing of the machine.
        font_paths: folders with Source Sans; fonts of the system are never used.

    Raises:
        Stop: Typst refused; its own words are the message.
    """
    source = typst_source(reading, extras)
    with tempfile.TemporaryDirectory(prefix="recount-") as name:
        folder = Path(name)
        _pictures(reading, folder)
        (folder / "book.typ").write_bytes((files("recount.render") / "assets" / "book.typ").read_bytes())
        (folder / "main.typ").write_text(source, encoding="utf-8")
        try:
            pdf = typst.compile(
                folder / "main.typ",
                root=folder,
                font_paths=[str(path) for path in font_paths],
                ignore_system_fonts=True,
                pdf_standards="ua-1",
                timestamp=timestamp,
                format="pdf",
            )
        except typst.TypstError as error:
            raise Stop([Problem(file="", line=0, rule="typst-accepts", message=str(error))], Exit.RENDER) from error
    out_file.parent.mkdir(parents=True, exist_ok=True)
    out_file.write_bytes(pdf)


def typst_source(reading: Reading, extras: Extras) -> str:
    """The whole book as one Typst document."""
    used = _used(reading)
    values = {value for value in used if value in extras.provenance}
    known = labels(reading.chapters)
    trees = [
        _opening(chapter, known) + for_paper(chapter, Sheet(known, values, f"pictures/{position}"))
        for position, chapter in enumerate(reading.chapters)
    ]
    *bodies, abstract, statement = [
        answer.output
        for answer in ask_all(
            _TO, [document(tree) for tree in [*trees, reading.abstract, reading.statement]], reading.cache
        )
    ]
    parts = [_front(reading, abstract, statement), "#show: body\n"]
    before = ""
    for chapter, body in zip(reading.chapters, bodies, strict=True):
        part = chapter.chapter.part
        if part and part != before:
            parts.append(f"#part-page({string(part)})\n")
        before = part
        parts.append(body)
    parts.append(_index(values, extras))
    return "\n".join(parts)


def _front(reading: Reading, abstract: str, statement: str) -> str:
    book = reading.book
    language, _, region = book.language.partition("-")
    who = "".join(f"{string(author)}, " for author in book.authors)
    told = "".join(f"({string(name)}, {string(value)}), " for name, value in facts(book))
    kinds = {target.kind for target in reading.targets.values()}
    lists = [
        f"#lists({kind}, {string(name)})"
        for kind, name, there in (
            ("image", "Figures", "figure" in kinds),
            ("table", "Tables", "table" in kinds),
        )
        if there
    ]
    return "\n".join(
        [
            '#import "book.typ": *',
            f"#show: book.with(title: {string(book.title)}, subtitle: {string(book.subtitle)}, authors: ({who}), "
            f"language: {string(language)}, region: {string(region) if region else 'none'})",
            f"#title-page(title: {string(book.title)}, subtitle: {string(book.subtitle)}, authors: ({who}), "
            f"date: {string(book.date)}, facts: ({told}), statement: [{statement.strip()}])",
            "#[",
            "#show: front",
            *([f'#plain-title("Abstract")\n{abstract}'] if abstract.strip() else []),
            '#contents("Contents")',
            *lists,
            "]",
            "",
        ]
    )


def _opening(chapter: ReadChapter, known: set[str]) -> list[Node]:
    kind = "Appendix" if chapter.chapter.appendix else "Chapter"
    ordinal = f"{kind} {chapter.number}" if chapter.number else ""
    return [
        raw_block(
            "typst",
            f"#chapter(number: {string(chapter.number)}, ordinal: {string(ordinal)}, "
            f"{string(words(chapter.title))}, {string(words(chapter.title))}, {label(chapter.id) if chapter.id in known else 'none'})",
        )
    ]


def _used(reading: Reading) -> list[str]:
    """Computed values in the order of their first use."""
    found: dict[str, None] = {}
    for chapter in reading.chapters:
        for node in walk(chapter.blocks):
            if node["t"] == "Span":
                _, classes, pairs = attributes(node)
                if "computed" in classes and "value" in pairs:
                    found.setdefault(pairs["value"])
    return list(found)


def _index(values: set[str], extras: Extras) -> str:
    if not values:
        return ""
    lines = ['#chapter("Computed values", "Computed values", none)']
    for value in sorted(values):
        origin = extras.provenance[value]
        rows = _shortened(origin.rows)
        lines.append(
            f"#origin({string(value)}, {string(origin.text)}, {string(origin.what)}, {string(origin.formula)}, "
            f"{string(rows)}) #{label(f'value-{value}')}"
        )
    return "\n".join(lines) + "\n"


def _shortened(rows: Sequence[str], most: int = 12) -> str:
    if len(rows) <= most:
        return "; ".join(rows)
    return "; ".join(rows[:most]) + f"; and {len(rows) - most} more rows, listed on the evidence page"


def _pictures(reading: Reading, folder: Path) -> None:
    for position, chapter in enumerate(reading.chapters):
        base = folder / "pictures" / str(position)
        for node in walk(chapter.blocks):
            if node["t"] != "Image":
                continue
            address = node["c"][2][0]
            for origin in (chapter.folder, reading.book.root / PurePosixPath(chapter.chapter.source).parent):
                if (origin / address).is_file():
                    target = base / address
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(origin / address, target)
                    break
