"""The suites in `validation/*.yml`: what people wrote about each table, as values the gate can run.

A suite is a YAML file `validation/<table>.yml` with `table`, `about` and `expectations`. An expectation has

- `rule`: kebab-case name of what should hold;
- `column` or `columns`: what it is about (none for a rule about the whole table);
- `type`: the Great Expectations type, or `derive`: a check of `recount.derived`;
- `kwargs`: its settings;
- `severity`: critical or warning, critical if left out;
- `why` and `fix`: why the rule is there, and what to do about a row that breaks it.

A rule that several tables share stands once in `validation/shared.yml`; suites name it with their columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recount import derived, marked
from recount.chronology import CHECKS
from recount.marked import Marked
from recount.problems import Problem, Severity
from recount.tables import Schema

FOLDER = "validation"
SHARED = "shared"
NO_SUITES = frozenset({SHARED, "provenance"})

_KEBAB = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
_PARTS = {"rule", "column", "columns", "type", "derive", "kwargs", "severity", "why", "fix", "message"}


@dataclass(frozen=True, eq=False)
class Expectation:
    """One rule about one column of one table, or about the table if `column` is empty.

    Args:
        rule: kebab-case name of what should hold.
        table: the table it is about.
        column: the column a failure is reported at.
        type: Great Expectations type, empty for a derived check.
        derive: name of a derived check, empty for a Great Expectations type.
        kwargs: settings of either.
        severity: critical or warning.
        why: why the rule is there.
        fix: what to do about a row that breaks it.
        message: what is wrong, with `{value}` for the cell; empty for the usual words.
        line: line of the suite it stands in.
    """

    rule: str
    table: str
    column: str
    type: str
    derive: str
    why: str
    fix: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = "critical"
    message: str = ""
    line: int = 0

    @property
    def about(self) -> set[str]:
        """Every column of the table the rule looks at."""
        found = {self.column} if self.column else set()
        for key in ("column", "than", "link", "start", "end", "other"):
            value = self.kwargs.get(key)
            if isinstance(value, str) and "." not in value:
                found.add(value)
        for key in ("by", "column_list"):
            found.update(self.kwargs.get(key, ()))
        found.update(_named(self.kwargs.get("where", {})))
        return found

    @property
    def uses(self) -> set[str]:
        """The other files it looks at: names of tables, YAML lists or `references`."""
        known = self.kwargs.get("known", ())
        pointed = [*known, *(self.kwargs.get(key, "") for key in ("than", "other"))]
        return {where.partition(".")[0] for where in pointed if "." in str(where)}


def _named(where: Mapping[str, Any]) -> set[str]:
    """The columns a condition names."""
    nested = (_named(condition) for condition in where.get("any_of", ()))
    return (set(where) - {"any_of"}).union(*nested)


@dataclass(frozen=True)
class Suite:
    """All that is expected of one table."""

    table: str
    path: str
    about: str
    expectations: tuple[Expectation, ...]

    @property
    def uses(self) -> set[str]:
        """The other files its rules look at."""
        return set[str]().union(*(expectation.uses for expectation in self.expectations)) - {self.table}


def read(root: Path, schemas: Mapping[str, Schema]) -> tuple[dict[str, Suite], list[Problem]]:
    """Every suite below ROOT by table, and what is wrong with them; every table of SCHEMAS needs one."""
    folder = root / FOLDER
    problems: list[Problem] = []
    shared_file = folder / f"{SHARED}.yml"
    shared: dict[str, Any] = {}
    if shared_file.is_file():
        document = marked.read(shared_file, f"{FOLDER}/{SHARED}.yml")
        problems.extend(document.problems)
        shared = {entry["rule"]: entry for entry in _entries(document) if "rule" in entry}
    suites: dict[str, Suite] = {}
    for path in sorted(folder.glob("*.yml")):
        if path.stem in NO_SUITES:
            continue
        document = marked.read(path, f"{FOLDER}/{path.name}")
        problems.extend(document.problems)
        suite, wrong = _suite(document, shared, schemas)
        problems.extend(wrong)
        if suite is not None:
            suites[suite.table] = suite
    problems.extend(
        Problem(
            f"{FOLDER}/{name}.yml",
            0,
            "table-has-suite",
            f"the table {name} has no suite",
            fix="write one: every column of every table is checked",
        )
        for name in schemas
        if name not in suites and not any(problem.file == f"{FOLDER}/{name}.yml" for problem in problems)
    )
    return suites, problems


def _entries(document: Marked) -> list[dict[str, Any]]:
    value = document.value
    entries = value.get("expectations", []) if isinstance(value, dict) else []
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _suite(
    document: Marked, shared: Mapping[str, Any], schemas: Mapping[str, Schema]
) -> tuple[Suite | None, list[Problem]]:
    if not isinstance(document.value, dict):
        return None, []
    name = document.value.get("table", "")
    if name not in schemas:
        hint = derived.nearest(str(name), frozenset(schemas)) or "name a table of the data package"
        return None, [
            Problem(
                document.path,
                document.line(["table"]),
                "suite-names-table",
                f"there is no table {name!r}",
                "table",
                str(name),
                hint,
            )
        ]
    found: list[Expectation] = []
    problems: list[Problem] = []
    for index, entry in enumerate(_entries(document)):
        line = document.line(["expectations", index])
        whole = {**shared.get(entry.get("rule", ""), {}), **entry}
        wrong = list(_faults(whole, schemas[name], document.path, line))
        problems.extend(wrong)
        if not wrong:
            found.extend(_expand(whole, name, line))
    seen: set[tuple[str, str]] = set()
    for expectation in found:
        if (expectation.rule, expectation.column) in seen:
            problems.append(
                Problem(
                    document.path,
                    expectation.line,
                    "rule-given-once",
                    f"the rule {expectation.rule} is given twice",
                    expectation.column,
                    fix="keep one, or give the other a name of its own",
                )
            )
        seen.add((expectation.rule, expectation.column))
    return Suite(name, document.path, str(document.value.get("about", "")), tuple(found)), problems


def _faults(entry: Mapping[str, Any], schema: Schema, path: str, line: int) -> Iterator[Problem]:  # noqa: C901 - a list
    """What is wrong with an expectation as written."""

    def problem(rule: str, message: str, fix: str) -> Problem:
        return Problem(path, line, rule, message, fix=fix)

    rule = entry.get("rule", "")
    if not _KEBAB.match(str(rule)):
        yield problem("rule-has-name", f"{rule!r} is no kebab-case name", "name what should hold: amount-not-negative")
    for part in sorted(set(entry) - _PARTS):
        yield problem(
            "expectation-known",
            f"{part!r} is no part of an expectation",
            derived.nearest(part, frozenset(_PARTS)) or f"its parts are: {', '.join(sorted(_PARTS))}",
        )
    if ("type" in entry) == ("derive" in entry):
        yield problem(
            "expectation-has-type", f"{rule}: give either `type` or `derive`", "or name a rule of validation/shared.yml"
        )
    if "derive" in entry and entry["derive"] not in CHECKS:
        yield problem(
            "expectation-has-type",
            f"{rule}: there is no check {entry['derive']!r}",
            derived.nearest(str(entry["derive"]), frozenset(CHECKS)) or "see src/recount/derived.py",
        )
    for column in _columns(entry):
        if column and column not in schema.header:
            yield problem(
                "expectation-names-column",
                f"{rule}: {schema.name} has no column {column!r}",
                derived.nearest(column, frozenset(schema.header)),
            )
    if entry.get("severity", "critical") not in {"critical", "warning"}:
        yield problem("severity-known", f"{rule}: severity is critical or warning", "write one of the two")
    for part in ("why", "fix"):
        if not entry.get(part):
            yield problem(
                f"expectation-has-{part}",
                f"{rule}: `{part}` is absent",
                "say in one sentence why the rule is there, and what to do when it is broken",
            )


def _columns(entry: Mapping[str, Any]) -> list[str]:
    return list(entry["columns"]) if "columns" in entry else [entry.get("column", "")]


def _expand(entry: Mapping[str, Any], table: str, line: int) -> Iterator[Expectation]:
    for column in _columns(entry):
        yield Expectation(
            rule=entry["rule"],
            table=table,
            column=column,
            type=entry.get("type", ""),
            derive=entry.get("derive", ""),
            kwargs=entry.get("kwargs", {}),
            severity=entry.get("severity", "critical"),
            why=entry["why"],
            fix=entry["fix"],
            message=entry.get("message", ""),
            line=line,
        )
