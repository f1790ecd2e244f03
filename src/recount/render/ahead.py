"""What every book needs and no chapter decides: cut fonts and the bundle of the chart library, made while others work.

Run as a process of its own at the beginning of a build from nothing; the renderer then finds all of it in its cache.
"""

from __future__ import annotations

import sys
from pathlib import Path

from recount.render.pandoc import Cache


def make(cache: Path) -> None:
    """Fill CACHE."""
    from recount.render.charts import bundle
    from recount.render.fonts import web_fonts, with_fonts

    kept = Cache(cache)
    web_fonts(kept)
    with_fonts('<svg font-family="Source Sans Pro"><text font-weight="bold"></text></svg>', kept)
    # Last: it is taken for the sign that all is there.
    bundle(kept)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
