"""YAML that remembers its lines: the value of a file and the line each part of it stands in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from recount.problems import Problem

Route = tuple[str | int, ...]

LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The loader written in C reads the same YAML ten times faster, where it was built."""


_TAG = "tag:yaml.org,2002:"
_PLAIN = {_TAG + kind for kind in ("str", "int", "float", "bool", "null", "merge", "value")}
_KINDS = {"timestamp": "a date", "int": "a number", "float": "a number", "bool": "true or false", "null": "nothing"}
"""How a scalar is read that is taken for something else than text."""


def plain(text: str) -> Any:  # noqa: ANN401 - YAML holds anything
    """The value of a YAML text, without lines; as `yaml.safe_load` reads it, ten times faster where libyaml is."""
    return yaml.load(text, LOADER)  # noqa: S506 - a safe loader, whichever of the two it is


@dataclass(frozen=True)
class Marked:
    """A YAML file: its value, and the line of every part of it by the route that leads there.

    Args:
        path: the file relative to the project, as problems name it.
        value: the parsed value; None if the file could not be read.
        lines: line of each route, such as `("claims", 3, "about")`.
        problems: what kept it from being read.
    """

    path: str
    value: Any
    lines: dict[Route, int]
    problems: tuple[Problem, ...] = ()

    def line(self, route: Iterable[str | int]) -> int:
        """The line of ROUTE, or of the nearest part around it that has one."""
        steps = tuple(route)
        while steps and steps not in self.lines:
            steps = steps[:-1]
        return self.lines.get(steps, 1)


def read(path: Path, shown: str) -> Marked:
    """The YAML file in PATH, which problems call SHOWN; a key given twice is refused, since one would be lost."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        problem = Problem(shown, 0, "file-exists", f"{shown} is not there", fix="create it or restore it from Git")
        return Marked(shown, None, {}, (problem,))
    except UnicodeDecodeError as error:
        problem = Problem(shown, 0, "encoded-as-utf-8", f"not UTF-8: {error.reason}", fix="save it as UTF-8")
        return Marked(shown, None, {}, (problem,))
    loader = LOADER(text)
    try:
        node = loader.get_single_node()
        lines: dict[Route, int] = {}
        problems: list[Problem] = []
        _walk(node, (), lines, problems, shown)
        value = _as_json(loader.construct_document(node)) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        problem = Problem(
            shown,
            line,
            "file-reads-as-yaml",
            f"not YAML: {error.problem}",
            fix="look at the indentation, colons and quotation marks of this line",
        )
        return Marked(shown, None, {}, (problem,))
    except (yaml.YAMLError, ValueError) as error:
        problem = Problem(shown, 0, "file-reads-as-yaml", f"not YAML: {error}", fix="correct the value named")
        return Marked(shown, None, {}, (problem,))
    finally:
        loader.dispose()
    return Marked(shown, value, lines, tuple(problems))


def _walk(node: Any, route: Route, lines: dict[Route, int], problems: list[Problem], shown: str) -> None:  # noqa: ANN401
    if node is None:
        return
    lines[route] = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode) and node.tag not in _PLAIN:
        problems.append(_unread(node, "value-has-type", shown))
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            _walk(child, (*route, index), lines, problems, shown)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, child in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key is a list or a mapping", problem_mark=key.start_mark)
            if key.tag not in {f"{_TAG}str", f"{_TAG}merge"}:
                problems.append(_unread(key, "key-is-text", shown))
            if key.value in seen:
                problems.append(
                    Problem(
                        shown,
                        line,
                        "key-given-once",
                        f"{key.value!r} stands already in line {seen[key.value]}",
                        key.value,
                        fix="keep one of them",
                    )
                )
            seen[key.value] = line
            _walk(child, (*route, key.value), lines, problems, shown)
            lines[(*route, key.value)] = line


def _unread(node: yaml.ScalarNode, rule: str, shown: str) -> Problem:
    kind = _KINDS.get(node.tag.removeprefix(_TAG), f"what YAML calls {node.tag.removeprefix(_TAG)}")
    told = f"{node.value} is read as {kind}"
    return Problem(shown, node.start_mark.line + 1, rule, told, value=node.value, fix="put it in quotation marks")


def _as_json(value: Any) -> Any:  # noqa: ANN401 - YAML holds anything
    """The value with keys and scalars as JSON has them; what they were taken for is told elsewhere."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else str(key): _as_json(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_as_json(part) for part in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
