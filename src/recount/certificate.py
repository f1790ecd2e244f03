"""The certificate: which tables passed which checks, as hashes, so that nothing is checked twice or used unchecked.

It holds no time and no random id: the same data, suites and versions give the same bytes. Importing this module is
cheap, and so is asking whether the certificate still holds.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recount import jsontext, swap
from recount.problems import Problem

NAME = "certificate.json"
ROWS = "rows.json"
FORM = 1
"""The form of the file; a certificate of another form is none."""

PACKAGES = ("great-expectations", "jsonschema-rs", "numpy", "pandas", "bibtexparser", "pyyaml")
"""Packages whose version may change what passes."""

ENGINE = (
    "certificate",
    "chronology",
    "csvform",
    "derived",
    "documents",
    "dossier",
    "gate",
    "judge",
    "marked",
    "references",
    "suites",
    "tables",
)
"""Modules of ours whose text may change what passes."""


@dataclass(frozen=True)
class Certificate:
    """What the gate let through.

    Args:
        tables: for each table its path, hash and number of rows.
        inputs: hash of every file the gate read, by path relative to the project.
        versions: of the packages and of our own checks.
        checks: each expectation with its table, column, severity and how many rows break it.
        warnings: the problems that do not stop a build.
    """

    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def text(self) -> str:
        """The certificate as JSON, byte for byte the same for the same content."""
        content = {
            "form": FORM,
            "tables": self.tables,
            "inputs": self.inputs,
            "versions": self.versions,
            "checks": list(self.checks),
            "warnings": [as_json(problem) for problem in self.warnings],
        }
        return jsontext.written(content)


def as_json(problem: Problem) -> dict[str, Any]:
    """A problem as JSON."""
    return dict(vars(problem))


def load(path: Path) -> Certificate | None:
    """The certificate in PATH (a file, or the cache folder it lies in); None if there is none that can be read."""
    file = path / NAME if path.is_dir() else path
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if content["form"] != FORM:
            return None
        return Certificate(
            content["tables"],
            content["inputs"],
            content["versions"],
            tuple(content["checks"]),
            tuple(Problem(**entry) for entry in content["warnings"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(certificate: Certificate, cache: Path) -> None:
    """Write the certificate into CACHE, whole or not at all."""
    swap.write_whole(cache / NAME, certificate.text)


def rows(cache: Path) -> dict[str, dict[str, int]]:
    """For each table the hash of each row by id, as of the last certificate; empty if there is none."""
    try:
        found: dict[str, dict[str, int]] = json.loads((cache / ROWS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def digest(path: Path) -> str:
    """The SHA-256 of a file, empty if it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def bibliography(root: Path) -> str:
    """The path of the bibliography relative to ROOT: what `_quarto.yml` says, else `data/references.bib`."""
    settings = root / "_quarto.yml"
    if settings.is_file():
        import yaml

        from recount.marked import plain

        try:
            read = plain(settings.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError):
            read = None  # its own stage reports it
        named = read.get("bibliography") if isinstance(read, dict) else None
        named = named[0] if isinstance(named, list) and named else named
        if isinstance(named, str):
            return named
    return "references.bib" if (root / "references.bib").is_file() else "data/references.bib"


def files(root: Path) -> Iterator[str]:
    """Every file the gate depends on, relative to ROOT, sorted."""
    found = {bibliography(root), "data/datapackage.json"}
    for folder, patterns in (("data", ("*.csv", "*.yml")), ("validation", ("*.yml", "schemas/*.json"))):
        for pattern in patterns:
            found.update(path.relative_to(root).as_posix() for path in (root / folder).glob(pattern))
    yield from sorted(found)


def inputs(root: Path) -> dict[str, str]:
    """The hash of every file the gate depends on."""
    return {path: digest(root / path) for path in files(root)}


def versions() -> dict[str, str]:
    """The versions that may change what passes: packages by number, our own checks by hash."""
    found = {package: importlib.metadata.version(package) for package in PACKAGES}
    here = Path(__file__).parent
    text = "".join(f"{name} {digest(here / f'{name}.py')}\n" for name in ENGINE)
    found["checks"] = hashlib.sha256(text.encode()).hexdigest()
    return found


def current(root: Path, cache: Path) -> Certificate | None:
    """The certificate of the project in ROOT if it still holds; neither tables nor Great Expectations are loaded."""
    known = load(cache / NAME)
    return known if known and known.inputs == inputs(root) and known.versions == versions() else None


def readable(root: Path, cache: Path) -> Callable[[str], bool]:
    """Whether a chapter may read a file: a certified table, or tracked by Git; where there is no Git, any file.

    A folder, by a name that ends in a slash, may be listed if this holds for every file in it.

    Args:
        root: the project's folder.
        cache: where the certificate lies.

    Returns:
        A function of the file's path relative to the project.
    """

    @functools.cache
    def names() -> frozenset[str] | None:
        called = ["git", "ls-files", "-z"]
        try:
            listed = subprocess.run(called, cwd=root, capture_output=True, check=True).stdout  # noqa: S603 - git, found on PATH on purpose
        except (OSError, subprocess.CalledProcessError):
            return None
        passed = load(cache / NAME)
        tables = {str(table["path"]) for table in passed.tables.values()} if passed else set()
        return frozenset(listed.decode().split("\0")) | tables

    def allowed(path: str) -> bool:
        known = names()
        if known is None or not path.endswith("/"):
            return known is None or path in known
        return all(one.is_dir() or one.relative_to(root).as_posix() in known for one in (root / path).iterdir())

    return allowed
