"""The bibliography: keys, entries and what is wrong with them, with lines."""

from __future__ import annotations

from pathlib import Path

from recount import references

GOOD = """% A comment.

@book{smith2013word,
  author = {Smith, Ada and Jones, Bo},
  title = {The {Word}},
  year = {2013},
  keywords = {thesis, added},
}
"""


def told(text: str) -> list[tuple[int, str]]:
    """Line and rule of each problem."""
    return [(problem.line, problem.rule) for problem in references.parse(text, "r.bib").problems]


def test_an_entry_knows_its_line_and_parts() -> None:
    """An entry has its key, kind, year, plain title, keywords and the line it begins in."""
    entry = references.parse(GOOD, "r.bib").entries["smith2013word"]
    assert (entry.line, entry.kind, entry.year, entry.title) == (3, "book", "2013", "The Word")
    assert entry.keywords == ("thesis", "added")


def test_a_key_that_stands_twice_is_told_at_the_second() -> None:
    """Otherwise one of two works would vanish."""
    assert told(GOOD + GOOD.partition("\n\n")[2]) == [(9, "key-is-unique")]


def test_an_entry_without_year_or_title_is_told() -> None:
    """The reference list needs both."""
    assert told("@misc{a2000b,\n  title = {x},\n}\n") == [(1, "entry-has-year")]
    assert told("@misc{a2000b,\n  year = {2000},\n}\n") == [(1, "entry-has-title")]


def test_an_unclosed_brace_is_told_and_the_others_are_kept() -> None:
    """One broken entry does not take the others with it."""
    found = references.parse("@misc{a2000b,\n  title = {x,\n\n" + GOOD, "r.bib")
    assert found.problems[0].line == 1
    assert "smith2013word" in found.entries


def test_a_missing_bibliography_is_a_problem(tmp_path: Path) -> None:
    """Not a traceback."""
    found = references.read(tmp_path / "none.bib", "none.bib")
    assert found.problems[0].rule == "bibliography-exists"
