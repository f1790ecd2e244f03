"""The statements of the thesis with their verdicts, as tables, numbers and words."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from northern_route.compared import ORGANISATIONS
from northern_route.deciding import phrase
from recount import words
from recount.results import entries, read
from recount.values import Column, Computed, Table

VERDICTS = {
    "holds": "holds",
    "holds-narrowly": "holds narrowly",
    "tied": "tied",
    "depends-on-choices": "depends",
    "fails": "fails",
    "not-evaluable": "not evaluable",
}
MAIN = (
    "unodc-clearly-most-effective",
    "unodc-most-effective-overall",
    "sco-least-effective-overall",
    "unodc-most-effective-cooperation",
    "osce-most-theoretical-training",
    "csto-most-practical-training-by-far",
    "bomca-most-equipment",
    "unodc-most-infrastructure",
    "unodc-unique-projects-weigh-most",
)
GROUPS = {
    "total": tuple(VERDICTS),
    "holds": ("holds",),
    "narrow": ("holds-narrowly", "tied"),
    "depends": ("depends-on-choices",),
    "fails": ("fails",),
    "untestable": ("not-evaluable",),
}
_SAID = {
    "total": "statements of the thesis",
    "holds": "statements of the thesis that hold",
    "narrow": "statements of the thesis that hold narrowly or end in a tie",
    "depends": "statements of the thesis that depend on choices",
    "fails": "statements of the thesis that fail",
    "untestable": "statements of the thesis that the rows cannot decide",
}
CHOICES = "Choices: the share of their combinations in which the statement holds; a dash where none bears on it."


def claims() -> list[dict[str, Any]]:
    """All statements, in the order of their ids."""
    return list(read("claims").values())


def _number(group: str) -> Computed:
    found = entries("claims", columns=("id", "verdict"))
    chosen = [claim["id"] for claim in found if claim["verdict"] in GROUPS[group]]
    return Computed(
        words.number(len(chosen)) if chosen else "none",
        _SAID[group],
        "claims of data/claims.yml with their verdict in this build",
        tuple(f"claims:{one}" for one in chosen),
        value=len(chosen),
    )


def _claim(claim: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = read("claims", claim)
    except KeyError:
        near = difflib.get_close_matches(claim, list(read("claims")), n=1)
        raise AttributeError(f"no claim {claim}" + (f"; did you mean {near[0]}?" if near else "")) from None
    return found


def verdict(claim: str) -> Computed:
    """What becomes of a statement, in the words its verdict allows."""
    one = _claim(claim)
    return Computed(
        one["wording"],
        f"verdict on: {one['says']}",
        f"{one['predicate'] or 'no test'}; {_decides(one)}",
        (f"claims:{claim}", *one["rows"]),
    )


class Verdicts:
    """`report.verdict.<claim id with underscores>`."""

    def __getattr__(self, attribute: str) -> Computed:
        """The verdict on the statement of that id."""
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        return verdict(attribute.replace("_", "-"))


def _decides(claim: dict[str, Any]) -> str:
    """What decides a statement: the computed figures, or why there are none."""
    if claim["why_not"]:
        return str(claim["why_not"])
    return "; ".join(filter(None, (phrase(claim["figures"], claim["check"]), claim["caveat"] or "")))


def _table(chosen: Sequence[dict[str, Any]], note: str = "") -> Table:
    lines = []
    for claim in chosen:
        share = claim["share_of_combinations"]
        lines.append(
            (
                claim["says"].rstrip("."),
                _sections(claim),
                VERDICTS[claim["verdict"]],
                _decides(claim),
                "" if share is None else words.share(share),
            )
        )
    heads = (
        Column("The thesis states"),
        Column("Section"),
        Column("Verdict"),
        Column("What decides it"),
        Column("Choices", "right"),
    )
    return Table(heads, tuple(lines), note, tuple(f"claims:{claim['id']}" for claim in chosen))


def _sections(claim: dict[str, Any]) -> str:
    # The word would make the column of section numbers the widest after the prose.
    return ", ".join(claim["section"]).replace("conclusion", "concl.")


def _open(chosen: Sequence[dict[str, Any]]) -> Table:
    """Statements that the rows cannot decide, with the reason in place of a verdict."""
    lines = tuple((claim["says"].rstrip("."), _sections(claim), _decides(claim)) for claim in chosen)
    heads = (Column("The thesis states"), Column("Section"), Column("Why not"))
    return Table(heads, lines, origins=tuple(f"claims:{claim['id']}" for claim in chosen))


def _about(organisation: str) -> list[dict[str, Any]]:
    return _as_read(entries("claims", where={"about": [organisation]}))


def _as_read(chosen: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Statements in the order in which a reader of the thesis meets them."""
    ends = {"intro": "0", "conclusion": "9"}
    return sorted(chosen, key=lambda claim: (ends.get(claim["section"][0], claim["section"][0]), claim["id"]))


def of_organisation(organisation: str) -> Table:
    """The statements about one organisation alone that the rows can decide."""
    about = _about(organisation)
    tested = [claim for claim in about if claim["verdict"] != "not-evaluable"]
    rest = len(about) - len(tested)
    note = f" The rows cannot decide {words.counted(rest, 'further statement')}; the appendix on screen lists them too."
    return _table(tested, CHOICES + (note if rest else ""))


def _rest(*, tested: bool) -> Table:
    chosen = _as_read(
        [
            claim
            for claim in claims()
            if (len(claim["about"]) != 1 or claim["about"][0] not in ORGANISATIONS)
            and (claim["verdict"] != "not-evaluable") == tested
        ]
    )
    return _table(chosen, CHOICES) if tested else _open(chosen)


def _undecided(organisation: str) -> Table:
    return _open([claim for claim in _about(organisation) if claim["verdict"] == "not-evaluable"])


def _summary() -> Table:
    counts = Counter((claim["kind"], claim["verdict"]) for claim in claims())
    kinds = sorted({kind for kind, _ in counts})
    lines = [
        (kind, *(str(counts[kind, one]) for one in VERDICTS), str(sum(counts[kind, one] for one in VERDICTS)))
        for kind in kinds
    ]
    lines.append(
        (
            "all",
            *(str(sum(counts[kind, one] for kind in kinds)) for one in VERDICTS),
            str(len(claims())),
        )
    )
    heads = (Column("Kind"), *(Column(one.capitalize(), "right") for one in VERDICTS.values()), Column("All", "right"))
    return Table(heads, tuple(lines), origins=tuple(f"claims:{claim['id']}" for claim in claims()))


def _main() -> Table:
    return _table([_claim(one) for one in MAIN], CHOICES)


def __getattr__(attribute: str) -> Computed | Table:
    """Numbers and tables of the replication by name."""
    if attribute in GROUPS:
        return _number(attribute)
    if attribute == "summary_table":
        return _summary()
    if attribute == "main_table":
        return _main()
    if attribute == "all_table":
        return _rest(tested=True)
    if attribute == "all_undecided_table":
        return _rest(tested=False)
    if attribute.removesuffix("_undecided_table") in ORGANISATIONS:
        return _undecided(attribute.removesuffix("_undecided_table"))
    if attribute.removesuffix("_table") in ORGANISATIONS:
        return of_organisation(attribute.removesuffix("_table"))
    raise AttributeError(attribute)
