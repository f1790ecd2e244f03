"""The stages of a build in order: gate, results, chapters, book; each only if something it depends on changed."""

from __future__ import annotations

import functools
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


def execute(  # noqa: PLR0913, PLR0917 - all that a build consists of
    project: Project,
    found: Sequence[Chapter],
    reasons: dict[str, list[Reason]],
    tools: Tools,
    progress: Progress,
    after: Callable[[execution.ExecutedChapter], None] = lambda _: None,
) -> Executed:
    """Make the chapters that are out of date, as many side by side as there are cores.

    A chapter of which only the prose changed is put together from the answers kept of its last run; a kernel is
    started for the others. All of them run even if one fails, so that every failure is reported at once (exit code 3).

    Args:
        project: the report.
        found: all chapters in reading order.
        reasons: why each would be made again; those without a reason are not.
        tools: what starts kernels and draws.
        progress: where to tell.
        after: called with each chapter as soon as it is made.
    """
    due = [chapter for chapter in found if reasons[chapter.path]]
    kept = {chapter.path: _kept(project, chapter, reasons[chapter.path]) for chapter in due}
    problems: list[Problem] = []
    tracked = certificate.readable(project.root, project.cache)
    done = 0
    cores = threading.Semaphore(os.cpu_count() or 1)

    def one(chapter: Chapter) -> None:
        nonlocal done
        began = time.monotonic()
        drawings = _Drawings(project, chapter, tools)
        with cores:
            answers = kept[chapter.path] or execution.evaluate(
                chapter, project.root, tools.nursery, tracked, drawings.begin
            )
        wrong = answers.problems
        if not wrong:
            run = execution.assemble(chapter, answers)
            wrong = run.problems or _keep(project, chapter, run, answers, drawings)
        if not wrong:
            after(execution.load(chapter.path, folder_of(project, chapter.path)))
        problems.extend(wrong)
        done += 1
        state = "failed" if wrong else f"{time.monotonic() - began:5.1f} s"
        progress.line(f"  chapter {done:>2} of {len(due)}  {state}  {chapter.path}")

    if any(answers is None for answers in kept.values()):
        tools.begin_kernels()
        tools.begin_drawing()
    # Twice as many as cores: each waits in turn for its kernel, its drawings and pandoc.
    with ThreadPoolExecutor(max_workers=2 * (os.cpu_count() or 1)) as pool:
        # The longest first and each with a core of its own, or the others are done and one core waits for it.
        for future in [pool.submit(one, chapter) for chapter in sorted(due, key=_length, reverse=True)]:
            future.result()
    if problems:
        raise Stop(problems, Exit.CHAPTER)
    return Executed(
        tuple(execution.load(chapter.path, folder_of(project, chapter.path)) for chapter in found),
        {path: why for path, why in reasons.items() if why},
    )


def _length(chapter: Chapter) -> tuple[int, int]:
    """How long a chapter will take: charts are slower than anything else."""
    return sum(cell.label.startswith("fig-") for cell in chapter.cells), len(chapter.cells)


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
        # A drawing also depends on the package that drew it.
        self._same_packages = self._last["packages"] == stale.file_digest(project.root / "requirements.lock")
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
        if not self._same_packages:
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
    with ExitStack() as stack:
        tools = Tools(project.root, stack)
        reasons = stale_chapters(project, found)
        if results_reasons(project) or _kernel_needed(project, found, reasons):
            tools.begin_kernels()
        if _certified_results(project, progress, gate, tools, tools.begin_drawing):
            # Chapters read results, and some what the gate found.
            reasons = stale_chapters(project, found)
        verdicts()
        with progress.step("chapters") as said:
            executed = execute(project, found, reasons, tools, progress, after)
            said.append(f"{len(executed.reasons)} of {len(found)} made again")
    return executed


def up_to_results(project: Project, progress: Progress, *, gate: Callable[[], bool]) -> None:
    """The gate and the results, without chapters."""
    with ExitStack() as stack:
        _certified_results(project, progress, gate, Tools(project.root, stack))


def _certified_results(
    project: Project,
    progress: Progress,
    gate: Callable[[], bool],
    tools: Tools,
    drafted: Callable[[], None] = lambda: None,
) -> bool:
    """The gate, and beside it the results, adopted only if it lets their tables through; whether either had to run.

    Args:
        project: the report.
        progress: where to tell.
        gate: checks the data or raises Stop.
        tools: what starts kernels.
        drafted: called when the results are there, so that whatever it starts takes a core that the gate leaves free.
    """
    if not results_reasons(project):
        return gate()
    beside = ThreadPoolExecutor(max_workers=1)
    drafting = beside.submit(adoption.draft, project, tools.nursery)
    beside.submit(drafted)
    try:
        gate()
        results = drafting.result()
    finally:
        # If the gate let nothing through, nobody waits for results that nobody wants: they end with the warm process.
        beside.shutdown(wait=False, cancel_futures=True)
    adoption.adopt(project, results)
    progress.line(f"{'results':<12}{results.seconds:6.1f} s  beside the gate")
    return True


def _kernel_needed(project: Project, found: Sequence[Chapter], reasons: Mapping[str, list[Reason]]) -> bool:
    return any(why and _kept(project, chapter, why) is None for chapter in found if (why := reasons[chapter.path]))


def _record_of(place: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((place / "record.json").read_text(encoding="utf-8"))
        return {"packages": str(found["packages"]), "outputs": dict(found["outputs"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {"packages": "", "outputs": {}}
