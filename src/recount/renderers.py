"""Renderers: Quarto where it is installed, and the built-in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from recount import quarto
from recount.problems import Exit, Problem, Stop
from recount.project import Project
from recount.typesetting import Layout

FORMATS = ("html", "pdf")


@dataclass(frozen=True)
class Renderer:
    """Which renderer makes the book, and why that one.

    Args:
        name: quarto or builtin.
        why: the reason, for people.
        program: where Quarto is.
        press: who sets the pages, if not the built-in renderer itself: called as soon as the book is laid out as a
            Typst document, before the site is written.
    """

    name: str
    why: str
    program: str = ""
    press: Callable[[Layout], None] | None = None


def choose(project: Project, wanted: str) -> Renderer:
    """The renderer: the one asked for, or Quarto where it is installed and the built-in one elsewhere."""
    if wanted not in {"", "quarto", "builtin"}:
        raise Stop(
            [
                Problem(
                    "", 0, "renderer-known", f"no renderer is called {wanted}", value=wanted, fix="quarto or builtin"
                )
            ],
            Exit.RENDER,
        )
    if wanted == "builtin":
        return Renderer("builtin", "asked for by RENDERER")
    found = quarto.find(project.root)
    if found:
        return Renderer("quarto", f"Quarto {found[1]} is installed", found[0])
    if wanted == "quarto":
        raise Stop(
            [
                Problem(
                    "",
                    0,
                    "quarto-installed",
                    "no Quarto 1.9 or newer is installed",
                    fix="install it, or name it in QUARTO, or use RENDERER=builtin",
                )
            ],
            Exit.RENDER,
        )
    return Renderer("builtin", "no Quarto 1.9 or newer found")
