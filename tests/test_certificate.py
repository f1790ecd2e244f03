"""The certificate: what was checked is not checked again, and what was not checked is not used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from recount import certificate, gate, judge
from recount.dossier import Dossier
from recount.suites import Suite
from recount.tables import Table
from test_gate import HEADER, ROWS, SUITE, put

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that passed the gate."""
    put(tmp_path)
    assert not gate.run(tmp_path, tmp_path / ".recount").problems
    return tmp_path


def test_nothing_is_checked_twice(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When nothing changed, no table is judged again."""
    monkeypatch.setattr(judge, "judge", None)
    assert gate.run(project, project / ".recount").skipped
    assert certificate.current(project, project / ".recount")


@pytest.mark.parametrize(
    "name", ["data/gifts.csv", "data/references.bib", "validation/gifts.yml", "data/datapackage.json"]
)
def test_any_change_ends_a_certificate(project: Path, name: str) -> None:
    """One byte more in a table, the bibliography, a suite or the data package is enough."""
    path = project / name
    path.write_text(path.read_text() + "\n")
    assert not certificate.current(project, project / ".recount")


def test_a_new_file_ends_a_certificate(project: Path) -> None:
    """A file nobody has looked at yet is no part of what was certified."""
    (project / "data" / "more.yml").write_text("- {id: x}\n")
    assert not certificate.current(project, project / ".recount")


def test_another_version_ends_a_certificate(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What passed one version of the checks need not pass another."""
    monkeypatch.setattr(certificate, "versions", lambda: {"pandas": "0"})
    assert not certificate.current(project, project / ".recount")


def test_a_damaged_certificate_is_none(project: Path) -> None:
    """The gate then checks again and mends it."""
    file = project / ".recount" / certificate.NAME
    whole = file.read_bytes()
    for damaged in (b"", b"{}", whole[: len(whole) // 2], b"\xff"):
        file.write_bytes(damaged)
        assert not certificate.current(project, project / ".recount")
    assert not gate.run(project, project / ".recount").skipped
    assert file.read_bytes() == whole


def test_bad_data_get_no_certificate(project: Path) -> None:
    """The certificate of the good data before it does not cover them."""
    put(project, HEADER + "a,alpha,boat,5,2000,\n")
    assert gate.run(project, project / ".recount").certificate is None
    assert not certificate.current(project, project / ".recount")


def test_the_same_data_give_the_same_bytes(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """In another folder, checked anew, the certificate is the same: no time, no path, no random id."""
    other = tmp_path_factory.mktemp("elsewhere")
    put(other)
    gate.run(other, other / ".recount")
    for name in (certificate.NAME, certificate.ROWS):
        assert (other / ".recount" / name).read_bytes() == (project / ".recount" / name).read_bytes()


def test_only_what_changed_is_judged_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed table, and those that point to it, are judged anew; the others keep their judgement."""
    judged: list[str] = []
    real = judge.judge

    def noted(cases: Sequence[tuple[Table, Suite]], dossier: Dossier) -> list[list[judge.Judgement]]:
        judged.extend(table.schema.name for table, _ in cases)
        return real(cases, dossier)

    monkeypatch.setattr(judge, "judge", noted)
    put(project, ROWS.replace("lamp", "rope"))
    gate.run(project, project / ".recount")
    assert judged == ["gifts"]
    (project / "data" / "givers.csv").write_text("id\nalpha\nbeta\ngamma\n")
    gate.run(project, project / ".recount")
    assert judged == ["gifts", "gifts", "givers"]


def test_changed_rows_can_be_named(project: Path) -> None:
    """The hash of a row changes with any of its cells, and with no other row."""
    before = certificate.rows(project / ".recount")["gifts"]
    put(project, ROWS.replace("2001", "2011"))
    gate.run(project, project / ".recount")
    after = certificate.rows(project / ".recount")["gifts"]
    assert {key for key in after if after[key] != before[key]} == {"b"}


def test_a_suite_that_changes_is_asked_again(project: Path) -> None:
    """A stricter rule reaches data that did not change."""
    put(project, suite=SUITE.replace("[lamp, rope]", "[lamp]"))
    assert [problem.line for problem in gate.run(project, project / ".recount").problems] == [3, 4]


def test_asking_whether_it_holds_loads_no_great_expectations(project: Path) -> None:
    """A build in which nothing changed must not pay for the import."""
    code = (
        "import sys; from pathlib import Path; from recount import certificate, gate;"
        f"root = Path({str(project)!r}); assert certificate.current(root, root / '.recount');"
        "assert gate.run(root, root / '.recount').skipped; print('great_expectations' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT / "src")}
    )
    assert done.stdout.strip() == "False"
