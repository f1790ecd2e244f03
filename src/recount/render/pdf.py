"""The book on paper: pandoc writes Typst, which the press sets."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from recount.render.book import Origin
from recount.render.html import facts
from recount.render.index import index_of_values, label, string
from recount.render.nodes import attributes, words
from recount.render.pandoc import ask_all, document
from recount.render.paper import Sheet, for_paper, labels
from recount.render.press import MAIN
from recount.render.reading import ReadChapter, Reading, for_format

_TO = ("--from=json", "--to=typst", "--wrap=none")
_IMPORT = '#import "book.typ": *'


def lay_out(reading: Reading, folder: Path, origins: Mapping[str, Origin]) -> None:
    """Write the book as a Typst document, with all that it needs, into an empty folder.

    Args:
        reading: the book, read once for both formats.
        folder: where it goes.
        origins: where each computed value comes from, by its name, for the index of computed values.
    """
    _pictures(reading, folder)
    (folder / "book.typ").write_bytes((files("recount.render") / "assets" / "book.typ").read_bytes())
    for name, source in typst_sources(reading, origins).items():
        (folder / name).write_text(source, encoding="utf-8")


def typst_sources(reading: Reading, origins: Mapping[str, Origin]) -> dict[str, str]:
    """The book in Typst by the names of its files: one that includes the others, one a chapter, and the index.

    Typst knows what it set before by its place in its file, and a change renumbers the places around it: in one long
    file a press that stays would know little again.
    """
    chapters = [for_format(chapter, "typst") for chapter in reading.chapters]
    used = [used_values(chapter) for chapter in chapters]
    values = {value for own in used for value in own if value in origins}
    known = labels(chapters)

    def documents() -> Iterator[str]:
        met: set[str] = set()
        for position, chapter in enumerate(chapters):
            sheet = Sheet(known, values, f"pictures/{position}", chapter.folder, frozenset(met))
            yield document(for_paper(chapter, sheet))
            met |= set(used[position])
        yield from (document(reading.abstract), document(reading.statement))

    *bodies, abstract, statement = [answer.output for answer in ask_all(_TO, documents(), reading.cache)]
    told = [(f"{one.number} {words(one.title)}".strip(), own) for one, own in zip(chapters, used, strict=True)]
    before = ""
    included: dict[str, str] = {}
    for position, (chapter, body) in enumerate(zip(chapters, bodies, strict=True)):
        part = chapter.chapter.part
        included[f"chapter-{position}.typ"] = _opening(chapter, known, part if part != before else "") + body
        before = part
    included["index.typ"] = index_of_values(told, {value: origins[value] for value in values})
    front = [_front(reading, abstract, statement), "#show: body", *(f'#include "{name}"' for name in included)]
    own = {name: f"{_IMPORT}\n{source}" for name, source in included.items()}
    return {MAIN: "\n".join(front) + "\n", **own}


def _front(reading: Reading, abstract: str, statement: str) -> str:
    book = reading.book
    language, _, region = book.language.partition("-")
    who = "".join(f"{string(author)}, " for author in book.authors)
    told = "".join(f"({string(name)}, {string(value)}), " for name, value in facts(book))
    kinds = {target.kind for target in reading.targets.values()}
    lists = ['#lists(image, "Figures")'] if "figure" in kinds else []
    if "table" in kinds:
        lists.append('#lists(table, "Tables")')
    place = string(region) if region else "none"
    calls = [
        _IMPORT,
        f"#show: book.with(title: {string(book.title)}, authors: ({who}), ",
        f"language: {string(language)}, region: {place})",
        f"#title-page(title: {string(book.title)}, subtitle: {string(book.subtitle)}, authors: ({who}), ",
        f"date: {string(book.date)}, facts: ({told}), statement: [{statement.strip()}])",
        "#[",
        "#show: front",
    ]
    if abstract.strip():
        calls.append(f'#plain-title("Abstract")\n{abstract}')
    return "\n".join([*calls, '#contents("Contents")', *lists, "]", ""])


def _opening(chapter: ReadChapter, known: set[str], part: str) -> str:
    kind = "Appendix" if chapter.chapter.appendix else "Chapter"
    ordinal = f"{kind} {chapter.number}" if chapter.number else ""
    name = string(words(chapter.title))
    mark = label(chapter.id) if chapter.id in known else "none"
    return (
        f"#chapter(number: {string(chapter.number)}, ordinal: {string(ordinal)}, part: {string(part)}, "
        f"{name}, {name}, {mark})\n"
    )


def used_values(chapter: ReadChapter) -> list[str]:
    """The computed values of a chapter in the order of their first use on paper."""
    found: dict[str, None] = {}
    for node in chapter.nodes:
        if node["t"] == "Span":
            _, classes, pairs = attributes(node)
            if "computed" in classes and "value" in pairs:
                found.setdefault(pairs["value"])
    return list(found)


def _pictures(reading: Reading, folder: Path) -> None:
    for position, chapter in enumerate(reading.chapters):
        for address, origin in chapter.pictures(reading.book.root):
            target = folder / "pictures" / str(position) / address
            if not target.resolve().is_relative_to(folder.resolve()):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(origin, target)
