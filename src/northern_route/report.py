"""What the chapters may say: every name a chapter uses is looked up here, and computed when it is asked for.

The modules behind the names are imported on first use, so that a chapter depends only on those it uses.
"""

from __future__ import annotations

import importlib
from typing import Any

from northern_route.compared import ORGANISATIONS

_MODULES = ("overall", "replication", "audit", "quality", "tables", "pictures", "literature")


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the chapters ask for
    """An organisation, the facts, or one of the analysis modules."""
    if name in ORGANISATIONS:
        from northern_route.organisation import Organisation

        return Organisation(name)
    if name in {"fact", "Fact", "figure"}:
        from northern_route.evidence import Facts

        return Facts(capital=name == "Fact", digits=name == "figure")
    if name == "verdict":
        from northern_route.replication import Verdicts

        return Verdicts()
    if name in _MODULES:
        return importlib.import_module(f"northern_route.{name}")
    raise AttributeError(f"the report has nothing called {name!r}")
