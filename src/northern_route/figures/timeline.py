"""Activities in time, with what happened in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from northern_route.figures import theme
from northern_route.figures.timeframe import FIRST, GUTTER, INNER, LAST, LETTER, STATES, frame, named_frame
from recount import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from recount.values import Figure

# The thesis was handed in at the end of June 2020: what is under way is under way until then.
TODAY = 2020.5
STEP, ROW = 8, 15

# The background events that the figure of all organisations names; the others are dots with a tooltip.
MAJOR = {
    "tajik-independence-and-civil-war": "Independence and civil war",
    "context-sco-founded": "SCO founded",
    "war-in-afghanistan-begins": "War in Afghanistan",
    "context-csto-organisation": "CSTO founded",
    "russian-border-troops-leave": "Russian border troops leave",
    "gorno-badakhshan-operation-2012": "Operation in Gorno-Badakhshan",
    "nato-russia-breakdown": "NATO and Russia break",
    "tajik-coup-attempt": "Coup attempt",
    "afghan-poppy-harvest-record-2017": "Record poppy harvest",
    "us-taliban-agreement": "US and Taliban agree",
}


def year(date: str, *, end: bool = False) -> float:
    """An ISO date as a decimal year: its beginning, or with `end` the end of the day, month or year it names."""
    parts = [int(part) for part in date.split("-")]
    whole = float(parts[0])
    if len(parts) == 1:
        return whole + 1.0 * end
    if len(parts) == 2:
        return whole + (parts[1] - 1 + end) / 12
    return whole + (parts[1] - 1 + (parts[2] - 1 + end) / 31) / 12


def span(row: Mapping[str, str]) -> tuple[float, float] | None:
    """From when to when an act lasts, in decimal years; None where the thesis gives no date."""
    if not row["start"] and not row["end"]:
        return None
    begin = year(row["start"] or row["end"])
    if row["end"]:
        return begin, max(year(row["end"], end=True), begin)
    if row["status"] == "ongoing":
        return begin, max(TODAY, begin)
    return begin, year(row["start"], end=True)


def all_activities(activities: pd.DataFrame, context: pd.DataFrame) -> Figure:
    """The dated acts of all five organisations in one lane each, above the events in the background.

    Args:
        activities: the rows of `activities.csv` to show; those without a date are counted, not drawn.
        context: the rows of `context.csv`.
    """
    rows = [row for row in theme.rows_of(activities) if row["organisation"] in theme.NAMES]
    dated = [(row, period) for row in rows if (period := span(row)) is not None]
    marks: list[theme.Record] = []
    lanes: list[theme.Record] = []
    y = 0.0
    for key, name in theme.NAMES.items():
        own = sorted(
            (item for item in dated if item[0]["organisation"] == key), key=lambda item: (item[1], item[0]["id"])
        )
        depths = _packed([period for _, period in own])
        height = (max(depths, default=0) + 1) * STEP
        marks += [
            _mark(row, period, y + depth * STEP + STEP / 2) for (row, period), depth in zip(own, depths, strict=True)
        ]
        undated = sum(row["organisation"] == key for row in rows) - len(own)
        lanes.append({"y": y + height / 2, "top": y - 4, "label": [name, *([f"{undated} undated"] if undated else [])]})
        y += max(height, 26) + 8
    events = _events(context)
    dots = _stacked(events, y + 6)
    height = max([y + 20, *(dot["y"] + 8 for dot in dots)])
    lanes.append({"y": y + 10, "top": y - 4, "label": ["Background"]})
    heads = _heads(events)
    top = (max((head["level"] for head in heads), default=-1) + 1) * 13
    for record in [*marks, *lanes, *dots]:
        record["y"] = round(record["y"] + top, 1)
    for lane in lanes:
        lane["top"] = round(lane["top"] + top, 1)
    chart = frame(marks, lanes, heads, dots, height + top)
    by_name = {name: sum(row["organisation"] == key for row, _ in dated) for key, name in theme.NAMES.items()}
    recent = sum(period[1] >= 2015 for _, period in dated)
    return theme.figure(
        chart,
        "timeline",
        alt_text=(
            f"Timeline of {len(dated)} dated acts from {FIRST} to {LAST} in a lane for each organisation, with"
            f" {len(events)} background events; {recent} acts end in 2015 or later."
        ),
        description=(
            "Dated acts: "
            + words.listed([f"{count} of {name}" for name, count in by_name.items()])
            + f"; {len(rows) - len(dated)} acts have no date and are not drawn. Background events: "
            + "; ".join(f"{event['when']}: {event['name'].rstrip('.')}" for event in events)
            + "."
        ),
        table=_table(dated, events),
        behind=[f"activities:{row['id']}" for row in rows] + [str(event["row"]) for event in events],
    )


def of_organisation(activities: pd.DataFrame, context: pd.DataFrame, organisation: str) -> Figure:
    """The dated acts of one organisation, each with its name, grouped by tactic, with numbered background events.

    Args:
        activities: the rows of `activities.csv` to show; those of other organisations are left out.
        context: the rows of `context.csv`; shown are those told in the organisation's own chapter, and the major ones.
        organisation: its id.
    """
    # Chapter 1 is about the literature; the organisations follow in their order.
    chapter = f"{list(theme.NAMES).index(organisation) + 2}."
    nearby = context["section"].map(lambda cell: any(part.startswith(chapter) for part in theme.several(cell)))
    context = context[nearby | context["id"].isin(list(MAJOR))]
    rows = [row for row in theme.rows_of(activities) if row["organisation"] == organisation]
    dated = [(row, period) for row in rows if (period := span(row)) is not None]
    tactics = list(theme.TACTICS)
    dated = sorted(
        (item for item in dated if item[0]["tactic"] in tactics),
        key=lambda item: (tactics.index(item[0]["tactic"]), item[1], item[0]["id"]),
    )
    events = _events(context)
    for number, event in enumerate(events, start=1):
        event["number"] = str(number)
    levels = _levels([float(event["at"]) for event in events], room=0.7)
    marks: list[theme.Record] = []
    lanes: list[theme.Record] = []
    y = 13.0 * (max(levels) + 1) + 5 if events else 0.0
    for tactic in tactics:
        own = [item for item in dated if item[0]["tactic"] == tactic]
        if own:
            lanes.append({"y": y + ROW / 2, "top": y - 3, "label": [theme.TACTICS[tactic]]})
        for row, period in own:
            # The names of a tactic's further acts may begin below its own name.
            beside = len(theme.TACTICS[tactic]) * LETTER if row is own[0][0] else 0
            marks.append(_mark(row, period, y + ROW / 2) | {"label": row["name"], "gutter": GUTTER - 6 - beside})
            y += ROW
        y += 6 if own else 0
    for event, level in zip(events, levels, strict=True):
        event["y"] = 13 * level
        # At the very edge half of the number would be cut.
        event["said"] = max(float(event["at"]), FIRST + 0.4)
    key = [
        {"y": y + 26 + 13 * i, "label": f"{event['number']}  {event['when']}: {event['name']}"}
        for i, event in enumerate(events)
    ]
    chart = named_frame(marks, lanes, events, key, y)
    name = theme.NAMES[organisation]
    first = min((period[0] for _, period in dated), default=None)
    return theme.figure(
        chart,
        f"timeline-{organisation}",
        alt_text=(
            f"Timeline of {len(dated)} dated acts of {name} by tactic"
            + (f", the first from {int(first)}" if first is not None else "")
            + f", with {words.counted(len(events), 'background event')}."
        ),
        description=(
            f"{len(rows) - len(dated)} further acts have no date. "
            + " ".join(f"{theme.when(row).capitalize()}: {row['name']} ({row['tactic']})." for row, _ in dated)
        ),
        table=_table(dated, events),
        behind=[f"activities:{row['id']}" for row in rows] + [str(event["row"]) for event in events],
    )


def _levels(points: Sequence[float], room: float) -> list[int]:
    """For points sorted by time, the first line in which each is at least ROOM years from the one before."""
    last: list[float] = []
    levels = []
    for at in points:
        free = next((i for i, before in enumerate(last) if at >= before + room), len(last))
        last[free : free + 1] = [at]
        levels.append(free)
    return levels


def _packed(periods: Sequence[tuple[float, float]]) -> list[int]:
    """For periods sorted by start, the first line in which each is free of those before it."""
    ends: list[float] = []
    depths = []
    for begin, end in periods:
        free = next((i for i, last in enumerate(ends) if begin >= last + 0.12), len(ends))
        if free == len(ends):
            ends.append(end)
        ends[free] = max(end, begin + 0.3)
        depths.append(free)
    return depths


def _mark(row: Mapping[str, str], period: tuple[float, float], y: float) -> theme.Record:
    begin, end = period
    return theme.evidence(row) | {
        # A single day or month would be thinner than a hair; it is drawn a quarter of a year wide.
        "begin": round(begin, 2),
        "end": round(max(end, begin + 0.25), 2),
        "y": round(y, 1),
        "tactic": theme.TACTICS.get(row["tactic"], row["tactic"]),
        "state": _state(row),
    }


def _state(row: Mapping[str, str]) -> str:
    """Which of the `STATES` an act is in."""
    ended, going_on, planned = STATES
    if row["status"] == "planned":
        return planned
    return going_on if row["status"] == "ongoing" and not row["end"] else ended


def _events(context: pd.DataFrame) -> list[theme.Record]:
    """The background events within the years shown, by date."""
    found = []
    for row in sorted(theme.rows_of(context), key=lambda row: (row["date"], row["id"])):
        at = year(row["date"])
        if not int(FIRST) - 1 <= at < LAST + 1:
            continue
        decade = row["precision"] == "decade"
        found.append(
            {
                "id": row["id"],
                "name": row["event"],
                "organisation": "Background",
                "when": f"{row['date'][:4]}s" if decade else row["date"],
                "row": f"context:{row['id']}",
                "section": row["section"].replace(";", ", "),
                "source": row["source"].replace(";", ", ") or theme.UNTOLD,
                "begin": round(max(at, FIRST), 2),
                "end": round(at + 10 if decade else year(row["date"], end=True), 2),
                # A decade is marked where it begins; anywhere else would date what is not dated.
                "at": round(max(at, FIRST) if decade else (at + year(row["date"], end=True)) / 2, 2),
            }
        )
    return found


def _stacked(events: Sequence[theme.Record], y: float) -> list[theme.Record]:
    """The events as dots, those of one year below each other."""
    count: dict[int, int] = {}
    dots = []
    for event in events:
        column = int(event["at"])
        dots.append({key: value for key, value in event.items() if key not in {"id", "begin", "end"}})
        dots[-1] |= {"at": column + 0.5, "y": y + 9 * count.get(column, 0)}
        count[column] = count.get(column, 0) + 1
    return dots


def _heads(events: Sequence[theme.Record]) -> list[theme.Record]:
    """The major events as labels in as few lines as keep them apart; those near the right edge end at their line."""
    scale = INNER / (LAST + 1 - FIRST)
    ends: list[float] = []
    heads = []
    for event in sorted((event for event in events if event["id"] in MAJOR), key=lambda event: float(event["at"])):
        label = MAJOR[event["id"]]
        at, wide = (float(event["at"]) - FIRST) * scale, len(label) * LETTER
        right = at + wide > INNER
        left = at - wide if right else at
        level = next((i for i, end in enumerate(ends) if left > end + 8), len(ends))
        if level == len(ends):
            ends.append(0.0)
        ends[level] = left + wide
        heads.append({"at": event["at"], "level": level, "y": level * 13 + 5, "label": label, "right": right})
    return heads


def _table(dated: Sequence[tuple[Mapping[str, str], tuple[float, float]]], events: Sequence[theme.Record]) -> Any:  # noqa: ANN401
    acts = [
        (period[0], row["id"], [theme.when(row), theme.name_of(row["organisation"]), row["name"], row["section"]])
        for row, period in dated
    ]
    background = [
        (float(event["begin"]), str(event["row"]), [event["when"], "Background", event["name"], event["section"]])
        for event in events
    ]
    return theme.text_table(
        ["When", "Who", "What", "Section"],
        [[str(cell).replace(";", ", ") for cell in line] for _, _, line in sorted(acts + background)],
        note="Acts without a date are left out.",
    )
