"""Two builds compared byte by byte, and what is said of the first difference."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from recount.reproduce import Difference, compare, difference
from sample_book import edit, recount

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n2 0 obj\n<< /Type /Page /Date (today) >>\nendobj\ntrailer\n1\n"


def folders(tmp_path: Path, one: dict[str, bytes], other: dict[str, bytes]) -> tuple[Path, Path]:
    """Two folders with these files."""
    for name, files in (("one", one), ("other", other)):
        for path, content in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_bytes(content)
    return tmp_path / "one", tmp_path / "other"


def test_equal_folders_have_no_difference(tmp_path: Path) -> None:
    """Times and modes of files do not count."""
    one, other = folders(tmp_path, {"a/b.html": b"x"}, {"a/b.html": b"x"})
    (one / "a/b.html").touch()
    (other / "a/b.html").chmod(0o600)
    assert compare(one, other) == []


def test_a_file_of_one_build_only_is_a_difference(tmp_path: Path) -> None:
    """In either direction."""
    found = compare(*folders(tmp_path, {"a": b"x", "same": b""}, {"b": b"x", "same": b""}))
    assert found == [Difference("a", "only in the first build"), Difference("b", "only in the second build")]


@pytest.mark.parametrize(
    ("name", "one", "other", "where"),
    [
        ("book.pdf", PDF, PDF.replace(b"today", b"later"), "object 2 (Page), byte 75"),
        ("book.pdf", PDF, PDF.replace(b"r\n1\n", b"r\n2\n"), "between objects or in the trailer, byte 100"),
        ("book.pdf", PDF, PDF.replace(b"1.7", b"2.0"), "before the first object, byte 5"),
        ("a.json", b'{"a": [1, {"b": 2}]}', b'{"a": [1, {"b": 3}]}', "/a/1/b, byte 16"),
        ("a.json", b'{"a": 1}', b'{"a":  1}', "only the order or the blanks, byte 6"),
        ("a.json", b"[1]", b"[1", "not JSON, byte 2"),
        ("a.html", b"one\ntwo\n", b"one\ntoo\n", "line 2, byte 5"),
        ("a.woff", b"\x00\x01\x02", b"\x00\x01\x03", "byte 2 of 3 and 3"),
        ("a.csv", b"one\n", b"one\ntwo\n", "line 2, byte 4 of 4 and 8"),
    ],
)
def test_the_first_difference_is_named_in_terms_of_the_file(name: str, one: bytes, other: bytes, where: str) -> None:
    """An object of a PDF, a place in a JSON file, a line of a text, a byte of anything else."""
    assert difference(name, one, other).startswith(where)


@pytest.fixture
def committed(sample: Path) -> Path:
    """The made-up project as a commit."""
    (sample / ".gitignore").write_text("/.recount/\n/_book/\n")
    who = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]
    for arguments in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "A sample"]):
        subprocess.run(["git", *arguments], cwd=sample, check=True, capture_output=True)
    return sample


@pytest.mark.slow
def test_a_commit_gives_the_same_bytes_twice(committed: Path) -> None:
    """In another folder, time zone, locale and hash seed, on one core, and after another build."""
    done = recount(committed, "reproduce")
    assert done.returncode == 0, done.stderr
    assert "byte for byte" in done.stdout


@pytest.mark.slow
def test_what_depends_on_the_machine_is_found(committed: Path) -> None:
    """A time zone in a value makes two books, and the file is named."""
    path = committed / "src/sample/report.py"
    edit(path, "from recount import results\n", "import os\n\nfrom recount import results\n")
    edit(path, '"rows that are no plans"', 'f"rows in {os.environ.get(chr(84) + chr(90))}"')
    subprocess.run(
        ["git", "-c", "user.name=N", "-c", "user.email=n@example.org", "commit", "-qam", "x"], cwd=committed, check=True
    )
    done = recount(committed, "reproduce")
    assert done.returncode == 5, done.stderr
    assert "bytes-are-the-same: /values/report.org_001.acts/formula" in done.stderr
    assert "where: _book/provenance.json" in done.stderr


@pytest.mark.slow
def test_without_a_commit_there_is_nothing_to_reproduce(sample: Path) -> None:
    """Exit code 2, and what to do."""
    done = recount(sample, "reproduce", GIT_CEILING_DIRECTORIES=str(sample.parent))
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("commit-exists: ")
