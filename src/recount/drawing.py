"""Drawing charts: Vega-Lite specifications to SVG, in one font and to the same bytes everywhere."""

from __future__ import annotations

import functools
from importlib.resources import files
from pathlib import Path

FONT = "Source Sans Pro"


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
    return str(vl_convert.vegalite_to_svg(spec))
