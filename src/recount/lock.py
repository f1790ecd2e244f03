"""The lock: the accepted verdicts that a build is held against, as values and as text.

Comparing needs neither tables nor claims, so that a build which finds nothing to do loads none of what judging needs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from recount.marked import plain
from recount.problems import Problem

VERDICTS = ("holds", "holds-narrowly", "tied", "depends-on-choices", "fails", "not-evaluable")


@dataclass(frozen=True)
class Lock:
    """The accepted verdicts, with prints of what they rested on.

    Args:
        verdicts: the accepted verdict of each claim.
        prints: for each thing a verdict can rest on ("table:id", "claims:id", "choices:id") a short hash.
        log: the acceptances, oldest first: the reason, and what changed.
    """

    verdicts: Mapping[str, str] = field(default_factory=dict)
    prints: Mapping[str, str] = field(default_factory=dict)
    log: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Given:
    """A verdict as a build is held to it.

    Args:
        verdict: the verdict.
        rows: the rows it rests on.
        file: where the claim is declared.
        line: the line there.
    """

    verdict: str
    rows: tuple[str, ...] = ()
    file: str = ""
    line: int = 0


def as_json(verdicts: Mapping[str, Given], current: Mapping[str, str]) -> dict[str, Any]:
    """Verdicts and prints as one JSON value, which `from_json` reads back."""
    held = {
        name: {"verdict": one.verdict, "rows": list(one.rows), "file": one.file, "line": one.line}
        for name, one in sorted(verdicts.items())
    }
    return {"verdicts": held, "prints": dict(sorted(current.items()))}


def from_json(value: Mapping[str, Any]) -> tuple[dict[str, Given], dict[str, str]]:
    """Verdicts and prints as `as_json` wrote them."""
    held = {
        name: Given(one["verdict"], tuple(one["rows"]), one["file"], one["line"])
        for name, one in value["verdicts"].items()
    }
    return held, dict(value["prints"])


def compare(now: Mapping[str, Given], lock: Lock, current: Mapping[str, str], file: str = "") -> list[Problem]:
    """A problem for every verdict that differs from the accepted one, naming the rows and choices that changed.

    Args:
        now: the verdicts of now, by claim.
        lock: what was accepted.
        current: the prints of what there is now, see `prints`.
        file: the file of accepted verdicts, named where a claim is gone.
    """
    changed = {name for name in {*lock.prints, *current} if lock.prints.get(name) != current.get(name)}
    problems = []
    for name in sorted({*now, *lock.verdicts}):
        before, after = lock.verdicts.get(name), now.get(name)
        if after is None:
            message = f"{name} was {before} and is no claim any more"
        elif before is None:
            message = f"{name} was never accepted and now is {after.verdict}"
        elif before != after.verdict:
            message = (
                f"{name} was {before} and now is {after.verdict}, because of {_because(name, after, changed, current)}"
            )
        else:
            continue
        problems.append(
            Problem(
                after.file if after else file,
                after.line if after else 0,
                "verdict-accepted",
                message,
                value=after.verdict if after else "",
                fix='correct the data, or take it over with `make accept REASON="why"`',
            )
        )
    return problems


def _because(claim: str, after: Given, changed: set[str], current: Mapping[str, str]) -> str:
    """What changed that this verdict can rest on: its own rows, rules and lost rows first, then any other row."""
    from recount.words import listed  # a build whose verdicts are as accepted words nothing

    own = {*after.rows, f"claims:{claim}"}
    rules = {name for name in changed if name.partition(":")[0] in ("choices", "criteria", "thresholds")}
    gone = {name for name in changed if name not in current and not name.startswith("claims:")}
    near = sorted((changed & own) | rules | gone)
    if not near:
        near = sorted(name for name in changed if not name.startswith("claims:"))
    shown = [name if name in current else f"{name} (removed)" for name in near[:5]]
    if len(near) > 5:
        shown.append(f"{len(near) - 5} more")
    return listed(shown) if shown else "a change of the program"


def accept(verdicts: Mapping[str, Given], lock: Lock, current: Mapping[str, str], reason: str) -> Lock:
    """The lock with the verdicts of now taken over and the reason recorded.

    Raises:
        ValueError: no reason, because nobody could later tell why the conclusions moved.
    """
    if not reason.strip():
        raise ValueError("an acceptance needs a reason")
    now = {name: one.verdict for name, one in verdicts.items()}
    moved = sorted(name for name in {*lock.verdicts, *now} if lock.verdicts.get(name) != now.get(name))
    if not moved:
        return Lock(now, current, lock.log)
    entry: dict[str, Any] = {"reason": reason.strip()}
    if lock.verdicts:
        entry["changed"] = [f"{name}: {lock.verdicts.get(name, 'new')} -> {now.get(name, 'gone')}" for name in moved]
    else:
        entry["changed"] = [f"{len(moved)} verdicts accepted for the first time"]
    return Lock(dict(sorted(now.items())), current, (*lock.log, entry))


def lock_as_text(lock: Lock) -> tuple[str, str]:
    """The lock as two files: the verdicts with their log (YAML), and the prints (JSON, one a line)."""
    lines = ["# The accepted verdicts, one a claim. Written by `make accept`; a build that differs stops.", "verdicts:"]
    lines += [f"  {name}: {given}" for name, given in sorted(lock.verdicts.items())] or ["  {}"]
    log = yaml.safe_dump({"log": [dict(entry) for entry in lock.log]}, sort_keys=False, allow_unicode=True, width=120)
    return "\n".join(lines) + "\n" + log, json.dumps(dict(sorted(lock.prints.items())), indent=0) + "\n"


def lock_from_text(verdicts: str, rows: str) -> Lock:
    """The lock from the texts of its two files; an empty text is an empty file."""
    held = plain(verdicts) or {}
    return Lock(held.get("verdicts") or {}, json.loads(rows) if rows.strip() else {}, tuple(held.get("log") or ()))
