"""Pandoc's document tree as plain JSON: making nodes, asking them, rewriting them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

Node = dict[str, Any]
Attributes = tuple[str, list[str], dict[str, str]]

_WORDS = frozenset({"Str", "Space", "SoftBreak", "LineBreak"})
# What only says how another node is meant.
_SIGNS = frozenset(
    {
        *("AlignDefault", "AlignLeft", "AlignRight", "AlignCenter", "ColWidth", "ColWidthDefault"),
        *("NormalCitation", "SuppressAuthor", "AuthorInText", "SingleQuote", "DoubleQuote"),
    }
)
_SMALL = _WORDS | _SIGNS
_LEAVES = frozenset({"Str", "Space", "SoftBreak", "LineBreak", "Code", "Math", "RawInline", "RawBlock", "CodeBlock"})
_BREAKS = frozenset({"Space", "SoftBreak", "LineBreak"})
_BLOCKS = frozenset({"Para", "Plain", "Header", "Div", "Table", "Figure", "BlockQuote", "BulletList", "OrderedList"})
_AROUND = frozenset({"Div", "BlockQuote", "BulletList", "OrderedList", "DefinitionList", "Figure"})
_WITH_ATTRIBUTES = frozenset({"Div", "Span", "Code", "CodeBlock", "Link", "Image", "Table", "Figure"})


def text(words: str) -> list[Node]:
    """Words as inlines, one `Str` a word."""
    inlines: list[Node] = []
    for position, word in enumerate(words.split(" ")):
        if position:
            inlines.append({"t": "Space"})
        if word:
            inlines.append({"t": "Str", "c": word})
    return inlines


def attributes(node: Node) -> Attributes:
    """Identifier, classes and key-value pairs of a node; empty for nodes that carry none."""
    kind = node["t"]
    if kind == "Header":
        raw = node["c"][1]
    elif kind in _WITH_ATTRIBUTES:
        raw = node["c"][0]
    else:
        return "", [], {}
    return raw[0], raw[1], dict(raw[2])


def attribute_list(
    identifier: str = "", classes: Iterable[str] = (), pairs: Mapping[str, str] | None = None
) -> list[Any]:
    """Attributes in the order pandoc writes them."""
    return [identifier, list(classes), [[key, value] for key, value in (pairs or {}).items()]]


def div(
    blocks: list[Node], identifier: str = "", classes: Iterable[str] = (), pairs: Mapping[str, str] | None = None
) -> Node:
    """A `Div` around blocks."""
    return {"t": "Div", "c": [attribute_list(identifier, classes, pairs), blocks]}


def span(
    inlines: list[Node], identifier: str = "", classes: Iterable[str] = (), pairs: Mapping[str, str] | None = None
) -> Node:
    """A `Span` around inlines."""
    return {"t": "Span", "c": [attribute_list(identifier, classes, pairs), inlines]}


def link(inlines: list[Node], target: str, classes: Iterable[str] = (), pairs: Mapping[str, str] | None = None) -> Node:
    """A `Link` to a target."""
    return {"t": "Link", "c": [attribute_list("", classes, pairs), inlines, [target, ""]]}


def plain(inlines: list[Node]) -> Node:
    """Inlines as a block that is no paragraph."""
    return {"t": "Plain", "c": inlines}


def raw_block(form: str, code: str) -> Node:
    """Text that the writer of `form` passes through as it is."""
    return {"t": "RawBlock", "c": [form, code]}


def raw_inline(form: str, code: str) -> Node:
    """The same within a line."""
    return {"t": "RawInline", "c": [form, code]}


def has_class(node: Node, name: str) -> bool:
    """Whether a node carries a class."""
    return name in attributes(node)[1]


def joined(part: Any) -> Any:  # noqa: ANN401 - returns the same sort of part it got
    """A part of the tree in which words that follow each other are one `Str` with their spaces.

    Four nodes of five are words and the spaces between them, and no writer minds. Citations are left alone, since what
    is a page in one is decided word by word; so is a first word that a writer could take for the mark of a list.
    """
    if isinstance(part, dict):
        if part.get("t") == "Cite" or not isinstance(part.get("c"), list):
            return part
        return {"t": part["t"], "c": joined(part["c"])}
    if not isinstance(part, list):
        return part
    result: list[Any] = []
    run: list[str] = []

    def end_run() -> None:
        if run:
            result.append({"t": "Str", "c": "".join(run)})
            run.clear()

    for item in part:
        kind = item.get("t") if isinstance(item, dict) else None
        if kind == "Str":
            run.append(item["c"])
            opens = len(run) == 1 and (not result or result[-1] == {"t": "LineBreak"})
            if opens and not item["c"][:1].isalpha():
                end_run()
        elif kind in _BREAKS and kind != "LineBreak":
            run.append(" ")
        else:
            end_run()
            result.append(joined(item))
    end_run()
    return result


def blocks_joined(document: str) -> str:
    """The blocks of a document as pandoc writes it, with words that follow each other joined; JSON both."""
    return json.dumps(joined(json.loads(document)["blocks"]), ensure_ascii=False)


def words(node: Any) -> str:  # noqa: ANN401 - any part of the tree, a node or a list of them
    """The text of a part of the tree as a reader hears it: no footnotes, no markup, one space between words."""
    pieces: list[str] = []
    _gather(node, pieces)
    return " ".join("".join(pieces).split())


def _gather(node: Any, pieces: list[str]) -> None:  # noqa: ANN401, C901 - see `words`; a case for each kind
    # Into a list instead of out of a generator: a generator in a generator costs its depth for every word.
    if isinstance(node, list):
        for item in node:
            _gather(item, pieces)
        return
    if not isinstance(node, dict):
        return
    kind, content = node.get("t"), node.get("c")
    if kind == "Str":
        pieces.append(str(content))
    elif kind in _BREAKS:
        pieces.append(" ")
    elif kind in {"Code", "Math", "CodeBlock"}:
        pieces.append(str(content[1]))  # type: ignore[index] # these kinds always hold a list
    elif kind == "Quoted":
        opening, closing = ("\u2018", "\u2019") if content[0]["t"] == "SingleQuote" else ("\u201c", "\u201d")  # type: ignore[index] # holds a list
        pieces.append(opening)
        _gather(content[1], pieces)  # type: ignore[index] # holds a list
        pieces.append(closing)
    elif kind in {"Note", "RawInline", "RawBlock"}:
        return
    elif kind == "Cite":
        _gather(content[1], pieces)  # type: ignore[index] # holds a list
    elif kind in _BLOCKS:
        _gather(content, pieces)
        pieces.append(" ")
    else:
        _gather(content, pieces)


def walk(node: Any) -> Iterator[Node]:  # noqa: ANN401 - any part of the tree
    """Every node but words, spaces and signs in document order, a parent before its children.

    Words are nine tenths of a tree and nobody looks for one; a stack instead of recursion, since a generator in a
    generator in a generator costs its depth for every node.
    """
    stack: list[Any] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            # Attributes and addresses begin with a text and hold no nodes; a table has them in every cell.
            if item and not isinstance(item[0], str):
                stack.extend(reversed(item))
        elif isinstance(item, dict):
            kind = item.get("t")
            if kind in _SMALL:
                continue
            if "citationId" in item:
                stack += [item["citationSuffix"], item["citationPrefix"]]
                continue
            if kind is not None:
                yield item
                if kind in _LEAVES:
                    continue
            content = item.get("c")
            if isinstance(content, list):
                stack.extend(reversed(content))


def divs(blocks: Any) -> Iterator[Node]:  # noqa: ANN401 - any part of the tree
    """Every `Div` in document order, also in lists, quotations and one another; paragraphs and tables hold none."""
    stack: list[Any] = [blocks]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, dict):
            kind = item.get("t")
            if kind == "Div":
                yield item
            if kind in _AROUND:
                stack.extend(reversed(item["c"]))


Rewriting = Callable[[Node], "Node | list[Node] | None"]


def rewrite(part: Any, change: Rewriting) -> Any:  # noqa: ANN401 - returns the same sort of part it got
    """A part of the tree in which `change` was asked about what `walk` meets, children before parents.

    `change` answers with None (keep), a node (replace) or a list (splice, an empty one deletes).
    The original is left as it was, since both renderers write from it; what did not change is shared with it.
    """
    if isinstance(part, list):
        if not part or isinstance(part[0], str):
            return part  # attributes and addresses, as in `walk`
        result: list[Any] = []
        same = True
        for item in part:
            if isinstance(item, dict):
                kind = item.get("t")
                if kind in _SMALL or kind is None:
                    result.append(item)
                    continue
                changed = _rewrite_node(item, change)
                if isinstance(changed, list):
                    result.extend(changed)
                    same = False
                else:
                    result.append(changed)
                    same = same and changed is item
            elif isinstance(item, list):
                changed = rewrite(item, change)
                result.append(changed)
                same = same and changed is item
            else:
                result.append(item)
        return part if same else result
    if isinstance(part, dict) and "t" in part:
        return _rewrite_node(part, change)
    return part


def _rewrite_node(node: Node, change: Rewriting) -> Node | list[Node]:
    if node["t"] not in _LEAVES:
        content = node.get("c")
        if isinstance(content, list):
            rewritten = rewrite(content, change)
            if rewritten is not content:
                node = {"t": node["t"], "c": rewritten}
    changed = change(node)
    return node if changed is None else changed
