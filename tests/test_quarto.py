"""What Quarto is handed, and what is laid beside its pages."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypandoc
import pytest
import typst
import yaml

from recount import quarto
from recount.drawing import font_folder
from recount.execution import ExecutedChapter
from recount.project import Project, load

CHAPTER = """---
lang: en
---

# Gifts {#sec-gifts}

::: {#cell-fig-gifts .cell}
::: {.cell-output .cell-output-display}
![Gifts](gifts_files/figure-html/fig-gifts.svg){#fig-gifts .drawn fig-alt="Two bars"}
:::
:::

Alpha gave [2]{.computed value="alpha.gifts"} gifts.
"""
ORIGIN = {"text": "2", "what": "gifts", "formula": "", "rows": ["gifts:apple"], "sources": []}
# What Quarto's own document says of a chapter, a figure, a table and an appendix.
PAPER = """
= One
<sec-one>
== Within
#figure([#rect()], caption: figure.caption(position: bottom, [A]), kind: "quarto-float-fig", supplement: "Figure")
<fig-a>
#figure([#table(columns: 1, table.header([H]), table.hline(), [x])], caption: figure.caption(position: top, [B]),
  kind: "quarto-float-tbl", supplement: "Table")
<tbl-b>
See #ref(<sec-one>, supplement: [Chapter]), #ref(<fig-a>, supplement: [Figure]), #ref(<tbl-b>, supplement: [Table]).
#look.computed(label("value-alpha.gifts"), mark: [#metadata(none)#label("use-value-alpha.gifts")])[2];
#show: appendices.with("Appendices", hide-parent: true)
= How
"""
# A Quarto that does what the real one does to the folders it is given.
QUARTO = """#!/bin/sh
to=all
while [ $# -gt 0 ]; do
  case $1 in
    --to) to=$2; shift ;;
    --output-dir) out=$2; shift ;;
  esac
  shift
done
rm -rf "$out/site_libs"
mkdir -p "$out/site_libs"
case $to in all|html) touch "$out/site_libs/site.js" "$out/index.html" ;; esac
case $to in all|typst) touch "$out/gifts.pdf" ;; esac
"""
CHART = {
    "spec": {},
    "description": "Alpha gave two.",
    "table": {"columns": ["By", "Gifts"], "align": ["left", "right"], "rows": [["alpha", 2]]},
    "origins": ["gifts:apple", "gifts:cart"],
}


def frozen(root: Path, ending: str) -> dict[str, Any]:
    """What Quarto finds frozen of the chapter on gifts."""
    path = root / f"_freeze/chapters/gifts/execute-results/{ending}.json"
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told


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


@pytest.mark.parametrize(
    ("written", "handed"),
    [
        ("As @sec-one [@smith, p. 3] shows.", "As [@sec-one] [@smith, p. 3] shows."),
        ("See @fig-a [see @smith], [@sec-one] [@smith].", "See [@fig-a] [see @smith], [@sec-one] [@smith]."),
        ("In @sec-one [sic] and @tbl-b.", "In @sec-one [sic] and @tbl-b."),
        ("A `@sec-one [@smith]` and `{{< meta title >}}`.", "A `@sec-one [@smith]` and `{{< meta title >}}`."),
        ("{{< meta title >}}, {{< meta other >}}", "Gifts, {{< meta other >}}"),
    ],
)
def test_what_quarto_would_read_otherwise_is_written_otherwise(written: str, handed: str) -> None:
    """A citation behind a reference is not lost, and the book's title is not the chapter's."""
    assert quarto.spelt(written, "chapters/one.qmd", {}, {"title": "Gifts"}) == handed


def test_a_chapter_is_handed_over_as_quartos_own_frozen_result(fed: tuple[Project, ExecutedChapter]) -> None:
    """The file is named after what pandoc writes, the hash is the chapter's, each format names its own figures."""
    root = fed[0].root
    for name, ending, supporting in (("html", "html", "gifts_files"), ("typst", "typ", "gifts_files/figure-typst")):
        told = frozen(root, ending)
        assert told["hash"] == hashlib.md5((root / "chapters/gifts.qmd").read_bytes()).hexdigest()  # noqa: S324 - Quarto's
        assert told["result"]["engine"] == "jupyter"
        assert told["result"]["supporting"] == [supporting]
        assert f"gifts_files/figure-{name}/fig-gifts.svg" in told["result"]["markdown"]
        assert (root / f"_freeze/chapters/gifts/figure-{name}/fig-gifts.svg").is_file()


def test_line_ends_of_another_system_do_not_change_the_hash(fed: tuple[Project, ExecutedChapter]) -> None:
    """Quarto compares the text with plain line ends, so a checkout with others is not run again."""
    project, chapter = fed
    before = frozen(project.root, "html")["hash"]
    (project.root / "chapters/gifts.qmd").write_bytes(b"# Gifts\r\n")
    quarto.feed(project, [chapter])
    assert frozen(project.root, "html")["hash"] == before


def test_references_to_sections_without_a_number_say_the_title(tiny: Path) -> None:
    """Quarto knows no such target: it would print the label."""
    texts = {
        "index.qmd": "# Before {.unnumbered}\n\nSee @sec-end, [-@sec-end-more], @sec-one and `@sec-end`.\n",
        "chapters/one.qmd": "# One {#sec-one}\n\nAs @sec-end-more. says.\n\n```\n@sec-end\n```\n",
        "chapters/end.qmd": "# The end {.unnumbered #sec-end}\n\n## And more {#sec-end-more}\n\nSee @sec-end.\n",
    }
    for name, text in texts.items():
        (tiny / name).write_text(text, encoding="utf-8")
    quarto.feed(load(tiny), [ExecutedChapter(name, tiny, text, (), {}, {}) for name, text in texts.items()])
    said = {
        name: json.loads((tiny / "_freeze" / name / "execute-results/html.json").read_text("utf-8"))["result"][
            "markdown"
        ]
        for name in ("index", "chapters/one", "chapters/end")
    }
    assert "[The end](chapters/end.qmd#sec-end), [And more](chapters/end.qmd#sec-end-more), @sec-one" in said["index"]
    assert "and `@sec-end`" in said["index"]
    assert "As [And more](end.qmd#sec-end-more). says" in said["chapters/one"]
    assert "```\n@sec-end\n```" in said["chapters/one"]
    assert "See [The end](#sec-end)." in said["chapters/end"]


def test_handing_over_again_touches_nothing(fed: tuple[Project, ExecutedChapter]) -> None:
    """Quarto looks at times: what already says the same is left alone."""
    project, chapter = fed
    files = [path for path in project.root.rglob("*") if path.is_file()]
    before = {path: path.stat().st_mtime_ns for path in files}
    quarto.feed(project, [chapter])
    assert {path: path.stat().st_mtime_ns for path in files} == before


@pytest.mark.parametrize("formats", [("html", "pdf"), ("html",), ("pdf",)])
def test_a_pdf_does_not_take_the_sites_libraries_away(tiny: Path, formats: tuple[str, ...]) -> None:
    """Quarto lays its libraries anew with every call; what a build keeps of the site keeps its own."""
    program = tiny / "quarto"
    program.write_text(QUARTO, encoding="utf-8")
    program.chmod(0o755)
    out = tiny / "_book.new"
    kept = out / "site_libs/site.js"
    if "html" not in formats:
        kept.parent.mkdir(parents=True)
        kept.write_text("kept", encoding="utf-8")
    quarto.render(load(tiny), str(program), out, formats)
    assert kept.is_file()
    assert (out / "gifts.pdf").is_file() == ("pdf" in formats)
    assert not [path for path in tiny.glob("_book.new*") if path != out]


def test_typst_takes_the_opening_that_quarto_fills_in(fed: tuple[Project, ExecutedChapter]) -> None:
    """With chapters, figures, tables and appendices as Quarto writes them, and the index of computed values."""
    project, chapter = fed
    quarto.feed(project, [replace(chapter, values={"alpha.gifts": ORIGIN})])
    opening = Path(quarto.__file__).parent / "render/assets/typst-show.typ"
    template = project.root / "template.typ"
    template.write_text(opening.read_text(encoding="utf-8") + "\n$body$\n", encoding="utf-8")
    said = {
        "title": "Gifts",
        "by-author": [{"name": {"literal": "A"}}],
        "lang": "en-GB",
        "toc": True,
        "lof": True,
        "lot": True,
    }
    front = yaml.safe_dump(said)
    source = pypandoc.convert_text(
        f"---\n{front}---\n\n```{{=typst}}\n{PAPER}\n```\n",
        "typst",
        "markdown",
        extra_args=["--template", str(template)],
    )
    place = project.root / "index.typ"
    place.write_text(source, encoding="utf-8")
    assert typst.compile(str(place), root=str(project.root), font_paths=[str(font_folder())]).startswith(b"%PDF")
    titles = json.loads(typst.query(str(place), "heading.where(level: 1)", field="body", root=str(project.root)))
    assert [title["text"] for title in titles][-3:] == ["One", "How", "Computed values"]


def test_what_was_laid_for_quarto_is_known_again(fed: tuple[Project, ExecutedChapter]) -> None:
    """Until what it was made from changes, or Quarto or somebody wrote over it."""
    project, chapter = fed
    quarto.remember(project, quarto.feed(project, [chapter]), {"data/gifts.csv": "1"})
    assert quarto.is_fed(project, {"data/gifts.csv": "1"})
    assert not quarto.is_fed(project, {"data/gifts.csv": "2"})
    (project.root / "_freeze/chapters/gifts/execute-results/html.json").write_text("{}", encoding="utf-8")
    assert not quarto.is_fed(project, {"data/gifts.csv": "1"})


def test_a_figure_comes_with_its_data_on_screen_only(fed: tuple[Project, ExecutedChapter]) -> None:
    """Below a figure of a Quarto page stand its description, its data and the way to its evidence; not on paper."""
    pages = {
        name: pypandoc.convert_text(frozen(fed[0].root, ending)["result"]["markdown"], name, "markdown")
        for name, ending in (("html", "html"), ("typst", "typ"))
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


def test_no_element_has_two_attributes(built: Path) -> None:
    """Quarto's filters would write them in an order that differs from run to run."""
    texts = [path.read_text() for path in sorted(built.glob(".recount/executed/**/chapter.md"))]
    elements = [element for text in texts for element in re.findall(r"\{[#.][^}]*\}", text)]
    assert {len(re.findall(r"""\w=["']""", element)) for element in elements} == {0, 1}


def test_the_files_that_quarto_includes_are_in_the_repository() -> None:
    """What `_quarto.yml` names of ours exists before anything runs, or Quarto would not start."""
    root = Path(__file__).parents[1]
    settings = yaml.safe_load((root / "_quarto.yml").read_text(encoding="utf-8"))
    formats = settings["format"]
    page, paper = formats["html"], formats["typst"]
    named = [page["css"], page["include-after-body"], page["theme"]["light"][1], page["theme"]["dark"][1]]
    named += [*paper["template-partials"], *(one["path"] for one in (*paper["filters"], *settings["engines"]))]
    assert [path for path in named if not (root / path).is_file()] == []
