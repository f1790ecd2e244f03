"""What is out of date, and why."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from recount import stale, swap
from recount.parts import Part, conditions
from sample_book import edit, recount, report

INPUTS = {"files": ["data/gifts.csv"], "modules": ["src/tiny/report.py"], "environment": ["GIFTS_OF"]}


@pytest.fixture
def recorded(tiny: Path) -> Path:
    """The tiny project with the record of a run that read a table, a module and a variable and left one file."""
    cache = tiny / ".recount"
    cache.mkdir()
    (cache / "left.md").write_text("Two gifts.\n")
    left = {"left.md": stale.file_digest(cache / "left.md")}
    record = stale.record(tiny, ["chapters/one.qmd"], INPUTS, cache, left)
    swap.write_whole(cache / "record.json", json.dumps(record))
    return tiny


def reasons(root: Path) -> list[str]:
    """Why the recorded run would be made again, as printed."""
    cache = root / ".recount"
    return [str(reason) for reason in stale.reasons(root, cache / "record.json", ["chapters/one.qmd"], cache)]


def test_nothing_changed_is_no_reason(recorded: Path) -> None:
    """What was recorded and is as it was is up to date."""
    assert reasons(recorded) == []


def test_a_changed_text_is_named(recorded: Path) -> None:
    """The chapter's own file is called text."""
    edit(recorded / "chapters/one.qmd", "Alpha gave", "Alpha has given")
    assert reasons(recorded) == ["text changed: chapters/one.qmd"]


def test_the_changed_rows_of_a_table_are_named(recorded: Path) -> None:
    """Changed, new and lost rows by their ids."""
    (recorded / "data/gifts.csv").write_text("id,organisation\napple,beta\ncart,alpha\ndrum,beta\n")
    assert reasons(recorded) == ["table changed: data/gifts.csv (apple, brush, drum)"]


def test_a_part_is_changed_by_its_own_rows_and_columns_only(tiny: Path) -> None:
    """Another row, another column, another order of columns, and even a new column change nothing of it."""
    table, cache = tiny / "data/gifts.csv", tiny / ".recount"
    part = Part("data/gifts.csv", columns=("id", "organisation"), where=conditions({"organisation": "alpha"}))
    record = stale.record(tiny, ["chapters/one.qmd"], {"parts": [part.text]}, cache, {})
    swap.write_whole(cache / "record.json", json.dumps(record))
    for same in (
        "id,organisation\napple,alpha\nbeads,beta\nbrush,beta\ncart,alpha\n",
        "note,id,organisation\nx,apple,alpha\ny,brush,beta\nz,cart,alpha\n",
    ):
        table.write_text(same)
        assert reasons(tiny) == []
    table.write_text("id,organisation\napple,alpha\nbrush,alpha\ncart,alpha\n")
    assert reasons(tiny) == ["table changed: data/gifts.csv (brush)"]
    table.write_text("id,giver\napple,alpha\nbrush,beta\ncart,alpha\n")
    assert [reason.partition(" (")[0] for reason in reasons(tiny)] == ["table changed: data/gifts.csv"]
    table.unlink()
    assert reasons(tiny) == ["table changed: data/gifts.csv"]


def test_rows_are_not_guessed_from_a_damaged_copy(recorded: Path) -> None:
    """If the old version of the table is lost, the table is still named, and no row."""
    for copy in (recorded / ".recount/copies").iterdir():
        copy.write_bytes(b"id,organisation\n")
    edit(recorded / "data/gifts.csv", "alpha", "beta")
    assert reasons(recorded) == ["table changed: data/gifts.csv"]


def test_a_damaged_copy_is_written_again(recorded: Path) -> None:
    """The next record mends it."""
    copies = recorded / ".recount/copies"
    for copy in copies.iterdir():
        copy.write_bytes(b"")
    stale.record(recorded, [], INPUTS, recorded / ".recount", {})
    assert [stale.file_digest(copy) for copy in copies.iterdir()] == [copy.name for copy in copies.iterdir()]


def test_a_changed_module_is_named(recorded: Path) -> None:
    """A module that the run imported."""
    edit(recorded / "src/tiny/report.py", "csv.DictReader", "csv . DictReader")
    assert reasons(recorded) == ["module changed: src/tiny/report.py"]


def test_a_changed_package_is_named(recorded: Path) -> None:
    """The lock file stands for all packages."""
    (recorded / "requirements.lock").write_text("pandas==9\n")
    assert reasons(recorded) == ["package changed: requirements.lock"]


def test_a_changed_variable_is_named(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of the environment that the run asked for."""
    monkeypatch.setenv("GIFTS_OF", "2020")
    assert reasons(recorded) == ["setting changed: GIFTS_OF"]


@pytest.mark.parametrize("content", [b"", b"Three gifts.\n", b"\xff\x00"])
def test_an_output_other_than_it_was_left_is_made_again(recorded: Path, content: bytes) -> None:
    """A damaged output is as good as none."""
    (recorded / ".recount/left.md").write_bytes(content)
    assert reasons(recorded) == ["output missing: left.md"]


def test_a_time_is_no_reason_and_no_excuse(recorded: Path) -> None:
    """A file touched without a change is up to date, and a changed one is not, though its time was set back."""
    text, table = recorded / "chapters/one.qmd", recorded / "data/gifts.csv"
    os.utime(text, (2e9, 2e9))
    before = table.stat()
    table.write_text(table.read_text().replace("brush,beta", "brush,betb"))
    os.utime(table, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert reasons(recorded) == ["table changed: data/gifts.csv (brush)"]


def why(root: Path) -> dict[str, str]:
    """What `make why` prints, by the name at the beginning of the line."""
    done = recount(root, "why", "--renderer", "builtin")
    assert done.returncode == 0, done.stderr
    return {line.split()[0]: line.split(maxsplit=1)[1] for line in done.stdout.splitlines()}


@pytest.mark.slow
def test_why_tells_of_data_results_chapters_and_outputs(sample: Path) -> None:
    """Each chapter and each output has its line; what an edit does not touch is up to date."""
    names = ["data", "results", "index.qmd", "chapters/org-001.qmd", "chapters/org-002.qmd", "chapters/references.qmd"]
    assert why(sample) == dict.fromkeys([*names, "_book/index.html", "_book/sample.pdf"], "up to date")
    edit(sample / "chapters/org-001.qmd", "did", "did, in all,")
    told = why(sample)
    changed = {name for name, reason in told.items() if reason == "text changed: chapters/org-001.qmd"}
    assert changed == {"chapters/org-001.qmd", "_book/index.html", "_book/sample.pdf"}
    assert sum(reason == "up to date" for reason in told.values()) == 5


@pytest.mark.slow
def test_one_row_runs_the_chapters_that_read_it_and_no_other(sample: Path) -> None:
    """All of them read one table and one result, each a part of its own."""
    rows = (sample / "data/activities.csv").read_text().splitlines()
    row = next(row for row in rows if ",org-002," in row and ",planned," not in row)
    cells = row.split(",")
    cells[2] = next(kind for kind in (other.split(",")[2] for other in rows[1:]) if kind != cells[2])
    edit(sample / "data/activities.csv", row, ",".join(cells))
    done = report(sample)
    assert "1 of 4 made again" in done.stdout
    assert "chapters/org-002.qmd" in done.stdout


@pytest.mark.slow
def test_a_lost_output_is_the_only_thing_made_again(sample: Path) -> None:
    """Without its PDF the book is rendered once more, and no chapter runs."""
    (sample / "_book/sample.pdf").unlink()
    told = why(sample)
    assert told["_book/sample.pdf"] == "output missing: sample.pdf"
    assert told["chapters/org-001.qmd"] == "up to date"
    assert "0 of 4 made again" in report(sample).stdout
