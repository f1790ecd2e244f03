"""What a reader does on the built site: look a number up, search, draw charts, sort the evidence, by keyboard alone."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from chromium import Browser

pytestmark = pytest.mark.browser

CONCLUSION = "chapters/07-conclusion.html"


def focus(browser: Browser, selector: str, most: int = 200) -> None:
    """Press Tab until what the selector names has the focus: nothing else gets a keyboard user there."""
    for _ in range(most):
        browser.press("Tab")
        if browser.ask(f"document.activeElement.matches({selector!r})"):
            return
    pytest.fail(f"Tab does not reach {selector}")


def figure(browser: Browser, book: Path, ending: str) -> str:
    """Open the page that shows the figure whose label ends so, wait for its chart, and return the figure's selector."""
    for page in sorted((book / "chapters").glob("*.html")):
        if re.search(f'class="figure drawn" id="[^"]*{ending}"', page.read_text(encoding="utf-8")):
            browser.open(page)
            selector = f"figure.drawn[id$='{ending}']"
            browser.ask(f'document.querySelector("{selector}").scrollIntoView({{block: "center"}})')
            browser.until(f'document.querySelector("{selector} .live .chart svg")')
            return selector
    pytest.fail(f"no figure {ending}")


def hovered(browser: Browser, selector: str) -> str:
    """What the tooltip says over a mark of a chart."""
    browser.ask(f'document.querySelector("{selector} .chart").scrollIntoView({{block: "center"}})')
    marks = ", ".join(f"{selector} .chart svg .mark-{kind} > *" for kind in ("rect", "symbol", "rule"))
    box = browser.ask(
        f"""(() => {{
            for (const mark of document.querySelectorAll("{marks}")) {{
                if (!mark.__data__?.tooltip) continue;
                const at = mark.getBoundingClientRect();
                // Below the bar, and where no other mark or word covers it.
                for (const part of [0.5, 0.15, 0.85]) {{
                    const [x, y] = [at.x + at.width * part, at.y + at.height * part];
                    if (y > 60 && document.elementFromPoint(x, y) === mark) return [x, y];
                }}
            }}
            return null;
        }})()"""
    )
    assert box, "no mark with a tooltip"
    browser.call("page.mouse.move", box[0] - 1, box[1])
    browser.call("page.mouse.move", *box)
    browser.until("document.querySelector('#vg-tooltip-element.visible')")
    return str(browser.ask("document.querySelector('#vg-tooltip-element').innerText"))


def test_the_skip_link_leads_past_the_navigation(browser: Browser, book: Path) -> None:
    """The first press of Tab shows a link to the text; Enter goes there."""
    browser.open(book / CONCLUSION)
    browser.press("Tab")
    assert browser.ask("document.activeElement.getBoundingClientRect().left >= 0 && document.activeElement.innerText")
    browser.press("Enter")
    browser.until("document.activeElement.id === 'main'")
    browser.press("Tab")
    assert browser.ask("document.activeElement.closest('main') !== null")


def test_the_sidebar_is_walked_by_keyboard(browser: Browser, book: Path) -> None:
    """Tab reaches the chapters, Enter opens one, and the page then marks where the reader is."""
    browser.open(book / "index.html")
    focus(browser, ".sidebar a[href*='02-']")
    browser.press("Enter")
    browser.call("page.waitForURL", "**/chapters/02-*.html")
    assert browser.ask("document.querySelector('.sidebar [aria-current=page]').href === location.href")


def test_the_drawer_opens_and_closes_by_keyboard(browser: Browser, book: Path) -> None:
    """On a phone the chapters are a drawer: Enter opens it and moves into it, Escape closes it and returns."""
    browser.open(book / CONCLUSION, viewport={"width": 390, "height": 844})
    focus(browser, ".menu-button")
    browser.press("Enter")
    browser.until("document.activeElement.closest('.sidebar')")
    assert browser.ask("getComputedStyle(document.querySelector('.sidebar')).visibility") == "visible"
    browser.press("Escape")
    assert browser.ask("document.activeElement.matches('.menu-button')")
    assert browser.ask("document.activeElement.getAttribute('aria-expanded')") == "false"


def test_a_search_by_keyboard_goes_to_the_word(browser: Browser, book: Path) -> None:
    """A slash opens the search, words find sections, Enter goes to the first of them, which holds the words."""
    browser.open(book / "index.html")
    browser.press("/")
    browser.until("document.activeElement.matches('dialog input')")
    browser.call("page.keyboard.type", "neglected Badakhshan")
    browser.until("document.querySelectorAll('.results a').length > 0")
    target = browser.ask("document.querySelector('.results a').href")
    browser.press("Enter")
    browser.call("page.waitForURL", target)
    assert "Badakhshan" in browser.ask("document.querySelector('main').innerText")
    assert not browser.ask("document.querySelector('dialog.search').open")


def test_a_search_without_an_answer_says_so(browser: Browser, book: Path) -> None:
    """A word that is nowhere finds nothing, Escape closes the dialog, and the page is as it was."""
    browser.open(book / CONCLUSION)
    browser.call("page.click", "[data-open=search]")
    browser.call("page.fill", "dialog input", "xylophone")
    browser.until("document.querySelector('dialog [role=status]').innerText.startsWith('Nothing')")
    browser.press("Escape")
    assert not browser.ask("document.querySelector('dialog.search').open")


def test_light_and_dark_are_switched_by_keyboard_and_remembered(browser: Browser, book: Path) -> None:
    """The switch turns the page and its charts dark, and the next page is dark too."""
    browser.open(book / CONCLUSION, colorScheme="light")
    before = browser.ask("getComputedStyle(document.body).backgroundColor")
    focus(browser, ".theme-button")
    browser.press("Enter")
    after = browser.ask("getComputedStyle(document.body).backgroundColor")
    assert before != after
    browser.call("page.goto", (book / "index.html").as_uri())
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == after


def test_a_computed_value_tells_its_origin_by_keyboard(browser: Browser, book: Path) -> None:
    """Tab to a number shows where it comes from, the next Tab reaches the way to its rows, Escape closes."""
    browser.open(book / CONCLUSION)
    focus(browser, ".computed")
    browser.until("document.querySelector('.peek dl')")
    value = browser.ask("document.activeElement.innerText")
    assert browser.ask("document.querySelector('.peek .value').innerText").strip()
    assert browser.ask("document.activeElement.getAttribute('aria-expanded')") == "true"
    browser.press("Escape")
    assert not browser.ask("document.querySelector('.peek') !== null")
    browser.press("Enter")
    browser.until("document.querySelector('.peek dl')")
    if browser.ask("document.querySelector('.peek a') !== null"):
        browser.press("Tab")
        assert browser.ask("document.activeElement.closest('.peek') !== null")
        browser.press("Escape")
    assert browser.ask("document.activeElement.innerText") == value


def test_a_touch_tells_the_origin_too(browser: Browser, book: Path) -> None:
    """On a phone a tap on a number opens its origin inside the screen, a tap elsewhere closes it."""
    browser.open(book / CONCLUSION, viewport={"width": 390, "height": 844}, hasTouch=True, isMobile=True)
    browser.call("page.tap", ".computed")
    browser.until("document.querySelector('.peek')")
    box = browser.ask("(({left, right}) => [left, right])(document.querySelector('.peek').getBoundingClientRect())")
    assert box[0] >= 0
    assert box[1] <= 390
    browser.call("page.tap", "main h2")
    browser.until("!document.querySelector('.peek')")


def test_ten_computed_values_lead_to_their_rows(browser: Browser, book: Path) -> None:
    """From ten values spread over the book the link opens the evidence with exactly the rows behind it selected."""
    led = 0
    for page in sorted((book / "chapters").glob("*.html")):
        browser.open(page)
        count = browser.ask("document.querySelectorAll('.computed[role=button]').length")
        for at in sorted({count // 3, (2 * count) // 3}):
            if at >= count:
                continue
            browser.call("page.goto", page.as_uri())
            browser.ask(f"document.querySelectorAll('.computed[role=button]')[{at}].click()")
            browser.until("document.querySelector('.peek')")
            if not browser.ask("document.querySelector('.peek a') !== null"):
                continue
            rows = browser.ask(
                "decodeURIComponent(document.querySelector('.peek a').hash).replace('#rows=', '').split(';')"
            )
            browser.ask("document.querySelector('.peek a').click()")
            browser.call("page.waitForURL", "**/evidence.html**")
            browser.until("document.querySelector('[data-rows] tbody tr')")
            # A long selection comes in portions.
            while browser.ask("document.querySelector('[data-more]') !== null"):
                browser.ask("document.querySelector('[data-more]').click()")
            table = rows[0].split(":")[0]
            wanted = {row.split(":", 1)[1] for row in rows if row.startswith(f"{table}:")}
            assert browser.ask("document.querySelector('[data-table]').value") == table
            shown = browser.ask(
                "[...document.querySelectorAll('[data-rows] tbody tr.chosen')].map((row) => row.cells[1].innerText)"
            )
            assert set(shown) == wanted
            assert f"{len(rows)} selected" in browser.ask("document.querySelector('[data-count]').innerText")
            led += 1
    assert led >= 10


def test_an_evidence_row_leads_back_to_the_text(browser: Browser, book: Path) -> None:
    """A row names the places that use it, and each of them exists on its page."""
    browser.open(book / "evidence.html")
    browser.until("document.querySelector('[data-rows] .uses a')")
    for address in browser.ask(
        "[...document.querySelectorAll('[data-rows] .uses a')].slice(0, 5).map((link) => link.href)"
    ):
        browser.call("page.goto", address)
        assert browser.ask("document.getElementById(decodeURIComponent(location.hash.slice(1))) !== null"), address


def test_the_evidence_is_searched_sorted_filtered_and_selected(browser: Browser, book: Path) -> None:
    """Words and filters leave fewer rows, a head sorts up and down, ticked rows stay in the page's address."""
    browser.open(book / "evidence.html")
    browser.call("page.selectOption", "[data-table]", "activities")
    browser.until("document.querySelectorAll('[data-rows] tbody tr').length > 20")
    rows = "document.querySelectorAll('[data-rows] tbody tr').length"
    every = browser.ask(rows)
    browser.call("page.fill", "[data-words]", "training")
    browser.until(f"{rows} < {every}")
    found = browser.ask(
        "[...document.querySelectorAll('[data-rows] tbody tr')].map((row) => row.innerText.toLowerCase())"
    )
    assert found
    assert all("training" in row for row in found)
    browser.call("page.fill", "[data-words]", "")
    browser.until(f"{rows} === {every}")

    organisation = "[data-filters] label:has-text('organisation') select"
    browser.call("page.selectOption", organisation, {"index": 1})
    assert 0 < browser.ask(rows) < every
    browser.call("page.click", "[data-clear]")
    assert browser.ask(rows) == every

    first = "[...document.querySelectorAll('[data-rows] tbody tr')].map((row) => row.cells[1].innerText)"
    browser.call("page.click", "[data-rows] thead button")
    down = browser.ask(first)
    assert (
        browser.ask("document.querySelector('[data-rows] thead th[aria-sort]').getAttribute('aria-sort')")
        == "descending"
    )
    browser.call("page.click", "[data-rows] thead button")
    up = browser.ask(first)
    assert up[0] < down[0]

    browser.call("page.check", "[data-rows] tbody tr:nth-child(3) input")
    assert browser.ask("location.hash") == f"#rows=activities:{up[2]}"
    browser.call("page.check", "[data-selected]")
    assert browser.ask(first) == [up[2]]


def test_every_table_opens_and_is_downloaded_whole(browser: Browser, book: Path) -> None:
    """Each table of the list shows rows; its CSV, downloaded by its link, is the file beside the book."""
    browser.open(book / "evidence.html")
    tables = browser.ask("[...document.querySelectorAll('[data-table] option')].map((option) => option.value)")
    assert len(tables) > 5
    for table in tables:
        browser.call("page.selectOption", "[data-table]", table)
        browser.until(f"document.querySelector('[data-table]').value === '{table}'")
        browser.until("document.querySelectorAll('[data-rows] tbody tr').length > 0")
    for table in tables:
        name, text = browser.call("download", f"a[href='data/{table}.csv']")
        assert name == f"{table}.csv"
        assert text == (book / "data" / name).read_text(encoding="utf-8")


def test_the_data_of_a_figure_are_downloaded(browser: Browser, book: Path) -> None:
    """Below a figure stand its description, its data as a table, and the same data as CSV."""
    browser.open(book / CONCLUSION)
    browser.call("page.click", "figure.drawn .figure-data summary")
    head = browser.ask("[...document.querySelectorAll('.figure-data[open] th')].map((cell) => cell.innerText.trim())")
    _, text = browser.call("download", ".figure-data[open] a[download]")
    assert next(csv.reader(io.StringIO(text))) == head
    assert len(browser.ask("document.querySelector('.figure-data[open] p').innerText")) > 80


def test_tabs_are_walked_by_arrow_keys(browser: Browser, book: Path) -> None:
    """Of a tabset one tab is shown; the arrow keys show the next one."""
    page = next((page for page in sorted(book.rglob("*.html")) if 'class="tabset"' in page.read_text("utf-8")), None)
    if page is None:
        pytest.skip("the book has no tabset")
    browser.open(page)
    focus(browser, ".tab-list [role=tab][aria-selected=true]", 2000)
    before = browser.ask("document.activeElement.innerText")
    browser.press("ArrowRight")
    assert browser.ask("document.activeElement.innerText") != before
    assert browser.ask("document.getElementById(document.activeElement.getAttribute('aria-controls')).offsetHeight > 0")
    assert browser.ask("document.querySelectorAll('.tabset.ready .tab:not([hidden])').length") == browser.ask(
        "document.querySelectorAll('.tabset.ready').length"
    )


@pytest.mark.parametrize("ending", ["-timeline", "-map", "-specification", "-matrix", "-acceptability"])
def test_a_chart_takes_its_pictures_place_and_answers(browser: Browser, book: Path, ending: str) -> None:
    """A chart is drawn where its picture was, as wide as the column, and tells of a mark what the mark stands for."""
    selector = figure(browser, book, ending)
    assert browser.ask(f'document.querySelector("{selector} .plate > img").offsetHeight') == 0
    plate, drawn = (
        browser.ask(f'document.querySelector("{selector} {part}").getBoundingClientRect().width')
        for part in (".plate", ".chart svg")
    )
    assert 0.5 * plate < drawn <= plate + 1
    assert len(hovered(browser, selector)) > 10
    assert browser.call("complaints") == []


def test_the_sliders_of_the_weights_move_the_ranking(browser: Browser, book: Path) -> None:
    """A weight set by keyboard redraws the ranking in the page."""
    selector = figure(browser, book, "-weights")
    drawn = f'document.querySelector("{selector} .chart svg").innerHTML'
    sliders = browser.ask(f'document.querySelectorAll("{selector} input[type=range]").length')
    assert sliders >= 3
    before = browser.ask(drawn)
    browser.ask(f'document.querySelector("{selector} input[type=range]").focus()')
    browser.press("Home")
    browser.until(f"{drawn} !== {before!r}")
    assert browser.ask(
        f'[...document.querySelectorAll("{selector} input")].every((input) => input.labels.length || input.ariaLabel)'
    )


def test_the_map_shows_its_borders_and_places(browser: Browser, book: Path) -> None:
    """The map draws borders and coded places, and names the region of Gorno-Badakhshan."""
    selector = figure(browser, book, "-map")
    drawn = f'document.querySelectorAll("{selector} .chart svg .mark-{{}} path").length'
    assert browser.ask(drawn.format("line")) >= 2
    assert browser.ask(drawn.format("symbol")) >= 5
    assert "GORNO-BADAKHSHAN" in browser.ask(f'document.querySelector("{selector} .chart svg").textContent').upper()


def test_a_figure_leads_to_its_rows(browser: Browser, book: Path) -> None:
    """The link below a figure opens the evidence with as many rows selected as it says."""
    browser.open(book / CONCLUSION)
    said = browser.ask("document.querySelector('figure .origins a').innerText")
    browser.call("page.click", "figure .origins a")
    browser.call("page.waitForURL", "**/evidence.html**")
    browser.until("document.querySelector('[data-rows] tbody tr.chosen')")
    count = said.removeprefix("Evidence: ").split()[0].replace(",", "")
    assert f" {count} selected" in browser.ask("document.querySelector('[data-count]').innerText")
