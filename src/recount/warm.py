"""A warm process for the preview: packages imported once, each build a fork of it with the project's modules fresh.

Importing Great Expectations, pandas and the rest costs seconds; a fork of a process that has done so costs
milliseconds. Nothing of the project is imported before the fork, so a build always runs the modules as they are saved.
The forked build forks the kernels' nursery before it has a second thread.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from recount import drawing, garbage, kernels, shell

IMPORTED = ("jsonschema_rs", "bibtexparser", "jinja2", "typst", "pypandoc")
"""What a build imports from outside the project beside what kernels do; one that is missing is left out."""

OWN = ("__init__.py", "warm.py", "kernels.py", "shell.py", "fresh.py", "garbage.py", "imports.py", "drawing.py")
"""Modules that the warm process, or the one that draws, has loaded: if one of them changes, both are started anew."""

Message = Mapping[str, Any]


class Warm:
    """The warm process as the preview sees it; a context manager."""

    def __init__(self, root: Path) -> None:
        """For the project in ROOT; nothing is started yet."""
        self._root = root
        self._process: subprocess.Popen[str] | None = None
        # What one build compiled the next need not compile again.
        self._compiled = TemporaryDirectory(prefix="recount-warm-", ignore_cleanup_errors=True)
        self._building = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Start importing."""
        self._process = subprocess.Popen(  # noqa: S603 - this Python, our own module
            [sys.executable, "-m", "recount.warm", self._compiled.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=self._root,
            env=kernels.environment(self._root),
            process_group=0,  # Ctrl-C is for the preview, which ends this process with itself
        )
        return self

    def __exit__(self, *_: object) -> None:
        """End the process and a build it may be at; one that has only just begun ends when nobody hears it."""
        self.stop_building()
        if self._process is not None:
            with self._process:
                self._process.kill()
        self._compiled.cleanup()

    def build(self) -> Iterator[Message]:
        """Build once; yields what the build says, the last message having `done` or `died`."""
        if self._process is None or self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the warm process is used as a context manager")
        self._process.stdin.write("build\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            message: Message = json.loads(line)
            if "pid" in message:
                with self._lock:
                    self._building = message["pid"]
                continue
            if "done" in message or "died" in message:
                with self._lock:
                    self._building = 0
            yield message
            if "died" in message:
                return
        yield {"died": "the warm process ended"}

    def stop_building(self) -> None:
        """Kill the build that runs, if one does: a newer save has overtaken it, and a killed build leaves no half."""
        with self._lock:
            if self._building:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._building, signal.SIGKILL)


def import_all() -> None:
    """Import what builds and kernels need; where byte code may be written, later imports are faster for it."""
    from recount import imports

    shell.import_warm()
    imports.great_expectations()
    imports.pymcdm()
    for name in IMPORTED:
        with contextlib.suppress(ImportError):
            __import__(name)


def _serve() -> None:
    import_all()
    # What is imported stays; a search for garbage among it would make every build copy all of its memory.
    gc.freeze()
    garbage.seek_seldom()
    _answer(Path(sys.argv[1]))


def _answer(compiled: Path) -> None:
    drawer = drawing.started()
    for _ in sys.stdin:
        if drawer.poll() is not None:
            drawer = drawing.started()
        pid = os.fork()
        # By both, since either may be the first: whoever stops a build stops its group.
        os.setpgid(pid, pid)
        if pid == 0:
            _become_build(compiled, drawer)
        _say({"pid": pid})
        _, status = os.waitpid(pid, 0)
        _say({"died": "" if status == 0 else f"the build ended with {os.waitstatus_to_exitcode(status)}"})
        if status:
            # A build that was killed may have left half a question in its ear.
            _end(drawer)
    _end(drawer)


def _end(drawer: subprocess.Popen[str]) -> None:
    drawer.kill()
    drawer.communicate()


def _say(message: Message) -> None:
    # One write a line: the build and this process share the pipe.
    try:
        os.write(1, (json.dumps(message, ensure_ascii=False) + "\n").encode())
    except BrokenPipeError:
        os._exit(0)  # the preview has ended


def _become_build(compiled: Path, drawer: subprocess.Popen[str]) -> None:
    """Run one build in this fork and end it."""
    code = 1
    try:
        root = Path.cwd()
        for name in [name for name in sys.modules if name == "recount" or name.startswith("recount.")]:
            del sys.modules[name]
        from recount import fresh, kernels

        fresh.install(root / "src", compiled)
        kernels.adopt(root, compiled)
        from recount import drafts, drawing

        drawing.adopt(drawer)

        drafts.run(root, _say)
        code = 0
    except BaseException as error:  # noqa: BLE001 - whatever it is, the preview must go on and show it
        import traceback

        _say({"problems": [_bug(error, traceback.format_exc())], "done": False})
    finally:
        os._exit(code)


def _bug(error: BaseException, trace: str) -> dict[str, Any]:
    last = [line.strip() for line in trace.splitlines() if line.strip().startswith("File ")][-1:]
    return {
        "rule": "build-runs",
        "message": f"{type(error).__name__}: {error}",
        "place": " ".join(last),
        "fix": "if you have just edited src, look there; otherwise it is a bug of ours",
    }


Say = Callable[[Message], None]

if __name__ == "__main__":
    _serve()
