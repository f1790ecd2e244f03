"""Robustness over evidence: how few rows have to go, or to be coded otherwise, for a claim to turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from recount.methods import METHODS
from recount.predicates import run
from recount.quantities import compared
from recount.ranking import places
from recount.scores import normalise, weights_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from recount.evidence import Evidence, Quantity
    from recount.scores import Floats

TIE = 1e-9
COUNTED = frozenset({"exists", "count", "has-none", "at-least", "has-all"})
TRIES = 30_000


@dataclass(frozen=True)
class Change:
    """The smallest set of rows that turns a claim.

    Args:
        how: "removal" or "recoding" (given to somebody else).
        least: no smaller set turns it.
        most: this many do; None where no set was found.
        rows: one such set, or the largest that was tried.
    """

    how: str
    least: int
    most: int | None
    rows: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether the number is known and not only bounded."""
        return self.least == self.most


def fewest(gains: Sequence[float], needed: float) -> int | None:
    """How many of the gains, the largest first, reach what is needed; None if all together do not."""
    reached, used = 0.0, 0
    for gain in sorted(gains, reverse=True):
        if reached >= needed - TIE:
            break
        reached, used = reached + gain, used + 1
    return used if reached >= needed - TIE else None


def count_changes(found: Quantity, base: Floats, subject: int, *, last: bool) -> tuple[Change, ...]:
    """The smallest removal and recoding that turn a strict lead (or a strict last place) of counts, exactly.

    Rows add up, so the rows that weigh most are always among the best to take: no search is needed.

    Args:
        found: the counts with the rows behind them and their weights.
        base: the base counts, shape (alternatives); NaN where nothing is told.
        subject: whose lead or last place it is.
        last: whether it is a last place.
    """
    weights = found.weights or tuple((1.0,) * len(rows) for rows in found.rows)
    rivals = [k for k in range(len(base)) if k != subject and not np.isnan(base[k])]
    own = float(base[subject])
    changes = []
    for how in ("removal", "recoding"):
        options: list[tuple[int, tuple[str, ...]]] = []
        holds = all((base[k] - own if last else own - base[k]) > TIE for k in rivals)
        if not holds:
            # Everybody who is in the way has to give up rows; those of one do not help against another.
            picked = _unblock(found, weights, base, subject, rivals, last=last, recode=how == "recoding")
            changes.append(
                Change(how, len(picked), len(picked), picked) if picked is not None else Change(how, 1, None)
            )
            continue
        for rival in rivals:
            ahead, behind = (rival, subject) if last else (subject, rival)
            gap = float(base[ahead] - base[behind])
            twice = how == "recoding"
            pool = [(w * (2 if twice else 1), row) for w, row in zip(weights[ahead], found.rows[ahead], strict=True)]
            if twice:
                pool += [
                    (w, row)
                    for k in rivals
                    if k not in (ahead, behind)
                    for w, row in zip(weights[k], found.rows[k], strict=True)
                ]
            size = fewest([gain for gain, _ in pool], gap)
            if size is not None:
                chosen = [row for _, row in sorted(pool, key=lambda pair: (-pair[0], pair[1]))[:size]]
                options.append((size, tuple(sorted(chosen))))
        best = min(options, default=None)
        changes.append(Change(how, best[0], best[0], best[1]) if best else Change(how, 1, None))
    return tuple(changes)


def _unblock(  # noqa: PLR0913 - the comparison and what may be done about it
    found: Quantity,
    weights: tuple[tuple[float, ...], ...],
    base: Floats,
    subject: int,
    rivals: Sequence[int],
    *,
    last: bool,
    recode: bool,
) -> tuple[str, ...] | None:
    """Rows whose removal makes the subject strictly first (last); for recoding rows are handed over one by one."""
    values = {k: float(base[k]) for k in [subject, *rivals]}
    pools = {
        k: sorted(zip(weights[k], found.rows[k], strict=True), key=lambda pair: (-pair[0], pair[1])) for k in values
    }
    picked: list[str] = []
    while True:
        if last:
            ahead, behind = subject, min(rivals, key=lambda k: values[k])
        else:
            ahead, behind = max(rivals, key=lambda k: values[k]), subject
        if values[ahead] < values[behind] - TIE:
            return tuple(sorted(picked))
        if not pools[ahead]:
            return None
        weight, row = pools[ahead].pop(0)
        values[ahead] -= weight
        if recode:
            values[behind] += weight
        picked.append(row)


def overall_changes(
    evidence: Evidence, criteria: Sequence[str] | None, holds: Callable[[Floats], NDArray[np.bool_]]
) -> tuple[Change, ...]:
    """The smallest removal and recoding that turn a claim about total scores.

    Rows that add the same to the same cells are interchangeable, so sets are tried by kinds of rows, exhaustively
    for every size that `TRIES` allows; beyond, it is only known that no smaller set does it.

    Args:
        evidence: with the base reading.
        criteria: the criteria of the total score; all where None.
        holds: whether the claim holds, for total scores of shape (tries, alternatives).
    """
    tally = evidence.tally
    used = [j for j, criterion in enumerate(tally.criteria) if criteria is None or criterion.id in criteria]
    parts = tally.contributions()[..., used]
    chosen = [tally.criteria[j] for j in used]
    weights = weights_of(chosen)
    costs = np.array([criterion.direction == "min" for criterion in chosen])
    base = {choice.id: choice.base for choice in evidence.choices}
    told = tally.told[:, used]

    def totals(counts: Floats) -> Floats:
        shares = normalise(np.where(told, counts, np.nan), base[evidence.normalisation], costs)
        return METHODS[base[evidence.method]](shares, weights)

    start = parts.sum(axis=0)
    before = bool(holds(totals(start[np.newaxis]))[0])
    rows = [r for r in range(len(parts)) if parts[r].any()]
    changes = []
    for how in ("removal", "recoding"):
        moves: dict[bytes, tuple[Floats, list[int]]] = {}
        for r in rows:
            for effect in _effects(parts[r], recode=how == "recoding"):
                moves.setdefault(effect.tobytes(), (effect, []))[1].append(r)
        kinds = [moves[key] for key in sorted(moves)]
        changes.append(_search(how, kinds, start, lambda counts: holds(totals(counts)) != before, tally.rows))
    return tuple(changes)


def _effects(part: Floats, *, recode: bool) -> list[Floats]:
    """What removing a row takes from the counts, or what giving it to each other alternative does."""
    if not recode:
        return [-part]
    owners = np.flatnonzero(part.any(axis=1))
    if len(owners) != 1:
        return []
    effects = []
    for k in range(part.shape[0]):
        if k != owners[0]:
            moved = -part.copy()
            moved[k] += part[owners[0]]
            effects.append(moved)
    return effects


def _search(
    how: str,
    kinds: list[tuple[Floats, list[int]]],
    start: Floats,
    turned: Callable[[Floats], NDArray[np.bool_]],
    names: tuple[str, ...],
) -> Change:
    """Try sets of rows by kinds, small ones first."""
    effects = np.array([effect for effect, _ in kinds])
    size, tried = 1, 0
    while kinds:
        sets = _multisets(kinds, size, TRIES - tried)
        if sets is None:
            break
        tried += len(sets)
        for at in range(0, len(sets), 20_000):
            block = sets[at : at + 20_000]
            counts = start + effects[block].sum(axis=1)
            found = np.flatnonzero(turned(counts))
            if len(found):
                return Change(how, size, size, _rows(kinds, block[found[0]], names))
        size += 1
        if not len(sets):
            return Change(how, size, None)
    return Change(how, size, None)


def _multisets(kinds: list[tuple[Floats, list[int]]], size: int, budget: int) -> NDArray[np.int64] | None:
    """All sets of a size by kinds, no kind more often than it has rows; None if there are more than the budget."""
    total = 1.0
    for i in range(size):
        total = total * (len(kinds) + i) / (i + 1)
    if total > budget:
        return None
    room = np.array([len(rows) for _, rows in kinds])
    # In the order of the kinds, the last one growing fastest; `used` is how often the last kind stands in a set.
    sets, used = np.empty((1, 0), dtype=np.int64), np.zeros(1, dtype=np.int64)
    for at in range(size):
        last = sets[:, -1] if at else np.zeros(1, dtype=np.int64)
        branches = len(kinds) - last
        parent = np.repeat(np.arange(len(sets)), branches)
        kind = np.arange(len(parent)) - np.repeat(np.cumsum(branches) - branches, branches) + last[parent]
        again = np.where(kind == last[parent], used[parent] + 1, 1)
        fits = again <= room[kind]
        sets, used = np.hstack([sets[parent], kind[:, np.newaxis]])[fits], again[fits]
    return sets


def _rows(kinds: list[tuple[Floats, list[int]]], chosen: NDArray[np.int64], names: tuple[str, ...]) -> tuple[str, ...]:
    """The names of one set of rows of the chosen kinds, no row twice."""
    taken: list[int] = []
    for kind in chosen.tolist():
        free = [row for row in kinds[kind][1] if row not in taken]
        taken.append(free[0] if free else kinds[kind][1][0])
    return tuple(sorted(names[row] for row in taken))


def removal(evidence: Evidence, check: Mapping[str, Any], witnesses: Sequence[str]) -> Change:
    """The smallest removal that turns any check, found by taking witnesses away.

    Exact where one row is enough, and where the check only counts rows (then those that move it most are best);
    otherwise bounded: single rows are all tried, larger sets greedily.

    Args:
        evidence: the evidence; the base combination is asked for.
        check: the check.
        witnesses: the rows behind it; others cannot matter to what was found.
    """
    noted: list[tuple[str, NDArray[Any]]] = []
    evidence = evidence.untraced()
    before = run(replace(evidence, reads=noted), check)
    if before.holds is None or not witnesses or np.isnan(before.slack[0]):
        return Change("removal", 1, None)
    kinds = _interchangeable(evidence, noted, witnesses)
    alone = run(evidence.cases([kind[:1] for kind in kinds]), check)
    for kind, holds in zip(kinds, alone.by_case[1:], strict=False):
        if holds != before.holds:
            return Change("removal", 1, 1, (kind[0],))
    drops = [
        (drop, row)
        for kind, slack in zip(kinds, alone.slack[1:].tolist(), strict=False)
        if (drop := abs(float(before.slack[0])) - abs(slack)) > TIE
        for row in kind
    ]
    drops.sort(key=lambda pair: (-pair[0], pair[1]))
    ordered = [row for _, row in drops]
    held = run(evidence.cases([ordered[:size] for size in range(1, len(ordered) + 1)]), check).by_case
    size = _first_to_turn(
        [drop for drop, _ in drops],
        abs(float(before.slack[0])),
        lambda size: held[min(size, len(held) - 1)] != before.holds,
    )
    if size is None:
        return Change("removal", 2, None)
    exact = next(iter(check)) in COUNTED
    return Change("removal", size if exact else 2, size, tuple(sorted(ordered[:size])))


def _interchangeable(evidence: Evidence, noted: list[tuple[str, NDArray[Any]]], rows: Sequence[str]) -> list[list[str]]:
    """Rows grouped by what a check saw of them: taking away one of a group does what taking away another does."""
    groups: dict[tuple[str, bytes], list[str]] = {}
    for row in rows:
        table, _, name = row.partition(":")
        at = evidence.tables[table].index[name]
        seen = b"".join(lines[at].tobytes() for where, lines in noted if where == table)
        groups.setdefault((table, seen), []).append(row)
    return list(groups.values())


def _first_to_turn(drops: Sequence[float], needed: float, turned: Callable[[int], bool]) -> int | None:
    """The smallest number of drops, largest first, at which something turns; tried from where they add up to it."""
    size, reached = 0, 0.0
    while size < len(drops) and (reached < needed - TIE or size < 2):
        reached += drops[size]
        size += 1
    while size <= len(drops) and size >= 2 and not turned(size):
        size += 1
    if not 2 <= size <= len(drops):
        return None
    while size > 2 and turned(size - 1):
        size -= 1
    return size


def changes(evidence: Evidence, check: Mapping[str, Any], witnesses: Sequence[str]) -> tuple[Change, ...]:
    """The smallest removal, and for comparisons the smallest recoding, that turn a check."""
    ((name, args),) = check.items()
    if name in ("leads", "is-last") and not args.get("lead"):
        subject = evidence.alternatives.index(args["subject"])
        if "overall" in args:
            sign = 1.0 if name == "leads" else -1.0

            def strictly(totals: Floats) -> NDArray[np.bool_]:
                rivals = np.delete(totals, subject, axis=-1) * sign
                return np.asarray(totals[..., subject] * sign > rivals.max(axis=-1) + TIE)

            return overall_changes(evidence, None if args["overall"] == "all" else args["overall"], strictly)
        if "sum" not in args:
            found = compared(evidence, args)
            base = found.values.reshape(-1)
            if not np.isnan(base[subject]):
                return count_changes(found, base, subject, last=name == "is-last")
    if name == "ranks" and "overall" in args:
        subject = evidence.alternatives.index(args["subject"])
        low = args.get("from", args.get("place", 1))
        high = args.get("to", args.get("place", len(evidence.alternatives)))

        def within(totals: Floats) -> NDArray[np.bool_]:
            place = places(totals)[..., subject]
            return np.asarray((place >= low) & (place <= high))

        return overall_changes(evidence, None if args["overall"] == "all" else args["overall"], within)
    taken = removal(evidence, check, witnesses)
    if name == "has-none" and run(evidence, check).holds:
        # One row among those looked at, coded as what is said to be missing, is enough.
        return (taken, Change("recoding", 1, 1, tuple(witnesses[:1])))
    return (taken,)
