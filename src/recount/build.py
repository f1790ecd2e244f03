"""The stages of a build in order: gate, results, chapters, book; each only if something it depends on changed."""

from __future__ import annotations

import functools
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from recount import adoption, certificate, chapters, execution, jsontext, stale, swap
from recount.chapters import Chapter
from recount.problems import Exit, Problem, Stop
from recount.progress import Progress
from recount.project import Project
from recount.stale import Reason
from recount.tools import Tools


@dataclass(frozen=True)
class Executed:
    """The executed chapters in reading order, and why those that were run were run."""

    chapters: tuple[execution.ExecutedChapter, ...]
    reasons: dict[str, list[Reason]]


def read_chapters(project: Project) -> list[Chapter]:
    """All chapters of the book; what is wrong with their form stops the build with exit code 3."""
    found: list[Chapter] = []
    problems: list[Problem] = []
    for file in project.chapters:
        chapter, wrong = chapters.read(project.root, file.path)
        found.append(chapter)
        problems += wrong
    if problems:
        raise Stop(problems, Exit.CHAPTER)
    return found


def folder_of(project: Project, source: str) -> Path:
    """Where the executed form of a chapter lies."""
    return project.cache / "executed" / Path(source).with_suffix("")


def stale_chapters(project: Project, found: Sequence[Chapter]) -> dict[str, list[Reason]]:
    """Why each chapter would run again; an empty list if it would not."""
    once = functools.cache(stale.file_digest)  # chapters rest on the same modules and tables
    return {
        chapter.path: stale.reasons(
            project.root, folder_of(project, chapter.path) / "record.json", chapter.files, project.cache, once
        )
        for chapter in found
    }


def results_reasons(project: Project) -> list[Reason]:
    """Why the results would be computed again."""
    return stale.reasons(project.root, project.cache / "results.record.json", [], project.cache)


def why(project: Project) -> dict[str, list[Reason]]:
    """Why the certificate, the results and each chapter would be made again, by what they are called."""
    checked: list[Reason] = []
    known, now = certificate.load(project.cache / certificate.NAME), certificate.inputs(project.root)
    if known is None:
        checked = [Reason("output missing", certificate.NAME)]
    else:
        for path in sorted(known.inputs.keys() | now.keys()):
            if known.inputs.get(path) != now.get(path):
                checked.append(stale.changed_file(project.root, path, known.inputs.get(path, ""), project.cache))
        if known.versions != certificate.versions():
            checked.append(Reason("package changed", "what the gate uses"))
    return {"data": checked, "results": results_reasons(project), **stale_chapters(project, read_chapters(project))}


def execute(
    project: Project,
    found: Sequence[Chapter],
    reasons: Mapping[str, list[Reason]],
    tools: Tools,
    progress: Progress,
) -> Executed:
    """Make the chapters that are out of date.

    Args:
        project: the report.
        found: all chapters in reading order.
        reasons: why each would be made again; those without a reason are not.
        tools: what starts kernels and draws.
        progress: where to tell.
    """
    with ThreadPoolExecutor(THREADS) as pool, _Making(project, tools, progress, pool) as making:
        making.begin(found, reasons)
        return making.finished(found)


THREADS = 2 * (os.cpu_count() or 1)
"""Twice as many as cores: each chapter waits in turn for its kernel, its drawings and pandoc."""


class _Making:
    """Chapters being made, as many side by side as there are cores.

    A chapter of which only the prose changed is put together from the answers kept of its last run; a kernel is
    started for the others. All of them run even if one fails, so that every failure is reported at once (exit code 3).
    """

    def __init__(
        self,
        project: Project,
        tools: Tools,
        progress: Progress,
        pool: ThreadPoolExecutor,
        after: Callable[[execution.ExecutedChapter], None] = lambda _: None,
    ) -> None:
        self._project, self._tools, self._progress, self._pool, self._after = project, tools, progress, pool, after
        self._reasons: dict[str, list[Reason]] = {}
        self._futures: list[Future[list[Problem]]] = []
        self._done = 0
        self._over = False

    def __enter__(self) -> Self:
        """Begin with nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """What is still at work is cut off with what it ran with; it has not failed, and nothing is told of it."""
        self._over = True

    def begin(self, found: Sequence[Chapter], reasons: Mapping[str, list[Reason]], awaited: Path | None = None) -> None:
        """Make those of the chapters that have a reason and were not begun yet.

        Args:
            found: chapters.
            reasons: why each would be made again.
            awaited: a file that will be there when results may be read; None if they may be read now. What can be put
                together from answers alone is then left to a later call, since it would not wait for them.
        """
        due = [chapter for chapter in found if reasons[chapter.path] and chapter.path not in self._reasons]
        kept = {chapter.path: _kept(self._project, chapter, reasons[chapter.path]) for chapter in due}
        if awaited:
            due = [chapter for chapter in due if kept[chapter.path] is None]
        if any(kept[chapter.path] is None for chapter in due):
            self._tools.begin_kernels()
            self._tools.begin_drawing()
        tracked = certificate.readable(self._project.root, self._project.cache)
        # First what will not wait for results; else the longest, or all others are done and one core waits for it.
        order = {
            chapter.path: (bool(awaited) and not _reads_results(self._project, chapter), *_length(chapter))
            for chapter in due
        }
        for chapter in sorted(due, key=lambda chapter: order[chapter.path], reverse=True):
            self._reasons[chapter.path] = reasons[chapter.path]
            self._futures.append(self._pool.submit(self._make, chapter, kept[chapter.path], tracked, awaited))

    def finished(self, found: Sequence[Chapter]) -> Executed:
        """All chapters, now that those begun are made; what is wrong with any of them stops the build."""
        problems = [problem for future in self._futures for problem in future.result()]
        if problems:
            raise Stop(problems, Exit.CHAPTER)
        return Executed(
            tuple(execution.load(chapter.path, folder_of(self._project, chapter.path)) for chapter in found),
            {chapter.path: self._reasons[chapter.path] for chapter in found if chapter.path in self._reasons},
        )

    def _make(
        self,
        chapter: Chapter,
        kept: execution.Evaluation | None,
        tracked: Callable[[str], bool],
        awaited: Path | None,
    ) -> list[Problem]:
        project, began = self._project, time.monotonic()
        with self._tools.cores if kept is None else nullcontext():
            drawings = _Drawings(project, chapter, self._tools)
            if kept is None:
                kept = execution.evaluate(chapter, self._tools.nursery, tracked, drawings.begin, awaited=awaited)
        problems = list(kept.problems)
        if not problems:
            run = execution.assemble(chapter, kept)
            problems = run.problems or _keep(project, chapter, run, kept, drawings)
        if self._over:
            return problems
        if not problems:
            self._after(execution.load(chapter.path, folder_of(project, chapter.path)))
        self._done += 1
        state = "failed" if problems else f"{time.monotonic() - began:5.1f} s"
        self._progress.line(f"  chapter {self._done:>2} of {len(self._reasons)}  {state}  {chapter.path}")
        return problems


def _length(chapter: Chapter) -> tuple[int, int]:
    """How long a chapter will take: charts are slower than anything else."""
    return sum(cell.label.startswith("fig-") for cell in chapter.cells), len(chapter.cells)


def _reads_results(project: Project, chapter: Chapter) -> bool:
    """Whether the last run of a chapter read any results."""
    return any(path.startswith(".recount/results/") for path in _record_of(folder_of(project, chapter.path))["read"])


def _kept(project: Project, chapter: Chapter, reasons: Sequence[Reason]) -> execution.Evaluation | None:
    """The answers that still hold for a chapter, or None if a kernel must be asked."""
    code = execution.code_of(chapter)
    if not code["cells"] and not code["names"]:
        return execution.Evaluation()
    if any(reason.kind != "text changed" for reason in reasons):
        return None
    return execution.kept_evaluation(chapter, folder_of(project, chapter.path))


def _keep(
    project: Project, chapter: Chapter, run: execution.Run, answers: execution.Evaluation, drawings: _Drawings
) -> list[Problem]:
    """Write the executed form of a chapter; returns what cannot be drawn, and then writes nothing."""
    drawn, problems = drawings.of(run.figures)
    if problems:
        return problems
    place = folder_of(project, chapter.path)
    fresh = place.with_name(f"{place.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    execution.write(run, answers, chapter, fresh, drawn)
    outputs = stale.outputs_of(fresh, fresh)
    record = stale.record(project.root, chapter.files, answers.inputs, project.cache, outputs)
    # The record is written last: a folder without one counts as missing.
    swap.write_whole(fresh / "record.json", jsontext.written(record))
    shutil.rmtree(place, ignore_errors=True)
    fresh.rename(place)
    return []


class _Drawings:
    """The drawings of a chapter's figures; one whose specification has not changed is taken from the last run."""

    def __init__(self, project: Project, chapter: Chapter, tools: Tools) -> None:
        self._chapter, self._tools = chapter, tools
        self._place = folder_of(project, chapter.path)
        self._last = _record_of(self._place)
        # A drawing also depends on the package that drew it, and on how the drawing is done.
        packages = stale.file_digest(project.root / "requirements.lock")
        self._same_engine = (self._last["packages"], self._last["engine"]) == (packages, stale.engine_digest())
        self._begun: dict[str, tuple[str, Future[str]]] = {}

    def begin(self, label: str, figure: Mapping[str, Any]) -> None:
        """Draw a figure in the background, unless it is kept."""
        spec = json.dumps(figure["spec"])
        if not self._kept(label, figure):
            self._begun[label] = (spec, self._tools.drawer.draw(spec))

    def of(self, figures: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, str], list[Problem]]:
        """The SVG of each figure by label, and what could not be drawn."""
        found: dict[str, str] = {}
        problems = []
        for label, figure in figures.items():
            kept = self._kept(label, figure)
            if kept:
                found[label] = kept
                continue
            if self._begun.get(label, ("",))[0] != json.dumps(figure["spec"]):
                self.begin(label, figure)
            try:
                found[label] = self._begun[label][1].result()
            except ValueError as error:
                cell = next(cell for cell in self._chapter.cells if cell.label == label)
                fix = "correct the chart: Vega-Lite does not take its specification"
                told = " ".join(str(error).split("\n    at ")[0].split())
                problems.append(Problem(cell.file, cell.line, "figure-draws", told, label, fix=fix))
        return found, problems

    def _kept(self, label: str, figure: Mapping[str, Any]) -> str:
        """The drawing of the last run if it still holds, or nothing."""
        folder = f"{Path(self._chapter.path).stem}_files/figure-html"
        names = [f"{folder}/{label}.vl.json", f"{folder}/{label}.svg"]
        if not self._same_engine:
            return ""
        if any(stale.file_digest(self._place / name) != self._last["outputs"].get(name, "?") for name in names):
            return ""
        before = json.loads((self._place / names[0]).read_text(encoding="utf-8"))["spec"]
        return (self._place / names[1]).read_text(encoding="utf-8") if before == figure["spec"] else ""


def pipeline(
    project: Project,
    progress: Progress,
    *,
    gate: Callable[[], bool],
    verdicts: Callable[[], None],
    after: Callable[[execution.ExecutedChapter], None] = lambda _: None,
) -> Executed:
    """Everything before rendering.

    Args:
        project: the report.
        progress: where to tell.
        gate: checks the data or raises Stop; says whether there was anything to check.
        verdicts: compares the verdicts with the accepted ones or raises Stop.
        after: called with each chapter that was made again, as soon as it is.
    """
    found = read_chapters(project)
    # The threads end last: by then the kernels that they waited for have ended.
    with ThreadPoolExecutor(THREADS) as pool, ExitStack() as stack:
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        tools = Tools(project.root, stack.enter_context(ExitStack()))
        # It ends before the tools: what they cut off is to be told by nobody.
        making = stack.enter_context(_Making(project, tools, progress, pool, after))
        if results_reasons(project):
            adopted = Path(stack.enter_context(TemporaryDirectory(prefix="recount-adopted-")), "results")

            def passed() -> None:
                # They read the tables, and wait for the results only where they ask for one.
                making.begin(found, stale_chapters(project, found), adopted)

            _certified_results(project, progress, gate, tools, passed)
            verdicts()
            # Before anything else: kernels wait for it.
            adopted.touch()
            reasons = stale_chapters(project, found)
        else:
            reasons = stale_chapters(project, found)
            if _kernel_needed(project, found, reasons):
                tools.begin_kernels()
            if gate():
                # Some chapters read what it found.
                reasons = stale_chapters(project, found)
            verdicts()
        with progress.step("chapters") as said:
            making.begin(found, reasons)
            executed = making.finished(found)
            said.append(f"{len(executed.reasons)} of {len(found)} made again")
    return executed


def up_to_results(project: Project, progress: Progress, *, gate: Callable[[], bool]) -> None:
    """The gate and the results, without chapters."""
    if not results_reasons(project):
        gate()
        return
    with ExitStack() as stack:
        _certified_results(project, progress, gate, Tools(project.root, stack))


def _certified_results(
    project: Project,
    progress: Progress,
    gate: Callable[[], bool],
    tools: Tools,
    passed: Callable[[], None] | None = None,
) -> None:
    """The gate, and beside it the results, adopted only if it lets their tables through.

    Args:
        project: the report.
        progress: where to tell.
        gate: checks the data or raises Stop.
        tools: what starts kernels and draws.
        passed: makes a beginning with chapters; called when the gate let the tables through, whether or not the results
            are there.
    """
    beside = ThreadPoolExecutor(max_workers=1)

    def draft() -> adoption.Drafted:
        with tools.cores:
            return adoption.draft(project, tools.nursery)

    drafting = beside.submit(draft)
    if passed:
        # Now, if the gate leaves a core free; it takes half a second.
        beside.submit(tools.begin_drawing)
    try:
        gate()
        if passed:
            passed()
        results = drafting.result()
    finally:
        # If the gate let nothing through, nobody waits for results that nobody wants: they end with the warm process.
        beside.shutdown(wait=False, cancel_futures=True)
    adoption.adopt(project, results)
    progress.line(f"{'results':<12}{results.seconds:6.1f} s  beside the gate")


def _kernel_needed(project: Project, found: Sequence[Chapter], reasons: Mapping[str, list[Reason]]) -> bool:
    return any(why and _kept(project, chapter, why) is None for chapter in found if (why := reasons[chapter.path]))


def _record_of(place: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((place / "record.json").read_text(encoding="utf-8"))
        read = [*found["files"], *found["parts"]]
        said = {name: str(found[name]) for name in ("packages", "engine")}
        return {**said, "outputs": dict(found["outputs"]), "read": read}
    except (OSError, ValueError, KeyError, TypeError):
        return {"packages": "", "engine": "", "outputs": {}, "read": []}
