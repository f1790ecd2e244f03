"""One build for the preview."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from recount import drafts, project
from recount.progress import Progress
from sample_book import edit


def draft(root: Path) -> bool:
    """Bring the draft up to date; whether the settings were touched for Quarto's own preview to see."""
    settings = root / "_quarto.yml"
    os.utime(settings, (1, 1))
    drafts.build_draft(project.load(root), Progress(io.StringIO()), lambda _: None)
    return settings.stat().st_mtime > 1


def test_quartos_preview_is_told_of_what_it_does_not_watch(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed table it would not see, each time; a changed chapter it sees by itself."""
    monkeypatch.setenv("RECOUNT_FEED", "1")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1577836800")
    table, chapter = sample / "data/activities.csv", sample / "chapters/org-001.qmd"
    edit(table, ",course,", ",meeting,")
    assert draft(sample)
    edit(table, ",meeting,", ",course,")
    assert draft(sample)
    chapter.write_text(chapter.read_text() + "\nOne more sentence.\n")
    assert not draft(sample)
    assert (sample / "_freeze/chapters/org-001/execute-results/html.json").is_file()
