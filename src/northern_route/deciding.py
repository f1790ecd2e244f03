"""What decides a statement, in words: the computed figures of its test as a reader wants them."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence

from northern_route.evidence import subject_name
from northern_route.naming import name
from recount import words

Figures = Mapping[str, float | str]
ORGANISATIONS = ("unodc", "bomca", "sco", "osce", "csto")
SHOWN = 4
"""How many of the missing parts of a long list are named."""


def shown(value: float | str) -> str:
    """A figure as printed: whole numbers without decimals, others with at most two, dates as months."""
    if isinstance(value, str):
        return value
    if float(value).is_integer():
        return f"{int(value)}" if 1900 <= value < 2100 else f"{int(value):,}"
    if 1900 <= value < 2100:
        # Nothing else that a test compares lies there with a fraction: a date as a part of its year.
        return f"{calendar.month_name[int(value % 1 * 12) + 1]} {int(value)}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) >= 0.01 else f"{value:.3g}"


def phrase(figures: Figures) -> str:
    """The figures of one test in words; empty where there are none."""
    if not figures:
        return ""
    parts = _parts(figures)
    if parts:
        return "; ".join(filter(None, (phrase(part) for part in parts)))
    if set(figures) - {"place"} <= set(ORGANISATIONS):
        return _compared(figures)
    if "value" in figures:
        return _bounded(figures)
    if {"among", "found"} <= set(figures):
        return f"found in {shown(figures['found'])} of {shown(figures['among'])} rows"
    if all(re.fullmatch(r"\d+", key) for key in figures):
        return ", then ".join(shown(value) for value in figures.values())
    return _listed(figures)


def _parts(figures: Figures) -> Sequence[Figures]:
    """The figures of the parts of a compound test, whose names are numbered `1. value`."""
    if not all(re.match(r"\d+\. ", key) for key in figures):
        return ()
    found: dict[str, dict[str, float | str]] = {}
    for key, value in figures.items():
        number, _, rest = key.partition(". ")
        found.setdefault(number, {})[rest] = value
    return list(found.values())


def _compared(figures: Figures) -> str:
    told = [(one, figures[one]) for one in ORGANISATIONS if one in figures]
    text = ", ".join(f"{name(one)} {'–' if value == 'not told' else shown(value)}" for one, value in told)
    return f"{text}; place {shown(figures['place'])}" if "place" in figures else text


def _bounded(figures: Figures) -> str:
    """A value with what it is held against."""
    share = {"part", "whole"} <= set(figures)

    def limit(value: float | str) -> str:
        return words.share(float(value)) if share else shown(value)

    if share:
        text = f"{shown(figures['part'])} of {shown(figures['whole'])} ({limit(figures['value'])})"
    elif {"first", "second"} <= set(figures):
        text = f"{shown(figures['first'])} to {shown(figures['second'])}, a ratio of {shown(figures['value'])}"
    else:
        text = shown(figures["value"])
    demands = [
        f"{word} {limit(figures[key])}"
        for key, word in (("above", "above"), ("below", "below"), ("least", "at least"), ("most", "at most"))
        if key in figures
    ]
    if demands:
        text += f"; to be {words.listed(demands)}"
    if "equals" in figures:
        text += f"; stated {limit(figures['equals'])}"
    return text


def _listed(figures: Figures) -> str:
    """A list of things that should all be there: how many are, and which are not."""
    missing = [_readable(key) for key, value in figures.items() if value in (0, "not told")]
    if all(isinstance(value, str) for value in figures.values()):
        return ", ".join(f"{_readable(key)}: {subject_name(str(value))}" for key, value in figures.items())
    text = f"{len(figures) - len(missing)} of {len(figures)} found"
    if missing:
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        text += f"; missing: {', '.join(missing[:SHOWN])}{more}"
    return text


def _readable(key: str) -> str:
    """The name of a figure without the machine's spelling, sections left out."""
    kept = [part for part in key.split(", ") if not re.match(r"\d\.\d|intro$|conclusion$", part)]
    # Dots within an entry: commas stand between the entries of a list.
    text = " · ".join(part if ":" in part else subject_name(part) for part in kept).replace("-", " ")
    text = text.replace("_", " ").replace(": ", " ").replace("inter agency", "inter-agency")
    for one in ORGANISATIONS:
        text = re.sub(rf"\b{one}\b", name(one), text)
    return text.removeprefix("total of ")
