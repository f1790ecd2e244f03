"""Importing large libraries without the parts of them that nobody here uses."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from importlib.machinery import ModuleSpec, PathFinder
from itertools import accumulate
from pathlib import Path
from types import ModuleType
from typing import Any

from recount import garbage

LATER = ("altair", "scipy.stats")
"""Imported by Great Expectations for charts and distributions: two fifths of its time.

They are there as soon as something asks them for a name, which no expectation of a suite does.
"""

UNUSED = ("datasource/fluent/*_datasource.py", "datasource/fluent/fabric.py", "expectations/core/*expect*.py")
"""Files of Great Expectations that are imported for the classes in them: databases, clouds, some sixty expectations.

Building those classes takes three fifths of what is left of its time. Each is there as soon as it is used.
"""

USED = "great_expectations.datasource.fluent.pandas_datasource"
"""Fits the patterns of what is unused, but is where every table goes in."""

EXPECTATIONS = "great_expectations.expectations.core"

BESIDE = ("pymcdm.visuals", "pymcdm.weights")
"""What pymcdm imports beside its methods: drawings in matplotlib and ways to find weights, nine tenths of its time."""


def great_expectations() -> None:
    """Import Great Expectations, without network and with what is slow and unused put off."""
    if "great_expectations" in sys.modules:
        return
    # Read on import; nothing in a build may go to the network.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    for name in LATER:
        put_off(name)
    for name in _unused():
        sys.modules[name] = _LaterNames(name)
    with garbage.unsought():
        importlib.import_module("great_expectations")


def expectation(kind: str) -> None:
    """Load the expectation of type KIND, so that Great Expectations knows it; one it does not have is left to it."""
    if f"{EXPECTATIONS}.{kind}" in sys.modules:
        load(f"{EXPECTATIONS}.{kind}")


def pymcdm() -> ModuleType:
    """pymcdm, which ranks single tables, with what ranks nothing put off."""
    for name in BESIDE:
        put_off(name)
    return importlib.import_module("pymcdm")


def altair() -> ModuleType:
    """Altair, which neither checks charts, since whoever draws one does so quickly, nor copies what nobody set.

    It holds every part of a chart against its schema when it is made and the whole again at the end: half the time of a
    chapter with many figures. Of what is left, two fifths are copies of properties without a value.
    """
    from altair.utils import schemapi

    schemapi.DEBUG_MODE = False
    schemapi.SchemaBase.validate = classmethod(lambda *_, **__: None)  # type: ignore[assignment, method-assign]
    nothing = schemapi.Undefined

    def copied(part: Any, by_ref: set[str]) -> Any:  # noqa: ANN401 - any part of a chart
        # The function of altair that goes by this name, but for what it passes over.
        def each(items: Mapping[str, Any]) -> dict[str, Any]:
            return {
                name: value if value is nothing or name in by_ref else copied(value, by_ref)
                for name, value in items.items()
            }

        if isinstance(part, schemapi.SchemaBase):
            own = getattr(part, "__deepcopy__", None)
            return own(part) if own else type(part)(*(copied(one, by_ref) for one in part._args), **each(part._kwds))  # noqa: SLF001 - as altair does
        if isinstance(part, list):
            return [copied(one, by_ref) for one in part]
        return each(part) if isinstance(part, dict) else part

    schemapi._deep_copy = copied  # type: ignore[assignment] # noqa: SLF001 - there is no other way to it
    return importlib.import_module("altair")


def put_off(name: str) -> None:
    """Register a module that is loaded when it is first asked for a name."""
    spec = None if name in sys.modules else _found(name)
    if spec is not None:
        sys.modules[name] = later = _Later(name)
        later.__spec__ = spec
        # Kernels and debuggers ask every module for its file, which is no reason to load it.
        later.__file__ = spec.origin
        # A module below it can be imported without loading it first.
        later.__path__ = list(spec.submodule_search_locations or [])


def load(name: str) -> ModuleType:
    """The module itself, which takes the place of what stands for it."""
    # By its mark, not by its class: a build of the preview has this module anew, but not what it put off before.
    if "put_off" in vars(sys.modules.get(name, sys)):
        del sys.modules[name]
    return importlib.import_module(name)


def _unused() -> Iterator[str]:
    """The modules in the files that are unused."""
    spec = _found("great_expectations")
    for folder in map(Path, (spec and spec.submodule_search_locations) or ()):
        for pattern in UNUSED:
            for file in sorted(folder.glob(pattern)):
                name = ".".join([folder.name, *file.relative_to(folder).with_suffix("").parts])
                if name != USED:
                    yield name


class _Later(ModuleType):
    """Stands for a module until it is asked for a name.

    `importlib.util.LazyLoader` is meant for this, but loads at the second import already, which looks for a `__spec__`.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.put_off = True

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the module holds
        """The name out of the real module, which takes its place."""
        return getattr(load(self.__name__), name)


class _LaterNames(_Later):
    """Stands for a module of classes, even where they are imported by name, until one of them is used."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - what stands for a class
        """What stands for the class of that name."""
        if name.startswith("__"):
            raise AttributeError(name)
        return _LaterClass(self.__name__, name)


class _LaterClass:
    """Stands for a class: calling it, deriving from it or asking it for anything goes to the class itself."""

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    def _itself(self) -> Any:  # noqa: ANN401 - a class
        return getattr(load(self._module), self._name)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the class holds
        return getattr(self._itself(), name)

    def __call__(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it is made of
        return self._itself()(*arguments, **named)

    def __mro_entries__(self, _bases: tuple[Any, ...]) -> tuple[Any]:
        return (self._itself(),)

    def __instancecheck__(self, instance: Any) -> bool:  # noqa: ANN401 - anything
        return isinstance(instance, self._itself())

    def __subclasscheck__(self, kind: type) -> bool:
        return issubclass(kind, self._itself())


def _found(name: str) -> ModuleSpec | None:
    """Where a module is; `importlib.util.find_spec` would import the package around it, and that the module itself."""
    spec, where = None, None
    for part in accumulate(name.split("."), "{}.{}".format):
        spec = PathFinder.find_spec(part, where)
        if spec is None:
            return None
        where = spec.submodule_search_locations
    return spec
