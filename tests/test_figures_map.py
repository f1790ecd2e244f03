"""The map shows Tajikistan, and the acts where they are told."""

from __future__ import annotations

import json

from figure_rows import ACTIVITIES, OUTLINE, PLACES, data_with, drawn
from northern_route.figures import geodata
from northern_route.figures import map as maps


def inside(ring: geodata.Line, longitude: float, latitude: float) -> bool:
    """Whether a point lies inside a closed line: a ray to the east crosses it an odd number of times."""
    crossed = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > latitude) != (y2 > latitude) and longitude < (x2 - x1) * (latitude - y1) / (y2 - y1) + x1:
            crossed = not crossed
    return crossed


def test_the_border_is_that_of_tajikistan() -> None:
    """Dushanbe, Khujand and Murghab lie inside, Kabul, Osh and Termez outside."""
    border = geodata.tajikistan().rings[0]
    assert all(inside(border, *place) for place in [(68.78, 38.56), (69.63, 40.28), (73.97, 38.17)])
    assert not any(inside(border, *place) for place in [(69.17, 34.53), (72.8, 40.53), (67.28, 37.22)])


def test_the_panj_runs_and_does_not_return() -> None:
    """The package closes rivers like borders; a river ends where it ends."""
    rivers = [line for name, line in geodata.tajikistan().rivers if name == "Panj"]
    assert rivers
    assert all(line[0] != line[-1] for line in rivers)


def test_the_map_counts_the_acts_of_each_region() -> None:
    """Gorno-Badakhshan has the acts told of it, by organisation, in the picture and in the table."""
    figure = maps.tajikistan(ACTIVITIES, PLACES, OUTLINE)
    assert figure.table.rows[0] == ("Gorno-Badakhshan", "1", "0", "0", "0", "1", "2")
    assert "UNODC 1, CSTO 1" in drawn(figure)
    assert "two acts of 8 are told of Gorno-Badakhshan, by UNODC and CSTO" in figure.alt


def test_only_places_that_are_points_are_drawn_as_points() -> None:
    """A region known by its middle is no place on the map."""
    figure = maps.tajikistan(ACTIVITIES, PLACES, OUTLINE)
    marks = data_with(figure, "place", "rows")
    assert [(mark["place"], mark["rows"]) for mark in marks] == [
        ("Khorog", ["activities:unodc-office"]),
        ("Khujand", ["activities:unodc-course"]),
    ]


def test_the_real_outline_leaves_room_for_the_data() -> None:
    """The border and rivers take less than half of what a specification may weigh."""
    figure = maps.tajikistan(ACTIVITIES, PLACES, geodata.tajikistan())
    assert len(json.dumps(figure.spec)) < 45_000
    assert "Natural Earth" in drawn(figure)
