"""Results: what the analysis computed from the certified tables, kept as JSON for the chapters to read.

The analysis package has a module `results` with `compute() -> Mapping[str, JSON]`; each entry becomes one file, so
that a chapter depends only on the results it reads. It may have `abstract() -> str`, which is called when these files
are written and becomes the abstract on the title page.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recount.problems import Stop


def project_root() -> Path:
    """The project's folder: the nearest one upwards that holds `_quarto.yml`; Quarto runs cells in any of them."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "_quarto.yml").is_file():
            return folder
    return here


def folder() -> Path:
    """Where results are kept."""
    return project_root() / ".recount" / "results"


def write(analysis: str) -> None:
    """Compute all results of the package ANALYSIS and keep them; an unchanged one is not written again."""
    module = importlib.import_module(f"{analysis}.results")
    computed = dict(module.compute())
    target = folder()
    target.mkdir(parents=True, exist_ok=True)
    _keep(target, computed)
    # The abstract is written from the results, so it comes after them.
    abstract = getattr(module, "abstract", None)
    if abstract:
        read.cache_clear()
        computed["abstract"] = {"text": abstract()}
        _keep(target, {"abstract": computed["abstract"]})
    for old in target.glob("*.json"):
        if old.stem not in computed:
            old.unlink()


def attempt(analysis: str) -> str:
    """Do as `write` does, and return as JSON the problems for which it stopped; no exception leaves a kernel whole."""
    try:
        write(analysis)
    except Stop as stop:
        return json.dumps([asdict(problem) for problem in stop.problems])
    return "[]"


def _keep(target: Path, results: Mapping[str, Any]) -> None:
    """Write each result to its file, whole or not at all; one that has not changed is left alone."""
    for name, value in results.items():
        text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"
        path = target / f"{name}.json"
        if not path.is_file() or path.read_bytes() != text.encode():
            fresh = path.with_suffix(f".{os.getpid()}.tmp")
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(path)


@functools.cache
def read(name: str) -> Any:  # noqa: ANN401 - JSON of any shape
    """One result by its name."""
    path = folder() / f"{name}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise FileNotFoundError(f"no result {name!r} yet: run `make report`") from None
