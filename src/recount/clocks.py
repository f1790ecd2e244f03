"""A build with clocks in it: how long each part of it takes, told to a file."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

PARTS = {
    "gate": ("recount.gate", "run"),
    "warm process": ("recount.kernels", "Kernel.begin"),
    "kernels": ("recount.execution", "evaluate"),
    "results": ("recount.adoption", "draft"),
    "charts": ("recount.drawing", "Drawer._ask"),
    "pandoc": ("recount.render.pandoc", "ask_all"),
    "typst": ("recount.render.press", "Press.set"),
}
"""What is timed inside a build: the name in the table, the module, the function."""


def _timed(spent: dict[str, float], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    lock = threading.Lock()

    def timed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the function takes and gives
        began = time.monotonic()
        try:
            return function(*arguments, **named)
        finally:
            with lock:
                spent[name] = spent.get(name, 0.0) + time.monotonic() - began

    return timed


class _Wrapping:
    """An import hook that puts a clock around the functions of `PARTS`, and imports nothing that the build does not."""

    def __init__(self, spent: dict[str, float]) -> None:
        self._spent = spent

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:  # noqa: ANN401 - importlib's own
        """Let the others find the module and wrap its functions once it has run."""
        del target
        wanted = [(part, function) for part, (module, function) in PARTS.items() if module == name]
        if not wanted:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path)  # type: ignore[arg-type]
            if spec is not None and spec.loader is not None:
                self._wrap(spec.loader, wanted)
                return spec
        return None

    def _wrap(self, loader: Any, wanted: Sequence[tuple[str, str]]) -> None:  # noqa: ANN401 - any loader
        execute = loader.exec_module

        def executed(module: Any) -> None:  # noqa: ANN401 - a module
            execute(module)
            for part, function in wanted:
                holder = module
                *owners, last = function.split(".")
                for owner in owners:
                    holder = getattr(holder, owner)
                setattr(holder, last, _timed(self._spent, part, getattr(holder, last)))

        loader.exec_module = executed


def _main() -> NoReturn:
    """A build with clocks in it; the first argument names the file for what they show."""
    account, *arguments = sys.argv[1:]
    spent: dict[str, float] = {}
    sys.meta_path.insert(0, _Wrapping(spent))
    from recount.cli import end, main

    code = main(arguments)
    Path(account).write_text(json.dumps({name: round(spent.get(name, 0.0), 3) for name in PARTS}), encoding="utf-8")
    end(code)


if __name__ == "__main__":
    _main()
