"""Reading tables strictly, and only certified ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from recount import certificate, tables
from recount.problems import Exit, Stop
from recount.tables import Column, Schema

ROOT = Path(__file__).resolve().parents[1]
GIFTS = Schema(
    "gifts",
    "data/gifts.csv",
    "id",
    (Column("id", "string"), Column("name", "string", longest=20), Column("amount", "number")),
)
GOOD = b'id,name,amount\na,"lamp, big",5\nb,rope,\nc,"a ""fine"" tent",2.5\n'


def told(data: bytes) -> list[tuple[int, str]]:
    """Line and rule of each problem of a file."""
    return [(problem.line, problem.rule) for problem in tables.parse(data, GIFTS)[1]]


def test_a_good_file_is_read_with_its_lines() -> None:
    """Every row knows its line, quoted commas and quotation marks belong to the cell, an empty cell is missing."""
    table, problems = tables.parse(GOOD, GIFTS)
    assert table is not None
    assert not problems
    assert table.lines.tolist() == [2, 3, 4]
    assert table.frame["name"].tolist() == ["lamp, big", "rope", 'a "fine" tent']
    assert table.frame["amount"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("data", "line", "rule"),
    [
        (b"", 1, "file-has-content"),
        (b"\xef\xbb\xbf" + GOOD, 1, "no-byte-order-mark"),
        (GOOD.replace(b"rope", b"caf\xe9"), 3, "encoded-as-utf-8"),
        (GOOD.replace(b"rope,\n", b"rope,\r\n"), 3, "line-ends-are-lf"),
        (GOOD.replace(b"rope", b"ro\x0bpe"), 3, "no-control-characters"),
        (GOOD[:-1], 4, "last-line-ends"),
        (b"PK\x03\x04", 1, "no-control-characters"),
        (b"<html>\n<p>\n", 1, "file-is-csv"),
        (GOOD.replace(b"amount", b"amuont"), 1, "header-as-in-data-package"),
        (GOOD.replace(b"rope,", b"rope"), 3, "row-is-whole"),
        (GOOD.replace(b"rope,", b"rope,,"), 3, "row-is-whole"),
        (GOOD.replace(b"rope", b'"rope'), 3, "quotation-closed"),
        (GOOD.replace(b"rope", b'ro"pe"'), 3, "quotation-closed"),
        (GOOD.replace(b"b,rope", b"a,rope"), 3, "id-is-unique"),
        (GOOD.replace(b"b,rope", b",rope"), 3, "id-given"),
        (GOOD.replace(b"c,", b"aa,"), 4, "rows-sorted-by-id"),
        (GOOD.replace(b"rope", b"rope" * 6), 3, "cell-not-too-long"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_told_at_its_line(data: bytes, line: int, rule: str) -> None:
    """Each fault in the form of a file has its rule and its line."""
    assert (line, rule) in told(data)


def test_all_problems_are_told_at_once_and_good_rows_keep_their_lines() -> None:
    """A bad row hides neither the next bad one nor the line of the rows behind it."""
    data = b"id,name,amount\na,x\nb,rope,1\nc,y\nd,rope,1\nd,rope,2\n"
    assert told(data) == [(2, "row-is-whole"), (4, "row-is-whole"), (6, "id-is-unique")]


def test_a_header_nearly_right_is_met_with_a_guess() -> None:
    """A misspelt column is told with the name that was probably meant."""
    problem = tables.parse(GOOD.replace(b"amount", b"amuont"), GIFTS)[1][0]
    assert "amuont" in problem.fix


def test_nobody_reads_a_million_problems() -> None:
    """Problems of one kind are listed up to a limit, and the rest counted."""
    data = b"id,name,amount\n" + b"a,x\n" * 1000
    assert len(told(data)) == 101


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one table and a certificate for it."""
    (tmp_path / "data").mkdir()
    fields = [{"name": column.name, "type": column.kind} for column in GIFTS.columns]
    package = {"resources": [{"name": "gifts", "path": "gifts.csv", "schema": {"fields": fields, "primaryKey": "id"}}]}
    (tmp_path / "data" / "datapackage.json").write_text(json.dumps(package))
    (tmp_path / "data" / "gifts.csv").write_bytes(GOOD)
    sha = certificate.digest(tmp_path / "data" / "gifts.csv")
    issued = certificate.Certificate(tables={"gifts": {"path": "data/gifts.csv", "sha256": sha, "rows": 3}})
    certificate.save(issued, tmp_path / ".recount")
    tables.forget()
    return tmp_path


def test_a_certified_table_has_numbers_for_numbers(project: Path) -> None:
    """Numbers come as numbers, and a missing one is missing, not zero."""
    amounts = tables.certified("gifts", root=project)["amount"]
    assert amounts.sum() == 7.5
    assert amounts.isna().sum() == 1


def test_a_table_changed_since_it_was_checked_is_refused(project: Path) -> None:
    """One changed byte is enough, and the message says what to do."""
    (project / "data" / "gifts.csv").write_bytes(GOOD.replace(b"5", b"6"))
    with pytest.raises(Stop) as stop:
        tables.certified("gifts", root=project)
    assert stop.value.code is Exit.DATA
    assert "make validate" in stop.value.problems[0].fix


def test_a_table_never_checked_is_refused(project: Path) -> None:
    """Without a certificate there is no table, nor with one that is damaged."""
    (project / ".recount" / "certificate.json").write_text("{")
    with pytest.raises(Stop, match="1 problem"):
        tables.certified("gifts", root=project)


def test_a_misspelt_table_is_met_with_a_guess(project: Path) -> None:
    """A chapter that asks for a table that does not exist learns which one it meant."""
    with pytest.raises(Stop) as stop:
        tables.certified("gift", root=project)
    assert "gifts" in stop.value.problems[0].fix


def test_a_table_is_found_from_the_folder_of_a_chapter(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chapters run in their own folder."""
    (project / "chapters").mkdir()
    monkeypatch.chdir(project / "chapters")
    assert len(tables.certified("gifts")) == 3


def test_reading_tables_loads_neither_checker() -> None:
    """Chapters start quickly: Great Expectations, frictionless and JSON Schema stay on the shelf."""
    code = (
        "import sys, recount.tables, recount.certificate;"
        "print([name for name in ('great_expectations', 'frictionless', 'jsonschema', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT / "src")}
    )
    assert done.stdout.strip() == "[]"


def test_the_data_package_is_valid_and_so_are_the_tables() -> None:
    """Frictionless, which had no part in writing it, accepts the data package and every table."""
    from frictionless import Package

    report = Package(str(ROOT / "data" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "note"])[:10]
