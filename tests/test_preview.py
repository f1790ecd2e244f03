"""The live preview: what it serves and to whom, what it watches, and how open pages learn of a save."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from recount import preview
from recount.typesetting import Typesetting
from recount.watch import Watch
from sample_book import edit, environment

PAGE = "<!doctype html>\n<html>\n<head>\n<title>x</title></head><body>one</body></html>"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[preview.State, ThreadingHTTPServer, Path]]:
    """A folder of drafts that is served, and the state its pages are told."""
    folder = tmp_path / preview.FOLDER
    folder.mkdir(parents=True)
    (tmp_path / "secret.html").write_text("secret")
    state = preview.State()
    server = preview.serve(tmp_path, state, Typesetting(lambda *_: None))
    yield state, server, folder
    server.shutdown()
    server.server_close()


def get(server: ThreadingHTTPServer, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    """Status, text and headers of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text, dict(answer.getheaders())


Served = tuple[preview.State, ThreadingHTTPServer, Path]


def test_only_this_machine_is_served(served: Served) -> None:
    """The server listens at loopback, and a page elsewhere whose name points here gets nothing."""
    _, server, _ = served
    assert server.server_address[0] == "127.0.0.1"
    assert get(server, "/", Host="evil.example:80")[0] == 403


def test_pages_get_the_script_and_files_do_not_change(served: Served) -> None:
    """The script stands before every other; the file stays as the build wrote it, and nothing is kept by browsers."""
    _, server, folder = served
    (folder / "index.html").write_text(PAGE)
    (folder / "book.css").write_text("p {}")
    status, text, headers = get(server, "/index.html")
    assert status == 200
    assert text == PAGE.replace("<head>", '<head><script src="/.preview/live.js"></script>')
    assert headers["Cache-Control"] == "no-store"
    assert get(server, "/book.css")[1] == "p {}"
    assert get(server, "/")[1] == text
    assert (folder / "index.html").read_text() == PAGE


@pytest.mark.parametrize("path", ["/../../secret.html", "/..%2f..%2fsecret.html", "//../../secret.html"])
def test_nothing_outside_the_draft_is_served(served: Served, path: str) -> None:
    """However the way there is written."""
    state, server, _ = served
    state.built({}, [])
    state.built({"index.html": "1"}, [])
    assert get(server, path)[0] == 404


def test_before_the_first_build_a_page_waits(served: Served) -> None:
    """It says so and has the script, so that it shows the book when there is one."""
    status, text, _ = get(served[1], "/chapters/one.html")
    assert status == 200
    assert "first build" in text
    assert "live.js" in text


def test_pages_are_told_what_is_new(served: Served) -> None:
    """Each event holds all there is to show; the version counts builds that changed a file."""
    state, server, _ = served
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    connection.request("GET", "/.preview/events")
    answer = connection.getresponse()
    assert answer.getheader("Content-Type") == "text/event-stream"

    def event() -> dict[str, Any]:
        line = answer.readline()
        while not line.startswith(b"data: "):
            line = answer.readline()
        told: dict[str, Any] = json.loads(line[6:])
        return told

    assert event()["state"] == "building"
    state.built({"index.html": "1", "two.html": "1"}, [])
    assert (first := event())["version"] == 1
    assert first["changed"] == ["index.html", "two.html"]
    state.built({"index.html": "2", "two.html": "1"}, [{"message": "m"}])
    second = event()
    assert (second["version"], second["changed"], second["verdicts"]) == (2, ["index.html"], [{"message": "m"}])
    state.built({"index.html": "2", "two.html": "1"}, [])
    assert event()["version"] == 2
    connection.close()


def test_a_save_is_seen_by_its_content(tiny: Path) -> None:
    """New, changed and removed files are named; a touch is no save, and a clock set back hides none."""
    watch = Watch(tiny)
    assert watch.changed() == []
    (tiny / "chapters/one.qmd").touch()
    (tiny / "data/gifts.csv").write_text("id,organisation\n")
    os.utime(tiny / "data/gifts.csv", (1, 1))
    (tiny / "chapters/two.qmd").unlink()
    (tiny / "src/tiny/new.py").write_text("")
    (tiny / "styles").mkdir()
    (tiny / "styles/book.css").write_text("p {}")
    assert watch.changed() == ["chapters/two.qmd", "data/gifts.csv", "src/tiny/new.py", "styles/book.css"]
    assert watch.changed() == []


def test_what_editors_and_builds_leave_is_no_save(tiny: Path) -> None:
    """Swap files, byte code, outputs and caches."""
    watch = Watch(tiny)
    for path in (
        "chapters/.one.qmd.swp",
        "chapters/one.qmd~",
        "src/tiny/__pycache__/a.pyc",
        ".recount/x",
        "_book/y",
        "chapters/one_files/f.svg",
        "chapters/one.html",
    ):
        (tiny / path).parent.mkdir(parents=True, exist_ok=True)
        (tiny / path).write_text("x")
    assert watch.changed() == []


class Open:
    """A preview that runs, and a page that listens."""

    def __init__(self, root: Path) -> None:
        """Start it."""
        self.root = root
        self.process = subprocess.Popen(
            [sys.executable, "-m", "recount", "preview"],
            cwd=root,
            env=environment(root, PYTHONUNBUFFERED="1"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.port = int(re.findall(r"http://127\.0\.0\.1:(\d+)/", self.process.stdout.readline())[0])
        self.told: list[dict[str, Any]] = []
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", self.port)
            connection.request("GET", "/.preview/events")
            answer = connection.getresponse()
            while line := answer.readline():
                if line.startswith(b"data: "):
                    self.told.append(json.loads(line[6:]))

    def until(self, wanted: Callable[[dict[str, Any]], bool], since: int = 0) -> dict[str, Any]:
        """The first thing told that is wanted."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            for now in self.told[since:]:
                if wanted(now):
                    return now
            time.sleep(0.02)
        raise AssertionError(f"never told; last: {self.told[-1:]}")

    def after(self, path: str, old: str, new: str, state: str) -> dict[str, Any]:
        """Edit a file and wait for the state that the page is then told, with its problems complete."""
        return self.saved(lambda: edit(self.root / path, old, new), state)

    def saved(self, save: Callable[[], object], state: str) -> dict[str, Any]:
        """Save something and wait for a state; that a PDF is done is told too, and may be of what was saved before."""
        since, builds = len(self.told), self.told[-1]["builds"]
        save()
        return self.until(lambda now: now["state"] == state and (state != "ready" or now["builds"] > builds), since)

    def page(self, path: str) -> str:
        """A page as the browser gets it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path)
        text = connection.getresponse().read().decode()
        connection.close()
        return text

    def pdf(self) -> bytes:
        """The PDF as the browser gets it, once what was saved is on it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/sample.pdf")
        found = connection.getresponse().read()
        connection.close()
        assert found.startswith(b"%PDF")
        return found

    def close(self) -> None:
        """As Ctrl-C does."""
        self.process.send_signal(2)
        self.process.wait(timeout=30)


@pytest.fixture
def live(sample: Path) -> Iterator[Open]:
    """The made-up project in a preview whose first build is done."""
    one = Open(sample)
    try:
        one.until(lambda now: now["state"] == "ready")
        yield one
    finally:
        one.close()


@pytest.mark.slow
def test_a_save_of_each_kind_changes_the_open_page(live: Open) -> None:
    """A sentence, a cell of a table, a module, the bibliography; the book itself stays as `make report` left it."""
    book = (live.root / "_book/chapters/org-001.html").read_text()
    page = "chapters/org-001.html"
    assert page in live.after("chapters/org-001.qmd", " did ", " truly did ", "ready")["changed"]
    assert " truly did " in live.page(f"/{page}")
    row = next(
        line
        for line in (live.root / "data/activities.csv").read_text().splitlines()
        if "org-001" in line and "planned" not in line
    )
    state = row.split(",")[4]
    before = re.findall(r"(\d+) acts", live.page(f"/{page}"))[0]
    live.after("data/activities.csv", row, row.replace(f",{state},", ",planned,"), "ready")
    assert int(re.findall(r"(\d+) acts", live.page(f"/{page}"))[0]) == int(before) - 1
    live.after("src/sample/report.py", ':,} acts"', ':,} deeds"', "ready")
    assert re.search(r"\d+ deeds", live.page(f"/{page}"))
    before = live.pdf()
    live.after("data/references.bib", "title={Apples}", "title={Pears}", "ready")
    assert live.pdf() != before
    assert "Pears" in live.page("/chapters/references.html")
    assert (live.root / "_book/chapters/org-001.html").read_text() == book


@pytest.mark.slow
def test_a_broken_save_is_shown_and_the_next_good_one_recovers(live: Open) -> None:
    """Rule, file, line and fix reach the page, which keeps its last good text."""
    good = live.page("/chapters/org-002.html")
    broken = live.after("data/activities.csv", ",course,", ",curse,", "broken")
    assert [(p["rule"], p["place"].split(":")[0]) for p in broken["problems"]] == [
        ("kind-is-known", "data/activities.csv")
    ]
    assert re.search(r":\d+ \(kind\)$", broken["problems"][0]["place"])
    assert broken["problems"][0]["fix"].endswith("choose among the kinds")
    assert live.page("/chapters/org-002.html") == good
    assert live.after("data/activities.csv", ",curse,", ",course,", "ready")["problems"] == []
    broken = live.after("chapters/org-002.qmd", ".acts`", ".axes`", "broken")
    assert [(p["rule"], p["place"]) for p in broken["problems"]] == [("inline-name", "chapters/org-002.qmd:8")]
    assert live.after("chapters/org-002.qmd", ".axes`", ".acts`", "ready")["problems"] == []
    broken = live.after("src/sample/report.py", "def __getattr__", "def def", "broken")
    assert {p["rule"] for p in broken["problems"]} == {"cell-runs"}
    live.after("src/sample/report.py", "def def", "def __getattr__", "ready")
    assert live.page("/chapters/org-002.html") == good


@pytest.mark.slow
def test_claims_whose_verdict_an_edit_would_change_are_named(live: Open) -> None:
    """The page is built all the same; undoing the edit takes the banner away."""
    table = live.root / "data/activities.csv"
    first = (live.root / "data/verdicts.yml").read_text()
    rows = table.read_text()
    less, more = ("org-001", "org-002") if "holds" in first else ("org-002", "org-001")
    seen: set[str] = set()
    lines = []
    for line in rows.splitlines():
        cells = line.split(",")
        if cells[1] in {less, more}:
            cells[4] = "planned" if cells[1] == less and less in seen else "done"
            seen.add(cells[1])
        lines.append(",".join(cells) + "\n")
    told = live.saved(lambda: table.write_text("".join(lines)), "ready")
    assert [verdict["rule"] for verdict in told["verdicts"]] == ["verdict-accepted"]
    assert told["verdicts"][0]["message"].startswith("first-did-most was ")
    assert live.saved(lambda: table.write_text(rows), "ready")["verdicts"] == []
