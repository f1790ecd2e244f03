"""Results: what the analysis computed from the certified tables, kept as JSON for the chapters to read.

The analysis package has a module `results` with `compute() -> Mapping[str, JSON]`; each entry becomes one file, so
that a chapter depends only on the results it reads. It may have `abstract() -> str`, which is called when these files
are written and becomes the abstract on the title page.
"""

from __future__ import annotations

import functools
import importlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

from recount import jsontext, trace
from recount.parts import Part, conditions, selected
from recount.problems import Stop

_name = "results"


def project_root() -> Path:
    """The project's folder: the nearest one upwards that holds `_quarto.yml`; Quarto runs cells in any of them."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "_quarto.yml").is_file():
            return folder
    return here


def folder() -> Path:
    """Where results are read: kept in the cache, or drafts in the process that computes them."""
    return project_root() / ".recount" / _name


def draft(analysis: str, name: str) -> dict[str, Any]:
    """Compute all results of the package ANALYSIS as drafts.

    They may be computed while the gate is still at work, and count for nothing until somebody has seen that the very
    tables they rest on passed it.

    Args:
        analysis: the analysis package.
        name: the folder of the cache they are written to; it is emptied first.

    Returns:
        `tables`, the hash of each table read, and `problems`, for which the analysis stopped, each as a dict: no
        exception leaves a kernel whole.
    """
    from recount import tables  # whoever only reads results needs no tables

    global _name  # noqa: PLW0603 - a state of the process that computes drafts
    _name = name
    tables.take_candidates()
    shutil.rmtree(folder(), ignore_errors=True)
    folder().mkdir(parents=True)
    try:
        module = importlib.import_module(f"{analysis}.results")
        _write(dict(module.compute()))
        # The abstract is written from the results, so it comes after them.
        abstract = getattr(module, "abstract", None)
        if abstract:
            _write({"abstract": {"text": abstract()}})
    except Stop as stop:
        return {"tables": {}, "problems": [asdict(problem) for problem in stop.problems]}
    return {"tables": dict(tables.taken() or {}), "problems": []}


def _write(results: Mapping[str, Any]) -> None:
    for name, value in results.items():
        (folder() / f"{name}.json").write_text(jsontext.written(value), encoding="utf-8")


def read(name: str, *keys: str) -> Any:  # noqa: ANN401 - JSON of any shape
    """One result by its name, or the entry of it that lies at some keys, on which alone the reader then depends.

    Raises:
        KeyError: nothing lies there.
    """
    return _read(name, Part(_path(name), keys=keys))


def entries(
    name: str, *keys: str, columns: Sequence[str] = (), where: Mapping[str, Any] = MappingProxyType({})
) -> list[dict[str, Any]]:
    """The entries of a result that is a table: a list of them, or a mapping of them by their ids.

    The reader depends on no more than these fields of these entries.

    Args:
        name: the result.
        keys: the way to the entries.
        columns: only these fields; all if empty.
        where: only entries whose fields have these values.
    """
    found: list[dict[str, Any]] = _read(name, Part(_path(name), keys, tuple(columns), conditions(where), rows=True))
    return found


def _path(name: str) -> str:
    return f".recount/{_name}/{name}.json"


def _read(name: str, part: Part) -> Any:  # noqa: ANN401 - JSON of any shape
    value = _whole(name)
    if part.keys or part.rows:
        trace.part(part)
    else:
        trace.whole(part.path)
    return selected(value, part)


@functools.cache
def _whole(name: str) -> Any:  # noqa: ANN401 - JSON of any shape
    path = folder() / f"{name}.json"
    try:
        # What is read of it is told by whoever asks for it, part by part.
        with trace.silent(_path(name)):
            return json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise FileNotFoundError(f"no result {name!r} yet: run `make report`") from None


def forget() -> None:
    """Read results anew from now on; for a process that outlives a change of them."""
    _whole.cache_clear()
