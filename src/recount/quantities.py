"""The quantities that predicates compare: one number an alternative, or a single number, from filters and columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from recount.evidence import Quantity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recount.evidence import Evidence
    from recount.scores import Floats

Args = Mapping[str, Any]


def compared(evidence: Evidence, args: Args) -> Quantity:
    """One number an alternative, from `criterion`, `overall`, `acts`, or `rows` of a table `by` a column."""
    if "criterion" in args:
        return evidence.criterion(args["criterion"])
    if "overall" in args:
        chosen = args["overall"]
        return evidence.overall(None if chosen == "all" else chosen)
    if "acts" in args:
        return evidence.acts(args["acts"])
    table, where, by = args["in"], args.get("rows", {}), args["by"]
    values, rows = [], []
    for name in evidence.alternatives:
        mask = evidence.rows(table, {**where, by: name})
        found = evidence.names(table, mask)
        column = args.get("sum")
        values.append(_sum(evidence, table, mask, column) if column else mask.sum(axis=-1, dtype=float))
        rows.append(found)
    # Cases differ only in the rows of some; what they do not touch is one number for all of them.
    filled = np.stack(np.broadcast_arrays(*values), axis=-1)
    # No row of somebody in a whole table of numbers says nothing about its size.
    told = filled if "sum" not in args else np.where(filled == 0, np.nan, filled)
    return Quantity(evidence.flat(told), tuple(rows))


def _sum(evidence: Evidence, table: str, mask: NDArray[np.bool_], column: str) -> Floats:
    """The sum of the numbers in a column of masked rows."""
    return _by_case(mask, lambda one: float(sum(_cells(evidence, table, one, column))))


def _by_case(mask: NDArray[np.bool_], work: Callable[[NDArray[np.bool_]], float]) -> Floats:
    """What `work` makes of a mask, or of each of many; equal ones are worked out once."""
    if mask.ndim == 1:
        return np.array(work(mask))
    known: dict[bytes, float] = {}
    found = []
    for one in mask:
        key = one.tobytes()
        if key not in known:
            known[key] = work(one)
        found.append(known[key])
    return np.array(found)


def _cells(evidence: Evidence, table: str, mask: np.ndarray, column: str) -> list[float]:
    """The numbers in a column of masked rows; dates as years; cells that hold none are left out."""
    cells = evidence.tables[table].columns[column]
    # Each row has a number of its own, so none is interchangeable with another.
    evidence.note(table, np.arange(len(cells)))
    values = [_year(cells[at]) if _is_date(column) else _float(cells[at]) for at in np.flatnonzero(mask).tolist()]
    return [value for value in values if not np.isnan(value)]


DATES = frozenset({"start", "end", "from", "to", "date", "founded"})


def _is_date(column: str) -> bool:
    """Whether a column holds dates: one of the usual names, or `..._since`."""
    return column in DATES or column.endswith("_since")


def _year(text: str) -> float:
    """A date as a year with a fraction: "2019-07" is 2019.5; NaN where there is none."""
    pieces = text.split("-")
    try:
        value = float(pieces[0])
    except ValueError:
        return float("nan")
    for piece, span in zip(pieces[1:], (12, 365), strict=False):
        value += (float(piece) - 1) / span
    return value


def _float(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def number(evidence: Evidence, what: Any) -> Quantity:  # noqa: ANN401 - a number or a mapping from YAML
    """A single number: a literal, a count of rows, a value of a table, or arithmetic on such numbers.

    `{acts: filter, of: name}` counts acts; `{rows: filter, in: table}` counts rows; `{distinct: column, in: table,
    rows: filter}` counts values; `{sum|max|min|value: column, in: table, rows: filter}` takes numbers;
    `{criterion: name, of: name}` takes a count; `{ratio|difference|product|total: [a, b, ...]}` calculates.
    """
    ones = (1,) * len(evidence.choices)
    if isinstance(what, int | float):
        return Quantity(np.full((*ones, 1), float(what)), ((),))
    for name, operation in ARITHMETIC.items():
        if name in what:
            parts = [number(evidence, part) for part in what[name]]
            values = parts[0].values
            for part in parts[1:]:
                with np.errstate(divide="ignore", invalid="ignore"):
                    values = operation(values, part.values)
            rows = tuple(sorted({row for part in parts for row in part.base_rows}))
            return Quantity(np.where(np.isfinite(values), values, np.nan), (rows,))
    if "of" in what:
        found = compared(evidence, what)
        i = evidence.alternatives.index(what["of"])
        weights = (found.weights[i],) if found.weights else None
        return Quantity(found.values[..., i : i + 1], (found.rows[i],), weights)
    if "acts" in what:
        found = compared(evidence, what)
        rows = found.base_rows
        return Quantity(found.values.sum(axis=-1, keepdims=True), (rows,))
    return _table_number(evidence, what)


def _table_number(evidence: Evidence, what: Args) -> Quantity:
    """A single number from the rows of one table."""
    table = what["in"]
    mask = evidence.rows(table, what.get("rows", {}))
    names = evidence.names(table, mask)
    taken = next((way for way in TAKEN if way in what), None)
    if taken is None:
        value = mask.sum(axis=-1, dtype=float)
    else:
        value = _by_case(mask, lambda one: _take(evidence, table, one, taken, what[taken]))
    dated = any(_is_date(str(what.get(way, ""))) for way in TAKEN)
    return Quantity(evidence.flat(np.asarray(value)[..., np.newaxis]), (names,), dated=dated)


def _take(evidence: Evidence, table: str, mask: NDArray[np.bool_], taken: str, column: str) -> float:
    """What one way of `TAKEN` makes of the cells of masked rows; NaN where there are none."""
    if taken == "distinct":
        cells = evidence.tables[table].columns[column]
        evidence.note(table, np.arange(len(cells)))
        return float(len({one for at in np.flatnonzero(mask).tolist() for one in cells[at].split(";") if one}))
    numbers = _cells(evidence, table, mask, column)
    # A value that stands in several rows would be a choice between them, which nobody has made.
    lone = taken != "value" or len(numbers) == 1
    return float(TAKEN[taken](numbers)) if numbers and lone else float("nan")


TAKEN: Mapping[str, Callable[[list[float]], float]] = {
    "distinct": len,
    "sum": sum,
    "max": max,
    "min": min,
    "value": lambda values: values[0],
}
ARITHMETIC: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "ratio": lambda a, b: a / b,
    "difference": lambda a, b: a - b,
    "product": lambda a, b: a * b,
    "total": lambda a, b: a + b,
}


def is_number(part: Args) -> bool:
    """Whether a part of `each` is a number of its own, and not a filter."""
    return bool({"acts", "rows", "criterion", *ARITHMETIC} & set(part))
