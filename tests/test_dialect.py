"""The closed dialect: what is outside is named with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from recount import chapters, dialect

SETUP = "```{python}\n#| include: false\nfrom tiny import report\n```\n\n"

CASES = [
    ("inline-dotted-name", "Sum `{python} 1 + 1`."),
    ("reference-resolves", "See @fig-nowhere."),
    ("citation-known", "As said [@nobody2020nothing, p. 3]."),
    ("citation-apart-from-reference", "Told in @sec-a [@smith2001apples]."),
    ("shortcode-known", "{{< video film.mp4 >}}"),
    ("div-known", "::: {.fancy}\nx\n:::"),
    ("format-known", '::: {.content-visible when-format="pdf"}\nx\n:::'),
    ("no-raw-markup", "A <b>bold</b> word."),
    ("cell-one-expression", "```{python}\nx = 1\nx\n```"),
    ("cell-is-python", "```{python}\nx +\n```"),
    ("cell-option-known", "```{python}\n#| fig-width: 3\nreport.x\n```"),
    ("caption-without-number", "```{python}\n#| tbl-cap: The 12 gifts\nreport.x\n```"),
    ("chapter-titled-once", "# Another title"),
    ("label-unique", "## Two {#sec-a}"),
]


def rules(tmp_path: Path, body: str) -> list[tuple[str, int]]:
    """The rules that a chapter with BODY breaks, each with its line."""
    (tmp_path / "a.qmd").write_text(f"{SETUP}# Title {{#sec-a}}\n\n{body}\n", encoding="utf-8")
    chapter, _ = chapters.read(tmp_path, "a.qmd")
    return [(problem.rule, problem.line) for problem in dialect.check([chapter], ["smith2001apples"])]


@pytest.mark.parametrize(("rule", "body"), CASES, ids=[rule for rule, _ in CASES])
def test_what_is_outside_the_dialect_is_named_with_its_line(tmp_path: Path, rule: str, body: str) -> None:
    """Each thing outside the dialect breaks exactly one rule, on or after the line where the body starts."""
    found = rules(tmp_path, body)
    assert [name for name, _ in found] == [rule]
    assert found[0][1] >= 8


def test_a_chapter_of_the_dialect_breaks_no_rule(tmp_path: Path) -> None:
    """Everything that chapters/README.md allows is allowed."""
    body = """
Text with `{python} report.alpha.gifts`, a citation [@smith2001apples, p. 12], a note[^n] and @sec-a, @tbl-a.

[^n]: The note, see <https://example.org>.

::: {.callout-note title="Careful"}
Words.
:::

::: {.panel-tabset}
## One
x
## Two
y
:::

::: {.content-visible when-format="typst"}
Only $x < 1$ on paper.
:::

```{python}
#| label: tbl-a
#| tbl-cap: Gifts since 2015
report.alpha.table
```
"""
    assert rules(tmp_path, body) == []


def test_the_setup_cell_is_the_same_everywhere(tmp_path: Path) -> None:
    """A first cell that differs from the other chapters' is reported in its own file."""
    (tmp_path / "a.qmd").write_text(SETUP + "# A {#sec-a}\n", encoding="utf-8")
    (tmp_path / "b.qmd").write_text(SETUP.replace("report", "other") + "# B {#sec-b}\n", encoding="utf-8")
    found = [chapters.read(tmp_path, name)[0] for name in ("a.qmd", "b.qmd")]
    assert [(problem.rule, problem.file) for problem in dialect.check(found, [])] == [("setup-identical", "b.qmd")]
