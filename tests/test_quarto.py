"""What Quarto is handed, and what is laid beside its pages."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pypandoc
import pytest
import yaml

from recount import quarto
from recount.execution import ExecutedChapter
from recount.project import Project, load

CHAPTER = """---
lang: en
---

# Gifts {#sec-gifts}

::: {#cell-fig-gifts .cell}
::: {.cell-output .cell-output-display}
![Gifts](gifts_files/figure-html/fig-gifts.svg){#fig-gifts fig-alt="Two bars" chart="fig-gifts"}
:::
:::

Alpha gave [2]{.computed value="alpha.gifts"} gifts.
"""
CHART = {
    "spec": {},
    "description": "Alpha gave two.",
    "table": {"columns": ["By", "Gifts"], "align": ["left", "right"], "rows": [["alpha", 2]]},
    "origins": ["gifts:apple", "gifts:cart"],
}


@pytest.fixture
def fed(tiny: Path) -> tuple[Project, ExecutedChapter]:
    """A chapter with a figure, handed to Quarto."""
    (tiny / "chapters/gifts.qmd").write_text("# Gifts\n", encoding="utf-8")
    folder = tiny / ".recount/executed/chapters/gifts"
    drawn = folder / "gifts_files/figure-html"
    drawn.mkdir(parents=True)
    (drawn / "fig-gifts.svg").write_text("<svg/>", encoding="utf-8")
    (drawn / "fig-gifts.vl.json").write_text(json.dumps(CHART), encoding="utf-8")
    chapter = ExecutedChapter("chapters/gifts.qmd", folder, CHAPTER, ("fig-gifts",), {}, {})
    project = load(tiny)
    quarto.feed(project, [chapter])
    return project, chapter


def test_a_chapter_is_handed_over_as_quartos_own_frozen_result(fed: tuple[Project, ExecutedChapter]) -> None:
    """The hash is the chapter's, figures lie frozen and beside it, each format names its own."""
    root = fed[0].root
    for name, supporting in (("html", "gifts_files"), ("typst", "gifts_files/figure-typst")):
        told = json.loads((root / f"_freeze/chapters/gifts/execute-results/{name}.json").read_text(encoding="utf-8"))
        assert told["hash"] == hashlib.md5((root / "chapters/gifts.qmd").read_bytes()).hexdigest()  # noqa: S324 - Quarto's
        assert told["result"]["engine"] == "jupyter"
        assert told["result"]["supporting"] == [supporting]
        assert f"gifts_files/figure-{name}/fig-gifts.svg" in told["result"]["markdown"]
        assert (root / f"_freeze/chapters/gifts/figure-{name}/fig-gifts.svg").is_file()
        assert (root / f"chapters/gifts_files/figure-{name}/fig-gifts.svg").is_file()


def test_handing_over_again_touches_nothing(fed: tuple[Project, ExecutedChapter]) -> None:
    """Quarto looks at times: what already says the same is left alone."""
    project, chapter = fed
    files = [path for path in project.root.rglob("*") if path.is_file()]
    before = {path: path.stat().st_mtime_ns for path in files}
    quarto.feed(project, [chapter])
    assert {path: path.stat().st_mtime_ns for path in files} == before


def test_a_figure_comes_with_its_data_on_screen_only(fed: tuple[Project, ExecutedChapter]) -> None:
    """Below a figure of a Quarto page stand its description, its data and the way to its evidence; not on paper."""
    frozen = fed[0].root / "_freeze/chapters/gifts/execute-results"
    pages = {
        name: pypandoc.convert_text(
            json.loads((frozen / f"{name}.json").read_text(encoding="utf-8"))["result"]["markdown"], name, "markdown"
        )
        for name in ("html", "typst")
    }
    figure, _, below = pages["html"].partition('<details class="figure-data">')
    assert figure.count("<div") == figure.count("</div")
    assert "Alpha gave two." in below
    assert 'href="../charts/fig-gifts.csv"' in below
    assert '<a href="../evidence.html#of=fig-gifts">Evidence: 2 rows</a>' in below
    assert "Alpha gave two." not in pages["typst"]


def test_the_fonts_of_figures_lie_where_quarto_is_told_to_look(fed: tuple[Project, ExecutedChapter]) -> None:
    """The folder that `font-paths` names holds the family that figures are drawn in."""
    settings = yaml.safe_load((Path(__file__).parents[1] / "_quarto.yml").read_text(encoding="utf-8"))
    named = fed[0].root / settings["format"]["typst"]["font-paths"]
    assert list(named.glob("*-Regular.ttf"))


def test_the_files_that_quarto_includes_are_in_the_repository() -> None:
    """What `_quarto.yml` names of ours exists before anything runs, or Quarto would not start."""
    root = Path(__file__).parents[1]
    page = yaml.safe_load((root / "_quarto.yml").read_text(encoding="utf-8"))["format"]["html"]
    named = [page["css"], page["include-after-body"], page["theme"]["light"][1], page["theme"]["dark"][1]]
    assert [path for path in named if not (root / path).is_file()] == []
