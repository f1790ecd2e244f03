"""Figures of rankings, choices and verdicts show what their tables say."""

from __future__ import annotations

import numpy as np
import pytest

from figure_rows import ACCEPTABILITY, CHOICES, CLAIMS, MULTIVERSE, SHARES, TITLES, data_with, drawn
from northern_route.figures import claims, ranking, specification
from recount.methods import weighted_sum


def test_acceptability_stacks_up_to_one() -> None:
    """The parts of a bar follow each other from nought to one."""
    figure = ranking.acceptability(ACCEPTABILITY, {"unodc": 1, "osce": 2, "csto": 3}, over="all weights")
    rows = [row for row in data_with(figure, "place") if row["organisation"] == "OSCE"]
    assert [(row["start"], row["end"]) for row in rows] == [(0, 0.3), (0.3, 0.8), (0.8, 1.0)]
    assert [row[0] for row in figure.table.rows] == ["UNODC", "OSCE", "CSTO"]
    assert figure.table.rows[1][2:] == ("30.0", "50.0", "20.0")


def test_shares_that_are_none_are_refused() -> None:
    """Shares of all cases add up to one, or some cases are missing."""
    with pytest.raises(ValueError, match=r"add up to 0\.9"):
        ranking.acceptability({"unodc": [0.5, 0.4]}, {"unodc": 1}, over="all weights")


def scores(weights: list[float]) -> dict[str, float]:
    """The scores that the analysis gives under some weights."""
    totals = weighted_sum(SHARES.to_numpy(), np.array(weights) / sum(weights))
    return dict(zip(["UNODC", "OSCE", "CSTO"], totals.tolist(), strict=True))


@pytest.mark.parametrize("weights", [[1, 1, 1], [5, 0, 0], [0.5, 0, 4], [0, 3, 1]])
def test_the_sliders_compute_what_the_analysis_computes(weights: list[float]) -> None:
    """The score in the browser is the weighted mean over what is told, and the order follows it."""
    figure = ranking.weights(SHARES, TITLES)
    values = dict(zip(["weight_training", "weight_cooperation", "weight_equipment"], weights, strict=True))
    lines = drawn(figure, **values).splitlines()
    expected = scores(weights)
    places = {name: 1 + sum(other > score + 1e-9 for other in expected.values()) for name, score in expected.items()}
    shown = sorted(" ".join(line.split()) for line in lines if "place" in line)
    assert shown == sorted(f"{expected[name]:.2f} (place {places[name]})" for name in expected)
    order = [places[line] for line in lines if line in expected]
    assert order == sorted(places.values())


def test_every_criterion_has_a_slider() -> None:
    """The reader can set each weight, and starts from equal ones."""
    figure = ranking.weights(SHARES, TITLES)
    sliders = [parameter for parameter in figure.spec["params"] if "bind" in parameter]
    assert [slider["name"] for slider in sliders] == ["weight_training", "weight_cooperation", "weight_equipment"]
    assert {slider["value"] for slider in sliders} == {1}
    assert {slider["bind"]["input"] for slider in sliders} == {"range"}


def test_what_is_untold_is_no_nought() -> None:
    """A gap is no bar, and the table says so with a dash."""
    figure = ranking.weights(SHARES, TITLES)
    assert not [
        row for row in data_with(figure, "share") if (row["organisation"], row["criterion"]) == ("CSTO", "Cooperation")
    ]
    assert next(row for row in figure.table.rows if row[0] == "CSTO")[2] == "–"


def test_the_options_of_a_choice_fill_every_group() -> None:
    """Each combination takes exactly one option of each choice."""
    figure = specification.curve(MULTIVERSE, CHOICES)
    strips = data_with(figure, "part", "option")
    for choice in ("Planned", "Unit"):
        parts = [strip["part"] for strip in strips if strip["choice"] == choice]
        assert {sum(column) for column in zip(*parts, strict=True)} == {100}


def test_options_belong_to_choices_as_they_were_declared() -> None:
    """Results are kept with sorted keys; that a choice comes earlier by name must not give it another's options."""
    turned = {**MULTIVERSE, "curve": {**MULTIVERSE["curve"]}}
    turned["curve"]["choices"] = dict(reversed(MULTIVERSE["curve"]["choices"].items()))
    strips = [data_with(specification.curve(one, CHOICES), "part", "option") for one in (MULTIVERSE, turned)]
    assert strips[0] == strips[1]


def test_the_curve_falls_and_says_who_leads() -> None:
    """Combinations are sorted by the lead; where it is negative somebody else is first."""
    figure = specification.curve(MULTIVERSE, CHOICES)
    points = data_with(figure, "lead")
    assert [point["lead"] for point in points] == [0.3, 0.2, 0.1, -0.1]
    assert [point["organisation"] for point in points] == ["UNODC", "UNODC", "UNODC", "OSCE"]
    assert "75%" in figure.alt


def test_the_shares_by_option_stand_beside_the_strips() -> None:
    """The printed figure gives in what share of an option's combinations the leader stays first."""
    figure = specification.curve(MULTIVERSE, CHOICES)
    assert [(row[1], row[3]) for row in figure.table.rows if row[0] == "Unit"] == [
        ("acts", "100.0"),
        ("events", "50.0"),
    ]
    assert drawn(figure).splitlines().count("50%") == 2


def test_every_statement_is_part_of_one_bar() -> None:
    """Statements are counted once, by kind and verdict."""
    figure = claims.verdicts(CLAIMS)
    rows = data_with(figure, "claim", "verdict")
    assert sorted(name for row in rows for name in row["claim"]) == sorted(CLAIMS)
    assert figure.table.rows[-1] == ("All", "2", "0", "0", "0", "1", "0", "3")
    assert figure.origins == ("claims:csto-most", "claims:sco-last", "claims:unodc-first")
