"""The press: Typst setting a book that is laid out in a folder, and remembering what it set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typst

from recount.problems import Exit, Problem, Stop

MAIN = "main.typ"


class Press:
    """Typst for one folder.

    It remembers every page, so the next version of a book is set in a fraction of the time, to the same bytes.
    """

    def __init__(self, folder: Path, fonts: Sequence[Path]) -> None:
        """Ready to set what lies in FOLDER, with the faces in FONTS; those of the system are never used."""
        self._folder = folder
        self._fonts = [str(path) for path in fonts]
        self._compiler: typst.Compiler | None = None

    def set(self, timestamp: int) -> bytes:
        """The book as a tagged PDF (PDF/UA-1); Python's lock is free meanwhile.

        Args:
            timestamp: seconds since 1970 that the PDF calls its date; bytes depend on it and on nothing of the machine.

        Raises:
            Stop: Typst refused; its own words are the message.
        """
        try:
            if self._compiler is None:
                # Made here, since it asks for the book to be there.
                self._compiler = typst.Compiler(
                    str(self._folder / MAIN),
                    root=str(self._folder),
                    font_paths=self._fonts,
                    ignore_system_fonts=True,
                )
            made = self._compiler.compile(format="pdf", pdf_standards="ua-1", timestamp=timestamp)
        except typst.TypstError as error:
            raise Stop([Problem("", 0, "typst-accepts", str(error))], Exit.RENDER) from error
        if not isinstance(made, bytes):
            raise TypeError("a PDF is one file")
        return made
