"""Great Expectations at work: one table, one suite, and which rows break which rule.

The only module that imports Great Expectations, and only when it is called: the import costs seconds.

A big table is judged by its distinct values: whether a value is allowed does not depend on how often it stands
there. So the cost of a column follows its variety, not its length, and a million rows pass in seconds.
"""

from __future__ import annotations

import functools
import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from recount import imports
from recount.chronology import CHECKS
from recount.csvform import SHOWN
from recount.derived import Derived, cell, nearest
from recount.dossier import Dossier
from recount.problems import Problem
from recount.suites import Expectation, Suite
from recount.tables import Table

if TYPE_CHECKING:
    import great_expectations as gx
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

WHOLE = 20_000
"""Up to how many rows a table is judged row by row."""

NUMERIC = frozenset({"expect_column_values_to_be_between"})
BY_VALUE = frozenset(
    {
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_not_be_in_set",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_not_match_regex",
        "expect_column_values_to_be_between",
        "expect_column_value_lengths_to_be_between",
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_null",
    }
)
"""Expectations that look at one cell at a time, and so may be asked once a value."""
UNIQUE = "expect_column_values_to_be_unique"


@dataclass(frozen=True)
class Judgement:
    """Whether an expectation is met, and the rows that break it."""

    expectation: Expectation
    rows: tuple[int, ...]
    whole: bool = False
    """Whether the table as a whole breaks it, not single rows."""
    derived: Derived | None = None

    @property
    def met(self) -> bool:
        """Whether no row breaks it."""
        return not self.rows and not self.whole


def judge(cases: Sequence[tuple[Table, Suite]], dossier: Dossier) -> list[list[Judgement]]:
    """What each table does about each expectation of its suite, in the suite's order.

    All tables are judged at once, because each question costs Great Expectations ten milliseconds whatever the cells,
    and most rules are given for many columns of many tables.
    """
    tables = {table.schema.name: table for table, _ in cases}
    helpers: dict[Expectation, Derived] = {}
    frames: dict[Expectation, pd.DataFrame] = {}
    for table, suite in cases:
        held = {
            expectation: CHECKS[expectation.derive](table, dossier, column=expectation.column, **expectation.kwargs)
            for expectation in suite.expectations
            if expectation.derive
        }
        helpers |= held
        for frame, expectations in _frames(table, suite.expectations, held):
            frames.update(dict.fromkeys(expectations, frame))
    broken: dict[Expectation, Judgement] = {}
    for group, failure in _failures(_shared_context(), frames):
        judged = [_locate(tables[one.table], one, failure, helpers.get(one)) for one in group]
        if all(judgement.met for judgement in judged):
            raise RuntimeError(f"{group[0].rule}: no row holds what Great Expectations found wanting: {failure}")
        broken.update(zip(group, judged, strict=True))
    return [
        [broken.get(one) or Judgement(one, (), derived=helpers.get(one)) for one in suite.expectations]
        for _, suite in cases
    ]


def problems(table: Table, judgement: Judgement) -> Iterator[Problem]:
    """A problem for each row that breaks the rule, as a person can mend it."""
    expectation = judgement.expectation
    path = table.schema.path
    if judgement.whole:
        yield Problem(
            path,
            1,
            expectation.rule,
            expectation.message or expectation.why.rstrip("."),
            expectation.column,
            fix=expectation.fix,
            severity=expectation.severity,
        )
    for row in judgement.rows[:SHOWN]:
        yield _problem(table, judgement, row)
    if len(judgement.rows) > SHOWN:
        more = f"and {len(judgement.rows) - SHOWN} more of this kind, the last here"
        yield replace(_problem(table, judgement, judgement.rows[-1]), message=more)


def _problem(table: Table, judgement: Judgement, row: int) -> Problem:
    expectation = judgement.expectation
    value = cell(table, expectation.column, row) if expectation.column else ""
    said, hint = judgement.derived.say(row) if judgement.derived else _say(expectation, value)
    message = expectation.message.replace("{value}", value) if expectation.message else said
    fix = f"{hint}; {expectation.fix}" if hint else expectation.fix
    return Problem(
        table.schema.path,
        int(table.lines[row]),
        expectation.rule,
        message,
        expectation.column,
        value[:200],
        fix,
        expectation.severity,
    )


def _say(expectation: Expectation, value: str) -> tuple[str, str]:
    """What is wrong with VALUE, and a hint, for the expectations that come with Great Expectations."""
    kwargs = expectation.kwargs
    shown = repr(value if len(value) <= 60 else value[:57] + "...")
    kind = expectation.type
    if kind.endswith("to_not_be_null"):
        return f"{expectation.column} is empty", ""
    if kind.endswith("to_be_in_set"):
        allowed = [str(item) for item in kwargs["value_set"]]
        return f"{shown} is not allowed here", nearest(value, frozenset(allowed)) or f"allowed: {', '.join(allowed)}"
    if kind.endswith("to_be_between"):
        low, high = kwargs.get("min_value"), kwargs.get("max_value")
        limits = (
            f"between {low} and {high}"
            if None not in (low, high)
            else f"at least {low}"
            if high is None
            else f"at most {high}"
        )
        return f"{shown} is not {limits}", ""
    if kind.endswith("to_be_unique"):
        return f"{shown} stands already in an earlier row", ""
    return f"{shown} is not written as it should be", ""


def context() -> EphemeralDataContext:
    """A fresh place for Great Expectations to work in, quiet and without network."""
    imports.great_expectations()
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    # Kept in memory altogether; left to itself it would lay out a folder for its pages.
    settings = DataContextConfig(store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False))
    place = gx.get_context(project_config=settings, mode="ephemeral")
    place.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return place


_shared_context = functools.cache(context)


def column_in(expectation: Expectation) -> str:
    """The name of the column of the judged frame an expectation looks at."""
    if expectation.derive:
        return f"{expectation.column} {expectation.rule}"
    return f"{expectation.column} as number" if expectation.type in NUMERIC else expectation.column


def _frames(
    table: Table, expectations: Sequence[Expectation], helpers: Mapping[Expectation, Derived]
) -> Iterator[tuple[pd.DataFrame, list[Expectation]]]:
    """What Great Expectations is shown, and the expectations to be asked of it."""
    if len(table.frame) <= WHOLE:
        yield whole_frame(table, expectations, helpers), list(expectations)
        return
    if helpers:
        # Two rows are enough to say whether a column of true and false holds a false.
        columns = {column_in(expectation): [True, bool(held.good.all())] for expectation, held in helpers.items()}
        yield pd.DataFrame(columns), list(helpers)
    rest = [expectation for expectation in expectations if not expectation.derive]
    by_value = [expectation for expectation in rest if expectation.type in BY_VALUE]
    for column in dict.fromkeys(expectation.column for expectation in by_value):
        codes, distinct = table.coded(column)
        chosen = [expectation for expectation in by_value if expectation.column == column]
        cells = _screened(distinct, chosen) + ([None] if (codes < 0).any() else [])
        frame = pd.DataFrame({column: pd.Series(cells, dtype="str")})
        if any(expectation.type in NUMERIC for expectation in chosen):
            frame[f"{column} as number"] = pd.to_numeric(frame[column], errors="coerce")
        yield frame, chosen
    others = [expectation for expectation in rest if expectation.type not in BY_VALUE]
    if others:
        names = [name for name in table.schema.header if any(name in expectation.about for expectation in others)]
        yield table.frame[names or [table.schema.key]], others


def _screened(distinct: np.ndarray[Any, Any], chosen: Sequence[Expectation]) -> list[str | None]:
    """The distinct values worth showing: all, or of very many judged by patterns alone those that break one.

    A pattern is searched here as Great Expectations would search it, without the copies it makes for each. One value
    that keeps to all patterns is shown as well, so that it never judges an empty column.
    """
    patterns = [
        (re.compile(expectation.kwargs["regex"]).search, "to_not_match" in expectation.type)
        for expectation in chosen
        if "regex" in expectation.kwargs
    ]
    others = [expectation for expectation in chosen if "regex" not in expectation.kwargs]
    if len(distinct) <= WHOLE or any(not expectation.type.endswith("_be_null") for expectation in others):
        return list(distinct)
    broken: set[str] = set()
    for search, unwanted in patterns:
        broken.update(value for value in distinct if (search(value) is not None) == unwanted)
    kept = next((value for value in distinct if value not in broken), None)
    return [*sorted(broken), *([kept] if kept is not None else [])]


def whole_frame(
    table: Table, expectations: Sequence[Expectation], helpers: Mapping[Expectation, Derived]
) -> pd.DataFrame:
    """The table with a numeric copy of columns compared as numbers and a column of true and false for each helper."""
    columns: dict[str, Any] = {name: table.frame[name] for name in table.schema.header}
    for expectation in expectations:
        if expectation.derive:
            columns[column_in(expectation)] = helpers[expectation].good
        elif expectation.type in NUMERIC:
            columns[column_in(expectation)] = table.number(expectation.column)
    return pd.DataFrame(columns)


def configuration(expectation: Expectation) -> dict[str, Any]:
    """The expectation as Great Expectations keeps it."""
    kwargs: dict[str, Any]
    if expectation.derive:
        kind, kwargs = "expect_column_values_to_be_in_set", {"value_set": [True]}
    else:
        kind, kwargs = expectation.type, dict(expectation.kwargs)
    if expectation.column:
        kwargs = {"column": column_in(expectation), **kwargs}
    return {
        "type": kind,
        "kwargs": kwargs,
        "severity": expectation.severity,
        "meta": {"rule": expectation.rule, "why": expectation.why, "fix": expectation.fix},
    }


def _failures(
    context: EphemeralDataContext, frames: Mapping[Expectation, pd.DataFrame]
) -> Iterator[tuple[list[Expectation], Mapping[str, Any]]]:
    """The expectations that are not met, those asked together in one list, with what Great Expectations says of them.

    Asked for a plain yes or no first, which is three times as quick, and only where that is no, for details.
    """
    for frame, questions in _batches(frames):
        asked = list(questions)
        held = _run(context, frame, asked, {"result_format": "BOOLEAN_ONLY"})
        failed = [question for question, result in zip(asked, held, strict=True) if not result["success"]]
        # All values that fail, without the lists of rows and counts that the fullest format adds at twice the cost.
        every = {"result_format": "BASIC", "partial_unexpected_count": len(frame)}
        for question, result in zip(failed, _run(context, frame, failed, every), strict=True):
            yield questions[question], result["result"]


def _batches(
    frames: Mapping[Expectation, pd.DataFrame],
) -> Iterator[tuple[pd.DataFrame, dict[Expectation, list[Expectation]]]]:
    """What is shown at once, and what is asked of it, each question with the expectations it answers.

    Rules that say the same of single cells are asked once, of the cells of all their columns. What looks at more than
    cells, or at very many, is asked of the frame it is about.
    """
    pools: dict[str, list[Expectation]] = {}
    apart: dict[int, list[Expectation]] = {}
    for expectation, frame in frames.items():
        asked = configuration(expectation)
        said = {name: value for name, value in asked["kwargs"].items() if name != "column"}
        alone = [expectation.table, expectation.column] if asked["type"] == UNIQUE else []
        if asked["type"] not in {*BY_VALUE, UNIQUE} or {"mostly", "row_condition"} & set(said) or len(frame) > WHOLE:
            apart.setdefault(id(frame), []).append(expectation)
        elif len(frame):  # a table without rows breaks no rule about cells
            pools.setdefault(json.dumps([asked["type"], said, alone], sort_keys=True), []).append(expectation)
    if pools:
        questions = {replace(pool[0], column=f"pool {number}"): pool for number, pool in enumerate(pools.values())}
        yield _pooled(questions, frames), questions
    for expectations in apart.values():
        yield frames[expectations[0]], {expectation: [expectation] for expectation in expectations}


def _pooled(
    questions: Mapping[Expectation, Sequence[Expectation]], frames: Mapping[Expectation, pd.DataFrame]
) -> pd.DataFrame:
    """For each question the distinct cells of all the columns it is about."""
    columns = {}
    for question, pool in questions.items():
        cells = pd.concat([frames[one][column_in(one)] for one in pool], ignore_index=True)
        columns[question] = cells if question.type == UNIQUE else cells.drop_duplicates(ignore_index=True)
    rows = np.arange(max(map(len, columns.values())))
    # A cell that stands there twice is judged as if it stood there once, so the shorter columns are repeated; those
    # that must not repeat a cell are filled up with missing ones, which count for nothing there.
    return pd.DataFrame(
        {
            column_in(question): (
                cells.reindex(rows) if question.type == UNIQUE else cells.iloc[rows % len(cells)]
            ).array
            for question, cells in columns.items()
        }
    )


def _run(
    context: EphemeralDataContext, frame: pd.DataFrame, expectations: Sequence[Expectation], detail: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """One result an expectation, in their order; an exception inside Great Expectations is a bug of ours."""
    if not expectations:
        return []
    batch = _definition(context).get_batch({"dataframe": frame})
    result = batch.validate(suite_of("table", expectations), result_format=dict(detail))
    by_position: dict[int, dict[str, Any]] = {}
    for single in result.results:
        told = single.to_json_dict() if single.exception_info.get("raised_exception") else None
        if told is not None or "exception_message" not in single.exception_info:
            raise RuntimeError(f"Great Expectations could not judge {single.expectation_config}: {told or single}")
        by_position[single.expectation_config.meta["position"]] = {"success": single.success, "result": single.result}
    return [by_position[position] for position in range(len(expectations))]


def suite_of(name: str, expectations: Sequence[Expectation]) -> gx.ExpectationSuite:
    """The expectations as a suite of Great Expectations, each with its position among them."""
    imports.great_expectations()
    import great_expectations as gx
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    objects = []
    for position, expectation in enumerate(expectations):
        settings = configuration(expectation)
        imports.expectation(settings["type"])
        settings["meta"]["position"] = position
        objects.append(ExpectationConfiguration(**settings).to_domain_obj())
    return gx.ExpectationSuite(name=name, expectations=objects)


def _definition(context: EphemeralDataContext) -> Any:  # noqa: ANN401 - a class of several names
    """The one batch definition of CONTEXT through which every frame is shown."""
    if "tables" not in context.data_sources.all():
        asset = context.data_sources.add_pandas("tables").add_dataframe_asset("table")
        return asset.add_batch_definition_whole_dataframe("whole")
    return context.data_sources.get("tables").get_asset("table").get_batch_definition("whole")


def _locate(table: Table, expectation: Expectation, failure: Mapping[str, Any], helper: Derived | None) -> Judgement:
    """The rows that hold the values Great Expectations found wanting; none where others it was asked with hold them."""
    if helper is not None:
        return Judgement(expectation, tuple(np.flatnonzero(~helper.good).tolist()), derived=helper)
    column = expectation.column
    if not column or "partial_unexpected_list" not in failure:
        return Judgement(expectation, (), whole=True)
    codes, distinct = table.coded(column)
    if expectation.type.endswith("to_not_be_null"):
        wrong = codes < 0
    elif expectation.type.endswith("to_be_unique"):
        wrong = pd.Series(codes).duplicated().to_numpy() & (codes >= 0)
    elif expectation.type in NUMERIC:
        wrong = np.isin(table.number(column), [float(value) for value in failure["partial_unexpected_list"]])
    else:
        unexpected = frozenset(failure["partial_unexpected_list"])
        bad = np.fromiter((value in unexpected for value in distinct), dtype=bool, count=len(distinct))
        wrong = np.append(bad, False)[codes]
    return Judgement(expectation, tuple(np.flatnonzero(wrong).tolist()))
