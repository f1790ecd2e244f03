"""The gate as a stage of a build: left out where nothing changed, and accounted for to the chapters."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from recount import certificate, jsontext, swap
from recount.certificate import Certificate
from recount.problems import Exit, Problem, Stop
from recount.progress import Progress
from recount.project import Project

CHECKS = "checks.json"
"""The file of the cache in which chapters read what the gate did."""


def check(project: Project, progress: Progress, tell: Callable[[Problem], None]) -> bool:
    """Let the data through or not; whether there was anything to check.

    Args:
        project: the report.
        progress: where to tell how it went.
        tell: called with each critical problem as soon as it is found: what is wrong with a file's form is known
            seconds before what its rows mean.

    Raises:
        Stop: the data did not pass; those problems that were told already are marked as shown.
    """
    with progress.step("gate") as said:
        known = passed = certificate.current(project.root, project.cache)
        said.append("nothing changed")
        if passed is None:
            # Loaded here: a build whose data have not changed needs no tables, only what was found of them.
            from recount import gate

            shown: list[Problem] = []

            def show(problem: Problem) -> None:
                if problem.severity == "critical":
                    shown.append(problem)
                    tell(problem)

            result = gate.run(project.root, project.cache, tell=show)
            if result.certificate is None:
                raise Stop(result.problems, Exit.DATA, shown)
            passed = result.certificate
            said[:] = [f"{len(passed.warnings)} warnings"]
            _forget_other_data(project, passed)
        _leave(project, passed)
    for warning in passed.warnings:
        progress.line(str(warning))
    return known is None


def _forget_other_data(project: Project, passed: Certificate) -> None:
    """Forget what was looked up in the source text, unless it was looked up for these very data by these very rules."""
    path = project.cache / "provenance.json"
    try:
        same = json.loads(path.read_text(encoding="utf-8"))["inputs"] == passed.inputs
    except (OSError, ValueError, KeyError, TypeError):
        same = False
    if not same:
        path.unlink(missing_ok=True)


def _leave(project: Project, passed: Certificate) -> None:
    """Write what the gate did where chapters read it, only if it differs, lest they run again for nothing."""
    account: dict[str, Any] = {
        "tables": {name: {"rows": found["rows"]} for name, found in passed.tables.items()},
        "checks": list(passed.checks),
        "warnings": [certificate.as_json(problem) for problem in passed.warnings],
    }
    path = project.cache / CHECKS
    text = jsontext.written(account)
    if not path.is_file() or path.read_bytes() != text.encode():
        swap.write_whole(path, text)
