"""A chapter's tree as pandoc's HTML writer should see it."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from recount.render.charts import Chart, evidence_link
from recount.render.nodes import Node, attributes, div, link, plain, raw_block, raw_inline, rewrite, span, walk, words
from recount.render.numbering import Target
from recount.render.pictures import picture_size
from recount.render.reading import ReadChapter, for_format

# A date as tables write it, a month or a day; a browser would break it at its hyphens.
_DATE = re.compile(r"(?<!\S)(\[?\d{4}-\d\d(?:-\d\d)?\]?)(?!\S)")
_UNNUMBERED = re.compile(r'aria-label="Unnumbered table \d+"')
_SOURCE = re.compile(r"\.qmd(?=#|$)")


@dataclass(frozen=True)
class Surroundings:
    """What a page must know of the rest of the book."""

    targets: Mapping[str, Target]
    references_page: str
    charts: Mapping[str, Chart]
    origins: Mapping[str, Sequence[str]]


@dataclass
class OnScreen:
    """A chapter ready for the HTML writer.

    Args:
        blocks: the text.
        notes: its footnotes, each a list of blocks.
        headings: level, identifier, number and title, for the page's own contents.
        values: computed values in the order of their first use.
    """

    blocks: list[Node]
    notes: list[list[Node]] = field(default_factory=list)
    headings: list[tuple[int, str, str, str]] = field(default_factory=list)
    values: list[str] = field(default_factory=list)


def relative(page: str, to: str) -> str:
    """The address of one page of the site as another one writes it."""
    return posixpath.relpath(to, posixpath.dirname(page) or ".")


def for_screen(chapter: ReadChapter, around: Surroundings) -> OnScreen:
    """Turn figures, tables, callouts, tabs, notes, links and values into what a page shows."""
    return _Screen(chapter, around).result()


class _Screen:
    def __init__(self, chapter: ReadChapter, around: Surroundings) -> None:
        self.chapter, self.around = chapter, around
        self.page = chapter.chapter.page
        self.tables = 0
        self.out = OnScreen([])
        self.by_class: dict[str, Callable[[Node], Node | list[Node]]] = {
            "recount-figure": self._figure,
            "recount-table": self._table,
            "recount-callout": self._callout,
            "recount-tabset": self._tabset,
            "cell-code": self._code,
            "computed": self._computed,
        }

    def result(self) -> OnScreen:
        self.out.blocks = rewrite(for_format(self.chapter, "html").blocks, self._change)
        return self.out

    def _change(self, node: Node) -> Node | list[Node] | None:
        kind = node["t"]
        if kind in {"Div", "Span", "CodeBlock"}:
            for name in attributes(node)[1]:
                if name in self.by_class:
                    return self.by_class[name](node)
            return None
        if kind == "Header":
            return self._heading(node)
        if kind == "Link":
            return self._link(node)
        if kind == "Note":
            return self._note(node)
        if kind == "Table":
            return self._scrolling(node)
        return None

    def _heading(self, node: Node) -> Node:
        level, (identifier, classes, pairs), inlines = node["c"]
        facts = dict(pairs)
        number = facts.pop("number", "")
        title = words(inlines)
        if "unlisted" not in classes:
            self.out.headings.append((level, identifier, number, title))
        inside = list(inlines)
        if number:
            inside = [span([{"t": "Str", "c": number}], classes=["number"]), {"t": "Space"}, *inside]
        if identifier:
            inside.append(raw_inline("html", _anchor(identifier, title)))
        return {"t": "Header", "c": [level, [identifier, classes, [[k, v] for k, v in facts.items()]], inside]}

    def _link(self, node: Node) -> Node | None:
        (identifier, classes, pairs), inlines, (address, title) = node["c"]
        if address.startswith("#"):
            page = self._page_of(address[1:])
            target = address if page == self.page else relative(self.page, page) + address
        elif "://" not in address and not address.startswith("mailto:"):
            target = _SOURCE.sub(".html", address)
        else:
            return None
        more = ["citation-link"] if address.startswith("#ref-") else []
        return {"t": "Link", "c": [[identifier, [*classes, *more], pairs], inlines, [target, title]]}

    def _page_of(self, identifier: str) -> str:
        if identifier.startswith("ref-"):
            return self.around.references_page
        target = self.around.targets.get(identifier)
        return target.page if target else self.page

    def _note(self, node: Node) -> Node:
        self.out.notes.append(node["c"])
        number = len(self.out.notes)
        return raw_inline(
            "html",
            f'<sup class="note"><a href="#fn{number}" id="fnref{number}" role="doc-noteref" '
            f'aria-label="Footnote {number}">{number}</a></sup>',
        )

    def _computed(self, node: Node) -> Node:
        identifier, classes, pairs = attributes(node)
        # Pandoc knows `value` as an attribute of HTML and would write it bare, though no span may carry it.
        value = pairs.pop("value", "")
        if value and value not in self.out.values:
            self.out.values.append(value)
            identifier = identifier or f"value-{value}"
        return span(node["c"][1], identifier, classes, pairs | {"data-value": value})

    def _code(self, node: Node) -> list[Node]:
        return [
            raw_block("html", '<details class="code"><summary>Code</summary>'),
            node,
            raw_block("html", "</details>"),
        ]

    def _scrolling(self, node: Node) -> list[Node]:
        self.tables += 1
        # Widths that pandoc guessed from the length of the lines; a browser fits columns to their content better.
        columns = [[alignment, {"t": "ColWidthDefault"}] for alignment, _ in node["c"][2]]
        node = rewrite({"t": "Table", "c": [*node["c"][:2], columns, *node["c"][3:]]}, _unbroken)
        return [
            raw_block(
                "html",
                f'<div class="table-scroll" role="region" tabindex="0" aria-label="Unnumbered table {self.tables}">',
            ),
            node,
            raw_block("html", "</div>"),
        ]

    def _caption(self, kind: str, identifier: str, number: str, caption: list[Node]) -> list[Node]:
        name = f"{kind.capitalize()}\u00a0{number}"
        return [
            raw_block("html", "<figcaption>"),
            plain([link([{"t": "Str", "c": name}], f"#{identifier}", ["figure-number"]), {"t": "Space"}, *caption]),
            raw_block("html", "</figcaption>"),
        ]

    def _figure(self, node: Node) -> list[Node]:
        identifier, _, pairs = attributes(node)
        caption, content = node["c"][1][0]["c"][1][0]["c"], node["c"][1][1:]
        images = [part for part in walk(content) if part["t"] == "Image"]
        chart = self.around.charts.get(identifier)
        shown = [raw_block("html", self._image(images[0]))] if images else content
        kind = "figure drawn" if chart else "figure"
        return [
            raw_block("html", f'<figure class="{kind}" id="{html.escape(identifier)}"><div class="plate">'),
            *shown,
            raw_block("html", "</div>"),
            *self._caption("figure", identifier, pairs["number"], caption),
            *([raw_block("html", chart.details(relative(self.page, f"charts/{chart.label}.csv")))] if chart else []),
            *self._origins(identifier),
            raw_block("html", "</figure>"),
        ]

    def _image(self, image: Node) -> str:
        _, _, pairs = attributes(image)
        address = image["c"][2][0]
        alt = pairs.get("fig-alt") or pairs.get("alt") or words(image["c"][1])
        drawn = picture_size(self.chapter.folder / address)
        # Without them a page would jump while its pictures load.
        size = f' width="{round(drawn[0])}" height="{round(drawn[1])}"' if drawn else ""
        return f'<img src="{html.escape(address)}" alt="{html.escape(alt)}"{size} loading="lazy">'

    def _origins(self, label: str) -> list[Node]:
        """A way from a figure or table to the evidence rows it shows."""
        rows = self.around.origins.get(label, ())
        if not rows:
            return []
        return [raw_block("html", evidence_link(label, rows, relative(self.page, "evidence.html")))]

    def _table(self, node: Node) -> list[Node]:
        identifier, _, pairs = attributes(node)
        caption, content = node["c"][1][0]["c"][1][0]["c"], node["c"][1][1:]
        return [
            raw_block("html", f'<figure class="table" id="{html.escape(identifier)}">'),
            *self._caption("table", identifier, pairs["number"], caption),
            *[_named(part, f"Table {pairs['number']}") for part in content],
            *self._origins(identifier),
            raw_block("html", "</figure>"),
        ]

    def _callout(self, node: Node) -> list[Node]:
        identifier, _, pairs = attributes(node)
        title, body = node["c"][1][0]["c"][1][0]["c"], node["c"][1][1:]
        kind = pairs["type"]
        named = f' id="{html.escape(identifier)}"' if identifier else ""
        label = span([{"t": "Str", "c": f"{kind.capitalize()}: "}], classes=["for-ears"])
        heading = title if words(title).casefold() == kind else [label, *title]
        if "collapse" in pairs:
            shut = "" if pairs["collapse"] == "true" else " open"
            return [
                raw_block("html", f'<details class="callout callout-{kind}"{named}{shut}><summary>'),
                plain(heading),
                raw_block("html", '</summary><div class="callout-body">'),
                *body,
                raw_block("html", "</div></details>"),
            ]
        return [
            raw_block("html", f'<div class="callout callout-{kind}"{named} role="note"><p class="callout-title">'),
            plain(heading),
            raw_block("html", '</p><div class="callout-body">'),
            *body,
            raw_block("html", "</div></div>"),
        ]

    def _tabset(self, node: Node) -> Node:
        tabs: list[Node] = []
        for tab in node["c"][1]:
            title, body = tab["c"][1][0]["c"][1][0]["c"], tab["c"][1][1:]
            tabs += [
                raw_block("html", '<div class="tab"><p class="tab-title">'),
                plain(title),
                raw_block("html", "</p>"),
                *body,
                raw_block("html", "</div>"),
            ]
        return div(tabs, classes=["tabset"])


def notes_section(notes: list[list[Node]]) -> list[Node]:
    """The footnotes of a page as a list with ways back."""
    if not notes:
        return []
    blocks: list[Node] = [
        raw_block("html", '<section class="footnotes" role="doc-endnotes"><h2 class="small-heading">Notes</h2><ol>')
    ]
    for number, note in enumerate(notes, 1):
        back = raw_inline(
            "html", f' <a href="#fnref{number}" role="doc-backlink" aria-label="Back to the text">\u21a9\ufe0e</a>'
        )
        body = [dict(block) for block in note]
        if body and body[-1]["t"] in {"Para", "Plain"}:
            body[-1] = {"t": body[-1]["t"], "c": [*body[-1]["c"], back]}
        else:
            body.append(plain([back]))
        blocks += [raw_block("html", f'<li id="fn{number}">'), *body, raw_block("html", "</li>")]
    return [*blocks, raw_block("html", "</ol></section>")]


def _named(part: Node, name: str) -> Node:
    """The opening of a scrolling table under the table's own name: no two regions of a page may share one."""
    if part["t"] == "RawBlock" and "aria-label" in part["c"][1]:
        return raw_block("html", _UNNUMBERED.sub(f'aria-label="{name}"', part["c"][1]))
    return part


def _anchor(identifier: str, title: str) -> str:
    label = html.escape(f"Link to this section: {title}")
    return f' <a class="anchor" href="#{html.escape(identifier)}" aria-label="{label}">#</a>'


def _unbroken(node: Node) -> Node | None:
    """The words of a cell, each date among them as a whole that no line ends within."""
    if node["t"] not in {"Plain", "Para"}:
        return None
    if not any(one["t"] == "Str" and _DATE.search(one["c"]) for one in node["c"]):
        return None
    return {"t": node["t"], "c": [part for one in node["c"] for part in _dates_whole(one)]}


def _dates_whole(node: Node) -> list[Node]:
    if node["t"] != "Str":
        return [node]
    # Every second piece is a date.
    pieces: list[Node] = [{"t": "Str", "c": piece} for piece in _DATE.split(node["c"])]
    dated = [span([piece], classes=["date"]) if place % 2 else piece for place, piece in enumerate(pieces)]
    return [piece for piece in dated if piece.get("c")]
