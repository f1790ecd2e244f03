"""The predicates a claim can name: small pure functions from evidence and arguments to an outcome.

A predicate is chosen by name and gets data as arguments; nothing is ever evaluated as text. Quantities are either
one number an alternative (`acts`, `criterion`, `overall`, or a table counted `by` a column) or a single number.
Comparisons are made under every combination of choices at once; `slack` says by how much the base reading holds
(more than zero) or fails (zero or less), in the unit of what is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from recount.comparisons import is_last, is_only, leads, ranks
from recount.evidence import Quantity
from recount.outcomes import TIE, Outcome, base_of, bases_of, plain, truth
from recount.quantities import ARITHMETIC, TAKEN, Args, is_number, number

if TYPE_CHECKING:
    from recount.evidence import Evidence
    from recount.scores import Floats


def has_all(evidence: Evidence, args: Args) -> Outcome:
    """Every one of the things listed under `each` is there at least once; one that is told to be missing decides."""
    parts = [number(evidence, _with(args, part)) for part in args["each"]]
    everywhere = _presence(parts[0])
    for part in parts[1:]:
        everywhere = _and(everywhere, _presence(part))
    figures: dict[str, float | str] = {}
    for part, found in zip(args["each"], parts, strict=True):
        figures[_free(_label(part), figures)] = plain(float(base_of(evidence, found.values[..., 0])))
    base = float(base_of(evidence, everywhere))
    least: Floats = bases_of(evidence, parts[0].values[..., 0])
    for part in parts[1:]:
        least = np.fmin(least, bases_of(evidence, part.values[..., 0]))
    return Outcome(
        holds=None if np.isnan(base) else base > 0,
        everywhere=everywhere,
        slack=truth(least, ~np.isnan(bases_of(evidence, everywhere))),
        figures=figures,
        witnesses=tuple(sorted({row for part in parts for row in part.base_rows})),
        why_not="nothing is told of one of them" if np.isnan(base) else "",
    )


def _presence(found: Quantity) -> Floats:
    """Where a number is more than zero, NaN where it is not told."""
    value = found.values[..., 0]
    return truth(value > TIE, ~np.isnan(value))


def _free(label: str, taken: Mapping[str, object]) -> str:
    """A label that does not stand for another figure already."""
    if label not in taken:
        return label
    return next(name for i in range(2, len(taken) + 3) if (name := f"{label} ({i})") not in taken)


def _with(args: Args, part: Args) -> Args:
    """A filter of `each` as a quantity: of the subject's acts, or of the rows of a table."""
    if is_number(part):
        return part
    if "in" in args:
        return {"rows": part, "in": args["in"]}
    return {"acts": part, "of": args["subject"]} if "subject" in args else {"acts": part}


def _label(part: Args) -> str:
    """A part of `each` in a few words, as the name of a figure."""
    for way in ARITHMETIC:
        if way in part:
            return f"{way} of {' and '.join(_label(one) for one in part[way] if isinstance(one, Mapping))}"
    whose = f"{part['of']}: " if "of" in part else ""
    if "criterion" in part:
        return f"{whose}{part['criterion']}"
    inner = part.get("acts", part.get("rows", part))
    return whose + (", ".join(_term(value) for value in inner.values()) or "acts")


def _term(value: Any) -> str:  # noqa: ANN401 - a filter is YAML
    if isinstance(value, list):
        return " or ".join(_term(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_term(one)}" for name, one in value.items())
    return str(value)


def has_none(evidence: Evidence, args: Args) -> Outcome:
    """Nothing fits the filter, although something fits `among`; without that, silence would prove it."""
    found = number(evidence, _only(args))
    value = found.values[..., 0]
    told = ~np.isnan(value)
    witnesses = found.base_rows
    figures: dict[str, float | str] = {"found": plain(float(base_of(evidence, value)))}
    if "among" in args:
        universe = number(evidence, args["among"])
        told = told & (universe.values[..., 0] > TIE)
        witnesses = tuple(sorted({*witnesses, *universe.base_rows}))
        figures["among"] = plain(float(base_of(evidence, universe.values[..., 0])))
    base = float(base_of(evidence, value))
    known = bool(base_of(evidence, told)) or base > TIE
    told = told | (value > TIE)
    return Outcome(
        holds=bool(base <= TIE) if known else None,
        everywhere=truth(value <= TIE, told),
        slack=_none_left(bases_of(evidence, value)),
        figures=figures,
        witnesses=witnesses,
        why_not="" if known else "nothing is told that could speak for or against it",
    )


def _none_left(found: Floats) -> Floats:
    """How far a number is from nothing: one row is enough to turn a none, and all have to go for there to be one."""
    result: Floats = np.where(found <= TIE, 1.0, -found)
    return result


def _only(args: Args) -> Args:
    """The arguments that make up the quantity of a predicate."""
    names = ("acts", "rows", "in", "of", "criterion", "overall", "by", *TAKEN, *ARITHMETIC)
    return {name: args[name] for name in names if name in args}


def exists(evidence: Evidence, args: Args) -> Outcome:
    """At least one row fits the filter."""
    return at_least(evidence, {**args, "least": 1})


def count(evidence: Evidence, args: Args) -> Outcome:
    """The number of rows is exactly `equals`."""
    return _near(evidence, args, number(evidence, _only(args)), number(evidence, args["equals"]), 0.0)


def at_least(evidence: Evidence, args: Args) -> Outcome:
    """The number is `least` or more, or more than `above`, or at most `most`, or less than `below`."""
    found = number(evidence, _only(args) if "value-of" not in args else args["value-of"])
    return _bounded(evidence, found, args)


def _bounded(evidence: Evidence, found: Quantity, args: Args) -> Outcome:
    """Whether a number keeps the bounds that the arguments set."""
    value = found.values[..., 0]
    fits: Any = np.ones_like(value, dtype=bool)
    told = ~np.isnan(value)
    slacks: list[Floats] = []
    dated = found.dated
    figures: dict[str, float | str] = {"value": plain(float(base_of(evidence, value)))}
    witnesses = set(found.base_rows)
    for bound, (sign, strict) in BOUNDS.items():
        if bound not in args:
            continue
        limit = number(evidence, args[bound])
        witnesses |= set(limit.base_rows)
        dated = dated or limit.dated
        distance = sign * (value - limit.values[..., 0])
        told = told & ~np.isnan(distance)
        fits = fits & (distance > TIE if strict else distance >= -TIE)
        base = bases_of(evidence, distance)
        slacks.append(base if strict else base + _whole(base if evidence.base_only else distance))
        figures[bound] = plain(float(base_of(evidence, limit.values[..., 0])))
    known = bool(base_of(evidence, told))
    if not known:
        return Outcome(None, truth(fits, told), figures=figures, why_not="a number is not told")
    slack = slacks[0]
    for other in slacks[1:]:
        slack = np.minimum(slack, other)
    scale = max([abs(entry) for entry in figures.values() if isinstance(entry, float | int)] + [TIE])
    holds = bool(base_of(evidence, fits))
    return Outcome(
        holds=holds,
        everywhere=truth(fits, told),
        # A year later or earlier is no small part of two thousand years.
        margin=None if dated else min(abs(float(slack[0])) / scale, 1.0),
        slack=np.where(bases_of(evidence, fits), np.maximum(slack, TIE * 2), np.minimum(slack, 0.0)),
        figures=figures,
        witnesses=tuple(sorted(witnesses)),
    )


def _whole(values: Floats) -> Floats:
    """One where values are whole numbers, so that "at least one" has a slack of one when there is one.

    In each case by itself; of all combinations together.
    """
    whole = np.isnan(values) | (values == np.round(values))
    each: Floats = (whole if values.ndim == 1 else whole.all()[np.newaxis]).astype(float)
    return each


BOUNDS: Mapping[str, tuple[float, bool]] = {
    "least": (1.0, False),
    "above": (1.0, True),
    "most": (-1.0, False),
    "below": (-1.0, True),
}


def share(evidence: Evidence, args: Args) -> Outcome:
    """The part `part` of the whole `whole` keeps the bounds (`least`, `above`, `most`, `below`), 0 to 1."""
    part, whole = number(evidence, args["part"]), number(evidence, args["whole"])
    return _with_parts(evidence, _bounded(evidence, _divide(part, whole), args), {"part": part, "whole": whole})


def _divide(part: Quantity, whole: Quantity) -> Quantity:
    with np.errstate(divide="ignore", invalid="ignore"):
        values = part.values / whole.values
    rows = tuple(sorted({*part.base_rows, *whole.base_rows}))
    return Quantity(np.where(np.isfinite(values), values, np.nan), (rows,))


def _with_parts(evidence: Evidence, outcome: Outcome, parts: Mapping[str, Quantity]) -> Outcome:
    """An outcome that also shows the numbers its own was made of."""
    shown = {name: plain(float(base_of(evidence, part.values[..., 0]))) for name, part in parts.items()}
    return replace(outcome, figures={**shown, **(outcome.figures or {})})


def total(evidence: Evidence, args: Args) -> Outcome:
    """The sum of the numbers under `of` is `equals`, give or take `tolerance`."""
    found = number(evidence, {"total": args["of"]})
    return _near(evidence, args, found, number(evidence, args["equals"]), float(args.get("tolerance", 0.0)))


def ratio(evidence: Evidence, args: Args) -> Outcome:
    """The first number under `of` over the second is `equals`, give or take `tolerance`, or keeps the bounds."""
    first, second = (number(evidence, part) for part in args["of"])
    found = _divide(first, second)
    if "equals" in args:
        equals = number(evidence, args["equals"])
        outcome = _near(evidence, args, found, equals, float(args.get("tolerance", 0.0)))
    else:
        outcome = _bounded(evidence, found, args)
    return _with_parts(evidence, outcome, {"first": first, "second": second})


def _near(evidence: Evidence, args: Args, found: Quantity, wanted: Quantity, tolerance: float) -> Outcome:
    """Whether a number is another one, give or take a tolerance."""
    del args
    value, target = found.values[..., 0], wanted.values[..., 0]
    off = np.abs(value - target)
    told = ~np.isnan(off)
    figures = {"value": plain(float(base_of(evidence, value))), "equals": plain(float(base_of(evidence, target)))}
    witnesses = tuple(sorted({*found.base_rows, *wanted.base_rows}))
    if not base_of(evidence, told):
        return Outcome(None, truth(off <= tolerance, told), figures=figures, why_not="a number is not told")
    bases = bases_of(evidence, off)
    return Outcome(
        holds=bool(base_of(evidence, off) <= tolerance + TIE),
        everywhere=truth(off <= tolerance + TIE, told),
        slack=tolerance - bases + np.where(bases <= tolerance + TIE, TIE * 2, 0.0),
        figures=figures,
        witnesses=witnesses,
    )


def interval(evidence: Evidence, args: Args) -> Outcome:
    """The number under `value` lies from `low` to `high`, both included."""
    return _bounded(evidence, number(evidence, args["value"]), {"least": args["low"], "most": args["high"]})


def trend(evidence: Evidence, args: Args) -> Outcome:
    """The numbers under `of`, in that order, only rise or only fall, as `direction` says."""
    parts = [number(evidence, part) for part in args["of"]]
    sign = {"rising": 1.0, "falling": -1.0}[args["direction"]]
    steps = [sign * (b.values[..., 0] - a.values[..., 0]) for a, b in pairwise(parts)]
    least = steps[0]
    for step in steps[1:]:
        least = np.minimum(least, step)
    told = ~np.isnan(least)
    figures = {str(i): plain(float(base_of(evidence, part.values[..., 0]))) for i, part in enumerate(parts, start=1)}
    known = bool(base_of(evidence, told))
    return Outcome(
        holds=bool(base_of(evidence, least) > TIE) if known else None,
        everywhere=truth(least > TIE, told),
        tied=known and abs(float(base_of(evidence, least))) <= TIE,
        slack=bases_of(evidence, least),
        figures=figures,
        witnesses=tuple(sorted({row for part in parts for row in part.base_rows})),
        why_not="" if known else "a number is not told",
    )


def classification(evidence: Evidence, args: Args) -> Outcome:
    """The cell `column` of the row `id` holds `is` (one value, or any of a list)."""
    table = evidence.tables[args["in"]]
    mask = evidence.rows(args["in"], {"id": args["id"]})
    names = evidence.names(args["in"], mask)
    there = np.asarray(mask.any(axis=-1))
    cell = table.columns[args["column"]][table.index[args["id"]]] if there.flat[0] else ""
    wanted = args["is"] if isinstance(args["is"], list) else [args["is"]]
    holds = bool(set(cell.split(";")) & {str(value) for value in wanted}) if cell else None
    value = np.nan if holds is None else float(holds)
    return Outcome(
        holds=holds,
        everywhere=evidence.flat(truth(np.full_like(there, value, dtype=float), there), own=0),
        slack=truth(np.full_like(np.atleast_1d(there), 2.0 * value - 1.0, dtype=float), np.atleast_1d(there)),
        figures={args["column"]: cell or "not told"},
        witnesses=names,
        why_not="" if cell else f"{args['column']} is not told",
    )


def all_of(evidence: Evidence, args: Args) -> Outcome:
    """Every check under `checks` holds; one that fails decides, even where another cannot be told."""
    outcomes = [run(evidence, check) for check in args["checks"]]
    everywhere = outcomes[0].everywhere
    for outcome in outcomes[1:]:
        everywhere = _and(everywhere, outcome.everywhere)
    states = [outcome.holds for outcome in outcomes]
    holds = False if False in states else None if None in states else True
    failing = [outcome for outcome in outcomes if outcome.holds is False]
    return Outcome(
        holds=holds,
        everywhere=everywhere,
        # A conjunction ends in a tie only if nothing worse than a tie stands in its way.
        tied=bool(failing) and all(outcome.tied for outcome in failing),
        margin=None if holds is None else _least([outcome.margin for outcome in (failing or outcomes)]),
        slack=_slack_of_all(evidence, outcomes),
        figures={
            f"{i}. {name}": value
            for i, outcome in enumerate(outcomes, start=1)
            for name, value in (outcome.figures or {}).items()
        },
        witnesses=tuple(sorted({row for outcome in outcomes for row in outcome.witnesses})),
        why_not="" if holds is not None else "; ".join(o.why_not for o in outcomes if o.why_not),
    )


def _slack_of_all(evidence: Evidence, outcomes: Sequence[Outcome]) -> Floats:
    """The least slack of what fails, or of everything where nothing does."""
    fails = np.stack(np.broadcast_arrays(*(bases_of(evidence, outcome.everywhere) == 0 for outcome in outcomes)))
    slacks = np.stack(np.broadcast_arrays(*(outcome.slack for outcome in outcomes)))
    result: Floats = np.fmin.reduce(np.where(~fails & fails.any(axis=0), np.nan, slacks))
    return result


def any_of(evidence: Evidence, args: Args) -> Outcome:
    """At least one check under `checks` holds."""
    return not_so(evidence, {"check": {"all-of": {"checks": [{"not": {"check": check}} for check in args["checks"]]}}})


def not_so(evidence: Evidence, args: Args) -> Outcome:
    """The check under `check` does not hold."""
    outcome = run(evidence, args["check"])
    return replace(
        outcome,
        holds=None if outcome.holds is None else not outcome.holds,
        everywhere=1.0 - outcome.everywhere,
        tied=False,
        slack=-outcome.slack,
    )


def _and(first: Floats, second: Floats) -> Floats:
    """Both hold: 0 where either fails, NaN where neither fails and one is not told."""
    fails = (first == 0) | (second == 0)
    result: Floats = np.where(fails, 0.0, first * second)
    return result


def _least(values: list[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return min(there) if there else None


Predicate = Callable[["Evidence", Args], Outcome]
PREDICATES: Mapping[str, Predicate] = {
    "leads": leads,
    "is-last": is_last,
    "ranks": ranks,
    "is-only": is_only,
    "has-all": has_all,
    "has-none": has_none,
    "exists": exists,
    "count": count,
    "at-least": at_least,
    "share": share,
    "sum": total,
    "ratio": ratio,
    "interval": interval,
    "trend": trend,
    "classification": classification,
    "all-of": all_of,
    "any-of": any_of,
    "not": not_so,
}


def run(evidence: Evidence, check: Mapping[str, Args]) -> Outcome:
    """The outcome of a check: one predicate's name with its arguments."""
    ((name, args),) = check.items()
    return PREDICATES[name](evidence, args)
