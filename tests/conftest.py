"""The tiny book of two organisations that a person can score by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

SETUP = "```{python}\n#| include: false\nfrom tiny import report\n```\n\n"

REPORT = '''
"""The tiny report."""
import csv
from pathlib import Path
from recount.values import Column, Computed, Table

def rows():
    with Path("data/gifts.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

def __getattr__(name):
    if name in ("alpha", "beta"):
        found = [row for row in rows() if row["organisation"] == name]
        ids = tuple("gifts:" + row["id"] for row in found)
        return Computed(str(len(found)), f"gifts of {name}", "rows of gifts.csv", ids)
    if name == "table":
        return Table((Column("Gift"), Column("By")), tuple((row["id"], row["organisation"]) for row in rows()))
    raise AttributeError(name)
'''


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A project of two organisations, three gifts and two chapters, one of which reads no table."""
    for folder in ("chapters", "data", "src/tiny"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "_quarto.yml").write_text(
        "project: {type: book, output-dir: _book}\n"
        "book:\n  title: Gifts\n  output-file: gifts\n  chapters: [chapters/one.qmd, chapters/two.qmd]\n"
        "bibliography: data/references.bib\n"
    )
    (tmp_path / "pyproject.toml").write_text('[tool.recount]\nanalysis = "tiny"\n')
    (tmp_path / "requirements.lock").write_text("")
    (tmp_path / "data/references.bib").write_text(
        "@book{smith2001apples, title={Apples}, author={Smith, A}, year=2001}\n"
    )
    (tmp_path / "data/gifts.csv").write_text("id,organisation\napple,alpha\nbrush,beta\ncart,alpha\n")
    (tmp_path / "src/tiny/__init__.py").write_text("")
    (tmp_path / "src/tiny/report.py").write_text(REPORT)
    (tmp_path / "chapters/one.qmd").write_text(
        SETUP + "# One {#sec-one}\n\nAlpha gave `{python} report.alpha` gifts.\n\n"
        "```{python}\n#| label: tbl-gifts\n#| tbl-cap: The gifts\nreport.table\n```\n"
    )
    (tmp_path / "chapters/two.qmd").write_text("# Two {#sec-two}\n\nNothing is computed here.\n")
    return tmp_path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up project of two organisations and twelve acts, built once; tests copy it."""
    from recount import synthetic
    from sample_book import report

    root = tmp_path_factory.mktemp("built") / "sample"
    synthetic.write(root, organisations=2, activities=12)
    done = report(root)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def sample(built: Path, tmp_path: Path) -> Path:
    """A copy of the built made-up project, with its book and caches."""
    from sample_book import copy

    return copy(built, tmp_path / "sample")
