"""Warm Jupyter kernels: one process imports what is slow, and every kernel is a fork of it.

Starting a kernel and importing pandas and Altair costs over a second; a fork of a process that has done so costs
milliseconds. The kernels are ordinary IPython kernels that speak the Jupyter protocol over a connection file.
Only third-party packages are imported before the fork: a module of the project that were imported there would be
kept when its file changes.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self, TextIO

from recount import garbage, imports

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient

WARM = (
    "numpy",
    "pandas",
    # What an IPython kernel imports when it starts: three quarters of its start.
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.core.logger",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
    "faulthandler",
    "sqlite3",
    "yaml",
    "inflect",
)


def environment(root: Path) -> dict[str, str]:
    """What a warm process is told, wherever it is started from."""
    return {
        **os.environ,
        # The order of sets must not differ between two builds.
        "PYTHONHASHSEED": "0",
        # The debugger of IPython complains about itself when it is imported.
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
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
        self._root = root
        self._process: subprocess.Popen[str] | _Forked | None = None
        self._folder = TemporaryDirectory(prefix="recount-kernels-", ignore_cleanup_errors=True)
        self._count = 0
        self._asking = threading.Lock()

    def __enter__(self) -> Self:
        """Start the warm process; it imports while the caller goes on."""
        if _adopted:
            self._folder.cleanup()
            self._folder, self._process = _adopted.pop()
            return self
        self._process = subprocess.Popen(  # noqa: S603 - this Python, our own module
            [sys.executable, "-m", "recount.kernels", self._folder.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=self._root,
            env=environment(self._root),
            process_group=0,  # Ctrl-C is for the build, which ends this process with itself
        )
        return self

    def __exit__(self, *_: object) -> None:
        """End the warm process and with it all its kernels."""
        if self._process is not None:
            if self._process.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    self._process.stdin.close()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
        self._folder.cleanup()

    def fork(self) -> tuple[Path, int]:
        """Fork one kernel; returns its connection file and its process id."""
        from jupyter_client.connect import write_connection_file

        if self._process is None or self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the nursery is used as a context manager")
        # One at a time: a thread that read the answer to another's question would end the other's kernel with its own,
        # and the other would wait for ever for a kernel that it takes to be alive.
        with self._asking:
            self._count += 1
            file = Path(self._folder.name) / f"kernel-{self._count}.json"
            # Sockets in the file system need no port, so nothing outside this folder can reach a kernel.
            write_connection_file(str(file), transport="ipc", ip=str(file.with_suffix("")))
            self._process.stdin.write(json.dumps({"connection_file": str(file)}) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        if not answer:
            raise KernelDiedError("the warm process ended")
        return file, int(json.loads(answer)["pid"])


class _Forked:
    """A warm process that is a fork of this one, with as much of `subprocess.Popen` as a nursery uses."""

    def __init__(self, pid: int, stdin: TextIO, stdout: TextIO) -> None:
        self._pid, self.stdin, self.stdout = pid, stdin, stdout

    def wait(self, timeout: float = 5) -> None:
        """Wait for its end."""
        until = time.monotonic() + timeout
        while os.waitpid(self._pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("the warm process", timeout)
            time.sleep(0.005)

    def kill(self) -> None:
        """End it at once."""
        os.kill(self._pid, signal.SIGKILL)


_adopted: list[tuple[TemporaryDirectory[str], _Forked]] = []


def adopt(root: Path, compiled: Path) -> None:
    """Fork a warm process for the next nursery; for a process that has imported all that is slow, and has one thread.

    Args:
        root: the project's folder.
        compiled: where kernels share the project's modules as compiled, see `fresh`.
    """
    folder = TemporaryDirectory(prefix="recount-kernels-", ignore_cleanup_errors=True)
    asked, ask = os.pipe()
    answer, answered = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.chdir(root)
        os.dup2(asked, 0)
        os.dup2(answered, 1)
        for end in (asked, ask, answer, answered):
            os.close(end)
        sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
        _serve(Path(folder.name), compiled)
        os._exit(0)
    os.close(asked)
    os.close(answered)
    _adopted.append((folder, _Forked(pid, os.fdopen(ask, "w"), os.fdopen(answer))))


@contextlib.contextmanager
def kernel(nursery: Nursery) -> Iterator[Kernel]:
    """One kernel for one chapter, ended afterwards."""
    from jupyter_client.blocking.client import BlockingKernelClient

    file, pid = nursery.fork()
    client = BlockingKernelClient()
    client.load_connection_file(str(file))
    one = Kernel(client, pid)
    one.wait_for_sockets(file)
    client.start_channels()
    try:
        one.wait_for_welcome()
        yield one
    finally:
        client.stop_channels()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Kernel:
    """A running kernel that evaluates cells one after another."""

    def __init__(self, client: BlockingKernelClient, pid: int) -> None:
        """Keep the client and the process id."""
        self._client = client
        self.pid = pid

    def alive(self) -> bool:
        """Whether the process still runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def wait_for_sockets(self, file: Path) -> None:
        """Wait until the kernel listens; a client that connects earlier is put off for a tenth of a second."""
        ports = json.loads(file.read_text(encoding="utf-8"))
        sockets = [Path(f"{ports['ip']}-{ports[name]}") for name in ("shell_port", "iopub_port", "control_port")]
        while not all(socket.exists() for socket in sockets):
            if not self.alive():
                raise KernelDiedError("the kernel ended before it listened")
            time.sleep(0.002)

    def wait_for_welcome(self) -> None:
        """Wait until the kernel knows who listens to its outputs.

        What it prints before that reaches nobody, and whoever waits for it waits for ever.
        """
        while self._next("iopub")["msg_type"] != "iopub_welcome":
            pass

    def run(self, code: str, expressions: dict[str, str] | None = None) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Run CODE, then evaluate the named expressions.

        Returns:
            The output messages in order (Jupyter's `stream`, `display_data`, `execute_result`, `error` contents with
            `type` added) and the replies to the expressions by name.
        """
        sent = self._client.execute(code, store_history=False, allow_stdin=False, user_expressions=expressions or {})
        outputs: list[dict[str, Any]] = []
        while True:
            message = self._next("iopub")
            if message["parent_header"].get("msg_id") != sent:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind in {"stream", "display_data", "execute_result", "error"}:
                outputs.append({"type": kind, **content})
        while True:
            reply = self._next("shell")
            if reply["parent_header"].get("msg_id") == sent:
                return outputs, reply["content"].get("user_expressions", {})

    def _next(self, channel: str) -> dict[str, Any]:
        get = self._client.get_iopub_msg if channel == "iopub" else self._client.get_shell_msg
        while True:
            try:
                message: dict[str, Any] = get(timeout=1)
            except Empty:
                if not self.alive():
                    raise KernelDiedError("the kernel's process ended") from None
            else:
                return message


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


def _serve(folder: Path, compiled: Path) -> None:
    """The warm process: import, then fork a kernel for each line on standard input; its end is the end of all.

    Args:
        folder: of the sockets. It is removed at the end, since whoever made it may have been killed.
        compiled: where kernels share the project's modules as compiled, see `fresh`.
    """
    import_warm()
    # What is imported stays; a search for garbage among it would make every kernel copy all of its memory.
    gc.freeze()
    garbage.seek_seldom()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended kernels leave no zombie behind
    pids: list[int] = []
    try:
        for line in sys.stdin:
            request = json.loads(line)
            pid = os.fork()
            if pid == 0:
                _become_kernel(request["connection_file"], folder, compiled)
            pids.append(pid)
            sys.stdout.write(json.dumps({"pid": pid}) + "\n")
            sys.stdout.flush()
    except BrokenPipeError:
        pass  # whoever asked was killed before it could hear the answer
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def _become_kernel(connection_file: str, folder: Path, compiled: Path) -> None:
    from ipykernel.kernelapp import IPKernelApp

    from recount import fresh

    os.environ["RECOUNT_EXECUTION"] = "1"
    os.environ["IPYTHONDIR"] = str(folder / "ipython")
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
    # If the warm process itself is killed, its kernels notice within a second.
    parent = f"--IPKernelApp.parent_handle={os.getppid()}"
    IPKernelApp.launch_instance(argv=["-f", connection_file, parent, "--no-stdout", "--no-stderr", "--log-level=40"])
    os._exit(0)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), Path(sys.argv[1]) / "code")
