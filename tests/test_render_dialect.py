"""The dialect by example: every case of dialect_cases.yml through the built-in renderer."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from recount.problems import Exit, Stop
from recount.render.book import Chapter
from recount.render.html import render_html
from recount.render.pdf import lay_out, typst_sources
from recount.render.press import Press
from recount.render.reading import Reading, read_book
from render_demo import Ran, demo_book, demo_extras

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "dialect_cases.yml").read_text(encoding="utf-8"))
SOURCE = "chapters/case.qmd"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="500" height="260"><rect width="9" height="9"/></svg>'


def read(case: dict[str, Any], root: Path, cache: Path) -> Reading:
    """A book of one chapter."""
    for name, text in {SOURCE: case["chapter"], **case.get("files", {})}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    folder = root / "executed"
    folder.mkdir()
    (folder / "picture.svg").write_text(PICTURE, encoding="utf-8")
    # The first page carries the cover; the case stands on the second.
    preface = Ran("index.qmd", folder, "# Preface {.unnumbered}\n")
    chapters = (Chapter("index.qmd"), Chapter(SOURCE))
    book = replace(demo_book(root), chapters=chapters, abstract="", statement="")
    return read_book(book, [preface, Ran(SOURCE, folder, case["chapter"])], cache=cache)


def article(reading: Reading, out: Path) -> str:
    """What the page says between its navigation and its foot."""
    render_html(reading, out, demo_extras())
    page = (out / "chapters" / "case.html").read_text(encoding="utf-8")
    return page[page.index("<article>") : page.index("</article>")].replace("\n", " ")


def said(markup: str) -> str:
    """The words of a page as a reader meets them."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", markup.replace("</p>", " "))).replace("\u00a0", " ").split())


ACCEPTED = [case for case in CASES if "refused" not in case]
REFUSED = [case for case in CASES if "refused" in case]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all cases: fonts are cut once."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case["name"])
def test_a_case_reads_the_same_on_screen_and_on_paper(case: dict[str, Any], tmp_path: Path, cache: Path) -> None:
    """Fragments that a case promises are written, those it forbids are not, and Typst sets the result as PDF/UA."""
    reading = read(case, tmp_path, cache)
    screen = article(reading, tmp_path / "out")
    paper = "\n".join(typst_sources(reading, demo_extras().provenance).values()).replace("\n", " ")
    body = paper[paper.index("#chapter(", paper.index('"Preface"')) :]
    for fragment in case.get("html", []):
        assert fragment in screen.replace("\u00a0", " ")
    for fragment in case.get("not_html", []):
        assert fragment not in screen
    for fragment in case.get("typst", []):
        assert fragment in body.replace("\u00a0", " ").replace("~", " ")
    for fragment in case.get("not_typst", []):
        assert fragment not in body
    for fragment in case.get("said", []):
        assert fragment in said(screen)
    for fragment in case.get("not_said", []):
        assert fragment not in said(screen)
    (tmp_path / "paper").mkdir()
    lay_out(reading, tmp_path / "paper", demo_extras().provenance)
    (tmp_path / "out" / "case.pdf").write_bytes(Press(tmp_path / "paper", []).set(0))
    assert (tmp_path / "out" / "case.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_what_is_outside_the_dialect_is_refused_with_its_line(
    case: dict[str, Any], tmp_path: Path, cache: Path
) -> None:
    """A problem names the chapter and the line its author wrote, and stops with the exit code of rendering."""
    with pytest.raises(Stop) as stopped:
        read(case, tmp_path, cache)
    wanted = case["refused"]
    assert stopped.value.code is Exit.RENDER
    assert [(p.rule, p.file, p.line, p.value) for p in stopped.value.problems] == [
        (wanted["rule"], SOURCE, wanted["line"], wanted["value"])
    ]
