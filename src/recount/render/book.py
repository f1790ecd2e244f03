"""A book: its chapters in order, what is printed on its title page, and what its values rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Protocol

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Chapter:
    """One file of the book.

    Args:
        source: path relative to the project, with slashes: `chapters/02-alpha.qmd`.
        part: title of the part it stands in, or empty.
        appendix: whether it counts A, B, C instead of 1, 2, 3.
    """

    source: str
    part: str = ""
    appendix: bool = False

    @property
    def page(self) -> str:
        """The page's path in the site, where Quarto would put it."""
        return str(PurePosixPath(self.source).with_suffix(".html"))


@dataclass(frozen=True)
class Book:
    """What `_quarto.yml` says about the book.

    Args:
        root: the project's folder.
        title: the title.
        chapters: in reading order, appendices last.
        subtitle: below the title, or empty.
        statement: what this document is, in a sentence or two of markdown, for the title page.
        authors: names as printed.
        date: as printed.
        language: BCP 47, `en-GB`.
        abstract: markdown, or empty.
        bibliography: the `.bib` file.
        csl: a citation style, or None for Chicago author-date.
        stem: name of the PDF without its ending.
        meta: what else `{{< meta >}}` may name and the title page shows: `certificate`, `version`, `repository`.
        number_depth: the deepest heading level that carries a number.
    """

    root: Path
    title: str
    chapters: tuple[Chapter, ...]
    subtitle: str = ""
    statement: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""
    language: str = "en-GB"
    abstract: str = ""
    bibliography: Path | None = None
    csl: Path | None = None
    stem: str = "book"
    meta: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    number_depth: int = 3

    def __post_init__(self) -> None:
        """Refuse a book that cannot be laid out: no chapters, or one twice."""
        sources = [chapter.source for chapter in self.chapters]
        if not sources:
            raise ValueError("a book needs a chapter")
        if len(set(sources)) < len(sources):
            raise ValueError("a chapter stands in the book twice")

    @property
    def facts(self) -> dict[str, str]:
        """Everything that `{{< meta >}}` may name."""
        own = {
            "title": self.title,
            "subtitle": self.subtitle,
            "author": ", ".join(self.authors),
            "date": self.date,
            "lang": self.language,
        }
        return own | dict(self.meta)


class Executed(Protocol):
    """An executed chapter as docs/architecture.md describes it."""

    @property
    def source(self) -> str:
        """The chapter's path in the project."""

    @property
    def folder(self) -> Path:
        """Where its figures lie."""

    @property
    def markdown(self) -> str:
        """The chapter with its code run."""

    @property
    def figures(self) -> tuple[str, ...]:
        """The labels of its figures."""


@dataclass(frozen=True)
class Origin:
    """Where a computed value comes from.

    Args:
        text: the value as printed.
        what: what it is, in words.
        formula: how it was computed, in words.
        rows: evidence rows, each `table:id`.
        sources: keys of the works behind it.
    """

    text: str
    what: str
    formula: str = ""
    rows: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @classmethod
    def told(cls, origin: Mapping[str, Any]) -> Origin:
        """As an executed chapter tells it."""
        rows, sources = tuple(origin["rows"]), tuple(origin["sources"])
        return cls(str(origin["text"]), str(origin["what"]), str(origin["formula"]), rows, sources)


Row = Mapping[str, str]


@dataclass(frozen=True)
class Extras:
    """What the reader may ask the book beyond its text.

    Args:
        provenance: value id to its origin.
        evidence: table name to its rows, every cell as text, an `id` in each row.
        tables: table name to the bytes of its CSV, offered for download.
        descriptions: figure label to a long description in plain words; without one the specification's own
            `description` serves.
        origins: table or figure label to the evidence rows behind it, each `table:id`; figures bring their own.
    """

    provenance: Mapping[str, Origin] = field(default_factory=dict)
    evidence: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    tables: Mapping[str, bytes] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, Sequence[str]] = field(default_factory=dict)
