"""What holds for every figure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from figure_rows import ACTIVITIES, drawn, every_figure
from northern_route.compared import ORGANISATIONS
from northern_route.figures import gaps, matrix, theme

HERE = Path(__file__).parent
SOURCES = HERE.parent / "src"
SCRIPT = """
import json
from figure_rows import every_figure
figures = every_figure()
print(json.dumps({name: [dict(f.spec), f.alt, f.description, f.table.rows] for name, f in figures.items()}))
"""

# Made after a few others, so that a counter shared by all charts of a process would show.
matrix.organisation_by_tactic(ACTIVITIES)
gaps.gaps(ACTIVITIES)
FIGURES = every_figure()


def nodes(value: object) -> Any:  # noqa: ANN401 - JSON of any shape
    """Every object inside a specification."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_two_processes_give_the_same_figures() -> None:
    """A specification does not depend on the hash seed or on which figures were made before."""
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": f"{SOURCES}{os.pathsep}{HERE}"}
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, env=environment)
    here = {name: [dict(f.spec), f.alt, f.description, f.table.rows] for name, f in FIGURES.items()}
    assert json.loads(run.stdout) == json.loads(json.dumps(here))
    assert run.stdout.strip() == json.dumps(here)


def test_the_order_of_the_rows_does_not_show() -> None:
    """A table in another order gives the same figure."""
    again = matrix.organisation_by_tactic(ACTIVITIES.iloc[::-1])
    assert again == matrix.organisation_by_tactic(ACTIVITIES)


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_a_page_can_restyle_a_figure_through_its_config(name: str) -> None:
    """No text mark fixes a colour, so ink follows the page; the ground is transparent; there is one font."""
    spec = FIGURES[name].spec
    assert spec["config"] == theme.config("light")
    assert spec["background"] == "transparent"
    for node in nodes(spec):
        mark = node.get("mark")
        if isinstance(mark, dict) and mark["type"] == "text":
            assert "color" not in mark
            assert "fill" not in mark
        if "font" in node:
            assert node["font"] == "Source Sans Pro"


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_a_figure_can_be_drawn_and_is_as_wide_as_a_column(name: str) -> None:
    """Every specification is valid, is drawn with text, and stays within 16 cm."""
    from recount.drawing import svg

    drawing = svg(json.dumps(FIGURES[name].spec))
    width = float(drawing.split('width="')[1].split('"')[0])
    assert "<text" in drawing
    assert width <= 612


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_names_in_a_figure_are_ours(name: str) -> None:
    """Data sets and views are named after the figure, not by a counter or a hash."""
    text = json.dumps(FIGURES[name].spec)
    assert '"data-' not in text
    assert '"view_' not in text
    named = {node["name"] for node in nodes(FIGURES[name].spec) if isinstance(node.get("name"), str)}
    for node in nodes(FIGURES[name].spec):
        assert set(node.get("views", [])) <= named


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_a_figure_says_in_words_what_it_shows(name: str) -> None:
    """The alternative text is one sentence; the description and the table say more."""
    figure = FIGURES[name]
    assert figure.alt.endswith(".")
    assert len(figure.alt) < 400
    assert figure.spec["description"] == figure.alt
    assert figure.table.rows
    assert all(":" in origin for origin in figure.origins)


def test_every_organisation_compared_has_a_name_a_colour_and_a_shape() -> None:
    """In the order of the chapters, which legends and axes follow."""
    assert tuple(theme.NAMES) == tuple(theme.COLOURS) == tuple(theme.SHAPES) == ORGANISATIONS


def test_an_organisation_has_its_colour_and_shape_to_itself() -> None:
    """Five colours and five shapes, all different."""
    assert len(set(theme.COLOURS.values())) == len(set(theme.SHAPES.values())) == len(theme.NAMES)
    assert all(theme.COLOURS[a] != theme.COLOURS[b] for a, b in combinations(theme.NAMES, 2))


@pytest.mark.parametrize("colour", [*theme.COLOURS.values(), theme.OTHER])
@pytest.mark.parametrize("page", ["#ffffff", "#14171c"])
def test_a_colour_stands_out_from_a_white_and_from_a_dark_page(colour: str, page: str) -> None:
    """Graphical objects need a contrast of three to one (WCAG 2.2, 1.4.11)."""
    assert contrast(colour, page) >= 3


def test_text_on_a_fill_can_be_read() -> None:
    """Marks that carry their own ground carry an ink that can be read on it."""
    assert all(contrast(theme.ON_DARK, fill) >= 3 for fill in theme.ORDERED[:2])
    assert all(contrast(theme.ON_PALE, fill) >= 4.5 for fill in theme.ORDERED[2:])
    assert all(contrast(theme.ON_DARK, colour) >= 3 for colour in theme.COLOURS.values())


def test_a_long_name_is_cut_at_a_word_or_gives_its_abbreviation() -> None:
    """A label says where it stops."""
    assert theme.shorten("Border post in the west", 14) == "Border post…"
    assert theme.brief("World Customs Organisation (WCO)", 12) == "WCO"


def test_a_date_from_a_source_is_told_as_such() -> None:
    """The year of a cited work never passes for the date of an act."""
    row = {"start": "2012", "end": "", "status": "ongoing", "dating": "from-source"}
    assert theme.when(row) == "since 2012 (year of the source)"


def test_the_dark_config_differs_in_colours_only() -> None:
    """What a page exchanges for dark mode changes no size and no font, so nothing moves."""

    def without_colours(value: object) -> object:
        if isinstance(value, dict):
            return {key: without_colours(inner) for key, inner in value.items() if "olor" not in key}
        return value

    assert without_colours(theme.config("dark")) == without_colours(theme.config("light"))
    assert theme.config("dark") != theme.config("light")


def test_the_static_picture_names_the_organisations() -> None:
    """Without interaction a reader still sees who is who."""
    assert {"UNODC", "CSTO"} <= set(drawn(FIGURES["matrix"]).splitlines())
