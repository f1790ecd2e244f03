"""The analysis of the real data: complete, reproducible, valid, and moved by single rows."""

import json
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import jsonschema_rs
import pandas as pd
import pytest

from northern_route import results, robustness
from northern_route.recommendations import REGIONS
from recount import results as kept
from recount import tables as text_tables
from recount.lock import VERDICTS
from recount.predicates import run
from recount.problems import Exit, Problem, Stop

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
    jsonschema_rs.meta.validate(schema)
    jsonschema_rs.validate(schema, json.loads(json.dumps(computed()["conclusions"])))


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


def test_a_stop_comes_out_of_a_kernel_as_its_problems(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What stops an analysis is told outside the kernel with file, line and what to do, not as the name of an error."""
    problem = Problem("data/acts.csv", 7, "act-is-somebodys", "nobody's act", column="club", value="x", fix="say whose")

    def compute() -> dict[str, object]:
        raise Stop([problem], Exit.DATA)

    monkeypatch.setitem(sys.modules, "stopping.results", SimpleNamespace(compute=compute))
    monkeypatch.setitem(sys.modules, "stopping", SimpleNamespace())
    # Drafting changes the state of its process, which is put back afterwards.
    monkeypatch.setattr(kept, "_name", "results")
    monkeypatch.setattr(text_tables, "_taken", None)
    monkeypatch.setattr(kept, "project_root", lambda: tmp_path)
    assert [Problem(**one) for one in kept.draft("stopping", "drafts")["problems"]] == [problem]


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


def given_away(organisation: str, keep: str = "") -> dict[str, pd.DataFrame]:
    """The tables with an organisation's acts coded as another's, but for those of one tactic."""
    changed = dict(tables())
    acts = changed["activities"].copy()
    own = acts["organisation"] == organisation
    acts.loc[own, "also"] = ""
    acts.loc[own & (acts["tactic"] != keep), "organisation"] = "unodc"
    acts["credited"] = ""
    changed["activities"] = acts
    return changed


def test_an_organisation_of_which_nothing_is_told_stops_at_its_line() -> None:
    """No place is invented for it: the results stop and say in which row it is declared and what would help."""
    with pytest.raises(Stop) as stopped:
        results.as_results(results.analyse(given_away("osce"), results.rules(ROOT)))
    (problem,) = stopped.value.problems
    line = (ROOT / problem.file).read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert (problem.rule, line.split(",")[0], stopped.value.code) == ("organisation-is-told-of", "osce", Exit.DATA)
    assert "osce" in problem.message
    assert problem.fix


def test_whose_only_criterion_is_left_out_has_no_place_then() -> None:
    """Left without the one criterion on which it is told of, an organisation is out; the others keep their places."""
    scores = results.analyse(given_away("bomca", "equipment"), results.rules(ROOT)).scores
    without = robustness.without_criterion(scores)
    assert "bomca" not in without["equipment"]
    assert min(without["equipment"].values()) == 1
    assert len(without["cooperation"]) == len(scores.alternatives)


def test_recommendations_without_a_gap_are_named() -> None:
    """Where the thesis recommends what its rows show to be done already, the report can say so."""
    unsupported = computed()["recommendations"]["unsupported"]
    claims = computed()["claims"]
    assert unsupported
    assert all((claims[name]["kind"], claims[name]["verdict"]) == ("recommendation", "fails") for name in unsupported)
