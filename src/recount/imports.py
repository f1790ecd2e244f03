"""Importing Great Expectations without the parts of it that a gate never uses."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import Any

LATER = ("altair", "scipy.stats")
"""Imported by Great Expectations for charts and distributions: two fifths of its time.

They are there as soon as something asks them for a name, which no expectation of a suite does.
"""


def great_expectations() -> None:
    """Import Great Expectations, without network and with what is slow and unused put off."""
    # Read on import; nothing in a build may go to the network.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    for name in LATER:
        put_off(name)
    # Nothing of what an import makes is garbage; looking for some among it costs a tenth of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        importlib.import_module("great_expectations")
    finally:
        if collecting:
            gc.enable()


class _Later(ModuleType):
    """Stands for a module until it is asked for a name.

    `importlib.util.LazyLoader` is meant for this, but loads at the second import already, which looks for a `__spec__`.
    """

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the module holds
        """The name out of the real module, which takes its place."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def put_off(name: str) -> None:
    """Register a module that is loaded when it is first asked for a name."""
    spec = None if name in sys.modules else importlib.util.find_spec(name)
    if spec is not None:
        sys.modules[name] = later = _Later(name)
        later.__spec__ = spec
        # A module below it can be imported without loading it first.
        later.__path__ = list(spec.submodule_search_locations or [])
