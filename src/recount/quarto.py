"""Quarto where it is installed: finding it, feeding it what already ran, calling it."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import posixpath
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from recount import jsontext, stale, swap
from recount.drawing import font_folder
from recount.execution import ExecutedChapter
from recount.problems import Exit, Problem, Stop
from recount.project import Project

if TYPE_CHECKING:
    from recount.render.book import Book

OLDEST = (1, 9)
FED = "fed.json"
# Each format's name, and the ending of what pandoc writes for it: Quarto names its frozen results after that.
FORMATS = {"html": "html", "typst": "typ"}
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*\{([^{}]*)\}\s*$")
_REFERENCE = re.compile(
    r"`[^`]*`|\[-?@(?P<bracketed>sec-[\w-]*\w)\]|(?<![\w\\@\[-])-?@(?P<bare>(?:sec|fig|tbl|eq)-[\w-]*\w)"
    r"(?P<cited>(?=\s+\[[^\]]*@))?"
)
_META = re.compile(r"`[^`]*`|\{\{<\s*meta\s+(\w+)\s*>\}\}")
_CELL = re.compile(r"::: \{#(?:cell-)?((?:fig|tbl)-\S+) \.cell")


@functools.cache
def find(root: Path) -> tuple[str, str] | None:
    """The path and version of a Quarto that can render this book, or None.

    Looked for in QUARTO, on PATH and in `.venv/bin`, in this order; one older than 1.9 is passed over because it
    has no Typst books.
    """
    named = [os.environ.get("QUARTO", ""), shutil.which("quarto") or "", str(root / ".venv" / "bin" / "quarto")]
    for path in named:
        if not path or not shutil.which(path):
            continue
        try:
            shown = subprocess.run(  # noqa: S603 - the program the user named or installed
                [path, "--version"], capture_output=True, text=True, check=True, timeout=60
            ).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            continue
        numbers = re.match(r"(\d+)\.(\d+)", shown)
        if numbers and (int(numbers[1]), int(numbers[2])) >= OLDEST:
            return path, shown
    return None


def feed(project: Project, executed: Sequence[ExecutedChapter]) -> list[Path]:
    """Write each executed chapter as Quarto's own frozen result, so that `quarto render` starts no kernel.

    Returns what lies there for Quarto.

    Files that already say the same are left alone: Quarto looks at times too. The fonts that figures use go where
    `font-paths` in `_quarto.yml` names them.
    """
    from recount.contents import book_of
    from recount.render.book import Origin
    from recount.render.fonts import with_fonts
    from recount.render.index import index_of_values
    from recount.render.pandoc import Cache

    laid: dict[Path, str] = {}
    fonts = project.cache / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    for font in sorted(font_folder().glob("*.ttf")):
        if not (fonts / font.name).is_file():
            shutil.copyfile(font, fonts / font.name)
    paper = project.cache / "quarto"
    laid[paper / "book.typ"] = (files("recount.render") / "assets" / "book.typ").read_text(encoding="utf-8")
    values = {name: Origin.told(origin) for chapter in executed for name, origin in chapter.values.items()}
    laid[paper / "values.typ"] = '#import "book.typ": *\n' + index_of_values(map(_uses, executed), values)
    book = book_of(project)
    laid[paper / "front.typ"] = _front(book)
    numberless, facts = _without_number(executed), book.facts
    cache = Cache(project.cache / "pandoc")
    for chapter in executed:
        frozen = project.root / "_freeze" / Path(chapter.source).with_suffix("")
        # Quarto takes the hash of the text with plain line ends.
        text = (project.root / chapter.source).read_bytes().replace(b"\r\n", b"\n")
        hashed = hashlib.md5(text, usedforsecurity=False).hexdigest()
        for name, ending in FORMATS.items():
            figures = f"{chapter.stem}_files/figure-{name}"
            markdown = chapter.markdown.replace(f"{chapter.stem}_files/figure-html/", f"{figures}/")
            markdown = spelt(markdown, chapter.source, numberless, facts)
            if name == "html":
                markdown = _with_data(markdown, chapter)
            supporting = [f"{chapter.stem}_files"] if name == "html" else [figures]
            result = {
                "hash": hashed,
                "result": {
                    "engine": "jupyter",
                    "markdown": markdown,
                    "supporting": supporting if chapter.figures else [],
                    "filters": [],
                    "includes": {},
                },
            }
            told = json.dumps(result, ensure_ascii=False, indent=2) + "\n"
            laid[frozen / "execute-results" / f"{ending}.json"] = told
            for label in chapter.figures:
                drawn = chapter.folder / f"{chapter.stem}_files" / "figure-html" / f"{label}.svg"
                svg = drawn.read_text(encoding="utf-8")
                laid[frozen / f"figure-{name}" / f"{label}.svg"] = with_fonts(svg, cache) if name == "html" else svg
    for path, content in laid.items():
        _write(path, content)
    return list(laid)


def _front(book: Book) -> str:
    """What the title page says of the data, and the abstract, for the opening of Quarto's PDF."""
    from recount.render.html import facts
    from recount.render.index import string

    told = "".join(f"({string(name)}, {string(value)}), " for name, value in facts(book))
    abstract = "".join(f"{string(' '.join(part.split()))}, " for part in book.abstract.split("\n\n") if part.strip())
    return f"#let facts = ({told})\n#let abstract = ({abstract})\n"


def remember(project: Project, laid: Sequence[Path], inputs: Mapping[str, str]) -> None:
    """Keep what Quarto was last fed, and with what."""
    outputs = {path.relative_to(project.root).as_posix(): stale.file_digest(path) for path in laid}
    told = {"inputs": dict(inputs), "outputs": outputs}
    swap.write_whole(project.cache / FED, jsontext.written(told))


def is_fed(project: Project, inputs: Mapping[str, str]) -> bool:
    """Whether Quarto would be fed nothing new."""
    try:
        kept = json.loads((project.cache / FED).read_text(encoding="utf-8"))
        inputs_then, outputs = dict(kept["inputs"]), dict(kept["outputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    fonts = project.cache / "fonts"
    return (
        inputs_then == dict(inputs)
        and all(stale.file_digest(project.root / path) == hashed for path, hashed in outputs.items())
        and all((fonts / font.name).is_file() for font in font_folder().glob("*.ttf"))
    )


def _without_number(executed: Sequence[ExecutedChapter]) -> dict[str, tuple[str, str]]:
    """Sections that carry no number, by their label: the chapter's path and the title.

    Quarto resolves no reference to them. All sections of a chapter without a number have none.
    """
    found = {}
    for chapter in executed:
        whole = False
        for line in _prose(chapter.markdown):
            heading = _HEADING.match(line)
            if heading:
                names = heading[3].split()
                bare = ".unnumbered" in names or "-" in names
                whole = bare if len(heading[1]) == 1 else whole
                label = next((name[1:] for name in names if name.startswith("#sec-")), "")
                if label and (bare or whole):
                    found[label] = (chapter.source, heading[2])
    return found


def _uses(chapter: ExecutedChapter) -> tuple[str, list[str]]:
    """The title of a chapter and the computed values it uses, in order."""
    title = re.search(r"^# (.*?)\s*(?:\{[^}]*\})?$", chapter.markdown, flags=re.MULTILINE)
    return title[1] if title else chapter.stem, re.findall(r'\.computed[^}]* value="([^"]+)"', chapter.markdown)


def _prose(markdown: str) -> Iterator[str]:
    """The lines of a text; those within a fence come empty."""
    fence = ""
    for line in markdown.split("\n"):
        marks = re.match(r"\s*(```+|~~~+)", line)
        if marks and not fence:
            fence = marks[1]
        elif fence:
            if marks and marks[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        else:
            yield line
            continue
        yield ""


def spelt(markdown: str, source: str, numberless: Mapping[str, tuple[str, str]], facts: Mapping[str, str]) -> str:
    """A chapter whose words mean to Quarto what they mean on our own pages.

    Args:
        markdown: the chapter with its code run.
        source: its path in the project.
        numberless: sections without a number, see `_without_number`; a reference becomes a link that says the title.
        facts: what `{{< meta >}}` names of the book; Quarto would say it of the chapter, or not know it.
    """

    def reference(found: re.Match[str]) -> str:
        label = found["bracketed"] or found["bare"] or ""
        if label in numberless:
            place, title = numberless[label]
            page = "" if place == source else posixpath.relpath(place, posixpath.dirname(source) or ".")
            return f"[{title}]({page}#{label})"
        # In brackets, or pandoc takes a citation that follows for a part of the reference, and Quarto drops it.
        return f"[{found[0]}]" if found["bare"] and found["cited"] is not None else found[0]

    def fact(found: re.Match[str]) -> str:
        return facts.get(found[1], found[0])

    lines = zip(markdown.split("\n"), _prose(markdown), strict=True)
    return "\n".join(_META.sub(fact, _REFERENCE.sub(reference, prose)) if prose else line for line, prose in lines)


def _with_data(markdown: str, chapter: ExecutedChapter) -> str:
    """The chapter with a figure's description and data, and the way to its evidence, below it as on our own pages."""
    from recount.render.charts import evidence_link, read_chart

    root = "../" * chapter.source.count("/")
    below: dict[str, str] = {}
    origins = dict(chapter.tables)
    for label in chapter.figures:
        chart = read_chart(label, chapter.folder / f"{chapter.stem}_files" / "figure-html" / f"{label}.vl.json")
        below[label] = chart.details(f"{root}charts/{label}.csv") + "\n"
        origins[label] = list(chart.origins)
    for label, rows in origins.items():
        if rows:
            below[label] = below.get(label, "") + evidence_link(label, rows, f"{root}evidence.html") + "\n"
    lines, shown, depth = [], "", 0
    for line in markdown.splitlines():
        lines.append(line)
        opened = _CELL.match(line)
        if opened and opened[1] in below and not depth:
            shown, depth = opened[1], 1
        elif depth and line.startswith(":::"):
            depth += 1 if line.strip(": ") else -1
            if not depth:
                lines += ["", "```{=html}", below[shown] + "```"]
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    if path.is_file() and path.read_bytes() == text.encode():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def render(project: Project, program: str, out: Path, formats: Sequence[str]) -> None:
    """Let Quarto render the book into OUT; its own words are shown when it fails (exit code 5)."""
    environment = {
        **os.environ,
        # The pre-render script would build what this build has just built, and wait for its lock.
        "RECOUNT_FED": "1",
        "QUARTO_PYTHON": str(project.root / ".venv" / "bin" / "python"),
        "SOURCE_DATE_EPOCH": str(project.timestamp),
    }
    wanted = {"html": "html", "pdf": "typst"}
    if set(formats) == set(wanted) and set(project.settings.get("format") or {}) == set(wanted.values()):
        # Both in one call: started once, and each chapter's references resolved once.
        _call(project, [program, "render", "--no-clean", "--output-dir", str(out)], environment)
        return
    for name in formats:
        # Quarto lays its libraries anew for each format; those of a PDF would take the place of the site's.
        place = out if name == "html" else out.with_name(f"{out.name}.{name}")
        called = [program, "render", "--to", wanted[name], "--no-clean", "--output-dir", str(place)]
        try:
            _call(project, called, environment)
            if place != out:
                (place / f"{project.stem}.pdf").replace(out / f"{project.stem}.pdf")
        finally:
            if place != out:
                shutil.rmtree(place, ignore_errors=True)


def _call(project: Project, called: Sequence[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 - Quarto, found by `find`
        called, cwd=project.root, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise Stop(
            [
                Problem(
                    "_quarto.yml",
                    0,
                    "quarto-renders",
                    f"{' '.join(called[1:-2])} failed: {' / '.join(said[-3:])}",
                    fix="run it by hand to see all it says, or use RENDERER=builtin",
                )
            ],
            Exit.RENDER,
        )
