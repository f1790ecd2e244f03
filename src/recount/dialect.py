"""The closed dialect of chapters that both renderers honour (chapters/README.md), checked with file and line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from recount.chapters import DOTTED, INLINE, Cell, Chapter, Line, Prose, prose_lines
from recount.problems import Problem

OPTIONS = {"label", "fig-cap", "fig-alt", "tbl-cap", "echo", "include", "output"}
CLASSES = {
    *("callout-note", "callout-tip", "callout-warning", "callout-important", "callout-caution"),
    *("panel-tabset", "content-visible", "content-hidden", "unnumbered", "unlisted", "table-note"),
}
SHORTCODES = {"include", "meta"}
LABEL = re.compile(r"\{[^}]*#(?P<label>(?:fig|tbl|sec|eq)-[\w-]+)[^}]*\}")
REFERENCE = re.compile(r"(?<![\w@\\])@(?P<label>(?:fig|tbl|sec)-[\w-]*\w)")
CITATION = re.compile(r"(?<![\w.@\\])-?@(?P<key>[A-Za-z][\w]*(?:[:.#$%&+?<>~/-][\w]+)*)")
DIV = re.compile(r"^:{3,}\s*(?P<attributes>\{.*\}|\w[\w-]*)\s*$")
CLASS = re.compile(r"(?<=[\s{])\.(?P<name>[\w-]+)")
SHORTCODE = re.compile(r"\{\{<\s*(?P<name>[\w-]+)")
HTML = re.compile(r"</?[A-Za-z][\w-]*(\s[^>]*)?/?>")
FORMATS = re.compile(r'when-format="(?P<name>[^"]*)"')


def check(chapters: Sequence[Chapter], keys: Iterable[str]) -> list[Problem]:
    """What in some chapters is outside the dialect, or points nowhere.

    Args:
        chapters: all chapters of the book; references go from any to any.
        keys: the keys of the bibliography.

    Returns:
        One problem per place, in the order of the chapters.
    """
    problems: list[Problem] = []
    labels: dict[str, Line] = {}
    for chapter in chapters:
        for label, line in _labels(chapter):
            if label in labels:
                first = labels[label]
                problems.append(
                    _at(
                        line,
                        "label-unique",
                        f"the label {label} is used twice; the first is {first.file}:{first.number}",
                        label,
                        "give this one a name of its own",
                    )
                )
            labels.setdefault(label, line)
    known = set(keys)
    setup = next((chapter.cells[0].code for chapter in chapters if chapter.cells), "")
    for chapter in chapters:
        problems += _cells(chapter, setup)
        problems += _headings(chapter)
        for block in chapter.blocks:
            if isinstance(block, Prose):
                for line in prose_lines(block.lines):
                    problems += _line(line, labels, known)
    return problems


def _at(line: Line, rule: str, message: str, value: str, fix: str) -> Problem:
    return Problem(line.file, line.number, rule, message, value=value, fix=fix)


def _labels(chapter: Chapter) -> Iterator[tuple[str, Line]]:
    for block in chapter.blocks:
        if isinstance(block, Cell):
            if block.label:
                yield block.label, Line(block.label, block.file, block.line)
            continue
        for line in prose_lines(block.lines):
            for match in LABEL.finditer(line.text):
                yield match["label"], line


def _cells(chapter: Chapter, setup: str) -> Iterator[Problem]:
    for index, cell in enumerate(chapter.cells):
        line = Line("", cell.file, cell.line)
        for option in cell.options:
            if option not in OPTIONS:
                yield _at(
                    line,
                    "cell-option-known",
                    f"the cell option {option} is not part of the dialect",
                    str(option),
                    f"use one of {', '.join(sorted(OPTIONS))}",
                )
        for option in ("fig-cap", "tbl-cap"):
            caption = str(cell.options.get(option, ""))
            if re.search(r"\d", re.sub(r"\b(19|20)\d\d\b", "", caption)):
                yield _at(
                    line,
                    "caption-without-number",
                    f"the caption of {cell.label or 'a cell'} holds a number, and nothing computes in a caption",
                    caption,
                    "say it in the text, where it can be computed",
                )
        if index == 0:
            if cell.code != setup:
                yield _at(
                    line,
                    "setup-identical",
                    "the first cell is not the setup cell that the other chapters have",
                    cell.code.splitlines()[0] if cell.code else "",
                    "copy the first cell of another chapter",
                )
            continue
        yield from _one_expression(cell, line)


def _one_expression(cell: Cell, line: Line) -> Iterator[Problem]:
    try:
        body = ast.parse(cell.code).body
    except SyntaxError as error:
        yield Problem(
            cell.file,
            cell.line + (error.lineno or 1) - 1,
            "cell-is-python",
            f"not Python: {error.msg}",
            value=(error.text or "").strip(),
            fix="correct the line",
        )
        return
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        yield _at(
            line,
            "cell-one-expression",
            "a cell holds more than one expression; chapters compute nothing",
            cell.label,
            "move the computation into the analysis package and name its result here",
        )


def _headings(chapter: Chapter) -> Iterator[Problem]:
    tops = [
        line
        for block in chapter.blocks
        if isinstance(block, Prose)
        for line in prose_lines(block.lines)
        if line.text.startswith("# ")
    ]
    place = Line("", chapter.path, 1)
    titled = "title" in chapter.front_matter
    if not tops and not titled:
        yield _at(place, "chapter-titled", "the chapter has no title", "", "begin it with `# Title {#sec-name}`")
    if len(tops) + titled > 1:
        yield _at(
            tops[1] if len(tops) > 1 else tops[0],
            "chapter-titled-once",
            "the chapter has more than one title, and each would become a chapter of its own",
            tops[-1].text,
            "keep one `# Title`, make the others `## Title`, leave `title:` out of the front matter",
        )


def _line(line: Line, labels: dict[str, Line], keys: set[str]) -> Iterator[Problem]:
    for match in INLINE.finditer(line.text):
        if not DOTTED.match(match["name"]):
            yield _at(
                line,
                "inline-dotted-name",
                "inline code is a dotted name and nothing else",
                match["name"],
                "name a value of the report module, for example report.alpha.training",
            )
    text = re.sub(r"`+[^`]*`+", "", line.text)
    for match in REFERENCE.finditer(text):
        if match["label"] not in labels:
            yield _at(
                line,
                "reference-resolves",
                f"@{match['label']} points to nothing",
                match["label"],
                _near(match["label"], labels),
            )
    for match in re.finditer(r"@(?P<label>(?:fig|tbl|sec)-[\w-]+) \[@", text):
        yield _at(
            line,
            "citation-apart-from-reference",
            f"pandoc reads the citation after @{match['label']} as part of the reference",
            match[0],
            "put the citation before the reference",
        )
    for match in CITATION.finditer(re.sub(r"\{[^}]*\}|\([^)\s]*://[^)]*\)|<[^>]*>", "", text)):
        key = match["key"]
        if not re.match(r"(fig|tbl|sec|eq)-", key) and key not in keys:
            yield _at(
                line, "citation-known", f"the bibliography has no entry {key}", key, _near(key, dict.fromkeys(keys))
            )
    for match in SHORTCODE.finditer(text):
        if match["name"] not in SHORTCODES:
            yield _at(
                line,
                "shortcode-known",
                f"the shortcode {match['name']} is not part of the dialect",
                match["name"],
                "use include or meta",
            )
    yield from _markup(line, text)


def _markup(line: Line, text: str) -> Iterator[Problem]:
    div = DIV.match(text)
    if div:
        braced = div["attributes"] if div["attributes"].startswith("{") else "{." + div["attributes"] + "}"
        for match in CLASS.finditer(braced):
            if match["name"] not in CLASSES:
                yield _at(
                    line,
                    "div-known",
                    f"a block of class {match['name']} is not part of the dialect",
                    match["name"],
                    "see chapters/README.md for those that are",
                )
        for match in FORMATS.finditer(braced):
            if match["name"] not in {"html", "typst"}:
                yield _at(line, "format-known", f"no format is called {match['name']}", match["name"], "html or typst")
    found = HTML.search(re.sub(r"\{\{<.*?>\}\}|<https?://[^>]*>", "", text))
    if found or re.search(r"\{=\w+\}", text):
        shown = found[0] if found else text.strip()
        yield _at(
            line,
            "no-raw-markup",
            "raw HTML, LaTeX or Typst shows in one format only",
            shown,
            "write it in Markdown, or leave it to the style",
        )


def _near(name: str, known: dict[str, Line] | dict[str, None]) -> str:
    import difflib

    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]}?" if close else "correct it, or add what it names"
