"""The PDF of a preview: the newest layout, set by a press that remembers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from recount.problems import Problem, Stop
from recount.render.press import Press
from recount.typesetting import Layout, Typesetting

BOOK = '#set document(title: "Gifts")\n#set text(lang: "en")\n= Gifts\n{}\n'


def write(folder: Path, text: str) -> Layout:
    """A book of one sentence, laid out."""
    (folder / "main.typ").write_text(BOOK.format(text))
    return Layout(folder, (), 0, "gifts.pdf")


class Told:
    """What a typesetting tells, and waiting for it."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self.problems: list[Sequence[Problem]] = []
        self._heard = threading.Semaphore(0)
        self.of = Typesetting(self._hear)

    def _hear(self, _: float, problems: Sequence[Problem]) -> None:
        self.problems.append(problems)
        self._heard.release()

    def next(self) -> Sequence[Problem]:
        """What is told next."""
        assert self._heard.acquire(timeout=30)
        return self.problems[-1]


def test_a_press_that_remembers_gives_the_bytes_of_a_new_one(tmp_path: Path) -> None:
    """What was set before shortens the work and changes nothing."""
    write(tmp_path, "Alpha gave two.")
    press = Press(tmp_path, [])
    first = press.set(0)
    write(tmp_path, "Alpha gave three.")
    assert press.set(0) == Press(tmp_path, []).set(0) != first


def test_what_cannot_be_set_is_a_problem_in_the_words_of_typst(tmp_path: Path) -> None:
    """With exit code 5, as everything that cannot be rendered."""
    write(tmp_path, "#unknown()")
    with pytest.raises(Stop, match="1 problem") as stop:
        Press(tmp_path, []).set(0)
    assert stop.value.code == 5
    assert (stop.value.problems[0].rule, "unknown" in stop.value.problems[0].message) == ("typst-accepts", True)


def test_whoever_asks_gets_the_newest_pdf_and_waits_for_it(tmp_path: Path) -> None:
    """Before the first there is none."""
    told = Told()
    assert told.of.pdf(timeout=0) is None
    told.of.set(write(tmp_path, "One."))
    assert told.of.pdf(timeout=30) == Press(tmp_path, []).set(0)
    assert told.next() == ()
    assert told.of.name == "gifts.pdf"


def test_a_refused_layout_leaves_the_pdf_as_it_was(tmp_path: Path) -> None:
    """And says why, until the next one can be set."""
    told = Told()
    told.of.set(write(tmp_path, "One."))
    told.next()
    before = told.of.pdf(timeout=30)
    told.of.set(write(tmp_path, "#unknown()"))
    assert [problem.rule for problem in told.next()] == ["typst-accepts"]
    assert told.of.pdf(timeout=30) == before
    told.of.set(write(tmp_path, "Two."))
    assert told.next() == ()
    assert told.of.pdf(timeout=30) not in {None, before}


def test_a_bug_of_ours_is_told_and_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for the PDF is told, and the next layout is set as ever."""
    told = Told()
    layout = write(tmp_path, "One.")
    with monkeypatch.context() as broken:
        broken.setattr(Press, "set", lambda *_: 1 / 0)
        told.of.set(layout)
        assert [(problem.rule, problem.message) for problem in told.next()] == [
            ("pages-are-set", "ZeroDivisionError: division by zero")
        ]
    told.of.set(layout)
    assert told.next() == ()
    assert told.of.pdf(timeout=30) is not None
