"""Drawing charts: Vega-Lite specifications to SVG, in one font and to the same bytes everywhere."""

from __future__ import annotations

import functools
import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

if TYPE_CHECKING:
    import jsonschema_rs

FONT = "Source Sans Pro"


def font_folder() -> Path:
    """The folder of the font wheel: the one family that charts, headings and pages share."""
    return Path(str(files("font_source_sans_pro"))) / "files"


@functools.cache
def engine() -> Any:  # noqa: ANN401 - a module without types
    """The chart engine, as every use of it wants it: with the font of the book, no network and no talk."""
    import vl_convert  # type: ignore[import-untyped] # the package has no types

    # Without the real family vl-convert measures text in a font of its own and labels overlap in the document.
    vl_convert.register_font_directory(str(font_folder()))
    # A chart brings its data with it. By itself the engine would look for what a chart names on the network.
    vl_convert.configure(base_url=False, allowed_base_urls=[])
    # It warns that a drawing has no window in which a reader could point at marks, and calls the counting of its
    # minifier's passes an error. What is wrong with a chart it raises.
    for name in ("vl_convert", "swc_ecma_transforms_optimization"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return vl_convert


@functools.cache
def _schema() -> jsonschema_rs.Validator:
    """Vega-Lite's own schema, as Altair brings it; found without importing Altair."""
    import jsonschema_rs

    package = find_spec("altair")
    [folder] = package.submodule_search_locations or [""] if package else [""]
    [path] = Path(folder).glob("vegalite/v*/schema/vega-lite-schema.json")

    def quoted(part: dict[str, Any]) -> dict[str, Any]:
        # Names of types are used as addresses, with brackets and bars that no address may hold.
        if "$ref" in part:
            part["$ref"] = "#" + quote(part["$ref"].removeprefix("#"))
        return part

    return jsonschema_rs.validator_for(json.loads(path.read_text(encoding="utf-8"), object_hook=quoted))


def wrong(spec: Any) -> str:  # noqa: ANN401 - JSON of any shape
    """What Vega-Lite's schema has against a specification: the way to the place and why; empty if it has nothing.

    The chart engine passes over what it does not know, and a chart with a misspelt word in it would be drawn without
    what the word was meant to say. The schema offers alternatives everywhere; what is told is the complaint that came
    furthest into the specification, and among such the one that the fewest words are too many.
    """
    found = [leaf for error in _schema().iter_errors(spec) for leaf in _leaves(error)]
    if not found:
        return ""

    def order(error: jsonschema_rs.ValidationError) -> tuple[bool, int, bool, int]:
        kind, depth = error.kind.name, len(list(error.instance_path))
        # That a mark is not of another kind is said of every mark.
        return kind == "const", -depth, kind != "additionalProperties", len(error.message)

    told = min(found, key=order)
    return f"{'.'.join(map(str, told.instance_path))}: {told.message}"


def _leaves(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    branches = getattr(error.kind, "context", None)
    if not branches:
        yield error
    for branch in branches or ():
        for inner in branch:
            yield from _leaves(inner)


def svg(spec: str) -> str:
    """The drawing of a Vega-Lite specification given as JSON text, as SVG for a picture.

    Raises:
        ValueError: it breaks Vega-Lite's schema, asks for data that it does not bring, or cannot be drawn.
    """
    told = wrong(json.loads(spec))
    if told:
        raise ValueError(told)
    try:
        return lean(renumbered(str(engine().vegalite_to_svg(spec))))
    except (OSError, RuntimeError) as error:
        raise ValueError(str(error)) from error


_adopted: list[subprocess.Popen[str]] = []
"""The process that `adopt` was given, if it was."""


class Drawer:
    """A process that draws one chart after another; a context manager that ends it, unless it was adopted.

    In a process of its own the chart engine starts, and draws, while kernels run.
    """

    def __enter__(self) -> Self:
        """Start it; the engine warms up meanwhile."""
        self._process = _adopted[0] if _adopted else started()
        # One thread, since the process does one thing at a time.
        self._asking = ThreadPoolExecutor(max_workers=1)
        return self

    def __exit__(self, *_: object) -> None:
        """End it, whatever it is at; one that was adopted finishes the chart it is at, and draws for others."""
        if not _adopted:
            self._process.kill()
        self._asking.shutdown(cancel_futures=True)
        if not _adopted:
            self._process.communicate()

    def draw(self, spec: str) -> Future[str]:
        """The drawing of a Vega-Lite specification given as JSON text; a ValueError if it cannot be drawn."""
        return self._asking.submit(self._ask, spec)

    def _ask(self, spec: str) -> str:
        line = self._told(spec)
        if not line and _adopted:
            # It has ended since it was adopted.
            _adopted.clear()
            self._process = started()
            line = self._told(spec)
        if not line:
            raise ValueError("the process that draws ended")
        answer = json.loads(line)
        if "error" in answer:
            raise ValueError(answer["error"])
        return str(answer["svg"])

    def _told(self, spec: str) -> str:
        asked, answered = self._process.stdin, self._process.stdout
        if asked is None or answered is None:
            raise RuntimeError("the process was started without pipes")
        try:
            asked.write(json.dumps(spec) + "\n")
            asked.flush()
        except BrokenPipeError:
            return ""
        return answered.readline()


def started() -> subprocess.Popen[str]:
    """A process that draws."""
    return subprocess.Popen(
        [sys.executable, "-m", "recount.drawing"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,  # Ctrl-C is for whoever asked, who ends this process with itself
    )


def adopt(process: subprocess.Popen[str]) -> None:
    """Draw with a process that is there already, for this process and none beside it."""
    _adopted[:] = [process]


def _serve() -> None:
    """Answer each specification on standard input with its drawing, until there are no more."""
    svg('{"mark": "point", "data": {"values": [{}]}}')  # the first one takes longer
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


_UNUSED = re.compile(r' (?:aria-[a-z]+|role|class|pointer-events|cursor|stroke-miterlimit)="[^"]*"| opacity="1"')
_EMPTY = re.compile(r'<path d=""[^>]*/>')
_LONG = re.compile(r"(?<=[\s,(\"A-Za-z-])\d+\.\d{3,}(?=[\s,)\"A-Za-z-])")


def lean(drawing: str) -> str:
    """A drawing without what a picture cannot use, at half the bytes or less.

    Seen through `img` or on paper an SVG answers to no pointer, style sheet or screen reader, and a hundredth of a
    pixel is nothing.
    """
    drawing = _EMPTY.sub("", _UNUSED.sub("", drawing))
    return _LONG.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), drawing)


if __name__ == "__main__":
    _serve()
