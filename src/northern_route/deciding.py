"""What decides a statement, in words: the computed figures of its test as a reader wants them.

The figures are bare numbers. What they count stands in the test itself, as declared in `data/claims.yml`: acts, a
share, an amount of money. Of what tells several numbers of one test apart (their tactic, year, region, organisation)
each carries its own.
"""

from __future__ import annotations

import calendar
import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from northern_route import evidence
from northern_route.compared import ORGANISATIONS
from northern_route.evidence import by_id, rows_of, subject_name
from northern_route.naming import name
from northern_route.organisation import REGIONS
from recount import words
from recount.amounts import MONEY, SYMBOLS, amount
from recount.quantities import ARITHMETIC, TAKEN

Figures = Mapping[str, float | str]
Number = Mapping[str, Any] | float
SHOWN = 4
"""How many parts of a long list are named."""
SEVERAL = 2
"""Beyond so many comparisons of one test only the first of each is named."""
COMPARISONS = {"leads", "is-last", "ranks", "is-only"}
BOUNDS = {"above": "above", "below": "below", "least": "at least", "most": "at most"}
# What the rows of a table are, and what its distinct cells are.
ROWS = {"activities": "act", "positions": "position", "obstacles": "stance"}
DISTINCT = {"actor": "author", "subject": "organisation"}
TACTICS = {"unique": "unique tactics", "operation": "operations and exercises", "framework": "frameworks"}


@dataclass(frozen=True)
class _Demand:
    """One number of a test, and what it is held against: both in words, without what all numbers share."""

    value: str
    bound: str
    limit: str


def shown(value: float | str, unit: str = "") -> str:
    """A figure as printed, with its unit: whole numbers without decimals, others with at most two.

    Args:
        value: as the test gives it, a date as a year with a fraction.
        unit: a unit of the codebook; `date`, `share` (of one) or `score`; or a noun in the singular; or none.
    """
    if isinstance(value, str):
        return value
    if unit == "date":
        # Some hours more than the fraction: a twelfth of a year has no exact number, and figures are rounded.
        month = calendar.month_name[int(value % 1 * 12 + 0.01) + 1]
        return f"{int(value)}" if float(value).is_integer() else f"{month} {int(value)}"
    if unit == "share":
        return words.share(value, 2 if abs(value) < 0.01 else 0)
    if unit in MONEY:
        return amount(Decimal(str(round(value, -4 if value >= 1_000_000 else 0))), unit)
    if unit in SYMBOLS:
        return f"{_plain(value)}{SYMBOLS[unit]}"
    return _plain(value) if unit in {"", "score"} else f"{_plain(value)} {words.plural(unit, value)}"


def _plain(value: float) -> str:
    if float(value).is_integer() or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) >= 0.01 else f"{value:.3g}"


def phrase(figures: Figures, check: Mapping[str, Any]) -> str:
    """The figures of one test in words; empty where there are none.

    Args:
        figures: the numbers compared, by name, as the predicate gives them.
        check: the test as declared: the name of a predicate with its arguments.
    """
    if not figures:
        return ""
    own = _told_apart(list(_numbers(check)))
    return "; ".join(_merged(list(_tests(figures, check, own))))


def _tests(figures: Figures, check: Mapping[str, Any], own: Callable[[Number], str]) -> Iterable[str | _Demand]:
    """The tests of a check in words, in their order; what is held against a bound is kept apart for merging."""
    ((predicate, args),) = check.items()
    if predicate == "not":
        yield from _tests(figures, args["check"], own)
    elif predicate in {"all-of", "any-of"}:
        yield from _of_parts(figures, args["checks"], own)
    elif predicate == "has-all":
        yield _listed(figures)
    elif predicate == "classification":
        yield ", ".join(f"{_readable([key])}: {subject_name(str(value))}" for key, value in figures.items())
    elif predicate == "has-none":
        yield f"found in {shown(figures['found'])} of {shown(figures.get('among', 0), _unit(args))}"
    elif predicate == "trend":
        yield ", then ".join(
            f"{shown(value, _unit(part))}{own(part)}" for value, part in zip(figures.values(), args["of"], strict=True)
        )
    elif "value" in figures:
        yield from _bounded(figures, predicate, args, own)
    else:
        yield _compared(figures, args, own)


def _of_parts(
    figures: Figures, checks: Sequence[Mapping[str, Any]], own: Callable[[Number], str]
) -> Iterable[str | _Demand]:
    """The tests of a compound check, whose figures are named by their number: `1. value`."""
    parts: dict[str, dict[str, float | str]] = {}
    for key, value in figures.items():
        number, _, rest = key.partition(". ")
        parts.setdefault(number, {})[rest] = value
    declared = [checks[int(number) - 1] for number in parts]
    plainly = [one["not"]["check"] if "not" in one else one for one in declared]
    if len(parts) > SEVERAL and all(set(one) <= COMPARISONS for one in plainly):
        compared = zip(parts.values(), plainly, strict=True)
        yield f"most {', '.join(_first(part, next(iter(one.values())), own) for part, one in compared)}"
        return
    for part, one in zip(parts.values(), declared, strict=True):
        yield from _tests(part, one, own)


def _bounded(
    figures: Figures, predicate: str, args: Mapping[str, Any], own: Callable[[Number], str]
) -> Iterable[str | _Demand]:
    """A value with what it is held against."""
    if predicate == "share":
        unit, tail = "share", own(args["part"])
        part = f"{shown(figures['part'])} of {shown(figures['whole'], _unit(args['whole']))}"
        text = f"{part} ({shown(figures['value'], unit)}){tail}"
    elif predicate == "ratio":
        first, second = args["of"]
        unit = "" if second != 1 else _unit(first)
        text = shown(figures["first"], _unit(first))
        if second != 1:
            text += f" to {shown(figures['second'], _unit(second))}, a ratio of {shown(figures['value'])}"
    else:
        what = _valued(predicate, args)
        unit = _unit(what)
        if predicate == "sum" and unit == "year" and any(isinstance(part, int) for part in args["of"]):
            # Years added to a year give a year.
            unit = "date"
        text = f"{shown(figures['value'], unit)}{own(what)}"
    if "equals" in figures:
        yield f"{'adds up to ' if predicate == 'sum' else ''}{text}; stated {_limit(figures['equals'], unit)}"
        return
    bounds = [
        (bound, args.get({"least": "low", "most": "high"}[bound] if predicate == "interval" else bound, 1))
        for bound in BOUNDS
        if bound in figures
    ]
    if len(bounds) == 1:
        bound, limit = bounds[0]
        yield _Demand(text, BOUNDS[bound], f"{_limit(figures[bound], unit)}{own(limit)}")
        return
    asked = words.listed([f"{BOUNDS[bound]} {_limit(figures[bound], unit)}" for bound, _ in bounds])
    yield f"{text}; to be {asked}"


def _valued(predicate: str, args: Mapping[str, Any]) -> Number:
    """The number of a test that is held against a bound."""
    if predicate == "sum":
        return {"total": args["of"]}
    if predicate == "interval":
        return args["value"]  # type: ignore[no-any-return]
    return args.get("value-of", args)  # type: ignore[no-any-return]


def _limit(value: float | str, unit: str) -> str:
    """What a value is held against: a noun stands with the value and is not said again."""
    signed = unit in {"date", "share", "score"} or unit in MONEY or unit in SYMBOLS
    return shown(value, unit if signed else "")


def _merged(tests: Sequence[str | _Demand]) -> Iterable[str]:
    """The tests in words; those of one value name it once, those of one bound name that once."""
    for value, group in itertools.groupby(tests, lambda test: test.value if isinstance(test, _Demand) else test):
        same = list(group)
        first = same[0]
        if isinstance(first, str):
            yield first
        elif len(same) > 1 or len(tests) == 1:
            limits = list(dict.fromkeys(test.limit for test in same if isinstance(test, _Demand)))
            yield f"{value}; to be {first.bound} {words.listed(limits)}"
        else:
            alike = [
                test.value
                for test in tests
                if isinstance(test, _Demand) and (test.bound, test.limit) == (first.bound, first.limit)
            ]
            if alike[0] == value:
                yield f"{words.listed(alike)}; to be {first.bound} {first.limit}"


def _first(figures: Figures, args: Mapping[str, Any], own: Callable[[Number], str]) -> str:
    """Who has the most, and how much."""
    told = {one: float(value) for one, value in figures.items() if one in ORGANISATIONS and value != "not told"}
    top = max(told.values())
    leaders = words.listed([name(one) for one in ORGANISATIONS if told.get(one) == top])
    return f"{words.plural(_unit(args), 2)}{own(args)}: {leaders} {shown(top)}"


def _compared(figures: Figures, args: Mapping[str, Any], own: Callable[[Number], str]) -> str:
    """One number an organisation."""
    unit = _unit(args)
    told = [(one, figures[one]) for one in ORGANISATIONS if one in figures]
    text = ", ".join(f"{name(one)} {'–' if value == 'not told' else shown(value)}" for one, value in told)
    head = unit if unit == "score" else words.plural(unit, 2)
    return f"{head}{own(args)}: {text}" + (f"; place {shown(figures['place'])}" if "place" in figures else "")


def _unit(what: Number) -> str:
    """What a number of a test counts or measures, as `shown` takes it."""
    if not isinstance(what, Mapping):
        return ""
    for way in ARITHMETIC:
        if way in what:
            return _of_arithmetic(way, [_unit(part) for part in what[way]])
    if "overall" in what:
        return "score"
    if "criterion" in what or "acts" in what:
        return "act"
    if "distinct" in what:
        return DISTINCT.get(what["distinct"], "row")
    taken = next((what[way] for way in TAKEN if way in what), "")
    if not taken:
        return ROWS.get(what.get("in", ""), "row")
    return _of_column(what["in"], taken, what.get("rows", {}))


def _of_arithmetic(way: str, units: Sequence[str]) -> str:
    if way == "ratio":
        first, second = units
        return "share" if first and first == second else first if not second or first in MONEY else ""
    named = [unit for unit in units if unit]
    if way == "difference" and named == ["date", "date"]:
        return "year"
    return named[0] if named else ""


def _of_column(table: str, column: str, rows: Mapping[str, Any]) -> str:
    if column == "share_percent":
        return "percent"
    if table not in {"observations", "funding"}:
        return "date"
    if column in {"from", "to"}:
        return "date"
    key = "currency" if table == "funding" else "unit"
    if "id" in rows:
        unit = by_id(table, key)[rows["id"]][key]
    else:
        unit = next(
            row[key] for row in rows_of(evidence.table(table, "measure", key)) if row["measure"] == rows["measure"]
        )
    if unit in MONEY or unit in SYMBOLS:
        return unit
    return {"ordinal": "", "people": "person", "events-per-year": "event"}.get(unit, unit.removesuffix("s"))


def _numbers(check: Any) -> Iterable[Mapping[str, Any]]:  # noqa: ANN401 - a check is YAML
    """Every number that a check names, whole ones before their parts."""
    ((predicate, args),) = check.items()
    if predicate == "not":
        yield from _numbers(args["check"])
    elif predicate in {"all-of", "any-of"}:
        for part in args["checks"]:
            yield from _numbers(part)
    elif predicate in {"trend", "ratio"}:
        yield from (part for part in args["of"] if isinstance(part, Mapping))
    elif predicate == "share":
        yield args["part"]
    elif predicate in COMPARISONS:
        yield args
    elif predicate in {"at-least", "exists", "count"}:
        value = _valued(predicate, args)
        if isinstance(value, Mapping):
            yield value
        yield from (args[bound] for bound in BOUNDS if isinstance(args.get(bound), Mapping))


def _told_apart(numbers: Sequence[Mapping[str, Any]]) -> Callable[[Number], str]:
    """What to say behind a number: those of its traits that not all numbers of the test share."""
    traits = [_traits(number) for number in numbers]
    common = set.intersection(*(set(one.items()) for one in traits)) if traits else set()

    def own(number: Number) -> str:
        if not isinstance(number, Mapping):
            return ""
        return "".join(f" {text}" for item in _traits(number).items() if item not in common for text in item[1:])

    return own


def _traits(number: Mapping[str, Any]) -> dict[str, str]:
    """What a number is of, in words by trait; of several numbers put together those of the first."""
    for way in ARITHMETIC:
        if way in number:
            return next((_traits(part) for part in number[way] if isinstance(part, Mapping)), {})
    return {} if any(way in number for way in TAKEN) else _of_rows(number)


def _of_rows(number: Mapping[str, Any]) -> dict[str, str]:
    """Which acts or rows a number counts, in words by trait."""
    where = number.get("acts", number.get("rows", {}))
    found = {}
    if isinstance(number.get("overall"), list):
        found["overall"] = f"on {words.number(len(number['overall']))} criteria"
    if "criterion" in number:
        found["tactic"] = f"of {str(number['criterion']).replace('-', ' ')}"
    if "tactic" in where:
        found["tactic"] = f"of {_either(where['tactic'], lambda one: TACTICS.get(one, one))}"
    if "of" in number:
        found["whose"] = f"of {name(number['of'])}"
    for trait, head in (("region", "in"), ("partners", "with"), ("credited", "credited to")):
        if trait in where and not isinstance(where[trait], Mapping):
            found[trait] = f"{head} {_either(where[trait], _named)}"
    if isinstance(where.get("start"), Mapping):
        found["start"] = _years(where["start"])
    return found


def _either(value: str | Sequence[str], said: Callable[[str], str]) -> str:
    if isinstance(value, str):
        return said(value)
    if len(value) > SHOWN:
        return f"any of {words.number(len(value))}"
    *others, last = (said(one) for one in value)
    return f"{', '.join(others)} or {last}" if others else last


def _named(one: str) -> str:
    """The name of a region or of whatever has an id, by its abbreviation where it carries one."""
    text = REGIONS.get(one) or subject_name(one)
    abbreviation = text[text.rindex("(") + 1 : -1] if text.endswith(")") else ""
    # Two letters would say nothing.
    return abbreviation if len(abbreviation) > 2 else text


def _years(start: Mapping[str, str]) -> str:
    first, last = (str(start.get(key, ""))[:4] for key in ("from", "to"))
    if first == last:
        return f"in {first}" if first else ""
    return f"until {last}" if not first else f"since {first}" if not last else f"from {first} to {last}"


def _listed(figures: Figures) -> str:
    """A list of things that should all be there: how many are, and which are not."""
    keys = [
        # Sections are where a thing was looked for, not what it is.
        [part for part in key.split(", ") if not re.match(r"\d\.\d|intro$|conclusion$", part)]
        for key in figures
    ]
    common = set.intersection(*map(set, keys)) if len(keys) > 1 else set()
    missing = [
        _readable([part for part in parts if part not in common])
        for parts, value in zip(keys, figures.values(), strict=True)
        if value in {0, "not told"}
    ]
    text = f"{len(figures) - len(missing)} of {len(figures)} found"
    if missing:
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        text += f"; missing: {', '.join(missing[:SHOWN])}{more}"
    return text


def _readable(parts: Sequence[str]) -> str:
    """The name of a figure without the machine's spelling."""
    # Colons within an entry: commas stand between the entries of a list.
    text = ": ".join(part.replace(": ", " ") if ":" in part else subject_name(part) for part in parts)
    text = text.replace("-", " ").replace("_", " ")
    for compound in ("inter-agency", "narco-terror"):
        text = text.replace(compound.replace("-", " "), compound)
    for one in ORGANISATIONS:
        text = re.sub(rf"\b{one}\b", name(one), text)
    return text.removeprefix("total of ")
