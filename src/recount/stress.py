"""Measuring robustness: how long the results of a project take, and the same work on drawn data of another size."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from recount.problems import Exit, Problem, Stop

SIZE = (100, 50, 5000)
"""Alternatives, criteria and rows of the drawn data."""


def measure(root: Path) -> dict[str, float]:
    """Processor seconds by what is measured, in a process of its own: the project in ROOT, and drawn data of `SIZE`.

    Raises:
        Stop: the data are not let through or the results cannot be computed; that would be no measurement.
    """
    done = subprocess.run(
        [sys.executable, "-m", "recount.stress"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(Path(__file__).parents[1])])},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:]
        raise Stop([Problem("", 0, "measured-results-succeed", " ".join(said), fix="run: make validate")], Exit.DATA)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(seconds: Mapping[str, float]) -> list[str]:
    """The measurements as lines of Markdown."""
    lines = ["", "## Robustness", "", "All results together, without imports: scores, combinations, weights, claims."]
    lines += ["", "| Data | Processor seconds |", "|:--|--:|"]
    return lines + [f"| {name} | {value:.2f} |" for name, value in seconds.items()]


def real(root: Path) -> float:
    """Processor seconds for the results of the project in ROOT, its data certified and its analysis imported before."""
    from recount import gate, project

    book = project.load(root)
    problems = gate.run(book.root, book.cache).problems
    if problems:
        raise Stop(problems, Exit.DATA)
    analysis = importlib.import_module(f"{book.analysis}.results")
    began = time.process_time()
    analysis.compute()
    return time.process_time() - began


def drawn(alternatives: int, criteria: int, rows: int) -> float:
    """Processor seconds for all combinations and methods, the weights, and the fragility of every lead, on drawn data.

    Five choices of counting with two options each, three normalisations and four methods are combined.
    """
    import numpy as np

    from recount.evidence import Evidence
    from recount.filters import Table
    from recount.fragility import count_changes
    from recount.multiverse import Choice, Factor, Tally
    from recount.ranking import places
    from recount.scores import NORMALISATIONS, Criterion, normalise
    from recount.weights import acceptability, smallest_change

    draw = np.random.default_rng(1)
    counting = tuple(Choice(f"choice-{i}", "?", ("a", "b"), "a") for i in range(5))
    scoring = (
        Choice("normalisation", "?", NORMALISATIONS, NORMALISATIONS[0]),
        Choice("method", "?", ("weighted-sum", "topsis", "promethee-ii", "copeland"), "weighted-sum"),
    )
    whose = np.eye(alternatives)[draw.integers(alternatives, size=rows)][:, :, np.newaxis]
    what = np.eye(criteria)[draw.integers(criteria, size=rows)][:, np.newaxis, :]
    options = [np.stack([np.ones(rows), draw.random(rows) < 0.9]) for _ in counting]
    factors = [Factor((c.id,), o[:, :, np.newaxis, np.newaxis]) for c, o in zip(counting, options, strict=True)]
    names = tuple(f"alternative-{i}" for i in range(alternatives))
    tally = Tally(
        tuple(f"rows:{i}" for i in range(rows)),
        names,
        tuple(Criterion(f"criterion-{j}", str(j)) for j in range(criteria)),
        counting,
        (*factors, Factor((), whose), Factor((), what)),
        np.ones((alternatives, criteria), dtype=bool),
    )
    table = Table("rows", {"id": tuple(str(i) for i in range(rows))})
    evidence = Evidence({"rows": table}, tally, counting + scoring, counted="rows")
    began = time.process_time()
    places(evidence.overall().values)
    at_base = evidence.at_base()
    shares = normalise(at_base.counts().reshape(alternatives, criteria), NORMALISATIONS[0])
    acceptability(shares, names)
    smallest_change(shares, np.full(criteria, 1 / criteria), names)
    for criterion in tally.criteria:
        found = at_base.criterion(criterion.id)
        counts = found.values.reshape(-1)
        count_changes(found, counts, int(np.argmax(counts)), last=False)
    return time.process_time() - began


def _main() -> None:
    alternatives, criteria, rows = SIZE
    name = f"{alternatives} alternatives by {criteria} criteria, {rows:,} rows drawn"
    seconds = {"this project": real(Path.cwd()), name: drawn(*SIZE)}
    sys.stdout.write(json.dumps({name: round(value, 3) for name, value in seconds.items()}) + "\n")


if __name__ == "__main__":
    _main()
