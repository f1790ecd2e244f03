"""Provenance: what the tables say, looked up in the text they were coded from.

The text is no part of the project. Given it, every number must be printed in a section its row names, every date's
year too, every place and actor be named in each section its row names, every citation stand as printed, and every work
a row cites be cited there. What is looked up where is said in `validation/provenance.yml`, where a section begins in
`data/sections.yml`. Without the text nothing is checked, and the result says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from recount import certificate, gate, jsontext, marked, swap, tables
from recount.derived import cell, pieces
from recount.dossier import Dossier
from recount.marked import Marked
from recount.printed import Printed, numbers, plain, prints
from recount.problems import Exit, Problem, Severity, Stop
from recount.tables import Table

RULES = "validation/provenance.yml"
TEXT = "source/thesis.txt"
NAME = "provenance.json"
_SMALL = frozenset(["of", "the", "and", "in", "on", "for", "to", "a", "an", "with", "by", "at", "from", "its", "or"])


@dataclass(frozen=True)
class ProvenanceResult:
    """What came of looking the tables up in the text.

    Args:
        problems: what the text does not bear out and should.
        warnings: what it does not bear out in so many words.
        checked: how many cells were looked up, by rule.
        skipped: whether there was no text.
        inputs: hash of each file that data, sections and rules were read from, by path.
    """

    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    checked: Mapping[str, int] = field(default_factory=dict)
    skipped: bool = False
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """One sentence for the terminal and the report's appendix."""
        if self.skipped:
            return "The tables were not compared with the source text, because it was not at hand."
        total = sum(self.checked.values())
        return (
            f"{total} cells were looked up in the source text: {len(self.problems)} are not borne out by it, "
            f"{len(self.warnings)} not in so many words."
        )

    @property
    def as_json(self) -> dict[str, Any]:
        """The result for the report, without a word of the text."""
        return {
            "skipped": self.skipped,
            "summary": self.summary,
            "checked": dict(sorted(self.checked.items())),
            "problems": [certificate.as_json(problem) for problem in self.problems],
            "warnings": [certificate.as_json(problem) for problem in self.warnings],
            "inputs": dict(sorted(self.inputs.items())),
        }


@dataclass(frozen=True)
class Section:
    """A section of the text, in plain characters."""

    id: str
    text: str

    @cached_property
    def numbers(self) -> list[Printed]:
        """Every number printed in it."""
        return list(numbers(self.text))

    @cached_property
    def folded(self) -> str:
        """Its text for comparing words: small letters, hyphens as blanks."""
        return fold(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words, folded."""
        return frozenset(re.findall(r"\w+", self.folded))

    def names(self, name: str) -> bool:
        """Whether NAME is printed in it, as a whole word or words, in any case."""
        return re.search(rf"(?<!\w){re.escape(fold(name).strip())}(?!\w)", self.folded) is not None

    def tells(self, name: str) -> bool:
        """Whether every word of NAME that carries meaning stands somewhere in it, in any form: Russia in Russian."""
        wanted = [word for word in re.findall(r"\w+", fold(name)) if word not in _SMALL]
        return bool(wanted) and all(any(word.startswith(_stem(want)) for word in self.words) for want in wanted)


def fold(text: str) -> str:
    """TEXT for comparing words: plain, small letters, hyphens and apostrophes as blanks, one blank at a time."""
    return re.sub(r"\s+", " ", re.sub(r"[-'.]", " ", plain(text).casefold()))


def _stem(word: str) -> str:
    """What a word shares with its plural and its adjective, that of a country's name included."""
    for ending in ("istan", "stan"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word.removesuffix(ending)
    if len(word) <= 4:
        return word.removesuffix("s")
    return word[: max(4, len(word) - 2)]


def split(text: str, sections: Marked) -> tuple[dict[str, Section], list[Problem]]:
    """TEXT by section; a heading that is not found, or not after the one before it, is a problem."""
    lines = text.split("\n")
    starts: list[tuple[str, int]] = []
    problems: list[Problem] = []
    after = 0
    for index, entry in enumerate(sections.value):
        pattern = re.compile(entry["heading"])
        found = next(
            (number for number in range(after, len(lines)) if pattern.search(plain(lines[number]).strip())), None
        )
        if found is None:
            problems.append(
                Problem(
                    sections.path,
                    sections.line((index, "heading")),
                    "heading-is-found",
                    f"no line after the section before {entry['id']} matches its heading",
                    "heading",
                    entry["heading"],
                    "correct the pattern or the order of the sections",
                )
            )
            continue
        starts.append((entry["id"], found))
        after = found + 1
    ends = [start for _, start in starts[1:]] + [len(lines)]
    return {
        name: Section(name, plain("\n".join(lines[start:end]))) for (name, start), end in zip(starts, ends, strict=True)
    }, problems


def run(root: Path, text: Path | None = None) -> ProvenanceResult:
    """Look the tables of the project in ROOT up in the file TEXT, or in `source/thesis.txt` where there is one."""
    path = text or root / TEXT
    if not path.is_file():
        if text is not None:
            raise Stop(
                [
                    Problem(
                        str(text),
                        0,
                        "source-text-exists",
                        "there is no such text",
                        fix="name the file that holds the text, or leave it out",
                    )
                ],
                Exit.DATA,
            )
        return ProvenanceResult(skipped=True)
    dossier = gate.read(root, tables.schemas(root))
    rules = marked.read(root / RULES, RULES)
    sections = dossier.documents.get("sections")
    unread = [*rules.problems, *(sections.problems if sections else ())]
    if unread or sections is None:
        missing = Problem("data/sections.yml", 0, "file-exists", "the sections are not there", fix="restore the file")
        raise Stop(unread or [missing], Exit.DATA)
    found = check(dossier, rules.value, sections, path.read_text(encoding="utf-8"))
    return replace(found, inputs=certificate.inputs(root))


def save(result: ProvenanceResult, cache: Path) -> None:
    """Keep the result in CACHE for the report's appendix."""
    text = jsontext.written(result.as_json)
    swap.write_whole(cache / NAME, text)


def check(dossier: Dossier, rules: Mapping[str, Any], sections: Marked, text: str) -> ProvenanceResult:
    """What TEXT makes of the tables of DOSSIER, looked up as RULES say."""
    by_id, problems = split(text, sections)
    looker = _Looker(dossier, by_id, rules.get("also_named", {}))
    kinds: dict[str, Callable[[_Looker, Table, Mapping[str, Any]], Iterator[Problem | None]]] = {
        "numbers": _numbers,
        "dates": _dates,
        "names": _names,
        "quotations": _quotations,
        "sources": _sources,
    }
    checked: dict[str, int] = {}
    for kind, lookup in kinds.items():
        for settings in rules.get(kind, ()):
            table = dossier.tables.get(settings["table"])
            if table is None:
                continue
            found = list(lookup(looker, table, settings))
            checked[kind] = checked.get(kind, 0) + len(found)
            problems.extend(problem for problem in found if problem is not None)
    problems = sorted(problems)
    return ProvenanceResult(
        tuple(problem for problem in problems if problem.severity == "critical"),
        tuple(problem for problem in problems if problem.severity == "warning"),
        checked,
    )


@dataclass(frozen=True)
class _Looker:
    """What is needed to look a row up."""

    dossier: Dossier
    sections: Mapping[str, Section]
    also_named: Mapping[str, Sequence[str]]

    def of(self, table: Table, row: int, column: str = "section") -> list[Section]:
        """The sections a row names."""
        listed = cell(table, column, row)
        return [self.sections[name] for name in pieces(table, column, listed) if name in self.sections]


def _problem(  # noqa: PLR0913, PLR0917 - the parts of a problem
    table: Table, row: int, rule: str, message: str, column: str, fix: str, severity: Severity = "critical"
) -> Problem:
    value = cell(table, column, row)
    return Problem(table.schema.path, int(table.lines[row]), rule, message, column, value, fix, severity)


def _rows(table: Table, settings: Mapping[str, Any], column: str) -> Iterator[int]:
    """Rows whose COLUMN is given and that fit `where`."""
    where: Mapping[str, str] = settings.get("where", {})
    for row in table.frame[column].notna().to_numpy().nonzero()[0].tolist():
        if all(cell(table, name, row) == wanted for name, wanted in where.items()):
            yield row


def _in(sections: Sequence[Section]) -> str:
    return " or ".join(section.id for section in sections) or "no section"


def _numbers(looker: _Looker, table: Table, settings: Mapping[str, Any]) -> Iterator[Problem | None]:
    for column, unit in settings["columns"].items():
        for row in _rows(table, settings, column):
            value = float(table.number(column)[row])
            told = cell(table, unit, row) if unit in table.schema.header else unit
            sections = looker.of(table, row)
            if any(prints(section.numbers, value, told) for section in sections):
                yield None
                continue
            elsewhere = [section.id for section in looker.sections.values() if prints(section.numbers, value, told)]
            rarely = 0 < len(elsewhere) <= 3
            fix = f"it is printed in {', '.join(elsewhere)}" if rarely else "correct the value, the unit or the section"
            yield _problem(
                table,
                row,
                "number-is-printed-in-section",
                f"{value:,.10g} {told} is not printed in {_in(sections)}",
                column,
                fix,
            )


def _dates(looker: _Looker, table: Table, settings: Mapping[str, Any]) -> Iterator[Problem | None]:
    for column in settings["columns"]:
        for row in _rows(table, settings, column):
            year = cell(table, column, row)[:4]
            sections = looker.of(table, row)
            if any(re.search(rf"(?<!\d){year}(?!\d)", section.text) for section in sections):
                yield None
            else:
                yield _problem(
                    table,
                    row,
                    "year-is-printed-in-section",
                    f"{year} is not printed in {_in(sections)}",
                    column,
                    settings["fix"],
                    settings.get("severity", "critical"),
                )


def _names(looker: _Looker, table: Table, settings: Mapping[str, Any]) -> Iterator[Problem | None]:
    column = settings["columns"][0]
    for row in _rows(table, settings, column):
        key = cell(table, table.schema.key, row)
        cells = [name for other in settings["columns"] for name in pieces(table, other, cell(table, other, row))]
        spellings = [*(name for written in cells for name in _spellings(written)), *looker.also_named.get(key, ())]
        for section in looker.of(table, row):
            if any(section.names(name) for name in spellings) or any(section.tells(name) for name in spellings):
                yield None
            else:
                yield _problem(
                    table,
                    row,
                    "name-is-printed-in-section",
                    f"{key} is not named in {section.id}",
                    column,
                    settings["fix"],
                    settings.get("severity", "critical"),
                )


def _spellings(name: str) -> Iterator[str]:
    """NAME without what it adds in brackets, and what stands in them: "Federal Service (FS)" is called either."""
    for part in re.split(r"[()]", name):
        if spelling := re.sub(r"^(also called|also|or)\s+", "", part.strip()):
            yield spelling


def _quotations(looker: _Looker, table: Table, settings: Mapping[str, Any]) -> Iterator[Problem | None]:
    column = settings["column"]
    for row in _rows(table, settings, column):
        wanted = fold(cell(table, column, row))
        sections = looker.of(table, row)
        words = [word for word in re.findall(r"\w+", wanted) if word not in _SMALL]
        if any(wanted in section.folded or section.words.issuperset(words) for section in sections):
            yield None
        else:
            yield _problem(
                table,
                row,
                "citation-stands-as-printed",
                f"it does not stand so in {_in(sections)}",
                column,
                settings["fix"],
            )


def _sources(looker: _Looker, table: Table, settings: Mapping[str, Any]) -> Iterator[Problem | None]:
    coded = _coded_citations(looker.dossier, settings)
    column = settings["column"]
    for row in _rows(table, settings, column):
        sections = looker.of(table, row)
        for entry in pieces(table, column, cell(table, column, row)):
            key = entry.partition("@")[0]
            reference = looker.dossier.bibliography.entries.get(key)
            if reference is None:
                continue  # the gate reports it
            names = [*authors(reference.fields), *looker.also_named.get(key, ())]
            cited = any(key in coded.get(section.id, ()) for section in sections)
            named = any(section.names(name) for section in sections for name in names)
            if cited or named:
                yield None
            else:
                yield _problem(
                    table,
                    row,
                    "source-is-cited-in-section",
                    f"{key} ({', '.join(names)}) is not cited in {_in(sections)}",
                    column,
                    settings["fix"],
                )


def _coded_citations(dossier: Dossier, settings: Mapping[str, Any]) -> dict[str, set[str]]:
    """For each section the works its citations were coded as; an "Ibid" is resolved nowhere else."""
    table = dossier.tables.get(settings.get("citations", ""))
    coded: dict[str, set[str]] = {}
    if table is not None:
        for section, keys in table.frame[["section", "keys"]].itertuples(index=False):
            if not pd.isna(keys):
                coded.setdefault(section, set()).update(pieces(table, "keys", keys))
    return coded


def authors(fields: Mapping[str, str]) -> list[str]:
    """The surnames, or the corporate name, under which a work is cited."""
    people = fields.get("author") or fields.get("editor") or fields.get("title", "")
    names = []
    for person in re.split(r"\s+and\s+", people):
        if person.startswith("{"):
            names.append(person.strip("{} "))
        else:
            names.append(person.partition(",")[0].strip("{} "))
    short = fields.get("shortauthor", "").strip("{} ")
    return [name for name in (short, *names) if name and name != "others"]
