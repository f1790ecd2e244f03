"""How few rows turn a claim: found by brute force and by the program alike."""

from itertools import combinations
from typing import Any

import pytest

from recount.fragility import changes, fewest
from recount.predicates import run
from tiny_report import acts, evidence


def brute(check: dict[str, Any], limit: int = 4) -> int | None:
    """The smallest number of rows whose removal turns a check, by trying all sets."""
    base = evidence().at_base()
    before = run(base, check).holds
    names = [f"acts:{name}" for name in acts()["id"]]
    for size in range(1, limit + 1):
        if any(run(base.without(chosen), check).holds != before for chosen in combinations(names, size)):
            return size
    return None


@pytest.mark.parametrize(
    "check",
    [
        {"leads": {"criterion": "talks", "subject": "ants"}},
        {"leads": {"criterion": "talks", "subject": "bees"}},
        {"leads": {"acts": {"region": "south"}, "subject": "bees"}},
        {"is-last": {"criterion": "talks", "subject": "cats"}},
        {"leads": {"overall": "all", "subject": "bees"}},
        {"is-last": {"overall": ["talks"], "subject": "cats"}},
        {"ranks": {"overall": "all", "subject": "ants", "place": 2}},
        {"exists": {"acts": {"region": "north"}, "of": "ants"}},
        {"at-least": {"acts": {"kind": "talk"}, "least": 4}},
        {"has-all": {"subject": "bees", "each": [{"kind": "talk"}, {"kind": "boat"}]}},
    ],
    ids=str,
)
def test_the_smallest_removal_is_what_trying_all_sets_finds(check: dict[str, Any]) -> None:
    """Where the program says a number is exact, no smaller set of rows turns the claim."""
    base = evidence().at_base()
    found = next(change for change in changes(base, check, run(base, check).witnesses) if change.how == "removal")
    assert found.exact
    assert found.most == brute(check)
    assert len(found.rows) == found.most
    assert run(base.without(found.rows), check).holds != run(base, check).holds


def test_giving_a_row_away_counts_twice() -> None:
    """A lead of three is lost by two removals more than one recoding: what one loses the other gains."""
    check = {"leads": {"acts": {}, "subject": "ants"}}
    base = evidence(acts()[lambda table: ~table["id"].isin(["b1", "b2", "b3"])]).at_base()
    removal, recoding = changes(base, check, run(base, check).witnesses)
    assert (removal.most, recoding.most) == (3, 2)


def test_one_recoded_row_breaks_a_none() -> None:
    """That something is nowhere falls with the first row that is coded so."""
    check = {"has-none": {"acts": {"region": "west"}, "of": "ants", "among": {"acts": {}, "of": "ants"}}}
    base = evidence().at_base()
    assert next(c for c in changes(base, check, run(base, check).witnesses) if c.how == "recoding").most == 1


def test_fewest_takes_the_heaviest_first() -> None:
    """Of gains 1, 3 and 2 two reach five, three reach six, and nothing reaches seven."""
    assert [fewest([1, 3, 2], needed) for needed in (3, 5, 6, 7)] == [1, 2, 3, None]
