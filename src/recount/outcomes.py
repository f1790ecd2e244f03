"""What a predicate found, and how it is read off arrays that have one axis a choice."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from recount.evidence import Evidence
    from recount.scores import Floats

TIE = 1e-9


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a predicate found.

    Args:
        holds: whether the base reading bears the claim out; None where the evidence cannot tell.
        everywhere: 1 where a combination bears it out, 0 where not, NaN where it cannot tell; one axis a choice.
        tied: whether the base reading fails only because somebody else is level.
        margin: how far the base reading is from turning, as a share of the value; None where there is no scale.
        slack: the same in the unit of what is compared, zero or less where the claim does not hold, NaN where it
            cannot be told; one number, or where the evidence was one of cases, one for each.
        figures: the numbers compared, by name.
        witnesses: the rows behind them.
        why_not: why the evidence cannot tell, or empty.
    """

    holds: bool | None
    everywhere: Floats
    tied: bool = False
    margin: float | None = None
    slack: Floats = field(default_factory=lambda: np.array([np.nan]))
    figures: Mapping[str, float | str] | None = None
    witnesses: tuple[str, ...] = ()
    why_not: str = ""

    @property
    def by_case(self) -> tuple[bool | None, ...]:
        """Whether the claim holds in each case, where the evidence was one of cases; see `Evidence.cases`."""
        return tuple(None if isnan(value) else bool(value) for value in self.everywhere.ravel().tolist())

    @property
    def robust(self) -> float | None:
        """The share of the combinations that bear the claim out; None where no choice bears on it."""
        if self.everywhere.size <= 1 or np.isnan(self.everywhere).all():
            return None
        return float(np.nanmean(self.everywhere))


def base_of(evidence: Evidence, values: NDArray[Any]) -> NDArray[Any]:
    """The base value of an array that has one axis a choice; of the whole evidence where it is one of cases."""
    if evidence.base_only:
        whole: NDArray[Any] = values[(0,) * len(evidence.choices)]
        return whole
    at = zip(evidence.base, values.shape, strict=False)
    chosen: NDArray[Any] = values[tuple([0 if size == 1 else i for i, size in at])]
    return chosen


def bases_of(evidence: Evidence, values: NDArray[Any]) -> NDArray[Any]:
    """The base value of an array in each case, the whole evidence first; a single one where there are no cases."""
    if not evidence.base_only:
        return base_of(evidence, values)[np.newaxis]
    at: tuple[Any, ...] = (slice(None), *(0,) * (len(evidence.choices) - 1))
    each: NDArray[Any] = values[at]
    return each


def truth(condition: Floats | np.ndarray, told: np.ndarray) -> Floats:
    """Truth as 1 and 0, NaN where not told."""
    result: Floats = np.where(told, np.asarray(condition, dtype=float), np.nan)
    return result


def plain(value: float) -> float | str:
    """A number as a figure shows it; "not told" where there is none."""
    return "not told" if np.isnan(value) else round(value, 6)
