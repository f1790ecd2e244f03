"""The border and rivers of Tajikistan, read from an installed package; see docs/decisions/0006-geodata.md."""

from __future__ import annotations

import functools
import json
import sqlite3
import zlib
from dataclasses import dataclass
from importlib.resources import as_file, files

Line = tuple[tuple[float, float], ...]

# On a map 600 pixels wide a hundredth of a degree is less than a pixel; points nearer than that much are one.
DIGITS = 2
NEAR = 0.02


@dataclass(frozen=True)
class Outline:
    """A country as lines of (longitude, latitude) in degrees.

    Args:
        rings: the border, one closed line for the country and one for each exclave.
        rivers: a name and a line each.
        source: whom to credit below the map.
    """

    rings: tuple[Line, ...]
    rivers: tuple[tuple[str, Line], ...]
    source: str


@functools.cache
def tajikistan() -> Outline:
    """Tajikistan after Natural Earth 1:10m (public domain), from the package `pyworldatlas-mapdata-standard`."""
    packed = files("pyworldatlas_mapdata_standard") / "data" / "maps.sqlite3"
    with as_file(packed) as path:
        # `immutable` keeps SQLite from looking for a journal beside a file of an installed package.
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            row = connection.execute("SELECT payload FROM country_map WHERE alpha2 = 'TJ'").fetchone()
        finally:
            connection.close()
    payload = json.loads(zlib.decompress(row[0]))
    rings = tuple(sorted((_thinned(ring) for ring in payload["boundary"]), key=lambda ring: (-len(ring), ring)))
    # The package closes rivers as if they were borders: the way back to the source is no river.
    rivers = tuple((river["name"], _thinned(river["points"][:-1])) for river in payload["rivers"])
    return Outline(rings, rivers, "Natural Earth 1:10m")


def _thinned(points: list[list[float]]) -> Line:
    """Points to the hundredth of a degree, without those that no eye would tell from the one before."""
    line: list[tuple[float, float]] = []
    for index, (longitude, latitude) in enumerate(points):
        point = (round(longitude, DIGITS), round(latitude, DIGITS))
        last = index == len(points) - 1
        if not line or last or max(abs(point[0] - line[-1][0]), abs(point[1] - line[-1][1])) >= NEAR:
            line.append(point)
    return tuple(line)
