"""The command line: the only place that prints problems and ends with an exit code."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, NoReturn

from recount import garbage
from recount.problems import Exit, Problem, Stop

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

MACHINE = {
    errno.ENOSPC: ("disk-has-room", "make room and build again; the last finished book is as it was"),
    errno.EDQUOT: ("disk-has-room", "make room and build again; the last finished book is as it was"),
    errno.EROFS: ("folder-is-writable", "build in a folder that can be written to"),
    errno.EACCES: ("folder-is-writable", "give yourself the right to write there, or build in a folder of your own"),
    errno.EPERM: ("folder-is-writable", "give yourself the right to write there, or build in a folder of your own"),
}
"""What a machine can refuse a build that has no fault of its own."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments_parser = parser()
    options = arguments_parser.parse_args(arguments)
    garbage.seek_seldom()
    try:
        from recount import commands

        return int(getattr(commands, options.command.replace("-", "_"))(Path.cwd(), options))
    except Stop as stop:
        sys.stdout.flush()
        for problem in stop.problems:
            if problem not in stop.shown:
                sys.stderr.write(f"{problem}\n")
        count = len(stop.problems)
        sys.stderr.write(f"{count} problem{'s' if count != 1 else ''}; nothing was published\n")
        return int(stop.code)
    except BrokenPipeError:
        sys.stderr.write("stopped: what reads the output has ended; the last finished book is as it was\n")
        return 141
    except OSError as error:
        if error.errno not in MACHINE:
            raise
        sys.stdout.flush()
        sys.stderr.write(f"{_machine_problem(error)}\n1 problem; nothing was published\n")
        return int(Exit.DATA)
    except KeyboardInterrupt:
        sys.stderr.write("stopped; the last finished book is as it was\n")
        return 130


def hear_interrupts() -> None:
    """Let no Ctrl-C be lost.

    Python raises it as an exception wherever the program is; in a destructor, or where a weak reference ends, it drops
    the exception and goes on. From there it is sent once more.
    """

    def dropped(what: UnraisableHookArgs) -> None:
        if issubclass(what.exc_type, KeyboardInterrupt):
            # A little later: sent from here it would be dropped again.
            Timer(0.01, os.kill, (os.getpid(), signal.SIGINT)).start()
        else:
            sys.__unraisablehook__(what)

    sys.unraisablehook = dropped


def end(code: int) -> NoReturn:
    """End this process with an exit code.

    All that is left ends with it; for Python to take a quarter of a gigabyte apart first would cost a quarter of a
    second.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BrokenPipeError):  # whoever read it has had enough
            stream.flush()
    os._exit(code)


def _machine_problem(error: OSError) -> Problem:
    """What the machine refused, as a problem that a person can mend."""
    rule, fix = MACHINE[error.errno or 0]
    path = Path(str(error.filename or ""))
    place = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return Problem(place.as_posix() if error.filename else "", 0, rule, (error.strerror or "refused").lower(), fix=fix)


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    whole = argparse.ArgumentParser(
        prog="recount",
        description="Rebuild a report from its data.",
        epilog="Exit codes: 0 done, 1 a bug of ours, 2 bad data or settings, 3 a chapter failed, "
        "4 a verdict changed, 5 rendering failed.",
    )
    commands = whole.add_subparsers(dest="command", required=True, metavar="command")
    report = commands.add_parser("report", help="build the book as PDF and HTML")
    report.add_argument("--format", choices=["html", "pdf"], help="only this format")
    report.add_argument("--renderer", default="", help="quarto or builtin; chosen if not given")
    validate = commands.add_parser("validate", help="check the data, nothing else")
    validate.add_argument("--docs", action="store_true", help="also build Great Expectations' Data Docs")
    provenance = commands.add_parser("provenance", help="check every row against the text of the source")
    provenance.add_argument("text", nargs="?", default="", help="the text; source/thesis.txt if not given")
    commands.add_parser("claims", help="print the verdict on every statement")
    accept = commands.add_parser("accept", help="take the computed verdicts over as the accepted ones")
    accept.add_argument("reason", help="why they changed; it is recorded")
    check = commands.add_parser("check", help="check the form of the chapters")
    check.add_argument("files", nargs="*", help="only these chapters")
    preview = commands.add_parser("preview", help="serve the site and follow every save")
    preview.add_argument("--port", type=int, default=0, help="the port on loopback; a free one if left out")
    preview.add_argument("--feed", action="store_true", help="also feed a `quarto preview` that runs beside it")
    reproduce = commands.add_parser("reproduce", help="build the last commit twice, differently, and compare")
    reproduce.add_argument("--renderer", default="builtin", help="quarto or builtin")
    reproduce.add_argument("--keep", default="", help="a folder to leave the two books in")
    bench = commands.add_parser("bench", help="measure the builds")
    bench.add_argument("--write", action="store_true", help="also write docs/performance.md")
    bench.add_argument("--growth", action="store_true", help="also build made-up projects of growing size")
    why = commands.add_parser("why", help="say what would be rebuilt, and why")
    why.add_argument("--renderer", default="", help="quarto or builtin; chosen if not given")
    commands.add_parser("feed", help="run what is out of date and hand it to Quarto (its pre-render script)")
    commands.add_parser("companions", help="lay charts and evidence beside Quarto's pages (its post-render script)")
    return whole


if __name__ == "__main__":
    sys.exit(main())
