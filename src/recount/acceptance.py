"""The accepted verdicts on disk: held against the computed ones, taken over, and printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recount import results
from recount.lock import VERDICTS, Lock, accept, compare, from_json, lock_as_text, lock_from_text
from recount.problems import Exit, Problem, Stop

if TYPE_CHECKING:
    from pathlib import Path

VERDICTS_FILE = "data/verdicts.yml"
PRINTS_FILE = "data/verdicts.lock.json"


def lock(root: Path) -> Lock:
    """The accepted verdicts of a project; empty before the first acceptance."""
    texts = [path.read_text(encoding="utf-8") if path.is_file() else "" for path in _paths(root)]
    return lock_from_text(*texts)


def _paths(root: Path) -> tuple[Path, Path]:
    return root / VERDICTS_FILE, root / PRINTS_FILE


def problems(root: Path) -> list[Problem]:
    """Where the computed verdicts differ from the accepted ones; none where a project has no claims."""
    if not (results.folder() / "verdicts.json").is_file():
        return []
    now, current = from_json(results.read("verdicts"))
    return compare(now, lock(root), current, VERDICTS_FILE)


def take_over(root: Path, reason: str) -> int:
    """Accept the computed verdicts for a reason; returns how many changed.

    Raises:
        Stop: there is no reason, since the log could then not say why conclusions moved.
    """
    if not reason.strip():
        fix = 'say why: make accept REASON="activity X recoded as completed"'
        raise Stop([Problem("", 0, "acceptance-has-a-reason", "no reason is given", fix=fix)], Exit.DATA)
    changed = len(problems(root))
    now, current = from_json(results.read("verdicts"))
    for path, text in zip(_paths(root), lock_as_text(accept(now, lock(root), current, reason)), strict=True):
        path.write_text(text, encoding="utf-8")
    return changed


def printed() -> str:
    """The verdicts as a table for the terminal, one claim a line, and how many there are of each."""
    claims = results.read("claims")
    width = max((len(name) for name in claims), default=0)
    lines = []
    for name, claim in sorted(claims.items()):
        share = claim["share_of_combinations"]
        robust = "     " if share is None else f"{share:5.0%}"
        lines.append(f"{name:<{width}}  {claim['verdict']:<18} {robust}  {claim['says']}")
    counts = [sum(claim["verdict"] == verdict for claim in claims.values()) for verdict in VERDICTS]
    lines += ["", *(f"{count:5} {verdict}" for verdict, count in zip(VERDICTS, counts, strict=True))]
    return "\n".join(lines)
