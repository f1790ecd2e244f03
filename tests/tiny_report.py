"""A report of three clubs that a person can score by hand, for the tests of claims and verdicts."""

import numpy as np
import pandas as pd

from recount.evidence import Evidence
from recount.filters import table_of
from recount.multiverse import Choice, Factor, Tally
from recount.scores import Criterion

CLUBS = ("ants", "bees", "cats")
CRITERIA = (Criterion("talks", "Talks"), Criterion("boats", "Boats"))
CHOICES = (
    Choice("plans", "Do plans count?", ("leave-out", "count"), "leave-out"),
    Choice("normalisation", "How?", ("share-of-leader", "rank"), "share-of-leader"),
    Choice("method", "How combined?", ("weighted-sum", "topsis"), "weighted-sum"),
)
# Talks: ants 3 and a plan, bees 2, cats 1. Boats: ants 1, bees 2; of the cats' boats nothing is told.
ACTS = (
    ("a1", "ants", "talk", "done", "north", "2010", "work-one"),
    ("a2", "ants", "talk", "done", "south", "2015", "work-one"),
    ("a3", "ants", "talk", "done", "", "2019", "work-two"),
    ("a4", "ants", "talk", "planned", "north", "2021", "work-two"),
    ("a5", "ants", "boat", "done", "north", "2012", "work-two"),
    ("b1", "bees", "talk", "done", "south", "2016", "work-one"),
    ("b2", "bees", "talk", "done", "south;north", "2017", ""),
    ("b3", "bees", "boat", "done", "south", "2018", ""),
    ("b4", "bees", "boat", "done", "south", "", ""),
    ("c1", "cats", "talk", "done", "", "2019-07", "work-three"),
)
NUMBERS = (
    ("n1", "ants", "members", "40", "2019"),
    ("n2", "bees", "members", "10", "2019"),
    ("n3", "ants", "fish", "0", "2018"),
)


def acts() -> pd.DataFrame:
    """The table of acts."""
    return pd.DataFrame(list(ACTS), columns=["id", "club", "kind", "status", "region", "start", "source"])


def numbers() -> pd.DataFrame:
    """The table of numbers."""
    return pd.DataFrame(list(NUMBERS), columns=["id", "subject", "measure", "value", "from"])


def evidence(table: pd.DataFrame | None = None) -> Evidence:
    """The evidence of the three clubs, with other acts where given."""
    rows = acts() if table is None else table
    rows = rows.sort_values("id").reset_index(drop=True)
    begun, planned = (rows["status"] == "done").to_numpy(), (rows["status"] == "planned").to_numpy()
    when = np.stack([begun, begun | planned]).astype(float)[:, :, np.newaxis, np.newaxis]
    whose = np.stack([(rows["club"] == club).to_numpy() for club in CLUBS], axis=1).astype(float)[:, :, np.newaxis]
    what = np.stack([(rows["kind"] == kind).to_numpy() for kind in ("talk", "boat")], axis=1).astype(float)
    told = np.array(
        [[((rows["club"] == club) & (rows["kind"] == kind)).any() for kind in ("talk", "boat")] for club in CLUBS]
    )
    tally = Tally(
        tuple(f"acts:{name}" for name in rows["id"]),
        CLUBS,
        CRITERIA,
        CHOICES[:1],
        (Factor(("plans",), when), Factor((), whose), Factor((), what[:, np.newaxis, :])),
        told,
    )
    tables = {"acts": table_of("acts", rows), "numbers": table_of("numbers", numbers())}
    return Evidence(tables, tally, CHOICES, counted="acts")
