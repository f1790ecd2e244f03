"""Looking the tables up in the text they were coded from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recount import marked, provenance
from recount.printed import numbers, plain, prints
from recount.problems import Stop


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("a border of 1,344km", 1344, "km"),
        ("gave $73 and $54 million respectively", 73_000_000, "usd"),
        ("gave $73 and $54 million respectively", 54_000_000, "usd"),
        (r"wrote off \$242m in debt", 242_000_000, "usd"),
        ("a budget of €3.3 million", 3_300_000, "eur"),
        ("which is 22.2% and 16.7%", 16.7, "percent"),
        ("between 30-50% of it", 30, "percent"),
        ("eighty-five per cent of them", 85, "percent"),
        ("half of all seizures", 50, "percent"),
        ("two thirds of them", 67, "percent"),
        ("twenty-six officers", 26, "people"),
        ("two dozen lorries", 24, "items"),
        ("one hundred and twenty kilograms", 120, "kg"),
        ("over three thousand five hundred people", 3500, "people"),
        ("the 20th meeting", 20, "ordinal"),
        ("its twenty-first session", 21, "ordinal"),
        ("phase IX began", 9, "ordinal"),
        ("Article four of it", 4, "ordinal"),
        ("a five day course", 5, "days"),
        ("a 10-year lease", 10, "years"),
        ("a decade later", 10, "years"),
        ("no money from them", 0, "percent"),
    ],
)
def test_a_number_is_found_however_it_is_printed(text: str, value: float, unit: str) -> None:
    """Digits and words, thousands, millions, currencies, percentages, ranges, fractions, ordinals."""
    assert prints(list(numbers(plain(text))), value, unit)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("a border of 1,344km", 344, "km"),
        ("a border of 1,344km", 1344, "kg"),
        ("73 officers", 73, "usd"),
        ("16.7%", 16, "percent"),
        ("four meetings", 4, "ordinal"),
        ("twenty-six officers", 20, "people"),
        ("in 2018", 18, "items"),
    ],
)
def test_a_number_is_not_found_in_another(text: str, value: float, unit: str) -> None:
    """Parts of a number are no number, and a number of one thing is none of another."""
    assert not prints(list(numbers(plain(text))), value, unit)


SECTIONS = "- {id: one, title: One, heading: '^1 '}\n- {id: two, title: Two, heading: '^2 '}\n"
TEXT = "Contents\n1 Gifts\nThe Swiss gave 40 lamps (Smith 2013).\n2 More\nIn Genoa nothing was given.\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one table of numbers and one of places, with the rules of looking them up."""
    (tmp_path / "data").mkdir()
    (tmp_path / "validation").mkdir()
    (tmp_path / "data" / "sections.yml").write_text(SECTIONS)
    (tmp_path / "data" / "references.bib").write_text(
        "@book{smith2013word,\n author = {Smith, Ada},\n title = {x},\n year = {2013},\n}\n"
    )
    (tmp_path / "validation" / "provenance.yml").write_text(
        "numbers:\n  - {table: counts, columns: {value: unit}}\n"
        "names:\n  - {table: places, columns: [name], fix: take it out}\n"
        "sources:\n  - {table: counts, column: source, fix: correct it}\n"
    )
    tables = {
        "counts": ["id", "value", "unit", "section", "source"],
        "places": ["id", "name", "section"],
    }
    resources = [
        {
            "name": name,
            "path": f"{name}.csv",
            "schema": {
                "primaryKey": "id",
                "fields": [
                    {"name": field, "type": "number" if field == "value" else "string", "separator": ";"}
                    for field in fields
                ],
            },
        }
        for name, fields in tables.items()
    ]
    (tmp_path / "data" / "datapackage.json").write_text(json.dumps({"resources": resources}))
    (tmp_path / "data" / "counts.csv").write_text("id,value,unit,section,source\nlamps,40,items,one,smith2013word\n")
    (tmp_path / "data" / "places.csv").write_text("id,name,section\ngenoa,Genoa,two\n")
    (tmp_path / "text.txt").write_text(TEXT)
    return tmp_path


def told(project: Path) -> list[tuple[str, int, str]]:
    """File, line and rule of each problem."""
    result = provenance.run(project, project / "text.txt")
    return [(problem.file, problem.line, problem.rule) for problem in result.problems]


def test_rows_the_text_bears_out_pass(project: Path) -> None:
    """A number, a name and a source that stand in their sections are no problems, and are counted as looked up."""
    result = provenance.run(project, project / "text.txt")
    assert not result.problems
    assert result.checked == {"numbers": 1, "names": 1, "sources": 1}


def test_a_number_of_another_section_is_told_with_the_section_that_prints_it(project: Path) -> None:
    """The coder mistook the section."""
    (project / "data" / "counts.csv").write_text("id,value,unit,section,source\nlamps,40,items,two,\n")
    problem = provenance.run(project, project / "text.txt").problems[0]
    assert (problem.file, problem.line, problem.column) == ("data/counts.csv", 2, "value")
    assert "one" in problem.fix


def test_a_place_not_named_in_its_section_is_told(project: Path) -> None:
    """A place belongs only to sections that name it."""
    (project / "data" / "places.csv").write_text("id,name,section\ngenoa,Genoa,one;two\n")
    assert told(project) == [("data/places.csv", 2, "name-is-printed-in-section")]


def test_a_source_not_cited_in_the_section_is_told(project: Path) -> None:
    """A work is given only where the text cites it."""
    (project / "data" / "counts.csv").write_text("id,value,unit,section,source\nlamps,0,items,two,smith2013word\n")
    assert told(project) == [("data/counts.csv", 2, "source-is-cited-in-section")]


def test_without_the_text_the_result_says_so(project: Path) -> None:
    """Skipped is not passed."""
    result = provenance.run(project)
    assert result.skipped
    assert "not compared" in result.summary


def test_a_text_that_is_named_and_not_there_is_a_problem(project: Path) -> None:
    """Whoever names a text wants it read."""
    with pytest.raises(Stop):
        provenance.run(project, project / "other.txt")


def test_a_heading_that_is_not_found_is_told_at_its_line(tmp_path: Path) -> None:
    """A section that cannot be found would bear out nothing."""
    path = tmp_path / "sections.yml"
    path.write_text(SECTIONS + "- {id: three, title: Three, heading: '^3 '}\n")
    found, problems = provenance.split(TEXT, marked.read(path, "data/sections.yml"))
    assert list(found) == ["one", "two"]
    assert [(problem.line, problem.rule) for problem in problems] == [(3, "heading-is-found")]


def test_the_result_keeps_no_text(project: Path) -> None:
    """What the report shows of the comparison holds no sentence of the text."""
    (project / "data" / "counts.csv").write_text("id,value,unit,section,source\nlamps,41,items,one,\n")
    shown = json.dumps(provenance.run(project, project / "text.txt").as_json)
    assert "Swiss" not in shown
