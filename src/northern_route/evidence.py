"""The certified tables as this report reads them: facts, acts and their citations."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import pandas as pd

from recount import tables, words
from recount.amounts import amount, number, sentence_case
from recount.values import Computed

DONE = ("completed", "ongoing")


@functools.cache
def table(name: str, *columns: str) -> pd.DataFrame:
    """A certified table or some columns of it, every cell as text, an empty cell as an empty text."""
    return _texts(tables.certified(name, columns))


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Every cell as text; `map` of a frame would take twice as long."""
    return pd.DataFrame({name: [_text(cell) for cell in frame[name].tolist()] for name in frame}, dtype="str")


def _text(value: object) -> str:
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - only a missing number differs from itself
        return ""
    # A number read as a float would show itself as 48000.0 or 7.3e+07.
    return format(Decimal(repr(value)).normalize(), "f") if isinstance(value, float) else str(value)


Row = dict[str, str]


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """The rows of a frame of texts, each as its cells by column."""
    names = [str(name) for name in frame.columns]
    # As itertuples goes, cell by cell over the columns, costs three times as much.
    return [dict(zip(names, map(str, cells), strict=True)) for cells in frame.to_numpy(dtype=object).tolist()]


@functools.cache
def by_id(name: str, *columns: str) -> Rows:
    """The rows of a table by their id, all of their cells or some."""
    return Rows(name, columns)


class Rows(Mapping[str, Row]):
    """The rows of a table by their id; whoever looks one up depends on these cells of that row and no other."""

    def __init__(self, name: str, columns: tuple[str, ...]) -> None:
        """Of the table NAME, only these columns or all."""
        self._name = name
        self._columns = columns
        self._known: dict[str, Row | None] = {}

    def __getitem__(self, key: str) -> Row:
        """The row with an id."""
        if key not in self._known:
            found = tables.row(self._name, key, self._columns)
            self._known[key] = None if found is None else {column: _text(cell) for column, cell in found.items()}
        row = self._known[key]
        if row is None:
            raise KeyError(key)
        return row

    def __iter__(self) -> Iterator[str]:
        """The ids, in the order of the table."""
        return iter(table(self._name, "id")["id"])

    def __len__(self) -> int:
        """How many rows there are."""
        return len(table(self._name, "id"))


def several(cell: str) -> list[str]:
    """The values of a cell that holds several."""
    return [part for part in cell.split(";") if part]


def keys(cells: Iterable[str]) -> tuple[str, ...]:
    """The works cited in some source cells, each once, without pages."""
    return tuple(dict.fromkeys(part.split("@")[0] for cell in cells for part in several(cell)))


def citation(cell: str) -> str:
    """A source cell as a Markdown citation: `[@gavrilis2012central, pp. 22-23; @cooley2012great]`."""
    cited = []
    for part in several(cell):
        key, _, pages = part.partition("@")
        label = "pp." if any(mark in pages for mark in "-,&") else "p."
        cited.append(f"@{key}, {label} {pages.replace('&', ', ')}" if pages else f"@{key}")
    return f"[{'; '.join(cited)}]" if cited else ""


OWNER = {"activities": "organisation", "funding": "organisation", "obstacles": "subject", "observations": "subject"}


@functools.cache
def of_organisation(name: str, organisation: str, *columns: str) -> pd.DataFrame:
    """The rows of a table that belong to an organisation; one frame for all who ask, so not to be changed."""
    return _texts(tables.certified(name, columns, {OWNER[name]: organisation}))


def counted(frame: pd.DataFrame) -> pd.DataFrame:
    """The acts that enter counts under the base rule: coded as counted, and not merely planned."""
    return frame[(frame["counted"] == "yes") & frame["status"].isin(DONE)]


def count(rows: pd.DataFrame, name: str, what: str, formula: str) -> Computed:
    """How many rows there are, as a word, with the rows themselves."""
    return Computed(
        words.number(len(rows)) if len(rows) else "no",
        what,
        formula,
        tuple(f"{name}:{row}" for row in rows["id"]),
        keys(rows["source"]) if "source" in rows else (),
        len(rows),
    )


def subject_name(subject: str) -> str:
    """What the subject of an observation is called."""
    for name in ("organisations", "actors", "activities", "places", "topics"):
        if found := by_id(name, "name").get(subject):
            return found["name"]
    return subject.replace("-", " ")


# Ids are written small throughout; these of their words are not, once they are read.
_CAPITALS = {
    word.lower(): word for word in ("Afghan", "Asian", "Central", "GDP", "HIV", "OSCE", "Tajik", "Tajikistan", "UNODC")
}


def _measure(measure: str) -> str:
    return " ".join(_CAPITALS.get(word, word) for word in measure.split("-"))


class Facts:
    """Every observation as an attribute: its id with underscores, `report.fact.unodc_seizures`.

    With `capital` each text starts with a capital letter, for the beginning of a sentence.
    """

    def __init__(self, *, capital: bool = False, digits: bool = False) -> None:
        """Choose how the texts are written."""
        self._capital = capital
        self._digits = digits

    def __getattr__(self, name: str) -> Computed:
        """The observation of that name; refused if there is none, naming the nearest."""
        if name.startswith("_"):
            raise AttributeError(name)
        observations = by_id("observations")
        row_id = name.replace("_", "-")
        if row_id not in observations:
            near = difflib.get_close_matches(row_id, list(observations), n=1)
            raise AttributeError(f"no observation {row_id}" + (f"; did you mean {near[0]}?" if near else ""))
        row = observations[row_id]
        value = Decimal(row["value"])
        high = Decimal(row["value_high"]) if row["value_high"] else None
        if self._digits:
            text = number(value, in_words=False)
        else:
            text = amount(value, row["unit"], row["bound"] or "exact", high)
        what = f"{subject_name(row['subject'])}: {_measure(row['measure'])}"
        return Computed(
            sentence_case(text) if self._capital else text,
            what,
            f"as printed in section {row['section'].replace(';', ' and ')}",
            (f"observations:{row_id}",),
            keys([row["source"]]),
            float(value),
        )

    def __dir__(self) -> list[str]:
        """The names an editor can offer."""
        return [row.replace("-", "_") for row in by_id("observations")]
