"""The gate, proved: single faults made from the good tables, each refused at its line or still valid by a rule.

Faults in cells are made one in every row and judged together, a table at a time, so that two thousand cost seconds;
faults in the form of a file are made one at a time.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from recount import documents, gate, judge, marked, references, suites, tables
from recount.dossier import Dossier
from recount.problems import Problem
from recount.suites import Expectation, Suite
from recount.tables import Schema, Table

ROOT = Path(__file__).resolve().parents[1]
LEAST = 1000
CLOSED = ("value_set", "allowed", "known")


@dataclass(frozen=True)
class Fault:
    """A single fault: its kind, where it stands, and the columns it touches."""

    kind: str
    table: str
    line: int
    columns: frozenset[str]
    value: str = ""


@pytest.fixture(scope="module")
def schemas() -> Mapping[str, Schema]:
    """The tables of the project as the data package describes them."""
    return tables.schemas(ROOT)


@pytest.fixture(scope="module")
def good(schemas: Mapping[str, Schema]) -> Dossier:
    """The good data."""
    return gate.read(ROOT, schemas)


@pytest.fixture(scope="module")
def expected(schemas: Mapping[str, Schema]) -> Mapping[str, Suite]:
    """The suites of the project."""
    found, problems = suites.read(ROOT, schemas)
    assert not problems
    return found


# Faults in cells ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rules:
    """What the suite of a table says of one column."""

    column: str
    expectations: tuple[Expectation, ...]
    many: bool

    def has(self, *rules: str) -> bool:
        """Whether one of these rules is about the column."""
        return any(expectation.rule in rules for expectation in self.expectations)

    @property
    def closed(self) -> bool:
        """Whether its values come from a list or another table."""
        return any(
            key in expectation.kwargs
            for expectation in self.expectations
            for key in CLOSED
            if expectation.derive not in {"unlike", "allowed_if"}
        )

    @property
    def signature(self) -> frozenset[str]:
        """What a cell must look like, apart from its neighbours."""
        kinds = {"each_in", "each_matches", "each_allowed", "real_date", ""}
        return frozenset(f"{item.type}{item.derive}{item.kwargs}" for item in self.expectations if item.derive in kinds)


Row = Mapping[str, str]
Change = Mapping[str, str] | None
Maker = Callable[[Row, Rules, Sequence[str]], Change]


def _missing(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {rules.column: ""} if rules.has("cell-is-given") and row[rules.column] else None


def _misspelt(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    cell = row[rules.column]
    return {rules.column: cell[:-2] + "q" + cell[-2:]} if cell and rules.closed and rules.column != "id" else None


def _dangling(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    points = any(item.derive == "each_in" for item in rules.expectations)
    return {rules.column: "nosuchthing"} if points and row[rules.column] else None


def _repeated(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    cell = row[rules.column]
    return {rules.column: f"{cell};{cell}"} if cell and rules.has("value-stands-once") and rules.many else None


def _negative(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {rules.column: "-9999"} if row[rules.column] and rules.has("number-is-plain") else None


def _too_big(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    capped = any("max_value" in item.kwargs for item in rules.expectations)
    return {rules.column: "99999"} if row[rules.column] and capped else None


def _comma(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {rules.column: "1,344"} if row[rules.column] and rules.has("number-is-plain") else None


def _in_words(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {rules.column: "ten"} if row[rules.column] and rules.has("number-is-plain") else None


def _no_such_day(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {rules.column: "2017-02-30"} if row[rules.column] and rules.has("date-is-real") else None


def _long_ago(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {rules.column: "1066"} if row[rules.column] and rules.has("date-is-real") else None


def _wrong_order(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    before = next((item.kwargs["than"] for item in rules.expectations if item.derive == "not_before"), None)
    return {rules.column: "1901"} if before and row[before] and row[rules.column] else None


def _wrong_unit(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    if rules.column == "unit" and row.get("measure") in {"budget", "funding", "equipment-value", "project-value"}:
        return {"unit": "kg"}
    if rules.column == "currency" and row["currency"]:
        return {"currency": "kg"}
    return None


def _no_currency(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {"currency": ""} if rules.column == "currency" and row["currency"] else None


def _counted_framework(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {"tactic": "framework"} if rules.column == "counted" and row["counted"] == "yes" else None


def _no_reason(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {"counted": "no"} if rules.column == "counted" and row["counted"] == "yes" else None


def _own_series(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {"part_of": row["id"]} if rules.column == "part_of" else None


def _formula(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {rules.column: f"=cmd|'{row['id']}'!A0"}


def _at_formula(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {rules.column: f"@SUM({row['id']})"}


def _html(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {rules.column: f"<b>{row['id']}</b>"}


def _script(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {rules.column: f"{row['id']}<script>alert(1)</script>"}


def _blank_before(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {rules.column: " " + row[rules.column]} if row[rules.column] else None


def _blank_after(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {rules.column: row[rules.column] + " "} if row[rules.column] else None


def _only_blank(_row: Row, rules: Rules, _: Sequence[str]) -> Change:
    # Not as an id: a part_of made blank in the same round would then point to it.
    return {rules.column: " "} if rules.column != "id" else None


def _over_long(row: Row, rules: Rules, _: Sequence[str]) -> Change:
    return {rules.column: (row[rules.column] or "x") + "x" * 5000}


def _exchanged(row: Row, rules: Rules, header: Sequence[str]) -> Change:
    other = header[(header.index(rules.column) + 1) % len(header)]
    if row[rules.column] == row[other]:
        return None
    return {rules.column: row[other], other: row[rules.column]}


MAKERS: Mapping[str, Maker] = {
    "missing": _missing,
    "misspelt": _misspelt,
    "dangling reference": _dangling,
    "repeated value": _repeated,
    "negative": _negative,
    "too big": _too_big,
    "number with a comma": _comma,
    "number in words": _in_words,
    "no such day": _no_such_day,
    "out of time": _long_ago,
    "wrong date order": _wrong_order,
    "wrong unit": _wrong_unit,
    "no currency": _no_currency,
    "framework counted": _counted_framework,
    "left out without reason": _no_reason,
    "part of itself": _own_series,
    "formula": _formula,
    "formula with @": _at_formula,
    "HTML": _html,
    "script": _script,
    "blank before": _blank_before,
    "blank after": _blank_after,
    "only a blank": _only_blank,
    "over-long": _over_long,
    "cells exchanged": _exchanged,
}


def _rules_of(suite: Suite, schema: Schema) -> Mapping[str, Rules]:
    return {
        column.name: Rules(
            column.name,
            tuple(item for item in suite.expectations if item.column == column.name),
            bool(column.separator),
        )
        for column in schema.columns
    }


def _faulty(
    table: Table,
    rules: Mapping[str, Rules],
    counts: Counter[tuple[str, str]],
    totals: Counter[str],
    spare: frozenset[str],
) -> tuple[list[dict[str, str]], list[Fault]]:
    """The rows of a table with one fault in each row that is not to be spared, and the faults."""
    header = table.schema.header
    rows = table.frame.fillna("").to_dict("records")
    faults, made = [], []
    for index, row in enumerate(rows):
        changed = dict(row)
        if row["id"] not in spare:
            possible = []
            for kind, maker in MAKERS.items():
                for column in header:
                    change = maker(row, rules[column], header)
                    if change and any(row[name] != value for name, value in change.items()):
                        possible.append((counts[kind, column], totals[kind], kind, column, change))
            # The fault made least often so far, so that every kind meets every column.
            _, _, kind, column, change = min(possible, key=lambda item: item[:2])
            counts[kind, column] += 1
            totals[kind] += 1
            changed.update(change)
            faults.append(Fault(kind, table.schema.name, index + 2, frozenset(change), change.get(column, "")))
        made.append(changed)
    return made, faults


def _bytes(header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _found(data: bytes, suite: Suite, schema: Schema, good: Dossier) -> list[Problem]:
    """All problems of one table, the others being good."""
    table, problems = tables.parse(data, schema)
    if table is None:
        return problems
    around = Dossier({**good.tables, schema.name: table}, good.bibliography, good.documents)
    for judgement in judge.judge([(table, suite)], around)[0]:
        problems.extend(judge.problems(table, judgement))
    return problems


def still_valid(fault: Fault, rules: Mapping[str, Rules], row: Row) -> str:
    """The rule by which a row with this fault is a good row after all, or nothing."""
    about = [rules[column] for column in fault.columns]
    if fault.kind == "cells exchanged" and len({item.signature for item in about}) == 1:
        return "the two columns take the same values"
    if fault.kind == "cells exchanged" and fault.columns == {"latitude", "longitude"} and row["region"] == "abroad":
        return "a point abroad may lie anywhere"
    if fault.kind == "missing" and not any(item.has("cell-is-given") for item in about):
        return "the thesis need not say it"
    return ""


def test_every_fault_in_a_cell_is_refused_at_its_line(
    good: Dossier, expected: Mapping[str, Suite], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of single faults in cells, made by kind from the good tables, each is refused at its line and column."""
    total, valid, made, escaped = Counter[str](), Counter[str](), Counter[str](), []
    for name, table in good.tables.items():
        rules = _rules_of(expected[name], table.schema)
        wholes = frozenset(table.distinct("part_of")) if "part_of" in table.schema.header else frozenset[str]()
        rounds = max(2, -(-50 // max(1, len(table.frame))))
        counts = Counter[tuple[str, str]]()
        for shift in range(rounds):
            # Rows that others belong to keep still in turn, lest one fault hides another.
            spare = (
                wholes if shift % 2 == 0 else frozenset(table.distinct("id")) - wholes if wholes else frozenset[str]()
            )
            rows, faults = _faulty(table, rules, counts, made, spare)
            problems = _found(_bytes(table.schema.header, rows), expected[name], table.schema, good)
            refused = {
                (problem.line, problem.column)
                for problem in problems
                if problem.severity == "critical" and problem.file == table.schema.path
            }
            lines = {line for line, _ in refused}
            for fault in faults:
                total[fault.kind] += 1
                # A fault in one cell may be told at the cell that no longer fits it.
                near = _neighbours(expected[name], fault.columns)
                if any((fault.line, column) in refused for column in near):
                    continue
                if fault.kind == "cells exchanged" and fault.line in lines:
                    continue
                if reason := still_valid(fault, rules, rows[fault.line - 2]):
                    valid[reason] += 1
                else:
                    escaped.append(fault)
    caught = sum(total.values()) - sum(valid.values()) - len(escaped)
    with capsys.disabled():
        print(  # noqa: T201 - the share caught is shown
            f"\n{sum(total.values())} faults in cells: {caught} refused, {sum(valid.values())} still valid by rule, "
            f"{len(escaped)} escaped ({caught / sum(total.values()):.1%} refused)"
        )
        print("  " + ", ".join(f"{kind} {count}" for kind, count in total.most_common()))  # noqa: T201
    assert not escaped, "\n".join(map(str, escaped[:40]))
    assert sum(total.values()) >= LEAST
    assert set(total) == set(MAKERS), "a kind of fault was never made"


def _neighbours(suite: Suite, columns: frozenset[str]) -> set[str]:
    """The columns at which a fault in COLUMNS may be reported: they and those whose rules look at them."""
    found = set(columns)
    for item in suite.expectations:
        if item.about & columns:
            found |= item.about
    return found


# Faults in the form of a file --------------------------------------------------------------------------------


def _form_faults(data: bytes) -> Iterator[tuple[str, bytes, int]]:
    """Kind of fault, the faulty file and the line at which it must be told."""
    lines = data.split(b"\n")[:-1]
    middle = len(lines) // 2
    last = len(lines)

    def with_line(number: int, text: bytes) -> bytes:
        return b"\n".join([*lines[: number - 1], text, *lines[number:]]) + b"\n"

    row = lines[middle - 1] if middle > 1 else lines[1]
    at = max(middle, 2)
    yield "byte-order mark", b"\xef\xbb\xbf" + data, 1
    yield "UTF-16", data.decode().encode("utf-16"), 1
    yield "Latin-1", with_line(at, b"\xe9" + row), at
    yield "CRLF", data.replace(b"\n", b"\r\n"), 1
    yield "one CRLF", with_line(at, row + b"\r"), at
    yield "empty file", b"", 1
    yield "only line ends", b"\n\n\n", 1
    yield "cut in a row", data[: -max(2, len(lines[-1]) // 2)], last
    yield "no last line end", data[:-1], last
    yield "a picture", b"\x89PNG\r\n\x1a\n\x00\x00", 1
    yield "a workbook", b"PK\x03\x04\x14\x00\x06\x00", 1
    yield "JSON", b'{"id": 1}\n', 1
    yield "HTML", b"<!doctype html>\n<p>Not found\n", 1
    yield "semicolons", data.replace(b",", b";"), 1
    yield "tabs", data.replace(b",", b"\t"), 1
    yield "column absent", _columns(data, lambda cells: cells[:-1]), 1
    yield "column extra", _columns(data, lambda cells: [*cells, "x"]), 1
    yield "columns exchanged", _columns(data, lambda cells: [cells[1], cells[0], *cells[2:]]), 1
    yield "header misspelt", with_line(1, lines[0][:-1]), 1
    yield "header gone", b"\n".join(lines[1:]) + b"\n", 1
    yield "row too short", with_line(at, row.rpartition(b",")[0] if b'"' not in row else b"x,y"), at
    yield "row too long", with_line(at, row + b",x"), at
    yield "empty line", with_line(at, b""), at
    yield "quotation open", with_line(at, b'"' + row), at
    yield "quotation mid-cell", with_line(at, b'x"y"' + row), at
    yield "control character", with_line(at, row + b"\x07"), at
    yield "NUL", with_line(at, row + b"\x00"), at
    yield "row repeated", b"\n".join([*lines[:at], lines[at - 1], *lines[at:]]) + b"\n", at + 1
    if last > 3:
        yield "rows out of order", b"\n".join([lines[0], lines[2], lines[1], *lines[3:]]) + b"\n", 3


def _columns(data: bytes, change: Callable[[list[str]], list[str]]) -> bytes:
    rows = list(csv.reader(io.StringIO(data.decode())))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(change, rows))
    return text.getvalue().encode()


def test_every_fault_in_the_form_of_a_file_is_refused(
    schemas: Mapping[str, Schema], capsys: pytest.CaptureFixture[str]
) -> None:
    """A table that is not the CSV it should be is refused at the line of the fault, whatever the fault."""
    total, escaped = 0, []
    for schema in schemas.values():
        for kind, faulty, line in _form_faults((ROOT / schema.path).read_bytes()):
            total += 1
            _, problems = tables.parse(faulty, schema)
            if not any(problem.line == line and problem.file == schema.path for problem in problems):
                escaped.append((schema.name, kind, line, [str(problem) for problem in problems[:2]]))
    with capsys.disabled():
        print(f"\n{total} faults in the form of a file: {total - len(escaped)} refused")  # noqa: T201
    assert not escaped, "\n".join(map(str, escaped))


# Faults in YAML files and the bibliography -------------------------------------------------------------------


def test_a_fault_in_a_yaml_file_is_told_with_its_line(good: Dossier, tmp_path: Path) -> None:
    """A misspelt part, a value of the wrong kind and an entry that stands twice are told at their line."""
    for name, document in good.documents.items():
        text = (ROOT / "data" / f"{name}.yml").read_text(encoding="utf-8")
        if not isinstance(document.value, list):
            continue
        last = document.line([len(document.value) - 1])
        lines = text.split("\n")
        for kind, faulty, line in (
            ("not YAML", [*lines[: last - 1], "- id: [", *lines[last:]], None),
            ("entry without parts", [*lines[:-1], "- {id: lonely}", ""], len(lines)),
            ("entry repeated", [*lines[:-1], *lines[last - 1 :]], len(lines)),
            ("unknown part", [*lines[:-1], "- {id: lonely, colour: red}", ""], len(lines)),
        ):
            path = tmp_path / f"{name}.yml"
            path.write_text("\n".join(faulty), encoding="utf-8")
            read = marked.read(path, f"data/{name}.yml")
            problems = documents.check({name: read}, ROOT, good)
            assert problems, f"{kind} in {name} passed"
            assert line is None or any(problem.line == line for problem in problems), f"{kind} in {name}: {problems}"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("date: 2020-01-01", "value-has-type: 2020-01-01 is read as a date"),
        ("1: one", "key-is-text: 1 is read as a number"),
        ("yes: one", "key-is-text: yes is read as true or false"),
        ("? [a, b]\n: one", "file-reads-as-yaml: not YAML: a key is a list or a mapping"),
    ],
)
def test_what_yaml_takes_for_something_else_is_told(tmp_path: Path, line: str, told: str) -> None:
    """JSON, in which schemas and results are written, knows neither dates nor keys that are numbers."""
    path = tmp_path / "a.yml"
    path.write_text(f"known: text\n{line}\n", encoding="utf-8")
    read = marked.read(path, "data/a.yml")
    [problem] = read.problems
    assert (f"{problem.rule}: {problem.message}", problem.line) == (told, 2)
    assert read.value is None or all(isinstance(text, str) for entry in read.value.items() for text in entry)


def test_a_fault_in_the_bibliography_is_told_with_its_line(good: Dossier) -> None:
    """A work without title or year, one that stands twice and one with a brace missing are told at their line."""
    path = next(iter(sorted((ROOT / "data").glob("*.bib"))), ROOT / "references.bib")
    text = path.read_text(encoding="utf-8")
    entries = list(good.bibliography.entries.values())
    for entry in entries[:: max(1, len(entries) // 20)]:
        lines = text.split("\n")
        stop = next(number for number in range(entry.line, len(lines)) if lines[number].startswith("}"))
        block = lines[entry.line - 1 : stop + 1]
        for kind, changed in (
            ("year", [line for line in block if not line.strip().startswith("year")]),
            ("title", [line for line in block if not line.strip().startswith("title")]),
            ("brace", block[:-1]),
            ("twice", [*block, "", *block]),
        ):
            faulty = "\n".join([*lines[: entry.line - 1], *changed, *lines[stop + 1 :]])
            told = {problem.line for problem in references.parse(faulty, "x.bib").problems}
            wanted = entry.line + len(block) + 1 if kind == "twice" else entry.line
            assert wanted in told, f"{kind} of {entry.key}: {sorted(told)}"
