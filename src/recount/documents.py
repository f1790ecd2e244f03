"""The YAML files of `data/`, checked by the JSON Schemas of `validation/schemas/`, with lines.

Two words are added to JSON Schema: `x-exists-in`, a list of places (`organisations.id`, `references.key`) one of which
must define the value, and `x-unique`, the key that no two entries of a list may share. `x-fix` beside any word says
what to do when it is broken; `x-severity: warning` lets the build go on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema_rs

from recount.derived import nearest
from recount.dossier import Dossier
from recount.marked import Marked
from recount.problems import Problem

FOLDER = "validation/schemas"

_RULES = {
    "required": "entry-is-complete",
    "additionalProperties": "entry-part-is-known",
    "enum": "word-is-known",
    "pattern": "word-is-well-formed",
    "type": "value-has-type",
    "x-exists-in": "argument-exists",
    "x-unique": "id-is-unique",
}


def check(documents: dict[str, Marked], root: Path, dossier: Dossier) -> list[Problem]:
    """What is wrong with DOCUMENTS, each by the schema of its name below ROOT."""
    problems: list[Problem] = []
    for name, document in sorted(documents.items()):
        problems.extend(document.problems)
        schema_path = root / FOLDER / f"{name}.json"
        if document.value is None and document.problems:
            continue
        if not schema_path.is_file():
            problems.append(
                Problem(
                    document.path,
                    1,
                    "file-has-schema",
                    f"{FOLDER}/{name}.json is not there",
                    fix="write a JSON Schema for the file",
                )
            )
            continue
        try:
            schema = json.loads(schema_path.read_text(encoding="utf-8"))
        except ValueError as error:
            line = getattr(error, "lineno", 0)
            problems.append(
                Problem(f"{FOLDER}/{name}.json", line, "schema-reads-as-json", str(error), fix="write it as JSON")
            )
            continue
        problems.extend(judge(document, schema, dossier))
    return problems


def judge(document: Marked, schema: dict[str, Any], dossier: Dossier) -> Iterator[Problem]:
    """A problem for each part of DOCUMENT that SCHEMA refuses."""
    words = {"x-exists-in": _exists_in(dossier), "x-unique": _unique(document)}
    for error in jsonschema_rs.Draft202012Validator(schema, keywords=words).iter_errors(document.value):
        yield from _problems(document, schema, error, dossier)


def _exists_in(dossier: Dossier) -> type[jsonschema_rs.KeywordValidator]:
    class ExistsIn:
        def __init__(self, _schema: dict[str, Any], known: list[str], _path: list[str | int]) -> None:
            self._known = known

        def validate(self, value: Any) -> None:  # noqa: ANN401 - any JSON value
            if not isinstance(value, str) or not all(map(dossier.defines, self._known)):
                return
            if not any(value in dossier.names(where) for where in self._known):
                raise ValueError(f"{value!r} is not in {' or '.join(self._known)}")

    return ExistsIn


class _NotUnique(ValueError):  # noqa: N818 - it is told as a problem and never leaves this module
    """An entry whose key an earlier one has."""

    def __init__(self, message: str, route: tuple[str | int, ...]) -> None:
        super().__init__(message)
        self.route = route


def _unique(document: Marked) -> type[jsonschema_rs.KeywordValidator]:
    class Unique:
        def __init__(self, _schema: dict[str, Any], key: str, _path: list[str | int]) -> None:
            self._key = key

        def validate(self, value: Any) -> None:  # noqa: ANN401 - any JSON value
            for found in self.iter_errors(value):
                raise found

        def iter_errors(self, value: Any) -> Iterator[_NotUnique]:  # noqa: ANN401 - any JSON value
            seen: dict[str, int] = {}
            for index, entry in enumerate(value if isinstance(value, list) else ()):
                name = entry.get(self._key) if isinstance(entry, dict) else None
                if isinstance(name, str) and name in seen:
                    first = document.line((seen[name], self._key))
                    told = f"the {self._key} {name!r} stands already in line {first}"
                    yield _NotUnique(told, (index, self._key))
                elif isinstance(name, str):
                    seen[name] = index

    return Unique


def _problems(
    document: Marked, schema: dict[str, Any], error: jsonschema_rs.ValidationError, dossier: Dossier
) -> Iterator[Problem]:
    word, route, instance = error.kind.name, list(error.instance_path), error.instance
    if word in {"anyOf", "oneOf"}:
        # Of several readings the one that fails deepest is the one that was meant.
        inner = [one for reading in error.kind.context for one in reading]  # type: ignore[attr-defined] # of its kinds
        deepest = max(inner, key=lambda one: len(one.instance_path), default=error)
        if len(deepest.instance_path) > len(error.instance_path):
            yield from _problems(document, schema, deepest, dossier)
            return
    broken = _at(schema, error.schema_path[:-1])
    wanted = _at(schema, error.schema_path)
    if word == "propertyNames":
        word, instance = error.kind.error.kind.name, error.kind.error.instance  # type: ignore[attr-defined] # of its kind
        route.append(str(instance))
    if isinstance(error.__cause__, _NotUnique):
        route += error.__cause__.route
    value = "" if isinstance(instance, (dict, list)) else str(instance)
    hint = ""
    if word == "x-exists-in":
        hint = nearest(value, frozenset[str]().union(*map(dossier.names, wanted)))
    if word == "enum":
        allowed = [str(item) for item in wanted]
        hint = nearest(value, frozenset(allowed)) or f"allowed: {', '.join(allowed)}"
    if word == "additionalProperties":
        [unknown, *_] = error.kind.unexpected  # type: ignore[attr-defined] # of its kind
        hint = nearest(unknown, frozenset(broken.get("properties", {})))
        route.append(unknown)
    names = [str(step) for step in route if isinstance(step, str)]
    told = broken.get("x-fix", "")
    fix = "; ".join(part for part in (hint, told) if part) or str(broken.get("description", "")) or "correct it"
    yield Problem(
        document.path,
        document.line(route),
        _RULES.get(word, "value-fits-schema"),
        error.message
        if len(error.message) < 200
        else f"{value or names or 'the entry'!r} does not fit the schema ({word})",
        ".".join(names),
        value[:200],
        fix,
        "warning" if broken.get("x-severity") == "warning" else "critical",
    )


def _at(schema: dict[str, Any], steps: Sequence[str | int]) -> Any:  # noqa: ANN401 - any part of a schema
    part: Any = schema
    for step in steps:
        part = part[step]
    return part
