"""Results: drafted in a kernel, beside the gate, and adopted once it has let the tables they rest on through."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from recount import certificate, execution, jsontext, stale, swap
from recount.kernels import KernelDiedError, Nursery, kernel
from recount.parts import part_of
from recount.problems import Exit, Problem, Stop
from recount.project import Project

DRAFTS = "results.new"
"""The folder of the cache where results lie until they are adopted."""


@dataclass(frozen=True)
class Drafted:
    """Results that were computed and not yet adopted.

    Args:
        tables: the hash of each table they were computed from.
        inputs: what was read meanwhile.
        seconds: how long it took.
    """

    tables: Mapping[str, str]
    inputs: dict[str, list[str]]
    seconds: float


def draft(project: Project, nursery: Nursery) -> Drafted:
    """Compute the results in a kernel, traced like a chapter.

    Raises:
        Stop: an error in them, which is a bug or a hole in the data; or the kernel ended meanwhile.
    """
    began = time.monotonic()
    file = f"src/{project.analysis}/results.py"
    try:
        with kernel(nursery) as one:
            outputs, news = one.run(
                "from IPython.display import JSON; from recount import results\n"
                f"JSON(results.draft({project.analysis!r}, {DRAFTS!r}))"
            )
            inputs = one.inputs()
    except KernelDiedError as error:
        fix = "see whether memory is short; otherwise find what ends Python in the modules that compute results"
        told = "the kernel ended while the results were computed"
        raise Stop([Problem(file, 0, "kernel-alive", told, fix=fix)], Exit.DATA) from error
    errors = [output for output in outputs if output["type"] == "error"]
    if errors:
        raise Stop(
            [
                Problem(
                    file,
                    0,
                    "results-computed",
                    f"{error['ename']}: {error['evalue']}",
                    fix="\n         ".join(_short_traceback(error["traceback"])),
                )
                for error in errors
            ],
            Exit.DATA,
        )
    drafted = outputs[-1]["data"]["application/json"]
    problems = [Problem(**problem) for problem in drafted["problems"]]
    problems += execution.unsteady(file, 0, news, certificate.readable(project.root, project.cache))
    if problems:
        raise Stop(problems, Exit.DATA)
    # What results read of each other they made themselves.
    inputs["files"] = [path for path in inputs["files"] if not path.startswith(".recount/")]
    inputs["parts"] = [text for text in inputs["parts"] if not part_of(text).path.startswith(".recount/")]
    return Drafted(drafted["tables"], inputs, time.monotonic() - began)


def adopt(project: Project, drafted: Drafted) -> None:
    """Take drafted results over, now that the gate has spoken: only if they rest on the tables it let through."""
    passed = certificate.load(project.cache / certificate.NAME)
    known = passed.tables if passed else {}
    changed = [
        Problem(
            str(known.get(name, {}).get("path", name)),
            0,
            "table-is-certified",
            f"the table {name} changed while it was being checked",
            fix="build again",
        )
        for name, hashed in sorted(drafted.tables.items())
        if known.get(name, {}).get("sha256") != hashed
    ]
    if changed:
        raise Stop(changed, Exit.DATA)
    _exchange(project.cache)
    left = stale.outputs_of(project.cache / "results", project.cache)
    record = stale.record(project.root, [], drafted.inputs, project.cache, left)
    swap.write_whole(project.cache / "results.record.json", jsontext.written(record))


def _exchange(cache: Path) -> None:
    """Make the drafts in CACHE the results, file by file; one that has not changed is left alone."""
    drafts, kept = cache / DRAFTS, cache / "results"
    kept.mkdir(parents=True, exist_ok=True)
    names = {path.name for path in drafts.glob("*.json")}
    for name in sorted(names):
        if stale.file_digest(kept / name) != stale.file_digest(drafts / name):
            (drafts / name).replace(kept / name)
    for old in kept.glob("*.json"):
        if old.name not in names:
            old.unlink()
    shutil.rmtree(drafts, ignore_errors=True)


def _short_traceback(lines: Sequence[str]) -> list[str]:
    clean = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(lines))
    return re.findall(r"^File \S*?(src/\S+?:\d+)", clean, flags=re.MULTILINE) or ["see the message"]
