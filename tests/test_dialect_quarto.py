"""The dialect by example, through Quarto where it is installed: what a reader must be able to read."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from recount import quarto
from test_render_dialect import ACCEPTED, PICTURE, said

ROOT = Path(__file__).parent.parent
FOUND = quarto.find(ROOT)
CASES = [case for case in ACCEPTED if case.get("said") or case.get("not_said")]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(FOUND is None, reason="no Quarto 1.9 or newer is installed here"),
]
SETTINGS = """
project: {type: book, output-dir: out}
lang: en-GB
book:
  title: Case
  chapters: [index.qmd, chapters/case.qmd]
bibliography: references.bib
engine: markdown
format:
  html: {number-sections: true, citeproc: true}
"""


def rendered(case: dict[str, Any], root: Path) -> str:
    """The words of the case's page as Quarto writes it."""
    assert FOUND is not None
    # As `feed` hands a chapter over.
    chapter = quarto.spelt(
        case["chapter"], "chapters/case.qmd", {}, {"title": "Bridges and Trees", "certificate": "3f2a9c"}
    )
    files = {"chapters/case.qmd": chapter, "index.qmd": "# Preface {.unnumbered}\n", "_quarto.yml": SETTINGS}
    for name, text in {**files, **case.get("files", {})}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    (root / "chapters/picture.svg").write_text(PICTURE, encoding="utf-8")
    shutil.copyfile(ROOT / "tests/demo_book/references.bib", root / "references.bib")
    subprocess.run([FOUND[0], "render", "--to", "html"], cwd=root, env=dict(os.environ), check=True, timeout=300)
    page = (root / "out/chapters/case.html").read_text(encoding="utf-8")
    return said(page[page.index("<main") : page.index("</main>")])


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_quarto_says_what_the_built_in_renderer_says(case: dict[str, Any], tmp_path: Path) -> None:
    """Each case reads the same in Quarto's page."""
    words = rendered(case, tmp_path)
    assert [text for text in case.get("said", []) if text not in words] == []
    assert [text for text in case.get("not_said", []) if text in words] == []
