"""What a renderer is given beside the chapters: what the book says of itself, and all that a reader may ask of it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from recount import stale
from recount.execution import ExecutedChapter
from recount.project import Project

if TYPE_CHECKING:
    from recount.render.book import Book, Extras, Origin

CLAIM = ("id", "section", "kind", "about", "says", "verdict", "why_not")
"""What the evidence page shows of a claim."""
WORK = ("author", "editor", "year", "title")
"""And of a work."""


def book_of(project: Project) -> Book:
    """The book as the renderer wants it."""
    from recount.render.book import Book, Chapter

    settings, own = project.settings, project.book
    authors = own.get("author", [])
    certificate = project.cache / "certificate.json"
    csl = settings.get("csl")
    meta = settings.get("report", {}) or {}
    return Book(
        root=project.root,
        title=str(own.get("title", "")),
        subtitle=str(own.get("subtitle", "")),
        statement=str(meta.get("statement", "")),
        authors=tuple(
            str(one.get("name", "")) if isinstance(one, dict) else str(one)
            for one in (authors if isinstance(authors, list) else [authors])
        ),
        date=str(own.get("date", "")),
        language=str(settings.get("lang", "en-GB")),
        abstract=_abstract(project),
        chapters=tuple(Chapter(file.path, file.part, file.appendix) for file in project.chapters),
        bibliography=project.bibliography,
        csl=project.root / str(csl) if csl else None,
        stem=project.stem,
        meta={
            "certificate": stale.file_digest(certificate)[:16],
            "version": project.version,
            "repository": str(own.get("repo-url", "")),
        },
    )


def _abstract(project: Project) -> str:
    """The abstract that the analysis wrote, or the one in the settings."""
    path = project.cache / "results" / "abstract.json"
    if path.is_file():
        return str(json.loads(path.read_text(encoding="utf-8"))["text"])
    return str(project.book.get("abstract", ""))


def tables(project: Project) -> dict[str, list[dict[str, str]]]:
    """The rows of every table, every cell as text; and what values rest on too: claims with verdicts, works cited."""
    found = {}
    for path in sorted((project.root / "data").glob("*.csv")):
        found[path.stem] = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    claims = project.cache / "results" / "claims.json"
    if claims.is_file():
        told = json.loads(claims.read_text(encoding="utf-8"))
        found["claims"] = [{name: _cell(told[claim].get(name)) for name in CLAIM} for claim in sorted(told)]
    if project.bibliography.is_file():
        # Loaded here: a build that finds nothing to do need not know how to read a bibliography.
        from recount import references

        works = references.read(project.bibliography, project.bibliography.name).entries
        found["references"] = [
            {"id": key, "kind": work.kind} | {name: re.sub(r"[{}]", "", work.fields.get(name, "")) for name in WORK}
            for key, work in sorted(works.items())
        ]
    return found


def _cell(value: object) -> str:
    return ";".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _as_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def extras_of(project: Project, executed: Sequence[ExecutedChapter]) -> Extras:
    """What the reader may ask beyond the text."""
    from recount.render.book import Extras

    evidence = tables(project)
    # A table goes out as it was certified; only what is no file of its own is written anew.
    files = {path.stem: path.read_bytes() for path in sorted((project.root / "data").glob("*.csv"))}
    return Extras(
        provenance=origins_of(executed),
        evidence=evidence,
        tables={name: files.get(name) or _as_csv(rows) for name, rows in evidence.items()},
        descriptions=_descriptions(executed),
        origins={label: rows for chapter in executed for label, rows in sorted(chapter.tables.items()) if rows},
    )


def origins_of(executed: Sequence[ExecutedChapter]) -> dict[str, Origin]:
    """Where each computed value comes from by its name, as pages tell it."""
    from recount.render.book import Origin

    return {name: Origin.told(origin) for name, origin in values_of(executed).items()}


def values_of(executed: Sequence[ExecutedChapter]) -> dict[str, Mapping[str, Any]]:
    """The origin of each computed value by its name."""
    return {name: origin for chapter in executed for name, origin in sorted(chapter.values.items())}


def _descriptions(executed: Sequence[ExecutedChapter]) -> dict[str, str]:
    found = {}
    for chapter in executed:
        for label in chapter.figures:
            path = chapter.folder / f"{chapter.stem}_files" / "figure-html" / f"{label}.vl.json"
            found[label] = json.loads(path.read_text(encoding="utf-8"))["description"]
    return found
