"""From executed chapters to `_book`: rendering into a folder beside it, then exchanging the two."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from recount import execution, jsontext, quarto, stale, swap
from recount.execution import ExecutedChapter
from recount.problems import Exit, Problem, Stop
from recount.progress import Progress
from recount.project import Project
from recount.stale import Reason

if TYPE_CHECKING:
    from recount.render.book import Extras
    from recount.render.reading import Reading

FORMATS = ("html", "pdf")
# Where in the cache the book is laid out for a press that is not ours.
PAPER = "paper"
# What the evidence page shows of a claim.
CLAIM = ("id", "section", "kind", "about", "says", "verdict", "why_not")
# And of a work.
WORK = ("author", "editor", "year", "title")


@dataclass(frozen=True)
class Renderer:
    """Which renderer makes the book, and why that one.

    Args:
        name: quarto or builtin.
        why: the reason, for people.
        program: where Quarto is.
        press: who sets the pages, if not the built-in renderer itself: called with the folder `paper` of the cache as
            soon as the book lies there as a Typst document, before the site is written.
    """

    name: str
    why: str
    program: str = ""
    press: Callable[[Path], None] | None = None


def choose(project: Project, wanted: str) -> Renderer:
    """The renderer: the one asked for, or Quarto where it is installed and the built-in one elsewhere."""
    if wanted not in {"", "quarto", "builtin"}:
        raise Stop(
            [
                Problem(
                    "", 0, "renderer-known", f"no renderer is called {wanted}", value=wanted, fix="quarto or builtin"
                )
            ],
            Exit.RENDER,
        )
    if wanted == "builtin":
        return Renderer("builtin", "asked for by RENDERER")
    found = quarto.find(project.root)
    if found:
        return Renderer("quarto", f"Quarto {found[1]} is installed", found[0])
    if wanted == "quarto":
        raise Stop(
            [
                Problem(
                    "",
                    0,
                    "quarto-installed",
                    "no Quarto 1.9 or newer is installed",
                    fix="install it, or name it in QUARTO, or use RENDERER=builtin",
                )
            ],
            Exit.RENDER,
        )
    return Renderer("builtin", "no Quarto 1.9 or newer found")


def inputs(project: Project, executed: Sequence[ExecutedChapter], renderer: Renderer) -> dict[str, str]:
    """The hash of each thing the book is made from, beside the chapters' own inputs."""
    root = project.root
    files = [root / "_quarto.yml", root / "pyproject.toml", root / "requirements.lock", project.bibliography]
    files += sorted(path for path in (root / "data").rglob("*") if path.is_file())
    files += sorted((project.cache / "results").glob("*.json"))
    for chapter in executed:
        files += sorted(path for path in chapter.folder.rglob("*") if path.is_file() and path.name != "record.json")
    named = {path.relative_to(root).as_posix(): stale.file_digest(path) for path in files if path.is_file()}
    package = Path(__file__).parent
    engine = [package / f"{name}.py" for name in ("publish", "quarto", "project", "execution")]
    engine += [path for path in (package / "render").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    # Named by their place in the package: a project need not hold the engine it is built with.
    named |= {f"src/recount/{path.relative_to(package).as_posix()}": stale.file_digest(path) for path in engine}
    return {**named, "renderer": f"{renderer.name} {renderer.program and renderer.why}", "time": str(project.timestamp)}


def account_file(project: Project) -> Path:
    """Where it is kept what the book was made from: `book.json` for `_book`, another for another folder."""
    return project.cache / f"{project.output.name.strip('_')}.json"


def reasons(project: Project, now: Mapping[str, str], formats: Sequence[str]) -> list[Reason]:
    """Why the book would be rendered again."""
    try:
        kept = json.loads(account_file(project).read_text(encoding="utf-8"))
        before, outputs = dict(kept["inputs"]), dict(kept["outputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return [Reason("output missing", project.output.name)]
    found = [
        Reason("output missing", path)
        for path, hashed in outputs.items()
        if stale.file_digest(project.output / path) != hashed
    ]
    wanted = {"html": "index.html", "pdf": f"{project.stem}.pdf"}
    found += [Reason("output missing", wanted[name]) for name in formats if wanted[name] not in outputs]
    for path in sorted(before.keys() | now.keys()):
        if before.get(path) != now.get(path):
            found.append(Reason(_kind(path), path))
    return found


def why(project: Project, renderer: Renderer, before: Mapping[str, Sequence[Reason]]) -> dict[str, list[Reason]]:
    """Why each format of the book would be made again, by the path of its output.

    Args:
        project: the report.
        renderer: who would render it.
        before: the reasons of the stages before, see `build.why`; what they make anew changes the book as well.
    """
    upstream = list(dict.fromkeys(reason for reasons in before.values() for reason in reasons))
    executed = [] if upstream else kept(project)
    outputs = {"html": project.output / "index.html", "pdf": project.output / f"{project.stem}.pdf"}
    return {
        outputs[name].relative_to(project.root).as_posix(): upstream
        or reasons(project, inputs(project, executed, renderer), [name])
        for name in FORMATS
    }


def kept(project: Project) -> list[ExecutedChapter]:
    """The executed chapters as the last build left them."""
    folders = {file.path: project.cache / "executed" / Path(file.path).with_suffix("") for file in project.chapters}
    return [execution.load(path, folder) for path, folder in folders.items()]


def _kind(path: str) -> Any:  # noqa: ANN401 - one of stale.Kind, spelt by the path
    if path.startswith(".recount/executed/"):
        return "text changed"
    if path.startswith(".recount/results/"):
        return "result changed"
    if path.endswith(".csv"):
        return "table changed"
    if path.endswith(".py"):
        return "module changed"
    if path.startswith("data/"):
        return "file changed"
    return "package changed" if path == "requirements.lock" else "setting changed"


def publish(
    project: Project,
    executed: Sequence[ExecutedChapter],
    renderer: Renderer,
    formats: Sequence[str],
    progress: Progress,
) -> list[Reason]:
    """Render what is out of date and put it in place; returns why it was rendered, nothing if it was not."""
    swap.repair(project.output)
    now = inputs(project, executed, renderer)
    why = reasons(project, now, formats)
    if renderer.press and not (project.cache / PAPER).is_dir():
        why.append(Reason("output missing", PAPER))
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
        account = {"inputs": now, "outputs": outputs, "renderer": renderer.name, "version": project.version}
        (staging / "build.json").write_text(jsontext.written(account), encoding="utf-8")
        swap.exchange(staging, project.output)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    # Written after the exchange: if we are killed between the two, the book is rendered once more.
    swap.write_whole(account_file(project), jsontext.written(account))
    return why


def _carry_over(project: Project, staging: Path, now: Mapping[str, str], formats: Sequence[str]) -> None:
    """Keep the other format of the last build if it was made from the same inputs; else it would be a lie."""
    try:
        kept = json.loads(account_file(project).read_text(encoding="utf-8"))
        if kept["inputs"] != dict(now):
            return
    except (OSError, ValueError, KeyError, TypeError):
        return
    pdf = f"{project.stem}.pdf"
    for path in kept["outputs"]:
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


def _builtin(
    project: Project,
    executed: Sequence[ExecutedChapter],
    out: Path,
    formats: Sequence[str],
    press: Callable[[Path], None] | None,
) -> None:
    from recount.drawing import font_folder
    from recount.render.html import render_html
    from recount.render.pdf import lay_out
    from recount.render.press import Press
    from recount.render.reading import read_book

    with TemporaryDirectory(prefix="recount-") as name, ThreadPoolExecutor(max_workers=1) as pool:
        # Beside the reading, which waits half a second for pandoc to word all citations.
        collecting = pool.submit(extras_of, project, executed)
        reading = read_book(book_of(project), executed, cache=project.cache / "pandoc")
        extras = collecting.result()
        setting: Future[bytes] | None = None
        if "pdf" in formats:
            # The pages are set outside Python, so they are laid out first and set while the site is written.
            lay_out(reading, Path(name), extras)
            setting = pool.submit(Press(Path(name), [font_folder()]).set, project.timestamp)
        beside = None
        if press:
            from multiprocessing import get_context

            # In a fork, because both formats are Python's own work and one process does one thing at a time.
            beside = get_context("fork").Process(target=_lay_out_beside, args=(press, project, reading, extras))
            beside.start()
        if "html" in formats:
            render_html(reading, out, extras)
        if press and beside:
            beside.join()
            if beside.exitcode:
                _lay_out_for(press, project, reading, extras)  # once more here, where what stops it is told
        if setting:
            (out / f"{project.stem}.pdf").write_bytes(setting.result())


def _lay_out_beside(press: Callable[[Path], None], project: Project, reading: Reading, extras: Extras) -> None:
    """The same in a fork, which keeps what stops it to itself: whoever waits for it finds it once more and tells."""
    try:
        _lay_out_for(press, project, reading, extras)
    except Stop:
        sys.exit(1)


def _lay_out_for(press: Callable[[Path], None], project: Project, reading: Reading, extras: Extras) -> None:
    """Lay the book out in the folder `paper` of the cache, whole or not at all, and tell who sets it."""
    from recount.render.pdf import lay_out

    paper = project.cache / PAPER
    fresh = paper.with_name(f"{PAPER}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    lay_out(reading, fresh, extras)
    swap.exchange(fresh, paper)
    press(paper)


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


def book_of(project: Project) -> Any:  # noqa: ANN401 - render.book.Book; imported only when rendering
    """The book as the renderer wants it."""
    from recount.render.book import Book, Chapter

    settings, own = project.settings, project.book
    authors = own.get("author", [])
    certificate = project.cache / "certificate.json"
    csl = settings.get("csl")
    meta = settings.get("report", {}) or {}
    return Book(
        root=project.root,
        title=str(own.get("title", "")),
        subtitle=str(own.get("subtitle", "")),
        statement=str(meta.get("statement", "")),
        authors=tuple(
            str(one.get("name", "")) if isinstance(one, dict) else str(one)
            for one in (authors if isinstance(authors, list) else [authors])
        ),
        date=str(own.get("date", "")),
        language=str(settings.get("lang", "en-GB")),
        abstract=_abstract(project),
        chapters=tuple(Chapter(file.path, file.part, file.appendix) for file in project.chapters),
        bibliography=project.bibliography,
        csl=project.root / str(csl) if csl else None,
        stem=project.stem,
        meta={
            "certificate": stale.file_digest(certificate)[:16],
            "version": project.version,
            "repository": str(own.get("repo-url", "")),
        },
    )


def _abstract(project: Project) -> str:
    """The abstract that the analysis wrote, or the one in the settings."""
    path = project.cache / "results" / "abstract.json"
    if path.is_file():
        return str(json.loads(path.read_text(encoding="utf-8"))["text"])
    return str(project.book.get("abstract", ""))


def tables(project: Project) -> dict[str, list[dict[str, str]]]:
    """The rows of every table, every cell as text; and what values rest on too: claims with verdicts, works cited."""
    found = {}
    for path in sorted((project.root / "data").glob("*.csv")):
        found[path.stem] = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    claims = project.cache / "results" / "claims.json"
    if claims.is_file():
        told = json.loads(claims.read_text(encoding="utf-8"))
        found["claims"] = [{name: _cell(told[claim].get(name)) for name in CLAIM} for claim in sorted(told)]
    if project.bibliography.is_file():
        # Loaded here: a build that finds nothing to do need not know how to read a bibliography.
        from recount import references

        works = references.read(project.bibliography, project.bibliography.name).entries
        found["references"] = [
            {"id": key, "kind": work.kind} | {name: re.sub(r"[{}]", "", work.fields.get(name, "")) for name in WORK}
            for key, work in sorted(works.items())
        ]
    return found


def _cell(value: object) -> str:
    return ";".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _as_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def extras_of(project: Project, executed: Sequence[ExecutedChapter]) -> Any:  # noqa: ANN401 - render.book.Extras
    """What the reader may ask beyond the text."""
    from recount.render.book import Extras, Origin

    provenance = {name: Origin.told(origin) for name, origin in _values(executed).items()}
    evidence = tables(project)
    # A table goes out as it was certified; only what is no file of its own is written anew.
    files = {path.stem: path.read_bytes() for path in sorted((project.root / "data").glob("*.csv"))}
    return Extras(
        provenance=provenance,
        evidence=evidence,
        tables={name: files.get(name) or _as_csv(rows) for name, rows in evidence.items()},
        descriptions=_descriptions(executed),
        origins={label: rows for chapter in executed for label, rows in sorted(chapter.tables.items()) if rows},
    )


def _values(executed: Sequence[ExecutedChapter]) -> dict[str, Mapping[str, Any]]:
    return {name: origin for chapter in executed for name, origin in sorted(chapter.values.items())}


def _descriptions(executed: Sequence[ExecutedChapter]) -> dict[str, str]:
    found = {}
    for chapter in executed:
        for label in chapter.figures:
            path = chapter.folder / f"{chapter.stem}_files" / "figure-html" / f"{label}.vl.json"
            found[label] = json.loads(path.read_text(encoding="utf-8"))["description"]
    return found


def _companions(project: Project, executed: Sequence[ExecutedChapter], out: Path) -> None:
    """The files beside the book that machines read: provenance, conclusions, the tables themselves."""
    used = {
        chapter.source: {"values": sorted(chapter.values), "tables": chapter.tables, "figures": list(chapter.figures)}
        for chapter in executed
    }
    (out / "provenance.json").write_text(
        jsontext.written({"values": _values(executed), "chapters": used}), encoding="utf-8"
    )
    conclusions = project.cache / "results" / "conclusions.json"
    if conclusions.is_file():
        shutil.copyfile(conclusions, out / "conclusions.json")
    (out / "data").mkdir(exist_ok=True)
    for path in sorted((project.root / "data").glob("*.csv")):
        shutil.copyfile(path, out / "data" / path.name)
