"""Words for values: lists, numbers, plurals, amounts, and wording that is bound to verdicts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import inflect


@cache
def _engine() -> inflect.engine:
    """The library that knows English plurals and number words."""
    import inflect

    return inflect.engine()


def _in_words(value: int) -> str:
    """A whole number in words."""
    return str(_engine().number_to_words(str(value)))


def listed(names: Sequence[str], link: str = "and") -> str:
    """Names as a list in running text: "A", "A and B", "A, B and C"; "none" where there are no names."""
    if not names:
        return "none"
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} {link} {names[-1]}"


def number(value: int) -> str:
    """A whole number as prose writes it: in words up to twelve, in digits above, with commas in thousands."""
    if 0 <= value <= 12:
        return _in_words(value)
    return f"{value:,}"


def ordinal(value: int) -> str:
    """A place in words up to the twelfth ("first"), in digits above ("13th").

    Raises:
        ValueError: a place below the first.
    """
    if value < 1:
        raise ValueError(f"{value} is no place")
    return str(_engine().ordinal(_in_words(value) if value <= 12 else str(value)))


def plural(noun: str, count: float) -> str:
    """A noun in the singular for one, in the plural for everything else."""
    return noun if count == 1 else str(_engine().plural_noun(noun) or f"{noun}s")


def counted(count: int, noun: str) -> str:
    """A number with its noun: "one course", "three courses", "no courses"."""
    return f"{'no' if count == 0 else number(count)} {plural(noun, count)}"


def amount(value: float, unit: str = "", decimals: int = 0) -> str:
    """A quantity in digits with its unit: "6,422 kg", "12.9%".

    Args:
        value: the quantity.
        unit: as coded; `percent` becomes a sign.
        decimals: how many decimals at most; trailing zeros are not printed.

    Raises:
        ValueError: a value that is not zero would be printed as zero.
    """
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    if rounded == 0 and value != 0:
        raise ValueError(f"{value} would be printed as 0 with {decimals} decimals")
    text = f"{rounded:,.{decimals}f}"
    if decimals:
        text = text.rstrip("0").rstrip(".")
    if unit == "percent":
        return f"{text}%"
    return f"{text} {unit}" if unit else text


def share(value: float, decimals: int = 0) -> str:
    """A share between 0 and 1 as a percentage, never rounded to all or to nothing."""
    if 0 < value < 1:
        edge = 10.0**-decimals
        if value * 100 < edge / 2:
            return f"less than {amount(edge, 'percent', decimals)}"
        if value * 100 > 100 - edge / 2:
            return f"more than {amount(100 - edge, 'percent', decimals)}"
    return amount(value * 100, "percent", decimals)


def sentence(text: str) -> str:
    """A text with a capital at the start and one full stop at the end."""
    stripped = re.sub(r"[.\s]+$", "", text.strip())
    return f"{stripped[:1].upper()}{stripped[1:]}." if stripped else ""


@dataclass(frozen=True)
class Strength:
    """The declared thresholds from which strong words may be written.

    Args:
        clearly: relative lead over the next from which "clearly" may stand.
        by_far: the same for "by far".
        settled: share of the analyses in which a statement must hold for either word.
        most: share of a whole above which "most" may stand.
    """

    clearly: float = 0.25
    by_far: float = 0.5
    settled: float = 0.9
    most: float = 0.5


def emphasis(margin: float | None, robust: float | None, strength: Strength) -> str:
    """The strongest adverb that the numbers allow before "leads": "by far", "clearly" or nothing.

    Args:
        margin: the lead over the next as a share of the leader's value; None where unknown.
        robust: the share of the analyses in which the lead holds; None where no choice bears on it.
        strength: the declared thresholds.
    """
    if margin is None or (robust is not None and robust < strength.settled):
        return ""
    if margin >= strength.by_far:
        return "by far"
    return "clearly" if margin >= strength.clearly else ""


LEADS: Mapping[str, str] = {
    "holds": "leads",
    "holds-narrowly": "leads narrowly",
    "tied": "ties with",
    "depends-on-choices": "leads only under some of the choices",
    "fails": "does not lead",
    "not-evaluable": "cannot be compared",
}
STATES: Mapping[str, str] = {
    "holds": "is borne out",
    "holds-narrowly": "is borne out narrowly",
    "tied": "ends in a tie",
    "depends-on-choices": "holds only under some of the choices",
    "fails": "is not supported",
    "not-evaluable": "cannot be tested",
}


def leads(
    verdict: str, margin: float | None = None, robust: float | None = None, strength: Strength | None = None
) -> str:
    """How a leader leads, in words that its verdict allows.

    Raises:
        KeyError: no such verdict.
    """
    adverb = emphasis(margin, robust, strength) if strength and verdict == "holds" else ""
    if adverb == "by far":
        return f"{LEADS[verdict]} by far"
    return f"{adverb} {LEADS[verdict]}".strip()


def standing(  # noqa: PLR0913 - who, in what, and what the verdict allows to add
    subject: str, what: str, verdict: str, *, adverb: str = "", level: Sequence[str] = (), ahead: Sequence[str] = ()
) -> str:
    """A clause that says who leads in what, as far as the verdict on "the subject leads" allows.

    Args:
        subject: who is said to lead.
        what: in what.
        verdict: the verdict on that statement.
        adverb: what `emphasis` allows; used only where the verdict is plain.
        level: who is level with the subject, for a tie.
        ahead: who leads instead, for a statement that fails.

    Raises:
        KeyError: no such verdict.
    """
    if verdict == "tied":
        return f"{subject} {LEADS[verdict]} {listed(level)} in {what}"
    if verdict == "not-evaluable":
        return f"{subject} {LEADS[verdict]} in {what}"
    if verdict == "depends-on-choices":
        return f"{subject} leads in {what} only under some of the choices"
    if verdict == "fails" and ahead:
        return f"{subject} does not lead in {what}; {listed(ahead)} {'does' if len(ahead) == 1 else 'do'}"
    strong = adverb if verdict == "holds" else ""
    verb = LEADS[verdict] if strong in ("", "by far") else f"{strong} {LEADS[verdict]}"
    return f"{subject} {verb}{' by far' if strong == 'by far' else ''} in {what}"


def supported(verdict: str) -> str:
    """What becomes of a statement, in words that its verdict allows."""
    return STATES[verdict]


def most(part: float, whole: float, strength: Strength | None = None) -> str:
    """The quantity word that a part of a whole allows: all, most, half of, some, none.

    Raises:
        ValueError: a part larger than its whole, or of nothing.
    """
    if whole <= 0 or not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no part")
    limit = (strength or Strength()).most
    if part in (0, whole):
        return "none" if part == 0 else "all"
    if part / whole > limit:
        return "most"
    return "half of" if part / whole == 0.5 else "some"


def only(names: Sequence[str]) -> str:
    """A list that says "only" where, and only where, it holds one name."""
    return f"only {names[0]}" if len(names) == 1 else listed(names)
