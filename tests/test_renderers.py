"""Which renderer makes the book."""

from __future__ import annotations

from pathlib import Path

import pytest

from recount import project, renderers
from recount.problems import Stop


def test_an_unknown_renderer_is_refused(tiny: Path) -> None:
    """With the names there are."""
    with pytest.raises(Stop) as stopped:
        renderers.choose(project.load(tiny), "word")
    assert [(problem.rule, problem.fix) for problem in stopped.value.problems] == [
        ("renderer-known", "quarto or builtin")
    ]
