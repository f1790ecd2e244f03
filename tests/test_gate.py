"""The gate: suites as people write them, and what becomes of data that break them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recount import gate, judge, suites, tables
from recount.dossier import Dossier
from recount.problems import Problem
from recount.references import Bibliography
from recount.tables import Column, Schema, Table

ROOT = Path(__file__).resolve().parents[1]

SUITE = """table: gifts
about: One gift.
expectations:
  - rule: giver-exists
    column: giver
    derive: each_in
    kwargs: {known: [givers.id]}
    why: Every gift has a giver.
    fix: correct the giver

  - rule: kind-is-known
    column: kind
    type: expect_column_values_to_be_in_set
    kwargs: {value_set: [lamp, rope]}
    why: Gifts are counted by kind.
    fix: choose a kind

  - rule: amount-not-negative
    column: amount
    type: expect_column_values_to_be_between
    kwargs: {min_value: 0}
    why: Nobody gives less than nothing.
    fix: remove the minus sign

  - rule: year-given
    column: year
    type: expect_column_values_to_not_be_null
    severity: warning
    why: Gifts are shown over time.
    fix: give the year

  - rule: part-of-nothing-circular
    column: part_of
    derive: no_cycle
    why: Nothing is a part of itself.
    fix: empty part_of
"""
HEADER = "id,giver,kind,amount,year,part_of\n"
ROWS = HEADER + "a,alpha,lamp,5,2000,\nb,beta,rope,,2001,a\nc,alpha;beta,rope,7,2002,\n"


def put(root: Path, rows: str = ROWS, suite: str = SUITE) -> None:
    """Write a project of two tables."""
    (root / "data").mkdir(exist_ok=True)
    (root / "validation").mkdir(exist_ok=True)
    fields = {
        "gifts": ["id", "giver", "kind", "amount", "year", "part_of"],
        "givers": ["id"],
    }
    resources = [
        {
            "name": name,
            "path": f"{name}.csv",
            "schema": {
                "primaryKey": "id",
                "fields": [
                    {
                        "name": field,
                        "type": "number" if field == "amount" else "string",
                        "separator": ";" if field == "giver" else "",
                    }
                    for field in names
                ],
            },
        }
        for name, names in fields.items()
    ]
    (root / "data" / "datapackage.json").write_text(json.dumps({"resources": resources}))
    (root / "data" / "gifts.csv").write_text(rows)
    (root / "data" / "givers.csv").write_text("id\nalpha\nbeta\n")
    (root / "data" / "references.bib").write_text("@book{a2000b,\n title = {x},\n year = {2000},\n}\n")
    (root / "validation" / "gifts.yml").write_text(suite)
    (root / "validation" / "givers.yml").write_text("table: givers\nabout: One giver.\nexpectations: []\n")


def run(root: Path) -> gate.GateResult:
    """Pass the project through the gate."""
    return gate.run(root, root / ".recount")


def told(problems: tuple[Problem, ...]) -> list[tuple[str, int, str, str]]:
    """File, line, rule and column of each problem."""
    return [(problem.file, problem.line, problem.rule, problem.column) for problem in problems]


def test_good_data_are_certified(tmp_path: Path) -> None:
    """Nothing is wrong, and the certificate holds each table and each check."""
    put(tmp_path)
    result = run(tmp_path)
    assert result.problems == ()
    assert result.certificate is not None
    assert set(result.certificate.tables) == {"gifts", "givers"}
    assert {check["rule"] for check in result.certificate.checks} >= {"giver-exists", "amount-not-negative"}


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    """Several faults in several rows and files come together, each with file, line, column and value."""
    rows = HEADER + "a,alfa,lamp,5,2000,\nb,beta,ropes,,2001,a\nc,alpha,rope,-7,2002,\n"
    put(tmp_path, rows)
    (tmp_path / "data" / "references.bib").write_text("@book{a2000b,\n title = {x},\n}\n")
    result = run(tmp_path)
    assert told(result.problems) == [
        ("data/gifts.csv", 2, "giver-exists", "giver"),
        ("data/gifts.csv", 3, "kind-is-known", "kind"),
        ("data/gifts.csv", 4, "amount-not-negative", "amount"),
        ("data/references.bib", 1, "entry-has-year", "year"),
    ]
    assert [problem.value for problem in result.problems] == ["alfa", "ropes", "-7", "a2000b"]
    assert result.certificate is None


def test_a_misspelt_name_is_met_with_a_guess(tmp_path: Path) -> None:
    """Whoever mistypes a name or a word reads which one was probably meant."""
    put(tmp_path, HEADER + "a,alfa,lmap,5,2000,\n")
    giver, kind = run(tmp_path).problems
    assert "did you mean 'alpha'?" in giver.fix
    assert "did you mean 'lamp'?" in kind.fix


def test_a_warning_does_not_stop(tmp_path: Path) -> None:
    """What is only a warning is told, kept in the certificate, and told again when nothing is checked."""
    put(tmp_path, HEADER + "a,alpha,lamp,5,,\n")
    first, second = run(tmp_path), run(tmp_path)
    assert told(first.warnings) == [("data/gifts.csv", 2, "year-given", "year")]
    assert first.certificate is not None
    assert second.skipped
    assert second.warnings == first.warnings


def test_what_is_in_a_circle_is_told(tmp_path: Path) -> None:
    """A circle of any length, and what hangs on it, belongs to nothing."""
    put(tmp_path, HEADER + "a,alpha,lamp,5,2000,b\nb,alpha,lamp,5,2000,c\nc,alpha,lamp,5,2000,a\nd,alpha,lamp,,2000,\n")
    assert [line for _, line, _, _ in told(run(tmp_path).problems)] == [2, 3, 4]


def test_a_table_without_suite_is_told(tmp_path: Path) -> None:
    """A table nobody wrote rules for would pass whatever it holds."""
    put(tmp_path)
    (tmp_path / "validation" / "givers.yml").unlink()
    assert [problem.rule for problem in run(tmp_path).problems] == ["table-has-suite"]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("column: kind", "column: kinds", "expectation-names-column"),
        ("derive: no_cycle", "derive: no_circle", "expectation-has-type"),
        ("    why: Gifts are counted by kind.\n", "", "expectation-has-why"),
        ("severity: warning", "severity: grave", "severity-known"),
        ("rule: year-given", "rule: Year given", "rule-has-name"),
        ("table: gifts", "table: gift", "suite-names-table"),
        ("kwargs: {min_value: 0}", "kwargs: {min_value: 0", "file-reads-as-yaml"),
    ],
)
def test_a_fault_in_a_suite_is_told_in_the_suite(tmp_path: Path, old: str, new: str, rule: str) -> None:
    """Suites are read by people and mistyped by people."""
    put(tmp_path, suite=SUITE.replace(old, new))
    found = [problem for problem in run(tmp_path).problems if problem.rule == rule]
    assert found
    assert found[0].file == "validation/gifts.yml"


def test_cheap_problems_are_told_before_the_slow_checks(tmp_path: Path) -> None:
    """The form of the files is told first, so that an author need not wait for the rest."""
    put(tmp_path, HEADER + "a,alfa,lamp,5,2000,\nb,alpha\n")
    seen: list[Problem] = []
    gate.run(tmp_path, tmp_path / ".recount", seen.append)
    assert [problem.rule for problem in seen] == ["row-is-whole", "giver-exists"]


def test_a_big_table_is_judged_like_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judged by distinct values, a table breaks the same rules in the same rows as when judged row by row."""
    schema = Schema(
        "gifts",
        "data/gifts.csv",
        "id",
        tuple(Column(name, "number" if name == "amount" else "string") for name in HEADER.strip().split(",")),
    )
    random = np.random.default_rng(7)
    size = 300
    frame = pd.DataFrame(
        {
            "id": [f"g{number:03d}" for number in range(size)],
            "giver": random.choice(["alpha", "beta", "gamma"], size),
            "kind": random.choice(["lamp", "rope", "boat"], size),
            "amount": random.choice(["-1", "0", "12"], size),
            "year": random.choice(["2000", None], size),
            "part_of": random.choice([None, "g001"], size),
        },
        dtype=object,
    )
    more = "".join(
        f"  - rule: {rule}\n    column: {column}\n    type: {kind}\n    kwargs: {kwargs}\n    why: w\n    fix: f\n"
        for rule, column, kind, kwargs in (
            ("id-is-unique", "id", "expect_column_values_to_be_unique", "{}"),
            ("id-is-even", "id", "expect_column_values_to_match_regex", "{regex: '[02468]$'}"),
            ("id-ends-not-in-nought", "id", "expect_column_values_to_not_match_regex", "{regex: '0$'}"),
        )
    )
    frame.loc[5, "id"] = "g004"
    table = Table(schema, "", frame, np.arange(2, size + 2))
    givers = Table(
        Schema("givers", "", "id", (Column("id", "string"),)),
        "",
        pd.DataFrame({"id": ["alpha", "beta"]}),
        np.arange(2, 4),
    )
    dossier = Dossier({"gifts": table, "givers": givers}, Bibliography({}), {})
    suite = _suite(SUITE + more, schema, givers.schema)

    def rows() -> dict[str, tuple[int, ...]]:
        return {found.expectation.rule: found.rows for found in judge.judge([(table, suite)], dossier)[0]}

    by_row = rows()
    monkeypatch.setattr(judge, "WHOLE", 10)
    assert rows() == by_row
    assert by_row["id-is-unique"] == (5,)
    assert all(
        by_row[rule] for rule in ("giver-exists", "kind-is-known", "amount-not-negative", "year-given", "id-is-even")
    )


def _case(name: str, ids: Sequence[str | None], rules: str) -> tuple[Table, suites.Suite]:
    schema = Schema(name, f"data/{name}.csv", "id", (Column("id", "string"),))
    frame = pd.DataFrame({"id": pd.Series(ids, dtype=object)})
    found = _suite(f"table: {name}\nabout: It.\nexpectations:\n{rules}", schema)
    return Table(schema, "", frame, np.arange(2, len(ids) + 2)), found


def test_tables_judged_together_answer_for_themselves() -> None:
    """A cell that breaks a rule of several tables is found where it stands; a table without rows breaks none."""
    rules = "".join(
        f"  - {{rule: {rule}, column: id, type: expect_column_values_to_{kind}, why: w, fix: f}}\n"
        for rule, kind in (
            ("id-is-unique", "be_unique"),
            ("id-given", "not_be_null"),
            ("id-is-short", "match_regex, kwargs: {regex: '^.$'}"),
        )
    )
    mine = (
        "  - {rule: never-is-x, column: id, type: expect_column_values_to_not_be_in_set,"
        " kwargs: {value_set: [x]}, why: w, fix: f}\n"
    )
    cases = [
        _case("longer", ["a", "b", "c", "d", "e"], rules),
        _case("broken", ["a", "a", None, "bb"], rules + mine),
        _case("other", ["a", "bb"], rules),
        _case("empty", [], rules + mine),
    ]
    judged = judge.judge(cases, Dossier({}, Bibliography({}), {}))
    assert [{found.expectation.rule: found.rows for found in table} for table in judged] == [
        {"id-is-unique": (), "id-given": (), "id-is-short": ()},
        {"id-is-unique": (1,), "id-given": (2,), "id-is-short": (3,), "never-is-x": ()},
        {"id-is-unique": (), "id-given": (), "id-is-short": (1,)},
        {"id-is-unique": (), "id-given": (), "id-is-short": (), "never-is-x": ()},
    ]


def test_what_looks_at_more_than_cells_is_asked_of_its_own_table() -> None:
    """How many rows there are, and how many of them may fail, is not asked of the cells of all tables."""
    rules = (
        "  - {rule: two-rows, type: expect_table_row_count_to_equal, kwargs: {value: 2}, why: w, fix: f}\n"
        "  - {rule: mostly-a, column: id, type: expect_column_values_to_be_in_set,"
        " kwargs: {value_set: [a], mostly: 0.5}, why: w, fix: f}\n"
    )
    cases = [_case("two", ["a", "b"], rules), _case("four", ["a", "b", "c", "d"], rules)]
    judged = judge.judge(cases, Dossier({}, Bibliography({}), {}))
    assert [{found.expectation.rule: (found.whole, found.rows) for found in table} for table in judged] == [
        {"two-rows": (False, ()), "mostly-a": (False, ())},
        {"two-rows": (True, ()), "mostly-a": (False, (1, 2, 3))},
    ]


def test_a_failure_that_no_row_accounts_for_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that Great Expectations finds wanting may be lost on the way to the rows that hold it."""
    rules = (
        "  - {rule: id-is-a, column: id, type: expect_column_values_to_be_in_set,"
        " kwargs: {value_set: [a]}, why: w, fix: f}\n"
    )
    failure = {"success": False, "result": {"partial_unexpected_list": ["z"]}}
    monkeypatch.setattr(judge, "_run", lambda _context, _frame, asked, _detail: [failure for _ in asked])
    with pytest.raises(RuntimeError, match="id-is-a"):
        judge.judge([_case("two", ["a", "b"], rules)], Dossier({}, Bibliography({}), {}))


def _suite(text: str, *schemas: Schema) -> suites.Suite:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "validation").mkdir()
        (Path(folder) / "validation" / f"{schemas[0].name}.yml").write_text(text)
        found, _ = suites.read(Path(folder), {schema.name: schema for schema in schemas})
    return found[schemas[0].name]


# The suites of this project ----------------------------------------------------------------------------------


def test_every_column_of_every_table_has_an_expectation() -> None:
    """A column without a rule could hold anything."""
    schemas = tables.schemas(ROOT)
    found, problems = suites.read(ROOT, schemas)
    assert not problems
    bare = [
        f"{name}.{column}"
        for name, schema in schemas.items()
        for column in schema.header
        if not any(expectation.column == column for expectation in found[name].expectations)
    ]
    assert bare == []


def test_every_table_of_the_data_folder_is_in_the_data_package() -> None:
    """A table the package does not name would be checked by nobody."""
    listed = {schema.path for schema in tables.schemas(ROOT).values()}
    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / "data").glob("*.csv")} == listed


def test_data_package_and_suites_allow_the_same_words() -> None:
    """Two lists of allowed words that differ would leave a reader to guess which one holds."""
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    found, _ = suites.read(ROOT, tables.schemas(ROOT))
    for resource in package["resources"]:
        for field in resource["schema"]["fields"]:
            listed = field.get("constraints", {}).get("enum", field.get("categories"))
            given = [
                set(expectation.kwargs.get("value_set", expectation.kwargs.get("allowed", ())))
                for expectation in found[resource["name"]].expectations
                if expectation.column == field["name"]
                and (expectation.derive == "each_allowed" or "value_set" in expectation.kwargs)
            ]
            assert [set(listed)] == given if listed else not given, f"{resource['name']}.{field['name']}"
