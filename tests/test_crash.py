"""Never half: builds that are killed, refused by the machine, run twice at once, or find their caches damaged."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sample_book import content, copy, edit, environment, recount, report, wrong_with

REPORT = [sys.executable, "-m", "recount", "report", "--renderer", "builtin"]
KILLS = 100

pytestmark = pytest.mark.slow


def start(root: Path) -> subprocess.Popen[str]:
    """A build in a process group of its own."""
    return subprocess.Popen(
        REPORT,
        cwd=root,
        env=environment(root),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def started(root: Path, until: str) -> subprocess.Popen[str]:
    """A build that has just printed a line that begins with UNTIL."""
    build = start(root)
    assert build.stdout
    assert any(line.startswith(until) for line in build.stdout)
    return build


def change(root: Path, number: int) -> None:
    """Something to do for the next build: in turn a sentence, a row, a module."""
    kind = number % 3
    if kind == 0:
        edit(root / "chapters/org-001.qmd", " did ", f" did {'really ' * (number % 4)}")
    elif kind == 1:
        path = root / "data/activities.csv"
        old, new = (",done,", ",under-way,") if ",done," in path.read_text() else (",under-way,", ",done,")
        edit(path, old, new)
    else:
        with (root / "src/sample/report.py").open("a") as module:
            module.write(f"# {number}\n")


def test_a_build_killed_at_any_moment_leaves_a_whole_book(sample: Path) -> None:
    """A hundred builds are killed, each at another moment; the book is whole each time and the next build succeeds."""
    chance = random.Random(1)  # noqa: S311 - moments, no secrets
    began = time.monotonic()
    assert report(sample).returncode == 0
    change(sample, 1)
    assert report(sample).returncode == 0
    longest = (time.monotonic() - began) * 0.8
    for number in range(KILLS):
        change(sample, number)
        build = start(sample)
        time.sleep(chance.uniform(0, longest))
        # Only the build itself: what it started must notice.
        build.kill()
        build.communicate()
        assert wrong_with(sample / "_book") == [], f"after kill {number}"
        if number % 10 == 9:
            done = report(sample)
            assert done.returncode == 0, done.stderr
            assert wrong_with(sample / "_book") == []
    fresh = sample.with_name("fresh")
    shutil.copytree(sample, fresh, ignore=shutil.ignore_patterns(".recount", "_book*"))
    assert report(fresh).returncode == 0
    assert content(sample / "_book") == content(fresh / "_book")


def test_nothing_runs_on_after_a_kill(sample: Path) -> None:
    """The warm process and its kernels end with the build that started them."""
    shutil.rmtree(sample / ".recount")
    build = started(sample, "  chapter")
    assert len(processes_in(sample)) > 2
    build.kill()
    build.communicate()
    until = time.monotonic() + 30
    while (left := processes_in(sample)) and time.monotonic() < until:
        time.sleep(0.1)
    assert left == []


def processes_in(folder: Path) -> list[str]:
    """The command lines of the processes that stand in FOLDER."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").resolve() == folder.resolve():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def kept(root: Path) -> list[str]:
    """One cache file of each kind, relative to the project."""
    patterns = {
        "certificate": "certificate.json",
        "rows": "rows.json",
        "judged": "judged/*.json",
        "checks": "checks.json",
        "results": "results/organisations.json",
        "verdicts": "results/verdicts.json",
        "results record": "results.record.json",
        "text": "executed/chapters/org-001/chapter.md",
        "values": "executed/chapters/org-001/values.json",
        "answers": "executed/chapters/org-001/evaluation.json",
        "record": "executed/chapters/org-001/record.json",
        "drawing": "executed/chapters/org-001/*_files/figure-html/*.svg",
        "specification": "executed/chapters/org-001/*_files/figure-html/*.vl.json",
        "copies": "copies/*",
        "pandoc": "pandoc/pandoc-*",
        "account": "book.json",
    }
    return [min((root / ".recount").glob(pattern)).relative_to(root).as_posix() for pattern in patterns.values()]


DAMAGE = {
    "cut off": lambda old: old[: len(old) // 2],
    "empty": lambda _: b"",
    "garbage": lambda _: b"\x80garbage\x00{]",
    "other JSON": lambda _: b"[]\n",
}


@pytest.mark.parametrize("how", sorted(DAMAGE))
def test_every_kind_of_cache_file_may_be_damaged(sample: Path, how: str) -> None:
    """All of them at once, and one after another: the next build succeeds and gives the same bytes."""
    before = content(sample / "_book")
    (sample / "_book/index.html").unlink()  # so that there is something to do
    files = kept(sample)
    for path in files:
        (sample / path).write_bytes(DAMAGE[how]((sample / path).read_bytes()))
    done = report(sample)
    assert done.returncode == 0, done.stderr
    assert content(sample / "_book") == before
    if how != "garbage":
        return
    for path in files:
        (sample / "_book/index.html").unlink()
        (sample / path).write_bytes(b"\x80")
        done = report(sample)
        assert done.returncode == 0, f"{path}: {done.stderr}"
        assert content(sample / "_book") == before, path


def test_two_builds_at_once_take_turns(sample: Path) -> None:
    """Both succeed, one says that it waits, and the book is whole."""
    change(sample, 1)
    builds = [start(sample), start(sample)]
    said = [build.communicate(timeout=300) for build in builds]
    assert [build.returncode for build in builds] == [0, 0], said
    assert sum("another build is running" in errors for _, errors in said) == 1
    assert wrong_with(sample / "_book") == []


def test_a_clock_set_back_hides_no_change(sample: Path) -> None:
    """Files of the same length, saved with the time of the old ones, are seen."""
    paths = [sample / "chapters/org-001.qmd", sample / "src/sample/report.py", sample / "data/activities.csv"]
    times = [path.stat() for path in paths]
    edit(paths[0], " did ", " Did ")
    edit(paths[1], "rows that are no plans", "rows that are no dreams")
    edit(paths[2], ",course,", ",gift,")
    for path, old in zip(paths, times, strict=True):
        os.utime(path, ns=(0, old.st_mtime_ns - 10**12))
    done = report(sample)
    assert done.returncode == 0, done.stderr
    page = (sample / "_book/chapters/org-001.html").read_text()
    assert " Did " in page
    assert "rows that are no dreams" in (sample / "_book/assets/provenance.js").read_text()


def test_a_module_of_the_same_size_and_time_is_run_as_it_is(sample: Path) -> None:
    """Byte code that Python would take for current is not taken."""
    path = sample / "src/sample/report.py"
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", str(path.parent)],
        check=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    )
    before = path.stat()
    edit(path, "rows that are no plans", "rows that are no PLANS")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert report(sample).returncode == 0
    assert "rows that are no PLANS" in (sample / "_book/assets/provenance.js").read_text()


@pytest.fixture
def small_disk(sample: Path, tmp_path: Path) -> Iterator[Path]:
    """The built project on a disk of its own, which is full."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("making a file system needs the rights of root")
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)], check=False, capture_output=True
    )
    if made.returncode:
        pytest.skip("this machine lets nobody make a file system")
    try:
        yield copy(sample, place / "sample")
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(file: Path) -> None:
    """Write until the disk is full."""
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as open_file:
        while open_file.write(b"x" * 65536):
            pass


def test_a_full_disk_is_said_and_leaves_the_old_book(small_disk: Path) -> None:
    """Exit code 2 and what to do; with room again the next build succeeds."""
    before = content(small_disk / "_book")
    edit(small_disk / "data/activities.csv", ",done,", ",under-way,")
    edit(small_disk / "chapters/org-002.qmd", " did ", " really did ")
    filler = small_disk.parent / "filler"
    fill(filler)
    done = report(small_disk)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert content(small_disk / "_book") == before
    filler.unlink()
    assert report(small_disk).returncode == 0
    assert wrong_with(small_disk / "_book") == []


def test_a_read_only_folder_is_said(small_disk: Path) -> None:
    """Exit code 2, the folder named, and no traceback."""
    edit(small_disk / "chapters/org-002.qmd", " did ", " really did ")
    before = content(small_disk / "_book")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk.parent)], check=True)
    done = report(small_disk)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("folder-is-writable: ")
    assert content(small_disk / "_book") == before


def test_a_build_needs_no_network(sample: Path) -> None:
    """In a namespace without any network the book is built from nothing to the same bytes."""
    unshare = shutil.which("unshare")
    if not unshare:
        pytest.skip("no `unshare` here")
    apart = [unshare, "-n"] if os.geteuid() == 0 else [unshare, "-r", "-n"]
    if subprocess.run([*apart, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody make a network namespace")
    before = content(sample / "_book")
    shutil.rmtree(sample / ".recount")
    shutil.rmtree(sample / "_book")
    done = subprocess.run(
        [*apart, *REPORT], cwd=sample, env=environment(sample), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert content(sample / "_book") == before


@pytest.mark.parametrize(
    ("path", "old", "new", "code", "rule"),
    [
        ("_quarto.yml", "title:", "title: [", 2, "project-settings"),
        ("data/activities.csv", ",course,", ",curse,", 2, "kind-is-known"),
        ("data/activities.csv", "act-01,", "act-01,,", 2, ""),
        ("src/sample/results.py", "def compute", "def computes", 2, "results-computed"),
        ("chapters/org-001.qmd", ".acts`", ".axes`", 3, "inline-name"),
        ("data/verdicts.yml", "first-did-most: ", "first-did-most: not-", 4, "verdict-accepted"),
        ("chapters/org-001.qmd", "@tbl-org-001-kinds", "@tbl-org-001-sorts", 5, "cross-reference-exists"),
        ("src/sample/report.py", '"""What the chapters say."""', "import nothing_called_so", 3, "cell-runs"),
    ],
)
def test_each_stage_has_its_exit_code(  # noqa: PLR0913, PLR0917 - a case has that many parts
    sample: Path, path: str, old: str, new: str, code: int, rule: str
) -> None:
    """The problem is told with its file, the book stays, and undoing the edit mends it."""
    before = content(sample / "_book")
    edit(sample / path, old, new)
    done = report(sample)
    assert done.returncode == code, done.stderr
    assert rule in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.rstrip().endswith("nothing was published")
    assert content(sample / "_book") == before
    edit(sample / path, new, old)
    assert report(sample).returncode == 0
    assert content(sample / "_book") == before


def test_an_unknown_command_is_refused(sample: Path) -> None:
    """With the usage, as programs do."""
    done = recount(sample, "publsh")
    assert done.returncode == 2
    assert "usage:" in done.stderr


@pytest.mark.parametrize("until", ["gate", "  chapter", "chapters"])
def test_an_interrupted_build_says_so(sample: Path, until: str) -> None:
    """Ctrl-C, which a terminal sends to all that a build started, ends it with the code shells expect."""
    shutil.rmtree(sample / ".recount")
    build = started(sample, until)
    os.killpg(build.pid, signal.SIGINT)
    _, errors = build.communicate(timeout=60)
    assert build.returncode == 130, errors
    assert errors == "stopped; the last finished book is as it was\n"
    assert wrong_with(sample / "_book") == []


def test_an_interrupt_that_python_drops_is_heard() -> None:
    """A Ctrl-C that arrives in a destructor, out of which Python raises nothing, still ends the program."""
    code = """
import signal, time
from recount.cli import hear_interrupts

class Deaf:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

hear_interrupts()
try:
    Deaf()
    time.sleep(20)
except KeyboardInterrupt:
    print("heard")
"""
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment(Path.cwd()), capture_output=True, text=True, check=True
    )
    assert told.stdout == "heard\n"


def test_a_build_whose_output_nobody_reads_any_more_says_so(sample: Path) -> None:
    """`make report | head` is no bug of ours, and the book is whole."""
    shutil.rmtree(sample / ".recount")
    build = start(sample)
    assert build.stdout
    build.stdout.close()
    build.wait(timeout=60)
    assert build.stderr
    errors = build.stderr.read()
    assert build.returncode == 141, errors
    assert errors == "stopped: what reads the output has ended; the last finished book is as it was\n"
    assert wrong_with(sample / "_book") == []
