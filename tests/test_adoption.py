"""Results count only if they rest on the very tables that passed."""

from __future__ import annotations

from pathlib import Path

import pytest

from recount import adoption, certificate, project
from recount.adoption import DRAFTS, Drafted
from recount.kernels import Nursery
from recount.problems import Stop

TABLE = {"gifts": {"path": "data/gifts.csv", "sha256": "passed", "rows": 3}}


def drafted(root: Path, hashed: str) -> Drafted:
    """A project with an old result and a new one that rests on a table of some hash."""
    cache = root / ".recount"
    certificate.save(certificate.Certificate(tables=TABLE), cache)
    for folder, text in (("results", "old"), (DRAFTS, "new")):
        (cache / folder).mkdir(exist_ok=True)
        (cache / folder / "scores.json").write_text(text)
    (cache / "results/gone.json").write_text("of yesterday")
    return Drafted({"gifts": hashed}, {"files": [], "modules": [], "environment": []}, 0.1)


def test_results_of_another_table_than_the_one_that_passed_are_refused(tiny: Path) -> None:
    """A table saved while the gate was at work stops the build with its name, and the old results stay."""
    with pytest.raises(Stop) as stopped:
        adoption.adopt(project.load(tiny), drafted(tiny, "saved meanwhile"))
    assert [(one.file, one.rule) for one in stopped.value.problems] == [("data/gifts.csv", "table-is-certified")]
    assert (tiny / ".recount/results/scores.json").read_text() == "old"
    assert not (tiny / ".recount/results.record.json").exists()


def test_results_whose_kernel_ends_are_a_problem(tiny: Path) -> None:
    """Python that is ended from outside, as where memory is short, is told with what was computed."""
    (tiny / "src/tiny/results.py").write_text("import os\n\ndef compute():\n    os._exit(1)\n")
    with Nursery(tiny) as nursery, pytest.raises(Stop) as stopped:
        adoption.draft(project.load(tiny), nursery)
    assert [(one.file, one.rule) for one in stopped.value.problems] == [("src/tiny/results.py", "kernel-alive")]


def test_results_of_the_tables_that_passed_take_the_place_of_the_old_ones(tiny: Path) -> None:
    """New ones come, those that are no more go, and the drafts are cleared away."""
    adoption.adopt(project.load(tiny), drafted(tiny, "passed"))
    kept = tiny / ".recount/results"
    assert {path.name: path.read_text() for path in kept.iterdir()} == {"scores.json": "new"}
    assert (tiny / ".recount/results.record.json").is_file()
    assert not (tiny / ".recount" / DRAFTS).exists()
