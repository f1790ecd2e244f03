"""The form of a CSV file, strictly: UTF-8, line feeds, one header, as many cells in each line as the header has.

Everything is looked at as bytes, so that a file of a million rows takes a second and every problem has its line.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from recount.problems import Problem

Integers: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Booleans: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

SHOWN = 100
"""How many problems of one kind in one table are shown one by one; the rest are counted."""

_CHUNK = 1 << 25
_QUOTE, _COMMA, _NEWLINE = ord('"'), ord(","), ord("\n")
_SPECIAL = np.zeros(256, dtype=bool)
_SPECIAL[[_QUOTE, _COMMA, _NEWLINE]] = True
_PRINTABLE = bytes(byte for byte in range(256) if (byte >= 32 and byte != 127) or byte == _NEWLINE)


def encoding(data: bytes, path: str) -> Iterator[Problem]:
    """Whether DATA is a non-empty UTF-8 text file with line feeds."""
    save = "save it as CSV, UTF-8 without byte-order mark, line ends LF"
    if not data or data.isspace():
        yield Problem(path, 1, "file-has-content", "the file is empty", fix="restore its header line and rows from Git")
        return
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        yield Problem(path, 1, "no-byte-order-mark", "the file begins with a byte-order mark", fix=save)
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"0x{data[error.start]:02x}"
        yield Problem(path, line, "encoded-as-utf-8", f"byte {byte} is not UTF-8", value=byte, fix=save)
        return
    if b"\r" in data:
        line = data.count(b"\n", 0, data.index(b"\r")) + 1
        yield Problem(path, line, "line-ends-are-lf", "the line ends with a carriage return", fix=save)
        return
    controls = data.translate(None, _PRINTABLE)
    if controls:
        wanted = [data.index(bytes([byte])) for byte in set(controls)]
        for position in sorted(wanted):
            line = data.count(b"\n", 0, position) + 1
            shown = f"0x{data[position]:02x}"
            yield Problem(
                path,
                line,
                "no-control-characters",
                f"a cell holds the control character {shown}",
                value=shown,
                fix="delete it; a cell is one line of plain text",
            )
        return
    if not data.endswith(b"\n"):
        line = data.count(b"\n") + 1
        yield Problem(
            path,
            line,
            "last-line-ends",
            "the last line has no line end, as if the file were cut off",
            fix="complete the row and end it with a line feed",
        )


def header(line: bytes, path: str, expected: Sequence[str]) -> Iterator[Problem]:
    """What is wrong with the first LINE of the file PATH, which should name the columns EXPECTED, in their order."""
    found = line.decode("utf-8").split(",")
    if found == list(expected):
        return
    if not set(found) & set(expected):
        yield Problem(
            path,
            1,
            "file-is-csv",
            "the first line is not the header of this table",
            value=found[0][:60],
            fix=f"begin the file with: {','.join(expected)}",
        )
        return
    for name in expected:
        if name not in found:
            near = difflib.get_close_matches(name, [other for other in found if other not in expected], 1)
            fix = f"did you mean {name!r} where the header says {near[0]!r}?" if near else f"add the column {name}"
            yield Problem(path, 1, "header-as-in-data-package", f"the column {name} is absent", name, fix=fix)
    for name in dict.fromkeys(found):
        if name not in expected:
            yield Problem(
                path,
                1,
                "header-as-in-data-package",
                f"the column {name!r} is not in the data package",
                name,
                fix="remove it, or describe it in the data package and in its suite",
            )
        elif found.count(name) > 1:
            yield Problem(
                path, 1, "header-as-in-data-package", f"the column {name} stands twice", name, fix="remove one of them"
            )
    if sorted(found) == sorted(expected):
        name = next(ours for ours, theirs in zip(expected, found, strict=True) if ours != theirs)
        yield Problem(
            path,
            1,
            "header-as-in-data-package",
            "the columns stand in another order",
            name,
            fix=f"begin the file with: {','.join(expected)}",
        )


def rows(body: bytes, path: str, columns: int) -> tuple[bytes, Integers, list[Problem]]:
    """The lines of BODY that are rows of so many COLUMNS, their line numbers, and what is wrong with the others."""
    commas = columns - 1
    buffer = np.frombuffer(body, dtype=np.uint8)
    problems: list[Problem] = []
    bad: list[tuple[int, int, int]] = []
    line, position = 2, 0
    while position < len(body):
        end = body.find(b"\n", position + _CHUNK)
        end = len(body) if end < 0 else end + 1
        ends, counts, unclosed, stray = _scan(buffer[position:end])
        for index in np.flatnonzero((counts != commas) | unclosed | stray).tolist():
            start = position + (int(ends[index - 1]) + 1 if index else 0)
            stop = position + int(ends[index])
            bad.append((line + index, start, stop + 1))
            text = body[start:stop]
            problems.append(
                _bad_row(path, line + index, text, (int(counts[index]) + 1, columns), unclosed=bool(unclosed[index]))
            )
        line += len(counts)
        position = end
    lines = np.arange(2, line)
    if bad:
        lines = np.delete(lines, [number - 2 for number, _, _ in bad])
        cuts = [0, *(edge for _, start, stop in bad for edge in (start, stop)), len(body)]
        body = b"".join(body[start:stop] for start, stop in zip(cuts[::2], cuts[1::2], strict=True))
    return body, lines, list(limited(problems))


def _scan(data: np.ndarray[Any, np.dtype[np.uint8]]) -> tuple[Integers, Integers, Booleans, Booleans]:
    """For each line of DATA: its end, its commas between cells, whether a quotation is left open or begins mid-cell.

    A quotation never goes over a line end: cells hold no line breaks, so each line can be judged alone. Only the
    bytes that matter are looked at: a file of a million rows takes a second.
    """
    places = np.flatnonzero(_SPECIAL[data])
    marks = data[places]
    newlines = np.flatnonzero(marks == _NEWLINE)
    ends = places[newlines]
    comma, quote = marks == _COMMA, marks == _QUOTE
    none = np.zeros(len(newlines), dtype=bool)
    if not quote.any():
        return ends, _per_line(comma, newlines), none, none
    inside = np.logical_xor.accumulate(quote)
    before = np.concatenate([[False], inside[newlines[:-1]]])
    unclosed = inside[newlines] != before
    if unclosed.any():
        inside ^= np.repeat(before, np.diff(newlines, prepend=-1))
    counts = _per_line(comma & ~inside, newlines)
    positions = np.flatnonzero(quote)
    opening = inside[positions]
    at = places[positions]
    neighbour = np.where(opening, data[at - 1], data[np.minimum(at + 1, len(data) - 1)])
    neighbour[at == 0] = _NEWLINE
    stray = np.zeros(len(marks), dtype=bool)
    stray[positions] = ~_SPECIAL[neighbour]
    return ends, counts, unclosed, _per_line(stray, newlines) > 0


def _per_line(marked: Booleans, newlines: Integers) -> Integers:
    """How many of the MARKED characters stand in each line."""
    return np.diff(np.cumsum(marked, dtype=np.int64)[newlines], prepend=0)


def _bad_row(path: str, line: int, text: bytes, cells: tuple[int, int], *, unclosed: bool) -> Problem:
    found, wanted = cells
    shown = text.decode("utf-8")[:60]
    if not text:
        return Problem(path, line, "row-is-whole", "the line is empty", fix="delete the line")
    if unclosed:
        return Problem(
            path,
            line,
            "quotation-closed",
            "a quotation mark is not closed in this line",
            value=shown,
            fix="close it; double a quotation mark inside a cell; a cell holds no line break",
        )
    if found == wanted:
        return Problem(
            path,
            line,
            "quotation-closed",
            "a quotation mark stands in the middle of a cell",
            value=shown,
            fix="put the whole cell in quotation marks and double those inside",
        )
    what = "too few" if found < wanted else "too many"
    hint = "complete the row" if found < wanted else "put a cell that holds a comma in quotation marks"
    return Problem(path, line, "row-is-whole", f"{found} cells, the header has {wanted}: {what}", value=shown, fix=hint)


def limited(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The first of PROBLEMS of each rule and column, then how many more there are: nobody reads a million."""
    seen: dict[tuple[str, str, str], int] = {}
    last: dict[tuple[str, str, str], Problem] = {}
    for problem in problems:
        kind = (problem.file, problem.rule, problem.column)
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= SHOWN:
            yield problem
        last[kind] = problem
    for kind, count in seen.items():
        if count > SHOWN:
            problem = last[kind]
            yield Problem(
                problem.file,
                problem.line,
                problem.rule,
                f"and {count - SHOWN} more of this kind, the last here",
                problem.column,
                fix=problem.fix,
                severity=problem.severity,
            )
