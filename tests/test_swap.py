"""Putting a finished folder in place."""

from __future__ import annotations

from pathlib import Path

from recount import swap


def book(folder: Path, text: str) -> Path:
    """A folder with one page."""
    folder.mkdir()
    (folder / "index.html").write_text(text, encoding="utf-8")
    return folder


def test_the_first_book_is_simply_put_there(tmp_path: Path) -> None:
    """Where there is no old folder the new one takes the place."""
    swap.exchange(book(tmp_path / "new", "1"), tmp_path / "_book")
    assert (tmp_path / "_book" / "index.html").read_text() == "1"
    assert not (tmp_path / "new").exists()


def test_the_old_book_is_gone_after_the_exchange(tmp_path: Path) -> None:
    """The place holds the new folder whole, and nothing of the old one is left."""
    old = book(tmp_path / "_book", "1")
    (old / "stale.html").write_text("x")
    swap.exchange(book(tmp_path / "new", "2"), old)
    assert (old / "index.html").read_text() == "2"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["_book", "index.html"]


def test_a_book_lost_between_two_renames_is_put_back(tmp_path: Path) -> None:
    """Where folders cannot be exchanged in one step, a kill in between is repaired by the next build."""
    book(tmp_path / "_book.old", "1")
    swap.repair(tmp_path / "_book")
    assert (tmp_path / "_book" / "index.html").read_text() == "1"


def test_without_an_exchange_in_one_step_two_renames_do(tmp_path: Path, monkeypatch) -> None:  # noqa: ANN001
    """The slower way gives the same folder."""
    monkeypatch.setattr(swap, "_exchange", lambda *_: False)
    swap.exchange(book(tmp_path / "new", "2"), book(tmp_path / "_book", "1"))
    assert (tmp_path / "_book" / "index.html").read_text() == "2"
    assert not (tmp_path / "_book.old").exists()
