"""Figures of evidence rows show exactly the rows that they are given."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # the package has no types

from figure_rows import (
    ACTIVITIES,
    ACTIVITY,
    CONTEXT,
    FUNDING,
    NAMES,
    OBSERVATIONS,
    OBSTACLES,
    PLACES,
    act,
    data_with,
    drawn,
    table,
)
from northern_route.figures import (
    cooperation,
    difficulties,
    funding,
    gaps,
    infrastructure,
    matrix,
    operations,
    timeframe,
    timeline,
)
from northern_route.figures.training import training
from recount.drawing import font_folder


def test_the_matrix_counts_each_act_once() -> None:
    """The cells of the picture and of the table hold the same counts, and a tooltip names the rows."""
    figure = matrix.organisation_by_tactic(ACTIVITIES)
    cells = {(row["organisation"], row["tactic"]): row for row in data_with(figure, "count")}
    assert sum(cell["count"] for cell in cells.values()) == len(ACTIVITIES)
    assert cells["CSTO", "Operations"]["count"] == 2
    assert cells["CSTO", "Operations"]["rows"] == "csto-drill, csto-sweep"
    for line in figure.table.rows:
        assert [int(cell) for cell in line[1:-1]] == [
            cells[line[0], head.head]["count"] for head in figure.table.columns[1:-1]
        ]


def test_an_act_under_way_touches_every_later_period() -> None:
    """What has begun and has no end still goes on."""
    figure = gaps.gaps(ACTIVITIES[ACTIVITIES["id"] == "unodc-centre"])
    assert [row[3] for row in figure.table.rows] == ["2005–09", "2010–14", "2015–20"]


def test_an_act_without_a_date_has_a_period_of_its_own() -> None:
    """An undated act is evidence of a place, not of a time."""
    figure = gaps.gaps(ACTIVITIES[ACTIVITIES["id"] == "unodc-office"])
    assert figure.table.rows == (("UNODC", "Infrastructure", "Gorno-badakhshan", "undated", "1"),)
    assert "UNODC in Khatlon" in figure.description
    assert "UNODC in Gorno-Badakhshan" not in figure.description


def test_the_gap_map_draws_its_cells_and_nothing_else() -> None:
    """Each line of the table is one filled cell of the picture."""
    figure = gaps.gaps(ACTIVITIES)
    cells = data_with(figure, "period", "count", "x")
    assert sorted((c["organisation"], c["tactic"], c["period"], str(c["count"])) for c in cells) == sorted(
        (row[0], row[1], row[3], row[4]) for row in figure.table.rows
    )
    assert len({(c["x"], c["y"]) for c in cells}) == len(cells)


def test_dates_are_as_long_as_they_are_exact() -> None:
    """A year lasts a year, a month a month; what is under way lasts until the thesis was handed in."""
    year = timeline.span({"start": "2015", "end": "", "status": "completed"})
    month = timeline.span({"start": "2015-12", "end": "", "status": "completed"})
    going_on = timeline.span({"start": "2009", "end": "", "status": "ongoing"})
    assert year == (2015, 2016)
    assert month == (pytest.approx(2015 + 11 / 12), 2016)
    assert going_on == (2009, 2020.5)
    assert timeline.span({"start": "", "end": "", "status": "ongoing"}) is None


def test_bars_of_the_timeline_never_cover_each_other() -> None:
    """Two acts on one line do not overlap."""
    crowd = table(ACTIVITY, *(act(f"unodc-{i}", "training", start=f"20{10 + i % 5}") for i in range(20)))
    bars = data_with(timeline.all_activities(crowd, CONTEXT), "begin", "end", "y", "state")
    assert len(bars) == 20
    for line in {bar["y"] for bar in bars}:
        row = sorted((bar["begin"], bar["end"]) for bar in bars if bar["y"] == line)
        assert all(before[1] <= after[0] for before, after in pairwise(row))


def test_an_undated_act_is_counted_but_not_drawn() -> None:
    """The lane says how many acts have no date."""
    figure = timeline.all_activities(ACTIVITIES, CONTEXT)
    assert "unodc-office" not in str(data_with(figure, "begin", "state"))
    assert "1 undated" in drawn(figure)
    assert "activities:unodc-office" in figure.origins


def test_events_outside_the_years_shown_are_left_out() -> None:
    """A lease that ends in 2042 lies beyond the axis."""
    figure = timeline.all_activities(ACTIVITIES, CONTEXT)
    assert [row[2] for row in figure.table.rows if row[1] == "Background"] == ["Unrest", "A coup fails"]
    assert "Coup attempt" in drawn(figure)


def test_a_timeline_of_one_organisation_shows_its_own_background() -> None:
    """The events of its chapter and the major ones, numbered and named below the picture."""
    lines = drawn(timeline.of_organisation(ACTIVITIES, CONTEXT, "csto"))
    assert "2012-07: Unrest" in lines
    elsewhere = drawn(timeline.of_organisation(ACTIVITIES, CONTEXT, "unodc"))
    assert "Unrest" not in elsewhere
    assert "Csto" not in elsewhere


def test_a_share_that_is_not_told_is_said_to_be_untold() -> None:
    """A donor without a share is listed, with no bar; a bound stays a bound."""
    figure = funding.shares(FUNDING, NAMES)
    assert [row[3] for row in figure.table.rows] == ["22.2%", "less than 1%, US$2.1 million", "share not told"]
    assert {row["share"] for row in data_with(figure, "donor", "share")} == {22.2, 1.0, 0}
    assert "22.2%" in figure.alt


def test_operations_and_exercises_stand_apart_from_training() -> None:
    """An exercise is no course, and stated numbers are shown one by one."""
    figure = training(ACTIVITIES, OBSERVATIONS)
    table_rows = {row[0]: row[1:] for row in figure.table.rows}
    assert table_rows["UNODC"] == ("1", "0", "0", "0", "0", "10", "26")
    assert table_rows["CSTO"] == ("0", "0", "0", "0", "2", "–", "–")
    assert "none stated" in drawn(figure)


def test_an_act_counts_for_each_of_its_partners() -> None:
    """Two partners of one act are two cells; partners named once share a line in the picture, never in the table."""
    figure = cooperation.cooperation(ACTIVITIES, NAMES)
    assert figure.table.rows == (
        ("Russia", "1", "", "", "", "1", "2"),
        ("Regional Centre of Many Words (CARICC)", "1", "", "", "", "", "1"),
    )
    assert "1 other, one act each" in drawn(figure)
    assert [row["kind"] for row in data_with(figure, "kind", "count")] == ["Information, between states"]


def test_equipment_without_a_value_is_hollow() -> None:
    """A value that is not told is no value of nought."""
    figure = infrastructure.equipment(ACTIVITIES[ACTIVITIES["tactic"] == "equipment"], OBSERVATIONS, NAMES)
    assert [(row[0], row[3]) for row in figure.table.rows] == [("BOMCA", "€48,000"), ("CSTO", "value not told")]
    assert "observations:o4" in figure.origins


def test_infrastructure_stands_under_every_region_that_is_named() -> None:
    """Planned buildings are marked as planned; a region without one is said to have none."""
    figure = infrastructure.by_place(ACTIVITIES[ACTIVITIES["tactic"] == "infrastructure"], PLACES)
    assert [(row[0], row[1], row[5]) for row in figure.table.rows] == [
        ("Gorno-Badakhshan", "Khorog", "begun"),
        ("Khatlon", "", "planned"),
    ]
    assert "Nothing is told of Sughd" in figure.description


def test_an_operation_without_numbers_has_no_point() -> None:
    """Nothing stated is not nothing seized; tonnes are drawn as kilogrammes; agencies stand below."""
    figure = operations.outcomes(ACTIVITIES[ACTIVITIES["tactic"] == "operation"], OBSERVATIONS, NAMES)
    points = {(row["name"], row["kg"]) for row in data_with(figure, "kg")}
    assert points == {("Csto sweep", 300.0), ("Agency", 2000.0)}
    stated = {row[1]: row[3] for row in figure.table.rows}
    assert stated["Csto sweep"] == "more than 300 kg of opiates; 7 arrests"
    assert stated["Csto drill"] == "no seizure or arrest stated"


def test_stances_are_counted_and_only_of_the_five() -> None:
    """One mark for each stance told, with the number of rows; a donor's stance belongs elsewhere."""
    figure = difficulties.difficulties(OBSTACLES)
    marks = {(row["organisation"], row["stance"], row["count"]) for row in data_with(figure, "stance", "count")}
    assert marks == {("UNODC", "ignores it", 1), ("UNODC", "is held back by it", 2), ("CSTO", "acts on it", 1)}
    assert "obstacles:b5" not in figure.origins
    assert "nobody acts on" in figure.alt


def test_a_planned_act_does_not_pass_for_a_begun_one() -> None:
    """A plan is drawn as a plan."""
    rows = data_with(timeline.all_activities(ACTIVITIES, CONTEXT), "begin", "state")
    states = {row["row"]: row["state"] for row in rows}
    assert states["activities:csto-guns"] == "planned"
    assert states["activities:unodc-centre"] == "under way, no end told"
    assert states["activities:csto-drill"] == "has an end"


def test_no_name_of_an_act_is_wider_than_the_timeline_takes_it_to_be() -> None:
    """Or one that is not measured could run over the edge."""
    font = TTFont(font_folder() / "SourceSansPro-Regular.ttf")
    glyphs, widths, unit = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
    with (Path(__file__).parent.parent / "data/activities.csv").open(encoding="utf-8") as table:
        names = [row["name"] for row in csv.DictReader(table)]
    assert names
    for name in names:
        wide = sum(widths[glyphs[ord(letter)]][0] for letter in name) / unit * timeframe.LABEL
        assert wide <= len(name) * timeframe.WIDEST, name
