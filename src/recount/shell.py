"""The process that kernels are forks of, and what a kernel answers: IPython's shell, asked over a socket.

Only third-party packages are imported before the fork: a module of the project that were imported there would be kept
when its file changes.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import io
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from recount import garbage, imports

WARM = (
    "numpy",
    "pandas",
    "IPython.core.interactiveshell",
    "IPython.core.logger",
    "IPython.display",
    "sqlite3",
    "yaml",
    "inflect",
)

Output = dict[str, Any]


def import_warm() -> None:
    """Import what every kernel needs, once."""
    # inflect checks the type of every call with typeguard, which rewrites all its functions: three seconds an import.
    checked = sys.modules.setdefault("typeguard", ModuleType("typeguard"))
    checked.typechecked = lambda function: function  # type: ignore[attr-defined]
    with garbage.unsought():
        for name in WARM:
            __import__(name)
        imports.altair()
    del sys.modules["typeguard"]
    import altair as alt

    # The first chart looks through all packages for plugins.
    alt.Chart(alt.Data(values=[])).mark_point().encode(x="x:Q").to_dict()


def serve(asked: socket.socket, folder: Path, compiled: Path) -> NoReturn:
    """The warm process, leader of a group: import, then fork a kernel for each socket that is sent.

    When nobody is left to send any, it ends with its group.

    Args:
        asked: where sockets come from.
        folder: a folder for what kernels share. It is removed at the end, since whoever made it may have been killed.
        compiled: where kernels share the project's modules as compiled, see `fresh`.
    """
    import_warm()
    shell = Shell(folder)
    # What is imported stays; a search for garbage among it would make every kernel copy all of its memory.
    gc.freeze()
    garbage.seek_seldom()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended kernels leave no zombie behind
    while sent := socket.recv_fds(asked, 1, 1)[1]:
        if os.fork() == 0:
            asked.close()
            _become_kernel(shell, socket.socket(fileno=sent[0]), compiled)
        os.close(sent[0])
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def _become_kernel(shell: Shell, end: socket.socket, compiled: Path) -> NoReturn:
    """Answer until nobody asks any more."""
    from recount import fresh

    os.environ["RECOUNT_EXECUTION"] = "1"
    compiled.mkdir(exist_ok=True)
    fresh.install(Path.cwd() / "src", compiled)
    # What is of the project is imported anew, and then counts as read by the chapter.
    for name in [name for name in sys.modules if name.startswith("recount.")]:
        del sys.modules[name]
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    sys.stdin = Path(os.devnull).open()  # noqa: SIM115 - lives as long as the kernel
    # Whoever asked may have ended meanwhile.
    with contextlib.suppress(OSError):
        for line in end.makefile("rb"):
            end.sendall(shell.answer(json.loads(line)))
    os._exit(0)


class Shell:
    """IPython's shell, which shows nothing and keeps what a notebook would show."""

    def __init__(self, folder: Path) -> None:
        """Make the shell.

        Args:
            folder: where IPython may keep what it keeps.
        """
        from IPython.core.displayhook import DisplayHook
        from IPython.core.displaypub import DisplayPublisher
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        kept = self._outputs = list[Output]()

        class Result(DisplayHook):
            def start_displayhook(self) -> None:
                pass

            write_output_prompt = finish_displayhook = start_displayhook

            def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:  # noqa: ANN401 - as its parent has it
                kept.append({"type": "execute_result", "data": format_dict, "metadata": md_dict or {}})

        class Publisher(DisplayPublisher):
            def publish(self, data: Any, metadata: Any = None, *_: Any, update: bool = False, **__: Any) -> None:  # noqa: ANN401 - as its parent has it
                if not update:
                    kept.append({"type": "display_data", "data": data, "metadata": metadata or {}})

        class Silent(InteractiveShell):
            displayhook_class = Result
            display_pub_class = Publisher

            def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:  # noqa: ANN401 - as its parent has it
                # Of a cell that is no Python the traceback gives the line; Python would add a file that nobody has.
                told = evalue.msg if isinstance(evalue, SyntaxError) else str(evalue)
                kept.append({"type": "error", "ename": etype.__name__, "evalue": told, "traceback": stb})

        config = Config({"HistoryManager": {"enabled": False}})
        self._shell = Silent.instance(config=config, ipython_dir=str(folder / "ipython"))

    def answer(self, asked: Mapping[str, str]) -> bytes:
        """One line for one question: `begin`, and then `run`, `value` and `inputs`, as `kernels.Kernel` puts them."""
        from recount import trace

        self._outputs.clear()
        told: dict[str, Any] = {}
        if asked["what"] == "begin":
            sys.stdout, sys.stderr = _Stream("stdout", self._outputs), _Stream("stderr", self._outputs)
            trace.start(asked["root"], asked["awaited"])
        elif asked["what"] == "run":
            self._shell.run_cell(asked["code"], store_history=True)  # type: ignore[no-untyped-call]
            told = {"outputs": self._outputs}
        elif asked["what"] == "value":
            told = {"value": self._shell.user_expressions({"": asked["code"]})[""]}  # type: ignore[no-untyped-call]
        else:
            told = {"inputs": trace.report()}
        told["news"] = trace.news()
        try:
            line = json.dumps(told, default=_encoded)
        except (TypeError, ValueError) as error:
            failed = {"status": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": []}
            line = json.dumps({"outputs": [{"type": "error", **failed}], "value": failed, "news": told["news"]})
        return line.encode() + b"\n"


def _encoded(value: Any) -> str:  # noqa: ANN401 - whatever JSON does not know
    """A picture as notebooks hold it."""
    if not isinstance(value, bytes):
        raise TypeError(f"what it shows is no JSON: {value!r}")
    return base64.b64encode(value).decode()


class _Stream(io.TextIOBase):
    """What is printed, in the order in which it was printed."""

    encoding = "utf-8"

    def __init__(self, name: str, outputs: list[Output]) -> None:
        self._name, self._outputs = name, outputs

    def write(self, text: str) -> int:
        last = self._outputs[-1] if self._outputs else {}
        if (last.get("type"), last.get("name")) == ("stream", self._name):
            last["text"] += text
        else:
            self._outputs.append({"type": "stream", "name": self._name, "text": text})
        return len(text)

    def writable(self) -> bool:
        return True


if __name__ == "__main__":
    serve(socket.socket(fileno=0), Path(sys.argv[1]), Path(sys.argv[1]) / "code")
