"""The index of computed values at the end of the book on paper, as calls of `book.typ`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from recount.render.book import Origin

TOLD = (
    "Every value that is underlined or followed by a small circle in the text was computed from the evidence. "
    "Here they stand in the order of their first use, each with its page, what it is, how it was made and the rows "
    "behind it. What is long is cut; the edition on screen shows it whole."
)


def index_of_values(chapters: Iterable[tuple[str, Sequence[str]]], origins: Mapping[str, Origin]) -> str:
    """The index as Typst; nothing where no value was computed.

    Args:
        chapters: the heading of each chapter and the values it uses, in the order in which a reader meets them; a
            value stands where it is met first.
        origins: what is told of each value; one that nothing is told of is left out.
    """
    met: set[str] = set()
    parts = []
    for heading, used in chapters:
        fresh = [value for value in dict.fromkeys(used) if value in origins and value not in met]
        met |= set(fresh)
        if fresh:
            parts += [f"({string(heading)}, (", *(_entry(value, origins[value]) for value in fresh), ")),"]
    if not parts:
        return ""
    return "\n".join(['#chapter("Computed values", "Computed values", none)', TOLD, "#origins((", *parts, "))"]) + "\n"


def _entry(name: str, origin: Origin) -> str:
    said = (_cut(origin.text, 48), _cut(origin.what.rstrip("."), 110), _cut(origin.formula, 120), _rows(origin.rows))
    return f"({label(f'value-{name}')}, {', '.join(map(string, said))}),"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most].rpartition(" ")[0].rstrip(",;:") + " …"


def _rows(rows: Sequence[str], most: int = 3) -> str:
    """The rows behind a value by table, few by name and many by number: `claims a; 31 rows of activities`."""
    tables: dict[str, list[str]] = {}
    for row in rows:
        table, _, name = row.partition(":")
        tables.setdefault(table, []).append(name)
    return "; ".join(
        f"{table} {', '.join(names)}" if len(names) <= most else f"{len(names)} rows of {table}"
        for table, names in tables.items()
    )


def string(value: str) -> str:
    """A text as a Typst string."""
    return json.dumps(value, ensure_ascii=False)


def label(identifier: str) -> str:
    """A label as a Typst value."""
    return f"label({string(identifier)})"
