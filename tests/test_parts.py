"""Parts of files: what is handed out is what is hashed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recount import results, tables, trace
from recount.parts import Part, conditions, held, part_of, selected

GIFTS = "id,giver,amount\napple,alpha,1\nbrush,beta,2\ncart,alpha,3\n"
SCORES = {"alpha": {"id": "alpha", "of": ["a"], "score": 1}, "beta": {"id": "beta", "of": ["b"], "score": 2}}


def hashed(folder: Path, part: Part, content: str) -> str:
    """The hash of a part of a file of this content."""
    (folder / part.path).write_text(content)
    return held(folder, part, content)


@pytest.mark.parametrize(
    ("content", "same"),
    [
        (GIFTS.replace("2", "9"), True),
        (GIFTS + "drum,beta,4\n", True),
        (GIFTS.replace("3", "9"), False),
        (GIFTS + "drum,alpha,4\n", False),
        (GIFTS.replace("amount", "value"), False),
        ("id,giver,amount\ncart,alpha,3\nbrush,beta,2\napple,alpha,1\n", False),
    ],
)
def test_rows_of_a_table_change_with_their_cells_order_and_header(tmp_path: Path, content: str, same: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """And with nothing else."""
    part = Part("gifts.csv", where=conditions({"giver": "alpha"}))
    assert (hashed(tmp_path, part, content) == hashed(tmp_path, part, GIFTS)) == same


def test_a_row_that_is_not_there_changes_when_it_comes(tmp_path: Path) -> None:
    """Who asked in vain depends on that too."""
    part = Part("gifts.csv", where=conditions({"id": "drum"}))
    before = hashed(tmp_path, part, GIFTS)
    assert before == hashed(tmp_path, part, GIFTS.replace("1", "9"))
    assert before != hashed(tmp_path, part, GIFTS + "drum,alpha,4\n")


def test_entries_are_chosen_by_key_field_and_value() -> None:
    """An entry, all of one kind, or some of their fields; the values of a list are compared as a whole."""
    assert selected(SCORES, Part("scores.json", keys=("beta", "score"))) == 2
    assert selected([1, SCORES], Part("scores.json", keys=("1", "alpha", "id"))) == "alpha"
    of_b = Part("scores.json", columns=("score",), where=conditions({"of": ["b"]}), rows=True)
    assert selected(SCORES, of_b) == [{"score": 2}]
    assert selected(list(SCORES.values()), of_b) == [{"score": 2}]
    with pytest.raises(KeyError):
        selected(SCORES, Part("scores.json", keys=("gamma",)))


def test_an_entry_changes_with_what_it_holds_alone(tmp_path: Path) -> None:
    """Another entry and another field do not matter; one that was not there does when it comes."""

    def scores(**beta: Any) -> str:  # noqa: ANN401 - any field of an entry
        return json.dumps(SCORES | {"beta": SCORES["beta"] | beta})

    one, ids = Part("scores.json", keys=("alpha",)), Part("scores.json", columns=("id",), rows=True)
    for part in (one, ids):
        assert hashed(tmp_path, part, scores(score=2)) == hashed(tmp_path, part, scores(score=3))
    both = Part("scores.json", columns=("id", "score"), rows=True)
    assert hashed(tmp_path, both, scores(score=2)) != hashed(tmp_path, both, scores(score=3))
    nobody = Part("scores.json", keys=("gamma",))
    assert hashed(tmp_path, nobody, scores()) == "" != hashed(tmp_path, nobody, json.dumps({"gamma": 1}))


def test_a_part_survives_being_written_down() -> None:
    """Records keep it as text."""
    part = Part("a.json", ("x", "y"), ("id",), conditions({"of": ["a", "é"], "is": "b"}), rows=True)
    assert part_of(part.text) == part


def test_whoever_reads_a_part_is_said_to_read_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the whole is read; then the part is not told of beside it."""
    (tmp_path / "_quarto.yml").write_text("")
    (tmp_path / "data").mkdir()
    fields = [{"name": name, "type": "string"} for name in ("id", "giver", "amount")]
    package = {"resources": [{"name": "gifts", "path": "gifts.csv", "schema": {"fields": fields, "primaryKey": "id"}}]}
    (tmp_path / "data/datapackage.json").write_text(json.dumps(package))
    (tmp_path / "data/gifts.csv").write_text(GIFTS)
    (tmp_path / ".recount/results").mkdir(parents=True)
    (tmp_path / ".recount/results/scores.json").write_text(json.dumps(SCORES))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tables, "_taken", {})
    for noted in ("_OPENED", "_PARTS"):
        monkeypatch.setattr(trace, noted, set())
    tables.forget()
    results.forget()

    frame = tables.certified("gifts", ["id"], {"giver": "alpha"})
    assert frame.to_dict("list") == {"id": ["apple", "cart"]}
    assert tables.row("gifts", "brush", ["amount"]) == {"amount": "2"}
    assert tables.row("gifts", "drum") is None
    assert results.entries("scores", columns=("score",), where={"id": "beta"}) == [{"score": 2}]
    told = trace.report()
    assert told["files"] == []
    assert {part_of(text).path for text in told["parts"]} == {"data/gifts.csv", ".recount/results/scores.json"}
    assert len(told["parts"]) == 4

    assert results.read("scores") == SCORES
    assert len(tables.certified("gifts")) == 3
    told = trace.report()
    assert told["files"] == [".recount/results/scores.json", "data/gifts.csv"]
    assert told["parts"] == []
