"""The full-text index: a script, because a page opened from the file system may not fetch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from recount.render.nodes import Node, attributes, words
from recount.render.reading import ReadChapter


@dataclass(frozen=True)
class Entry:
    """A section as search finds it: where it is, what it is called, what it says."""

    address: str
    chapter: str
    title: str
    text: str


def index(chapter: ReadChapter, blocks: Sequence[Node]) -> list[Entry]:
    """The sections of a chapter.

    Args:
        chapter: the chapter.
        blocks: its blocks as written for the screen, before pandoc: headings at the top level divide it.
    """
    name = words(chapter.title)
    entries: list[Entry] = []
    address, title = chapter.chapter.page, name
    said: list[str] = []
    for block in blocks:
        if block["t"] == "Header":
            entries.append(Entry(address, name, title, " ".join(said)))
            identifier = attributes(block)[0]
            address, title, said = f"{chapter.chapter.page}#{identifier}", words(block["c"][2]), []
        elif block["t"] != "CodeBlock":
            said.append(words(block))
    entries.append(Entry(address, name, title, " ".join(said)))
    return [entry for entry in entries if entry.text.strip() or entry.address == chapter.chapter.page]


def script(entries: Sequence[Entry]) -> str:
    """The index as JavaScript."""
    rows = [[entry.address, entry.chapter, entry.title, " ".join(entry.text.split())] for entry in entries]
    return f"recount.search({json.dumps(rows, ensure_ascii=False, separators=(',', ':'))});\n"
