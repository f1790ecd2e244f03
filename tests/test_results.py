"""The analysis of the real data: complete, reproducible, valid, and moved by single rows."""

import json
from functools import cache
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

from northern_route import results
from northern_route.recommendations import REGIONS
from recount.predicates import run
from recount.verdicts import VERDICTS

ROOT = Path(__file__).parent.parent


@cache
def tables() -> dict[str, pd.DataFrame]:
    """The evidence tables as they lie in the repository, every cell as text."""
    return {
        name: pd.read_csv(ROOT / "data" / f"{name}.csv", dtype=str, keep_default_na=False) for name in results.TABLES
    }


@cache
def computed() -> dict[str, object]:
    """All results, computed once for this file."""
    return results.as_results(results.analyse(tables(), results.rules(ROOT)))


def test_conclusions_keep_to_their_schema() -> None:
    """What machines are promised about `_book/conclusions.json` is so."""
    schema = json.loads((ROOT / "docs/schemas/conclusions.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(json.dumps(computed()["conclusions"])), schema)


def test_results_are_json_without_gaps_in_numbers() -> None:
    """Every result can be written as strict JSON: what is not told is null, never NaN."""
    json.dumps(computed(), allow_nan=False)


def test_order_of_rows_never_matters() -> None:
    """Tables turned upside down give the same results to the last byte."""
    turned = {name: table.iloc[::-1].reset_index(drop=True) for name, table in tables().items()}
    again = results.as_results(results.analyse(turned, results.rules(ROOT)))
    assert json.dumps(again, sort_keys=True) == json.dumps(computed(), sort_keys=True)


def test_every_claim_has_a_verdict_with_figures_or_a_reason() -> None:
    """No statement is passed over: each is decided, with figures, or says why it is not."""
    for name, claim in computed()["claims"].items():
        assert claim["verdict"] in VERDICTS, name
        assert claim["why_not"] if claim["verdict"] == "not-evaluable" else claim["figures"], name


def test_places_of_all_weights_and_choices_are_shares() -> None:
    """Each organisation has each place under a share of weights and of combinations; the shares add up to one."""
    for shares in computed()["acceptability"]["places"].values():
        assert sum(shares) == pytest.approx(1)
    for shares in computed()["multiverse"]["places"].values():
        assert sum(shares) == pytest.approx(1)


def test_rows_behind_scores_add_up_to_the_counts() -> None:
    """A whole count under the base reading is at most as large as the number of rows shown for it."""
    for cell in computed()["scores"]["cells"]:
        assert (cell["value"] or 0) <= len(cell["rows"])


def test_a_work_left_out_turns_exactly_what_it_turns_alone() -> None:
    """Leaving out every work at once finds the claims that leaving out one work, and asking all claims, finds."""
    analysis = results.analyse(tables(), results.rules(ROOT))
    found = computed()["fragility"]["without_source"]
    checked = [finding for finding in analysis.findings if finding.outcome is not None]
    for work in [*list(found)[::40], max(found, key=lambda name: len(found[name]["turned"]))]:
        rows = [
            f"{name}:{row}"
            for name, table in tables().items()
            if "source" in table
            for row, cell in zip(table["id"], table["source"], strict=True)
            if {part.partition("@")[0] for part in cell.split(";")} == {work}
        ]
        without = analysis.evidence.untraced().without(rows)
        turned = [f.claim.id for f in checked if run(without, f.claim.check).holds != f.outcome.holds]
        assert (found[work]["rows"], found[work]["turned"]) == (len(rows), turned)


def test_a_region_named_is_no_gap() -> None:
    """An organisation with a counted act in a region has no gap there, and the other way round."""
    activities = tables()["activities"]
    begun = activities[(activities["counted"] == "yes") & activities["status"].isin(["completed", "ongoing"])]
    begun = begun[begun["tactic"] != "framework"]
    gaps = {(g["organisation"], g["value"]) for g in computed()["recommendations"]["gaps"] if g["kind"] == "region"}
    for organisation in computed()["scores"]["organisations"]:
        named = set(";".join(begun[begun["organisation"] == organisation]["region"]).split(";"))
        assert {value for name, value in gaps if name == organisation} == set(REGIONS) - named


def test_one_recoded_row_moves_its_cell_and_no_other() -> None:
    """An act given another tactic leaves one cell and enters another; all other cells stay."""
    changed = dict(tables())
    activities = changed["activities"].copy()
    cell = next(cell for cell in computed()["scores"]["cells"] if cell["criterion"] == "cooperation" and cell["value"])
    row = cell["rows"][0].partition(":")[2]
    activities.loc[activities["id"] == row, "tactic"] = "equipment"
    changed["activities"] = activities
    analysis = results.analyse(changed, results.rules(ROOT))
    moved = {
        (entry["organisation"], entry["criterion"])
        for entry in computed()["scores"]["cells"]
        if entry["value"] is not None
        and analysis.scores.value(entry["organisation"], entry["criterion"]) != entry["value"]
    }
    assert moved == {(cell["organisation"], "cooperation"), (cell["organisation"], "equipment")}


def test_recommendations_without_a_gap_are_named() -> None:
    """Where the thesis recommends what its rows show to be done already, the report can say so."""
    unsupported = computed()["recommendations"]["unsupported"]
    claims = computed()["claims"]
    assert unsupported
    assert all((claims[name]["kind"], claims[name]["verdict"]) == ("recommendation", "fails") for name in unsupported)
