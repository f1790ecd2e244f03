"""The index of computed values at the end of the book on paper, as calls of `book.typ`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from recount.render.book import Origin

TOLD = (
    "Every underlined value in the text was computed from the evidence. Each stands here with what it is, "
    "how it was made, the page that first uses it, its name and the rows behind it."
)


def index_of_values(origins: Mapping[str, Origin]) -> str:
    """The index as Typst; nothing where no value was computed."""
    if not origins:
        return ""
    lines = ['#chapter("Computed values", "Computed values", none)', TOLD, "#origins["]
    for value, origin in sorted(origins.items()):
        told = ", ".join(map(string, (value, origin.text, origin.what, origin.formula, _shortened(origin.rows))))
        lines.append(f"#origin({told}, {label(f'use-{value}')}) #{label(f'value-{value}')}")
    return "\n".join([*lines, "]"]) + "\n"


def _shortened(rows: Sequence[str], most: int = 6) -> str:
    if len(rows) <= most:
        return "; ".join(rows)
    return "; ".join(rows[:most]) + f"; and {len(rows) - most} more rows"


def string(value: str) -> str:
    """A text as a Typst string."""
    return json.dumps(value, ensure_ascii=False)


def label(identifier: str) -> str:
    """A label as a Typst value."""
    return f"label({string(identifier)})"
