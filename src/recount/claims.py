"""Claims: statements of a source, each with a check that data can decide or the reason why they cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recount.declared import Entry, missing_fields, repeated_ids
from recount.filters import RULES
from recount.predicates import BOUNDS, PREDICATES
from recount.problems import Exit, Problem, Stop
from recount.quantities import ARITHMETIC, TAKEN, is_number

if TYPE_CHECKING:
    from recount.evidence import Evidence

KINDS = ("ranking", "superlative", "exclusive", "coverage", "arithmetic", "trend", "classification", "recommendation")
QUANTITY = frozenset({"acts", "rows", "in", "of", "criterion", "overall", "by", *TAKEN, *ARITHMETIC})
# What each predicate must be given, and what it may be given besides.
ARGUMENTS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "leads": (frozenset({"subject"}), QUANTITY | {"lead"}),
    "is-last": (frozenset({"subject"}), QUANTITY | {"lead"}),
    "ranks": (frozenset({"subject"}), QUANTITY | {"place", "from", "to"}),
    "is-only": (frozenset({"subject"}), QUANTITY),
    "has-all": (frozenset({"each"}), frozenset({"subject", "in"})),
    "has-none": (frozenset(), QUANTITY | {"among"}),
    "exists": (frozenset(), QUANTITY),
    "count": (frozenset({"equals"}), QUANTITY),
    "at-least": (frozenset(), QUANTITY | {"value-of", *BOUNDS}),
    "share": (frozenset({"part", "whole"}), frozenset(BOUNDS)),
    "sum": (frozenset({"of", "equals"}), frozenset({"tolerance"})),
    "ratio": (frozenset({"of"}), frozenset({"equals", "tolerance", *BOUNDS})),
    "interval": (frozenset({"value", "low", "high"}), frozenset()),
    "trend": (frozenset({"of", "direction"}), frozenset()),
    "classification": (frozenset({"in", "id", "column", "is"}), frozenset()),
    "all-of": (frozenset({"checks"}), frozenset()),
    "any-of": (frozenset({"checks"}), frozenset()),
    "not": (frozenset({"check"}), frozenset()),
}


@dataclass(frozen=True)
class Claim:
    """One evaluative or comparative statement of the source.

    Args:
        id: kebab-case name.
        section: the sections that state it.
        says: the statement in the project's own words.
        about: whom it is about.
        kind: one of `KINDS`.
        check: a predicate's name with its arguments; None where data cannot decide.
        why_not: why they cannot, or what the check leaves open.
        not_at_issue: the choices that do not bear on the claim; they keep their base option.
        recommends: for a recommendation the gap it would close ("region:north"), or empty.
        entry: where it is declared.
    """

    id: str
    section: tuple[str, ...]
    says: str
    about: tuple[str, ...]
    kind: str
    check: Mapping[str, Any] | None
    why_not: str = ""
    not_at_issue: tuple[str, ...] = ()
    recommends: str = ""
    entry: Entry = field(default_factory=lambda: Entry({}), compare=False, repr=False)

    @property
    def predicate(self) -> str:
        """The name of the predicate, or empty."""
        return next(iter(self.check)) if self.check else ""


def claims_from(entries: tuple[Entry, ...], evidence: Evidence | None = None) -> tuple[Claim, ...]:
    """The claims that a file declares.

    Args:
        entries: the entries of the file.
        evidence: what the checks will be run on; given, every name in a check is looked up in it.

    Raises:
        Stop: a field is missing, an id repeated, neither check nor reason given, or a check names a predicate,
            argument, table, column, criterion or alternative that does not exist: a misspelt name would otherwise
            find nothing and look like evidence of absence.
    """
    problems = repeated_ids(entries)
    claims = []
    for entry in entries:
        lacking = missing_fields(entry, ("id", "section", "says", "about", "kind", "check"))
        problems += lacking
        if lacking:
            continue
        if entry["kind"] not in KINDS:
            problems.append(
                entry.problem(
                    "claim-kind-known", f"{entry['kind']} is no kind of claim", column="kind", fix=", ".join(KINDS)
                )
            )
        if entry["check"] is None and not entry.get("why_not"):
            problems.append(
                entry.problem(
                    "claim-is-decidable-or-says-why",
                    f"{entry['id']} has neither a check nor a reason",
                    column="check",
                    fix="give a check, or say under why_not why data cannot decide",
                )
            )
        if entry["check"] is not None:
            problems += [
                entry.problem("claim-names-what-exists", f"{entry['id']}: {message}", column="check", fix=fix)
                for message, fix in faults(entry["check"], evidence)
            ]
        choices = {choice.id for choice in evidence.choices} if evidence else set()
        problems += [
            entry.problem("claim-names-what-exists", f"{entry['id']}: there is no choice {name}", column="not_at_issue")
            for name in entry.get("not_at_issue") or ()
            if evidence and name not in choices
        ]
        claims.append(
            Claim(
                id=str(entry["id"]),
                section=tuple(str(section) for section in entry["section"]),
                says=entry["says"],
                about=tuple(entry["about"]),
                kind=entry["kind"],
                check=entry["check"],
                why_not=entry.get("why_not") or "",
                not_at_issue=tuple(entry.get("not_at_issue") or ()),
                recommends=entry.get("recommends") or "",
                entry=entry,
            )
        )
    if problems:
        raise Stop(problems, Exit.DATA)
    return tuple(claims)


def faults(check: object, evidence: Evidence | None) -> Iterator[tuple[str, str]]:
    """What is wrong with a check: a message and what to do, for each fault."""
    if not isinstance(check, Mapping) or len(check) != 1:
        yield "a check is one predicate with its arguments", "write `leads: {...}`"
        return
    ((name, args),) = check.items()
    if name not in PREDICATES:
        yield f"there is no predicate {name}", f"use one of {', '.join(PREDICATES)}"
        return
    if not isinstance(args, Mapping):
        yield f"{name} needs named arguments", ""
        return
    required, optional = ARGUMENTS[name]
    for missing in sorted(required - set(args)):
        yield f"{name} needs {missing}", f"add {missing}"
    for unknown in sorted(set(args) - required - optional):
        yield f"{name} has no argument {unknown}", f"use {', '.join(sorted(required | optional))}"
    if name in ("all-of", "any-of"):
        for part in args.get("checks", ()):
            yield from faults(part, evidence)
        return
    if name == "not":
        yield from faults(args.get("check"), evidence)
        return
    yield from _uncountable(name, args)
    if evidence is not None:
        yield from _unknown(args, evidence, args.get("in"))


def _uncountable(name: str, args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Arguments that should be numbers, or say how to get one, and do neither."""
    wanted = [args[key] for key in (*BOUNDS, "equals", "low", "high", "part", "whole", "value-of") if key in args]
    if name in ("sum", "ratio", "trend"):
        wanted += args.get("of", ())
    if name == "interval":
        wanted.append(args.get("value"))
    for what in wanted:
        yield from _no_number(what)
    for key in ("tolerance", "lead", "place", "from", "to"):
        if key in args and not _is_plain(args[key]):
            yield f"{key} {args[key]} is no number", "write a number"
    if name == "trend" and args.get("direction") not in ("rising", "falling"):
        yield f"there is no direction {args.get('direction')}", "write rising or falling"


def _is_plain(what: object) -> bool:
    return isinstance(what, int | float) and not isinstance(what, bool)


def _no_number(what: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - walks YAML of any shape
    if _is_plain(what):
        return
    if not isinstance(what, Mapping):
        yield f"{what} is no number", "write a number, or what to count"
        return
    calculated = [way for way in ARITHMETIC if way in what]
    for part in what[calculated[0]] if calculated else ():
        yield from _no_number(part)
    counted = "acts" in what or "in" in what or ("of" in what and {"criterion", "overall"} & set(what))
    if not calculated and not counted:
        yield f"{dict(what)} says neither what to count nor where", "add acts, or in with rows, or of with criterion"


def _unknown(what: Any, evidence: Evidence, table: str | None) -> Iterator[tuple[str, str]]:  # noqa: ANN401, C901, PLR0912 - walks YAML of any shape
    """Names in arguments that exist nowhere in the evidence."""
    if isinstance(what, list):
        for part in what:
            yield from _unknown(part, evidence, table)
        return
    if not isinstance(what, Mapping):
        return
    table = what.get("in", table)
    if table is not None and table not in evidence.tables:
        yield f"there is no table {table}", f"use one of {', '.join(sorted(evidence.tables))}"
        return
    criteria = [criterion.id for criterion in evidence.tally.criteria]
    for key, value in what.items():
        if key == "subject" or (key == "of" and isinstance(value, str)):
            if value not in evidence.alternatives:
                yield f"there is no alternative {value}", f"use one of {', '.join(evidence.alternatives)}"
        elif key == "criterion" and value not in criteria:
            yield f"there is no criterion {value}", f"use one of {', '.join(criteria)}"
        elif key == "overall" and value != "all":
            for one in value:
                if one not in criteria:
                    yield f"there is no criterion {one}", f"use one of {', '.join(criteria)}"
        elif key == "acts":
            yield from _filter(value, evidence, evidence.counted)
        elif key == "rows":
            yield from _filter(value, evidence, table)
        elif key == "each":
            for part in value:
                if is_number(part):
                    yield from _unknown(part, evidence, table)
                else:
                    yield from _filter(part, evidence, table or evidence.counted)
        elif key in (*TAKEN, "column", "by") and isinstance(value, str) and table is not None:
            if value not in evidence.tables[table].columns:
                yield f"{table} has no column {value}", ""
        else:
            yield from _unknown(value, evidence, table)


def _filter(where: Any, evidence: Evidence, table: str | None) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - a filter is YAML
    """Columns and rules of a filter that do not exist."""
    if table is None or table not in evidence.tables:
        yield "rows are asked for without a table", "add `in`"
        return
    if not isinstance(where, Mapping):
        yield f"a filter maps columns to values, not {where}", ""
        return
    for column, wanted in where.items():
        if column == "any":
            for option in wanted:
                yield from _filter(option, evidence, table)
        elif column not in evidence.tables[table].columns:
            yield f"{table} has no column {column}", f"use one of {', '.join(evidence.tables[table].columns)}"
        elif isinstance(wanted, Mapping):
            for rule in wanted:
                if rule not in RULES:
                    yield f"a filter knows no rule {rule}", f"use one of {', '.join(sorted(RULES))}"


def strangers(claims: tuple[Claim, ...], evidence: Evidence) -> list[Problem]:
    """Warnings for values in filters that stand in no row: either nothing is there, or the word is misspelt."""
    found = []
    for claim in claims:
        for table, column, value in sorted(set(_values(claim.check, evidence.counted, None))):
            known = evidence.tables.get(table)
            if known is not None and column in known.columns and value not in known.values(column):
                found.append(
                    Problem(
                        claim.entry.file,
                        claim.entry.lines.get("check", claim.entry.line),
                        "filter-value-occurs",
                        f"{claim.id} looks for {column} {value}, which no row of {table} has",
                        column="check",
                        value=value,
                        severity="warning",
                    )
                )
    return found


def _values(what: Any, counted: str, table: str | None) -> Iterator[tuple[str, str, str]]:  # noqa: ANN401 - walks YAML of any shape
    """Every (table, column, value) that the filters of a check look for by equality."""
    if isinstance(what, list):
        for part in what:
            yield from _values(part, counted, table)
    elif isinstance(what, Mapping):
        here = what.get("in", table)
        for key, value in what.items():
            if key == "acts":
                yield from _wanted(value, counted)
            elif key == "rows" and here:
                yield from _wanted(value, here)
            elif key == "each":
                for part in value:
                    if is_number(part):
                        yield from _values(part, counted, here)
                    else:
                        yield from _wanted(part, here or counted)
            else:
                yield from _values(value, counted, here)


def _wanted(where: Mapping[str, Any], table: str) -> Iterator[tuple[str, str, str]]:
    for column, wanted in where.items():
        if column == "any":
            for option in wanted:
                yield from _wanted(option, table)
        elif isinstance(wanted, list):
            yield from ((table, column, str(value)) for value in wanted)
        elif isinstance(wanted, Mapping):
            if "all" in wanted:
                yield from ((table, column, str(value)) for value in wanted["all"])
        else:
            yield table, column, str(wanted)
