"""Quarto where it is installed: finding it, feeding it what already ran, calling it."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from recount.drawing import font_folder
from recount.execution import ExecutedChapter
from recount.problems import Exit, Problem, Stop
from recount.project import Project

OLDEST = (1, 9)
FORMATS = ("html", "typst")
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


def feed(project: Project, executed: Sequence[ExecutedChapter]) -> None:
    """Write each executed chapter as Quarto's own frozen result, so that `quarto render` starts no kernel.

    Files that already say the same are left alone: Quarto looks at times too. The fonts that figures use go where
    `font-paths` in `_quarto.yml` names them.
    """
    fonts = project.cache / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    for font in sorted(font_folder().glob("*.ttf")):
        if not (fonts / font.name).is_file():
            shutil.copyfile(font, fonts / font.name)
    for chapter in executed:
        source = project.root / chapter.source
        frozen = project.root / "_freeze" / Path(chapter.source).with_suffix("")
        hashed = hashlib.md5(source.read_bytes(), usedforsecurity=False).hexdigest()
        for name in FORMATS:
            figures = f"{chapter.stem}_files/figure-{name}"
            markdown = chapter.markdown.replace(f"{chapter.stem}_files/figure-html/", f"{figures}/")
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
            _write(frozen / "execute-results" / f"{name}.json", json.dumps(result, ensure_ascii=False, indent=2) + "\n")
            for label in chapter.figures:
                drawn = chapter.folder / f"{chapter.stem}_files" / "figure-html" / f"{label}.svg"
                _write(frozen / f"figure-{name}" / f"{label}.svg", drawn.read_text(encoding="utf-8"))
                # Quarto copies `supporting` from beside the chapter when it has not frozen it itself.
                beside = source.parent / figures / f"{label}.svg"
                _write(beside, drawn.read_text(encoding="utf-8"))


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
    for name in formats:
        wanted = {"html": "html", "pdf": "typst"}[name]
        called = [program, "render", "--to", wanted, "--no-clean", "--output-dir", str(out)]
        done = subprocess.run(  # noqa: S603 - Quarto, found by `find`
            called, cwd=project.root, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise Stop(
                [
                    Problem(
                        "_quarto.yml",
                        0,
                        "quarto-renders",
                        f"quarto render --to {wanted} failed: {' / '.join(said[-3:])}",
                        fix="run it by hand to see all it says, or use RENDERER=builtin",
                    )
                ],
                Exit.RENDER,
            )
