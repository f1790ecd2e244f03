"""Citations and the reference list, by pandoc's citeproc over the whole book at once.

The whole book at once, because the letters in "2019a" and "2019b", and the list itself, depend on every chapter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recount.render.nodes import Node, attribute_list, attributes, has_class, walk
from recount.render.pandoc import Cache, ask, digest, document

_UNKNOWN = re.compile(r"citation (\S+) not found")


@dataclass(frozen=True)
class Cited:
    """Rendered citations in the order they were asked for, the reference list, and keys the bibliography lacks."""

    citations: list[list[Node]]
    references: list[Node]
    unknown: frozenset[str]


@dataclass(frozen=True)
class Style:
    """How to cite.

    Args:
        bibliography: the `.bib`; without one nothing is known.
        csl: a style, or None for pandoc's own, Chicago author-date.
        language: BCP 47; it decides "and", "edited by" and the quotation marks.
        everything: whether the list holds also works that nothing cites.
    """

    bibliography: Path | None
    csl: Path | None
    language: str
    everything: bool = False


def cite(citations: Sequence[Node], style: Style, cache: Cache) -> Cited:
    """The text of each `Cite` node, and the list of works cited.

    Args:
        citations: `Cite` nodes in reading order.
        style: how to cite, and from what.
        cache: where answers are kept.
    """
    bibliography, csl = style.bibliography, style.csl
    if bibliography is None or not (citations or style.everything):
        keys = {part["citationId"] for node in citations for part in node["c"][0]}
        return Cited([node["c"][1] for node in citations], [], frozenset(keys))
    meta: Node = {
        "bibliography": {"t": "MetaString", "c": str(bibliography)},
        "link-citations": {"t": "MetaBool", "c": True},
        "lang": {"t": "MetaString", "c": style.language},
    }
    if csl is not None:
        meta["csl"] = {"t": "MetaString", "c": str(csl)}
    if style.everything:
        anything = {
            "citationId": "*",
            "citationPrefix": [],
            "citationSuffix": [],
            "citationMode": {"t": "NormalCitation"},
            "citationNoteNum": 0,
            "citationHash": 0,
        }
        meta["nocite"] = {"t": "MetaInlines", "c": [{"t": "Cite", "c": [[anything], []]}]}
    blocks: list[Node] = [{"t": "Para", "c": [node]} for node in citations]
    blocks.append({"t": "Div", "c": [attribute_list("refs"), []]})
    # The cache knows the question by its text; the files it names are part of the question.
    content = digest(bibliography.read_bytes(), csl.read_bytes() if csl else b"")
    answer = ask(
        ["--from=json", "--to=json", "--citeproc", f"--variable=bibliography-content:{content}"],
        document(blocks, meta),
        cache,
    )
    out: list[Node] = json.loads(answer.output)["blocks"]
    rendered = [block["c"] for block in out[: len(citations)]]
    listed = next((block for block in out[len(citations) :] if attributes(block)[0] == "refs"), None)
    references = [entry for entry in listed["c"][1] if has_class(entry, "csl-entry")] if listed else []
    return Cited(rendered, references, frozenset(_UNKNOWN.findall(answer.warnings)))


def reference_texts(references: Sequence[Node]) -> dict[str, Node]:
    """Each entry of the list by its identifier, `ref-kim2019`."""
    return {attributes(node)[0]: node for node in walk(list(references)) if has_class(node, "csl-entry")}
