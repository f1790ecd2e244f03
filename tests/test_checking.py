"""The gate as a stage of a build, the same for the book and for the preview."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from recount import checking, project
from recount.problems import Problem, Stop
from recount.progress import Progress


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
