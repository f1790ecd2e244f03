"""The data-quality appendix: what the gate checked, what it warned of, what was looked up, and what is thin."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pandas as pd

from northern_route.compared import ORGANISATIONS
from northern_route.evidence import Row, by_id, counted, keys, of_organisation, rows_of
from recount import references, words
from recount.results import project_root
from recount.values import Column, Computed, Table


@functools.cache
def account(name: str) -> dict[str, Any]:
    """What the gate or the provenance check left for the report; empty if it never ran."""
    path = project_root() / ".recount" / f"{name}.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _checks() -> list[dict[str, Any]]:
    return list(account("checks").get("checks", []))


def _checks_number(severity: str = "") -> Computed:
    chosen = [check for check in _checks() if not severity or check["severity"] == severity]
    return Computed(
        words.number(len(chosen)),
        f"{severity or 'all'} checks of the gate",
        "expectations of validation/*.yml, one for each column they name",
        value=len(chosen),
    )


def _tables_table() -> Table:
    per_table = Counter(check["table"] for check in _checks())
    lines = [
        (f"{name}.csv", f"{found['rows']:,}", str(per_table[name]))
        for name, found in account("checks")["tables"].items()
    ]
    return Table((Column("Table"), Column("Rows", "right"), Column("Checks", "right")), tuple(sorted(lines)))


def _warnings() -> list[dict[str, Any]]:
    return list(account("checks").get("warnings", []))


def _warnings_sentence() -> Computed:
    count = len(_warnings())
    text = (
        "No check gave a warning."
        if not count
        else f"The gate let the data through with {words.counted(count, 'warning')}; none stops a build."
    )
    return Computed(text, "warnings of the gate", "checks of severity warning that fail", value=count)


def _warnings_table() -> Table:
    places: dict[tuple[str, str, str], list[str]] = {}
    for one in sorted(_warnings(), key=lambda one: (one["file"], one["rule"], one["line"])):
        places.setdefault((one["rule"].replace("-", " "), one["message"], one["file"]), []).append(str(one["line"]))
    lines = [
        (rule, message, f"{file}, {words.plural('line', len(found))} {words.listed(found)}")
        for (rule, message, file), found in places.items()
    ]
    return Table((Column("Rule"), Column("What"), Column("Where")), tuple(lines))


def _provenance_sentence() -> Computed:
    found = account("provenance")
    formula = "make provenance: values, places, organisations and works looked up in the sections a row names"
    if not found or found.get("skipped"):
        text = (
            "The text of the thesis is not part of this repository, and it was not at hand when this copy was made, "
            "so the look-up of each row in the text was skipped for it."
        )
        return Computed(text, "look-up in the text", formula)
    looked_up, unborne, loose = sum(found["checked"].values()), len(found["problems"]), len(found["warnings"])
    text = (
        f"In the text of the thesis {looked_up:,} cells were looked up, numbers, dates, places, names and works, "
        f"each in the sections its row names; {words.counted(unborne, 'cell')} could not be found there, "
        f"and {words.counted(loose, 'cell')} stand there in other words only."
    )
    return Computed(text, "look-up in the text", formula, value=looked_up)


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}"


def _counted(organisation: str) -> pd.DataFrame:
    """The counted acts of an organisation, with what is asked of them here."""
    return counted(of_organisation("activities", organisation, "id", "status", "counted", "dating", "place", "source"))


def _counted_rows() -> tuple[str, ...]:
    own = (_counted(organisation)["id"] for organisation in ORGANISATIONS)
    return tuple(f"activities:{row}" for ids in own for row in ids)


def _attested_table() -> Table:
    lines = []
    for organisation in ORGANISATIONS:
        acts = rows_of(_counted(organisation))
        whole = len(acts)
        lines.append(
            (
                by_id("organisations", "name")[organisation]["name"],
                str(whole),
                _share(sum(act["dating"] == "stated" for act in acts), whole),
                _share(sum(act["dating"] == "from-source" for act in acts), whole),
                _share(sum(bool(act["place"]) for act in acts), whole),
                _share(sum(bool(act["source"]) for act in acts), whole),
                str(len(keys(act["source"] for act in acts))),
            )
        )
    heads = (
        Column("Organisation"),
        Column("Counted acts", "right"),
        Column("Dated", "right"),
        Column("Year of source", "right"),
        Column("Placed", "right"),
        Column("With source", "right"),
        Column("Works", "right"),
    )
    return Table(heads, tuple(lines), origins=_counted_rows())


@functools.cache
def _authors() -> dict[str, str]:
    entries = references.read(project_root() / "data" / "references.bib", "data/references.bib").entries
    return {key: work.fields.get("author", "") for key, work in entries.items()}


OWN_VOICE = {
    "unodc": ("UNODC", "CARICC"),
    "bomca": ("BOMCA",),
    "sco": ("SCO",),
    "osce": ("OSCE",),
    "csto": ("CSTO", "CCBCD"),
}


def _voice(act: Row, organisation: str) -> str:
    works = keys([act["source"]])
    if not works:
        return "none"
    own = [any(mark in _authors().get(work, "") for mark in OWN_VOICE[organisation]) for work in works]
    return "own" if all(own) else "others" if not any(own) else "both"


def _voices_table() -> Table:
    lines = []
    for organisation in ORGANISATIONS:
        acts = rows_of(_counted(organisation))
        voices = Counter(_voice(act, organisation) for act in acts)
        name = by_id("organisations", "name")[organisation]["name"]
        lines.append((name, *(str(voices[one]) for one in ("own", "both", "others", "none")), str(len(acts))))
    heads = (
        Column("Organisation"),
        Column("Its own word only", "right"),
        Column("Its own and others'", "right"),
        Column("Others' only", "right"),
        Column("No work cited", "right"),
        Column("Counted acts", "right"),
    )
    note = "A work is an organisation's own word if it, or a body of its, is named as author."
    return Table(heads, tuple(lines), note, _counted_rows())


_MAKERS: dict[str, Callable[[], Computed | Table]] = {
    "checks": _checks_number,
    "critical": lambda: _checks_number("critical"),
    "tables_table": _tables_table,
    "warnings_sentence": _warnings_sentence,
    "warnings_table": _warnings_table,
    "provenance_sentence": _provenance_sentence,
    "attested_table": _attested_table,
    "voices_table": _voices_table,
}


def __getattr__(name: str) -> Computed | Table:
    """Numbers, sentences and tables of data quality by name."""
    if name in _MAKERS:
        return _MAKERS[name]()
    raise AttributeError(name)
