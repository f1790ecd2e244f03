"""A coded observation as text: its value with bound and unit, the way a sentence wants it."""

from __future__ import annotations

from decimal import Decimal

from recount import words

BOUNDS = {
    "exact": "",
    "at-least": "at least ",
    "more-than": "more than ",
    "at-most": "at most ",
    "less-than": "less than ",
    "about": "about ",
}
MONEY = {"usd": "US$", "eur": "€"}
SYMBOLS = {"kg": " kg", "km": " km", "km2": " km²", "percent": "%"}
SPELT = {"tonne", "years", "months", "weeks", "days", "hours"}
MILLION = Decimal(1_000_000)


def number(value: Decimal, *, in_words: bool = True) -> str:
    """A number for prose: whole numbers up to twelve in words, thousands separated, every decimal kept."""
    if value == value.to_integral_value():
        whole = int(value)
        return words.number(whole) if in_words else f"{whole:,}"
    return f"{value.normalize():,f}"


def amount(value: Decimal, unit: str, bound: str = "exact", high: Decimal | None = None) -> str:
    """A value with its bound and unit: `more than 300 kg`, `US$30.4 million`, `70–75%`, `five years`.

    Args:
        value: as printed, money in full units.
        unit: a unit of the codebook; one that counts things gives the number alone, since the sentence names them.
        bound: a bound of the codebook.
        high: the upper end of a range, in the same unit.
    """
    head = BOUNDS[bound]
    if unit in MONEY:
        shown = _money(value, MONEY[unit])
        return head + (f"{shown} to {_money(high, MONEY[unit])}" if high is not None else shown)
    if unit == "ordinal":
        return head + words.ordinal(int(value))
    symbol = unit in SYMBOLS
    shown = number(value, in_words=not symbol and high is None)
    if high is not None:
        shown += f"–{number(high, in_words=False)}"
    if symbol:
        return head + shown + SYMBOLS[unit]
    if unit in SPELT:
        return f"{head}{shown} {words.plural(unit.removesuffix('s'), float(high if high is not None else value))}"
    return head + shown


def _money(value: Decimal, sign: str) -> str:
    if value >= MILLION:
        return f"{sign}{number(value / MILLION, in_words=False)} million"
    return f"{sign}{number(value, in_words=False)}"


def sentence_case(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]
