"""Shortcodes of the dialect, `{{< include >}}` and `{{< meta >}}`, resolved before pandoc reads a chapter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from recount.marked import plain
from recount.problems import Problem

_SHORTCODE = re.compile(r"(?<!\{)\{\{<\s*(?P<name>\w+)\s+(?P<argument>.*?)\s*>\}\}(?!\})")
_FRONT_MATTER = re.compile(r"\A---\n(?P<yaml>.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_CAPTION = re.compile(
    r"^(?P<fence>:{3,})[ \t]*\{[^}\n]*?tbl-cap=(?P<quote>['\"])(?P<caption>.*?)(?P=quote)[^}\n]*\}[ \t]*$"
)


@dataclass
class Prepared:
    """A chapter's text without front matter and shortcodes, and what was wrong with them."""

    text: str
    front: dict[str, object]
    problems: list[Problem] = field(default_factory=list)


def prepare(source: str, markdown: str, root: Path, facts: Mapping[str, str]) -> Prepared:
    """A chapter ready for pandoc: front matter apart, includes and metadata in place, table captions as markdown.

    Args:
        source: the chapter's path in the project, for includes relative to it and for problems.
        markdown: its text.
        root: the project; an include outside it is refused, since the build must depend on nothing else.
        facts: what `{{< meta name >}}` may name beside the chapter's own front matter.
    """
    front, body = split_front_matter(markdown)
    expansion = _Expansion(root, dict(facts) | _flat(front))
    text = expansion.expand(source, body)
    return Prepared(_captions_as_blocks(text), front, expansion.problems)


def split_front_matter(markdown: str) -> tuple[dict[str, object], str]:
    """The YAML at the head of a text, and the rest."""
    found = _FRONT_MATTER.match(markdown)
    if not found:
        return {}, markdown
    loaded = plain(found["yaml"])
    return (loaded if isinstance(loaded, dict) else {}), markdown[found.end() :]


def _flat(tree: Mapping[str, object], before: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{before}{key}.")
        elif value is not None:
            flat[f"{before}{key}"] = str(value)
    return flat


class _Expansion:
    def __init__(self, root: Path, facts: Mapping[str, str]) -> None:
        self.root, self.facts = root, facts
        self.problems: list[Problem] = []

    def expand(self, source: str, text: str, above: tuple[str, ...] = ()) -> str:
        """A text with its shortcodes replaced; `above` are the files that include it."""

        def replace(found: re.Match[str]) -> str:
            name, argument = found["name"], found["argument"].strip("\"'")
            if name == "include":
                return self._include(source, argument, above)
            if name == "meta" and argument in self.facts:
                return self.facts[argument]
            if name == "meta":
                fix = "name a key of the chapter's front matter or one of " + ", ".join(sorted(self.facts))
                self._problem(source, "meta-is-known", f"nothing is called {argument}", argument, fix)
            else:
                message = f"the shortcode {name} is not in the dialect"
                self._problem(source, "shortcode-in-dialect", message, found[0], "use include or meta")
            return ""

        return _SHORTCODE.sub(replace, text)

    def _problem(self, source: str, rule: str, message: str, value: str, fix: str) -> None:
        # The text we read has been executed; the line is that of the file its author wrote.
        path = self.root / source
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        line = next((number for number, one in enumerate(lines, 1) if "{{<" in one and value in one), 0)
        self.problems.append(Problem(file=source, line=line, rule=rule, message=message, value=value, fix=fix))

    def _include(self, source: str, argument: str, above: tuple[str, ...]) -> str:
        base = self.root if argument.startswith("/") else (self.root / source).parent
        path = (base / argument.lstrip("/")).resolve()
        inside = path.is_relative_to(self.root.resolve())
        name = str(PurePosixPath(path.relative_to(self.root.resolve()))) if inside else argument
        if not inside or not path.is_file() or name in (*above, source):
            fix = "name a file of the project, relative to this one, that does not include itself"
            self._problem(source, "include-exists", f"cannot include {argument}", argument, fix)
            return ""
        _, body = split_front_matter(path.read_text(encoding="utf-8"))
        return self.expand(name, body.rstrip("\n"), (*above, source))


def _captions_as_blocks(text: str) -> str:
    """Move the caption of a table cell from its attribute into a block of its own.

    An attribute is a string to pandoc; as a block the caption keeps emphasis, citations and mathematics.
    """
    lines = []
    for line in text.split("\n"):
        lines.append(line)
        found = _CAPTION.match(line.rstrip())
        if found:
            caption = found["caption"].replace(f"\\{found['quote']}", found["quote"])
            # The empty span keeps a caption such as "1. May" from being read as a list.
            lines += ["", "::: {.recount-caption}", f"[]{{.recount-start}}{caption}", ":::", ""]
    return "\n".join(lines)
