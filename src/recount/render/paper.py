"""A chapter's tree as pandoc's Typst writer should see it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recount.render.index import label, string
from recount.render.nodes import Node, attributes, plain, raw_block, raw_inline, rewrite, walk, words
from recount.render.pictures import picture_size
from recount.render.reading import ReadChapter

_ALIGN = {"AlignLeft": "left", "AlignRight": "right", "AlignCenter": "center", "AlignDefault": "left"}
# The end of a call within a line; without the semicolon a bracket that follows would be taken for its arguments.
_END: Node = {"t": "RawInline", "c": ["typst", "];"]}
_NOTE: Node = raw_block("typst", "#table-note[")
# What Typst takes for a list or a heading where a line begins.
_MARK = re.compile(r"(?:[-+/]|=+|\d+\.)(?:\s|$)")
# So many characters of a table stand in one line of the page, give or take their letters.
_LINE = 107
# A picture this many pixels wide fills the column; letters of 12 pixels then print at 9 points.
_COLUMN = 560
# Height over width of the column from which a picture moves to the foot of a page.
_TALL = 0.4
# A table of so many lines is not broken over two pages.
_SHORT = 12
# With fewer words than these for each table of a chapter, or with one table alone, those that move would end up in
# other sections.
_PROSE = 250


@dataclass(frozen=True)
class Sheet:
    """What a chapter must know of the rest of the book on paper.

    Args:
        labels: every label that the whole document will carry; a link to another one is text.
        values: computed values that stand in the index.
        pictures: folder of the chapter's pictures, as Typst names it.
        folder: the same on disk.
        met: computed values that earlier chapters used; the index points at the first use.
    """

    labels: Collection[str]
    values: Collection[str]
    pictures: str
    folder: Path
    met: Collection[str] = ()


def labels(chapters: Iterable[ReadChapter]) -> set[str]:
    """The identifiers the book will carry on paper: those that stand in it once.

    Args:
        chapters: without what is meant for the screen alone.

    Headings without a label get one from their words, and two chapters may both have a "Conclusion".
    """
    found: Counter[str] = Counter()
    for chapter in chapters:
        found[chapter.id] += 1
        for node in chapter.nodes:
            identifier, classes, _ = attributes(node)
            if node["t"] == "Header" or any(
                name in classes for name in ("recount-figure", "recount-table", "csl-entry")
            ):
                found[identifier] += 1
    return {identifier for identifier, count in found.items() if identifier and count == 1}


def for_paper(chapter: ReadChapter, sheet: Sheet) -> list[Node]:
    """Turn figures, tables, callouts, tabs, links and values into calls of the template."""
    return _Paper(sheet).blocks(chapter.blocks)


class _Paper:
    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.met = set(sheet.met)
        self.floating = False
        self.last, self.wordy, self.lines = "", False, 0
        self.by_class: dict[str, Callable[[Node], Node | list[Node]]] = {
            "recount-figure": self._figure,
            "recount-table": self._table_figure,
            "recount-callout": self._callout,
            "recount-tab": self._tab,
            "recount-tabset": lambda node: list(node["c"][1]),
            "csl-entry": self._reference,
            "table-note": lambda node: [_NOTE, *node["c"][1], raw_block("typst", "]")],
            "computed": self._computed,
        }

    def blocks(self, blocks: list[Node]) -> list[Node]:
        self.last = attributes(blocks[-1])[0] if blocks else ""
        tables = sum("recount-table" in attributes(node)[1] for node in walk(blocks))
        prose = sum(len(words(node["c"]).split()) for node in blocks if node["t"] == "Para")
        self.wordy = tables > 1 and prose > _PROSE * tables
        changed: list[Node] = rewrite(blocks, self._change)
        return changed

    def _change(self, node: Node) -> Node | list[Node] | None:
        kind = node["t"]
        if kind in {"Div", "Span"}:
            _, classes, _ = attributes(node)
            for name in classes:
                if name in self.by_class:
                    return self.by_class[name](node)
            if "recount-title" in classes or "recount-caption" in classes:
                return None
            # Pandoc would write a block with a label for every other division; the text is enough.
            return list(node["c"][1])
        if kind == "Header":
            return self._heading(node)
        if kind == "Link":
            return self._link(node)
        if kind == "Cite":
            # Already worded by citeproc; left as it is, Typst would look for a bibliography of its own.
            return list(node["c"][1])
        if kind == "Math":
            return self._math(node)
        if kind == "Table":
            return self._table(node)
        return None

    def _heading(self, node: Node) -> list[Node]:
        level, (identifier, _, pairs), inlines = node["c"]
        number = dict(pairs).get("number", "")
        mark = f" #{label(identifier)}" if identifier in self.sheet.labels else ""
        return [
            plain(
                [
                    *_opened(f"#section(level: {level}, number: {string(number)})[", _without_links(inlines)),
                    raw_inline("typst", f"]{mark}"),
                ]
            )
        ]

    def _link(self, node: Node) -> Node | list[Node] | None:
        inlines, (address, _) = node["c"][1], node["c"][2]
        if address.startswith("#"):
            target = address[1:]
        elif "://" in address or address.startswith("mailto:"):
            return None
        else:
            target = address.partition("#")[2]
        if target not in self.sheet.labels:
            return list(inlines)
        return [*_opened(f"#link({label(target)})[", inlines), _END]

    def _math(self, node: Node) -> list[Node]:
        # PDF/UA wants words for every formula; its source is what a reader of formulas can follow.
        told = string(" ".join(node["c"][1].split()))
        return [raw_inline("typst", f"#[#set math.equation(alt: {told});"), node, _END]

    def _computed(self, node: Node) -> list[Node]:
        value = attributes(node)[2].get("value", "")
        if value not in self.sheet.values:
            return list(node["c"][1])
        mark = ""
        if value not in self.met:
            self.met.add(value)
            mark = f", mark: [#metadata(none)#{label(f'use-value-{value}')}]"
        name = "computed-sentence" if "sentence" in attributes(node)[1] else "computed"
        return [
            *_opened(f"#{name}({label(f'value-{value}')}{mark})[", node["c"][1]),
            _END,
        ]

    def _figure(self, node: Node) -> list[Node]:
        identifier, _, pairs = attributes(node)
        caption: list[Node] = node["c"][1][0]["c"][1][0]["c"]
        content: list[Node] = node["c"][1][1:]
        image = next((part for part in walk(content) if part["t"] == "Image"), None)
        if image is None:
            return _wrapped(
                f"#exhibit(number: {string(pairs['number'])})[", _without_links(caption), content, identifier
            )
        _, _, facts = attributes(image)
        alt = facts.get("fig-alt") or facts.get("alt") or words(image["c"][1])
        path = f"{self.sheet.pictures}/{image['c'][2][0]}"
        shown = self._shown(image["c"][2][0])
        call = (
            f"#picture(number: {string(pairs['number'])}, path: {string(path)}, alt: {string(alt)}{shown},"
            f" mark: {label(identifier)})["
        )
        return [plain([*_opened(call, _without_links(caption)), raw_inline("typst", "]")])]

    def _shown(self, address: str) -> str:
        """How wide a picture is set, so that its letters do not grow, and whether text may flow round it."""
        size = picture_size(self.sheet.folder / address)
        if size is None:
            return ""
        width = f", width: {round(100 * size[0] / _COLUMN)}%" if size[0] < _COLUMN else ""
        # A tall picture that does not fit where it stands would leave half a page white. Those that follow it in the
        # chapter move with it, or they would overtake it.
        self.floating = self.floating or size[1] / max(size[0], _COLUMN) > _TALL
        return f"{width}, floating: true" if self.floating else width

    def _table_figure(self, node: Node) -> list[Node]:
        identifier, _, pairs = attributes(node)
        caption, content = node["c"][1][0]["c"][1][0]["c"], node["c"][1][1:]
        whole = ""
        if self.lines > _SHORT and _NOTE in content:
            # Below a long table the note could be alone on the next page.
            at = content.index(_NOTE)
            content = [raw_block("typst", "#table-note(leading: true)["), *content[at + 1 :], *content[:at]]
        if self.lines <= _SHORT:
            # Below the last words of a chapter there is no text that could fill the room.
            whole = ", floating: true" if self.wordy and identifier != self.last else ", whole: true"
        return _wrapped(
            f"#tabular(number: {string(pairs['number'])}{whole}, mark: {label(identifier)})[",
            _without_links(caption),
            content,
        )

    def _table(self, node: Node) -> list[Node]:
        _, _, columns, head, bodies, foot = node["c"]
        aligned = [alignment["t"] for alignment, _ in columns]
        head_rows = head[1]
        rows = [row for body in bodies for row in [*body[2], *body[3]]] + foot[1]
        self.lines = len(rows)
        widths = _widths([*head_rows, *rows])
        align = ", ".join(_ALIGN[kind] for kind in aligned)
        blocks = [raw_block("typst", f"#table(columns: ({widths},), align: ({align},),\ntable.hline(stroke: 0.8pt),")]
        if head_rows and any(words(cell[4]) for row in head_rows for cell in row[1]):
            blocks += [raw_block("typst", "table.header(repeat: true,"), *_cells(head_rows)]
            blocks.append(raw_block("typst", "table.hline(stroke: 0.5pt)),"))
        blocks += _cells(rows)
        return [*blocks, raw_block("typst", "table.hline(stroke: 0.8pt),)")]

    def _callout(self, node: Node) -> list[Node]:
        _, _, pairs = attributes(node)
        title, body = node["c"][1][0]["c"][1][0]["c"], node["c"][1][1:]
        return _wrapped(f"#callout(kind: {string(pairs['type'])})[", title, body)

    def _tab(self, node: Node) -> list[Node]:
        title, body = node["c"][1][0]["c"][1][0]["c"], node["c"][1][1:]
        return _wrapped("#tab[", title, body)

    def _reference(self, node: Node) -> list[Node]:
        identifier = attributes(node)[0]
        return [
            raw_block("typst", "#reference["),
            *node["c"][1],
            raw_block("typst", f"] #{label(identifier)}"),
        ]


def _opened(call: str, inlines: list[Node]) -> list[Node]:
    """A call's bracket and the words behind it.

    Pandoc guards the beginning of its own paragraphs against being taken for a list or a heading ("1. May"), not what
    stands behind a bracket of ours.
    """
    guard = "#[];" if _MARK.match(words(inlines)) else ""
    return [raw_inline("typst", call + guard), *inlines]


def _wrapped(call: str, title: list[Node], body: list[Node], identifier: str = "") -> list[Node]:
    mark = f" #{label(identifier)}" if identifier else ""
    return [
        plain([*_opened(call, title), raw_inline("typst", "][")]),
        *body,
        raw_block("typst", f"]{mark}"),
    ]


def _without_links(inlines: list[Node]) -> list[Node]:
    """Words of a heading or caption without the links and notes in them: it is repeated in the lists up front."""

    def change(node: Node) -> list[Node] | None:
        opened = node["c"][1] if node["t"] == "RawInline" and node["c"][0] == "typst" else ""
        if opened.startswith(("#link(", "#computed(", "#computed-sentence(")):
            return [raw_inline("typst", "#[")]
        if node["t"] == "Link":
            return list(node["c"][1])
        return [] if node["t"] == "Note" else None

    plainer: list[Node] = rewrite(inlines, change)
    return plainer


def _cells(rows: list[Any]) -> list[Node]:
    """The cells of some rows; pandoc's rows are [attributes, cells], its cells end in spans and blocks."""
    blocks: list[Node] = []
    for _, cells in rows:
        for _, _, tall, wide, content in cells:
            spans = [f"{name}: {count}" for name, count in (("rowspan", tall), ("colspan", wide)) if count != 1]
            opening = f"table.cell({', '.join(spans)})[" if spans else "["
            if len(content) == 1 and content[0]["t"] in {"Plain", "Para"}:
                blocks.append(plain([*_opened(opening, content[0]["c"]), raw_inline("typst", "],")]))
            else:
                blocks += [raw_block("typst", opening), *content, raw_block("typst", "],")]
    return blocks


def _widths(rows: list[Any]) -> str:
    """Widths as Typst takes them: natural where all fits, else the rest of the line shared by what columns hold.

    Columns that ask for no more than a fair share get what they ask for; the others share the remainder by their usual
    cell, never below their longest word. A column of prose beside one of numbers then has few lines to break into, and
    a long table few pages.
    """
    texts = [[words(cell[4]) for cell in column] for column in zip(*(cells for _, cells in rows), strict=False)]
    natural = [max(map(len, column)) for column in texts]
    left, open_columns = float(_LINE - 2 * len(texts)), set(range(len(texts)))
    if sum(natural) <= left:
        return ", ".join("auto" for _ in texts)
    while True:
        fair = left / len(open_columns)
        short = {column for column in open_columns if natural[column] <= fair}
        if not short or short == open_columns:
            break
        left -= sum(natural[column] for column in short)
        open_columns -= short
    wanted = {}
    for column in sorted(open_columns):
        usual = (sum(len(text) ** 2 for text in texts[column]) / len(texts[column])) ** 0.5
        longest = max((len(word) for text in texts[column] for word in text.split()), default=1)
        wanted[column] = max(usual**0.8, 1.0), min(longest + 1.5, left / len(open_columns))
    total = sum(weight for weight, _ in wanted.values())
    shares = {column: max(left * weight / total, least) for column, (weight, least) in wanted.items()}
    return ", ".join(f"{round(shares[column] * 10)}fr" if column in shares else "auto" for column in range(len(texts)))
