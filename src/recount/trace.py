"""Recording, inside a kernel, what a chapter reads while it runs, and what it must not ask.

Imported by the kernel before the chapter's first cell. It sees every file opened, every module of the project
imported, every folder listed, file asked after and environment variable asked for by a module of the project; and if a
cell or a module of the project reaches for the network, runs another program, asks the time or draws a number that
nothing has fixed. `datetime` cannot be watched, being written in C: `make check` finds its clocks in the source.
"""

from __future__ import annotations

import functools
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR
from types import FrameType
from typing import Any
from urllib.parse import unquote, urlsplit

from recount.parts import Part

CLOCKS = ("time", "time_ns", "localtime", "gmtime", "ctime", "strftime", "monotonic", "perf_counter", "process_time")
CELLS = "<ipython-input-"
"""How the file name of a cell begins in IPython."""
_LIBRARY = os.path.dirname(random.__file__)  # noqa: PTH120 - compared with file names as frames have them
PASSED = (__file__, *(f"{_LIBRARY}/{name}.py" for name in ("random", "uuid", "secrets")))
"""Where a question may pass through on its way from whoever asked it."""
_ASKING = (
    "<frozen ",
    *(f"{_LIBRARY}/{name}" for name in ("os.", "pathlib", "genericpath", "posixpath", "_collections_abc")),
)
"""The same for a question after a file or a variable; parts of the standard library may be frozen into Python."""

PROGRAMS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty"})
LISTINGS = frozenset({"os.listdir", "os.scandir"})

_OPENED: set[str] = set()
_PARTS: set[Part] = set()
_SILENT: set[str] = set()
_ENVIRONMENT: set[str] = set()
_NEWS: list[tuple[str, str, int]] = []
_ROOT = ""
_AWAITED = ""
_MACHINE: tuple[str, ...] = ()


def start(root: str, awaited: str = "") -> None:
    """Begin recording.

    Args:
        root: the project's folder.
        awaited: a file; whoever opens a result waits until it is there. Nothing to wait for if empty.
    """
    global _ROOT, _MACHINE, _AWAITED  # noqa: PLW0603 - one recording per process, and audit hooks cannot be removed
    _ROOT, _AWAITED = root.rstrip("/") + "/", awaited
    # What belongs to the machine and its packages, not to anybody's report.
    packages = [f"{path}/" for path in {sys.prefix, sys.base_prefix, *sys.path} if path.startswith("/")]
    kernels = [f"{tempfile.gettempdir()}/{name}" for name in ("recount-kernels-", "recount-warm-")]
    system = ("/dev/", "/etc/", "/lib", "/proc/", "/sys/", "/usr/", "/opt/", "/run/", "/System/", "/Library/")
    _MACHINE = (*packages, *kernels, *system)
    sys.addaudithook(_hook)
    _watch_environment()
    _watch_questions()
    for name in CLOCKS:
        setattr(time, name, _watched(getattr(time, name), f"the clock (time.{name})"))
    os.urandom = _watched(os.urandom, "chance (os.urandom)")
    _watch_chance()
    news()  # what begins before the first cell is ours


def whole(path: str) -> None:
    """Note that a file of the project is read, wherever its content was kept meanwhile."""
    _OPENED.add(path)


def part(one: Part) -> None:
    """Note that of a file no more is read than a part."""
    _PARTS.add(one)


@contextmanager
def silent(path: str) -> Iterator[None]:
    """Let a file of the project be opened without a note: `whole` or `part` will say what is read of it."""
    _SILENT.add(path)
    try:
        yield
    finally:
        _SILENT.discard(path)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path, mode = arguments[0], arguments[1]
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if isinstance(path, str) and (mode is None or "r" in mode):
            _opened(_whole(path))
    elif event in LISTINGS:
        _listed(arguments[0])
    elif event == "sqlite3.connect" and isinstance(arguments[0], str) and arguments[0] != ":memory:":
        path = arguments[0]
        _opened(_whole(unquote(urlsplit(path).path) if path.startswith("file:") else path))
    elif event in PROGRAMS and _of_project(sys._getframe(1), 40):  # noqa: SLF001 - the only way to know
        what = arguments[0] if arguments else "a copy of this process"
        _NEWS.append(("program", os.fsdecode(what) if isinstance(what, bytes) else str(what), _line(sys._getframe(1))))  # noqa: SLF001 - see above
    elif event == "socket.connect" and not isinstance(arguments[1], (str, bytes)):
        _NEWS.append(("network", str(arguments[1]), _line(sys._getframe(1))))  # noqa: SLF001 - the only way to know


def _whole(path: str) -> str:
    return path if path.startswith("/") else os.path.join(os.getcwd(), path)  # noqa: PTH109, PTH118 - hot


def _listed(path: Any) -> None:  # noqa: ANN401 - a path, a number, or nothing for the working folder
    """Note that the names in a folder of the project are read, unless Python looks for a module there."""
    frame = sys._getframe(2)  # noqa: SLF001 - the only way to know
    if "importlib" in frame.f_code.co_filename or isinstance(path, int) or not _of_project(frame, 40):
        return
    full = _whole(os.fsdecode(path or "")).rstrip("/") + "/"
    name = full[len(_ROOT) :] or "./"
    if full.startswith(_ROOT) and name not in _OPENED:
        _OPENED.add(name)
        _NEWS.append(("folder", name, _line(frame)))


def _watch_questions() -> None:
    """Note the files of the project that its modules ask after: one that is missing may be there tomorrow."""
    original = os.stat

    @functools.wraps(original)
    def stat(path: Any, **named: Any) -> os.stat_result:  # noqa: ANN401 - whatever it takes
        if not isinstance(path, (str, os.PathLike)) or not _of_project(_asker(sys._getframe(1), _ASKING), 1):  # noqa: SLF001 - the only way to know who asks
            return original(path, **named)
        full = _whole(os.fsdecode(path))
        try:
            found = original(path, **named)
        except FileNotFoundError:
            if full.startswith(_ROOT):
                _OPENED.add(full[len(_ROOT) :])
            raise
        if full.startswith(_ROOT) and not S_ISDIR(found.st_mode):
            _opened(full)
        return found

    # What asks whether a function of this name knows descriptors and links is to find the same as before.
    for kind in (os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks):
        if original in kind:
            kind.add(stat)
    os.stat = stat


def _opened(full: str) -> None:
    if _AWAITED and full.startswith(_ROOT + ".recount/results/"):
        # Results are computed while this chapter has begun already; those that lie there are of the last build.
        while not os.path.exists(_AWAITED):  # noqa: PTH110 - hot
            time.sleep(0.005)
    inside = full.startswith(_ROOT)
    name = full[len(_ROOT) :] if inside else full
    if name in _OPENED or name in _SILENT:
        return
    if inside:
        _OPENED.add(name)
    elif full.startswith(_MACHINE) or not _of_project(sys._getframe(2), 40):  # noqa: SLF001 - the only way to know
        return
    _NEWS.append(("file", name, _line(sys._getframe(2))))  # noqa: SLF001 - the only way to know


def _watched(original: Callable[..., Any], what: str) -> Callable[..., Any]:
    """A function of the standard library that notes when the project calls it."""

    @functools.wraps(original)
    def called(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it takes and gives
        frame = _asker(sys._getframe(1), PASSED)  # noqa: SLF001 - the only way to know who asks
        if _of_project(frame, 1):
            _NEWS.append(("chance" if what.startswith("chance") else "clock", what, _line(frame)))
        return original(*arguments, **named)

    return called


def _watch_chance() -> None:
    """Note generators that nothing has fixed: Python's own and NumPy's, old and new."""
    draws = _watched(lambda: None, "chance (random)")

    class Random(random.Random):
        def seed(self, a: Any = None, version: int = 2) -> None:  # noqa: ANN401 - as its parent has it
            if a is None:
                draws()
            super().seed(a, version)

    random.Random = Random  # type: ignore[misc] # so that every generator made from now on is of this kind
    fixed: set[str] = set()
    for name in ("random", "randint", "choice", "choices", "shuffle", "sample", "uniform", "gauss", "randrange"):
        setattr(random, name, _drawing(getattr(random, name), "random", fixed))
    random.seed = _fixing(random.seed, "random", fixed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        for name in ("rand", "randn", "randint", "random", "choice", "shuffle", "permutation", "normal", "uniform"):
            setattr(numpy.random, name, _drawing(getattr(numpy.random, name), "numpy.random", fixed))
        numpy.random.seed = _fixing(numpy.random.seed, "numpy.random", fixed)
        original = numpy.random.default_rng
        unfixed = _watched(original, "chance (numpy.random.default_rng)")
        numpy.random.default_rng = lambda seed=None: original(seed) if seed is not None else unfixed()


def _drawing(original: Callable[..., Any], source: str, fixed: set[str]) -> Callable[..., Any]:
    noted = _watched(original, f"chance ({source})")

    @functools.wraps(original)
    def draw(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it takes and gives
        return (original if source in fixed else noted)(*given, **named)

    return draw


def _fixing(original: Callable[..., Any], source: str, fixed: set[str]) -> Callable[..., Any]:
    @functools.wraps(original)
    def fix(*given: Any) -> None:  # noqa: ANN401 - as `seed` takes it
        if given and given[0] is not None:
            fixed.add(source)
        original(*given)

    return fix


def _asker(frame: FrameType | None, passing: tuple[str, ...]) -> FrameType | None:
    """The first caller that is none of those that a question may pass through."""
    while frame is not None and frame.f_code.co_filename.startswith(passing):
        frame = frame.f_back
    return frame


def _of_project(frame: FrameType | None, depth: int) -> bool:
    """Whether one of the next DEPTH callers is a module of the project or a cell."""
    while frame is not None and depth:
        file = frame.f_code.co_filename
        if (file.startswith(_ROOT + "src/") and not file.startswith(_ROOT + "src/recount/")) or file.startswith(CELLS):
            return True
        frame, depth = frame.f_back, depth - 1
    return False


def _line(frame: FrameType | None) -> int:
    """The line of the cell that is at work, 0 where none is."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(CELLS):
            return frame.f_lineno
        frame = frame.f_back
    return 0


def _watch_environment() -> None:
    kind = type(os.environ)
    original = kind.__getitem__

    def getitem(self: Any, key: str) -> str:  # noqa: ANN401 - the type is private to os
        asker = _asker(sys._getframe(1), _ASKING)  # noqa: SLF001 - the only way to know who asks
        caller = asker.f_code.co_filename if asker else ""
        if caller.startswith((_ROOT + "src/", CELLS)):
            _ENVIRONMENT.add(key)
        return original(self, key)

    kind.__getitem__ = getitem  # type: ignore[method-assign]


def news() -> list[tuple[str, str, int]]:
    """Since the last call: `file`, `network`, `clock` or `chance`, which one was asked, and the line of the cell."""
    found = list(dict.fromkeys(_NEWS))
    _NEWS.clear()
    return found


def report() -> dict[str, list[str]]:
    """What was read so far: files and modules relative to the project, parts of files, and variables; each sorted."""
    modules = set()
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None) or ""
        if file.startswith(_ROOT + "src/"):
            modules.add(Path(file[len(_ROOT) :]).as_posix())
    files = {
        path
        for path in _OPENED
        if not path.startswith((".venv/", "src/", ".recount/certificate")) and not path.endswith(".pyc")
    }
    return {
        "files": sorted(files),
        # A file that is read whole is read in all its parts.
        "parts": sorted(one.text for one in _PARTS if one.path not in files),
        "modules": sorted(modules),
        "environment": sorted(_ENVIRONMENT - {"RECOUNT_EXECUTION"}),
    }
