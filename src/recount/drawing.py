"""Drawing charts: Vega-Lite specifications to SVG, in one font and to the same bytes everywhere."""

from __future__ import annotations

import atexit
import functools
import json
import re
import signal
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

FONT = "Source Sans Pro"


def font_folder() -> Path:
    """The folder of the font wheel: the one family that charts, headings and pages share."""
    return Path(str(files("font_source_sans_pro"))) / "files"


@functools.cache
def _engine() -> object:
    import vl_convert

    from recount.render.fonts import chart_faces

    # Without the real family vl-convert measures text in a font of its own and labels overlap in the document. It
    # opens the file anew for each letter it measures, so it gets faces cut to the letters that pages know.
    folder = TemporaryDirectory(prefix="recount-faces-")
    atexit.register(folder.cleanup)
    for name, content in chart_faces().items():
        Path(folder.name, name).write_bytes(content)
    vl_convert.register_font_directory(folder.name)
    return vl_convert


def svg(spec: str) -> str:
    """The drawing of a Vega-Lite specification given as JSON text."""
    import vl_convert

    _engine()
    return renumbered(str(vl_convert.vegalite_to_svg(spec)))


class Drawer:
    """A process that draws one chart after another; a context manager that ends it.

    The chart engine holds Python's lock while it draws and needs a second to start. In a process of its own it does
    both while kernels run.
    """

    def __enter__(self) -> Self:
        """Start it; the engine warms up meanwhile."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "recount.drawing"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        # One thread, since the process does one thing at a time.
        self._asking = ThreadPoolExecutor(max_workers=1)
        return self

    def __exit__(self, *_: object) -> None:
        """End it, whatever it is at."""
        self._process.kill()
        self._asking.shutdown(cancel_futures=True)
        self._process.communicate()

    def draw(self, spec: str) -> Future[str]:
        """The drawing of a Vega-Lite specification given as JSON text; a ValueError if it cannot be drawn."""
        return self._asking.submit(self._ask, spec)

    def _ask(self, spec: str) -> str:
        asked, answered = self._process.stdin, self._process.stdout
        if asked is None or answered is None:
            raise RuntimeError("the process was started without pipes")
        asked.write(json.dumps(spec) + "\n")
        asked.flush()
        line = answered.readline()
        if not line:
            raise ValueError("the process that draws ended")
        answer = json.loads(line)
        if "error" in answer:
            raise ValueError(answer["error"])
        return str(answer["svg"])


def _serve() -> None:
    """Answer each specification on standard input with its drawing, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever interrupts the build ends this process with it
    svg('{"mark": "point", "data": {"values": [{}]}}')  # the first one takes a second
    for line in sys.stdin:
        try:
            answer = {"svg": svg(json.loads(line))}
        except ValueError as error:
            answer = {"error": str(error)}
        try:
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            return  # whoever asked was killed before it could hear the answer


_NAMED = re.compile(r'(?<=\bid=")(clip|gradient_|pattern_)\d+(?=")|(?<=url\(#)(clip|gradient_|pattern_)\d+(?=\))')


def renumbered(drawing: str) -> str:
    """A drawing whose clips and gradients are counted from nought in the order they are met.

    The chart engine counts them over all drawings of a process, so that they told which charts were drawn before.
    """
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        kind = match[1] or match[2]
        return numbers.setdefault(match[0], f"{kind}{len(numbers)}")

    return _NAMED.sub(number, drawing)


if __name__ == "__main__":
    _serve()
