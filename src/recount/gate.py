"""The gate: data come in, problems or a certificate go out.

What is cheap is checked first and told at once: the form of the files, the bibliography, the YAML files. Great
Expectations is imported after that, and only if a table, its suite or something the suite points to changed since it
was last judged.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from recount import certificate, documents, garbage, judge, marked, references, suites, swap, tables
from recount.certificate import Certificate
from recount.dossier import REFERENCES, Dossier
from recount.judge import Judgement
from recount.problems import Problem
from recount.suites import Suite
from recount.tables import Schema, Table

JUDGED = "judged"
"""The folder of the cache that keeps what was found of each table."""


@dataclass(frozen=True)
class GateResult:
    """What came of the gate.

    Args:
        problems: what stops the build; empty if the data are certified.
        warnings: what is reported and does not stop it.
        certificate: the certificate, None if there are problems.
        skipped: whether nothing changed, so that nothing was checked.
    """

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    certificate: Certificate | None
    skipped: bool = False


def run(
    root: Path,
    cache: Path,
    tell: Callable[[Problem], None] | None = None,
    *,
    again: bool = False,
) -> GateResult:
    """Check the data of the project in ROOT and write the certificate into CACHE if nothing critical is wrong.

    Args:
        root: the project's folder.
        cache: where the certificate and what it rests on is kept.
        tell: called with each problem as soon as it is found, before the slow checks have begun.
        again: check everything, whatever the cache says.
    """
    # Among the cells of a big table the search for garbage takes long and finds none.
    with garbage.unsought():
        return _run(root, cache, tell, again=again)


def _run(root: Path, cache: Path, tell: Callable[[Problem], None] | None, *, again: bool) -> GateResult:
    known = None if again else certificate.current(root, cache)
    if known:
        return GateResult((), known.warnings, known, skipped=True)
    inputs, versions = certificate.inputs(root), certificate.versions()
    found = _Found(tell)
    schemas = tables.schemas(root)
    dossier = read(root, schemas, found)
    expected, wrong = suites.read(root, schemas)
    found.add(wrong)
    # What can be told at once is told first: the documents before seconds of importing, the tables where that is done.
    imported = "great_expectations" in sys.modules
    if not imported:
        found.add(documents.check(dict(dossier.documents), root, dossier))

    checks: list[Mapping[str, Any]] = []
    cases = [(table, expected[name]) for name, table in dossier.tables.items() if name in expected]
    for judged in _judged(cases, dossier, inputs, versions, cache, again=again):
        found.add(Problem(**entry) for entry in judged["problems"])
        checks.extend(judged["checks"])
    if imported:
        found.add(documents.check(dict(dossier.documents), root, dossier))

    problems, warnings = found.sorted()
    if problems:
        return GateResult(problems, warnings, None)
    passed = {
        name: {"path": table.schema.path, "sha256": table.sha256, "rows": len(table.frame)}
        for name, table in dossier.tables.items()
    }
    issued = Certificate(passed, inputs, versions, tuple(checks), warnings)
    # The rows first: a certificate without them would never be completed.
    hashes = {name: row_hashes(table) for name, table in sorted(dossier.tables.items())}
    # In one line: there may be a million.
    swap.write_whole(cache / certificate.ROWS, json.dumps(hashes) + "\n")
    certificate.save(issued, cache)
    return GateResult((), warnings, issued)


class _Found:
    """Problems as they are found, each once; the same place may be caught by a quick check and again by a suite."""

    def __init__(self, tell: Callable[[Problem], None] | None) -> None:
        self._tell = tell
        self._seen: dict[tuple[str, int, str, str], Problem] = {}

    def add(self, problems: Any) -> None:  # noqa: ANN401 - any iterable of problems
        for problem in problems:
            place = (problem.file, problem.line, problem.rule, problem.column)
            if place not in self._seen:
                self._seen[place] = problem
                if self._tell:
                    self._tell(problem)

    def sorted(self) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
        """The critical ones and the warnings."""
        everything = sorted(self._seen.values())
        return (
            tuple(problem for problem in everything if problem.severity == "critical"),
            tuple(problem for problem in everything if problem.severity == "warning"),
        )


def read(root: Path, schemas: Mapping[str, Schema], found: _Found | None = None) -> Dossier:
    """The data of the project in ROOT; what is wrong with the files themselves is added to FOUND."""
    found = found or _Found(None)
    read_tables: dict[str, Table] = {}
    for name, schema in schemas.items():
        table, problems = tables.read(schema, root)
        found.add(problems)
        if table is not None:
            read_tables[name] = table
    path = certificate.bibliography(root)
    bibliography = references.read(root / path, path)
    found.add(bibliography.problems)
    yaml_files = {file.stem: marked.read(file, f"data/{file.name}") for file in sorted((root / "data").glob("*.yml"))}
    return Dossier(read_tables, bibliography, yaml_files)


def _judged(  # noqa: PLR0913 - all that a verdict on tables depends on
    cases: Sequence[tuple[Table, Suite]],
    dossier: Dossier,
    inputs: Mapping[str, str],
    versions: Mapping[str, str],
    cache: Path,
    *,
    again: bool,
) -> list[dict[str, Any]]:
    """The problems and checks of each table, from the cache if nothing they depend on changed."""
    keys = [_key(table, suite, dossier, inputs, versions) for table, suite in cases]
    files = [cache / JUDGED / f"{table.schema.name}.json" for table, _ in cases]
    kept = [None if again else _kept(file, key) for file, key in zip(files, keys, strict=True)]
    due = [number for number, found in enumerate(kept) if found is None]
    if due:
        for number, judgements in zip(due, judge.judge([cases[number] for number in due], dossier), strict=True):
            kept[number] = judged = {"key": keys[number], **_told(cases[number][0], judgements)}
            swap.write_whole(files[number], json.dumps(judged, sort_keys=True, ensure_ascii=False) + "\n")
    return [found for found in kept if found is not None]


def _kept(file: Path, key: str) -> dict[str, Any] | None:
    """What was found of a table when last it was judged, if all it depends on is as it was then."""
    try:
        known: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return known if known["key"] == key and {"problems", "checks"} <= known.keys() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # damaged or absent: judged anew


def _told(table: Table, judgements: Sequence[Judgement]) -> dict[str, Any]:
    """The problems of a table and the checks it went through, as JSON."""
    return {
        "problems": [certificate.as_json(one) for found in judgements for one in judge.problems(table, found)],
        "checks": [
            {
                "table": table.schema.name,
                "rule": found.expectation.rule,
                "column": found.expectation.column,
                "check": found.expectation.type or found.expectation.derive,
                "severity": found.expectation.severity,
                "failed": len(found.rows) + found.whole,
            }
            for found in judgements
        ],
    }


def _key(table: Table, suite: Suite, dossier: Dossier, inputs: Mapping[str, str], versions: Mapping[str, str]) -> str:
    """A hash of all that the verdict on a table depends on, the tables its suite points to included."""
    used = {"data/datapackage.json", table.schema.path, suite.path, f"{suites.FOLDER}/{suites.SHARED}.yml"}
    for name in suite.uses:
        if name == REFERENCES:
            used.update(path for path in inputs if path.endswith(".bib"))
        elif name in dossier.tables:
            used.add(dossier.tables[name].schema.path)
        else:
            used.update({f"data/{name}.yml", f"data/{name}.csv"})
    content = {"versions": versions, "inputs": {path: inputs.get(path, "") for path in used}}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def row_hashes(table: Table) -> dict[str, int]:
    """A hash of each row by id, so that it can later be said which rows changed."""
    total = np.zeros(len(table.frame), dtype=np.uint64)
    for column in table.schema.header:
        codes, distinct = table.coded(column)
        cells = pd.util.hash_array(np.append(distinct, ""), categorize=False)
        # Each column shifts what stands before it, so that exchanged cells give another hash.
        total = total * np.uint64(1_000_003) + cells[codes]
    return dict(zip(table.frame[table.schema.key].tolist(), total.tolist(), strict=True))


def build_data_docs(root: Path, out: Path) -> Path:
    """Great Expectations' own pages about the last state of the data, written to OUT; returns their first page.

    They carry the time of the run and random names, so they stand outside the certificate and the report.
    """
    from recount import data_docs

    schemas = tables.schemas(root)
    expected, _ = suites.read(root, schemas)
    return data_docs.build(read(root, schemas), expected, out)
