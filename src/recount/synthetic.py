"""A made-up project of any size, for measurements and tests: organisations, acts, a suite, a chapter each.

The same numbers and seed give the same files on every machine. Nothing in it is about the world.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from textwrap import dedent

KINDS = ("course", "gift", "meeting", "post")
REGIONS = ("east", "north", "south", "west")
STATES = ("done", "planned", "under-way")
HEADER = ("id", "organisation", "kind", "region", "state", "start", "amount")


def write(root: Path, *, organisations: int, activities: int, seed: int = 1) -> None:
    """Write a whole project into ROOT, which is made if it is not there.

    Args:
        root: the folder.
        organisations: how many, each with a chapter that shows a value, a table and a chart; at least two.
        activities: how many rows the table of acts has; at least one for each organisation.
        seed: of the generator.
    """
    if organisations < 2 or activities < organisations:
        raise ValueError("a project has two organisations or more, and an act for each")
    names = [f"org-{number:03d}" for number in range(1, organisations + 1)]
    files = {
        "_quarto.yml": _settings(names),
        "pyproject.toml": '[project]\nname = "sample"\nversion = "1.0"\n\n[tool.recount]\nanalysis = "sample"\n',
        "requirements.lock": "",
        "data/references.bib": "@book{smith2001apples, title={Apples}, author={Smith, Ann}, year={2001}}\n",
        "data/datapackage.json": json.dumps(_package(), indent=1) + "\n",
        "data/organisations.csv": _csv(("id", "name"), ((name, name.upper()) for name in names)),
        "validation/shared.yml": _SHARED,
        "validation/organisations.yml": _ORGANISATIONS,
        "validation/activities.yml": _ACTIVITIES,
        "src/sample/__init__.py": '"""A made-up analysis."""\n',
        "src/sample/acts.py": _ACTS,
        "src/sample/results.py": _RESULTS,
        "src/sample/report.py": _REPORT,
        "index.qmd": "# Preface {.unnumbered}\n\nA made-up book, after @smith2001apples.\n",
        "chapters/references.qmd": "# References {.unnumbered}\n\n::: {#refs}\n:::\n",
    }
    files |= {f"chapters/{name}.qmd": _chapter(name) for name in names}
    acts = list(_acts(names, activities, seed))
    files["data/verdicts.yml"] = f"verdicts:\n  first-did-most: {_verdict(acts, names)}\n"
    files["validation/schemas/verdicts.json"] = '{"type": "object"}\n'
    for path, text in files.items():
        _write(root / path, text)
    _write(root / "data" / "activities.csv", _csv(HEADER, acts))


def _verdict(acts: Sequence[tuple[str, ...]], names: Sequence[str]) -> str:
    """Whether the first organisation did more than any other, as the made-up analysis says it."""
    counts = {name: sum(act[1] == name and act[4] != "planned" for act in acts) for name in names}
    return "holds" if counts[names[0]] > max(counts[name] for name in names[1:]) else "fails"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _csv(header: Sequence[str], rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(",".join(row) + "\n" for row in (tuple(header), *rows))


def _acts(names: Sequence[str], activities: int, seed: int) -> Iterator[tuple[str, ...]]:
    chance = random.Random(seed)  # noqa: S311 - a seeded sequence is wanted, nothing is kept secret
    width = len(str(activities))
    for number in range(activities):
        # The first acts go round and are done, so that every organisation has something to show.
        first = number < len(names)
        owner = names[number] if first else chance.choice(names)
        yield (
            f"act-{number + 1:0{width}d}",
            owner,
            chance.choice(KINDS),
            chance.choice(REGIONS),
            "done" if first else chance.choice(STATES),
            f"{chance.randint(2000, 2020)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
            str(chance.randint(1, 900) * 1000),
        )


def _settings(names: Sequence[str]) -> str:
    chapters = "".join(f"    - chapters/{name}.qmd\n" for name in names)
    return (
        "project:\n  type: book\n  output-dir: _book\n  pre-render: python -m recount feed\n\nlang: en-GB\n\n"
        'book:\n  title: "A sample"\n  author: "Nobody"\n  date: "2020"\n  output-file: sample\n  chapters:\n'
        f"    - index.qmd\n{chapters}    - chapters/references.qmd\n\n"
        "bibliography: data/references.bib\nexecute:\n  freeze: auto\n  echo: false\n"
        "format:\n  html:\n    citeproc: true\n  typst:\n    citeproc: true\n"
    )


def _chapter(name: str) -> str:
    own = name.replace("-", "_")
    return dedent(
        f"""\
        ```{{python}}
        #| include: false
        from sample import report
        ```

        # The work of {name.upper()} {{#sec-{name}}}

        {name.upper()} did `{{python}} report.{own}.acts`, as @fig-{name}-kinds and @tbl-{name}-kinds show.

        ```{{python}}
        #| label: fig-{name}-kinds
        #| fig-cap: Acts by kind
        report.{own}.chart
        ```

        ```{{python}}
        #| label: tbl-{name}-kinds
        #| tbl-cap: Acts by kind
        report.{own}.table
        ```
        """
    )


def _package() -> dict[str, object]:
    required = {"required": True, "maxLength": 60}

    def field(name: str, kind: str = "string") -> dict[str, object]:
        return {"name": name, "type": kind, "description": f"The {name}.", "constraints": required}

    def resource(name: str, fields: Sequence[dict[str, object]]) -> dict[str, object]:
        schema = {"fields": fields, "primaryKey": "id", "missingValues": [""]}
        return {"name": name, "path": f"{name}.csv", "description": f"The {name}.", "schema": schema}

    return {
        "name": "sample",
        "resources": [
            resource("activities", [*(field(name) for name in HEADER[:-1]), field("amount", "integer")]),
            resource("organisations", [field("id"), field("name")]),
        ],
    }


_SHARED = """\
about: Rules shared by the suites
expectations:
  - rule: id-explains-itself
    type: expect_column_values_to_match_regex
    kwargs: {regex: '^[a-z0-9]+(?:-[a-z0-9]+)*$'}
    why: Ids stand in links.
    fix: write it in kebab-case
  - rule: id-is-unique
    type: expect_column_values_to_be_unique
    why: Other rows point to it.
    fix: give the row an id of its own
  - rule: cell-is-given
    type: expect_column_values_to_not_be_null
    why: A row means nothing without it.
    fix: fill the cell
"""

_ORGANISATIONS = """\
table: organisations
about: One organisation.
expectations:
  - {rule: id-explains-itself, column: id}
  - {rule: id-is-unique, column: id}
  - {rule: cell-is-given, columns: [id, name]}
"""

_ACTIVITIES = f"""\
table: activities
about: One act.
expectations:
  - {{rule: id-explains-itself, column: id}}
  - {{rule: id-is-unique, column: id}}
  - {{rule: cell-is-given, columns: [{", ".join(HEADER)}]}}
  - rule: organisation-exists
    column: organisation
    derive: each_in
    kwargs: {{known: [organisations.id]}}
    why: Acts are counted for organisations.
    fix: name one of data/organisations.csv
  - rule: kind-is-known
    column: kind
    type: expect_column_values_to_be_in_set
    kwargs: {{value_set: [{", ".join(KINDS)}]}}
    why: Kinds are counted.
    fix: choose among the kinds
  - rule: region-is-known
    column: region
    type: expect_column_values_to_be_in_set
    kwargs: {{value_set: [{", ".join(REGIONS)}]}}
    why: Regions are compared.
    fix: choose among the regions
  - rule: state-is-known
    column: state
    type: expect_column_values_to_be_in_set
    kwargs: {{value_set: [{", ".join(STATES)}]}}
    why: Plans are no acts.
    fix: choose among the states
  - rule: date-is-written-whole
    column: start
    type: expect_column_values_to_match_regex
    kwargs: {{regex: '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$'}}
    why: Dates are sorted as text.
    fix: write year, month and day
  - rule: amount-is-likely
    column: amount
    type: expect_column_values_to_be_between
    kwargs: {{min_value: 1, max_value: 1000000}}
    why: A nought too many would lead every ranking.
    fix: correct the amount
"""

_ACTS = '''\
"""The acts, as certified."""

from recount.tables import certified


def acts():
    """All acts that were not only planned."""
    found = certified("activities")
    return found[found["state"] != "planned"]
'''

_RESULTS = '''\
"""Counts by organisation and kind."""

from sample.acts import acts


def compute():
    """The counts and row ids of each organisation."""
    found = acts()
    results = {}
    for name, rows in found.groupby("organisation", sort=True):
        kinds = rows.groupby("kind", sort=True)["id"]
        results[str(name)] = {
            "counts": {str(kind): int(count) for kind, count in kinds.count().items()},
            "rows": [f"activities:{key}" for key in rows["id"].head(20)],
        }
    totals = {name: sum(result["counts"].values()) for name, result in results.items()}
    others = [total for name, total in totals.items() if name != "org-001"]
    verdict = "holds" if totals.get("org-001", 0) > max(others, default=0) else "fails"
    held = {"verdict": verdict, "rows": [], "file": "data/verdicts.yml", "line": 2}
    return {"organisations": results, "verdicts": {"verdicts": {"first-did-most": held}, "prints": {}}}
'''

_REPORT = '''\
"""What the chapters say."""

from recount import results
from recount.values import Column, Computed, Figure, Table


class Organisation:
    """One organisation as its chapter needs it."""

    def __init__(self, name):
        """By its id."""
        self.name = name
        self.found = results.read("organisations", name)

    @property
    def acts(self):
        """How many acts."""
        count = sum(self.found["counts"].values())
        rows = tuple(self.found["rows"])
        return Computed(f"{count:,} acts", f"acts of {self.name}", "rows that are no plans", rows, value=count)

    @property
    def table(self):
        """Acts by kind."""
        rows = tuple((kind, f"{count:,}") for kind, count in sorted(self.found["counts"].items()))
        return Table((Column("Kind"), Column("Acts", "right")), rows, origins=tuple(self.found["rows"]))

    @property
    def chart(self):
        """Acts by kind, as bars."""
        import altair as alt
        import pandas as pd

        counts = sorted(self.found["counts"].items())
        data = pd.DataFrame(counts, columns=["kind", "acts"])
        spec = alt.Chart(data).mark_bar().encode(x="acts:Q", y="kind:N").properties(width=300).to_dict()
        spec["config"] = {"font": "Source Sans Pro"}
        told = f"Acts of {self.name}: " + ", ".join(f"{kind} {count}" for kind, count in counts)
        return Figure(spec, told, told, self.table, tuple(self.found["rows"]))


def __getattr__(name):
    """An organisation by its id with underscores."""
    if name.startswith("org_"):
        return Organisation(name.replace("_", "-"))
    raise AttributeError(name)
'''
