"""What can be wrong, said so that a person can mend it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

Severity = Literal["critical", "warning"]


class Exit(IntEnum):
    """The exit codes of the command line, one a stage."""

    OK = 0
    BUG = 1
    DATA = 2
    CHAPTER = 3
    VERDICT = 4
    RENDER = 5


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: the rule that should hold, where, and what to do.

    Args:
        rule: kebab-case name of what should hold.
        message: what is wrong, one sentence without a full stop.
        file: path relative to the project, or empty.
        line: line in that file, counted from 1; 0 where no line applies.
        column: column or field, or empty.
        value: the offending value as written, or empty.
        fix: what to do about it.
        severity: critical stops the build; a warning is reported.
    """

    file: str
    line: int
    rule: str
    message: str
    column: str = ""
    value: str = ""
    fix: str = ""
    severity: Severity = "critical"

    def __str__(self) -> str:
        """The problem as the terminal shows it, three lines."""
        place = self.file + (f":{self.line}" if self.line else "")
        if self.column:
            place += f" ({self.column})" if place else self.column
        head = self.rule if self.severity == "critical" else f"warning: {self.rule}"
        lines = [f"{head}: {self.message}"]
        if place:
            lines.append(f"  where: {place}")
        if self.fix:
            lines.append(f"  fix:   {self.fix}")
        return "\n".join(lines)


def shown(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Problems as the page shows them."""
    return [
        {
            "rule": problem.rule,
            "message": problem.message,
            "place": problem.file
            + (f":{problem.line}" if problem.line else "")
            + (f" ({problem.column})" if problem.column else ""),
            "fix": problem.fix,
        }
        for problem in problems
    ]


class Stop(Exception):  # noqa: N818 - it is no error of ours: it is how a stage ends
    """A stage that cannot go on: its problems and its exit code."""

    def __init__(self, problems: Iterable[Problem], code: Exit, shown: Collection[Problem] = ()) -> None:
        """Keep the problems in the order of file and line, and which of them a person has seen already."""
        self.problems = tuple(sorted(problems))
        self.shown = frozenset(shown)
        self.code = code
        super().__init__(f"{len(self.problems)} problem(s)")
