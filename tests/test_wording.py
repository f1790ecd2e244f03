"""Numbers and claims in prose that nothing stands behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from recount import chapters, wording
from recount.problems import Stop
from recount.wording import Waiver


def rules(tmp_path: Path, sentence: str, waivers: tuple[Waiver, ...] = ()) -> list[str]:
    """The rules a chapter of one sentence breaks."""
    (tmp_path / "a.qmd").write_text(f"# Title\n\n{sentence}\n", encoding="utf-8")
    chapter, _ = chapters.read(tmp_path, "a.qmd")
    return [problem.rule for problem in wording.check([chapter], waivers, ["the source"])]


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("They seized 120 sacks.", "number-is-computed"),
        ("They held twelve courses.", "number-is-computed"),
        ("It gave twice as much.", "number-is-computed"),
        ("Alpha is the most active.", "claim-is-computed"),
        ("Only Beta built anything.", "claim-is-computed"),
        ("Alpha leads by far.", "claim-is-computed"),
        ("Seizures increased.", "claim-is-computed"),
    ],
)
def test_a_typed_number_or_claim_is_found(tmp_path: Path, sentence: str, rule: str) -> None:
    """Digits, number words and claim words need something behind them."""
    assert rules(tmp_path, sentence) == [rule]


@pytest.mark.parametrize(
    "sentence",
    [
        "They seized `{python} report.alpha.seized`, the most of all.",
        "They held twelve courses [@smith2001apples, p. 3].",
        "According to the source, Alpha leads.",
        "It was signed on 12 May 2015 and in the 1990s.",
        "See @fig-one.",
        "One of them agreed first.",
    ],
)
def test_computed_cited_attributed_and_dated_sentences_pass(tmp_path: Path, sentence: str) -> None:
    """What stands behind a sentence covers it; dates and pronouns are no numbers."""
    assert rules(tmp_path, sentence) == []


def test_a_waiver_covers_its_sentence_and_no_longer_than_needed(tmp_path: Path) -> None:
    """A waiver lets its sentence pass; one whose sentence is gone is itself a problem."""
    waiver = Waiver("a.qmd", "twelve angry men", "a title")
    assert rules(tmp_path, "We saw twelve angry men.", (waiver,)) == []
    assert rules(tmp_path, "We saw it.", (waiver,)) == ["waiver-needed"]


def test_a_waiver_without_a_reason_is_refused(tmp_path: Path) -> None:
    """Nobody waives a claim without saying why."""
    path = tmp_path / "waivers.yml"
    path.write_text("- file: a.qmd\n  text: twelve\n")
    with pytest.raises(Stop, match="1 problem"):
        wording.waivers(path)
