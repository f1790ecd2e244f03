"""What every book needs and no project decides: cut fonts and the bundle of the chart library.

They follow from the packages alone, so set-up makes them once and each build finds them; a build without them makes
them for itself.
"""

from __future__ import annotations

import shutil

from recount.render.charts import bundle
from recount.render.fonts import web_fonts, with_fonts
from recount.render.pandoc import PREPARED, Cache

PICTURE = '<svg font-family="Source Sans Pro"><text font-weight="bold" font-style="italic"></text></svg>'


def make() -> None:
    """Fill the folder of what is prepared, anew: packages may have changed."""
    shutil.rmtree(PREPARED, ignore_errors=True)
    kept = Cache(PREPARED)
    web_fonts(kept)
    with_fonts(PICTURE, kept)
    bundle(kept)


if __name__ == "__main__":
    make()
