"""The quantities that predicates compare: one number an alternative, or a single number, from filters and columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from recount.evidence import Quantity, year

if TYPE_CHECKING:
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
        values.append(float(sum(_cells(evidence, table, mask, column))) if column else float(mask.sum()))
        rows.append(found)
    # No row of somebody in a whole table of numbers says nothing about its size.
    filled = [value if value or "sum" not in args else np.nan for value in values]
    return Quantity(np.array(filled).reshape((1,) * len(evidence.choices) + (-1,)), tuple(rows))


def _cells(evidence: Evidence, table: str, mask: np.ndarray, column: str) -> list[float]:
    """The numbers in a column of masked rows; dates as years; cells that hold none are left out."""
    cells = evidence.tables[table].columns[column]
    # Each row has a number of its own, so none is interchangeable with another.
    evidence.note(table, np.arange(len(cells)))
    values = [year(cells[at]) if _is_date(column) else _float(cells[at]) for at in np.flatnonzero(mask).tolist()]
    return [value for value in values if not np.isnan(value)]


DATES = frozenset({"start", "end", "from", "to", "date", "founded"})


def _is_date(column: str) -> bool:
    """Whether a column holds dates: one of the usual names, or `..._since`."""
    return column in DATES or column.endswith("_since")


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
        value = float(mask.sum())
    elif taken == "distinct":
        cells = evidence.tables[table].columns[what["distinct"]]
        evidence.note(table, np.arange(len(cells)))
        value = float(len({one for at in np.flatnonzero(mask).tolist() for one in cells[at].split(";") if one}))
    else:
        cells_found = _cells(evidence, table, mask, what[taken])
        # A value that stands in several rows would be a choice between them, which nobody has made.
        lone = taken != "value" or len(cells_found) == 1
        value = float(TAKEN[taken](cells_found)) if cells_found and lone else float("nan")
    dated = any(_is_date(str(what.get(way, ""))) for way in TAKEN)
    return Quantity(np.full((1,) * len(evidence.choices) + (1,), value), (names,), dated=dated)


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
