"""What a build starts when it is first needed, and ends with it: the kernels' warm process and the one that draws."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from pathlib import Path

from recount.drawing import Drawer
from recount.kernels import Nursery


class Tools:
    """What a build starts when it is first needed, and ends with it: the warm process and the one that draws."""

    def __init__(self, root: Path, stack: ExitStack) -> None:
        """For the project in ROOT; whatever is started ends with STACK."""
        self._root, self._stack = root, stack
        self._asking = threading.Lock()
        self.cores = threading.Semaphore(os.cpu_count() or 1)
        """Held by whoever has a kernel at work: each of them takes a core whole."""
        self._nursery: Nursery | None = None
        self._drawer: Drawer | None = None

    @property
    def nursery(self) -> Nursery:
        """The warm process that kernels are forks of."""
        with self._asking:
            if self._nursery is None:
                self._nursery = self._stack.enter_context(Nursery(self._root))
            return self._nursery

    @property
    def drawer(self) -> Drawer:
        """The process that draws."""
        with self._asking:
            if self._drawer is None:
                self._drawer = self._stack.enter_context(Drawer())
            return self._drawer

    def begin_kernels(self) -> None:
        """Start the warm process now, so that it is warm when it is needed."""
        _ = self.nursery  # asking for it starts it

    def begin_drawing(self) -> None:
        """Start the process that draws now; it takes half a second of a core."""
        _ = self.drawer  # asking for it starts it
