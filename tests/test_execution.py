"""Running chapters: what they show, what they read, how they fail, and when they need no kernel."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from recount import build, certificate, chapters, execution, project
from recount.kernels import Nursery
from recount.problems import Exit, Stop
from recount.progress import Progress
from recount.tools import Tools


@pytest.fixture(scope="module")
def silent() -> Progress:
    """Progress that prints into nothing."""
    import io

    return Progress(io.StringIO())


class Counting(Tools):
    """The tools of a build that know how often a warm process was started."""

    def __init__(self, root: Path) -> None:
        """Nothing is started yet."""
        self.started, self.root, self.stack = 0, root, ExitStack()
        super().__init__(root, self.stack)

    @property
    def nursery(self) -> Nursery:
        """The warm process."""
        self.started += self._nursery is None
        return super().nursery

    def close(self) -> None:
        """End what was started."""
        self.stack.close()
        super().__init__(self.root, self.stack)


@pytest.fixture
def tools(tiny: Path) -> Iterator[Counting]:
    """The tools of a build of the tiny project."""
    counting = Counting(tiny)
    yield counting
    counting.close()


def run(root: Path, tools: Counting, silent: Progress) -> build.Executed:
    """The tiny book's chapters, made up to date."""
    book = project.load(root)
    found = build.read_chapters(book)
    return build.execute(book, found, build.stale_chapters(book, found), tools, silent)


def test_a_chapter_becomes_markdown_of_quartos_shape(tiny: Path, tools: Counting, silent: Progress) -> None:
    """Inline values become spans with their origin kept, tables become labelled cells, setup cells vanish."""
    one = run(tiny, tools, silent).chapters[0]
    assert 'Alpha gave [2]{.computed value="report.alpha"} gifts.' in one.markdown
    assert "::: {#tbl-gifts .cell tbl-cap='The gifts'}" in one.markdown
    assert "import report" not in one.markdown
    assert one.values["report.alpha"]["rows"] == ["gifts:apple", "gifts:cart"]


def test_a_table_directly_below_a_paragraph_is_a_block_of_its_own(
    tiny: Path, tools: Counting, silent: Progress
) -> None:
    """A cell that follows its paragraph without a blank line is not read as part of it."""
    path = tiny / "chapters/one.qmd"
    path.write_text(path.read_text().replace("gifts.\n\n```", "gifts.\n```"))
    assert "gifts.\n\n::: {#tbl-gifts" in run(tiny, tools, silent).chapters[0].markdown


def test_what_a_chapter_reads_is_recorded(tiny: Path, tools: Counting, silent: Progress) -> None:
    """The table and the modules are in the record, without anybody having declared them."""
    run(tiny, tools, silent)
    record = json.loads((tiny / ".recount/executed/chapters/one/record.json").read_text())
    assert set(record["files"]) == {"data/gifts.csv"}
    assert "src/tiny/report.py" in record["modules"]


LOOKING = """
import os
import sqlite3
from pathlib import Path

def __getattr__(name):
    if name == "listed":
        return len(list(Path("data").glob("*.csv")))
    if name == "missing":
        return Path("data/more.csv").exists() or os.path.isfile("data/most.csv")
    if name == "told":
        return os.environ.get("GIFTS_FROM") or os.getenv("GIFTS_TO") or "GIFTS" in os.environ
    if name == "stored":
        with sqlite3.connect("file:data/gifts.sqlite?mode=ro", uri=True) as one:
            return one.execute("select 1").fetchone()
    raise AttributeError(name)
"""


@pytest.mark.parametrize(
    ("name", "recorded", "comes"),
    [
        ("listed", {"data/"}, "data/more.csv"),
        ("missing", {"data/more.csv", "data/most.csv"}, "data/most.csv"),
        ("stored", {"data/gifts.sqlite"}, "data/gifts.sqlite"),
    ],
)
def test_what_a_chapter_asks_after_is_recorded_too(  # noqa: PLR0913, PLR0917 - three of them are a case
    tiny: Path, tools: Counting, silent: Progress, name: str, recorded: set[str], comes: str
) -> None:
    """The names in a folder, a file that is not there yet, a database; if one comes or changes the chapter is stale."""
    (tiny / "src/tiny/looking.py").write_text(LOOKING)
    sqlite3.connect(tiny / "data/gifts.sqlite").close()
    setup = "```{python}\n#| include: false\nfrom tiny import looking\n```\n\n"
    (tiny / "chapters/one.qmd").write_text(f"{setup}# One {{#sec-one}}\n\n```{{python}}\nlooking.{name}\n```\n")
    run(tiny, tools, silent)
    record = json.loads((tiny / ".recount/executed/chapters/one/record.json").read_text())
    assert set(record["files"]) == recorded
    (tiny / comes).write_text("id\n")
    book = project.load(tiny)
    assert build.stale_chapters(book, build.read_chapters(book))["chapters/one.qmd"] != []


def test_a_variable_that_a_chapter_asks_for_is_recorded(
    tiny: Path, tools: Counting, silent: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it is asked for, and whether or not it is set."""
    (tiny / "src/tiny/looking.py").write_text(LOOKING)
    setup = "```{python}\n#| include: false\nfrom tiny import looking\n```\n\n"
    (tiny / "chapters/one.qmd").write_text(f"{setup}# One {{#sec-one}}\n\n```{{python}}\nlooking.told\n```\n")
    run(tiny, tools, silent)
    book = project.load(tiny)
    assert build.stale_chapters(book, build.read_chapters(book))["chapters/one.qmd"] == []
    for name in ("GIFTS_FROM", "GIFTS_TO", "GIFTS"):
        with monkeypatch.context() as told:
            told.setenv(name, "alpha")
            [reason] = build.stale_chapters(book, build.read_chapters(book))["chapters/one.qmd"]
            assert str(reason) == f"setting changed: {name}"


def test_a_change_of_prose_starts_no_kernel(tiny: Path, tools: Counting, silent: Progress) -> None:
    """New words around the same values are put together from the kept answers."""
    run(tiny, tools, silent)
    tools.close()
    path = tiny / "chapters/one.qmd"
    path.write_text(path.read_text().replace("Alpha gave", "In all Alpha gave"))
    again = run(tiny, tools, silent)
    assert tools.started == 1
    assert "In all Alpha gave [2]" in again.chapters[0].markdown


def test_a_changed_row_runs_only_the_chapter_that_read_it(tiny: Path, tools: Counting, silent: Progress) -> None:
    """The row is named as the reason, and the other chapter is left alone."""
    run(tiny, tools, silent)
    path = tiny / "data/gifts.csv"
    path.write_text(path.read_text() + "drum,alpha\n")
    again = run(tiny, tools, silent)
    assert {source: list(map(str, why)) for source, why in again.reasons.items()} == {
        "chapters/one.qmd": ["table changed: data/gifts.csv (drum)"]
    }
    assert "[3]" in again.chapters[0].markdown


def test_a_changed_module_is_the_reason(tiny: Path, tools: Counting, silent: Progress) -> None:
    """A chapter is stale when a module it imports changes, though its own text did not."""
    run(tiny, tools, silent)
    path = tiny / "src/tiny/report.py"
    path.write_text(path.read_text() + "\n")
    book = project.load(tiny)
    why = build.stale_chapters(book, build.read_chapters(book))
    assert [str(reason) for reason in why["chapters/one.qmd"]] == ["module changed: src/tiny/report.py"]
    assert why["chapters/two.qmd"] == []


def test_failures_of_all_chapters_are_reported_together(tiny: Path, tools: Counting, silent: Progress) -> None:
    """A failing cell and an unknown name in two chapters come with file and line, exit code 3, and no book."""
    one, two = tiny / "chapters/one.qmd", tiny / "chapters/two.qmd"
    one.write_text(one.read_text().replace("report.table\n", "report.nothing\n"))
    two.write_text(
        one.read_text().replace("report.nothing\n", "report.table\n").replace("report.alpha", "report.gamma")
    )
    two.write_text(two.read_text().replace("sec-one", "sec-two"))
    with pytest.raises(Stop) as stopped:
        run(tiny, tools, silent)
    assert stopped.value.code == Exit.CHAPTER
    assert [(p.file, p.rule, p.line) for p in stopped.value.problems] == [
        ("chapters/one.qmd", "cell-runs", 13),
        ("chapters/two.qmd", "inline-name", 8),
    ]
    assert "report.nothing" in stopped.value.problems[0].fix


def test_a_cell_that_is_no_python_is_a_problem_with_its_line(tiny: Path, tools: Counting) -> None:
    """Python's own word for it, and no file that the author does not have."""
    (tiny / "chapters/one.qmd").write_text("# One\n\n```{python}\nx = 1\ny = (2\nz = 3\n```\n")
    chapter, _ = chapters.read(tiny, "chapters/one.qmd")
    [problem] = execution.evaluate(chapter, tools.nursery).problems
    assert (problem.line, problem.rule, problem.message) == (5, "cell-runs", "SyntaxError: '(' was never closed")


def test_a_kernel_that_dies_is_a_problem(tiny: Path, tools: Counting) -> None:
    """A cell that ends Python is reported, and nothing waits for ever."""
    (tiny / "chapters/one.qmd").write_text("```{python}\nimport os\n```\n\n# One\n\n```{python}\nos._exit(1)\n```\n")
    chapter, _ = chapters.read(tiny, "chapters/one.qmd")
    evaluation = execution.evaluate(chapter, tools.nursery)
    assert [problem.rule for problem in evaluation.problems] == ["kernel-alive"]


def test_a_damaged_record_only_costs_a_run(tiny: Path, tools: Counting, silent: Progress) -> None:
    """A record that is cut off is as good as none."""
    run(tiny, tools, silent)
    record = tiny / ".recount/executed/chapters/one/record.json"
    record.write_text(record.read_text()[:40])
    again = run(tiny, tools, silent)
    assert [str(reason) for reason in again.reasons["chapters/one.qmd"]] == ["output missing: its record is damaged"]


def test_kernels_asked_for_at_once_are_not_mixed_up(tools: Counting) -> None:
    """Each of many threads gets a kernel of its own, which keeps what it is told."""
    from concurrent.futures import ThreadPoolExecutor

    from recount.kernels import kernel

    def own(number: int) -> tuple[str, str]:
        with kernel(warm) as one:
            one.run(f"import os; kept = {number}")
            return tuple(one.value(name)[0]["data"]["text/plain"] for name in ("kept", "os.getpid()"))

    warm = tools.nursery
    with ThreadPoolExecutor(max_workers=6) as pool:
        found = list(pool.map(own, range(12)))
    assert [kept for kept, _ in found] == [str(number) for number in range(12)]
    assert len({pid for _, pid in found}) == 12


def test_what_a_cell_prints_and_shows_stands_in_its_order(tools: Counting) -> None:
    """Streams, displays and the result; what is printed in a row is one, a picture is text as in a notebook."""
    from recount.kernels import kernel

    shown = """
import sys
class Dot:
    def _repr_png_(self):
        return b"dot"
print("one"); print("two")
display("three")
print("four", file=sys.stderr)
display(Dot())
"five"
"""
    with kernel(tools.nursery) as one:
        outputs, _ = one.run(shown)
        silent, _ = one.run("'nothing';")
    told = [output.get("text") or output["data"].get("image/png") or output["data"]["text/plain"] for output in outputs]
    assert told == ["one\ntwo\n", "'three'", "four\n", "ZG90", "'five'"]
    assert [output["type"] for output in outputs][-1] == "execute_result"
    assert silent == []


def test_what_cannot_be_handed_on_is_an_error_of_its_cell(tools: Counting) -> None:
    """A value that shows itself as what is no JSON, in a cell and by name; the kernel answers on."""
    from recount.kernels import kernel

    odd = "class Odd:\n    def _repr_json_(self):\n        return {'of': {1}}\nodd = Odd()\nodd"
    with kernel(tools.nursery) as one:
        outputs, _ = one.run(odd)
        value, _ = one.value("odd")
        after, _ = one.value("1 + 1")
    assert [(output["type"], output["ename"]) for output in outputs] == [("error", "TypeError")]
    assert (value["status"], value["ename"]) == ("error", "TypeError")
    assert after["data"]["text/plain"] == "2"


UNSTEADY = """
import random
import socket
import subprocess
import time
from pathlib import Path
import numpy as np

def __getattr__(name):
    if name == "notes":
        return Path("notes.txt").read_text() + Path("data/gifts.csv").read_text()[:2]
    if name == "now":
        return time.time()
    if name == "drawn":
        return random.random() + np.random.default_rng().random() + random.Random().random()
    if name == "fixed":
        return np.random.default_rng(1).random() + random.Random(2).random()
    if name == "asked":
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", 9))
    if name == "listed":
        return sorted(path.name for path in Path("data").iterdir()) + [path.name for path in Path(".").iterdir()]
    if name == "program":
        return subprocess.run(["true"]).returncode
    if name == "outside":
        return Path(__file__).parents[3].joinpath("outside.txt").read_text()
    raise AttributeError(name)
"""


def test_what_may_differ_tomorrow_is_a_problem_with_its_line(tiny: Path, tools: Counting) -> None:
    """Files nobody tracks, clock, chance, network, other programs; what has a seed and what Git tracks is fine."""
    (tiny / "src/tiny/unsteady.py").write_text(UNSTEADY)
    (tiny / "notes.txt").write_text("notes")
    tiny.with_name("outside.txt").write_text("elsewhere")
    names = ["fixed", "notes", "now", "drawn", "asked", "listed", "program"]
    cells = "".join(f"```{{python}}\nunsteady.{name}\n```\n\n" for name in names)
    setup = "```{python}\n#| include: false\nfrom tiny import unsteady\n```\n\n"
    (tiny / "chapters/one.qmd").write_text(
        f"{setup}# One {{#sec-one}}\n\n{cells}It is `{{python}} unsteady.outside`.\n"
    )
    for command in (["git", "init", "-q"], ["git", "add", "data", "src"]):
        subprocess.run(command, cwd=tiny, check=True)
    chapter, _ = chapters.read(tiny, "chapters/one.qmd")
    readable = certificate.readable(tiny, tiny / ".recount")
    found = execution.evaluate(chapter, tools.nursery, readable).problems
    told = [(problem.line, problem.rule, Path(problem.value).name or problem.value) for problem in found]
    assert told == [
        (13, "file-is-tracked", "notes.txt"),
        (17, "no-clock", "the clock (time.time)"),
        (21, "no-chance", "chance (random)"),
        (21, "no-chance", "chance (numpy.random.default_rng)"),
        (25, "no-network", "('127.0.0.1', 9)"),
        (29, "folder-is-tracked", "./"),
        (33, "no-program", "true"),
        (36, "file-is-tracked", "outside.txt"),
    ]


def test_a_value_that_cannot_be_shown_is_a_problem(tiny: Path, tools: Counting) -> None:
    """IPython keeps an error in `__repr__` to itself."""
    cells = "```{python}\n#| include: false\nclass Mute:\n    def __repr__(self):\n        raise ValueError\n```\n\n"
    (tiny / "chapters/one.qmd").write_text(f"{cells}# One\n\nIt is `{{python}} Mute()`.\n")
    chapter, _ = chapters.read(tiny, "chapters/one.qmd")
    [problem] = execution.evaluate(chapter, tools.nursery).problems
    assert (problem.rule, problem.line, problem.message) == (
        "inline-name",
        10,
        "`Mute()` fails: its value cannot be shown",
    )
