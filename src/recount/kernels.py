"""Kernels as a build asks them: each a fork of one warm process, and at the other end of a pair of sockets.

Starting Python and importing pandas and Altair costs over a second; a fork of a process that has done so costs
milliseconds. What answers is IPython's own shell (`shell`), so cells mean what they mean in any notebook.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

News = Sequence[tuple[str, str, int]]


def environment(root: Path) -> dict[str, str]:
    """What a warm process is told, wherever it is started from."""
    return {
        **os.environ,
        # The order of sets must not differ between two builds.
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join([str(root / "src"), os.environ.get("PYTHONPATH", "")]).rstrip(":"),
        # One thread a kernel: two kernels on two cores already use both.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


class KernelDiedError(Exception):
    """The kernel's process ended before it answered."""


class Nursery:
    """The warm process; a context manager that ends every kernel it started."""

    def __init__(self, root: Path) -> None:
        """Remember where kernels run: the project's folder."""
        self.root = root
        self._warm: _Warm | None = None

    def __enter__(self) -> Self:
        """Start the warm process; it imports while the caller goes on."""
        self._warm = _adopted.pop() if _adopted else _started(self.root)
        return self

    def __exit__(self, *_: object) -> None:
        """End the warm process and with it all its kernels."""
        if self._warm is not None:
            self._warm.end()

    def fork(self) -> Kernel:
        """Fork one kernel; it is there as soon as the warm process is warm."""
        if self._warm is None:
            raise RuntimeError("the nursery is used as a context manager")
        ours, its = socket.socketpair()
        with its:
            try:
                socket.send_fds(self._warm.asked, [b"\n"], [its.fileno()])
            except OSError as error:
                ours.close()
                raise KernelDiedError("the warm process ended") from error
        return Kernel(ours)


class _Warm:
    """A warm process, which leads the group of its kernels, and where it is asked for them."""

    def __init__(self, pid: int, wait: Callable[[], object], asked: socket.socket, folder: Any) -> None:  # noqa: ANN401 - a temporary folder
        self._pid, self._wait, self.asked, self._folder = pid, wait, asked, folder

    def end(self) -> None:
        """End it and every kernel of it, whatever they are at."""
        self.asked.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
        self._wait()
        self._folder.cleanup()


def _folder(within: Path | None = None) -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="recount-kernels-", dir=within, ignore_cleanup_errors=True)


def _started(root: Path) -> _Warm:
    folder, (ours, its) = _folder(), socket.socketpair()
    with its:
        process = subprocess.Popen(  # noqa: S603 - this Python, our own module
            [sys.executable, "-m", "recount.shell", folder.name],
            stdin=its.fileno(),
            cwd=root,
            env=environment(root),
            process_group=0,  # Ctrl-C is for the build, which ends this process with itself
        )
    return _Warm(process.pid, process.wait, ours, folder)


_adopted: list[_Warm] = []


def adopt(root: Path, compiled: Path) -> None:
    """Fork a warm process for the next nursery; for a process that has imported all that is slow, and has one thread.

    Args:
        root: the project's folder.
        compiled: where kernels share the project's modules as compiled, see `fresh`.
    """
    from recount import shell

    folder, (ours, its) = _folder(compiled), socket.socketpair()
    pid = os.fork()
    # By both, since either may be the first.
    os.setpgid(pid, pid)
    if pid == 0:
        os.chdir(root)
        ours.close()
        shell.serve(its, Path(folder.name), compiled)
    its.close()
    _adopted.append(_Warm(pid, lambda: os.waitpid(pid, 0), ours, folder))


@contextlib.contextmanager
def kernel(nursery: Nursery, awaited: Path | None = None) -> Iterator[Kernel]:
    """One kernel for one chapter, ended afterwards.

    Args:
        nursery: what forks it.
        awaited: a file that will be there when results may be read; None if they may be read now.
    """
    one = nursery.fork()
    try:
        one.begin(nursery.root, awaited)
        yield one
    finally:
        one.end()


class Kernel:
    """A running kernel, which answers one question after another."""

    def __init__(self, end: socket.socket) -> None:
        """Ask at this END of a pair of sockets."""
        self._socket, self._answers = end, end.makefile("rb")

    def begin(self, root: Path, awaited: Path | None = None) -> None:
        """Begin to record what is read; see `trace.start`."""
        self._ask("begin", root=str(root), awaited=str(awaited or ""))

    def run(self, code: str) -> tuple[list[dict[str, Any]], News]:
        """Run CODE.

        Returns:
            The outputs in order (the contents of Jupyter's `stream`, `display_data`, `execute_result` and `error`
            messages with `type` added), and what `trace.news` tells of it.
        """
        told = self._ask("run", code=code)
        return told["outputs"], told["news"]

    def value(self, name: str) -> tuple[dict[str, Any], News]:
        """The value of an expression as Jupyter replies to a user expression, and what `trace.news` tells of it."""
        told = self._ask("value", code=name)
        return told["value"], told["news"]

    def inputs(self) -> dict[str, list[str]]:
        """What was read so far, see `trace.report`."""
        found: dict[str, list[str]] = self._ask("inputs")["inputs"]
        return found

    def _ask(self, what: str, **given: str) -> dict[str, Any]:
        try:
            self._socket.sendall(json.dumps({"what": what, **given}).encode() + b"\n")
            line = self._answers.readline()
        except OSError as error:
            raise KernelDiedError("the kernel's process ended") from error
        if not line.endswith(b"\n"):
            raise KernelDiedError("the kernel's process ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        """It ends when nobody can ask it any more."""
        self._answers.close()
        self._socket.close()
