"""From the evidence tables to an organisation-by-criterion table, under every combination of choices."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from recount.methods import METHODS
from recount.multiverse import Choice, Factor, Tally
from recount.problems import Problem
from recount.scores import NORMALISATIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recount.declared import Entry
    from recount.scores import Criterion

# Strategies, budgets and mandates are context for acts, never acts (codebook, section 2).
CONTEXT = "framework"
BILATERAL = "bilateral"
CONCLUSION = "conclusion-only"
BEGUN = ("ongoing", "completed")

# The choices that counting and scoring ask for, and the options they know; another one would count for nothing.
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "operations": ("count", "apart"),
    "unit": ("rows", "events", "participants"),
    "planned": ("leave-out", "count"),
    "conclusion-only": ("leave-out", "count"),
    "bilateral": ("leave-out", "credit"),
    "joint": ("leader", "all"),
    "secondary": ("first", "also"),
    "years": ("all", "ending-from-2015", "starting-from-2015"),
    "study-visits": ("as-coded", "practical"),
    "untold-mode": ("half-each", "leave-out", "theoretical"),
    "normalisation": NORMALISATIONS,
    "method": tuple(METHODS),
}

Tables = Mapping[str, pd.DataFrame]


def choice_problems(entries: Sequence[Entry]) -> list[Problem]:
    """What keeps declared choices from being computed: one that is missing, unknown, or has an unknown option."""
    file = entries[0].file if entries else "data/choices.yml"
    declared = {str(entry.get("id")): entry for entry in entries}
    problems = [
        Problem(
            file,
            0,
            "choice-is-declared",
            f"there is no choice {name}, which counting or scoring asks for",
            value=name,
            fix=f"declare it, with options among {', '.join(options)}",
        )
        for name, options in OPTIONS.items()
        if name not in declared
    ]
    for name, entry in declared.items():
        known = OPTIONS.get(name)
        if known is None:
            problems.append(
                entry.problem(
                    "choice-is-known",
                    f"nothing is counted by a choice {name}",
                    column="id",
                    fix=f"one of {', '.join(OPTIONS)}",
                )
            )
            continue
        for option in entry.get("options", ()):
            if option["id"] not in known:
                message = f"{name} has no option {option['id']}"
                fix = f"one of {', '.join(known)}"
                problems.append(entry.problem("option-is-known", message, column="options", fix=fix))
            elif name == "years" and option["id"] != "all" and not option.get("from"):
                message = f"{option['id']} does not say from which year"
                problems.append(entry.problem("span-has-a-start", message, column="options", fix="add from"))
    return problems


def parts(cell: str) -> tuple[str, ...]:
    """The several values of a cell."""
    return tuple(value for value in cell.split(";") if value)


def records(table: pd.DataFrame) -> list[dict[str, str]]:
    """The rows of a table of text, each as its cells by column."""
    names = [str(name) for name in table.columns]
    # As itertuples goes, cell by cell over the columns, costs three times as much.
    return [dict(zip(names, map(str, line), strict=True)) for line in table.to_numpy(dtype=object).tolist()]


def acts(activities: pd.DataFrame) -> pd.DataFrame:
    """The rows that can count under some combination, sorted by id.

    A row counts if it is marked counted, if it is a bilateral act that the thesis credits to an organisation, or if it
    is left out only because no chapter tells of it.
    """
    credited = (activities["reason"] == BILATERAL) & (activities["credited"] != "")
    concluded = activities["reason"] == CONCLUSION
    candidate = ((activities["counted"] == "yes") | credited | concluded) & (activities["tactic"] != CONTEXT)
    return activities[candidate].sort_values("id").reset_index(drop=True)


def organisations_in_order(organisations: pd.DataFrame) -> tuple[str, ...]:
    """The organisations in the order of their chapters."""
    return tuple(organisations.sort_values(["chapter", "id"])["id"])


def build(tables: Tables, criteria: Sequence[Criterion], choices: Sequence[Choice]) -> Tally:
    """The tally of all acts: which count for which organisation and criterion, whatever is chosen.

    Args:
        tables: the evidence tables `organisations`, `activities` and `observations`.
        criteria: each with `counts` naming a tactic and, for training, a mode.
        choices: those of `data/choices.yml`; only those that bear on counting enter.
    """
    activities = tables["activities"]
    rows = acts(activities)
    organisations = organisations_in_order(tables["organisations"])
    counting = tuple(choice for choice in choices if choice.bears_on == "counting")
    by_id = {choice.id: choice for choice in counting}
    return Tally(
        rows=tuple(f"activities:{name}" for name in rows["id"]),
        alternatives=organisations,
        criteria=tuple(criteria),
        choices=counting,
        factors=(
            _when(rows, by_id["planned"], by_id["years"]),
            _where_told(rows, by_id["conclusion-only"]),
            _whose(rows, organisations, by_id["bilateral"], by_id["joint"]),
            _what(rows, criteria, [by_id[name] for name in ("operations", "secondary", "study-visits", "untold-mode")]),
            _how_much(rows, activities, tables["observations"], criteria, by_id["unit"]),
        ),
        told=told(activities, organisations, criteria),
    )


def told(activities: pd.DataFrame, organisations: Sequence[str], criteria: Sequence[Criterion]) -> NDArray[np.bool_]:
    """Whether the thesis says anything of an organisation's tactic, shape (organisations, criteria).

    It does if any row of the organisation, counted or not, begun or planned, speaks of it, or if a nought is declared.
    Operations speak of training. A chapter that tells of training tells of both its kinds.
    """
    spoken: defaultdict[str, set[str]] = defaultdict(set)
    for row in records(activities):
        tactics = {row["tactic"], *parts(row["also"])}
        for name in {row["organisation"], *parts(row["credited"])}:
            spoken[name] |= tactics | ({"training"} if "operation" in tactics else set())
    return np.array(
        [
            [criterion.counts["tactic"] in spoken[name] or name in criterion.noughts for criterion in criteria]
            for name in organisations
        ],
        dtype=bool,
    )


def _when(rows: pd.DataFrame, planned: Choice, years: Choice) -> Factor:
    """Whether a row has begun, and whether it falls into the years; shape (planned, years, rows, 1, 1)."""
    begun = rows["status"].isin(BEGUN).to_numpy()
    plan = (rows["status"] == "planned").to_numpy()
    by_plan = {"leave-out": begun, "count": begun | plan}
    weights = np.zeros((len(planned.options), len(years.options), len(rows), 1, 1))
    for a, option in enumerate(planned.options):
        for b, span in enumerate(years.options):
            inside = _within(rows, span, str(years.settings[span].get("from", "")))
            weights[a, b, :, 0, 0] = by_plan[option] & inside
    return Factor((planned.id, years.id), weights)


def _where_told(rows: pd.DataFrame, choice: Choice) -> Factor:
    """Whether a row that only the conclusion names counts; shape (options, rows, 1, 1)."""
    weights = np.ones((len(choice.options), len(rows), 1, 1))
    weights[choice.options.index("leave-out"), (rows["reason"] == CONCLUSION).to_numpy()] = 0.0
    return Factor((choice.id,), weights)


def _within(rows: pd.DataFrame, span: str, first: str) -> NDArray[np.bool_]:
    """Whether rows fall into a span; one without a date only where it is under way or no date is asked for."""
    if span == "all":
        return np.ones(len(rows), dtype=bool)
    begins = ((rows["start"] != "") & (rows["start"] >= first)).to_numpy()
    if span == "starting-from-2015":
        return np.asarray(begins)
    ends = ((rows["end"] != "") & (rows["end"] >= first)).to_numpy()
    return np.asarray(begins | ends | (rows["status"] == "ongoing").to_numpy())


def _whose(rows: pd.DataFrame, organisations: Sequence[str], bilateral: Choice, joint: Choice) -> Factor:
    """Whose act a row is; shape (bilateral, joint, rows, organisations, 1)."""
    weights = np.zeros((len(bilateral.options), len(joint.options), len(rows), len(organisations), 1))
    for r, row in enumerate(records(rows)):
        on_its_own = row["reason"] == BILATERAL and row["counted"] != "yes"
        for a, option in enumerate(bilateral.options):
            for b, credit in enumerate(joint.options):
                if on_its_own:
                    names = set(parts(row["credited"])) if option == "credit" else set()
                else:
                    names = {row["organisation"]}
                    if credit == "all":
                        names |= set(parts(row["partners"]))
                for i, name in enumerate(organisations):
                    weights[a, b, r, i, 0] = name in names
    return Factor((bilateral.id, joint.id), weights)


def _what(rows: pd.DataFrame, criteria: Sequence[Criterion], choices: Sequence[Choice]) -> Factor:
    """What a row counts for; shape (operations, secondary, study visits, untold mode, rows, 1, criteria)."""
    operations, secondary, visits, untold = choices
    shape = tuple(len(choice.options) for choice in choices)
    weights = np.zeros((*shape, len(rows), 1, len(criteria)))
    for r, row in enumerate(records(rows)):
        for index in np.ndindex(*shape):
            a, b, c, d = index
            tactics = {row["tactic"]} | (set(parts(row["also"])) if secondary.options[b] == "also" else set())
            if operations.options[a] == "count" and "operation" in tactics:
                tactics.add("training")
            mode = row["mode"]
            if visits.options[c] == "practical" and row["form"] == "study-visit":
                mode = "practical"
            for j, criterion in enumerate(criteria):
                if criterion.counts["tactic"] in tactics:
                    weights[(*index, r, 0, j)] = _share_of_mode(mode, criterion.counts.get("mode"), untold.options[d])
    return Factor(tuple(choice.id for choice in choices), weights)


def _share_of_mode(mode: str, wanted: str | None, untold: str) -> float:
    """How much of a training act is of the wanted kind; acts that are no training are not asked for one."""
    if wanted is None or mode in (wanted, "both"):
        return 1.0
    if mode in ("", "unstated"):
        return {"half-each": 0.5, "leave-out": 0.0, "theoretical": float(wanted == "theoretical")}[untold]
    return 0.0


def _how_much(
    rows: pd.DataFrame,
    activities: pd.DataFrame,
    observations: pd.DataFrame,
    criteria: Sequence[Criterion],
    unit: Choice,
) -> Factor:
    """How much a row weighs; shape (unit, rows, 1, criteria).

    A series states more events than are coded singly; its row stands for the rest, so the members that are counted
    themselves are taken off, and at least one is left. People are counted for training only; acts whose number of
    participants is not told have no known weight.
    """
    weights = np.ones((len(unit.options), len(rows), 1, len(criteria)))
    known = np.ones(weights.shape, dtype=bool)
    members = Counter(activities.loc[activities["counted"] == "yes", "part_of"])
    trained = np.array([criterion.counts["tactic"] == "training" for criterion in criteria])
    for u, option in enumerate(unit.options):
        if option == "rows":
            continue
        stated = _stated(observations, activities, unit.settings[option])
        for r, name in enumerate(rows["id"]):
            if option == "events":
                weights[u, r] = max(1.0, stated.get(name, 1.0) - members.get(name, 0))
            elif name in stated:
                weights[u, r, 0, trained] = stated[name]
            else:
                weights[u, r, 0, trained] = 0.0
                known[u, r, 0, trained] = False
    return Factor((unit.id,), weights, known)


def _stated(observations: pd.DataFrame, activities: pd.DataFrame, option: Mapping[str, object]) -> dict[str, float]:
    """The largest number stated of each act, for the measures that an option names.

    A number in a sequence ("the 25th course") says how many there have been, so it is one of the series that the act
    is part of.
    """
    measures, ordinals = (_names(option.get(name)) for name in ("measures", "ordinals"))
    series = {row["id"]: row["part_of"] for row in records(activities) if row["part_of"]}
    found: dict[str, float] = {}
    for row in records(observations):
        subject = row["subject"]
        if row["measure"] in ordinals and subject in series:
            subject = series[subject]
        elif row["measure"] not in measures:
            continue
        found[subject] = max(found.get(subject, 0.0), float(row["value"]))
    return found


def _names(declared: object) -> set[str]:
    """The names in a declared list; none where it is not declared."""
    return {str(name) for name in declared} if isinstance(declared, list) else set()
