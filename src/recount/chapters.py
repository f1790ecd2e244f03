"""A chapter as it is written: front matter, prose and cells, each knowing its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from recount.marked import plain
from recount.problems import Problem

FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
CELL = re.compile(r"^\{python\}\s*$")
OPTION = re.compile(r"^#\|\s?(?P<text>.*)$")
INLINE = re.compile(r"`\{python\}\s*(?P<name>[^`]*?)\s*`")
INCLUDE = re.compile(r"^\{\{<\s*include\s+(?P<path>\S+)\s*>\}\}\s*$")
DOTTED = re.compile(r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")


@dataclass(frozen=True)
class Line:
    """One line of text and where it was written."""

    text: str
    file: str
    number: int


@dataclass(frozen=True)
class Prose:
    """Consecutive lines that are not a cell."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The lines as one text, each ending in a line feed."""
        return "".join(line.text + "\n" for line in self.lines)

    def inline(self) -> Iterator[tuple[str, Line]]:
        """Each inline expression outside of code blocks, with its line."""
        for line in prose_lines(self.lines):
            for match in INLINE.finditer(line.text):
                yield match["name"], line


@dataclass(frozen=True)
class Cell:
    """One `{python}` cell: its options, its code, and where the code starts."""

    options: Mapping[str, Any]
    code: str
    file: str
    line: int

    @property
    def label(self) -> str:
        """The label option, or nothing."""
        return str(self.options.get("label", ""))


@dataclass(frozen=True)
class Chapter:
    """A chapter read from disk, its includes resolved."""

    path: str
    front_matter: Mapping[str, Any]
    blocks: tuple[Prose | Cell, ...]
    files: tuple[str, ...]
    title: str

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells in order."""
        return tuple(block for block in self.blocks if isinstance(block, Cell))


def prose_lines(lines: tuple[Line, ...]) -> Iterator[Line]:
    """The lines that are not inside a fenced code block."""
    open_fence = ""
    for line in lines:
        match = FENCE.match(line.text.lstrip())
        if match and not open_fence:
            open_fence = match["fence"]
        elif match and match["fence"].startswith(open_fence) and not match["info"].strip():
            open_fence = ""
        elif not open_fence:
            yield line


def read(root: Path, path: str) -> tuple[Chapter, list[Problem]]:
    """Read one chapter with its includes.

    Args:
        root: the project's folder.
        path: the chapter's path relative to it.

    Returns:
        The chapter and what is wrong with its form (a file that is missing, a cell that is not closed,
        options or front matter that are not YAML). Problems do not stop the reading, so that all are seen at once.
    """
    problems: list[Problem] = []
    files: list[str] = []
    lines = list(_lines(root, path, problems, files, ()))
    front_matter, rest = _front_matter(lines, problems)
    blocks = tuple(_blocks(rest, problems))
    title = str(front_matter.get("title", "")) or next(
        (
            re.sub(r"\s*\{[^}]*\}\s*$", "", line.text[2:]).strip()
            for block in blocks
            if isinstance(block, Prose)
            for line in prose_lines(block.lines)
            if line.text.startswith("# ")
        ),
        Path(path).stem,
    )
    return Chapter(path, front_matter, blocks, tuple(files), title), problems


def _lines(root: Path, path: str, problems: list[Problem], files: list[str], above: tuple[str, ...]) -> Iterator[Line]:
    if path in above:
        problems.append(
            Problem(above[-1], 0, "include-acyclic", f"{path} includes itself", value=path, fix="remove one include")
        )
        return
    try:
        text = (root / path).read_text(encoding="utf-8")
    except OSError:
        problems.append(
            Problem(
                above[-1] if above else "_quarto.yml",
                0,
                "chapter-exists",
                f"{path} cannot be read",
                value=path,
                fix="correct the path or create the file",
            )
        )
        return
    except UnicodeDecodeError as error:
        problems.append(
            Problem(path, 0, "chapter-utf-8", f"not UTF-8 at byte {error.start}", fix="save the file as UTF-8")
        )
        return
    files.append(path)
    for number, line in enumerate(text.splitlines(), 1):
        include = INCLUDE.match(line)
        if include:
            # Quarto resolves an include against the including file, or against the project if it starts with a slash.
            name = include["path"]
            target = name[1:] if name.startswith("/") else str(Path(path).parent / name)
            yield from _lines(root, Path(target).as_posix(), problems, files, (*above, path))
        else:
            yield Line(line, path, number)


def _front_matter(lines: list[Line], problems: list[Problem]) -> tuple[Mapping[str, Any], list[Line]]:
    if not lines or lines[0].text.strip() != "---":
        return {}, lines
    for index, line in enumerate(lines[1:], 1):
        if line.text.strip() in {"---", "..."}:
            text = "\n".join(one.text for one in lines[1:index])
            try:
                matter = plain(text) or {}
            except yaml.YAMLError as error:
                problems.append(_yaml_problem(error, lines[0].file, 1, "front-matter-yaml"))
                matter = {}
            return matter, lines[index + 1 :]
    problems.append(
        Problem(lines[0].file, 1, "front-matter-closed", "the front matter is not closed", fix="add a line ---")
    )
    return {}, lines


def _yaml_problem(error: yaml.YAMLError, file: str, offset: int, rule: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line = offset + (mark.line + 1 if mark else 0)
    said = getattr(error, "problem", None) or "not YAML"
    return Problem(file, line, rule, str(said), fix="write it as YAML: `name: value`, quotes around text with a colon")


def _blocks(lines: list[Line], problems: list[Problem]) -> Iterator[Prose | Cell]:
    prose: list[Line] = []
    index = 0
    while index < len(lines):
        match = FENCE.match(lines[index].text)
        if not match:
            prose.append(lines[index])
            index += 1
            continue
        end = next(
            (
                after
                for after in range(index + 1, len(lines))
                if lines[after].text.rstrip().startswith(match["fence"])
                and not lines[after].text.rstrip().strip(match["fence"][0])
            ),
            None,
        )
        if end is None:
            problems.append(
                Problem(
                    lines[index].file,
                    lines[index].number,
                    "fence-closed",
                    "a code block is opened and never closed",
                    value=lines[index].text.strip(),
                    fix=f"add a line {match['fence']}",
                )
            )
            end = len(lines)
        if CELL.match(match["info"].strip()):
            if prose:
                yield Prose(tuple(prose))
                prose = []
            yield _cell(lines[index], lines[index + 1 : end], problems)
        else:
            prose.extend(lines[index : end + 1])
        index = end + 1
    if prose:
        yield Prose(tuple(prose))


def _cell(fence: Line, body: list[Line], problems: list[Problem]) -> Cell:
    option_lines: list[str] = []
    for line in body:
        match = OPTION.match(line.text)
        if not match:
            break
        option_lines.append(match["text"])
    try:
        options = plain("\n".join(option_lines)) or {}
    except yaml.YAMLError as error:
        problems.append(_yaml_problem(error, fence.file, fence.number, "cell-options-yaml"))
        options = {}
    if not isinstance(options, dict):
        problems.append(
            Problem(
                fence.file,
                fence.number + 1,
                "cell-options-yaml",
                "cell options are not `name: value` lines",
                fix="write one `#| name: value` per line",
            )
        )
        options = {}
    code = body[len(option_lines) :]
    start = fence.number + len(option_lines) + 1
    return Cell(options, "\n".join(line.text for line in code).strip("\n"), fence.file, start)
