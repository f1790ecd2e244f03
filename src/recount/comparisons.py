"""Predicates that compare alternatives: leads, is last, ranks, is the only one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recount.outcomes import TIE, Outcome, base_of, bases_of, truth
from recount.quantities import Args, compared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recount.evidence import Evidence, Quantity
    from recount.scores import Floats


def _stand(evidence: Evidence, args: Args, sign: float) -> tuple[Quantity, int, Floats, Floats, np.ndarray]:
    """The quantity, the subject's column, its values, the best rival's values, and where both are told."""
    found = compared(evidence, args)
    i = evidence.alternatives.index(args["subject"])
    own = found.values[..., i] * sign
    others = np.delete(found.values, i, axis=-1) * sign
    told = ~np.isnan(own) & (~np.isnan(others)).any(axis=-1)
    rival = np.where(np.isnan(others), -np.inf, others).max(axis=-1)
    return found, i, own, rival, told


def _figures(evidence: Evidence, found: Quantity) -> dict[str, float | str]:
    """The base value of every alternative; "not told" where there is none."""
    base = base_of(evidence, found.values)
    return {
        name: "not told" if np.isnan(value) else round(float(value), 6)
        for name, value in zip(evidence.alternatives, base, strict=True)
    }


def _untold(figures: Mapping[str, float | str], subject: str) -> str:
    return f"nothing is told of {subject}" if figures.get(subject) == "not told" else "nobody to compare with"


def _first(evidence: Evidence, args: Args, sign: float) -> Outcome:
    """Whether the subject stands strictly before everybody of whom something is told."""
    found, _, own, rival, told = _stand(evidence, args, sign)
    figures = _figures(evidence, found)
    least = float(args.get("lead", 0.0))
    ahead = own - rival
    scale = np.maximum(np.abs(own), np.abs(rival))
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(scale > 0, ahead / scale, 0.0)
    wins = (ahead > TIE) & (relative >= least - TIE)
    if not base_of(evidence, told):
        return Outcome(None, truth(wins, told), figures=figures, why_not=_untold(figures, args["subject"]))
    slack = bases_of(evidence, ahead)
    margin = float(base_of(evidence, relative))
    if least:
        enough = bases_of(evidence, relative) >= least - TIE
        slack = bases_of(evidence, ahead - least * scale) + np.where(enough, TIE * 2, 0.0)
    return Outcome(
        holds=bool(base_of(evidence, wins)),
        everywhere=truth(wins, told),
        tied=abs(float(base_of(evidence, ahead))) <= TIE,
        margin=abs(margin - least) if least else abs(margin),
        slack=truth(slack, bases_of(evidence, told)),
        figures=figures,
        witnesses=found.base_rows,
    )


def leads(evidence: Evidence, args: Args) -> Outcome:
    """The subject has strictly more than everybody else; `lead` asks for a lead of that share of its value."""
    return _first(evidence, args, 1.0)


def is_last(evidence: Evidence, args: Args) -> Outcome:
    """The subject has strictly less than everybody else of whom something is told."""
    return _first(evidence, args, -1.0)


def ranks(evidence: Evidence, args: Args) -> Outcome:
    """The subject's place, counted from 1 with ties sharing the better one, is `place` or lies in `from`..`to`."""
    found = compared(evidence, args)
    i = evidence.alternatives.index(args["subject"])
    own = found.values[..., i]
    others = np.delete(found.values, i, axis=-1)
    place = 1 + (others > own[..., np.newaxis] + TIE).sum(axis=-1)
    low = args.get("from", args.get("place", 1))
    high = args.get("to", args.get("place", len(evidence.alternatives)))
    fits = (place >= low) & (place <= high)
    told = ~np.isnan(own)
    figures = _figures(evidence, found)
    if not base_of(evidence, told):
        return Outcome(None, truth(fits, told), figures=figures, why_not=_untold(figures, args["subject"]))
    at = int(base_of(evidence, place))
    level = bool((np.abs(base_of(evidence, others) - base_of(evidence, own)) <= TIE).any())
    values = base_of(evidence, found.values)
    gaps = np.abs(np.delete(values, i) - values[i])
    near = float(np.nanmin(gaps)) if (~np.isnan(gaps)).any() else None
    scale = float(np.nanmax(np.abs(values)))
    holds = low <= at <= high
    each = bases_of(evidence, place)
    inside, outside = np.minimum(each - low, high - each) + 1, -np.maximum(low - each, each - high)
    return Outcome(
        holds=holds,
        everywhere=truth(fits, told),
        tied=level and not holds,
        margin=near / scale if near is not None and scale > 0 else None,
        slack=truth(np.where(bases_of(evidence, fits), inside, outside), bases_of(evidence, told)),
        figures={**figures, "place": at},
        witnesses=found.base_rows,
    )


def is_only(evidence: Evidence, args: Args) -> Outcome:
    """The subject has at least one and nobody else has any."""
    found = compared(evidence, args)
    i = evidence.alternatives.index(args["subject"])
    own, others = found.values[..., i], np.delete(found.values, i, axis=-1)
    rest = np.nansum(others, axis=-1)
    alone = (own > TIE) & (rest <= TIE)
    told = ~np.isnan(own)
    figures = _figures(evidence, found)
    if not base_of(evidence, told):
        return Outcome(None, truth(alone, told), figures=figures, why_not=_untold(figures, args["subject"]))
    return Outcome(
        holds=bool(base_of(evidence, alone)),
        everywhere=truth(alone, told),
        slack=np.where(bases_of(evidence, alone), bases_of(evidence, own), -bases_of(evidence, rest)),
        figures=figures,
        witnesses=found.base_rows,
    )
