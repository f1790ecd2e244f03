"""Pictures that chapters show: where they lie, how large they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from recount.render.nodes import walk
from recount.render.reading import ReadChapter

_SVG = re.compile(r"<svg\b[^>]*>", re.DOTALL)
_SIZE = {name: re.compile(rf'\b{name}="([\d.]+)(?:px)?"') for name in ("width", "height")}


def picture_size(path: Path) -> tuple[float, float] | None:
    """Width and height of an SVG in pixels, or None where it does not say."""
    if path.suffix != ".svg" or not path.is_file():
        return None
    head = _SVG.search(path.read_text(encoding="utf-8")[:4000])
    found = [_SIZE[name].search(head[0]) for name in ("width", "height")] if head else []
    if len(found) < 2 or found[0] is None or found[1] is None:
        return None
    return float(found[0][1]), float(found[1][1])


def pictures(chapter: ReadChapter, root: Path) -> Iterator[tuple[str, Path]]:
    """Each picture of a chapter once: its address as written, and its file, drawn by a cell or kept beside the text."""
    seen = set()
    for node in walk(chapter.blocks):
        address = node["c"][2][0] if node["t"] == "Image" else ""
        if not address or "://" in address or address in seen:
            continue
        seen.add(address)
        for folder in (chapter.folder, root / PurePosixPath(chapter.chapter.source).parent):
            if (folder / address).is_file():
                yield address, folder / address
                break
