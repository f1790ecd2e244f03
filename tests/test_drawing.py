"""Drawings of charts: the same bytes whatever was drawn before."""

from __future__ import annotations

import json

import pytest

from recount.drawing import Drawer, lean, renumbered, svg, wrong

SPEC = json.dumps(
    {
        "data": {"values": [{"a": 1, "b": 2}, {"a": 2, "b": 3}]},
        "mark": {
            "type": "bar",
            "clip": True,
            "color": {"gradient": "linear", "stops": [{"offset": 0, "color": "red"}]},
        },
        "encoding": {"x": {"field": "a", "type": "ordinal"}, "y": {"field": "b", "type": "quantitative"}},
        "config": {"font": "Source Sans Pro"},
    }
)


def test_a_drawing_does_not_tell_what_was_drawn_before() -> None:
    """The engine counts clips over all drawings of a process; ours begin anew each time."""
    assert svg(SPEC) == svg(SPEC)


def test_every_reference_still_leads_to_its_clip() -> None:
    """Definition and use are renamed alike, different ones stay different, and other ids are left alone."""
    drawn = (
        '<clipPath id="clip17"/><clipPath id="clip4"/><g id="clipper9" clip-path="url(#clip4)"/>'
        '<g clip-path="url(#clip17)"/>'
    )
    assert renumbered(drawn) == (
        '<clipPath id="clip0"/><clipPath id="clip1"/><g id="clipper9" clip-path="url(#clip1)"/>'
        '<g clip-path="url(#clip0)"/>'
    )


def test_a_process_of_its_own_draws_the_same() -> None:
    """And says what it cannot draw, then draws on."""
    with Drawer() as drawer:
        good, bad, again = drawer.draw(SPEC), drawer.draw('{"mark": 3}'), drawer.draw(SPEC)
        assert good.result() == svg(SPEC) == again.result()
        with pytest.raises(ValueError, match="mark: 3 is not of type"):
            bad.result()


def test_a_misspelt_word_of_a_chart_is_named_with_its_place() -> None:
    """The engine would pass over it and draw the chart without what it says."""
    misspelt = {**json.loads(SPEC), "encoding": {"x": {"field": "a", "typ": "ordinal"}}}
    assert wrong(misspelt) == "encoding.x: Additional properties are not allowed ('typ' was unexpected)"
    layered = {"data": {"values": []}, "layer": [{"mark": "bar"}, {"mark": {"type": "bar", "colour": "red"}}]}
    assert wrong(layered) == "layer.1.mark: Additional properties are not allowed ('colour' was unexpected)"
    assert wrong(json.loads(SPEC)) == ""


@pytest.mark.parametrize("place", ["https://example.com/a.json", "data/a.json", "/etc/passwd"])
def test_a_chart_that_brings_no_data_is_refused(place: str) -> None:
    """Whether it names an address or a file: a drawing follows from its specification alone."""
    with pytest.raises(ValueError, match=r"(?i)denied|unsupported data url"):
        svg(json.dumps({"data": {"url": place}, "mark": "bar", "encoding": {"x": {"field": "a", "type": "ordinal"}}}))


def test_a_picture_loses_what_no_picture_needs() -> None:
    """Roles, classes and digits beyond a hundredth of a pixel go; shapes, colours and words stay."""
    drawn = (
        '<svg><path aria-label="Year: 2001" role="graphics-symbol" class="mark" '
        'd="M47.499999,-0.25L100.0004,3" fill="#123456"/>'
        '<path d="" class="x"/><text opacity="1" fill-opacity="1">3.14159</text></svg>'
    )
    assert lean(drawn) == (
        '<svg><path d="M47.5,-0.25L100,3" fill="#123456"/><text fill-opacity="1">3.14159</text></svg>'
    )
