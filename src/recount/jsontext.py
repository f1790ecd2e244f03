"""JSON as it is written to files: the same bytes for the same value, and lines that a person can find things in."""

from __future__ import annotations

import json
from typing import Any

_LEVELS = 2


def written(value: Any) -> str:  # noqa: ANN401 - JSON of any shape
    """A value as JSON with sorted keys, in which each entry of the two outermost levels has a line of its own.

    Python indents ten times slower than it writes, and a build writes millions of bytes.

    Raises:
        ValueError: a number is none or infinite, for which JSON has no word.
    """
    return _spread(value, _LEVELS) + "\n"


def _spread(value: Any, levels: int) -> str:  # noqa: ANN401 - JSON of any shape
    if levels and value and isinstance(value, dict):
        lines = [f"{_plain(name)}: {_spread(value[name], levels - 1)}" for name in sorted(value)]
        return "{\n" + ",\n".join(lines) + "\n}"
    if levels and value and isinstance(value, list | tuple):
        return "[\n" + ",\n".join(_spread(item, levels - 1) for item in value) + "\n]"
    return _plain(value)


def _plain(value: Any) -> str:  # noqa: ANN401 - JSON of any shape
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
