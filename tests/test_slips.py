"""Inconsistencies that are computed from the tables."""

from __future__ import annotations

from northern_route import slips


def act(**cells: str) -> dict[str, str]:
    """A row of activities."""
    return {"id": "a", "name": "A course", "start": "", "status": "completed", "source": "", "part_of": "", **cells}


def citation(**cells: str) -> dict[str, str]:
    """A row of citations."""
    return {"id": "1", "section": "2.1", "printed": "X 2018", "keys": "x2018a", "status": "clear", **cells}


def observation(**cells: str) -> dict[str, str]:
    """A row of observations."""
    row = {"id": "o", "subject": "border", "measure": "length", "value": "1", "value_high": "", "bound": "exact"}
    return {**row, "unit": "km", "from": "", "to": "", "section": "intro", **cells}


def test_a_work_that_is_only_a_candidate_counts_as_cited() -> None:
    """A work that an ambiguous citation may mean is not called uncited; one that nothing means is."""
    works = {"x2018a": {"keywords": "thesis"}, "x2018b": {"keywords": "thesis"}, "y2001": {"keywords": "thesis"}}
    rows = [citation(keys="x2018a;x2018b", status="ambiguous")]
    assert [finding.rows for finding in slips.never_cited(works, rows)] == [("references:y2001",)]


def test_a_work_that_we_added_is_not_the_thesis_s_omission() -> None:
    """Only the thesis's own bibliography can be uncited."""
    assert list(slips.never_cited({"z2024": {"keywords": "added"}}, [])) == []


def test_an_act_later_than_its_source_is_found() -> None:
    """A source of 2012 cannot tell of 2015."""
    [finding] = slips.sources_too_old([act(start="2015-03", source="g2012@19")], {"g2012": 2012})
    assert "2015" in finding.says
    assert "2012" in finding.says


def test_a_plan_may_be_later_than_its_source() -> None:
    """Plans look ahead, and one newer source is enough."""
    rows = [act(start="2020", status="planned", source="g2012"), act(start="2015", source="g2012;h2016")]
    assert list(slips.sources_too_old(rows, {"g2012": 2012, "h2016": 2016})) == []


def test_one_border_with_two_lengths_is_a_conflict() -> None:
    """The same measure of the same thing with two values is one finding with both rows."""
    rows = [observation(id="a", value="1344"), observation(id="b", value="1206"), observation(id="c", measure="width")]
    [finding] = slips.two_values(rows)
    assert finding.rows == ("observations:a", "observations:b")


def test_shares_that_imply_one_total_are_no_finding() -> None:
    """73 million at 22.2 per cent and 54 at 16.7 imply totals within rounding; a third at 50 does not."""
    common = {"organisation": "u", "budget": "fund", "year": "2018", "bound": "exact"}
    rows = [
        {"id": "a", "amount": "73000000", "share_percent": "22.2", **common},
        {"id": "b", "amount": "54000000", "share_percent": "16.7", **common},
    ]
    assert list(slips.shares_and_totals(rows)) == []
    rows.append({"id": "c", "amount": "10000000", "share_percent": "70", **common})
    assert [finding.kind for finding in slips.shares_and_totals(rows)] == ["arithmetic", "arithmetic"]


def test_more_members_than_the_series_has() -> None:
    """Three named members of a series of two contradict it."""
    acts = [act(id=name, part_of="s") for name in "abc"]
    rows = [observation(subject="s", value="2", unit="events")]
    assert len(list(slips.more_members_than_stated(acts, rows))) == 1
    assert list(slips.more_members_than_stated(acts[:2], rows)) == []
