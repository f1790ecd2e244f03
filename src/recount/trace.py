"""Recording, inside a kernel, what a chapter reads while it runs.

Imported by the kernel before the chapter's first cell. It sees every file opened below the project, every module of
the project imported, every environment variable a module of the project asks for, and every attempt to reach the
network. It does not see the clock or a random number: those are found in the source by `make check`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

_OPENED: set[str] = set()
_ENVIRONMENT: set[str] = set()
_NETWORK: set[str] = set()
_ROOT = ""


def start(root: str) -> None:
    """Begin recording; ROOT is the project's folder."""
    global _ROOT  # noqa: PLW0603 - one recording per process, and audit hooks cannot be removed
    _ROOT = root.rstrip("/") + "/"
    sys.addaudithook(_hook)
    _watch_environment()


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path, mode = arguments[0], arguments[1]
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if isinstance(path, str) and (mode is None or "r" in mode):
            full = path if path.startswith("/") else os.path.join(os.getcwd(), path)  # noqa: PTH109, PTH118 - hot
            if full.startswith(_ROOT):
                _OPENED.add(full[len(_ROOT) :])
    elif event == "socket.connect" and not isinstance(arguments[1], (str, bytes)):
        _NETWORK.add(str(arguments[1]))


def _watch_environment() -> None:
    kind = type(os.environ)
    original = kind.__getitem__

    def getitem(self: Any, key: str) -> str:  # noqa: ANN401 - the type is private to os
        caller = sys._getframe(1).f_code.co_filename  # noqa: SLF001 - the only way to know who asks
        if caller.startswith(_ROOT + "src/") or "ipykernel_" in caller:
            _ENVIRONMENT.add(key)
        return original(self, key)

    kind.__getitem__ = getitem  # type: ignore[method-assign]


def report() -> dict[str, list[str]]:
    """What was read so far: files and modules relative to the project, variables, addresses; each sorted."""
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
        "modules": sorted(modules),
        "environment": sorted(_ENVIRONMENT - {"RECOUNT_EXECUTION"}),
        "network": sorted(_NETWORK),
    }
