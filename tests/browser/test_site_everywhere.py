"""What holds of every page of the built site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from chromium import Browser

pytestmark = pytest.mark.browser

# In bytes. A page with its style sheets, scripts, fonts, and search index as it loads at first; without pictures
# (loaded as one scrolls), and without the vega bundle, which all charts share.
MOST = 300_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, book: Path, page: str, scheme: str) -> None:
    """Every page, its charts drawn and its details open, keeps to WCAG 2.2 AA as far as axe-core can tell."""
    browser.open(book / page, colorScheme=scheme, reducedMotion="reduce")
    browser.show_all()
    browser.ask("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    assert browser.call("axe") == []


def test_axe_finds_nothing_on_a_phone(browser: Browser, book: Path, page: str) -> None:
    """The same on a narrow screen, where the list of chapters is a drawer."""
    browser.open(book / page, viewport={"width": 390, "height": 844}, reducedMotion="reduce")
    assert browser.call("axe") == []


def test_nothing_is_asked_of_the_network(browser: Browser, book: Path, page: str) -> None:
    """A page, its charts drawn, asks only for files of its own folder, gets them all, and complains of nothing."""
    browser.open(book / page)
    browser.show_all()
    assert [url for url in browser.call("requests") if not url.startswith((book.as_uri(), "data:", "blob:"))] == []
    assert browser.call("complaints") == []


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_scrolls_sideways_on_a_phone(browser: Browser, book: Path, page: str, width: int) -> None:
    """At a phone's width the page is no wider than the screen, its charts drawn."""
    browser.open(book / page, viewport={"width": width, "height": 844})
    browser.show_all()
    assert browser.ask("document.documentElement.scrollWidth") <= width


def test_pages_are_light(browser: Browser, book: Path, page: str) -> None:
    """A page and what it loads before anybody scrolls is under 300 kB, pictures and the vega bundle not counted."""
    browser.open(book / page)
    weighed = {}
    for url in set(browser.call("requests")):
        path = Path(re.sub(r"[?#].*", "", url).removeprefix("file://"))
        if path.suffix in {".html", ".css", ".js", ".woff"} and path.name != "vega.js" and path.parent.name != "charts":
            weighed[path.name] = path.stat().st_size
    assert page.rpartition("/")[2] in weighed
    assert sum(weighed.values()) < MOST, weighed


def test_without_scripts_text_and_pictures_are_there(browser: Browser, book: Path, page: str) -> None:
    """A reader who switched scripts off has the text, every figure as a loaded picture, and the way to other pages."""
    browser.open(book / page, javaScriptEnabled=False, viewport={"width": 1280, "height": 30_000})
    told = browser.ask(
        """({
            words: document.querySelector('main').innerText.length,
            chapters: [...document.querySelectorAll('.sidebar a')].filter((a) => a.offsetHeight).length,
            tabs: [...document.querySelectorAll('.tab')].filter((tab) => !tab.offsetHeight).length,
        })"""
    )
    assert told["words"] > 200
    assert told["chapters"] > 5
    assert told["tabs"] == 0
    # Pictures load as they come near; each is brought near in its turn.
    for at in range(browser.ask("document.querySelectorAll('figure img').length")):
        browser.ask(f"document.querySelectorAll('figure img')[{at}].scrollIntoView()")
    missing = "[...document.querySelectorAll('figure img')].filter((img) => !img.naturalWidth || !img.offsetHeight)"
    browser.until(f"{missing}.length === 0")


def test_no_line_ends_within_a_date(browser: Browser, book: Path) -> None:
    """At a phone's width every date of a table stands in one line."""
    browser.open(book / "chapters/02-unodc.html", viewport={"width": 320, "height": 844})
    lines = browser.ask("[...document.querySelectorAll('td .date')].map((date) => date.getClientRects().length)")
    assert lines
    assert set(lines) == {1}
