"""Drawing charts: Vega-Lite specifications to SVG, in one font and to the same bytes everywhere."""

from __future__ import annotations

import functools
import multiprocessing
import os
import re
import threading
from concurrent.futures import Executor, ProcessPoolExecutor
from importlib.resources import files
from pathlib import Path

FONT = "Source Sans Pro"
TRIVIAL = '{"mark": "point", "data": {"values": [{}]}}'
"""The least specification, to start the engine with."""


def font_folder() -> Path:
    """The folder of the font wheel: the one family that charts, headings and pages share."""
    return Path(str(files("font_source_sans_pro"))) / "files"


@functools.cache
def _engine() -> object:
    import vl_convert

    # Without the real family vl-convert measures text in a font of its own and labels overlap in the document.
    vl_convert.register_font_directory(str(font_folder()))
    return vl_convert


def svg(spec: str) -> str:
    """The drawing of a Vega-Lite specification given as JSON text."""
    import vl_convert

    _engine()
    return renumbered(str(vl_convert.vegalite_to_svg(spec)))


def process() -> Executor:
    """A process that draws one chart after another; a context manager.

    The chart engine holds Python's lock while it draws and needs a second to start. In a process of its own it does
    both while kernels run.
    """
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    """End this process when the one that started it ends, however that happens."""

    def wait() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


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
