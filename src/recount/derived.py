"""Checks for which Great Expectations has no word, as columns of true and false worked out before it runs.

Each check takes a table, the dossier around it and the settings of one expectation, and returns for every row
whether the rule holds. Work is done once a distinct value, never once a row. An empty cell satisfies every check
here but `given_if`: whether a cell may be empty is a rule of its own.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from recount.csvform import Booleans, Integers
from recount.dossier import Dossier
from recount.tables import Table

_MANY = 5000


@dataclass(frozen=True)
class Derived:
    """Whether a rule holds in each row, and what to say of a row where it does not."""

    good: Booleans
    say: Callable[[int], tuple[str, str]] = lambda _: ("", "")
    """From a row to what is wrong with it and a hint, either may be empty."""


Check: TypeAlias = Callable[..., Derived]
CHECKS: dict[str, Check] = {}


def check(function: Check) -> Check:
    """Make FUNCTION known to suites under its name."""
    CHECKS[function.__name__] = function
    return function


def nearest(value: str, known: Sequence[str] | frozenset[str]) -> str:
    """`did you mean ...?` for the known value closest to VALUE, or nothing."""
    candidates = sorted(known)
    if len(candidates) > _MANY:
        candidates = [name for name in candidates if name[:3] == value[:3]][:_MANY]
    near = difflib.get_close_matches(value, candidates, 1, 0.6)
    return f"did you mean {near[0]!r}?" if near else ""


def by_value(table: Table, column: str, judge: Callable[[str], bool]) -> Booleans:
    """For each row whether JUDGE accepts the cell; asked once for each distinct value, empty cells accepted."""
    codes, distinct = table.coded(column)
    verdicts = np.fromiter(map(judge, distinct), dtype=bool, count=len(distinct))
    judged: Booleans = np.append(verdicts, True)[codes]
    return judged


def pieces(table: Table, column: str, cell: str, until: str = "") -> list[str]:
    """The values in a CELL that may hold several; of each only what stands before UNTIL."""
    separator = table.schema.column(column).separator
    parts = cell.split(separator) if separator else [cell]
    return [part.partition(until)[0] for part in parts] if until else parts


def cell(table: Table, column: str, row: int) -> str:
    """A cell as text, empty if missing."""
    value: Any = table.frame[column].to_numpy()[row]
    return value if isinstance(value, str) else ""


def _by_pair(table: Table, first: str, second: str, judge: Callable[[int, int], bool]) -> Booleans:
    """For each row whether JUDGE accepts two cells, given as codes; asked once a pair, empty cells accepted."""
    firsts, seconds = table.coded(first)[0], table.coded(second)[0]
    width = int(seconds.max(initial=0)) + 1
    both = (firsts >= 0) & (seconds >= 0)
    codes, pairs = pd.factorize(np.where(both, firsts * width + seconds, -1))
    verdicts = [pair < 0 or judge(pair // width, pair % width) for pair in pairs.tolist()]
    judged: Booleans = np.asarray(verdicts, dtype=bool)[codes]
    return judged


@check
def each_in(table: Table, dossier: Dossier, *, column: str, known: Sequence[str], until: str = "") -> Derived:
    """Every value of the cell is defined in one of the places KNOWN names."""
    if not all(dossier.defines(where) for where in known):
        return Derived(np.ones(len(table.frame), dtype=bool))
    names = frozenset[str]().union(*(dossier.names(where) for where in known))
    good = by_value(table, column, lambda value: names.issuperset(pieces(table, column, value, until)))

    def say(row: int) -> tuple[str, str]:
        unknown = [part for part in pieces(table, column, cell(table, column, row), until) if part not in names]
        places = " or ".join(where.replace(".", " (") + ")" for where in known)
        return f"{', '.join(map(repr, unknown))} is not in {places}", nearest(unknown[0], names)

    return Derived(good, say)


@check
def each_matches(table: Table, _: Dossier, *, column: str, regex: str) -> Derived:
    """Every value of the cell matches REGEX from end to end."""
    pattern = re.compile(regex)
    good = by_value(table, column, lambda value: all(map(pattern.fullmatch, pieces(table, column, value))))

    def say(row: int) -> tuple[str, str]:
        wrong = [part for part in pieces(table, column, cell(table, column, row)) if not pattern.fullmatch(part)]
        return f"{', '.join(map(repr, wrong))} is not written as it should be", ""

    return Derived(good, say)


@check
def each_allowed(table: Table, _: Dossier, *, column: str, allowed: Sequence[str]) -> Derived:
    """Every value of the cell is one of the ALLOWED."""
    names = frozenset(allowed)
    good = by_value(table, column, lambda value: names.issuperset(pieces(table, column, value)))

    def say(row: int) -> tuple[str, str]:
        unknown = [part for part in pieces(table, column, cell(table, column, row)) if part not in names]
        hint = nearest(unknown[0], names) or f"allowed are: {', '.join(allowed)}"
        return f"{', '.join(map(repr, unknown))} is not allowed here", hint

    return Derived(good, say)


@check
def each_once(table: Table, _: Dossier, *, column: str) -> Derived:
    """No value stands twice in a cell."""

    def judge(value: str) -> bool:
        parts = pieces(table, column, value)
        return len(set(parts)) == len(parts)

    return Derived(
        by_value(table, column, judge), lambda row: (f"a value stands twice in {cell(table, column, row)!r}", "")
    )


def rows_where(table: Table, where: Mapping[str, Any]) -> Booleans:
    """Rows in which each column of WHERE holds one of its values; `given` and `missing` ask only for that.

    `any_of` takes a list of such conditions, one of which must hold.
    """
    chosen: Booleans = np.ones(len(table.frame), dtype=bool)
    for name, wanted in where.items():
        if name == "any_of":
            chosen &= np.logical_or.reduce([rows_where(table, condition) for condition in wanted])
            continue
        codes, _ = table.coded(name)
        if wanted in ("given", "missing"):
            chosen &= (codes >= 0) == (wanted == "given")
            continue
        values = frozenset([wanted] if isinstance(wanted, str) else wanted)

        def judge(value: str, name: str = name, values: frozenset[str] = values) -> bool:
            return not values.isdisjoint(pieces(table, name, value))

        chosen &= by_value(table, name, judge) & (codes >= 0)
    return chosen


def _told(where: Mapping[str, Any]) -> str:
    """The condition WHERE in words."""
    parts = []
    for name, wanted in where.items():
        if name == "any_of":
            parts.append(" or ".join(map(_told, wanted)))
        else:
            parts.append(f"{name} is {wanted if isinstance(wanted, str) else ' or '.join(wanted)}")
    return " and ".join(parts)


@check
def given_if(table: Table, _: Dossier, *, column: str, where: Mapping[str, Any]) -> Derived:
    """The cell is given in rows where WHERE holds."""
    codes, _distinct = table.coded(column)
    return Derived(
        ~rows_where(table, where) | (codes >= 0), lambda _row: (f"{column} is empty although {_told(where)}", "")
    )


@check
def given_only_if(table: Table, _: Dossier, *, column: str, where: Mapping[str, Any]) -> Derived:
    """The cell is empty in rows where WHERE does not hold."""
    codes, _distinct = table.coded(column)
    good = rows_where(table, where) | (codes < 0)
    return Derived(
        good, lambda row: (f"{column} is {cell(table, column, row)!r}, but it is for rows where {_told(where)}", "")
    )


@check
def allowed_if(table: Table, _: Dossier, *, column: str, where: Mapping[str, Any], allowed: Sequence[str]) -> Derived:
    """Every value of the cell is one of the ALLOWED in rows where WHERE holds."""
    names = frozenset(allowed)
    good = by_value(table, column, lambda value: names.issuperset(pieces(table, column, value)))
    return Derived(
        good | ~rows_where(table, where),
        lambda row: (
            f"{cell(table, column, row)!r} does not fit, since {_told(where)}",
            f"allowed here: {', '.join(allowed)}",
        ),
    )


@check
def matches_if(table: Table, _: Dossier, *, column: str, where: Mapping[str, Any], regex: str) -> Derived:
    """The cell matches REGEX from end to end in rows where WHERE holds."""
    pattern = re.compile(regex)
    good = by_value(table, column, lambda value: pattern.fullmatch(value) is not None)
    return Derived(
        good | ~rows_where(table, where),
        lambda row: (f"{cell(table, column, row)!r} does not fit, since {_told(where)}", ""),
    )


@check
def between_if(table: Table, _: Dossier, *, column: str, where: Mapping[str, Any], low: float, high: float) -> Derived:
    """The number in COLUMN lies between LOW and HIGH in rows where WHERE holds."""
    numbers = table.number(column)
    return Derived(
        ~((numbers < low) | (numbers > high)) | ~rows_where(table, where),
        lambda row: (f"{cell(table, column, row)} is not between {low:g} and {high:g}, although {_told(where)}", ""),
    )


def linked(table: Table, link: str, other: Table) -> Integers:
    """The row of OTHER that each row names in LINK; -1 if none."""
    codes, distinct = table.coded(link)
    rows = np.fromiter((other.row_of_id.get(value, -1) for value in distinct), dtype=np.int64, count=len(distinct))
    found: Integers = np.append(rows, -1)[codes]
    return found


@check
def sum_at_most(table: Table, _: Dossier, *, column: str, by: Sequence[str], limit: float) -> Derived:
    """The numbers in COLUMN of rows alike in BY add up to no more than LIMIT."""
    amounts = np.nan_to_num(table.number(column))
    keys = pd.DataFrame({name: table.coded(name)[0] for name in by})
    groups = keys.groupby(list(by), sort=False).ngroup().to_numpy()
    totals = np.bincount(groups, weights=amounts, minlength=1)[groups] if len(groups) else amounts
    return Derived(
        totals <= limit + 1e-9,
        lambda row: (
            f"{column} of {', '.join(cell(table, name, row) for name in by)} adds up to {totals[row]:g}, not {limit:g}",
            "",
        ),
    )


@check
def no_cycle(table: Table, _: Dossier, *, column: str) -> Derived:
    """Following COLUMN from row to row never comes back to the row."""
    parent = linked(table, column, table)
    here = parent.copy()
    # After n doublings every chain of up to 2**n steps has been walked; one that has not ended by then is a circle.
    for _step in range(int(np.ceil(np.log2(len(parent) + 2))) + 1):
        here = np.where(here >= 0, np.append(here, -1)[here], -1)
    in_circle = here >= 0
    return Derived(
        ~in_circle, lambda row: (f"{cell(table, table.schema.key, row)} belongs, by way of others, to itself", "")
    )


@check
def above(table: Table, _: Dossier, *, column: str, than: str) -> Derived:
    """The number in COLUMN is greater than the number in THAN."""
    return Derived(
        ~(table.number(column) <= table.number(than)),
        lambda row: (f"{column} {cell(table, column, row)} is not above {than} {cell(table, than, row)}", ""),
    )


@check
def excludes(table: Table, _: Dossier, *, column: str, other: str) -> Derived:
    """The values of COLUMN do not hold the value of OTHER."""
    held, others = table.coded(column)[1], table.coded(other)[1]
    good = _by_pair(table, column, other, lambda i, k: others[k] not in pieces(table, column, held[i]))
    return Derived(good, lambda row: (f"{column} repeats {cell(table, other, row)!r} of {other}", ""))


@check
def begins_with(
    table: Table, _: Dossier, *, column: str, other: str, replace: Mapping[str, str] | None = None
) -> Derived:
    """COLUMN begins with OTHER, in which the characters of REPLACE are exchanged."""
    codes, distinct = table.coded(other)
    starts = [str(value) for value in distinct]
    for old, new in (replace or {}).items():
        starts = [value.replace(old, new) for value in starts]
    prefix = np.append(np.asarray(starts, dtype=object), "")[codes]
    full = table.frame[column].fillna("").to_numpy()
    good = np.fromiter((value.startswith(start) for value, start in zip(full, prefix, strict=True)), bool, len(full))
    return Derived(good, lambda row: (f"{full[row]!r} does not begin with {prefix[row]!r}", ""))


@check
def unlike(table: Table, dossier: Dossier, *, column: str, known: Sequence[str], unless: Sequence[str] = ()) -> Derived:
    """No value of the cell but those UNLESS lists is defined in a place KNOWN names: one id means one thing."""
    names = frozenset[str]().union(*(dossier.names(where) for where in known)).difference(unless)

    def say(row: int) -> tuple[str, str]:
        value = next(part for part in pieces(table, column, cell(table, column, row)) if part in names)
        return f"{value!r} stands already in {next(place for place in known if value in dossier.names(place))}", ""

    if not table.schema.column(column).separator:
        return Derived(by_value(table, column, lambda value: value not in names), say)
    return Derived(by_value(table, column, lambda value: names.isdisjoint(pieces(table, column, value))), say)


@check
def covers(  # noqa: PLR0913 - the settings of an expectation, all by name
    table: Table, dossier: Dossier, *, column: str, link: str, other: str, unless: Sequence[str] = ()
) -> Derived:
    """The values of COLUMN hold a value OTHER (`places.region`) of every row that LINK names.

    Rows whose OTHER is among UNLESS ask for nothing, nor does a cell that holds one of them.
    """
    other_name, _, other_column = other.partition(".")
    target = dossier.tables.get(other_name)
    if target is None:
        return Derived(np.ones(len(table.frame), dtype=bool))
    wanted = {
        key: set(pieces(target, other_column, value))
        for key, row in target.row_of_id.items()
        if (value := cell(target, other_column, row)) and value not in unless
    }

    def absent(held: str, links: str) -> list[str]:
        own = set(pieces(table, column, held))
        return [name for name in pieces(table, link, links) if name in wanted and own.isdisjoint(wanted[name])]

    held, links = table.coded(column)[1], table.coded(link)[1]
    good = _by_pair(table, column, link, lambda i, k: not absent(held[i], links[k]))

    def say(row: int) -> tuple[str, str]:
        name = absent(cell(table, column, row), cell(table, link, row))[0]
        return f"{name} lies in {' or '.join(sorted(wanted[name]))}, which {column} does not hold", ""

    return Derived(good, say)
