"""Building one commit twice under different circumstances and comparing every byte.

The first build is made as usual: in one folder, from nothing, on the cores there are. The second is made in another
folder, time zone, locale and hash seed, on one core, without fonts of the system, and not from nothing: something else
was built there before. Whatever then differs did not come from the commit.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from recount.problems import Exit, Problem, Stop
from recount.progress import Progress

SHOWN = 60
"""Bytes shown on either side of the first difference."""


@dataclass(frozen=True)
class Difference:
    """A file that differs between two builds.

    Args:
        path: relative to the book.
        what: what differs first, and where: an offset, a line, an object of a PDF, a place in a JSON file.
    """

    path: str
    what: str


@dataclass(frozen=True)
class Circumstances:
    """How a build is made."""

    folder: str
    environment: Mapping[str, str]
    one_core: bool = False
    after_another: bool = False


def compare(one: Path, other: Path) -> list[Difference]:
    """Every file that is not byte for byte the same below two folders, sorted by path."""
    names = {path.relative_to(folder).as_posix() for folder in (one, other) for path in folder.rglob("*")}
    found = []
    for name in sorted(names):
        first, second = one / name, other / name
        if first.is_dir() and second.is_dir():
            continue
        if not first.is_file() or not second.is_file():
            found.append(Difference(name, f"only in {'the first' if first.exists() else 'the second'} build"))
        elif (before := first.read_bytes()) != (after := second.read_bytes()):
            found.append(Difference(name, difference(name, before, after)))
    return found


def difference(name: str, one: bytes, other: bytes) -> str:
    """Where two contents of the file NAME first differ, in terms of its kind."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    where = f"byte {at} of {len(one)} and {len(other)}"
    if name.endswith(".pdf"):
        where = f"{_object_of(one, at)}, {where}"
    elif name.endswith(".json"):
        where = f"{_place_of(one, other)}, {where}"
    elif not re.search(rb"\x00", one[:4096]):
        line = one.count(b"\n", 0, at) + 1
        where = f"line {line}, {where}"
    return f"{where}: {_around(one, at)} | {_around(other, at)}"


def _around(content: bytes, at: int) -> str:
    return repr(content[max(0, at - SHOWN // 2) : at + SHOWN // 2])[1:]


def _object_of(content: bytes, at: int) -> str:
    """The PDF object an offset lies in; its type where it says one."""
    before = list(re.finditer(rb"(?:^|\s)(\d+) (\d+) obj\b", content[:at]))
    if not before:
        return "before the first object"
    end = content.find(b"endobj", before[-1].start())
    if 0 <= end < at:
        return "between objects or in the trailer"
    kind = re.search(rb"/Type\s*/(\w+)", content[before[-1].start() : end])
    number = before[-1][1].decode()
    return f"object {number}" + (f" ({kind[1].decode()})" if kind else "")


def _place_of(one: bytes, other: bytes) -> str:
    try:
        path = next(_places(json.loads(one), json.loads(other), ""), "only the order or the blanks")
    except ValueError:
        return "not JSON"
    return path or "the whole"


def _places(one: object, other: object, path: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _places(one.get(key), other.get(key), f"{path}/{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from _places(a, b, f"{path}/{index}")
    elif one != other:
        yield path


def circumstances() -> tuple[Circumstances, Circumstances]:
    """The two ways a commit is built."""
    first = Circumstances(
        "one", {"TZ": "UTC", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "PYTHONHASHSEED": "1", "HOME": "home"}
    )
    second = Circumstances(
        "another place/with a blank",
        {
            "TZ": "Asia/Dushanbe",
            "LC_ALL": _locale(),
            "LANG": _locale(),
            "PYTHONHASHSEED": "4242",
            "HOME": "home",
            # No font of the system is found through an empty list.
            "FONTCONFIG_FILE": os.devnull,
        },
        one_core=True,
        after_another=True,
    )
    return first, second


def _locale() -> str:
    """A locale with a comma in its numbers, if this machine has one."""
    try:
        shown = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=True).stdout.split()  # noqa: S607 - found on PATH on purpose
    except (OSError, subprocess.CalledProcessError):
        return "POSIX"
    return next((name for name in shown if re.match(r"(de|fr|nl|ru)_.*utf-?8", name, re.IGNORECASE)), "POSIX")


def run(root: Path, progress: Progress, *, renderer: str, keep: Path | None = None) -> list[Difference]:
    """Build the last commit of the project in ROOT twice and compare.

    Args:
        root: the project's folder, a Git work tree.
        progress: where to tell.
        renderer: as `make report` takes it.
        keep: a folder where the two books are left for inspection.

    Raises:
        Stop: a build failed, or there is no commit; its own words are the message.
    """
    commit = _git(root, "rev-parse", "--verify", "HEAD")
    if _git(root, "status", "--porcelain", "--untracked-files=no"):
        progress.line("note        changes that are not committed are left out")
    progress.line(f"commit      {commit[:12]}")
    with TemporaryDirectory(prefix="recount-reproduce-") as name:
        books = []
        for number, how in enumerate(circumstances(), 1):
            place = Path(name) / how.folder
            with progress.step(f"build {number}") as said:
                _clone(root, place, commit)
                (Path(name) / "home").mkdir(exist_ok=True)
                if how.after_another:
                    _build_another(place, how, renderer)
                _build(place, how, renderer)
                said.append(_told(how))
            books.append(place / "_book")
        found = compare(*books)
        count = sum(path.is_file() for path in books[0].rglob("*"))
        if keep:
            for number, book in enumerate(books, 1):
                shutil.copytree(book, keep / str(number), dirs_exist_ok=True)
    if not found:
        progress.line(f"same        {count} files, byte for byte")
    return found


def problems(found: Sequence[Difference]) -> list[Problem]:
    """Differences as problems."""
    fix = "find what of the machine, the clock or the order of a set got into it"
    return [Problem(f"_book/{one.path}", 0, "bytes-are-the-same", one.what, fix=fix) for one in found]


def _told(how: Circumstances) -> str:
    cores = "one core" if how.one_core else "all cores"
    before = "after another build" if how.after_another else "from nothing"
    return f"{before}, {cores}, {how.environment['TZ']}, {how.environment['LC_ALL']}"


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)  # noqa: S603, S607 - git, found on PATH on purpose
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or ["git failed"]
        raise Stop(
            [Problem("", 0, "commit-exists", said[0], fix="commit what is to be reproduced, in a Git work tree")],
            Exit.DATA,
        )
    return done.stdout.strip()


def _clone(root: Path, place: Path, commit: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    _git(root, "clone", "--quiet", "--no-hardlinks", "--no-checkout", str(root), str(place))
    _git(place, "checkout", "--quiet", commit)
    # Quarto calls our scripts by the Python of the project.
    (place / ".venv").symlink_to(sys.prefix)
    source = root / "source"
    if source.is_dir():
        # Outside the commit and not to be copied; what is checked against it is.
        (place / "source").symlink_to(source.resolve())


def _build_another(place: Path, how: Circumstances, renderer: str) -> None:
    """Build with a module and a chapter changed, then change them back: caches are full of something else."""
    from recount import project

    book = project.load(place)
    chapter = place / book.chapters[0].path
    modules = sorted((place / "src" / book.analysis).rglob("*.py"))
    before = {path: path.read_bytes() for path in [chapter, *modules]}
    chapter.write_bytes(before[chapter] + b"\nOne more sentence.\n")
    for path in modules:
        path.write_bytes(before[path] + b"\n# One more line.\n")
    _build(place, how, renderer)
    for path, content in before.items():
        path.write_bytes(content)


def _build(place: Path, how: Circumstances, renderer: str) -> None:
    home = str(place.parents[len(Path(how.folder).parts) - 1] / how.environment["HOME"])
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "QUARTO", "LD_LIBRARY_PATH"}}
    # The commit's own engine where it holds one, else the one that compares.
    path = os.pathsep.join([str(place / "src"), str(Path(__file__).parents[1])])
    environment = {**kept, **how.environment, "HOME": home, "PYTHONPATH": path}
    called = [sys.executable, "-m", "recount", "report", "--renderer", renderer]
    if how.one_core and shutil.which("taskset"):
        core = min(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
        called = ["taskset", "--cpu-list", str(core), *called]
    done = subprocess.run(called, cwd=place, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - this Python, our own module
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise Stop(
            [Problem("", 0, "commit-builds", f"the build failed: {said}", fix="make the commit build first")],
            Exit(done.returncode) if done.returncode in list(Exit) else Exit.BUG,
        )
