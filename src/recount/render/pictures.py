"""Pictures that chapters show: where they lie, how large they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from recount.render.nodes import Node

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


def place_of(address: str, folder: Path, beside: Path) -> Path | None:
    """The file of a picture: drawn by a cell, or kept beside the chapter's text; None if there is none."""
    return next((base / address for base in (folder, beside) if (base / address).is_file()), None)


def addresses(nodes: Iterable[Node]) -> list[str]:
    """The addresses of the pictures among some nodes, each once, none of the web's."""
    found = (node["c"][2][0] for node in nodes if node["t"] == "Image")
    return list(dict.fromkeys(address for address in found if "://" not in address))
