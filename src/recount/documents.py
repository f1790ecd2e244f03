"""The YAML files of `data/`, checked by the JSON Schemas of `validation/schemas/`, with lines.

Two words are added to JSON Schema: `x-exists-in`, a list of places (`organisations.id`, `references.key`) one of which
must define the value, and `x-unique`, the key that no two entries of a list may share. `x-fix` beside any word says
what to do when it is broken; `x-severity: warning` lets the build go on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.validators import extend

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

    def exists(_validator: Any, known: list[str], value: Any, _schema: Any) -> Iterator[jsonschema.ValidationError]:  # noqa: ANN401
        if not isinstance(value, str) or not all(map(dossier.defines, known)):
            return
        if not any(value in dossier.names(where) for where in known):
            yield jsonschema.ValidationError(f"{value!r} is not in {' or '.join(known)}")

    def unique(_validator: Any, key: str, value: Any, _schema: Any) -> Iterator[jsonschema.ValidationError]:  # noqa: ANN401
        seen: dict[str, int] = {}
        for index, entry in enumerate(value if isinstance(value, list) else ()):
            name = entry.get(key) if isinstance(entry, dict) else None
            if isinstance(name, str) and name in seen:
                first = document.line((seen[name], key))
                yield jsonschema.ValidationError(
                    f"the {key} {name!r} stands already in line {first}", path=(index, key)
                )
            elif isinstance(name, str):
                seen[name] = index

    words = {"x-exists-in": exists, "x-unique": unique}
    kind = extend(jsonschema.Draft202012Validator, words)  # type: ignore[no-untyped-call]
    for error in kind(schema).iter_errors(document.value):
        yield from _problems(document, error, dossier)


def _problems(document: Marked, error: jsonschema.ValidationError, dossier: Dossier) -> Iterator[Problem]:
    route = list(error.absolute_path)
    word = str(error.validator)
    wanted: Any = error.validator_value
    if word in {"anyOf", "oneOf"} and error.context:
        # Of several readings the one that fails deepest is the one that was meant.
        deepest = max(error.context, key=lambda inner: len(inner.absolute_path))
        if len(deepest.absolute_path) > len(error.absolute_path):
            yield from _problems(document, deepest, dossier)
            return
    value = "" if isinstance(error.instance, (dict, list)) else str(error.instance)
    names = [str(step) for step in route if isinstance(step, str)]
    schema = error.schema if isinstance(error.schema, dict) else {}
    hint = ""
    if word == "x-exists-in":
        hint = nearest(value, frozenset[str]().union(*map(dossier.names, wanted)))
    if word == "enum":
        allowed = [str(item) for item in wanted]
        hint = nearest(value, frozenset(allowed)) or f"allowed: {', '.join(allowed)}"
    if word == "additionalProperties" and isinstance(error.instance, dict):
        allowed = list(schema.get("properties", {}))
        unknown = [key for key in error.instance if key not in allowed]
        hint = nearest(unknown[0], frozenset(allowed)) if unknown else ""
        route = [*route, *unknown[:1]]
        names = [*names, *unknown[:1]]
    if "propertyNames" in error.absolute_schema_path:
        route, names = [*route, value], [*names, value]
    told = schema.get("x-fix", "")
    fix = "; ".join(part for part in (hint, told) if part) or str(schema.get("description", "")) or "correct it"
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
        "warning" if schema.get("x-severity") == "warning" else "critical",
    )
