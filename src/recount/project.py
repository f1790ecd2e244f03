"""What a project says of itself: `_quarto.yml` for the book, `pyproject.toml` for the analysis behind it."""

from __future__ import annotations

import os
import subprocess
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from recount.marked import plain
from recount.problems import Exit, Problem, Stop


@dataclass(frozen=True)
class ChapterFile:
    """A chapter's place in the book: its path, the part it stands in, and whether it is an appendix."""

    path: str
    part: str = ""
    appendix: bool = False


@dataclass(frozen=True)
class Project:
    """A report: its folder, the settings of its book, its analysis package, and how prose names its source."""

    root: Path
    settings: Mapping[str, Any]
    chapters: tuple[ChapterFile, ...]
    analysis: str
    version: str
    attributions: tuple[str, ...] = ()

    @property
    def book(self) -> Mapping[str, Any]:
        """The `book:` settings."""
        book: Mapping[str, Any] = self.settings["book"]
        return book

    @property
    def cache(self) -> Path:
        """The folder of everything that can be made again."""
        return self.root / ".recount"

    @property
    def output(self) -> Path:
        """The folder of the finished book."""
        return self.root / str(self.settings.get("project", {}).get("output-dir", "_book"))

    @property
    def stem(self) -> str:
        """The file name of the PDF without its ending."""
        return str(self.book.get("output-file", "report"))

    @property
    def bibliography(self) -> Path:
        """The bibliography; the first one if there are several."""
        named = self.settings.get("bibliography", "references.bib")
        return self.root / str(named[0] if isinstance(named, list) else named)

    @cached_property
    def timestamp(self) -> int:
        """Seconds since 1970 that outputs may carry: SOURCE_DATE_EPOCH, else the last commit, else 2020-01-01.

        Never the clock: two builds of one commit must give the same bytes.
        """
        given = os.environ.get("SOURCE_DATE_EPOCH", "")
        if given.isdigit():
            return int(given)
        try:
            shown = subprocess.run(
                ["git", "log", "-1", "--format=%ct"],  # noqa: S607 - git is found on PATH on purpose
                cwd=self.root,
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            shown = ""
        return int(shown) if shown.isdigit() else 1577836800


def load(root: Path) -> Project:
    """Read the project in ROOT; everything that is missing or wrong in its settings is a problem, exit code 2."""
    problems: list[Problem] = []
    settings = _yaml(root, problems)
    pyproject = _toml(root, problems)
    tool = pyproject.get("tool", {}).get("recount", {})
    if "analysis" not in tool:
        problems.append(
            Problem(
                "pyproject.toml",
                0,
                "analysis-named",
                "no analysis package is named",
                fix='add `[tool.recount]` with `analysis = "your_package"`',
            )
        )
    book = settings.get("book")
    if not isinstance(book, dict) or not isinstance(book.get("chapters"), list):
        problems.append(
            Problem(
                "_quarto.yml", 0, "book-has-chapters", "no list `book: chapters:` is given", fix="list the chapters"
            )
        )
        raise Stop(problems, Exit.DATA)
    chapters = tuple(_chapters(book["chapters"], appendix=False)) + tuple(
        _chapters(book.get("appendices", []), appendix=True)
    )
    problems.extend(
        Problem(
            "_quarto.yml",
            0,
            "chapter-exists",
            f"{chapter.path} is listed and not there",
            value=chapter.path,
            fix="correct the path or create the file",
        )
        for chapter in chapters
        if not (root / chapter.path).is_file()
    )
    if problems:
        raise Stop(problems, Exit.DATA)
    version = str(pyproject.get("project", {}).get("version", ""))
    attributions = tuple(str(word) for word in tool.get("attributions", []))
    return Project(root, settings, chapters, tool["analysis"], version, attributions)


def _chapters(entries: Sequence[Any], *, appendix: bool, part: str = "") -> Iterator[ChapterFile]:
    for entry in entries:
        if isinstance(entry, dict) and "part" in entry:
            yield from _chapters(entry.get("chapters", []), appendix=appendix, part=str(entry["part"]))
        elif isinstance(entry, dict):
            yield ChapterFile(str(entry.get("file") or entry.get("href")), part, appendix)
        else:
            yield ChapterFile(str(entry), part, appendix)


def _yaml(root: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        read = plain((root / "_quarto.yml").read_text(encoding="utf-8"))
    except OSError:
        problems.append(
            Problem("_quarto.yml", 0, "project-settings", "no _quarto.yml here", fix="run this in the project's folder")
        )
        return {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problems.append(
            Problem(
                "_quarto.yml",
                mark.line + 1 if mark else 0,
                "project-settings",
                str(getattr(error, "problem", "not YAML")),
                fix="write it as YAML",
            )
        )
        return {}
    return read if isinstance(read, dict) else {}


def _toml(root: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        problems.append(Problem("pyproject.toml", 0, "project-settings", str(error), fix="write it as TOML"))
        return {}
