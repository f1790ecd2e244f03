"""The gate as a stage of a build, the same for the book and for the preview."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from recount import certificate, checking, project
from recount.problems import Problem, Stop
from recount.progress import Progress
from sample_book import edit


def check(root: Path, told: list[Problem]) -> bool:
    """The stage, run in a project."""
    return checking.check(project.load(root), Progress(io.StringIO()), told.append)


def test_chapters_find_what_the_gate_did_even_before_the_first_book(sample: Path) -> None:
    """A chapter that tells of the checks runs in a preview of a project that was never built."""
    account = sample / ".recount" / checking.CHECKS
    account.unlink()
    assert not check(sample, [])
    assert json.loads(account.read_text())["tables"]["activities"] == {"rows": 12}


def test_what_the_gate_did_is_left_alone_where_it_is_the_same(sample: Path) -> None:
    """Written anew it would make chapters run again."""
    account = sample / ".recount" / checking.CHECKS
    before = account.stat().st_mtime_ns
    assert not check(sample, [])
    assert account.stat().st_mtime_ns == before


def test_what_is_told_at_once_is_not_told_again(sample: Path) -> None:
    """The problems that were shown as they were found are marked, so that the end of the build leaves them out."""
    table = sample / "data/activities.csv"
    table.write_text(table.read_text().replace(",course,", ",curse,", 1))
    told: list[Problem] = []
    with pytest.raises(Stop) as stop:
        check(sample, told)
    assert [problem.rule for problem in told] == ["kind-is-known"]
    assert stop.value.shown == set(told)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [("data/activities.csv", ",course,", ",meeting,"), ("data/references.bib", "@", "\n@")],
)
def test_what_was_looked_up_in_the_text_holds_for_these_data_only(sample: Path, path: str, old: str, new: str) -> None:
    """It outlives a check of the very same data, and is forgotten with the first other row or work."""
    looked_up = sample / ".recount/provenance.json"
    looked_up.write_text(json.dumps({"inputs": certificate.inputs(sample)}))
    (sample / ".recount/certificate.json").unlink()
    assert check(sample, [])
    assert looked_up.is_file()
    edit(sample / path, old, new)
    assert check(sample, [])
    assert not looked_up.exists()
