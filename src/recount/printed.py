"""Numbers as a text prints them: digits or words, thousands, millions, currencies, percentages, ranges, ordinals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
]
WORDS = {word: number for number, word in enumerate(_UNITS)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
ORDINALS = {word: number for number, word in enumerate(_ORDINALS, 1)}
SCALES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
LOOSE = {
    **dict.fromkeys(("a", "an", "single", "once", "only"), 1.0),
    **dict.fromkeys(("both", "pair", "couple", "twice", "double", "bilateral"), 2.0),
    **dict.fromkeys(("trilateral", "triple", "tripled"), 3.0),
    **dict.fromkeys(("no", "none", "nobody", "nothing", "never", "without", "not", "nor"), 0.0),
    **dict.fromkeys(("dozen", "dozens"), 12.0),
    **dict.fromkeys(("hundred", "hundreds"), 100.0),
    **dict.fromkeys(("thousand", "thousands"), 1000.0),
    "decade": 10.0,
    "century": 100.0,
}
FRACTIONS = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}
_SUFFIXES = {"m": 1e6, "mn": 1e6, "bn": 1e9, "k": 1e3, "million": 1e6, "billion": 1e9, "thousand": 1e3, "hundred": 1e2}
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}

_DIGITS = re.compile(
    r"(?<![\w.,])(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<decimals>\.\d+)?"
    r"(?:(?P<ordinal>st|nd|rd|th)\b)?(?:\s?-?\s?(?P<scale>million|billion|thousand|hundred|mn|bn|m|k)\b)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]+")
_ROMAN_NUMBER = re.compile(r"\b[IVXL]+\b")
# "$73 and $54 million": the first number is in millions, too.
_SHARED_SCALE = re.compile(
    r"\s?(?:and|or|to|-|,)\s?[$€£]?[\d.,]+\s?-?\s?(?P<scale>million|billion|thousand|hundred|mn|bn|m|k)\b",
    re.IGNORECASE,
)
# "Article four", "Phase 9": a place in an order without the ending of an ordinal.
_NAMES_PLACE = re.compile(
    r"\b(?:article|chapter|class|level|number|part|phase|round|stage|step|volume)s?\b", re.IGNORECASE
)
_BEFORE, _AFTER = 14, 26

MARKS = {
    "percent": re.compile(r"%|per ?cent", re.IGNORECASE),
    "usd": re.compile(r"\$|usd|dollar", re.IGNORECASE),
    "eur": re.compile(r"€|\beur|euro", re.IGNORECASE),
    "kg": re.compile(r"kg|kilo", re.IGNORECASE),
    "tonne": re.compile(r"\bton", re.IGNORECASE),
    "km": re.compile(r"km|kilomet", re.IGNORECASE),
}
"""What must stand near a number for it to be in that unit; other units are told by nouns and not looked for."""


@dataclass(frozen=True)
class Printed:
    """A number as printed: what it may mean, whether it counts a place in an order, and the text around it."""

    value: float
    ordinal: bool
    around: str


def plain(text: str) -> str:
    """TEXT with one kind of blank, hyphen and apostrophe, so that the same words are equal."""
    text = text.replace("\\", "").replace("\N{NO-BREAK SPACE}", " ").replace("\N{SOFT HYPHEN}", "")
    text = re.sub("[\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}`\N{ACUTE ACCENT}]", "'", text)
    text = re.sub("[\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}]", '"', text)
    text = re.sub("[\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}\N{EM DASH}]", "-", text)
    return re.sub(r"\s+", " ", text)


def numbers(text: str) -> Iterator[Printed]:
    """Every number printed in TEXT, which must be plain; one that can be read in two ways is given in both."""
    for match in _DIGITS.finditer(text):
        value = float(match["digits"].replace(",", "") + (match["decimals"] or ""))
        around = text[max(0, match.start() - _BEFORE) : match.end() + _AFTER]
        yield Printed(value, bool(match["ordinal"]), around)
        scale = match["scale"] or (shared["scale"] if (shared := _SHARED_SCALE.match(text, match.end())) else "")
        if scale:
            yield Printed(value * _SUFFIXES[scale.lower()], ordinal=False, around=around)
    yield from _in_words(text)
    for match in _ROMAN_NUMBER.finditer(text):
        yield Printed(_roman(match.group()), ordinal=True, around="")


def _in_words(text: str) -> Iterator[Printed]:
    found = list(_WORD.finditer(text))
    words = [match.group().lower() for match in found]
    at = 0
    while at < len(words):
        end, value, ordinal = _number_from(words, found, text, at)
        around = text[max(0, found[at].start() - _BEFORE) : found[max(at, end - 1)].end() + _AFTER]
        if end > at:
            yield Printed(value, ordinal, around)
            following = words[end] if end < len(words) else ""
            for name, fraction in FRACTIONS.items():
                if following in {name, name + "s"}:
                    yield from _fraction(value * fraction, around)
        word = words[at]
        if word in LOOSE:
            yield Printed(LOOSE[word], ordinal=False, around=around)
        if word in FRACTIONS:
            yield from _fraction(FRACTIONS[word], around)
        at = max(end, at + 1)


def _fraction(value: float, around: str) -> Iterator[Printed]:
    """A fraction as itself and as a percentage."""
    yield Printed(value, ordinal=False, around=around)
    yield Printed(round(100 * value, 1), ordinal=False, around=around + " %")
    yield Printed(float(round(100 * value)), ordinal=False, around=around + " %")


def _number_from(words: list[str], found: list[re.Match[str]], text: str, at: int) -> tuple[int, float, bool]:
    """The number in words that begins at word AT: the word after it, its value, whether it is an ordinal."""
    total, current, index = 0.0, 0.0, at
    while index < len(words):
        word = words[index]
        between = text[found[index - 1].end() : found[index].start()] if index > at else " "
        if between.strip(" -"):
            break
        if word in WORDS:
            if current % 10 and WORDS[word] < 100 and current % 100:
                break  # "two three": two numbers, not one
            current += WORDS[word]
        elif word in SCALES and index > at:
            current *= SCALES[word]
            if SCALES[word] >= 1000:
                total, current = total + current, 0.0
        elif word in ORDINALS:
            return index + 1, total + current + ORDINALS[word], True
        elif not (
            word == "and"
            and index > at
            and words[index - 1] in SCALES
            and words[min(index + 1, len(words) - 1)] in WORDS
        ):
            break
        index += 1
    return index, total + current, False


def _roman(text: str) -> float:
    values = [_ROMAN[letter] for letter in text]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return float(sum(value if value >= following else -value for value, following in pairs))


def prints(found: list[Printed], value: float, unit: str) -> bool:
    """Whether one of the numbers FOUND is VALUE in UNIT."""
    mark = MARKS.get(unit)
    for printed in found:
        if abs(printed.value - value) > 1e-9 * max(1.0, abs(value)):
            continue
        if unit == "ordinal" and not (printed.ordinal or _NAMES_PLACE.search(printed.around)):
            continue
        # "None of it": a nought is told without its unit.
        if mark is None or not value or mark.search(printed.around):
            return True
    return False
