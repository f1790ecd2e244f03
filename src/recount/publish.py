"""From executed chapters to `_book`: rendering into a folder beside it, then exchanging the two."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from recount import account, jsontext, quarto, stale, swap
from recount.contents import book_of, extras_of, origins_of, values_of
from recount.execution import ExecutedChapter
from recount.problems import Stop
from recount.progress import Progress
from recount.project import Project
from recount.renderers import Renderer
from recount.stale import Reason
from recount.typesetting import Layout

if TYPE_CHECKING:
    from recount.render.book import Origin
    from recount.render.reading import Reading

    Origins = Mapping[str, Origin]


def publish(
    project: Project,
    executed: Sequence[ExecutedChapter],
    renderer: Renderer,
    formats: Sequence[str],
    progress: Progress,
) -> list[Reason]:
    """Render what is out of date and put it in place; returns why it was rendered, nothing if it was not."""
    swap.repair(project.output)
    now = account.inputs(project, executed, renderer)
    why = account.reasons(project, now, formats)
    if renderer.press and not layout(project).folder.is_dir():
        why.append(Reason("output missing", "paper"))
    if not why:
        return []
    staging = project.output.with_name(f"{project.output.name}.new")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    try:
        _carry_over(project, staging, now, formats)
        if renderer.name == "quarto":
            with progress.step("quarto"):
                quarto.feed(project, executed)
                quarto.render(project, renderer.program, staging, formats)
                if "html" in formats:
                    _beside_pages(project, executed, staging)
        else:
            with progress.step("book") as said:
                _builtin(project, executed, staging, formats, renderer.press)
                said.append(" and ".join(formats))
        _companions(project, executed, staging)
        outputs = {
            path.relative_to(staging).as_posix(): stale.file_digest(path)
            for path in sorted(staging.rglob("*"))
            if path.is_file()
        }
        made = {"inputs": now, "outputs": outputs, "renderer": renderer.name, "version": project.version}
        (staging / "build.json").write_text(jsontext.written(made), encoding="utf-8")
        swap.exchange(staging, project.output)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    # Written after the exchange: if we are killed between the two, the book is rendered once more.
    swap.write_whole(account.file_of(project), jsontext.written(made))
    return why


def _carry_over(project: Project, staging: Path, now: Mapping[str, str], formats: Sequence[str]) -> None:
    """Keep the other format of the last build if it was made from the same inputs; else it would be a lie."""
    try:
        known = json.loads(account.file_of(project).read_text(encoding="utf-8"))
        if known["inputs"] != dict(now):
            return
    except (OSError, ValueError, KeyError, TypeError):
        return
    pdf = f"{project.stem}.pdf"
    for path in known["outputs"]:
        is_pdf = path == pdf
        if ("pdf" if is_pdf else "html") in formats or not (project.output / path).is_file():
            continue
        (staging / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(project.output / path, staging / path)


def ahead(project: Project, renderer: Renderer) -> Callable[[ExecutedChapter], None]:
    """What is done with each chapter as soon as it has run, so that rendering does not begin with nothing."""
    if renderer.name != "builtin":
        return lambda _: None

    def read(executed: ExecutedChapter) -> None:
        from recount.render.html import templates
        from recount.render.reading import read_ahead

        read_ahead(book_of(project), executed, cache=project.cache / "pandoc")
        templates()

    return read


def layout(project: Project) -> Layout:
    """What a press of the preview's is told of the book."""
    from recount.drawing import font_folder

    return Layout(project.cache / "paper", (font_folder(),), project.timestamp, f"{project.stem}.pdf")


def _builtin(
    project: Project,
    executed: Sequence[ExecutedChapter],
    out: Path,
    formats: Sequence[str],
    press: Callable[[Layout], None] | None,
) -> None:
    from recount.drawing import font_folder
    from recount.render.html import render_html
    from recount.render.pdf import lay_out
    from recount.render.press import Press
    from recount.render.reading import read_book

    with TemporaryDirectory(prefix="recount-") as name, ThreadPoolExecutor(max_workers=1) as pool:
        reading = read_book(book_of(project), executed, cache=project.cache / "pandoc")
        origins = origins_of(executed)
        setting: Future[bytes] | None = None
        if "pdf" in formats:
            # The pages are set outside Python, so they are laid out first and set while the site is written.
            lay_out(reading, Path(name), origins)
            setting = pool.submit(Press(Path(name), [font_folder()]).set, project.timestamp)
        beside = None
        if press:
            from multiprocessing import get_context

            # In a fork, because both formats are Python's own work and one process does one thing at a time.
            beside = get_context("fork").Process(target=_lay_out_beside, args=(press, project, reading, origins))
            beside.start()
        if "html" in formats:
            render_html(reading, out, extras_of(project, executed))
        if press and beside:
            beside.join()
            if beside.exitcode:
                _lay_out_for(press, project, reading, origins)  # once more here, where what stops it is told
        if setting:
            (out / f"{project.stem}.pdf").write_bytes(setting.result())


def _lay_out_beside(press: Callable[[Layout], None], project: Project, reading: Reading, origins: Origins) -> None:
    """The same in a fork, which keeps what stops it to itself: whoever waits for it finds it once more and tells."""
    try:
        _lay_out_for(press, project, reading, origins)
    except Stop:
        sys.exit(1)


def _lay_out_for(press: Callable[[Layout], None], project: Project, reading: Reading, origins: Origins) -> None:
    """Lay the book out in the folder `paper` of the cache, whole or not at all, and tell who sets it."""
    from recount.render.pdf import lay_out

    laid = layout(project)
    fresh = laid.folder.with_name(f"{laid.folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    lay_out(reading, fresh, origins)
    swap.exchange(fresh, laid.folder)
    press(laid)


def companions(project: Project, executed: Sequence[ExecutedChapter], out: Path) -> None:
    """Complete pages that Quarto rendered by itself: all that a build of ours lays beside them."""
    _beside_pages(project, executed, out)
    _companions(project, executed, out)


def _beside_pages(project: Project, executed: Sequence[ExecutedChapter], out: Path) -> None:
    """Lay beside Quarto's pages what they load and link to: charts, origins, the evidence page, the tables."""
    from recount.render.html import render_companions
    from recount.render.reading import read_book

    reading = read_book(book_of(project), executed, cache=project.cache / "pandoc")
    render_companions(reading, out, extras_of(project, executed))


def _companions(project: Project, executed: Sequence[ExecutedChapter], out: Path) -> None:
    """The files beside the book that machines read: provenance, conclusions, the tables themselves."""
    used = {
        chapter.source: {"values": sorted(chapter.values), "tables": chapter.tables, "figures": list(chapter.figures)}
        for chapter in executed
    }
    (out / "provenance.json").write_text(
        jsontext.written({"values": values_of(executed), "chapters": used}), encoding="utf-8"
    )
    conclusions = project.cache / "results" / "conclusions.json"
    if conclusions.is_file():
        shutil.copyfile(conclusions, out / "conclusions.json")
    (out / "data").mkdir(exist_ok=True)
    for path in sorted((project.root / "data").glob("*.csv")):
        shutil.copyfile(path, out / "data" / path.name)
