"""Words that count or claim, in prose that is neither computed nor attributed.

A digit, a number word or a claim word (most, only, leads, twice ...) is a statement about data. It may stand in a
sentence that shows a computed value, that cites a work, or that attributes what it says to the source of the data;
elsewhere it needs a waiver with a reason.

Blind spots, by design: a claim without such a word ("Alpha is ahead"); a false claim inside a sentence that cites or
computes something else; "one", "first" and "second", which are more often pronouns and order than numbers; the words
of table cells and captions, which are made elsewhere; text inside quotation marks of a title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from recount import printed
from recount.chapters import INLINE, Chapter, Line, Prose, prose_lines
from recount.marked import plain
from recount.problems import Exit, Problem, Stop

# "One" is more often a pronoun, and "zero" is a number of the tables.
NUMBER_WORDS = (
    *(word for word, number in printed.WORDS.items() if number > 1),
    *printed.SCALES,
    *("twice", "thrice", "half", "halves"),
)
CLAIM_WORDS = (
    "most",
    "least",
    "only",
    "sole",
    "solely",
    "all",
    "none",
    "majority",
    "minority",
    "leads",
    "lead",
    "led",
    "increased",
    "decreased",
    "rose",
    "fell",
    "best",
    "worst",
    "highest",
    "lowest",
    "largest",
    "smallest",
    "greatest",
)
PHRASES = ("by far", "more than", "less than", "at least", "at most")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DATE = re.compile(rf"\b\d{{1,2}}\s+(?:{'|'.join(MONTHS)})\b|\b(?:1[89]|20)\d\d(?:s|/\d\d)?\b")
NUMBER = re.compile(rf"(?<![\w-])(?:\d[\d.,]*|(?:{'|'.join(NUMBER_WORDS)}))(?![\w-])", re.IGNORECASE)
CLAIM = re.compile(rf"(?<![\w-])(?:{'|'.join((*PHRASES, *CLAIM_WORDS))})(?![\w-])", re.IGNORECASE)
CITED = re.compile(r"(?<![\w.])@(?!fig-|tbl-|sec-|eq-)[A-Za-z]")
HEADING = re.compile(r"^#{1,6} ")


@dataclass(frozen=True)
class Waiver:
    """A word that may stand in a sentence, and why."""

    file: str
    text: str
    reason: str


def waivers(path: Path) -> list[Waiver]:
    """The waivers in a YAML file; none if there is no file.

    Raises:
        Stop: an entry lacks its file, text or reason.
    """
    if not path.is_file():
        return []
    entries = plain(path.read_text(encoding="utf-8")) or []
    wrong = [
        Problem(
            path.name,
            0,
            "waiver-complete",
            f"waiver {position} lacks file, text or reason",
            fix="give it all three",
        )
        for position, entry in enumerate(entries, 1)
        if not isinstance(entry, dict) or not all(entry.get(name) for name in ("file", "text", "reason"))
    ]
    if wrong:
        raise Stop(wrong, Exit.CHAPTER)
    return [Waiver(str(entry["file"]), str(entry["text"]), str(entry["reason"])) for entry in entries]


def check(chapters: Iterable[Chapter], waivers: Sequence[Waiver], sources: Sequence[str]) -> list[Problem]:
    """Numbers and claims that nothing stands behind, and waivers that nothing needs.

    Args:
        chapters: the chapters; one sentence stands on one line.
        waivers: what may stand, each with its reason.
        sources: words that attribute a sentence to the source of the data, for example "the thesis".
    """
    attributed = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in sources) or r"(?!)", re.IGNORECASE)
    problems: list[Problem] = []
    used: set[Waiver] = set()
    for chapter in chapters:
        for line in _sentences(chapter):
            waived = [waiver for waiver in waivers if waiver.file == line.file and waiver.text in line.text]
            used.update(waived)
            if waived or INLINE.search(line.text) or CITED.search(line.text) or attributed.search(line.text):
                continue
            problems.extend(_found(line))
    problems.extend(
        Problem(
            waiver.file,
            0,
            "waiver-needed",
            f"no sentence holds the waived text “{waiver.text}”",
            value=waiver.text,
            fix="remove the waiver, or correct its text",
        )
        for waiver in waivers
        if waiver not in used
    )
    return problems


def _sentences(chapter: Chapter) -> Iterator[Line]:
    for block in chapter.blocks:
        if isinstance(block, Prose):
            for line in prose_lines(block.lines):
                if line.text.strip() and not HEADING.match(line.text) and not line.text.startswith(":::"):
                    yield line


def _found(line: Line) -> Iterator[Problem]:
    text = DATE.sub(" ", re.sub(r"\[[^\]]*\]\([^)]*\)|`[^`]*`|“[^”]*”|\"[^\"]*\"", " ", line.text))
    for rule, pattern, what in (
        ("number-is-computed", NUMBER, "a number is typed"),
        ("claim-is-computed", CLAIM, "a claim is typed"),
    ):
        match = pattern.search(text)
        if match:
            yield Problem(
                line.file,
                line.number,
                rule,
                f"{what} that nothing stands behind: “{match[0]}”",
                value=match[0],
                fix="compute it, cite it, attribute it, or waive it with a reason in chapters/waivers.yml",
            )
