"""The stages of a build in order: gate, results, chapters, book; each only if something it depends on changed."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recount import chapters, execution, stale
from recount.chapters import Chapter
from recount.kernels import Nursery, kernel
from recount.problems import Exit, Problem, Stop
from recount.progress import Progress
from recount.project import Project
from recount.stale import Reason


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
    return {
        chapter.path: stale.reasons(
            project.root, folder_of(project, chapter.path) / "record.json", chapter.files, project.cache
        )
        for chapter in found
    }


def results_reasons(project: Project) -> list[Reason]:
    """Why the results would be computed again."""
    return stale.reasons(project.root, project.cache / "results.record.json", [], project.cache)


def why(project: Project) -> dict[str, list[Reason]]:
    """Why the certificate, the results and each chapter would be made again, by what they are called."""
    from recount import certificate

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


def compute_results(project: Project, nursery: Nursery) -> None:
    """Compute the results in a kernel, traced like a chapter; an error there is a bug or a hole in the data."""
    with kernel(nursery) as one:
        one.run(execution.PREAMBLE.format(root=str(project.root)))
        outputs, replies = one.run(
            f"from recount import results as _results; _stopped = _results.attempt({project.analysis!r})",
            {"report": "_trace.report()", "stopped": "_stopped"},
        )
        errors = [output for output in outputs if output["type"] == "error"]
        if errors:
            raise Stop(
                [
                    Problem(
                        f"src/{project.analysis}/results.py",
                        0,
                        "results-computed",
                        f"{error['ename']}: {error['evalue']}",
                        fix="\n         ".join(_short_traceback(error["traceback"])),
                    )
                    for error in errors
                ],
                Exit.DATA,
            )
        stopped = [Problem(**problem) for problem in json.loads(execution.literal(replies["stopped"]))]
        if stopped:
            raise Stop(stopped, Exit.DATA)
        inputs = execution.literal(replies["report"])
    inputs["files"] = [path for path in inputs["files"] if not path.startswith(".recount/")]
    left = stale.outputs_of(project.cache / "results", project.cache)
    record = stale.record(project.root, [], inputs, project.cache, left)
    stale.write_whole(project.cache / "results.record.json", _json(record))


def _short_traceback(lines: Sequence[str]) -> list[str]:
    import re

    clean = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(lines))
    return re.findall(r"^File \S*?(src/\S+?:\d+)", clean, flags=re.MULTILINE) or ["see the message"]


def execute(
    project: Project,
    found: Sequence[Chapter],
    reasons: dict[str, list[Reason]],
    nursery: Callable[[], Nursery],
    progress: Progress,
) -> Executed:
    """Make the chapters that are out of date, as many side by side as there are cores.

    A chapter of which only the prose changed is put together from the answers kept of its last run; a kernel is
    started for the others. All of them run even if one fails, so that every failure is reported at once (exit code 3).
    """
    due = [chapter for chapter in found if reasons[chapter.path]]
    kept = {chapter.path: _kept(project, chapter, reasons[chapter.path]) for chapter in due}
    warm = nursery() if any(answers is None for answers in kept.values()) else None
    problems: list[Problem] = []
    done = 0

    def one(chapter: Chapter) -> None:
        nonlocal done
        began = time.monotonic()
        answers = kept[chapter.path]
        if answers is None and warm is not None:
            answers = execution.evaluate(chapter, project.root, warm)
        wrong = answers.problems if answers else []
        if answers and not wrong:
            run = execution.assemble(chapter, answers)
            wrong = run.problems
            if not wrong:
                _keep(project, chapter, run, answers)
        problems.extend(wrong)
        done += 1
        state = "failed" if wrong else f"{time.monotonic() - began:5.1f} s"
        progress.line(f"  chapter {done:>2} of {len(due)}  {state}  {chapter.path}")

    with ThreadPoolExecutor(max_workers=max(1, os.cpu_count() or 1)) as pool:
        # The longest first, or the others are done and one core waits for it.
        order = sorted(due, key=lambda chapter: -len(chapter.cells))
        for future in [pool.submit(one, chapter) for chapter in order]:
            future.result()
    if problems:
        raise Stop(problems, Exit.CHAPTER)
    return Executed(
        tuple(execution.load(chapter.path, folder_of(project, chapter.path)) for chapter in found),
        {path: why for path, why in reasons.items() if why},
    )


def _kept(project: Project, chapter: Chapter, reasons: Sequence[Reason]) -> execution.Evaluation | None:
    """The answers that still hold for a chapter, or None if a kernel must be asked."""
    code = execution.code_of(chapter)
    if not code["cells"] and not code["names"]:
        return execution.Evaluation()
    if any(reason.kind != "text changed" for reason in reasons):
        return None
    return execution.kept_evaluation(chapter, folder_of(project, chapter.path))


def _keep(project: Project, chapter: Chapter, run: execution.Run, answers: execution.Evaluation) -> None:
    place = folder_of(project, chapter.path)
    drawings = _drawings(project, run, place, chapter)
    fresh = place.with_name(f"{place.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    execution.write(run, answers, chapter, fresh, drawings)
    outputs = stale.outputs_of(fresh, fresh)
    record = stale.record(project.root, chapter.files, answers.inputs, project.cache, outputs)
    # The record is written last: a folder without one counts as missing.
    stale.write_whole(fresh / "record.json", _json(record))
    shutil.rmtree(place, ignore_errors=True)
    fresh.rename(place)


def _drawings(project: Project, run: execution.Run, place: Path, chapter: Chapter) -> dict[str, str]:
    """The SVG of each figure; one whose specification has not changed is taken from the last run."""
    drawings = {}
    last = _record_of(place)
    # A drawing also depends on the package that drew it.
    same_packages = last["packages"] == stale.file_digest(project.root / "requirements.lock")
    figures = f"{Path(chapter.path).stem}_files/figure-html"
    for label, data in run.figures.items():
        kept = [f"{figures}/{label}.vl.json", f"{figures}/{label}.svg"]
        whole = all(stale.file_digest(place / name) == last["outputs"].get(name, "?") for name in kept)
        if same_packages and whole and json.loads((place / kept[0]).read_text("utf-8"))["spec"] == data["spec"]:
            drawings[label] = (place / kept[1]).read_text(encoding="utf-8")
        else:
            from recount.drawing import svg

            drawings[label] = svg(json.dumps(data["spec"]))
    return drawings


def pipeline(
    project: Project,
    progress: Progress,
    *,
    gate: Callable[[], None],
    verdicts: Callable[[], None],
) -> Executed:
    """Everything before rendering.

    Args:
        project: the report.
        progress: where to tell.
        gate: checks the data or raises Stop; skips itself when nothing changed.
        verdicts: compares the verdicts with the accepted ones or raises Stop.
    """
    found = read_chapters(project)
    with ExitStack() as stack:
        started: list[Nursery] = []

        def nursery() -> Nursery:
            if not started:
                started.append(stack.enter_context(Nursery(project.root)))
            return started[0]

        # The warm process imports while the gate runs, if it is going to be needed.
        if results_reasons(project) or _kernel_needed(project, found):
            nursery()
        gate()
        if results_reasons(project):
            with progress.step("results"):
                compute_results(project, nursery())
        verdicts()
        reasons = stale_chapters(project, found)
        with progress.step("chapters") as said:
            executed = execute(project, found, reasons, nursery, progress)
            said.append(f"{len(executed.reasons)} of {len(found)} made again")
    return executed


def up_to_results(project: Project, progress: Progress, *, gate: Callable[[], None]) -> None:
    """The gate and the results, without chapters."""
    gate()
    if results_reasons(project):
        with Nursery(project.root) as nursery, progress.step("results"):
            compute_results(project, nursery)


def _kernel_needed(project: Project, found: Sequence[Chapter]) -> bool:
    reasons = stale_chapters(project, found)
    return any(why and _kept(project, chapter, why) is None for chapter in found if (why := reasons[chapter.path]))


def _record_of(place: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((place / "record.json").read_text(encoding="utf-8"))
        return {"packages": str(found["packages"]), "outputs": dict(found["outputs"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {"packages": "", "outputs": {}}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
