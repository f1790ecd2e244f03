"""The sentences of the book respond to its data: small changes of rows move what rests on them, and nothing else.

What is asserted, and where it is coarse:

- Values read straight from tables (numbers of the thesis, counts of acts, tables of acts) are tried one perturbation at
  a time. One that changes must name a touched row in its origin, before or after, or show the old or new name of one.
- Results, and the sentences and figures made from them, take seconds, so they are tried several perturbations of one
  table at a time. A result may change only if a table it is made from was touched: a score is weighed against the
  leader's under every combination of choices, so any act may bear on it. A claim may change only if its check looked
  at a touched row, where scores are compared at any row. A sentence may change only if a row it names was touched,
  or a claim it names, or a result it read, changed.
- A value that reads nothing touched is not computed again, except in the first round, where all are.
- The gate does not run: perturbed rows need not be rows that it would let through.
"""

from __future__ import annotations

import functools
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from altair.utils import schemapi

import recount.results
from northern_route import evidence, quality, report, results, robustness
from northern_route.compared import ORGANISATIONS
from recount import chapters, mutation, perturbations, project, references, tables
from recount.execution import code_of
from recount.mutation import Bench, Change, Shown
from recount.perturbations import KINDS, Aim, Perturbation

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
SEED = 4
SOURCES = 30
"""How many works are left out, each alone."""
ROUND = 48
"""How many perturbations of a table are computed together where that takes seconds."""

AT_ONCE = 30
"""How many claims are to be turned together."""
AIM = Aim("activities", "organisation", {"counted": "yes", "status": "completed", "reason": ""})
# Numbers that are doubled together, and the column that says whose a row is.
NUMBERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "observations": (("value", "value_high"),),
    "funding": (("amount",), ("share_percent",)),
    "organisations": (("members",),),
    "places": (("coordinate_precision_km",),),
}
OWNED = {"activities": "organisation", "funding": "organisation", "observations": "subject", "obstacles": "subject"}
# What each result is made from; of the table any row may bear on it.
COUNTS = frozenset({"activities", "observations", "organisations"})
MADE_FROM: Mapping[str, frozenset[str]] = {
    "scores": COUNTS,
    "rankings": COUNTS,
    "acceptability": COUNTS,
    "multiverse": COUNTS,
    "fragility": frozenset(results.TABLES),
    "recommendations": COUNTS | {"obstacles"},
    "thresholds": frozenset(),
}
# The computed part of the audit also finds that something is nowhere: a work never cited, a series with fewer members
# than stated. The row that is not there cannot be named, so these three may change with any row of what they search.
SEARCHED = frozenset({"activities", "citations", "funding", "observations", "places"})
SEARCHES = ("report.audit.computed_count", "report.audit.computed_table", "report.audit.summary_table")
# What another stage of a build leaves for the report; that stage does not run here.
ACCOUNTS: Mapping[str, Mapping[str, Any]] = {
    "checks": {
        "checks": [{"table": "activities", "severity": "critical"}],
        "warnings": [],
        "tables": {"activities": {"rows": 1}},
    },
    "provenance": {},
}


class Read(pd.DataFrame):
    """A table that is text already, so that reading it anew for every perturbation costs nothing."""

    def map(self, *_: object, **__: object) -> Read:  # type: ignore[override] # only ever asked to become text
        """Itself."""
        return self


def read_tables() -> dict[str, pd.DataFrame]:
    """The tables of the repository as the report reads them, without the certificate of a build."""
    found: dict[str, pd.DataFrame] = {}
    for name, schema in tables.schemas(ROOT).items():
        read, problems = tables.read(schema, ROOT)
        assert read is not None
        assert not problems
        texts = tables.typed(read).map(evidence._text)  # noqa: SLF001 - the very form in which the report reads them
        found[name] = Read(texts.to_numpy(dtype=object), columns=texts.columns, dtype=object)
    return found


def names_of_the_book() -> tuple[str, ...]:
    """Every inline name and every cell expression of the chapters."""
    found: dict[str, None] = {}
    for file in project.load(ROOT).chapters:
        chapter, problems = chapters.read(ROOT, file.path)
        assert not problems
        code = code_of(chapter)
        found |= dict.fromkeys(code["names"])
        found |= dict.fromkeys(cell for cell in code["cells"] if not cell.startswith(("from ", "import ")))
    return tuple(found)


def ask(name: str) -> object:
    """What a chapter gets for a name."""
    return eval(name, {"report": report})  # noqa: S307 - an expression of our own chapters, as a kernel runs it


def forget() -> None:
    """Empty what the analysis keeps of what it read; the geometry of the map is no data of ours."""
    own = [module for name, module in sys.modules.items() if name.startswith("northern_route.")]
    mutation.forget([recount.results, *(module for module in own if not module.__name__.endswith(".geodata"))])


@dataclass
class Trial:
    """The book before and after many perturbations, and what was found amiss."""

    bench: Bench
    tables: dict[str, pd.DataFrame]
    before: dict[str, Shown] = field(default_factory=dict)
    reads: dict[str, frozenset[str]] = field(default_factory=dict)
    saw: dict[str, frozenset[str]] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    computed: dict[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    tried: list[Perturbation] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)
    claims: set[str] = field(default_factory=set)
    verdicts: set[str] = field(default_factory=set)
    stray: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)

    @functools.cached_property
    def rules(self) -> results.Rules:
        """The declared rules."""
        return results.rules(ROOT)

    def compute(self) -> dict[str, frozenset[str]]:
        """All results from the tables on the bench; returns the rows that each claim's check looked at."""
        analysis = results.analyse({name: self.bench.tables[name] for name in results.TABLES}, self.rules)
        self.computed = results.as_results(analysis)
        self.bench.results = {
            name: json.dumps(value, ensure_ascii=False, allow_nan=False) for name, value in self.computed.items()
        }
        return {one.id: mutation.saw(analysis.evidence, one.check) for one in analysis.claims if one.check}

    def start(self) -> None:
        """The book as it is, noting what each of its values reads."""
        self.bench.tables = self.tables
        self.saw = self.compute()
        self.results, self.texts = self.computed, self.bench.results
        for name in names_of_the_book():
            forget()
            self.bench.reads.clear()
            self.before |= mutation.evaluate([name], ask)
            self.reads[name] = frozenset(self.bench.reads)

    def alone(self, one: Perturbation) -> None:
        """Try a perturbation on the values read straight from the tables it touches."""
        self.tried.append(one)
        touched = {f"tables:{table}" for table in one.tables}
        self.bench.tables = perturbations.applied(self.tables, [one])
        self._look([name for name in self.before if self._direct(name) and touched & self.reads[name]], [one], one.rows)

    def _direct(self, name: str) -> bool:
        return self.before[name].kind != "figure" and not any(one.startswith("results:") for one in self.reads[name])

    def together(self, some: Sequence[Perturbation], *, everything: bool = False) -> None:
        """Try several perturbations at once on all values that what they touch can reach, or on all there are."""
        rows, moved = self._changed(some)
        reached = {f"tables:{table}" for one in some for table in one.tables} | moved
        names = [name for name in self.before if everything or reached & self.reads[name]]
        self._look(names, some, rows | moved)

    def on_claims(self, some: Sequence[Perturbation]) -> None:
        """Try several perturbations at once on the claims, and on the texts and tables that tell of them."""
        with pytest.MonkeyPatch.context() as patch:
            # Not looked at here.
            patch.setattr(robustness, "without_source", lambda *_: self.results["fragility"]["without_source"])
            rows, moved = self._changed(some)
        names = [
            name
            for name, shown in self.before.items()
            if "results:claims" in self.reads[name] and shown.kind != "figure"
        ]
        self._look(names, some, rows | moved)

    def _changed(self, some: Sequence[Perturbation]) -> tuple[frozenset[str], set[str]]:
        """Put perturbed tables and results on the bench; returns the rows touched, and what of the results moved."""
        rows = frozenset[str]().union(*(one.rows for one in some))
        touched = frozenset[str]().union(*(one.tables for one in some))
        self.bench.tables = perturbations.applied(self.tables, some)
        self.bench.results = self.texts
        return rows, self._results(rows, touched) if touched & set(results.TABLES) else set()

    def towards(self, names: Sequence[str], way: str, at_once: int = 1) -> None:
        """Try to turn claims.

        Args:
            names: the claims.
            at_once: how many are tried together; what turns one may hold another up.
            way: "drop" the fewest rows that turn them, "fit" rows to what the checks look for, or "hand over" all
                such rows to whom the claim is about.
        """
        chance = random.Random(SEED)  # noqa: S311 - chosen at random, the same every time
        for i in range(0, len(names), at_once):
            some = names[i : i + at_once]
            if way == "drop":
                found = [change for name in some for change in self.results["claims"][name]["smallest_changes"]]
                rows = sorted({row for change in found if change["most"] is not None for row in change["rows"]})
                # Without an organisation there is nothing to compare.
                kept = [row for row in rows if not row.startswith("organisations:")]
                made = [perturbations.without_rows("without what decides", kept)]
            elif way == "fit":
                made = [perturbations.aimed(self.tables, name, self.checks[name], AIM, chance) for name in some]
            else:
                made = [perturbations.handed_over(self.tables, name, self.checks[name], AIM) for name in some]
                # With all its rows gone an organisation could not be ranked.
                made = [one for one in made if one is not None and len(one.rows) <= AT_ONCE]
            planned = [one for one in made if one is not None and one.rows]
            if planned:
                self.tried += planned
                self.on_claims(planned)

    @property
    def unturned(self) -> list[str]:
        """The claims with a check whose verdict nothing has turned yet."""
        return [name for name, check in self.checks.items() if check and name not in self.verdicts]

    def _results(self, rows: frozenset[str], touched: frozenset[str]) -> set[str]:
        """Compute the results anew; returns which of them, and which claims, are others than before."""
        saw = self.compute()
        moved = set()
        for name, made_from in MADE_FROM.items():
            if self.computed[name] != self.results[name]:
                moved.add(f"results:{name}")
                if not made_from & touched:
                    self.stray.append(f"result {name} changed with {sorted(touched)}")
        for name, before in self.results["claims"].items():
            after = self.computed["claims"][name]
            if before == after:
                continue
            moved |= {f"claims:{name}", "results:claims"}
            self.claims.add(name)
            if before["verdict"] != after["verdict"]:
                self.verdicts.add(name)
            check = self.checks[name]
            looked = rows & (self.saw[name] | saw[name])
            if not looked and not (mutation.compares_scores(check) and touched & COUNTS):
                self.stray.append(f"claim {name} changed, and looked at none of {sorted(rows)[:5]}")
        return moved

    @functools.cached_property
    def checks(self) -> dict[str, Any]:
        """The check of each claim."""
        return {entry["id"]: entry["check"] for entry in self.rules.entries["claims"]}

    def _look(self, names: Iterable[str], some: Sequence[Perturbation], touched: frozenset[str]) -> None:
        """Evaluate names, and hold what changed against what was touched."""
        forget()
        after = mutation.evaluate(names, ask)
        changes = mutation.differences(self.before, after)
        rows = frozenset[str]().union(*(one.rows for one in some))
        called = perturbations.renamed(self.tables, self.bench.tables, rows)
        told = "; ".join(one.what for one in some[:3])
        for change in mutation.unexplained(changes, touched | self._searched(rows), called, self._read_unnamed()):
            self.stray.append(f"{change.name}: {change.before.text[:90]!r} -> {change.after.text[:90]!r} ({told})")
        dropped = {row for one in some for row in one.dropped}
        for change in changes:
            if change.after.kind == "refused":
                self._refuse(change, dropped)
            if change.seen:
                self.moved.add(change.name)
        changed = {change.name for change in changes}
        self.stale += [
            f"{name} still names what is gone ({told})"
            for name in after
            if name not in changed and dropped & self.before[name].rows
        ]

    def _read_unnamed(self) -> dict[str, frozenset[str]]:
        """The results each value read; those that name their claims depend on these claims alone."""
        found = {}
        for name, reads in self.reads.items():
            read = {one for one in reads if one.startswith("results:")}
            if any(row.startswith("claims:") for row in self.before[name].rows):
                read.discard("results:claims")
            found[name] = frozenset(read | ({"searched"} if name in SEARCHES else set()))
        return found

    @staticmethod
    def _searched(rows: Iterable[str]) -> frozenset[str]:
        return frozenset({"searched"} if SEARCHED & {row.partition(":")[0] for row in rows} else ())

    def _refuse(self, change: Change, dropped: Iterable[str]) -> None:
        """A value that cannot be made any more is right to refuse only where a row it asks for is gone."""
        missing = [row for row in dropped if row.partition(":")[2] in change.after.text]
        if not missing:
            self.refused.append(f"{change.name}: {change.after.text}")


def plan(known: Mapping[str, pd.DataFrame]) -> list[Perturbation]:
    """A few dozen perturbations of each kind: every table, every column but ids, each word of a small vocabulary."""
    chance = random.Random(SEED)  # noqa: S311 - chosen at random, the same every time
    found: list[Perturbation | None] = []
    # An organisation does not vanish with the work that describes it.
    cited = {name: frame for name, frame in known.items() if "source" in frame and name != "organisations"}
    works = sorted({work for frame in cited.values() for work in evidence.keys(frame["source"])})
    found += [perturbations.without_source(cited, work) for work in chance.sample(works, SOURCES)]
    for table, frame in known.items():
        rows = [f"{table}:{row}" for row in frame["id"]]
        if "source" not in frame:
            found += [perturbations.without_rows(f"without {row}", [row]) for row in chance.sample(rows, 2)]
        for column in frame.columns[1:]:
            found += [
                perturbations.recoded(known, row, column, chance) for row in _picked(frame, table, column, chance)
            ]
            found += [perturbations.emptied(known, row, column) for row in _picked(frame, table, column, chance)[:1]]
        for columns in NUMBERS.get(table, ()):
            chance.shuffle(rows)
            found += [perturbations.doubled(known, rows[i : i + 6], columns) for i in range(0, len(rows), 6)]
        if table in OWNED:
            pairs = combinations(ORGANISATIONS, 2)
            found += [perturbations.swapped(known, table, OWNED[table], first, second) for first, second in pairs]
    return [one for one in found if one is not None and one.rows]


def _picked(frame: pd.DataFrame, table: str, column: str, chance: random.Random) -> list[str]:
    """One row of each word where few stand in a column, else any row whose cell is given."""
    ids: dict[str, list[str]] = defaultdict(list)
    for row, cell in zip(frame["id"], frame[column], strict=True):
        if cell:
            ids[cell if 1 < frame[column].nunique() <= 5 else "any"].append(f"{table}:{row}")
    return [chance.choice(rows) for _, rows in sorted(ids.items())]


def rounds(planned: Sequence[Perturbation]) -> Iterator[Sequence[Perturbation]]:
    """Perturbations to be computed together.

    Those of a table that scores are made from with others of that table, those of works, which bear on several tables,
    with such, the rest with one another; of the swaps the first of each table, that of acts on its own.
    """
    groups: dict[str, list[Perturbation]] = defaultdict(list)
    swapped: set[frozenset[str]] = set()
    for one in planned:
        table = next(iter(one.tables)) if len(one.tables) == 1 else "several"
        group = table if table in {*COUNTS, "several"} else "rest"
        if one.kind != KINDS[2]:
            groups[group].append(one)
        elif one.tables not in swapped:
            swapped.add(one.tables)
            groups["acts swapped" if table == "activities" else group].append(one)
    for _, members in sorted(groups.items()):
        count = -(-len(members) // ROUND)
        yield from (members[i::count] for i in range(count))


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    """All perturbations tried; takes most of a minute."""
    with pytest.MonkeyPatch.context() as patch:
        bench = Bench({})
        patch.chdir(ROOT)
        patch.setattr(evidence, "tables", bench)
        patch.setattr(recount.results, "folder", bench.folder)
        patch.setattr(quality, "account", ACCOUNTS.__getitem__)
        # The bibliography is not changed, and parsing it costs more than all else; nor does the form of a chart
        # depend on whether it is checked.
        patch.setattr(references, "read", functools.cache(references.read))
        patch.setattr(schemapi.SchemaBase, "validate", classmethod(lambda *_, **__: None))
        forget()
        one = Trial(bench, read_tables())
        one.start()
        planned = plan(one.tables)
        for perturbation in planned:
            one.alone(perturbation)
        for number, some in enumerate(rounds(planned)):
            one.together(some, everything=number == 0)
        for way in ("drop", "fit"):
            one.towards(one.unturned, way, AT_ONCE)
        # What is dropped, fitted or handed over for one claim would be taken away from the next.
        for way in ("drop", "fit", "hand over"):
            one.towards(one.unturned, way)
        yield one
    forget()


def test_every_name_of_the_book_can_be_computed(trial: Trial) -> None:
    """Before anything is changed no name is refused, and each shows a value, not a piece of the program."""
    assert [name for name, shown in trial.before.items() if shown.kind == "refused" or " at 0x" in shown.text] == []


def test_every_kind_of_change_reaches_every_table(trial: Trial) -> None:
    """Each kind is tried a few dozen times, and each table of the data package is touched."""
    kinds = Counter(one.kind for one in trial.tried)
    assert set(kinds) == set(KINDS)
    assert min(kinds.values()) >= 24
    assert {table for one in trial.tried for table in one.tables} == set(trial.tables)


def test_nothing_changes_that_does_not_rest_on_what_was_touched(trial: Trial) -> None:
    """Numbers, sentences, tables, figures, results and verdicts change only with rows that they rest on."""
    assert list(dict.fromkeys(trial.stray)) == []


def test_no_value_names_a_row_that_is_gone(trial: Trial) -> None:
    """A value that rested on a dropped row shows something else or another origin, at once."""
    assert list(dict.fromkeys(trial.stale)) == []


def test_a_value_is_refused_only_for_a_row_that_is_gone(trial: Trial) -> None:
    """A chapter that asks for a number no row holds any more stops, naming it; nothing else stops."""
    assert list(dict.fromkeys(trial.refused)) == []


def test_every_number_of_the_thesis_follows_its_row(trial: Trial) -> None:
    """No number in the prose is a constant: each text taken from an observation has been seen to change."""
    facts = {name for name in trial.before if name.startswith(("report.fact.", "report.Fact.", "report.figure."))}
    assert facts - trial.moved == set()


def test_what_no_change_moves_is_listed_with_a_reason(trial: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    """Every computed value of the book and every testable claim moves, but for those in tests/unbound.yml.

    A verdict on a claim without a check cannot move; `data/claims.yml` gives the reason.
    """
    listed = {
        name: entry["reason"]
        for entry in yaml.safe_load((ROOT / "tests/unbound.yml").read_text())
        for name in entry["names"]
    }
    untested = {f"report.verdict.{name.replace('-', '_')}" for name, check in trial.checks.items() if not check}
    unbound = {name for name in trial.before if name not in trial.moved}
    checked = [name for name, check in trial.checks.items() if check]
    kinds = Counter(shown.kind for shown in trial.before.values())
    moved = Counter(trial.before[name].kind for name in trial.moved)
    with capsys.disabled():
        print(f"\n{len(trial.tried)} perturbations; changed at least once:")  # noqa: T201 - the report of this test
        for what, some, all_of_them in (
            *((f"{kind}s", moved[kind], kinds[kind]) for kind in kinds),
            ("claims with a check: figures or verdict", len(trial.claims), len(checked)),
            ("claims with a check: verdict", len(trial.verdicts), len(checked)),
        ):
            print(f"  {what}: {some} of {all_of_them} ({some / all_of_them:.0%})")  # noqa: T201
        print(f"  not bound to data: {', '.join(sorted(unbound - untested)) or 'none'}")  # noqa: T201
        print(f"  verdict turned by none: {', '.join(trial.unturned) or 'none'}")  # noqa: T201
    assert unbound - untested == set(listed) & set(trial.before)
    assert all(reason.strip() for reason in listed.values())
    assert set(checked) == trial.claims
