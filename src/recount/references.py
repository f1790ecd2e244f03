"""The bibliography: keys and entries of a `.bib`, with the line each stands in."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import (
    Block,
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    ParsingFailedBlock,
)

from recount.problems import Problem

_KEY = re.compile(r"^[a-z0-9]+$")
_HEAD = re.compile(r"@\s*\w+\s*\{\s*([^,\s}]*)")

# The parser also logs what it hands back as failed blocks; one report of a problem is enough.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Reference:
    """A work of the bibliography.

    Args:
        key: the BibTeX key.
        kind: article, book, misc and so on.
        fields: every field as written, without its outer braces.
        line: the line of the file its entry begins in, from 1.
    """

    key: str
    kind: str
    fields: Mapping[str, str]
    line: int

    @property
    def year(self) -> str:
        """The year as written, or empty."""
        return self.fields.get("year", "") or self.fields.get("date", "")[:4]

    @property
    def title(self) -> str:
        """The title without the braces that keep capitals."""
        return re.sub(r"[{}]", "", self.fields.get("title", ""))

    @property
    def keywords(self) -> tuple[str, ...]:
        """The keywords, in order."""
        return tuple(word.strip() for word in self.fields.get("keywords", "").split(",") if word.strip())


@dataclass(frozen=True)
class Bibliography:
    """All works of a bibliography by key, and what is wrong with the file."""

    entries: Mapping[str, Reference]
    problems: tuple[Problem, ...] = ()

    def __contains__(self, key: object) -> bool:
        """Whether a work has this KEY."""
        return key in self.entries


def read(path: Path, shown: str) -> Bibliography:
    """The bibliography in PATH, which problems call SHOWN (its path relative to the project)."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        fix = "create it, or correct `bibliography:` in _quarto.yml"
        return Bibliography({}, (Problem(shown, 0, "bibliography-exists", "the bibliography is not there", fix=fix),))
    except UnicodeDecodeError as error:
        return Bibliography({}, (Problem(shown, 0, "encoded-as-utf-8", str(error), fix="save it as UTF-8"),))
    return parse(text, shown)


def parse(text: str, shown: str) -> Bibliography:
    """The bibliography in TEXT; an entry that cannot be read is a problem with its line, the others are kept."""
    library = parse_string(text)
    entries = {
        entry.key: Reference(
            entry.key,
            entry.entry_type.lower(),
            {field.key.lower(): str(field.value) for field in entry.fields},
            _line(entry),
        )
        for entry in library.entries
    }
    problems = [_failed(block, entries, shown) for block in library.failed_blocks]
    for entry in entries.values():
        problems.extend(_wanting(entry, shown))
    return Bibliography(entries, tuple(sorted(problems)))


def _line(block: Block) -> int:
    return (block.start_line or 0) + 1


def _failed(block: ParsingFailedBlock, entries: Mapping[str, Reference], shown: str) -> Problem:
    line = _line(block)
    head = _HEAD.search(block.raw or "")
    key = head.group(1) if head else ""
    if isinstance(block, DuplicateBlockKeyBlock):
        first = entries[block.key].line if block.key in entries else block.previous_block.start_line
        return Problem(
            shown,
            line,
            "key-is-unique",
            f"the key {block.key} stands already in line {first}",
            "key",
            block.key,
            fix="give one of the two works a key of its own",
        )
    if isinstance(block, DuplicateFieldKeyBlock):
        fields = ", ".join(sorted(block.duplicate_keys))
        return Problem(
            shown,
            line,
            "field-given-once",
            f"the entry {key} gives twice: {fields}",
            fields,
            key,
            fix="keep one of them",
        )
    return Problem(
        shown,
        line,
        "entry-reads-as-bibtex",
        f"the entry {key} cannot be read",
        value=key,
        fix="look for a brace or comma that is missing here or in the line before",
    )


def _wanting(entry: Reference, shown: str) -> Iterator[Problem]:
    for name in ("title", "year"):
        if not getattr(entry, name):
            yield Problem(
                shown,
                entry.line,
                f"entry-has-{name}",
                f"the entry {entry.key} has no {name}",
                name,
                entry.key,
                fix="add it as printed; a work without a year gets `year = {n.d.}`",
            )
    if not _KEY.match(entry.key):
        yield Problem(
            shown,
            entry.line,
            "key-is-plain",
            f"the key {entry.key} is not lower-case letters and digits",
            "key",
            entry.key,
            fix="write surname, year, word of the title: smith2012central",
        )
