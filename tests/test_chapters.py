"""Reading a chapter: blocks, includes, and what is wrong with its form."""

from __future__ import annotations

from pathlib import Path

from recount import chapters
from recount.chapters import Cell, Prose

TEXT = """---
lang: en-GB
---
```{python}
#| include: false
from tiny import report
```

# Apples {#sec-apples}

Alpha gave `{python} report.alpha.gifts` apples.

```
`{python} not.this`
```

```{python}
#| label: tbl-apples
#| tbl-cap: Apples
report.alpha.table
```
"""


def written(tmp_path: Path, text: str, name: str = "a.qmd") -> tuple[chapters.Chapter, list[str]]:
    """A chapter read from a file with TEXT, and the rules that were broken."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    chapter, problems = chapters.read(tmp_path, name)
    return chapter, [problem.rule for problem in problems]


def test_cells_and_prose_stand_in_order(tmp_path: Path) -> None:
    """A chapter is its cells and the prose between them, each knowing its line."""
    chapter, rules = written(tmp_path, TEXT)
    assert rules == []
    assert [type(block) for block in chapter.blocks] == [Cell, Prose, Cell]
    assert chapter.title == "Apples"
    assert chapter.cells[1].options == {"label": "tbl-apples", "tbl-cap": "Apples"}
    assert chapter.cells[1].line == TEXT.splitlines().index("report.alpha.table") + 1


def test_inline_code_inside_a_code_block_is_text(tmp_path: Path) -> None:
    """Only prose holds inline names; a fenced example does not."""
    chapter, _ = written(tmp_path, TEXT)
    names = [name for block in chapter.blocks if isinstance(block, Prose) for name, _ in block.inline()]
    assert names == ["report.alpha.gifts"]


def test_an_include_keeps_its_own_lines(tmp_path: Path) -> None:
    """A line from an included file is reported in that file."""
    (tmp_path / "part.qmd").write_text("One.\nTwo `{python} x`.\n", encoding="utf-8")
    chapter, rules = written(tmp_path, "# A\n\n{{< include part.qmd >}}\n")
    assert rules == []
    assert chapter.files == ("a.qmd", "part.qmd")
    [prose] = chapter.blocks
    assert isinstance(prose, Prose)
    assert [(line.file, line.number) for _, line in prose.inline()] == [("part.qmd", 2)]


def test_a_file_that_includes_itself_is_refused(tmp_path: Path) -> None:
    """An include cannot go round in a circle."""
    _, rules = written(tmp_path, "# A\n\n{{< include a.qmd >}}\n")
    assert rules == ["include-acyclic"]


def test_all_faults_of_form_are_found_at_once(tmp_path: Path) -> None:
    """An unclosed fence and options that are not YAML are both reported."""
    _, rules = written(tmp_path, "# A\n\n```{python}\n#| label: [\n1\n```\n\n```{python}\nx\n")
    assert rules == ["cell-options-yaml", "fence-closed"]


def test_a_missing_chapter_is_a_problem_and_no_traceback(tmp_path: Path) -> None:
    """A listed file that is not there is named."""
    _, problems = chapters.read(tmp_path, "nowhere.qmd")
    assert [problem.rule for problem in problems] == ["chapter-exists"]
