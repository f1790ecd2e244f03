"""Derived checks about dates: real ones, in order, within the series a row belongs to.

A date may be a year, a month or a day. Where two dates are compared, one that is known less exactly is given the
benefit of the doubt: 2017 is not before 2017-11.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from recount.derived import CHECKS, Derived, by_value, cell, check, linked, rows_where
from recount.dossier import Dossier
from recount.tables import Table

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")


def days(table: Table, column: str) -> tuple[Floats, Floats]:
    """The first and last day each date may mean, as numbers 20171105 that can be compared; NaN if there is none."""
    codes, distinct = table.coded(column)
    first, last = np.full(len(distinct) + 1, np.nan), np.full(len(distinct) + 1, np.nan)
    for index, value in enumerate(distinct):
        match = _DATE.match(value)
        if match:
            year, month, day = match.groups()
            first[index] = int(year) * 10000 + int(month or 0) * 100 + int(day or 0)
            last[index] = int(year) * 10000 + int(month or 99) * 100 + int(day or 99)
    return first[codes], last[codes]


@check
def real_date(table: Table, _: Dossier, *, column: str, earliest: int, latest: int) -> Derived:
    """The date exists in the calendar and its year lies between EARLIEST and LATEST."""

    def judge(value: str) -> bool:
        match = _DATE.match(value)
        if not match:
            return False
        year, month, day = (int(part or 1) for part in match.groups())
        return earliest <= year <= latest and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]

    good = by_value(table, column, judge)
    return Derived(
        good,
        lambda row: (
            f"{cell(table, column, row)!r} is no date between {earliest} and {latest}",
            "write 2017, 2017-11 or 2017-11-05",
        ),
    )


@check
def not_before(table: Table, _: Dossier, *, column: str, than: str) -> Derived:
    """The date in COLUMN is not before the date in THAN; dates known only by year are given the benefit of doubt."""
    _first, last = days(table, column)
    first, _last = days(table, than)
    return Derived(
        ~(last < first),
        lambda row: (f"{column} {cell(table, column, row)} is before {than} {cell(table, than, row)}", ""),
    )


@check
def not_before_linked(table: Table, dossier: Dossier, *, column: str, link: str, than: str) -> Derived:
    """The date in COLUMN is not before the date THAN (`organisations.founded`) of the row that LINK names."""
    other_name, _, other_column = than.partition(".")
    other = dossier.tables.get(other_name)
    if other is None:
        return Derived(np.ones(len(table.frame), dtype=bool))
    target = linked(table, link, other)
    first, _ = days(other, other_column)
    _first, last = days(table, column)
    bound = np.append(first, np.nan)[target]

    def say(row: int) -> tuple[str, str]:
        limit = cell(other, other_column, int(target[row]))
        return f"{cell(table, column, row)} is before {cell(table, link, row)} was {other_column} ({limit})", ""

    return Derived(~(last < bound), say)


@check
def within_series(
    table: Table, _: Dossier, *, column: str, start: str, end: str, where: Mapping[str, Any] | None = None
) -> Derived:
    """The dates of a row lie within those of the row COLUMN names; a date that is missing sets no limit.

    Only rows for which WHERE holds set limits to their parts.
    """
    target = linked(table, column, table)
    target = np.where(np.append(rows_where(table, where or {}), False)[target], target, -1)
    first_start, last_start = days(table, start)
    first_end, last_end = days(table, end)
    # A row with only a start is taken to end no earlier than it starts.
    latest = np.where(np.isnan(last_end), last_start, last_end)
    earliest = np.where(np.isnan(first_start), first_end, first_start)
    series_start = np.append(first_start, np.nan)[target]
    series_end = np.append(last_end, np.nan)[target]
    outside = (latest < series_start) | (last_start < series_start) | (earliest > series_end) | (first_end > series_end)

    def say(row: int) -> tuple[str, str]:
        own = "/".join(filter(None, (cell(table, start, row), cell(table, end, row))))
        series = int(target[row])
        theirs = f"{cell(table, start, series)}/{cell(table, end, series)}"
        return f"{own} lies outside {cell(table, column, row)} ({theirs})", ""

    return Derived(~outside, say)


__all__ = ["CHECKS"]
