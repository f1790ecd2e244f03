"""Measuring builds: how long they take, how much memory, and which part of them takes it.

Every build is a process of its own on a copy of the project, so what is measured is what a person waits for; all are
made several times, since a machine that is shared with others is quick one minute and slow the next. Peak memory is the
proportional share (PSS) of the whole tree of processes, sampled in a build beside those that are timed; where the
system tells no shares it is left out. Numbers of two machines are compared as ratios to the cold build.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from recount import latency, project, quarto, stress, synthetic
from recount.clocks import PARTS
from recount.problems import Exit, Problem, Stop
from recount.progress import Progress

GROWTH = ((5, 100), (20, 100), (80, 100), (5, 10_000), (5, 1_000_000))
"""Organisations and acts of the made-up projects."""

ROUNDS = 3
"""How often each build of the table is made."""

_EVERY = 0.2
_ENGINES = re.compile(r"^engines:\n(?: .*\n)+", re.MULTILINE)


@dataclass(frozen=True)
class Measured:
    """A build, made once or several times: what was done before it, and what was measured.

    Args:
        name: what was done before it.
        times: the seconds of each time.
        pace: that of the machine, as a median.
        memory: its peak in MB, 0 where it is unknown.
        parts: the seconds of each part.
    """

    name: str
    times: tuple[float, ...]
    pace: float = 0.0
    memory: int = 0
    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """The median of the times."""
        return median(self.times)


def together(found: Sequence[Measured]) -> Measured:
    """Several times the same build as one; its parts are those of the time in the middle."""
    middle = sorted(found, key=lambda one: one.seconds)[(len(found) - 1) // 2]
    times = tuple(sorted(seconds for one in found for seconds in one.times))
    return replace(middle, times=times, pace=median(one.pace for one in found), memory=max(one.memory for one in found))


def build(root: Path, name: str, *, renderer: str = "builtin", weighed: bool = False) -> Measured:
    """Build the project in ROOT once, in a process of its own.

    Args:
        root: the project.
        name: what was done before.
        renderer: that of the command line.
        weighed: whether memory is sampled, which takes time of the very cores that build.

    Raises:
        Stop: the build failed; a failure that is fast is no measurement.
    """
    account = root / ".recount-bench.json"
    account.unlink(missing_ok=True)
    path = os.pathsep.join([str(root / "src"), str(Path(__file__).parents[1])])
    before = pace()
    began = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - this Python, our own module
        [sys.executable, "-m", "recount.clocks", str(account), "report", "--renderer", renderer],
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    peak: list[int] = [0]
    ended = threading.Event()
    sampler = threading.Thread(target=_sample, args=(process.pid, peak, ended))
    if weighed:
        sampler.start()
    _, errors = process.communicate()
    seconds = time.monotonic() - began
    ended.set()
    if weighed:
        sampler.join()
    if process.returncode:
        raise Stop(
            [Problem("", 0, "measured-build-succeeds", f"{name}: {errors.strip()}", fix="make the book build first")],
            Exit(process.returncode) if process.returncode in list(Exit) else Exit.BUG,
        )
    parts = json.loads(account.read_text(encoding="utf-8"))
    account.unlink()
    return Measured(name, (seconds,), before, peak[0], parts)


def pace() -> float:
    """The seconds of a fixed loop of Python: a machine shared with others may be half as quick a minute later."""
    began = time.perf_counter()
    total = 0
    for number in range(5_000_000):
        total += number
    return time.perf_counter() - began


def _sample(pid: int, peak: list[int], ended: threading.Event) -> None:
    while not ended.wait(_EVERY):
        peak[0] = max(peak[0], sum(_share(one) for one in _tree(pid)) // 1024)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return
    for task in tasks:
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _tree(int(child))


def _share(pid: int) -> int:
    """The proportional share of memory of a process in kB, 0 where it cannot be known."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


@contextmanager
def copied(root: Path) -> Iterator[Path]:
    """A copy of the project without its caches and outputs; its environment is the one that measures."""
    with TemporaryDirectory(prefix="recount-bench-") as name:
        place = Path(name) / "project"
        left_out = shutil.ignore_patterns(
            ".recount*", "_book*", "_freeze", ".quarto", ".venv", ".*_cache", "*_files", "source"
        )
        shutil.copytree(root, place, ignore=left_out)
        if (root / "source").is_dir():
            (place / "source").symlink_to((root / "source").resolve())
        yield place


def builds(root: Path, progress: Progress) -> list[Measured]:
    """The six builds of the table, each after the one before it, several times over."""
    found: dict[str, list[Measured]] = {}
    with copied(root) as place:
        heavy = build(place, "cold", weighed=True)
        progress.line(_line(heavy, heavy.seconds))
        for _ in range(ROUNDS):
            for name, prepare in _edits(place):
                prepare()
                found.setdefault(name, []).append(build(place, name))
                progress.line(_line(found[name][-1], found["cold"][0].seconds))
        cold, *others = map(together, found.values())
        return [replace(cold, memory=heavy.memory), *others, *_quarto(place, progress, cold.seconds)]


def _quarto(place: Path, progress: Progress, cold: float) -> Iterator[Measured]:
    """Quarto on its own and fed, where it is installed."""
    program = quarto.find(place)
    if program is None:
        progress.line("quarto      not installed here, so not compared")
        return
    # The scripts that Quarto calls are named by the environment's place in the project.
    (place / ".venv").symlink_to(sys.prefix)
    one = build(place, "quarto, fed", renderer="quarto")
    progress.line(_line(one, cold))
    yield one
    for left in ("_freeze", ".quarto"):
        shutil.rmtree(place / left, ignore_errors=True)
    settings = place / "_quarto.yml"
    settings.write_text(_ENGINES.sub("", settings.read_text(encoding="utf-8")), encoding="utf-8")
    python = str(Path(sys.executable).absolute())
    before = pace()
    began = time.monotonic()
    # Told that it is fed, the pre-render script does nothing, and Quarto runs every cell itself.
    done = subprocess.run(  # noqa: S603 - Quarto, found by `quarto.find`
        [program[0], "render"],
        cwd=place,
        env={**os.environ, "RECOUNT_FED": "1", "QUARTO_PYTHON": python},
        check=False,
        capture_output=True,
    )
    if done.returncode:
        progress.line("quarto, alone   it could not; to run cells itself it needs nbclient beside our packages")
        return
    alone = Measured("quarto, alone", (time.monotonic() - began,), before)
    progress.line(_line(alone, cold))
    yield alone


def _edits(place: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    book = project.load(place)
    texts = [place / file.path for file in book.chapters]
    chapter = next((path for path in texts if "{python}" in path.read_text(encoding="utf-8")), texts[0])
    module = place / "src" / book.analysis / "report.py"
    yield "cold", lambda: _clean(place)
    yield "nothing changed", lambda: None
    yield "one comma", lambda: _append(chapter, "\nOne more sentence, with a comma.\n")
    yield "one row", lambda: _recode(place)
    yield "one module", lambda: _append(module, "\n# One more line.\n")
    yield "one style", lambda: _restyle(place)


def _clean(place: Path) -> None:
    for name in (".recount", "_book", "_freeze"):
        shutil.rmtree(place / name, ignore_errors=True)


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def _recode(place: Path, years: int = 1) -> None:
    """Let one act of the table of acts begin some years earlier; figures and tables show it."""
    _edit_act(place, "start", lambda cell: f"{int(cell[:4]) - years:04}{cell[4:]}" if cell[:4].isdigit() else "")


def _undo(place: Path) -> None:
    """Let one act of the table of acts be planned that was completed, or the other way round: it counts no more."""
    _edit_act(place, "status", {"completed": "planned", "planned": "completed"}.get)


def _edit_act(place: Path, column: str, change: Callable[[str], str | None]) -> None:
    """Exchange the cell of the first act in which there is something to exchange."""
    path = place / "data" / "activities.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at = lines[0].rstrip("\n").split(",").index(column)
    for number, line in enumerate(lines[1:], start=1):
        cells = line.split(",")
        new = change(cells[at]) if '"' not in line else None
        if new:
            cells[at] = new
            lines[number] = ",".join(cells)
            path.write_text("".join(lines), encoding="utf-8")
            return
    fix = f"give one row a {column} that the bench knows how to change, and no quotation marks"
    problem = Problem("data/activities.csv", 0, "measured-row-can-be-recoded", f"no act has a plain {column}", fix=fix)
    # Without a change nothing would be measured, and quickly.
    raise Stop([problem], Exit.DATA)


def _restyle(place: Path) -> None:
    own = place / "src" / "recount" / "render" / "assets" / "book.css"
    if own.is_file():
        _append(own, "\n/* one more line */\n")
    else:
        _append(place / "_quarto.yml", "\n# One more line.\n")


def growth(progress: Progress, sizes: Sequence[tuple[int, int]] = GROWTH) -> list[tuple[int, int, Measured]]:
    """Cold builds of made-up projects, so that it is seen what grows with what."""
    found = []
    with TemporaryDirectory(prefix="recount-growth-") as folder:
        for organisations, acts in sizes:
            place = Path(folder) / f"{organisations}-{acts}"
            synthetic.write(place, organisations=organisations, activities=acts)
            name = f"{organisations} organisations, {acts:,} acts"
            heavy = build(place, name, weighed=True)
            times = []
            for _ in range(ROUNDS):
                _clean(place)
                times.append(build(place, name))
            one = replace(together(times), memory=heavy.memory)
            progress.line(_line(one, one.seconds))
            found.append((organisations, acts, one))
            shutil.rmtree(place)
    return found


def _line(one: Measured, cold: float) -> str:
    memory = f"{one.memory:>6} MB" if one.memory else "        -"
    parts = "  ".join(f"{name} {seconds:.1f}" for name, seconds in one.parts.items() if seconds >= 0.05)
    return f"{one.name:<36}{one.seconds:7.2f} s {one.seconds / cold:6.1%} {one.pace:5.2f} {memory}   {parts}"


def document(
    measured: Sequence[Measured],
    grown: Sequence[tuple[int, int, Measured]],
    chapters: int,
    tables: Sequence[str],
) -> str:
    """The measurements as a Markdown page, with the lines of further TABLES before those of growth."""
    names = [name for name in PARTS if any(one.parts.get(name, 0) >= 0.05 for one in measured)]
    cold = measured[0].seconds
    machine = f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    lines = [
        "# How long a build takes",
        "",
        "Written by `make bench BENCH=--write`; do not edit the tables by hand.",
        f"Measured on {os.cpu_count()} cores ({machine}) with a book of {chapters} chapters.",
        "On another machine compare the ratios, not the seconds.",
        "",
        f"Each build was made {len(measured[0].times)} times: the median, and behind it the quickest and the slowest.",
        "",
        "A part's seconds are summed over the threads that were in it, so parts may add up to more than the whole.",
        "",
        "The pace is the seconds that a fixed loop of Python took just before; the lower, the quicker the machine was.",
        "",
        f"| Build | Seconds | From, to | Of cold | Pace | Memory (MB) | {' | '.join(names)} |",
        f"|:--|--:|:--|--:|--:|--:|{'--:|' * len(names)}",
    ]
    for one in measured:
        cells = [f"{one.parts[name]:.1f}" if one.parts.get(name, 0) >= 0.05 else "" for name in names]
        memory = str(one.memory) if one.memory else ""
        span = f"{one.times[0]:.1f}, {one.times[-1]:.1f}" if len(one.times) > 1 else ""
        told = f"{one.seconds:.1f} | {span} | {one.seconds / cold:.0%} | {one.pace:.2f} | {memory}"
        lines.append(f"| {one.name} | {told} | {' | '.join(cells)} |")
    if not any(one.name.startswith("quarto") for one in measured):
        lines += ["", "Quarto was not installed there, so it is not compared."]
    lines += tables
    if grown:
        lines += ["", "## Growth", "", "Cold builds of made-up projects (`recount.synthetic`).", ""]
        lines += [
            "| Organisations | Acts | Seconds | Seconds a chapter | Gate | Memory (MB) |",
            "|--:|--:|--:|--:|--:|--:|",
        ]
        for organisations, acts, one in grown:
            per = one.parts.get("kernels", 0) / organisations
            gate = one.parts.get("gate", 0)
            lines.append(
                f"| {organisations} | {acts:,} | {one.seconds:.1f} | {per:.2f} | {gate:.1f} | {one.memory or ''} |"
            )
    return "\n".join(lines) + "\n"


def run(root: Path, progress: Progress, *, write: bool, large: bool) -> None:
    """Measure the project in ROOT, print, and with WRITE keep the tables in `docs/performance.md`."""
    progress.line(
        f"{'build':<36}{'time':>9} {'of cold':>6} {'pace':>4} {'memory':>9}   parts, in seconds over all threads"
    )
    measured = builds(root, progress)
    with copied(root) as place:
        edits = [edit for edit in _edits(place) if edit[0] not in {"cold", "nothing changed"}]
        # Only here, where a changed verdict does not stop the build: it may move results that many chapters show.
        edits.append(("one row that scores rest on", lambda: _undo(place)))
        followed = latency.measure(place, pace, edits * ROUNDS)
    for one in followed:
        progress.line(
            f"in a preview, {one.name:<22}{one.pages:7.2f} s the page {one.paper:6.2f} s the PDF {one.pace:5.2f} pace"
        )
    with copied(root) as place:
        told = latency.errors(place, lambda: _recode(place, 1500), lambda: _recode(place, -1500), ROUNDS)
    for found in told:
        progress.line(f"a first error of the data, {found.where:<29} {median(found.seconds):7.2f} s")
    with copied(root) as place:
        robustness = stress.measure(place)
    for name, seconds in robustness.items():
        progress.line(f"{name:<60}{seconds:7.2f} processor seconds")
    grown = growth(progress) if large else []
    if write:
        path = root / "docs" / "performance.md"
        path.parent.mkdir(exist_ok=True)
        kept = path.read_text(encoding="utf-8").partition("\n## What was found")[1:] if path.is_file() else ("", "")
        tables = [*latency.table(followed), *latency.errors_table(told), *stress.table(robustness)]
        text = document(measured, grown, len(project.load(root).chapters), tables) + "".join(kept)
        path.write_text(text, encoding="utf-8")
        progress.line("written     docs/performance.md")
