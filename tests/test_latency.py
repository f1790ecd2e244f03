"""Measuring a preview: what counts as followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from recount import latency
from recount.problems import Stop
from sample_book import edit


@pytest.mark.slow
def test_a_save_is_followed_to_the_page_and_the_pdf(sample: Path) -> None:
    """Seconds for both, also where the save changes nothing that is seen; a save that breaks the draft is none."""
    chapter = sample / "chapters/org-001.qmd"
    found = latency.measure(
        sample,
        lambda: 1.0,
        [
            ("one word", lambda: edit(chapter, " did ", " truly did ")),
            ("one comment", lambda: edit(sample / "src/sample/report.py", "class ", "# Nothing new.\nclass ")),
        ],
    )
    assert [one.name for one in found] == ["one word", "one comment"]
    assert all(0 < one.pages < latency.PATIENCE and 0 < one.paper < latency.PATIENCE for one in found)
    with pytest.raises(Stop) as stop:
        latency.measure(sample, lambda: 1.0, [("one typo", lambda: edit(chapter, ".acts`", ".axes`"))])
    assert "inline-name" in stop.value.problems[0].message


@pytest.mark.slow
def test_an_error_of_the_data_is_told_by_the_preview_and_by_the_command(sample: Path) -> None:
    """Seconds until either says so."""
    table = sample / "data/activities.csv"
    good = table.read_text(encoding="utf-8")
    bad = good.replace("org-001", "nobody", 1)
    found = latency.errors(sample, lambda: table.write_text(bad), lambda: table.write_text(good), 1)
    assert [len(one.seconds) for one in found] == [1, 1]
    assert all(0 < one.seconds[0] < latency.PATIENCE for one in found)
