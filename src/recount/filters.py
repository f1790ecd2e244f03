"""Filters: tables of text cells that say which of their rows fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

Where = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Table:
    """A table of text cells that answers filters.

    A filter maps columns to what a cell must hold: a value (one of those in the cell), a list (any of them), or a
    mapping with `not`, `all`, `from`, `to` or `empty`. The key `any` holds a list of filters of which one must fit.
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    _masks: dict[str, NDArray[np.bool_]] = field(default_factory=dict, repr=False)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the rows."""
        return self.columns["id"]

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Where each id stands."""
        return {name: at for at, name in enumerate(self.ids)}

    @cached_property
    def _columns(self) -> dict[str, tuple[dict[str, list[int]], dict[str, list[int]]]]:
        """For a column the rows of each cell and the rows of each value; filled as columns are asked for."""
        return {}

    def _rows(self, column: str) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        if column not in self._columns:
            cells: dict[str, list[int]] = {}
            for at, cell in enumerate(self.columns[column]):
                cells.setdefault(cell, []).append(at)
            values: dict[str, list[int]] = {}
            for cell, rows in cells.items():
                for value in _values(cell):
                    values.setdefault(value, []).extend(rows)
            self._columns[column] = cells, values
        return self._columns[column]

    def values(self, column: str) -> frozenset[str]:
        """Every value that stands in a column."""
        return frozenset(self._rows(column)[1])

    def mask(self, where: Where) -> NDArray[np.bool_]:
        """Which rows fit a filter."""
        # A filter is asked for thousands of times; its text is the cheapest thing that tells it from others.
        key = repr(where)
        if key not in self._masks:
            self._masks[key] = self._fit(where)
        return self._masks[key]

    def _fit(self, where: Where) -> NDArray[np.bool_]:
        fits = np.ones(len(self.ids), dtype=bool)
        for column, wanted in where.items():
            if column == "any":
                fits &= np.any([self.mask(option) for option in wanted], axis=0)
            else:
                fits &= self._holds(column, wanted)
        return fits

    def _holds(self, column: str, wanted: Any) -> NDArray[np.bool_]:  # noqa: ANN401 - a filter is YAML
        """Which rows have in a column what a filter wants there."""
        cells, values = self._rows(column)
        holds = np.zeros(len(self.ids), dtype=bool)
        if isinstance(wanted, Mapping):
            for cell, rows in cells.items():
                holds[rows] = _fits(cell, wanted)
        else:
            for value in wanted if isinstance(wanted, list) else [wanted]:
                holds[values.get(str(value), [])] = True
        return holds


def _values(cell: str) -> frozenset[str]:
    """The several values of a cell."""
    return frozenset(cell.split(";")) - {""}


def _fits(cell: str, wanted: Any) -> bool:  # noqa: ANN401 - a filter is YAML
    """Whether a cell holds what a filter wants."""
    if isinstance(wanted, Mapping):
        return all(_keeps(cell, rule, value) for rule, value in wanted.items())
    values = _values(cell)
    if isinstance(wanted, list):
        return any(str(value) in values for value in wanted)
    return str(wanted) in values


def _keeps(cell: str, rule: str, value: Any) -> bool:  # noqa: ANN401 - a filter is YAML
    """Whether a cell keeps one of the rules that a filter may ask for."""
    if rule == "not":
        return not _fits(cell, value)
    if rule == "all":
        return all(str(one) in _values(cell) for one in value)
    if rule == "empty":
        return (cell == "") == bool(value)
    if not cell:
        return False
    limit, number = _number(str(value)), _number(cell)
    comparable = (number, limit) if number is not None and limit is not None else (cell, str(value))
    left, right = comparable
    if rule == "from":
        return bool(left >= right)  # type: ignore[operator] # both are of one kind by construction
    return bool(left <= right)  # type: ignore[operator] # both are of one kind by construction


RULES = frozenset({"not", "all", "empty", "from", "to"})


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def table_of(name: str, frame: pd.DataFrame) -> Table:
    """A table of text cells as a `Table`; rows sorted by id so that their order never matters.

    Raises:
        ValueError: no column id, since a claim could then name no witness.
    """
    if "id" not in frame.columns:
        raise ValueError(f"{name} has no column id")
    ordered = frame.sort_values("id")
    return Table(name, {str(column): tuple(map(str, ordered[column].tolist())) for column in ordered.columns})
