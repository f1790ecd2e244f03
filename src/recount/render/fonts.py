"""The fonts of the book: Source Sans, from its wheel, whole for paper and cut down for the screen."""

from __future__ import annotations

import base64
import contextlib
import functools
import html
import io
import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from recount.drawing import font_folder
from recount.render.pandoc import Cache, digest

FAMILY = "Source Sans Pro"
FACES = {"400": "Regular", "400i": "It", "600": "Semibold"}
# Latin with its extensions, Cyrillic, punctuation, arrows and the mathematical signs prose uses: two thirds of the
# bytes of a face are letters no chapter has.
_RANGES = ((0x20, 0x17F), (0x400, 0x45F), (0x2010, 0x2027), (0x2030, 0x203A), (0x20AC, 0x20AC), (0x2190, 0x2193))
# Letters of nearly every picture. A cut takes a quarter of a second, so pictures share one; a cut to the very letters
# of each would save three kilobytes a face and cost a book of twenty charts eight seconds.
_COMMON = (
    *range(0x20, 0x7F),
    0xA0,
    0xA3,
    0xB7,
    0xD7,
    0x2009,
    0x2013,
    0x2014,
    0x2018,
    0x2019,
    0x201C,
    0x201D,
    0x2026,
    0x20AC,
    0x2212,
)
_SINGLE = (0x2C6, 0x2DC, 0x2009, 0x202F, 0x2116, 0x2122, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265, 0x2002, 0x2003)

_TEXT = re.compile(r"<text\b[^>]*>(.*?)</text>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_BOLD = re.compile(r"font-weight[=:]\s*[\"']?(?:bold|[67]00)")


def web_fonts(cache: Cache) -> dict[str, bytes]:
    """File name to a WOFF with the characters a European book needs, about 30 kB a face."""
    return {f"source-sans-{key}.woff": _page_face(face, cache) for key, face in FACES.items()}


def with_fonts(svg: str, cache: Cache) -> str:
    """A picture that carries the letters it uses, and the common ones.

    An SVG shown by `img` sees no font of the page around it: without its own it would be set in whatever serif the
    reader's machine calls the default, with other widths.
    """
    if FAMILY not in svg or "<text" not in svg:
        return svg
    codes = sorted({ord(letter) for text in _TEXT.findall(svg) for letter in html.unescape(_TAG.sub("", text))} | {32})
    used = ["400"]
    if _BOLD.search(svg):
        used.append("600")
    if "italic" in svg:
        used.append("400i")
    rules = []
    for key in used:
        shared = _cut(_page_face(FACES[key], cache), sorted({*_COMMON, *codes}), cache)
        data = base64.b64encode(shared).decode()
        weight = "600 700" if key == "600" else "400"
        style = "italic" if key.endswith("i") else "normal"
        rules.append(
            f"@font-face{{font-family:'{FAMILY}';font-weight:{weight};font-style:{style};"
            f"src:url(data:font/woff;base64,{data}) format('woff')}}"
        )
    end = svg.index(">", svg.index("<svg")) + 1
    return f"{svg[:end]}<style>{''.join(rules)}</style>{svg[end:]}"


# A page of charts asks for the same two faces thirty times.
@functools.lru_cache(maxsize=8)
def _page_face(face: str, cache: Cache) -> bytes:
    return _cut((font_folder() / f"SourceSansPro-{face}.otf").read_bytes(), _page_codes(), cache)


def _page_codes() -> list[int]:
    return [*(code for first, last in _RANGES for code in range(first, last + 1)), *_SINGLE]


def _cut(whole: bytes, codes: Sequence[int], cache: Cache) -> bytes:
    key = "font-" + digest(_cutter(), whole, repr(codes))
    known = cache.get(key)
    if known is None:
        known = base64.b64encode(_subset(whole, codes)).decode()
        # Packages may lie where nobody may write; the face is then cut again by whoever needs it.
        with contextlib.suppress(OSError):
            cache.put(key, known)
    return base64.b64decode(known)


@functools.cache
def _cutter() -> str:
    """The version of the package that cuts; looking it up reads the description of the package each time."""
    return version("fonttools")


def _subset(whole: bytes, codes: Sequence[int]) -> bytes:
    # Loaded here because a build with a warm cache never needs it.
    from fontTools import subset  # type: ignore[import-untyped] # the package has no types
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # the package has no types

    options: Any = subset.Options()
    options.layout_features = ["kern", "liga", "lnum", "pnum", "tnum", "mark", "ccmp", "locl"]
    # A stamp of today would make every build differ.
    font = TTFont(io.BytesIO(whole), recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    font.flavor = "woff"
    out = io.BytesIO()
    font.save(out, reorderTables=False)
    return out.getvalue()
