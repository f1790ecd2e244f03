"""Chromium as the tests call it: one page, driven through Playwright by `driver.mjs`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any


class BrowserError(Exception):
    """What the page or the driver refused."""


class Browser:
    """One page at a time; each method of Playwright's page is called by its name."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Talk to a driver that was started with pipes."""
        self._process = process

    def call(self, name: str, *args: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Call a method of the driver, or of the page as `page.method`."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"call": name, "args": args}) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline() or '{"error": "the driver ended"}')
        if "error" in told:
            raise BrowserError(f"{name}{args}: {told['error']}")
        return told["value"]

    def open(self, path: Path, fragment: str = "", **options: Any) -> None:  # noqa: ANN401 - Playwright's
        """Open a file in a fresh window; OPTIONS as for a Playwright context (colorScheme, viewport, ...)."""
        self.call("open", {"address": path.as_uri() + fragment, **options})

    def ask(self, expression: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        """The value of a JavaScript expression in the page."""
        return self.call("page.evaluate", expression)

    def until(self, expression: str) -> None:
        """Wait until a JavaScript expression holds."""
        self.call("page.waitForFunction", expression)

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            self.call("page.keyboard.press", key)

    def show_all(self) -> None:
        """Scroll through the page until every chart has taken its picture's place."""
        for at in range(self.ask("document.querySelectorAll('.drawn[id] img').length")):
            chart = f"document.querySelectorAll('.drawn[id] img')[{at}]"
            self.ask(f"{chart}.scrollIntoView({{block: 'center'}})")
            self.until(f"{chart}.closest('figure').querySelector('.live .chart svg, .live .chart canvas')")
