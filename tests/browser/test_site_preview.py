"""An open page of the live preview, in a browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Browser

from sample_book import edit
from test_preview import Open

pytestmark = pytest.mark.browser

SAID = "document.querySelector('#recount-preview')?.shadowRoot.textContent ?? ''"
POPOVER = "document.querySelectorAll('#recount-popover').length"


@pytest.fixture
def live(sample: Path, browser: Browser) -> Iterator[Open]:
    """A chapter open in a low window, scrolled down, and a mark in it that a reload would lose."""
    path = sample / "chapters/org-001.qmd"
    path.write_text(
        path.read_text() + "".join(f"\n## Part {number}\n\nWords of part {number}.\n" for number in range(30))
    )
    one = Open(sample)
    try:
        one.until(lambda now: now["state"] == "ready")
        address = f"http://127.0.0.1:{one.port}/chapters/org-001.html"
        browser.call("open", {"address": address, "viewport": {"width": 1000, "height": 400}})
        # The page has told that it listens when its first state is shown.
        until(browser, "document.querySelector('#recount-preview') !== null")
        browser.ask("document.querySelector('#part-15').scrollIntoView({behavior: 'instant'}), window.mark = 'kept'")
        yield one
    finally:
        one.close()


def until(browser: Browser, wanted: str) -> None:
    """Wait until an expression is true in the page."""
    end = time.monotonic() + 90
    while not browser.ask(wanted):
        assert time.monotonic() < end, f"never: {wanted}; the page says: {browser.ask(SAID)}"
        time.sleep(0.1)


def test_a_save_changes_the_open_page_in_its_place(live: Open, browser: Browser) -> None:
    """No reload, the same part at the same height though a passage above grew, and everything still works, once."""
    height = "document.querySelector('#part-15').getBoundingClientRect().top"
    before = browser.ask(height)
    edit(live.root / "chapters/org-001.qmd", "Words of part 3.", "Words of part 3.\n\n" + "Many more words. " * 200)
    until(browser, "document.querySelector('main').textContent.includes('Many more words')")
    time.sleep(0.5)
    assert browser.ask("window.mark") == "kept"
    assert abs(browser.ask(height) - before) < 3
    theme = browser.ask("document.documentElement.dataset.theme ?? 'none'")
    browser.ask("document.querySelector('.theme-button').click()")
    assert browser.ask("document.documentElement.dataset.theme") not in {theme, None}
    browser.ask("document.querySelector('.computed').click()")
    until(browser, f"{POPOVER} === 1")
    assert [said for said in browser.call("complaints") if "404" not in said] == []


def test_a_row_changes_the_page_and_a_broken_one_is_told(live: Open, browser: Browser) -> None:
    """A row recoded changes value and chart; a broken row is told on the page and taken back by the next save."""
    number = "document.querySelector('.computed').textContent"
    before = browser.ask(number)
    table = live.root / "data/activities.csv"
    row = next(line for line in table.read_text().splitlines() if ",org-001," in line and ",planned," not in line)
    cells = row.split(",")
    edit(table, row, ",".join([*cells[:2], "curse", *cells[3:]]))
    until(browser, f"({SAID}).includes('kind-is-known')")
    assert "data/activities.csv:" in browser.ask(SAID)
    assert browser.ask(number) == before
    edit(table, "curse", cells[2])
    until(browser, f"!({SAID}).includes('kind-is-known')")
    edit(table, row, ",".join([*cells[:4], "planned", *cells[5:]]))
    until(browser, f"{number} !== {before!r}")
    assert browser.ask("window.mark") == "kept"
