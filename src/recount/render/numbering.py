"""Numbers for chapters, sections, figures and tables, and one plain shape for what Quarto writes in several.

After `number_chapter` a tree holds

- `Div.recount-figure` and `Div.recount-table` (attribute `number`): a `Div.recount-caption`, then the content,
- `Div.recount-callout` (attributes `type`, `collapse`) and `Div.recount-tab`: a `Div.recount-title`, then blocks,
- headings with the attribute `number` where they carry one; the chapter's title is taken out of the blocks.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from typing import Literal

from recount.problems import Problem
from recount.render.book import Chapter
from recount.render.nodes import Node, attribute_list, attributes, div, has_class, plain, words

Kind = Literal["chapter", "appendix", "section", "figure", "table"]
CALLOUTS = ("note", "tip", "important", "warning", "caution")
_WRAPPERS = ("cell-output", "cell-output-display", "cell-output-markdown")


@dataclass(frozen=True)
class Target:
    """Something a cross-reference can name.

    Args:
        id: its label.
        kind: what it is.
        number: as printed, empty where it carries none.
        title: heading or caption as plain text.
        page: the page it stands on.
        source: the chapter's file.
    """

    id: str
    kind: Kind
    number: str
    title: str
    page: str
    source: str

    @property
    def name(self) -> str:
        """How a reference calls it: `Figure 2.1`; a thing without a number goes by its title."""
        if not self.number:
            return self.title
        return f"{self.kind.capitalize()}\u00a0{self.number}"


@dataclass
class Counter:
    """Where the count stands; one for the whole book, handed from chapter to chapter."""

    chapters: int = 0
    appendices: int = 0
    loose: dict[str, int] = field(default_factory=dict)


@dataclass
class Numbered:
    """A chapter with its numbers."""

    title: list[Node]
    number: str
    id: str
    blocks: list[Node]
    targets: list[Target]
    problems: list[Problem]


def number_chapter(chapter: Chapter, blocks: list[Node], title: list[Node], counter: Counter, depth: int) -> Numbered:
    """Number one chapter.

    Args:
        chapter: which one.
        blocks: as pandoc read it.
        title: the title its front matter gives, empty if a heading gives it.
        counter: the count so far; moved on.
        depth: the deepest heading level that carries a number.
    """
    return _Numbering(chapter, counter, depth).number_all(blocks, title)


class _Numbering:
    def __init__(self, chapter: Chapter, counter: Counter, depth: int) -> None:
        self.chapter, self.counter, self.depth = chapter, counter, depth
        self.number = ""
        self.sections = [0] * 6
        self.counts: dict[str, int] = {}
        self.targets: list[Target] = []
        self.problems: list[Problem] = []

    def number_all(self, blocks: list[Node], title: list[Node]) -> Numbered:
        first = next((block for block in blocks if block["t"] == "Header" and block["c"][0] == 1), None)
        identifier = ""
        classes: list[str] = []
        if first is not None and not title:
            identifier, classes, _ = attributes(first)
            title = first["c"][2]
            blocks = [block for block in blocks if block is not first]
        if not title:
            self._problem("chapter-has-title", "the chapter has no title", "begin it with a heading: # Title")
        if any(block["t"] == "Header" and block["c"][0] == 1 for block in blocks):
            self._problem(
                "one-title-a-chapter",
                "the chapter has a second heading of level 1",
                "make the other headings level 2, or give the title either in the front matter or as a heading",
            )
        if "unnumbered" not in classes:
            self._next_chapter()
        kind: Kind = "appendix" if self.chapter.appendix else "chapter"
        self._target(identifier, kind, self.number, title)
        return Numbered(title, self.number, identifier, self._blocks(blocks), self.targets, self.problems)

    def _next_chapter(self) -> None:
        if self.chapter.appendix:
            self.number = string.ascii_uppercase[self.counter.appendices]
            self.counter.appendices += 1
        else:
            self.counter.chapters += 1
            self.number = str(self.counter.chapters)

    def _problem(self, rule: str, message: str, fix: str, value: str = "") -> None:
        self.problems.append(
            Problem(file=self.chapter.source, line=0, rule=rule, message=message, fix=fix, value=value)
        )

    def _target(self, identifier: str, kind: Kind, number: str, title: list[Node]) -> None:
        if identifier:
            self.targets.append(Target(identifier, kind, number, words(title), self.chapter.page, self.chapter.source))

    def _next(self, kind: Literal["figure", "table"]) -> str:
        if self.number:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            return f"{self.number}.{self.counts[kind]}"
        self.counter.loose[kind] = self.counter.loose.get(kind, 0) + 1
        return str(self.counter.loose[kind])

    def _blocks(self, blocks: list[Node]) -> list[Node]:
        return [node for block in blocks for node in self._block(block)]

    def _block(self, block: Node) -> list[Node]:
        kind = block["t"]
        if kind == "Header":
            return [self._heading(block)]
        if kind == "Figure" and block["c"][0][0].startswith("fig-"):
            return [self._figure(block)]
        if kind == "Table" and block["c"][0][0].startswith("tbl-"):
            caption = _first_inlines(block["c"][1][1])
            bare = {"t": "Table", "c": [attribute_list(), [None, []], *block["c"][2:]]}
            return [self._float("table", block["c"][0][0], caption, [bare])]
        if kind == "Div":
            return self._div(block)
        if kind == "BlockQuote":
            return [{"t": kind, "c": self._blocks(block["c"])}]
        if kind == "BulletList":
            return [{"t": kind, "c": [self._blocks(item) for item in block["c"]]}]
        if kind == "OrderedList":
            return [{"t": kind, "c": [block["c"][0], [self._blocks(item) for item in block["c"][1]]]}]
        return [block]

    def _heading(self, block: Node) -> Node:
        level, (identifier, classes, pairs), inlines = block["c"]
        number = ""
        if self.number and "unnumbered" not in classes and 1 < level <= self.depth:
            self.sections[level - 1] += 1
            self.sections[level:] = [0] * (6 - level)
            number = ".".join([self.number, *(str(count) for count in self.sections[1:level])])
        self._target(identifier, "section", number, inlines)
        more = [["number", number]] if number else []
        return {"t": "Header", "c": [level, [identifier, classes, [*pairs, *more]], inlines]}

    def _figure(self, block: Node) -> Node:
        identifier = block["c"][0][0]
        return self._float("figure", identifier, _first_inlines(block["c"][1][1]), block["c"][2])

    def _float(
        self, kind: Literal["figure", "table"], identifier: str, caption: list[Node], content: list[Node]
    ) -> Node:
        number = self._next(kind)
        self._target(identifier, kind, number, caption)
        inside = [div([plain(caption)], classes=["recount-caption"]), *content]
        return div(inside, identifier, [f"recount-{kind}"], {"number": number})

    def _div(self, block: Node) -> list[Node]:
        identifier, classes, pairs = attributes(block)
        content = block["c"][1]
        callout = next((name for name in CALLOUTS if f"callout-{name}" in classes), None)
        if callout:
            return [self._callout(callout, identifier, pairs, content)]
        if "panel-tabset" in classes:
            return [self._tabset(content)]
        if identifier.startswith("tbl-"):
            return self._table_div(identifier, content)
        if identifier.startswith("fig-"):
            return [self._figure_div(identifier, content)]
        if "cell" in classes:
            return self._blocks(content)
        if any(name in classes for name in _WRAPPERS):
            return self._blocks(content)
        return [div(self._blocks(content), identifier, classes, pairs)]

    def _table_div(self, identifier: str, content: list[Node]) -> list[Node]:
        code = [block for block in content if block["t"] == "CodeBlock" and has_class(block, "cell-code")]
        rest = _unwrapped([block for block in content if block not in code])
        captions = [block for block in rest if block["t"] == "Div" and has_class(block, "recount-caption")]
        body = [block for block in rest if block not in captions]
        caption = _first_inlines(captions[0]["c"][1]) if captions else []
        if not captions and len(body) > 1 and body[-1]["t"] == "Para":
            caption, body = body[-1]["c"], body[:-1]
        plainer = []
        for part in body:
            if part["t"] == "Table":
                caption = caption or _first_inlines(part["c"][1][1])
                plainer.append({"t": "Table", "c": [attribute_list(), [None, []], *part["c"][2:]]})
            else:
                plainer.append(part)
        return [*code, self._float("table", identifier, caption, plainer)]

    def _figure_div(self, identifier: str, content: list[Node]) -> Node:
        body, caption = content, []
        if len(body) > 1 and body[-1]["t"] == "Para":
            caption, body = body[-1]["c"], body[:-1]
        return self._float("figure", identifier, caption, body)

    def _callout(self, kind: str, identifier: str, pairs: dict[str, str], content: list[Node]) -> Node:
        title = [{"t": "Str", "c": pairs["title"]}] if pairs.get("title") else []
        if not title and content and content[0]["t"] == "Header":
            title, content = content[0]["c"][2], content[1:]
        title = title or [{"t": "Str", "c": kind.capitalize()}]
        inside = [div([plain(title)], classes=["recount-title"]), *self._blocks(content)]
        facts = {"type": kind} | ({"collapse": pairs["collapse"]} if "collapse" in pairs else {})
        return div(inside, identifier, ["recount-callout"], facts)

    def _tabset(self, content: list[Node]) -> Node:
        levels = [block["c"][0] for block in content if block["t"] == "Header"]
        tabs: list[tuple[list[Node], list[Node]]] = []
        for block in content:
            if block["t"] == "Header" and block["c"][0] == min(levels):
                tabs.append((block["c"][2], []))
            elif tabs:
                tabs[-1][1].append(block)
            else:
                self._problem(
                    "tab-has-title", "a tabset begins without a heading", "begin each tab with a heading: ## Title"
                )
        return div(
            [
                div([div([plain(title)], classes=["recount-title"]), *self._blocks(blocks)], classes=["recount-tab"])
                for title, blocks in tabs
            ],
            classes=["recount-tabset"],
        )


def _unwrapped(blocks: list[Node]) -> list[Node]:
    """Blocks without the wrappers that an executed cell puts around its output."""
    bare: list[Node] = []
    for block in blocks:
        if block["t"] == "Div" and any(has_class(block, name) for name in _WRAPPERS):
            bare.extend(_unwrapped(block["c"][1]))
        else:
            bare.append(block)
    return bare


def _first_inlines(blocks: list[Node]) -> list[Node]:
    """The inlines of the first block of a caption; empty where there is none."""
    inlines = list(blocks[0]["c"]) if blocks and blocks[0]["t"] in {"Plain", "Para"} else []
    return [inline for inline in inlines if not has_class(inline, "recount-start")]
