"""Running a chapter once, for every format: its executed form, its figures and what it read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recount import jsontext
from recount.chapters import INLINE, Cell, Chapter, Prose
from recount.kernels import KernelDiedError, Nursery, kernel
from recount.problems import Problem
from recount.values import COMPUTED_MIME, FIGURE_MIME, TABLE_MIME

OURS = (".recount/", ".venv/", "src/")
"""Folders of a project whose files are accounted for otherwise: the cache, packages, modules."""
UNSTEADY = {
    "file": (
        "file-is-tracked",
        "{what} is read, which is neither a certified table nor tracked by Git",
        "add it to Git, or bring it into data/ as a table",
    ),
    "folder": (
        "folder-is-tracked",
        "the names in {what} are read, and not all of the files there are certified tables or tracked by Git",
        "add them to Git, or name the files that are meant",
    ),
    "program": (
        "no-program",
        "{what} is run, and what another program reads is not seen",
        "do its work in Python, or bring what it gives into data/",
    ),
    "network": ("no-network", "{what} is asked over the network", "bring the data into data/ and read it from there"),
    "clock": ("no-clock", "{what} is asked", "two builds must give the same bytes: write the date into the data"),
    "chance": ("no-chance", "{what} is asked", "give it a seed: two builds must give the same bytes"),
}
FENCE = "```"
SENTENCE = 60
"""A computed text longer than this many characters is a sentence, not a value in one."""


@dataclass(frozen=True)
class ExecutedChapter:
    """A chapter after its code ran.

    Args:
        source: the chapter's path relative to the project.
        folder: where its figures lie.
        markdown: the text in Quarto's own shape.
        figures: labels of the figures drawn, in order.
        values: origin of each computed value used, by its dotted name.
        tables: the rows behind each table, by label.
    """

    source: str
    folder: Path
    markdown: str
    figures: tuple[str, ...]
    values: Mapping[str, Mapping[str, Any]]
    tables: Mapping[str, list[str]]

    @property
    def stem(self) -> str:
        """The file name without its ending."""
        return Path(self.source).stem


@dataclass
class Evaluation:
    """What a kernel answered: the outputs of each cell in order, each inline name, and what was read meanwhile.

    It does not hold the prose, so that prose alone can change without a kernel.
    """

    cells: list[list[dict[str, Any]]] = field(default_factory=list)
    names: dict[str, dict[str, Any]] = field(default_factory=dict)
    inputs: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class Run:
    """A chapter assembled from its prose and an evaluation, before anything is written."""

    markdown: str = ""
    figures: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    values: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    tables: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def code_of(chapter: Chapter) -> dict[str, list[str]]:
    """What a kernel would be asked: the code of the cells in order, and the inline names, sorted."""
    names = {name for block in chapter.blocks if isinstance(block, Prose) for name, _ in block.inline()}
    return {"cells": [cell.code for cell in chapter.cells], "names": sorted(names)}


def evaluate(
    chapter: Chapter,
    nursery: Nursery,
    tracked: Callable[[str], bool] = lambda _: True,
    seen: Callable[[str, Mapping[str, Any]], None] | None = None,
    *,
    awaited: Path | None = None,
) -> Evaluation:
    """Ask a kernel of its own all that a chapter asks.

    Args:
        chapter: the chapter.
        nursery: what forks the kernel.
        tracked: whether a file of the project may be read, by its path relative to it.
        seen: told of each figure as soon as its cell has run, by label, so that it can be drawn while others run.
        awaited: a file that will be there when results may be read; None if they may be read now.

    Returns:
        The answers. A cell or an inline name that fails is a problem with chapter, line, source and error; the first
        failing cell ends the chapter, since what follows it would only fail because of it. So is asking for what may
        be different tomorrow: a file nobody tracks, the network, the clock, chance.
    """
    result = Evaluation()
    try:
        with kernel(nursery, awaited) as one:
            for cell in chapter.cells:
                outputs, news = one.run(cell.code)
                errors = [output for output in outputs if output["type"] == "error"]
                if errors:
                    result.problems.append(_cell_problem(cell, errors[0]))
                    return result
                result.problems += unsteady(chapter.path, cell.line, news, tracked)
                result.cells.append(outputs)
                for output in outputs:
                    if seen and FIGURE_MIME in output.get("data", {}):
                        seen(cell.label, output["data"][FIGURE_MIME])
            lines = _lines(chapter)
            for name in code_of(chapter)["names"]:
                result.names[name], news = one.value(name)
                result.problems += unsteady(chapter.path, lines[name], news, tracked)
            result.inputs = one.inputs()
    except KernelDiedError:
        result.problems.append(
            Problem(
                chapter.path,
                0,
                "kernel-alive",
                "the kernel ended while the chapter ran",
                fix="run the chapter's cells one by one to find the one that ends Python",
            )
        )
    result.problems += _name_problems(chapter, result.names)
    return result


def _lines(chapter: Chapter) -> dict[str, int]:
    """The line of the first use of each inline name."""
    found: dict[str, int] = {}
    for block in chapter.blocks:
        if isinstance(block, Prose):
            for name, line in block.inline():
                found.setdefault(name, line.number)
    return found


def unsteady(
    file: str, line: int, news: Sequence[tuple[str, str, int]], tracked: Callable[[str], bool]
) -> list[Problem]:
    """Problems for what `trace.news` told and a report must not rest on.

    Args:
        file: what asked.
        line: the line in it where the code begins, 0 if there is none.
        news: as `trace.news` gives them.
        tracked: whether a file of the project may be read.
    """
    found = []
    for kind, what, within in news:
        if kind in {"file", "folder"} and (what.startswith(OURS) or (not what.startswith("/") and tracked(what))):
            continue
        rule, message, fix = UNSTEADY[kind]
        at = line + max(within - 1, 0) if line else 0
        found.append(Problem(file, at, rule, message.format(what=what), value=what, fix=fix))
    return found


def _name_problems(chapter: Chapter, names: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    return [
        Problem(
            line.file,
            line.number,
            "inline-name",
            f"`{name}` fails: {failed}",
            value=name,
            fix="correct the name; it is looked up in the analysis package's report module",
        )
        for block in chapter.blocks
        if isinstance(block, Prose)
        for name, line in block.inline()
        if (failed := _failed(names.get(name, {})))
    ]


def _failed(answer: Mapping[str, Any]) -> str:
    """Why an inline name has nothing to show; empty if it has."""
    if answer.get("status", "ok") != "ok":
        return f"{answer['ename']}: {answer['evalue']}"
    # An error in `__repr__` IPython keeps to itself.
    return "" if not answer or answer.get("data") else "its value cannot be shown"


def assemble(chapter: Chapter, evaluation: Evaluation) -> Run:
    """The chapter in Quarto's own shape: its prose with the answers in their places."""
    result = Run()
    cells = iter(evaluation.cells)
    parts = [
        _show_cell(block, next(cells), chapter, result)
        if isinstance(block, Cell)
        else _show_prose(block, evaluation.names, result)
        for block in chapter.blocks
    ]
    result.markdown = "".join(parts)
    return result


def _show_prose(prose: Prose, names: Mapping[str, Mapping[str, Any]], result: Run) -> str:
    inline_lines = {line.number for _, line in prose.inline()}

    def text_of(match: re.Match[str]) -> str:
        data = names[match["name"]]["data"]
        shown = data.get("text/markdown")
        if shown is None:
            shown = _plain(data["text/plain"])
        if COMPUTED_MIME not in data:
            return str(shown)
        result.values[match["name"]] = data[COMPUTED_MIME]
        return _span(shown, match["name"])

    return "".join(
        (INLINE.sub(text_of, line.text) if line.number in inline_lines else line.text) + "\n" for line in prose.lines
    )


def _span(shown: str, name: str) -> str:
    """A computed text as a span; a whole sentence is marked as one, since underlining it would only tire the eye."""
    kind = ".computed .sentence" if len(shown) > SENTENCE else ".computed"
    return f'[{shown}]{{{kind} value="{name}"}}'


def _plain(text: str) -> str:
    # A plain string shows itself with quotes; Quarto drops them too.
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    return re.sub(r"([\\`*_{}\[\]<>#|$~^@])", r"\\\1", text)


def _show_cell(cell: Cell, outputs: Sequence[Mapping[str, Any]], chapter: Chapter, result: Run) -> str:
    if cell.options.get("include", True) is False:
        return ""
    body: list[str] = []
    if cell.options.get("echo", False):
        body.append(f"{FENCE} {{.python .cell-code}}\n{cell.code}\n{FENCE}\n")
    if cell.options.get("output", True) is not False:
        body += [shown for output in outputs if (shown := _output(output, cell, chapter, result))]
    if not body:
        return ""
    # Without a blank line before it the block would be read as part of the paragraph above.
    return f"\n::: {{{_attributes(cell)}}}\n" + "\n".join(body) + ":::\n"


def _attributes(cell: Cell) -> str:
    if cell.label.startswith("tbl-"):
        caption = str(cell.options.get("tbl-cap", "")).replace("'", "’")
        return f"#{cell.label} .cell tbl-cap='{caption}'"
    return f"#cell-{cell.label} .cell" if cell.label else ".cell"


def _cell_problem(cell: Cell, error: Mapping[str, Any]) -> Problem:
    clean = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error["traceback"]))
    at = re.search(r"^ *Cell In\[\d+\], line (\d+)", clean, flags=re.MULTILINE)
    line = cell.line + (int(at[1]) - 1 if at else 0)
    source = cell.code.splitlines()
    shown = source[line - cell.line] if 0 <= line - cell.line < len(source) else source[0] if source else ""
    deepest = re.findall(r"^File (\S+?/src/\S+?):(\d+)", clean, flags=re.MULTILINE)
    inside = ""
    if deepest:
        inside = f" (raised in src/{deepest[-1][0].split('/src/')[-1]}:{deepest[-1][1]})"
    return Problem(
        cell.file,
        line,
        "cell-runs",
        f"{error['ename']}: {error['evalue']}{inside}",
        column=cell.label,
        value=shown.strip(),
        fix=f"the cell says `{shown.strip()}`; correct it or the function it calls",
    )


def _output(output: Mapping[str, Any], cell: Cell, chapter: Chapter, result: Run) -> str:
    if output["type"] == "stream":
        text = output["text"].rstrip("\n")
        return f"::: {{.cell-output .cell-output-{output['name']}}}\n{FENCE}\n{text}\n{FENCE}\n:::\n"
    data = output["data"]
    if FIGURE_MIME in data:
        return _display(_figure(data[FIGURE_MIME], cell, chapter, result))
    if TABLE_MIME in data and cell.label:
        result.tables[cell.label] = data[TABLE_MIME]["origins"]
    if COMPUTED_MIME in data:
        name = cell.code.strip().splitlines()[-1]
        result.values[name] = data[COMPUTED_MIME]
        return _span(data["text/markdown"], name) + "\n"
    if "text/markdown" in data:
        return _display(data["text/markdown"].rstrip("\n") + "\n")
    if "text/plain" in data and data["text/plain"] != "None":
        return _display(f"{FENCE}\n{data['text/plain']}\n{FENCE}\n")
    return ""


def _display(text: str) -> str:
    return f"::: {{.cell-output .cell-output-display}}\n{text}:::\n"


def _figure(data: Mapping[str, Any], cell: Cell, chapter: Chapter, result: Run) -> str:
    if not cell.label.startswith("fig-"):
        result.problems.append(
            Problem(
                cell.file,
                cell.line,
                "figure-labelled",
                "a cell that shows a figure has no label",
                value=cell.label,
                fix="add `#| label: fig-...` so that it is numbered and can be referred to",
            )
        )
        return ""
    result.figures[cell.label] = data
    alt = str(cell.options.get("fig-alt") or data["alt"]).replace('"', "”")
    caption = str(cell.options.get("fig-cap", ""))
    path = f"{Path(chapter.path).stem}_files/figure-html/{cell.label}.svg"
    return f'![{caption}]({path}){{#{cell.label} .drawn fig-alt="{alt}"}}\n'


def write(executed: Run, evaluation: Evaluation, chapter: Chapter, folder: Path, drawings: Mapping[str, str]) -> None:
    """Write the executed form of a chapter into FOLDER, which must be empty.

    Args:
        executed: the assembled chapter.
        evaluation: the answers it was assembled from, kept so that prose can change without a kernel.
        chapter: the chapter.
        folder: where it goes.
        drawings: SVG text by figure label.
    """
    figures = folder / f"{Path(chapter.path).stem}_files" / "figure-html"
    figures.mkdir(parents=True, exist_ok=True)
    for label, data in executed.figures.items():
        (figures / f"{label}.svg").write_text(drawings[label], encoding="utf-8")
        (figures / f"{label}.vl.json").write_text(jsontext.written(data), encoding="utf-8")
    (folder / "chapter.md").write_text(executed.markdown, encoding="utf-8")
    (folder / "values.json").write_text(
        jsontext.written({"values": executed.values, "tables": executed.tables, "figures": list(executed.figures)}),
        encoding="utf-8",
    )
    (folder / "evaluation.json").write_text(
        jsontext.written({"code": code_of(chapter), "cells": evaluation.cells, "names": evaluation.names}),
        encoding="utf-8",
    )


def kept_evaluation(chapter: Chapter, folder: Path) -> Evaluation | None:
    """The answers kept in FOLDER if they answer all that the chapter asks now; None otherwise."""
    try:
        kept = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
        inputs = json.loads((folder / "record.json").read_text(encoding="utf-8"))["inputs"]
        asked, answered = code_of(chapter), kept["code"]
        if asked["cells"] != answered["cells"] or not set(asked["names"]) <= set(kept["names"]):
            return None
        return Evaluation(kept["cells"], kept["names"], inputs)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def load(source: str, folder: Path) -> ExecutedChapter:
    """The executed chapter that `write` left in FOLDER."""
    kept = json.loads((folder / "values.json").read_text(encoding="utf-8"))
    return ExecutedChapter(
        source,
        folder,
        (folder / "chapter.md").read_text(encoding="utf-8"),
        tuple(kept["figures"]),
        kept["values"],
        kept["tables"],
    )
