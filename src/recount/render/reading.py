"""One reading of all chapters: numbered, cross-referenced and cited, ready for either writer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from recount.problems import Exit, Problem, Stop
from recount.render.book import Book, Chapter, Executed
from recount.render.citing import Cited, Style, cite
from recount.render.nodes import Node, attributes, blocks_joined, div, divs, has_class, link, rewrite, text, walk, words
from recount.render.numbering import Counter, Numbered, Target, number_chapter
from recount.render.pandoc import Cache, ask_all
from recount.render.pictures import addresses, place_of
from recount.render.shortcodes import prepare

_FROM = "--from=markdown"
_CONDITIONS = frozenset({"content-visible", "content-hidden"})
_CROSS_REFERENCE = re.compile(r"^(fig|tbl|sec)-", re.IGNORECASE)


@dataclass(frozen=True)
class ReadChapter:
    """A chapter as both writers take it.

    Args:
        chapter: where it stands in the book.
        folder: where its figures lie.
        title: its title as inlines.
        number: `2`, `A` or empty.
        id: label of its title, or empty.
        blocks: everything below the title (see `numbering` for the shapes).
        front: its front matter.
    """

    chapter: Chapter
    folder: Path
    title: list[Node]
    number: str
    id: str
    blocks: list[Node]
    front: dict[str, object]

    @property
    def heading(self) -> str:
        """Number and title in one line."""
        name = words(self.title)
        return f"{self.number}\u2002{name}" if self.number else name

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every node of its blocks but words and spaces; both formats ask for them several times."""
        return tuple(walk(self.blocks))

    def pictures(self, root: Path) -> Iterator[tuple[str, Path]]:
        """Each picture once: its address as written, and its file."""
        beside = (root / self.chapter.source).parent
        for address in addresses(self.nodes):
            found = place_of(address, self.folder, beside)
            if found:
                yield address, found


@dataclass(frozen=True)
class Reading:
    """The whole book, read."""

    book: Book
    chapters: tuple[ReadChapter, ...]
    targets: dict[str, Target]
    references: list[Node]
    references_page: str
    abstract: list[Node]
    statement: list[Node]
    cache: Cache


def read_book(book: Book, executed: Sequence[Executed], *, cache: Path) -> Reading:
    """Read every chapter, number the book, resolve references and citations.

    Args:
        book: the book.
        executed: its chapters with their code run, in any order.
        cache: a folder where pandoc's answers are kept by content; a changed chapter alone is read anew.

    Raises:
        Stop: with every unknown label, citation, metadata key or include at once.
    """
    return _read(book, executed, Cache(cache))


def read_ahead(book: Book, executed: Executed, *, cache: Path) -> None:
    """Let pandoc read one chapter while others still run; `read_book` finds what it answered in the cache."""
    _parse([prepare(executed.source, executed.markdown, book.root, book.facts).text], Cache(cache))


def _read(book: Book, executed: Sequence[Executed], cache: Cache) -> Reading:
    by_source = {chapter.source: chapter for chapter in executed}
    missing = [chapter.source for chapter in book.chapters if chapter.source not in by_source]
    if missing:
        raise Stop(
            [_problem(source, "chapter-was-run", "the chapter was not executed") for source in missing], Exit.RENDER
        )
    prepared = [
        prepare(chapter.source, by_source[chapter.source].markdown, book.root, book.facts) for chapter in book.chapters
    ]
    trees = _parse([*(one.text for one in prepared), book.abstract, book.statement], cache)
    titles = _parse([str(one.front.get("title") or "") for one in prepared], cache)
    counter = Counter()
    numbered = [
        number_chapter(chapter, tree, _title(title), counter, book.number_depth)
        for chapter, tree, title in zip(book.chapters, trees, titles, strict=False)
    ]
    problems = [problem for one in prepared for problem in one.problems]
    problems += [problem for one in numbered for problem in one.problems]
    place = _Place(book, by_source)
    targets, twice = _targets(numbered, place)
    problems += twice
    for chapter, one in zip(book.chapters, numbered, strict=True):
        problems += _missing_pictures(by_source[chapter.source], one.blocks, place)
    blocks = [
        _cross_reference(chapter, one.blocks, targets, problems, place)
        for chapter, one in zip(book.chapters, numbered, strict=True)
    ]
    everything = any("@*" in str(one.front.get("nocite", "")) for one in prepared)
    style = Style(book.bibliography, book.csl, book.language, everything)
    blocks, cited = _cite(blocks, style, cache)
    problems += _unknown_citations(book, cited, place)
    blocks, references_page = _place_references(book, blocks, cited.references)
    if problems:
        raise Stop(problems, Exit.RENDER)
    chapters = tuple(
        ReadChapter(chapter, by_source[chapter.source].folder, one.title, one.number, one.id, content, ready.front)
        for chapter, ready, one, content in zip(book.chapters, prepared, numbered, blocks, strict=True)
    )
    return Reading(
        book=book,
        chapters=chapters,
        targets=_retitled(targets, blocks),
        references=cited.references,
        references_page=references_page,
        abstract=trees[-2],
        statement=trees[-1],
        cache=cache,
    )


def _missing_pictures(executed: Executed, blocks: list[Node], place: _Place) -> list[Problem]:
    beside = (place.book.root / executed.source).parent
    return [
        _problem(
            executed.source,
            "picture-exists",
            f"the picture {address} does not exist",
            line=place.lines(executed.source, address, r"\]\(")[0],
            value=address,
            fix="name a file relative to the chapter",
        )
        for address in addresses(walk(blocks))
        if place_of(address, executed.folder, beside) is None
    ]


def _retitled(targets: dict[str, Target], blocks: list[list[Node]]) -> dict[str, Target]:
    """Targets under their captions as printed, with citations and references worded."""
    captions = {
        attributes(node)[0]: words(node["c"][1][0])
        for node in divs(blocks)
        if {"recount-figure", "recount-table"} & set(attributes(node)[1])
    }
    return {
        label: replace(target, title=captions[label]) if label in captions else target
        for label, target in targets.items()
    }


def _parse(texts: Sequence[str], cache: Cache) -> list[list[Node]]:
    """The blocks of each text, with words that follow each other joined."""
    needed = [given for given in texts if given.strip()]
    answers = iter(ask_all([_FROM, "--to=json"], needed, cache, blocks_joined))
    return [json.loads(next(answers).output) if given.strip() else [] for given in texts]


def _title(blocks: list[Node]) -> list[Node]:
    return list(blocks[0]["c"]) if blocks and blocks[0]["t"] in {"Para", "Plain"} else []


def _problem(source: str, rule: str, message: str, **more: Any) -> Problem:  # noqa: ANN401 - fields of Problem
    return Problem(file=source, line=more.pop("line", 0), rule=rule, message=message, **more)


@dataclass(frozen=True)
class _Place:
    """Where something stands in the chapter as the author wrote it."""

    book: Book
    executed: dict[str, Executed]

    def lines(self, source: str, text: str, before: str = "@") -> list[int]:
        """Every line with a text after a sign; [0] where there is none (it came out of a cell or an include)."""
        path = self.book.root / source
        content = path.read_text(encoding="utf-8") if path.is_file() else self.executed[source].markdown
        name = re.compile(rf"{before}\{{?{re.escape(text)}(?![\w-])")
        return [number for number, line in enumerate(content.splitlines(), 1) if name.search(line)] or [0]


def _targets(numbered: Iterable[Numbered], place: _Place) -> tuple[dict[str, Target], list[Problem]]:
    """Every label once; automatic heading identifiers may repeat between chapters and are no targets."""
    targets: dict[str, Target] = {}
    problems = []
    for one in numbered:
        for target in one.targets:
            if not _CROSS_REFERENCE.match(target.id):
                continue
            if target.id in targets:
                problems.append(
                    _problem(
                        target.source,
                        "label-is-unique",
                        f"{target.id} is a label twice, here and in {targets[target.id].source}",
                        line=place.lines(target.source, target.id, "(?:#|label: )")[-1],
                        value=target.id,
                        fix="rename one of the two",
                    )
                )
            else:
                targets[target.id] = target
    return targets, problems


def _cross_reference(
    chapter: Chapter, blocks: list[Node], targets: dict[str, Target], problems: list[Problem], place: _Place
) -> list[Node]:
    """Replace `@fig-`, `@tbl-` and `@sec-` by links that carry the number."""
    reported: set[str] = set()

    def change(node: Node) -> Node | list[Node] | None:
        if node["t"] != "Cite":
            return None
        parts = node["c"][0]
        crossing = [bool(_CROSS_REFERENCE.match(part["citationId"])) for part in parts]
        if not any(crossing):
            return None
        # Pandoc reads "@fig-x [@key]" as one citation of two things; each goes its own way.
        works = [part for part, is_crossing in zip(parts, crossing, strict=True) if not is_crossing]
        inlines: list[Node] = []
        labels = [part for part, is_crossing in zip(parts, crossing, strict=True) if is_crossing]
        for position, part in enumerate(labels):
            label = part["citationId"][0].lower() + part["citationId"][1:]
            if label not in targets:
                if label not in reported:
                    reported.add(label)
                    problems.extend(_unknown_label(chapter.source, label, targets, place))
                continue
            if position:
                inlines += text(" and " if position == len(labels) - 1 else ", ")
            inlines += _reference(targets[label], part)
        if works:
            inlines += [
                {"t": "Space"},
                {"t": "Cite", "c": [works, text(" ".join(f"@{w['citationId']}" for w in works))]},
            ]
        return inlines

    rewritten: list[Node] = rewrite(blocks, change)
    return rewritten


def _reference(target: Target, part: Node) -> list[Node]:
    suppress = part["citationMode"]["t"] == "SuppressAuthor"
    pairs = {"reference": target.id}
    if part["citationPrefix"]:
        name = [*part["citationPrefix"], {"t": "Str", "c": f"\u00a0{target.number}" if target.number else ""}]
    else:
        name = [{"t": "Str", "c": target.number or target.title if suppress else target.name}]
    return [link(name, f"#{target.id}", ["cross-reference"], pairs), *part["citationSuffix"]]


def _unknown_label(source: str, label: str, targets: dict[str, Target], place: _Place) -> list[Problem]:
    kind = label.split("-", 1)[0]
    near = sorted(known for known in targets if known.startswith(f"{kind}-"))
    return [
        _problem(
            source,
            "cross-reference-exists",
            f"@{label} names nothing in the book",
            line=line,
            value=label,
            fix="use one of " + ", ".join(near) if near else f"give something the label {label}",
        )
        for line in place.lines(source, label)
    ]


def _cite(blocks: list[list[Node]], style: Style, cache: Cache) -> tuple[list[list[Node]], Cited]:
    asked = [node for node in walk(blocks) if node["t"] == "Cite"]
    cited = cite(asked, style, cache)
    # `walk` meets a parent before its children and `rewrite` after; citations do not nest, so the orders agree.
    answers = iter(cited.citations)

    def change(node: Node) -> list[Node] | None:
        return next(answers) if node["t"] == "Cite" else None

    rewritten: list[list[Node]] = rewrite(blocks, change)
    return rewritten, cited


def _unknown_citations(book: Book, cited: Cited, place: _Place) -> list[Problem]:
    problems = []
    where = book.bibliography.name if book.bibliography else "a .bib file"
    for key in sorted(cited.unknown):
        for chapter in book.chapters:
            problems += [
                _problem(
                    chapter.source,
                    "citation-exists",
                    f"@{key} is not in the bibliography",
                    line=line,
                    value=key,
                    fix=f"correct the key or add the work to {where}",
                )
                for line in place.lines(chapter.source, key)
                if line
            ]
        if not any(problem.value == key for problem in problems):
            problems.append(_problem("", "citation-exists", f"@{key} is not in the bibliography", value=key))
    return problems


def _place_references(book: Book, blocks: list[list[Node]], references: list[Node]) -> tuple[list[list[Node]], str]:
    """Put the list where `::: {#refs}` stands, or at the end of the last chapter before the appendices."""
    listed = div(references, "refs", ["references"])
    page = ""

    def change(node: Node) -> Node | None:
        return listed if node["t"] == "Div" and attributes(node)[0] == "refs" else None

    placed: list[list[Node]] = []
    for chapter, content in zip(book.chapters, blocks, strict=True):
        if any(attributes(node)[0] == "refs" for node in divs(content)):
            page = page or chapter.page
            placed.append(rewrite(content, change))
        else:
            placed.append(content)
    if not page and references:
        main = [index for index, chapter in enumerate(book.chapters) if not chapter.appendix]
        last = main[-1] if main else len(book.chapters) - 1
        heading: Node = {"t": "Header", "c": [2, ["references", ["unnumbered"], []], text("References")]}
        placed[last] = [*placed[last], heading, listed]
        page = book.chapters[last].page
    return placed, page


def for_format(chapter: ReadChapter, form: str) -> ReadChapter:
    """A chapter without what is meant for another format.

    Args:
        chapter: the chapter.
        form: `html` or `typst`, as `when-format` and `unless-format` name it.
    """

    def conditional(node: Node) -> bool:
        return node["t"] in {"Div", "Span"} and bool(_CONDITIONS & set(attributes(node)[1]))

    def change(node: Node) -> list[Node] | None:
        if not conditional(node):
            return None
        visible = has_class(node, "content-visible")
        _, _, pairs = attributes(node)
        # Several names are separated by spaces nowhere in the dialect; "html:js" is html.
        meant = "when-format" not in pairs or pairs["when-format"].split(":")[0] == form
        meant = meant and not ("unless-format" in pairs and pairs["unless-format"].split(":")[0] == form)
        kept: list[Node] = node["c"][1]
        return kept if meant == visible else []

    return replace(chapter, blocks=rewrite(chapter.blocks, change)) if any(map(conditional, chapter.nodes)) else chapter
