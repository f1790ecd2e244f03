# ruff: noqa: INP001 - a script of its own, no part of a package
"""How long the robustness of the real data and of a hundred organisations by fifty criteria takes, in seconds."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from northern_route import results
from recount.evidence import Evidence
from recount.filters import table_of
from recount.fragility import count_changes
from recount.multiverse import Choice, Factor, Tally
from recount.ranking import places
from recount.scores import Criterion, normalise
from recount.weights import acceptability, smallest_change

ROOT = Path(__file__).parent.parent


def real() -> float:
    """Seconds for everything computed from the real data: all combinations, weights, claims and fragility."""
    tables = {
        name: pd.read_csv(ROOT / "data" / f"{name}.csv", dtype=str, keep_default_na=False) for name in results.TABLES
    }
    start = time.perf_counter()
    results.as_results(results.analyse(tables, results.rules(ROOT)))
    return time.perf_counter() - start


def large(organisations: int = 100, criteria: int = 50, rows: int = 5000) -> float:
    """Seconds for the same on drawn data: as many choices, all methods, weights and the fragility of every lead."""
    draw = np.random.default_rng(1)
    counting = tuple(Choice(f"choice-{i}", "?", ("a", "b"), "a") for i in range(5))
    scoring = (
        Choice("normalisation", "?", ("share-of-leader", "share-of-total", "rank"), "share-of-leader"),
        Choice("method", "?", ("weighted-sum", "topsis", "promethee-ii", "copeland"), "weighted-sum"),
    )
    owner, subject = draw.integers(organisations, size=rows), draw.integers(criteria, size=rows)
    whose = np.eye(organisations)[owner][:, :, np.newaxis]
    what = np.eye(criteria)[subject][:, np.newaxis, :]
    when = [
        Factor(
            (choice.id,),
            np.stack([np.ones(rows), (draw.random(rows) < 0.9).astype(float)])[:, :, np.newaxis, np.newaxis],
        )
        for choice in counting
    ]
    names = tuple(f"organisation-{i:03}" for i in range(organisations))
    tally = Tally(
        tuple(f"acts:{i:05}" for i in range(rows)),
        names,
        tuple(Criterion(f"criterion-{j:02}", str(j)) for j in range(criteria)),
        counting,
        (*when, Factor((), whose), Factor((), what)),
        np.ones((organisations, criteria), dtype=bool),
    )
    table = pd.DataFrame({"id": [f"{i:05}" for i in range(rows)]})
    evidence = Evidence({"acts": table_of("acts", table)}, tally, counting + scoring, counted="acts")
    start = time.perf_counter()
    places(evidence.overall().values)
    shares = normalise(evidence.at_base().counts().reshape(organisations, criteria), "share-of-leader")
    acceptability(shares, names)
    smallest_change(shares, np.full(criteria, 1 / criteria), names)
    for criterion in tally.criteria:
        found = evidence.at_base().criterion(criterion.id)
        base = found.values.reshape(-1)  # noqa: PD011 - a quantity, no frame
        count_changes(found, base, int(np.argmax(base)), last=False)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.stdout.write(f"real data: {real():.2f} s\n100 organisations by 50 criteria: {large():.2f} s\n")
