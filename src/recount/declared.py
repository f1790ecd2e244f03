"""YAML files that declare things: entries with their lines, and problems that name both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from recount.marked import LOADER
from recount.problems import Exit, Problem, Stop

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Entry(Mapping[str, Any]):
    """One mapping of a declaring file, which knows its file and line."""

    data: Mapping[str, Any]
    file: str = ""
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - YAML holds anything
        """The value of a field."""
        return self.data[key]

    def __iter__(self) -> Iterator[str]:
        """The fields, in the order of the file."""
        return iter(self.data)

    def __len__(self) -> int:
        """How many fields there are."""
        return len(self.data)

    def problem(self, rule: str, message: str, *, column: str = "", fix: str = "") -> Problem:
        """A problem at this entry, or at one of its fields."""
        value = str(self.data.get(column, "")) if column else ""
        return Problem(self.file, self.lines.get(column, self.line), rule, message, column, value, fix)


def read_entries(path: Path, name: str = "") -> tuple[Entry, ...]:
    """The entries of a YAML file that holds a list of mappings.

    Args:
        path: the file.
        name: how problems call the file; its path relative to the project.

    Raises:
        Stop: the file is no YAML, or no list of mappings, because nothing after could name a line.
    """
    return entries_of(path.read_text(encoding="utf-8"), name or path.name)


def entries_of(text: str, name: str = "") -> tuple[Entry, ...]:
    """The entries of a YAML text that holds a list of mappings; see `read_entries`."""
    try:
        loader = LOADER(text)
        node = loader.get_single_node()
        values = loader.construct_document(node) if node is not None else []
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise Stop([Problem(name, line, "yaml-reads", str(error.problem or error))], Exit.DATA) from error
    if node is None:
        return ()
    if not isinstance(node, yaml.SequenceNode):
        raise Stop([Problem(name, 1, "yaml-is-a-list", "the file holds no list of entries")], Exit.DATA)
    entries, problems = [], []
    for item, value in zip(node.value, values, strict=True):
        line = item.start_mark.line + 1
        if not isinstance(item, yaml.MappingNode):
            problems.append(Problem(name, line, "yaml-entry-is-a-mapping", "an entry holds no fields"))
            continue
        lines = {key.value: key.start_mark.line + 1 for key, _ in item.value}
        entries.append(Entry(value, name, line, lines))
    if problems:
        raise Stop(problems, Exit.DATA)
    return tuple(entries)


def missing_fields(entry: Entry, required: tuple[str, ...]) -> list[Problem]:
    """A problem for every required field that an entry lacks."""
    return [
        entry.problem("field-is-there", f"{entry.get('id', 'an entry')} has no field {name}", fix=f"add {name}")
        for name in required
        if name not in entry
    ]


def repeated_ids(entries: tuple[Entry, ...]) -> list[Problem]:
    """A problem for every id that stands a second time."""
    seen: set[str] = set()
    problems = []
    for entry in entries:
        name = str(entry.get("id", ""))
        if name in seen:
            problems.append(entry.problem("id-is-unique", f"{name} is declared twice", column="id"))
        seen.add(name)
    return problems
