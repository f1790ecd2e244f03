"""The accepted verdicts on disk stop a build until a person takes the new ones over."""

import json
from pathlib import Path

import pytest

from recount import acceptance, results
from recount.problems import Stop


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one computed claim and nothing accepted."""
    (tmp_path / "_quarto.yml").write_text("project: {type: book}\n", encoding="utf-8")
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    compute(tmp_path, "holds")
    return tmp_path


def compute(root: Path, verdict: str) -> None:
    """Put results on disk in which the claim has a verdict."""
    folder = root / ".recount" / "results"
    folder.mkdir(parents=True, exist_ok=True)
    one = {"verdict": verdict, "rows": ["acts:a1"], "file": "data/claims.yml", "line": 7}
    held = {"verdicts": {"ants-lead": one}, "prints": {"acts:a1": verdict}}
    (folder / "verdicts.json").write_text(json.dumps(held), encoding="utf-8")
    claims = {"ants-lead": {"verdict": verdict, "share_of_combinations": 0.5, "says": "Ants lead"}}
    (folder / "claims.json").write_text(json.dumps(claims), encoding="utf-8")
    results.forget()


def test_a_difference_stops_until_it_is_taken_over(project: Path) -> None:
    """A new verdict is a problem at its claim; taken over it is none; a changed one is a problem again."""
    assert [(p.file, p.line) for p in acceptance.problems(project)] == [("data/claims.yml", 7)]
    assert acceptance.take_over(project, "first") == 1
    assert acceptance.problems(project) == []
    compute(project, "fails")
    (problem,) = acceptance.problems(project)
    assert problem.message == "ants-lead was holds and now is fails, because of acts:a1"


def test_taking_over_needs_a_reason(project: Path) -> None:
    """Without a reason nothing is taken over and nothing is written."""
    with pytest.raises(Stop):
        acceptance.take_over(project, " ")
    assert not (project / acceptance.VERDICTS_FILE).exists()


def test_taking_over_twice_writes_the_same_bytes(project: Path) -> None:
    """An acceptance of nothing new changes no file, so it leaves no trace in the history."""
    acceptance.take_over(project, "first")
    before = (project / acceptance.VERDICTS_FILE).read_bytes()
    acceptance.take_over(project, "second")
    assert (project / acceptance.VERDICTS_FILE).read_bytes() == before


def test_a_project_without_claims_has_nothing_to_accept(project: Path) -> None:
    """A report that computes no verdicts is never stopped by them."""
    (project / ".recount" / "results" / "verdicts.json").unlink()
    assert acceptance.problems(project) == []


def test_the_table_shows_every_claim_and_counts_the_verdicts(project: Path) -> None:
    """One line a claim, with its share of combinations, then how many there are of each verdict."""
    assert project
    lines = acceptance.printed().splitlines()
    assert lines[0].split() == ["ants-lead", "holds", "50%", "Ants", "lead"]
    assert "    1 holds" in lines
