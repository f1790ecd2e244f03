"""The book on paper: tagged, reproducible, complete."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
import typst

from recount.drawing import font_folder
from recount.problems import Exit, Stop
from recount.render.pdf import lay_out, typst_sources
from recount.render.press import Press
from recount.render.reading import Reading, read_book
from render_demo import demo_book, demo_executed, demo_extras


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """The demonstration book, read."""
    root = tmp_path_factory.mktemp("paper")
    return read_book(demo_book(root), demo_executed(root), cache=root / "cache")


def pdf(reading: Reading, out: Path, timestamp: int = 1_583_020_800) -> bytes:
    """The PDF's bytes."""
    out.mkdir(parents=True, exist_ok=True)
    lay_out(reading, out, demo_extras().provenance)
    (out / "book.pdf").write_bytes(Press(out, [font_folder()]).set(timestamp))
    return (out / "book.pdf").read_bytes()


def test_the_pdf_says_it_is_accessible(reading: Reading, tmp_path: Path) -> None:
    """It is tagged, declares PDF/UA-1, its language and title, and has bookmarks."""
    made = pdf(reading, tmp_path)
    assert b"/MarkInfo" in made
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made
    assert b"/Lang(en-GB)" in made
    assert b"/Outlines" in made


def test_the_same_book_gives_the_same_bytes(reading: Reading, tmp_path: Path) -> None:
    """Bytes depend on the book and the timestamp, and on nothing else."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert pdf(reading, tmp_path / "a") == pdf(reading, tmp_path / "b")
    assert pdf(reading, tmp_path / "a") != pdf(reading, tmp_path / "b", timestamp=0)


def test_every_link_on_paper_has_its_place(reading: Reading) -> None:
    """Each label that the source links to stands in it exactly once."""
    source = "\n".join(typst_sources(reading, demo_extras().provenance).values())
    linked = set(re.findall(r'#link\(label\("([^"]+)"\)', source)) | set(
        re.findall(r'#computed\(label\("([^"]+)"\)', source)
    )
    for label in linked:
        assert len(re.findall(rf'(?<!link\()(?<!computed\()label\("{re.escape(label)}"\)', source)) == 1


def test_a_long_table_repeats_its_head(reading: Reading) -> None:
    """A table of 64 rows has a header that Typst repeats on the next page."""
    source = "\n".join(typst_sources(reading, demo_extras().provenance).values())
    table = source[source.index("Every bridge") :]
    assert table.index("table.header(repeat: true") < table.index("[Bridge at mile 1]")


def test_every_value_used_stands_in_the_index_once(reading: Reading) -> None:
    """The index has the values that the text uses, with what they are and the rows behind them, by chapter."""
    source = "\n".join(typst_sources(reading, demo_extras().provenance).values())
    index = source[source.index("#origins((") :]
    entries = re.findall(r'^\(label\("value-([^"]+)"\), "([^"]+)", "([^"]+)", "[^"]*", "([^"]*)"', index, re.MULTILINE)
    assert sorted(entry[0] for entry in entries) == sorted(demo_extras().provenance)
    assert ("meadow.bridges", "9 bridges", "Bridges of the league", "bridges bridge-03") in entries
    assert index.index('"Preface"') < index.index("value-harbour.bridges")


def test_many_rows_behind_a_value_are_counted_not_named() -> None:
    """The index on paper names up to three rows of a table and counts more; the screen has them all."""
    from recount.render.index import _rows

    assert _rows(["acts:a", "acts:b", "claims:c"]) == "acts a, b; claims c"
    assert _rows([f"acts:{row}" for row in "abcd"]) == "4 rows of acts"


def test_the_title_page_names_certificate_and_version(reading: Reading) -> None:
    """Who holds the paper knows from which data it was made."""
    source = "\n".join(typst_sources(reading, demo_extras().provenance).values())
    assert '("Data certificate", "3f2a9c")' in source
    assert '("Version", "0.1.0")' in source


def test_a_fault_that_typst_finds_is_a_problem(
    reading: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever Typst refuses comes as a problem with the exit code of rendering, and no file is written."""
    from recount.render import pdf as module

    monkeypatch.setattr(module, "typst_sources", lambda *_: {"main.typ": "#unknown()"})
    with pytest.raises(Stop) as stopped:
        pdf(reading, tmp_path)
    assert stopped.value.code is Exit.RENDER
    assert "unknown variable" in stopped.value.problems[0].message
    assert not (tmp_path / "book.pdf").exists()


def test_what_moves_is_listed_with_the_page_it_stands_on(tmp_path: Path) -> None:
    """A table too tall for the rest of a page moves to the next one; lists and links must follow it there."""
    (tmp_path / "book.typ").write_bytes((files("recount.render") / "assets" / "book.typ").read_bytes())
    (tmp_path / "page.typ").write_text(
        '#import "book.typ": tabular\n#set page("a4")\n#block(height: 15cm)[Text before.]\n'
        '#tabular(number: "1", floating: true, mark: label("moved"))[Caption]'
        "[#block(height: 12cm)[#context [#metadata(here().page()) <stands>]]]\n#lorem(50)\n"
        "#context [#metadata(locate(<moved>).page()) <listed>]\n",
        encoding="utf-8",
    )
    listed, stands = (
        json.loads(typst.query(tmp_path / "page.typ", mark, field="value", one=True))
        for mark in ("<listed>", "<stands>")
    )
    assert listed == stands == 2
