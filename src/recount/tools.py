"""What a build starts when it is first needed, and ends with it: the kernels' warm process and the one that draws."""

from __future__ import annotations

import threading
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from pathlib import Path

from recount import drawing
from recount.kernels import Nursery


class Tools:
    """What a build starts when it is first needed, and ends with it: the warm process and the one that draws."""

    def __init__(self, root: Path, stack: ExitStack) -> None:
        """For the project in ROOT; whatever is started ends with STACK."""
        self._root, self._stack = root, stack
        self._asking = threading.Lock()
        self._nursery: Nursery | None = None
        self._drawer: Executor | None = None

    @property
    def nursery(self) -> Nursery:
        """The warm process that kernels are forks of."""
        with self._asking:
            if self._nursery is None:
                self._nursery = self._stack.enter_context(Nursery(self._root))
            return self._nursery

    def draw(self, spec: str) -> Future[str]:
        """Begin to draw a Vega-Lite specification given as JSON text."""
        with self._asking:
            if self._drawer is None:
                self._drawer = self._stack.enter_context(drawing.process())
            return self._drawer.submit(drawing.svg, spec)

    def prepare(self) -> None:
        """Start both now, so that they are warm when they are needed."""
        _ = self.nursery  # asking for it starts it
        self.draw(drawing.TRIVIAL)
