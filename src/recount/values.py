"""Computed values that know where they come from, and how they show themselves in a document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

COMPUTED_MIME = "application/vnd.recount.computed+json"
FIGURE_MIME = "application/vnd.recount.figure+json"
TABLE_MIME = "application/vnd.recount.table+json"


@dataclass(frozen=True)
class Computed:
    """A text in the report that was computed, with its origin.

    Args:
        text: what the reader sees; refused if empty, because a hole in a sentence is no value.
        what: what it is, in words.
        formula: how it is computed, in words.
        rows: the rows behind it, each `table:id`.
        sources: BibTeX keys of the works behind those rows.
        value: the number itself where there is one, unrounded.
    """

    text: str
    what: str
    formula: str = ""
    rows: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    value: float | int | str | None = None

    def __post_init__(self) -> None:
        """Refuse a value that would leave a hole in a sentence or point nowhere."""
        if not self.text.strip():
            raise ValueError(f"a computed value without text: {self.what}")
        wrong = [row for row in self.rows if ":" not in row]
        if wrong:
            raise ValueError(f"rows are named table:id, not {wrong[0]!r}")

    def __str__(self) -> str:
        """The text the reader sees."""
        return self.text

    def origin(self) -> dict[str, Any]:
        """The value as it stands in `provenance.json`."""
        return asdict(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        """The value for Jupyter and Quarto: Markdown text, and its origin beside it."""
        return {"text/markdown": self.text, "text/plain": self.text, COMPUTED_MIME: self.origin()}


Align = Literal["left", "right", "center"]


@dataclass(frozen=True)
class Column:
    """One column of a printed table: its head (with the unit) and how it is aligned."""

    head: str
    align: Align = "left"


@dataclass(frozen=True)
class Table:
    """A table as print wants it.

    Args:
        columns: heads and alignment.
        rows: texts, one sequence per row, as many as there are columns; a missing value is written as an en dash.
        note: what the reader must know, printed below.
        origins: the rows behind the table, each `table:id`.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a row that is not as long as the head."""
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row of {len(row)} cells under {len(self.columns)} heads: {row[:2]}")

    def markdown(self) -> str:
        """The table as a pipe table, with its note below."""
        if not self.rows:
            return "*No rows.*\n"
        widths = [_width(column, index, self.rows) for index, column in enumerate(self.columns)]
        lines = ["| " + " | ".join(_cell(column.head) for column in self.columns) + " |"]
        lines.append("|" + "|".join(_rule(c.align, w) for c, w in zip(self.columns, widths, strict=True)) + "|")
        lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in self.rows]
        text = "\n".join(lines) + "\n"
        if self.note:
            text += f"\n::: {{.table-note}}\n{self.note}\n:::\n"
        return text

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        """The table for Jupyter and Quarto."""
        return {
            "text/markdown": self.markdown(),
            "text/plain": self.markdown(),
            TABLE_MIME: {"origins": list(self.origins)},
        }


def _cell(text: str) -> str:
    # A bar or a line break inside a cell would end it early and shift every later column.
    # A cell of one hard blank stays blank: it repeats the cell above.
    return text.replace("|", "\\|").replace("\n", " ").strip(" ") or "–"


def _rule(align: Align, width: int) -> str:
    dashes = "-" * max(3, width)
    return {"left": f":{dashes}", "right": f"{dashes}:", "center": f":{dashes}:"}[align]


def _width(column: Column, index: int, rows: Sequence[Sequence[str]]) -> int:
    # Pandoc takes the dashes as relative widths once a line is longer than its column limit; numbers stay narrow.
    longest = max([len(column.head), *(len(row[index]) for row in rows)])
    return min(longest, 46)


@dataclass(frozen=True)
class Figure:
    """A chart with what a reader who cannot see it needs.

    Args:
        spec: the Vega-Lite specification, data included.
        alt: one sentence, made from the data.
        description: the long description, made from the data.
        table: the data shown, as a table.
    """

    spec: Mapping[str, Any]
    alt: str
    description: str
    table: Table
    origins: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Refuse a figure that only those who see can read."""
        if not self.alt.strip() or not self.description.strip():
            raise ValueError("a figure needs an alt text and a long description")

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        """The figure for our execution; a plain Jupyter or Quarto shows the drawing.

        The drawing is made only where nobody asked for the specification: starting the chart engine costs
        half a second in every kernel.
        """
        import os

        data = {
            "spec": dict(self.spec),
            "alt": self.alt,
            "description": self.description,
            "table": {
                "columns": [column.head for column in self.table.columns],
                "align": [column.align for column in self.table.columns],
                "rows": [list(row) for row in self.table.rows],
            },
            "origins": list(self.origins),
        }
        bundle: dict[str, Any] = {FIGURE_MIME: data, "text/plain": self.alt}
        if "RECOUNT_EXECUTION" not in os.environ:
            from recount.drawing import svg

            bundle["image/svg+xml"] = svg(json.dumps(data["spec"]))
        return bundle
