"""What each command does, from the project's folder to an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recount import account, build, checking, project, publish, renderers, swap
from recount.problems import Exit, Problem, Stop
from recount.progress import Progress
from recount.project import Project

if TYPE_CHECKING:
    from recount.execution import ExecutedChapter

WAITING = "another build is running; waiting for it to finish"


def report(root: Path, options: argparse.Namespace) -> Exit:
    """Build the book."""
    progress = Progress()
    formats = (options.format,) if options.format else renderers.FORMATS
    book = project.load(root)
    with swap.alone(book.cache / "lock", WAITING):
        renderer = renderers.choose(book, options.renderer)
        progress.line(f"renderer    {renderer.name} ({renderer.why})")
        executed = _executed(book, progress, publish.ahead(book, renderer))
        why = publish.publish(book, executed.chapters, renderer, formats, progress)
    if not why:
        progress.line(f"nothing changed since the last build ({progress.total():.1f} s)")
    else:
        progress.line(f"done in {progress.total():.1f} s")
    if "pdf" in formats:
        progress.line(f"PDF   {_shown(book, book.output / f'{book.stem}.pdf')}")
    if "html" in formats:
        progress.line(f"HTML  {_shown(book, book.output / 'index.html')}")
    return Exit.OK


def _shown(book: Project, path: Path) -> str:
    return path.relative_to(book.root).as_posix()


def _executed(
    book: Project, progress: Progress, after: Callable[[ExecutedChapter], None] = lambda _: None
) -> build.Executed:
    return build.pipeline(
        book,
        progress,
        gate=lambda: _gate(book, progress),
        verdicts=lambda: _verdicts(book, progress),
        after=after,
    )


def _gate(book: Project, progress: Progress) -> bool:
    """Check the data, what is wrong being shown at once; whether there was anything to check."""

    def show(problem: Problem) -> None:
        sys.stderr.write(f"{problem}\n")
        sys.stderr.flush()

    return checking.check(book, progress, show)


def _verdicts(book: Project, progress: Progress) -> None:
    from recount import acceptance

    changed = acceptance.problems(book.root)
    if changed:
        raise Stop(changed, Exit.VERDICT)
    progress.line("verdicts    as accepted")


def validate(root: Path, options: argparse.Namespace) -> Exit:
    """Check the data, nothing else."""
    progress = Progress()
    book = project.load(root)
    with swap.alone(book.cache / "lock", WAITING):
        _gate(book, progress)
        if options.docs:
            # Loaded here, after the gate has spoken: the pages need all of Great Expectations.
            from recount import gate

            gate.build_data_docs(book.root, book.cache / "data-docs")
    return Exit.OK


def provenance(root: Path, options: argparse.Namespace) -> Exit:
    """Check every row against the text of the source; skipped, and said so, where the text is not at hand."""
    from recount import provenance as looking

    progress = Progress()
    book = project.load(root)
    with swap.alone(book.cache / "lock", WAITING), progress.step("provenance") as said:
        result = looking.run(book.root, Path(options.text) if options.text else None)
        looking.save(result, book.cache)
        said.append("skipped: the text is not here" if result.skipped else f"{sum(result.checked.values()):,} cells")
    for warning in result.warnings:
        progress.line(str(warning))
    if result.problems:
        raise Stop(result.problems, Exit.DATA)
    return Exit.OK


def claims(root: Path, options: argparse.Namespace) -> Exit:
    """Print the verdict on every statement."""
    del options
    from recount import acceptance

    progress = Progress()
    book = project.load(root)
    with swap.alone(book.cache / "lock", WAITING):
        build.up_to_results(book, progress, gate=lambda: _gate(book, progress))
        progress.line(acceptance.printed())
    return Exit.OK


def accept(root: Path, options: argparse.Namespace) -> Exit:
    """Take the computed verdicts over as the accepted ones, for a reason that is recorded."""
    from recount import acceptance

    progress = Progress()
    book = project.load(root)
    with swap.alone(book.cache / "lock", WAITING):
        build.up_to_results(book, progress, gate=lambda: _gate(book, progress))
        changed = acceptance.take_over(book.root, options.reason)
    progress.line(f"{changed} verdicts taken over; commit data/verdicts.yml with what changed them")
    return Exit.OK


def feed(root: Path, options: argparse.Namespace) -> Exit:
    """Quarto's pre-render script: run what is out of date and freeze it."""
    del options
    if os.environ.get("RECOUNT_FED"):
        return Exit.OK
    from recount import quarto

    progress = Progress()
    book = project.load(root)
    with swap.alone(book.cache / "lock", WAITING):
        # Nearly always nothing changed, and whoever calls Quarto waits for this.
        if not any(build.why(book).values()) and quarto.is_fed(book, _fed_with(book, account.kept(book))):
            return Exit.OK
        executed = _executed(book, progress).chapters
        quarto.remember(book, quarto.feed(book, executed), _fed_with(book, executed))
    return Exit.OK


def _fed_with(book: Project, executed: Sequence[ExecutedChapter]) -> dict[str, str]:
    return account.inputs(book, executed, renderers.Renderer("quarto", ""))


def companions(root: Path, options: argparse.Namespace) -> Exit:
    """Quarto's post-render script: lay beside its pages what they load and link to."""
    del options
    out = Path(os.environ.get("QUARTO_PROJECT_OUTPUT_DIR", "_book"))
    # Ours to do already, or no pages were made.
    if os.environ.get("RECOUNT_FED") or not (root / out / "index.html").is_file():
        return Exit.OK
    progress = Progress()
    book = project.load(root)
    with swap.alone(book.cache / "lock", WAITING):
        current = not any(build.why(book).values())
        executed = account.kept(book) if current else _executed(book, progress).chapters
        publish.companions(book, executed, root / out)
    return Exit.OK


def preview(root: Path, options: argparse.Namespace) -> Exit:
    """Serve the site and follow every save, until interrupted."""
    from recount import preview as live

    project.load(root)
    if options.feed:
        os.environ["RECOUNT_FEED"] = "1"
    live.start(root, options.port)
    return Exit.OK


def reproduce(root: Path, options: argparse.Namespace) -> Exit:
    """Build the last commit twice, differently, and compare every byte."""
    from recount import reproduce as twice

    keep = Path(options.keep) if options.keep else None
    found = twice.run(root, Progress(), renderer=options.renderer, keep=keep)
    if found:
        raise Stop(twice.problems(found), Exit.RENDER)
    return Exit.OK


def bench(root: Path, options: argparse.Namespace) -> Exit:
    """Measure the builds."""
    from recount import bench as clocks

    clocks.run(root, Progress(), write=options.write, large=options.growth)
    return Exit.OK


def why(root: Path, options: argparse.Namespace) -> Exit:
    """Say what the next build would make again, and why: the results, each chapter, each output."""
    progress = Progress()
    book = project.load(root)
    renderer = renderers.choose(book, options.renderer)
    told = build.why(book)
    told |= account.why(book, renderer, told)
    width = max(map(len, told))
    for name, reasons in told.items():
        progress.line(f"{name:<{width}}  {'; '.join(map(str, reasons)) or 'up to date'}")
    return Exit.OK


def check(root: Path, options: argparse.Namespace) -> Exit:
    """Check the form of the chapters."""
    from recount import dialect, references, wording

    book = project.load(root)
    found = build.read_chapters(book)
    keys = references.read(book.bibliography, book.bibliography.name).entries
    problems = dialect.check(found, keys)
    problems += wording.check(found, wording.waivers(root / "chapters" / "waivers.yml"), book.attributions)
    if options.files:
        problems = [problem for problem in problems if problem.file in options.files]
    if problems:
        raise Stop(problems, Exit.CHAPTER)
    Progress().line(f"{len(found)} chapters keep to the dialect")
    return Exit.OK
