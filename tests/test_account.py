"""What a book was made from."""

from __future__ import annotations

from pathlib import Path

from recount import account, contents, project, publish, stale
from recount.renderers import Renderer


def test_the_modules_that_make_the_book_are_inputs(tiny: Path) -> None:
    """They are named by their place in the package, wherever it is installed."""
    named = account.inputs(project.load(tiny), [], Renderer("builtin", ""))
    for module in (publish, contents):
        place = Path(str(module.__file__))
        assert named[f"src/recount/{place.name}"] == stale.file_digest(place)


def test_what_a_stage_before_makes_anew_is_the_reason_for_both_formats(tiny: Path) -> None:
    """Nothing that lies there needs to be looked at."""
    book, renderer = project.load(tiny), Renderer("builtin", "")
    changed = [stale.Reason("text changed", "chapters/one.qmd")]
    assert account.why(book, renderer, {"chapters/one.qmd": changed}) == {
        "_book/index.html": changed,
        "_book/gifts.pdf": changed,
    }
