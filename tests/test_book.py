"""The real book: built once from a copy, without a network where the machine allows it, then broken on purpose."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = ("_quarto.yml", "index.qmd", "pyproject.toml", "requirements.lock", "chapters", "data", "validation", "src")


def offline() -> list[str]:
    """What runs a command without a network, or nothing where the machine does not allow it."""
    command = ["unshare", "--net", "--map-root-user"]
    if shutil.which("unshare") is None:
        return []
    tried = subprocess.run([*command, "true"], capture_output=True, check=False)
    return command if tried.returncode == 0 else []


def report(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`recount report` in FOLDER with the built-in renderer."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "SOURCE_DATE_EPOCH": "1593475200"}
    return subprocess.run(
        [*offline(), sys.executable, "-m", "recount", "report", "--renderer", "builtin", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the project with its book built."""
    folder = tmp_path_factory.mktemp("project")
    for name in FILES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*_files"))
        else:
            shutil.copyfile(source, folder / name)
    done = report(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "_book/northern-route.pdf" in done.stdout
    assert "_book/index.html" in done.stdout
    yield folder
    shutil.rmtree(folder)


def pages(book: Path) -> dict[str, str]:
    """The text of the site's chapters by file name."""
    found = sorted((book / "_book/chapters").glob("*.html"))
    return {path.stem: path.read_text(encoding="utf-8") for path in found}


def test_every_organisation_has_computed_figures_tables_and_numbers(book: Path) -> None:
    """Each of the five chapters shows a figure, a table, computed values and citations."""
    for stem in ("02-unodc", "03-bomca", "04-sco", "05-osce", "06-csto"):
        page = pages(book)[stem]
        assert page.count('class="computed"') > 10, stem
        assert "<svg" in page or ".svg" in page, stem
        assert "<table" in page, stem
        assert 'class="citation"' in page, stem


def test_nothing_comes_from_outside_the_folder(book: Path) -> None:
    """No page loads a script, style, font or picture from an address."""
    loads = re.compile(r'<(?:script|link|img|source)\b[^>]*(?:src|href)="(?:https?:)?//')
    assert [name for name, page in pages(book).items() if loads.search(page)] == []


def test_the_pdf_is_tagged_and_whole(book: Path) -> None:
    """The PDF has a structure tree for screen readers and its end."""
    data = (book / "_book/northern-route.pdf").read_bytes()
    assert data.startswith(b"%PDF-1.7")
    assert b"/StructTreeRoot" in data
    assert data.rstrip().endswith(b"%%EOF")


def test_published_json_says_what_the_pages_say(book: Path) -> None:
    """Each value of a page stands in provenance.json with its rows, and each row named there exists."""
    provenance = json.loads((book / "_book/provenance.json").read_text(encoding="utf-8"))
    used = set(re.findall(r'data-value="([^"]+)"', "".join(pages(book).values())))
    assert used <= set(provenance["values"])
    tables = {path.stem: path.read_text(encoding="utf-8") for path in (book / "data").glob("*.csv")}
    tables["claims"] = (book / "data/claims.yml").read_text(encoding="utf-8")
    tables["references"] = (book / "data/references.bib").read_text(encoding="utf-8")
    for name, value in provenance["values"].items():
        for row in value["rows"]:
            table, _, row_id = row.partition(":")
            assert row_id in tables[table], (name, row)


def test_the_conclusions_follow_their_schema(book: Path) -> None:
    """conclusions.json keeps to the schema that is promised to machines."""
    import jsonschema_rs

    schema = json.loads((ROOT / "docs/schemas/conclusions.schema.json").read_text(encoding="utf-8"))
    jsonschema_rs.validate(schema, json.loads((book / "_book/conclusions.json").read_text(encoding="utf-8")))


def test_bad_rows_stop_the_build_and_leave_the_book_alone(book: Path) -> None:
    """A wrong organisation, a negative amount and an unknown work are named with file and line, all in one run."""
    before = (book / "_book/build.json").read_bytes()
    kept = {}
    changes = {
        "activities": ("unodc-border-post-payvand,unodc,", "unodc-border-post-payvand,undoc,"),
        "funding": (",73000000,", ",-73000000,"),
        "positions": ("cooley2012great", "cooley2021great"),
    }
    for name, (old, new) in changes.items():
        path = book / f"data/{name}.csv"
        kept[path] = path.read_text(encoding="utf-8")
        assert old in kept[path], name
        path.write_text(kept[path].replace(old, new, 1), encoding="utf-8")
    done = report(book)
    for path, text in kept.items():
        path.write_text(text, encoding="utf-8")
    assert done.returncode == 2, done.stdout + done.stderr
    for said in ("undoc", "did you mean 'unodc'", "-73000000", "cooley2021great", "did you mean 'cooley2012great'"):
        assert said in done.stderr, done.stderr
    for name in changes:
        assert re.search(rf"where: data/{name}\.csv:\d+ \(", done.stderr), name
    assert "Traceback" not in done.stderr
    assert (book / "_book/build.json").read_bytes() == before


def test_a_second_build_makes_nothing(book: Path) -> None:
    """With nothing changed, no chapter runs and no page is written."""
    before = (book / "_book/build.json").stat().st_mtime_ns
    done = report(book)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing changed since the last build" in done.stdout
    assert (book / "_book/build.json").stat().st_mtime_ns == before


def test_a_recoded_row_stops_at_the_verdicts_it_changes(book: Path) -> None:
    """Leaving one act out of the counts turns a verdict: exit code 4 names the claim, both verdicts and the row."""
    path = book / "data/activities.csv"
    kept = path.read_text(encoding="utf-8")
    lines = [
        re.sub(r",yes,(?=,)", ",no,restated", line, count=1)
        if line.startswith("osce-") and ",training," in line
        else line
        for line in kept.splitlines()
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = report(book)
    path.write_text(kept, encoding="utf-8")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "osce-most-theoretical-training" in done.stderr
    assert re.search(r"holds.*(fails|depends-on-choices|tied)", done.stderr)
    assert "activities:osce-" in done.stderr or "osce-" in done.stderr
