"""What our script and style do on a page of Quarto's, written by hand in its shape; all else is as built."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

import pytest
from chromium import Browser

pytestmark = pytest.mark.browser

ASSETS = Path(__file__).parents[2] / "src/recount/render/assets"
STYLE = "src/recount/render/assets/reading.css"
PAGE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<title>Gifts</title>
<meta name="quarto:offset" content="../">
<link rel="stylesheet" href="../{style}">
<style>
body.quarto-light {{ background: #fff; color: #222; }}
body.quarto-dark {{ background: #222; color: #fff; }}
.img-fluid {{ max-width: 100%; height: auto; }}
/* Bootstrap's own boxes of these names must not reach ours, nor ours them. */
.popover, .sidebar, .callout, .chart-wrapper > .tooltip {{ display: none; }}
</style>
</head>
<body class="nav-sidebar floating nav-fixed {theme}">
<div id="quarto-content" class="quarto-container page-columns page-rows-contents page-layout-article">
<nav id="quarto-sidebar" class="sidebar collapse collapse-horizontal quarto-sidebar-collapse-item" aria-label="Book">
<ul><li class="sidebar-item"><a href="../index.html" class="sidebar-item-text sidebar-link">Home</a></li></ul></nav>
<main class="content" id="quarto-document-content">
<h1 class="title">Gifts</h1>
<p>There were <span class="computed" value="{value}">{text}</span> of them,
<span class="computed" data-value="{value}">{text}</span> in all.</p>
<div id="cell-{label}" class="cell"><div class="cell-output cell-output-display">
<div id="{label}" class="drawn quarto-float quarto-figure quarto-figure-center anchored" alt="{alt}">
<figure class="quarto-float quarto-float-fig figure">
<div aria-describedby="{label}-caption">
<img src="{picture}" class="drawn img-fluid figure-img" alt="{alt}">
</div>
<figcaption class="quarto-float-caption-bottom quarto-float-caption quarto-float-fig" id="{label}-caption">
Figure&nbsp;1: Gifts</figcaption>
</figure></div></div></div>
</main>
{include}</div>
</body>
</html>
"""


@pytest.fixture(scope="module")
def label(book: Path) -> str:
    """The label of a chart that was built."""
    return next(path.stem for path in sorted((book / "charts").glob("fig-*-timeline.js")))


@pytest.fixture(scope="module")
def quarto(book: Path, label: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as Quarto and `recount companions` leave it, with a light page and a dark one."""
    out = tmp_path_factory.mktemp("quarto")
    for name in ("assets", "charts", "data"):
        shutil.copytree(book / name, out / name)
    shutil.copyfile(book / "evidence.html", out / "evidence.html")
    (out / STYLE).parent.mkdir(parents=True)
    shutil.copyfile(ASSETS / "reading.css", out / STYLE)
    (out / "chapters").mkdir()
    picture = next(book.rglob(f"{label}.svg"))
    shutil.copyfile(picture, out / "chapters" / picture.name)
    value = re.search(
        r'recount\.provenance\({"([^"]+)":\["([^"]+)",', (out / "assets/provenance.js").read_text("utf-8")
    )
    assert value
    for theme in ("light", "dark"):
        page = PAGE.format(
            style=STYLE,
            theme=f"quarto-{theme}",
            value=html.escape(value[1]),
            text=html.escape(value[2]),
            label=label,
            alt="A timeline of gifts.",
            picture=picture.name,
            include=(ASSETS / "quarto.html").read_text("utf-8"),
        )
        (out / f"chapters/{theme}.html").write_text(page, encoding="utf-8")
    return out


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_value_tells_its_origin(browser: Browser, quarto: Path, theme: str) -> None:
    """By keyboard a number shows its origin, in the colours of the page; its link selects rows of the evidence."""
    # The page decides, not the system: Quarto's switch is its own.
    browser.open(quarto / f"chapters/{theme}.html", colorScheme="dark" if theme == "light" else "light")
    browser.until("document.querySelector('.computed[role=button]')")
    browser.press("Tab")
    while not browser.ask("document.activeElement.matches('.computed')"):
        browser.press("Tab")
    browser.until("document.querySelector('.peek dl')")
    channel = browser.ask(
        "parseInt(getComputedStyle(document.querySelector('.peek')).backgroundColor.match(/\\d+/)[0])"
    )
    assert channel > 200 if theme == "light" else channel < 60
    assert browser.call("axe") == []
    rows = browser.ask("document.querySelector('.peek a')?.hash.split(';').length ?? 0")
    if rows:
        browser.ask("document.querySelector('.peek a').click()")
        browser.call("page.waitForURL", "**/evidence.html**")
        browser.until("document.querySelector('[data-count]').innerText.includes(' selected')")
        assert f"{rows} selected" in browser.ask("document.querySelector('[data-count]').innerText")


def test_the_first_use_of_a_value_is_an_address(browser: Browser, quarto: Path) -> None:
    """The evidence page links to where a value stands first; that name is given on Quarto's pages too, once."""
    browser.open(quarto / "chapters/light.html")
    browser.until("document.querySelector('.computed[role=button]')")
    first, second = browser.ask("[...document.querySelectorAll('.computed')].map((part) => part.id)")
    assert first.startswith("value-")
    assert not second


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chart_is_drawn_once(browser: Browser, quarto: Path, theme: str) -> None:
    """Quarto repeats the name of a chart on the frame and the picture: one chart takes the picture's place."""
    browser.open(quarto / f"chapters/{theme}.html")
    browser.ask("document.querySelector('img').scrollIntoView()")
    browser.until("document.querySelector('.live .chart svg')")
    assert browser.ask("document.querySelectorAll('.chart').length") == 1
    assert browser.ask("document.querySelector('.figure-img').offsetHeight") == 0
    assert browser.call("complaints") == []
    assert [url for url in browser.call("requests") if not url.startswith((quarto.as_uri(), "data:", "blob:"))] == []
    # Last, because it asks for the style sheets again to read them.
    assert browser.call("axe") == []


def test_a_switch_to_dark_redraws_the_chart(browser: Browser, quarto: Path) -> None:
    """Quarto's switch changes the class of the body; the chart's words follow."""
    browser.open(quarto / "chapters/light.html")
    browser.ask("document.querySelector('img').scrollIntoView()")
    browser.until("document.querySelector('.live .chart svg')")
    ink = "[...document.querySelectorAll('.chart svg text')].map((text) => text.getAttribute('fill')).join()"
    before = browser.ask(ink)
    browser.ask("document.body.classList.replace('quarto-light', 'quarto-dark')")
    browser.until(f"{ink} && {ink} !== {before!r}")


def test_without_scripts_the_picture_stays(browser: Browser, quarto: Path) -> None:
    """A reader without scripts sees the text and the picture."""
    browser.open(quarto / "chapters/light.html", javaScriptEnabled=False)
    assert browser.ask(
        "document.querySelector('img').naturalWidth > 0 && document.querySelector('img').offsetHeight > 0"
    )
