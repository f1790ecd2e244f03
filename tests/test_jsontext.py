"""JSON in files: whose lines are found again."""

import json

import pytest

from recount.jsontext import written


def test_each_entry_of_the_outer_levels_has_a_line() -> None:
    """And the text is the value, whatever the order it was made in."""
    value = {"b": {"y": [1, {"deep": None}], "x": "é"}, "a": [], "c": [[1, 2], {"k": {}}]}
    text = written(value)
    assert json.loads(text) == value
    assert text.splitlines() == [
        *("{", '"a": [],', '"b": {', '"x": "é",', '"y": [1, {"deep": null}]', "},"),
        *('"c": [', "[1, 2],", '{"k": {}}', "]", "}"),
    ]
    assert written(dict(reversed(value.items()))) == text


def test_a_number_that_json_has_no_word_for_is_refused() -> None:
    """Another program could not read it."""
    with pytest.raises(ValueError, match="JSON compliant"):
        written({"share": float("nan")})
