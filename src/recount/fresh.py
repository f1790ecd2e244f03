"""Importing a project's modules by their content: never from a byte code file that only looks current.

Python takes a `.pyc` for current if time and size of the source match. A module saved twice within a second, or on a
machine whose clock was set back, would then run as it was before; a report that follows its data cannot have that.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from importlib.machinery import FileFinder, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

_kept: Path | None = None


class _Loader(SourceFileLoader):
    """Compiles what stands in the file now; shares the code with the other kernels of the same build."""

    def get_code(self, fullname: str) -> CodeType | None:
        """The code of the module as its file is now."""
        source = self.get_data(self.get_filename(fullname))
        if _kept is None:
            return self._compiled(source)
        # Only processes of this build write there, each by exchanging whole files.
        file = _kept / hashlib.sha256(self.path.encode() + b"\0" + source).hexdigest()
        try:
            known: CodeType = marshal.loads(file.read_bytes())  # noqa: S302 - our own folder of this very build
        except OSError:
            code = self._compiled(source)
            draft = file.with_suffix(f".{os.getpid()}")
            draft.write_bytes(marshal.dumps(code))
            draft.replace(file)
            return code
        return known

    def _compiled(self, source: bytes) -> CodeType:
        code: Any = self.source_to_code(source, self.path)
        return code if isinstance(code, CodeType) else compile(source, self.path, "exec")


def install(folder: Path, kept: Path | None = None) -> None:
    """From now on import what lies below FOLDER by content.

    Args:
        folder: the `src` of a project.
        kept: a folder of this process and those it starts, where compiled code is shared; none to share nothing.
    """
    global _kept  # noqa: PLW0603 - import hooks are of the process, and so is this
    _kept = kept
    root = str(folder)
    make = FileFinder.path_hook((_Loader, [".py"]))

    def hook(path: str) -> Any:  # noqa: ANN401 - importlib names no type for a finder
        if path != root and not path.startswith(root + os.sep):
            raise ImportError
        return make(path)

    sys.path_hooks.insert(0, hook)
    sys.path_importer_cache.clear()
