"""Stages of a build beside each other: chapters begin while results are computed, and wait where they ask for one."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

import pytest

from recount import build, certificate, chapters, execution, project
from recount.certificate import Certificate
from recount.problems import Exit, Problem, Stop
from recount.progress import Progress
from recount.stale import file_digest
from recount.tools import Tools

CHAPTER = """```{python}
#| include: false
from tiny import told
```

# One {#sec-one}

There are `{python} told.rows` rows, and the result is `{python} told.result`.
"""
TOLD = """
from pathlib import Path
from recount import results

class _Rows:
    def __str__(self):
        return str(len(Path("data/gifts.csv").read_text().splitlines()) - 1)
    __repr__ = __str__

class _Result:
    def __str__(self):
        return results.read("told")
    __repr__ = __str__

rows, result = _Rows(), _Result()
"""
RESULTS = """
import time
from pathlib import Path

def compute():
    rows = len(Path("data/gifts.csv").read_text().splitlines()) - 1
    time.sleep({seconds})
    return {{"told": f"made of {{rows}}"}}
"""


@pytest.fixture
def slow(tiny: Path) -> Path:
    """The tiny project, whose first chapter counts a table and then quotes a result that takes a second."""
    (tiny / "src/tiny/told.py").write_text(TOLD)
    (tiny / "src/tiny/results.py").write_text(RESULTS.format(seconds=1))
    (tiny / "chapters/one.qmd").write_text(CHAPTER)
    return tiny


def built(
    root: Path, verdicts: Callable[[], None] = lambda: None, said: io.StringIO | None = None
) -> tuple[str, list[str]]:
    """The text of the first chapter after a build, and what the build printed."""
    said = said or io.StringIO()

    def gate() -> bool:
        table = {"path": "data/gifts.csv", "sha256": file_digest(root / "data/gifts.csv"), "rows": 0}
        certificate.save(Certificate(tables={"gifts": table}), root / ".recount")
        return True

    executed = build.pipeline(project.load(root), Progress(said), gate=gate, verdicts=verdicts)
    return executed.chapters[0].markdown, said.getvalue().splitlines()


def test_a_chapter_begun_before_the_results_are_there_shows_the_new_ones(slow: Path) -> None:
    """After a change of the table it starts beside the results, and quotes those that were made of that table."""
    assert "There are 3 rows, and the result is made of 3." in built(slow)[0]
    with (slow / "data/gifts.csv").open("a") as table:
        table.write("drum,beta\n")
    assert "There are 4 rows, and the result is made of 4." in built(slow)[0]


def test_what_opens_a_result_waits_until_results_may_be_read(slow: Path) -> None:
    """Those that lie there meanwhile are of the last build."""
    built(slow)
    chapter, _ = chapters.read(slow, "chapters/one.qmd")
    awaited = slow / "adopted"
    # First the threads' end, then the kernels', as in a build.
    with ThreadPoolExecutor() as pool, ExitStack() as stack:
        nursery = Tools(slow, stack).nursery
        asked = pool.submit(execution.evaluate, chapter, nursery, awaited=awaited)
        assert not wait([asked], timeout=2).done
        (slow / ".recount/results/told.json").write_text('"new"')
        awaited.touch()
        assert asked.result().names["told.result"]["data"]["text/plain"] == "new"


def test_a_refused_verdict_ends_the_chapters_that_wait_for_results(slow: Path) -> None:
    """They are neither waited for nor written nor called failed, and the next build makes them."""
    built(slow)
    with (slow / "data/gifts.csv").open("a") as table:
        table.write("drum,beta\n")

    def refuse() -> None:
        time.sleep(0.5)  # the chapter has begun
        raise Stop([Problem("data/claims.yml", 1, "verdict-as-accepted", "changed")], Exit.VERDICT)

    before = file_digest(slow / ".recount/executed/chapters/one/record.json")
    said = io.StringIO()
    with pytest.raises(Stop) as stopped:
        built(slow, refuse, said)
    assert stopped.value.code == Exit.VERDICT
    assert "chapter" not in said.getvalue()
    assert file_digest(slow / ".recount/executed/chapters/one/record.json") == before
    assert "made of 4" in built(slow)[0]
