"""Interactive charts: a specification as a script that registers itself, a table of its data, the shared bundle."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from recount.drawing import engine
from recount.render.pandoc import Cache, digest


@dataclass(frozen=True)
class Chart:
    """One figure's specification and what can be read out of it.

    Args:
        label: the figure's label.
        spec: Vega-Lite.
        columns: headings of its data, in reading order.
        right: which columns are set to the right, as numbers are.
        rows: the data as text, as many cells a row as there are columns.
        description: a long description in plain words, or empty.
        origins: the evidence rows behind it, each `table:id`.
    """

    label: str
    spec: Mapping[str, Any]
    columns: tuple[str, ...]
    right: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    description: str
    origins: tuple[str, ...] = ()

    def script(self) -> str:
        """The specification as JavaScript: a page opened from the file system may load a script, not fetch JSON."""
        return f"recount.chart({json.dumps(self.label)},{_compact(self.spec)});\n"

    def csv(self) -> bytes:
        """The data as CSV."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return out.getvalue().encode()

    def table(self, most: int = 100) -> str:
        """The data as an HTML table of at most so many rows; the CSV has them all."""
        head = self._cells("th", self.columns, " scope=col")
        body = "\n".join(f"<tr>{self._cells('td', row)}</tr>" for row in self.rows[:most])
        return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"

    def details(self, file: str) -> str:
        """The description and the table, folded, with the way to the CSV at the given address, as HTML."""
        told = f"<p>{html.escape(self.description)}</p>" if self.description else ""
        return (
            f'<details class="figure-data"><summary>Description and data</summary>{told}'
            '<div class="table-scroll" role="region" tabindex="0" aria-label="Data of the figure">'
            f"{self.table()}</div>"
            f'<p><a href="{html.escape(file)}" download>Download {_count(len(self.rows))} as CSV</a></p></details>'
        )

    def _cells(self, tag: str, texts: Sequence[str], more: str = "") -> str:
        return "".join(
            f"<{tag}{more}{' class=number' if right else ''}>{html.escape(text)}</{tag}>"
            for text, right in zip(texts, self.right, strict=True)
        )


def evidence_link(label: str, rows: Sequence[str], page: str) -> str:
    """The way from a figure or table to its rows on the evidence page at the given address.

    It names the label, not the rows: hundreds of them in each address would weigh more than the text.
    """
    address = html.escape(f"{page}#of={label}")
    return f'<p class="origins"><a href="{address}">Evidence: {_count(len(rows))}</a></p>'


def _count(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"


def read_chart(label: str, path: Path, description: str = "") -> Chart:
    """The chart whose specification lies at a path.

    Args:
        label: the figure's label.
        path: what execution wrote: an object with `spec`, `description`, `table` and `origins`, or a bare
            specification, whose own data then become the table.
        description: a long description that takes the place of the file's.
    """
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if "spec" in told and "table" in told:
        table = told["table"]
        return Chart(
            label=label,
            spec=told["spec"],
            columns=tuple(table["columns"]),
            right=tuple(align == "right" for align in table["align"]),
            rows=tuple(tuple(_cell(cell) for cell in row) for row in table["rows"]),
            description=description or told.get("description", ""),
            origins=tuple(told.get("origins", ())),
        )
    rows = _rows(told)
    fields = _encoded(told, rows)
    return Chart(
        label=label,
        spec=told,
        columns=tuple(fields.values()),
        right=tuple(all(isinstance(row.get(name), int | float | None) for row in rows) for name in fields),
        rows=tuple(tuple(_cell(row.get(name)) for name in fields) for row in rows),
        description=description or str(told.get("description") or ""),
    )


def bundle(cache: Cache) -> str:
    """Vega, Vega-Lite and Vega-Embed in one script, made by vl-convert; a second or more, so kept."""
    key = "vega-bundle-" + digest(version("vl-convert-python"))
    known = cache.get(key)
    if known is None:
        known = str(engine().javascript_bundle())
        cache.put(key, known)
    return known


def _compact(spec: Mapping[str, Any]) -> str:
    return json.dumps(spec, ensure_ascii=False, sort_keys=True, separators=(",", ":")).replace("</", "<\\/")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def _rows(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of the main data: named at the top, or else the largest data set a part of the chart draws."""
    datasets: dict[str, list[dict[str, Any]]] = dict(spec.get("datasets", {}))
    found: list[list[dict[str, Any]]] = []
    for part in _parts(spec):
        data = part.get("data") or {}
        values = data.get("values") if "values" in data else datasets.get(data.get("name", ""))
        if isinstance(values, list) and all(isinstance(row, dict) for row in values):
            if part is spec:
                return values
            found.append(values)
    return max(found, key=len, default=[])


def _parts(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield part
    for name in ("layer", "hconcat", "vconcat", "concat"):
        for child in part.get(name, []):
            yield from _parts(child)
    if isinstance(part.get("spec"), dict):
        yield from _parts(part["spec"])


def _encoded(spec: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The fields a chart draws, under the titles it gives them; all fields if it draws only derived ones."""
    titles: dict[str, str] = {}
    for part in _parts(spec):
        for channel in part.get("encoding", {}).values():
            for entry in channel if isinstance(channel, list) else [channel]:
                if isinstance(entry, dict) and isinstance(entry.get("field"), str):
                    titles.setdefault(entry["field"], str(entry.get("title") or entry["field"]))
    known = list(rows[0]) if rows else []
    drawn = {field: title for field, title in titles.items() if field in known}
    return drawn or {field: field for field in known}
