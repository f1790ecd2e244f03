"""One reading for both writers: what it remembers, and what it refuses."""

from __future__ import annotations

import json
import runpy
from dataclasses import replace
from pathlib import Path

import pytest

from recount.problems import Stop
from recount.render import pandoc
from recount.render.nodes import joined, rewrite, walk, words
from recount.render.reading import read_book
from render_demo import Ran, demo_book, demo_executed


def questions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that pandoc is really asked about from now on."""
    asked: list[str] = []
    run, ask = pandoc.run, pandoc.WORKERS.ask

    def counting(arguments: list[str], given: str) -> pandoc.Answer:
        asked.append(given)
        return run(arguments, given)

    def noting(arguments: list[str], given: str) -> pandoc.Answer | None:
        answer = ask(arguments, given)
        if answer:
            asked.append(given)
        return answer

    monkeypatch.setattr(pandoc, "run", counting)
    monkeypatch.setattr(pandoc.WORKERS, "ask", noting)
    return asked


def test_an_unchanged_book_asks_pandoc_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the same book again needs no pandoc at all."""
    book, executed = demo_book(tmp_path), demo_executed(tmp_path)
    first = read_book(book, executed, cache=tmp_path / "cache")
    asked = questions(monkeypatch)
    again = read_book(book, executed, cache=tmp_path / "cache")
    assert asked == []
    assert [chapter.blocks for chapter in again.chapters] == [chapter.blocks for chapter in first.chapters]


def test_a_changed_sentence_reads_its_chapter_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the chapter whose words changed goes through pandoc again, unless its citations changed too."""
    book, executed = demo_book(tmp_path), demo_executed(tmp_path)
    read_book(book, executed, cache=tmp_path / "cache")
    changed = [
        replace(one, markdown=one.markdown.replace("kept its books", "lost its books"))
        if one.source == "chapters/02-meadow.qmd"
        else one
        for one in executed
    ]
    asked = questions(monkeypatch)
    read_book(book, changed, cache=tmp_path / "cache")
    assert len(asked) == 1
    assert "lost its books" in asked[0]


def test_a_changed_bibliography_changes_the_citations(tmp_path: Path) -> None:
    """The cache knows a bibliography by its content, not its name."""
    book, executed = demo_book(tmp_path), demo_executed(tmp_path)
    read_book(book, executed, cache=tmp_path / "cache")
    path = tmp_path / "references.bib"
    path.write_text(path.read_text(encoding="utf-8").replace("{2012}", "{2013}"), encoding="utf-8")
    reading = read_book(book, executed, cache=tmp_path / "cache")
    assert "Weir 2013" in words(reading.chapters[1].blocks)


def test_all_problems_of_all_chapters_come_at_once(tmp_path: Path) -> None:
    """A book stops once, with everything that is wrong in it."""
    executed = [replace(one, markdown=f"{one.markdown}\n\n@fig-gone [@nobody]\n") for one in demo_executed(tmp_path)]
    with pytest.raises(Stop) as stopped:
        read_book(demo_book(tmp_path), executed, cache=tmp_path / "cache")
    rules = [(problem.file, problem.rule) for problem in stopped.value.problems]
    assert len([rule for rule in rules if rule[1] == "cross-reference-exists"]) == len(executed)
    assert len([rule for rule in rules if rule[1] == "citation-exists"]) == len(executed)


def test_a_chapter_that_was_not_run_stops_the_book(tmp_path: Path) -> None:
    """A missing chapter is named; it is never left out in silence."""
    with pytest.raises(Stop) as stopped:
        read_book(demo_book(tmp_path), demo_executed(tmp_path)[1:], cache=tmp_path / "cache")
    assert [problem.file for problem in stopped.value.problems] == ["index.qmd"]


def test_numbers_run_through_the_book(tmp_path: Path) -> None:
    """Chapters count 1, 2, appendices A; figures and tables count within their chapter."""
    targets = read_book(demo_book(tmp_path), demo_executed(tmp_path), cache=tmp_path / "cache").targets
    names = {label: target.name.replace("\u00a0", " ") for label, target in targets.items()}
    assert names["sec-meadow"] == "Chapter 2"
    assert names["sec-gifts"] == "Section 1.1.1"
    assert names["fig-meadow-trees"] == "Figure 2.1"
    assert names["sec-counting"] == "Section A.1"
    assert names["tbl-long"] == "Table A.1"


def test_a_caption_is_kept_with_its_citation_worded(tmp_path: Path) -> None:
    """Lists and previews show a caption as it is printed."""
    targets = read_book(demo_book(tmp_path), demo_executed(tmp_path), cache=tmp_path / "cache").targets
    assert targets["tbl-harbour-funding"].title == "Who paid for the bridges, after Pool Institute (2015)"


def test_two_chapters_may_share_a_heading(tmp_path: Path) -> None:
    """Labels that pandoc makes of words may repeat; labels that an author gives may not."""
    executed = [replace(one, markdown=f"{one.markdown}\n\n## Conclusion\n\nDone.\n") for one in demo_executed(tmp_path)]
    assert read_book(demo_book(tmp_path), executed, cache=tmp_path / "cache").chapters


def test_rewriting_leaves_the_original_alone() -> None:
    """Both writers start from the same tree; what one changes the other must not see."""
    tree = [{"t": "Para", "c": [{"t": "Emph", "c": [{"t": "Str", "c": "word"}]}]}]
    changed = rewrite(tree, lambda node: [] if node["t"] == "Emph" else None)
    assert words(changed) == ""
    assert words(tree) == "word"


def test_walking_meets_parents_before_children_in_order() -> None:
    """Numbering and citing rely on the order of the document."""
    tree = [
        {"t": "Div", "c": [["", [], []], [{"t": "Para", "c": [{"t": "Emph", "c": []}]}]]},
        {"t": "Para", "c": [{"t": "Strong", "c": []}]},
    ]
    assert [node["t"] for node in walk(tree)] == ["Div", "Para", "Emph", "Para", "Strong"]


def test_an_appendix_may_come_without_a_bibliography(tmp_path: Path) -> None:
    """A book that cites nothing needs no `.bib`."""
    book = replace(demo_book(tmp_path), bibliography=None, chapters=demo_book(tmp_path).chapters[:1], abstract="")
    ran = Ran("index.qmd", tmp_path, "# Preface {.unnumbered}\n\nWords.\n")
    assert read_book(book, [ran], cache=tmp_path / "cache").references == []


def test_what_set_up_prepared_is_used_if_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged file counts as none, so that a build makes it for itself."""
    monkeypatch.setattr(pandoc, "PREPARED", tmp_path / "prepared")
    pandoc.Cache(tmp_path / "prepared").put("font", "letters")
    kept = pandoc.Cache(tmp_path / "project")
    assert kept.get("font") == "letters"
    (tmp_path / "prepared/font").write_bytes(b"half")
    assert kept.get("font") is None


ARGUMENTS = ["--from=markdown", "--to=html5", "--mathml", "--wrap=none", "--email-obfuscation=none"]


def test_a_worker_answers_as_pandoc_would_alone(tmp_path: Path) -> None:
    """One process for several is a matter of time, never of bytes; letters of two bytes are letters."""
    texts = [f'*{number}* é,\n\n> "quoted" $x^{number}$ and <a@b.example>\n' for number in range(9)]
    assert [pandoc.WORKERS.ask(ARGUMENTS, text) for text in texts] == [pandoc.run(ARGUMENTS, text) for text in texts]
    assert pandoc.ask_all(ARGUMENTS, texts, pandoc.Cache(tmp_path)) == [pandoc.run(ARGUMENTS, text) for text in texts]


PROSE = """A line
that goes on, *with* "marks" -- and 1. a number [@fen2019, p. 3; @fen2020].[^1]

1\\. May was no list; - nor is this = one.\\
1\\. Nor this,\\
\\- nor that.

| Year | 2009-05 |
|------|---------|
| a b  | c *d* e |

[^1]: A note [sic] of #two / words.
"""


@pytest.mark.parametrize("form", ["html5", "typst"])
def test_joined_words_are_written_as_single_ones(form: str) -> None:
    """Many nodes go, and no byte of what pandoc writes."""
    tree = json.loads(pandoc.run(["--from=markdown", "--to=json"], PROSE).output)
    lean = {**tree, "blocks": joined(tree["blocks"])}
    single, whole = (
        pandoc.run(["--from=json", f"--to={form}", "--wrap=none"], json.dumps(one)).output for one in (tree, lean)
    )
    assert whole == single
    assert json.dumps(lean).count('"t"') < 0.7 * json.dumps(tree).count('"t"')
    assert words(lean["blocks"]) == words(tree["blocks"])


def test_what_was_made_tidy_is_forgotten_with_the_module_that_did_it(tmp_path: Path) -> None:
    """Or a build after a change of ours would differ from one from nothing."""
    given = []
    for number in range(2):
        (tmp_path / "tidying.py").write_text(f"def tidied(output: str) -> str:\n    return output + '{number}'\n")
        tidied = runpy.run_path(str(tmp_path / "tidying.py"))["tidied"]
        [answer] = pandoc.ask_all(ARGUMENTS, ["Pears."], pandoc.Cache(tmp_path / "cache"), tidied)
        given.append(answer.output)
    assert given == ["<p>Pears.</p>\n0", "<p>Pears.</p>\n1"]


def test_what_pandoc_warns_of_is_said_as_pandoc_says_it(tmp_path: Path) -> None:
    """A worker leaves it to the command line, and goes on."""
    unclosed = "::: {.note}\nApples.\n"
    assert pandoc.WORKERS.ask(ARGUMENTS, unclosed) is None
    [answer] = pandoc.ask_all(ARGUMENTS, [unclosed], pandoc.Cache(tmp_path))
    assert "unclosed" in answer.warnings
    assert pandoc.WORKERS.ask(ARGUMENTS, "Pears.") == pandoc.Answer("<p>Pears.</p>\n", "")


def test_a_worker_that_ended_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it was asked is asked of pandoc itself, and the next question starts another."""
    workers = pandoc.Workers(1)
    assert workers.ask(ARGUMENTS, "One.")
    monkeypatch.setattr(pandoc, "WORKERS", workers)
    [worker] = workers.running
    worker.kill()
    worker.wait()
    assert pandoc.ask_all(ARGUMENTS, ["Two."], pandoc.Cache(tmp_path)) == [pandoc.Answer("<p>Two.</p>\n", "")]
    assert workers.ask(ARGUMENTS, "Three.") == pandoc.Answer("<p>Three.</p>\n", "")
    assert workers.running != [worker]
