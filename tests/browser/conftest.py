"""A browser for the tests: Chromium, driven through Playwright by a small script, on the book as it was built."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Browser

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / ".recount" / "browser"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    program = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
    )
    if not program or not (INSTALLED / "node_modules").is_dir():
        pytest.fail("no browser here: run `make test-browser`, which installs what these tests need")
    driver = Path(__file__).with_name("driver.mjs")
    with subprocess.Popen(
        ["node", str(driver), str(INSTALLED), program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Browser(process)
        assert process.stdin
        process.stdin.close()


@pytest.fixture(scope="session")
def book() -> Path:
    """The built site: `_book`, or the folder that BOOK names."""
    folder = Path(os.environ.get("BOOK", ROOT / "_book")).resolve()
    if not (folder / "index.html").is_file():
        pytest.fail(f"no book in {folder}: run `make report`")
    return folder


def pages() -> list[str]:
    """Every page of the book, from the index on."""
    folder = Path(os.environ.get("BOOK", ROOT / "_book"))
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html")) or ["index.html"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes a `page` runs on every page."""
    if "page" in metafunc.fixturenames:
        metafunc.parametrize("page", pages())
