"""From executed chapters to the book's folder: only if something changed, and whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from recount import project, publish, renderers
from recount.execution import ExecutedChapter
from recount.problems import Exit, Problem, Stop
from recount.progress import Progress
from sample_book import wrong_with


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A renderer that writes the chapters' texts into one page and one PDF."""

    def render(book: Any, executed: Sequence[ExecutedChapter], out: Path, formats: Sequence[str], _: Any) -> None:  # noqa: ANN401 - stands in for the renderer
        text = "".join(chapter.markdown for chapter in executed)
        if "BROKEN" in text:
            raise Stop([Problem("chapters/one.qmd", 1, "reference-exists", "no such label")], Exit.RENDER)
        for name in formats:
            (out / {"html": "index.html", "pdf": f"{book.stem}.pdf"}[name]).write_text(text)

    monkeypatch.setattr(publish, "_builtin", render)


@pytest.fixture
def executed(tiny: Path) -> list[ExecutedChapter]:
    """The tiny book's chapters as if they had run."""
    found = []
    for name in ("one", "two"):
        folder = tiny / ".recount/executed/chapters" / name
        folder.mkdir(parents=True)
        (folder / "chapter.md").write_text(f"# {name}\n")
        found.append(ExecutedChapter(f"chapters/{name}.qmd", folder, f"# {name}\n", (), {}, {}))
    return found


def put(root: Path, executed: Sequence[ExecutedChapter], formats: Sequence[str] = renderers.FORMATS) -> list[str]:
    """Publish; returns why, as printed."""
    renderer = renderers.Renderer("builtin", "for a test")
    reasons = publish.publish(project.load(root), executed, renderer, formats, Progress(StringIO()))
    return [str(reason) for reason in reasons]


@pytest.mark.usefixtures("quick")
class TestPublish:
    """All with a renderer that takes no time."""

    def test_the_book_accounts_for_every_file(self, tiny: Path, executed: list[ExecutedChapter]) -> None:
        """`build.json` holds the hash of each file beside it and of what it was made from."""
        assert put(tiny, executed) == ["output missing: _book"]
        assert wrong_with(tiny / "_book") == []
        assert {"index.html", "gifts.pdf", "data/gifts.csv"} <= {
            p.name if p.parent.name != "data" else f"data/{p.name}" for p in (tiny / "_book").rglob("*")
        }

    def test_nothing_changed_is_nothing_done(self, tiny: Path, executed: list[ExecutedChapter]) -> None:
        """The second time there is no reason."""
        put(tiny, executed)
        assert put(tiny, executed) == []

    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            ("_quarto.yml", "setting changed: _quarto.yml"),
            ("data/references.bib", "file changed: data/references.bib"),
            ("data/gifts.csv", "table changed: data/gifts.csv"),
            ("requirements.lock", "package changed: requirements.lock"),
            (".recount/executed/chapters/two/chapter.md", "text changed: .recount/executed/chapters/two/chapter.md"),
        ],
    )
    def test_each_input_of_the_book_is_a_reason(
        self, tiny: Path, executed: list[ExecutedChapter], path: str, reason: str
    ) -> None:
        """It is named, in the closed vocabulary."""
        put(tiny, executed)
        (tiny / path).write_text((tiny / path).read_text() + "\n")
        assert put(tiny, executed) == [reason]

    def test_a_damaged_page_is_made_again(self, tiny: Path, executed: list[ExecutedChapter]) -> None:
        """What stands in the book is held against what was left there."""
        put(tiny, executed)
        (tiny / "_book/index.html").write_text("")
        assert put(tiny, executed) == ["output missing: index.html"]
        assert wrong_with(tiny / "_book") == []

    def test_the_other_format_stays_while_it_is_true(self, tiny: Path, executed: list[ExecutedChapter]) -> None:
        """A PDF made from the same inputs is kept by a build of the site alone; one made from others is not."""
        put(tiny, executed)
        (tiny / "_book/index.html").unlink()
        put(tiny, executed, ["html"])
        assert (tiny / "_book/gifts.pdf").is_file()
        (tiny / "data/gifts.csv").write_text("id,organisation\napple,beta\n")
        put(tiny, executed, ["html"])
        assert not (tiny / "_book/gifts.pdf").exists()

    def test_a_failure_leaves_the_old_book(self, tiny: Path, executed: list[ExecutedChapter]) -> None:
        """Exit code 5, the book as it was, and nothing half beside it."""
        put(tiny, executed)
        before = (tiny / "_book/index.html").read_text()
        executed[0].folder.joinpath("chapter.md").write_text("BROKEN")
        broken = [ExecutedChapter("chapters/one.qmd", executed[0].folder, "BROKEN", (), {}, {}), executed[1]]
        with pytest.raises(Stop) as stopped:
            put(tiny, broken)
        assert stopped.value.code == Exit.RENDER
        assert (tiny / "_book/index.html").read_text() == before
        assert wrong_with(tiny / "_book") == []
        assert not (tiny / "_book.new").exists()

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"inputs": 1, "outputs": 2}', b"\xff\xfe\x00"])
    def test_a_damaged_account_costs_one_rendering(
        self, tiny: Path, executed: list[ExecutedChapter], content: bytes
    ) -> None:
        """Whatever stands in it, the book is made and the account is whole again."""
        put(tiny, executed)
        (tiny / ".recount/book.json").write_bytes(content)
        assert put(tiny, executed, ["html"]) != []
        put(tiny, executed)
        assert put(tiny, executed) == []

    def test_a_rest_of_a_killed_build_is_in_nobodys_way(self, tiny: Path, executed: list[ExecutedChapter]) -> None:
        """What a killed build left beside the book is gone after the next one."""
        (tiny / "_book.new/assets").mkdir(parents=True)
        (tiny / "_book.new/assets/half.js").write_text("half")
        put(tiny, executed)
        assert wrong_with(tiny / "_book") == []
        assert not (tiny / "_book.new").exists()
