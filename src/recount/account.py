"""The account of a book: what it was made from, what it consists of, and so why it would be made again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recount import execution, stale
from recount.execution import ExecutedChapter
from recount.project import Project
from recount.renderers import FORMATS, Renderer
from recount.stale import Reason


def inputs(project: Project, executed: Sequence[ExecutedChapter], renderer: Renderer) -> dict[str, str]:
    """The hash of each thing the book is made from, beside the chapters' own inputs."""
    root = project.root
    files = [root / "_quarto.yml", root / "pyproject.toml", root / "requirements.lock", project.bibliography]
    files += sorted(path for path in (root / "data").rglob("*") if path.is_file())
    files += sorted((project.cache / "results").glob("*.json"))
    for chapter in executed:
        files += sorted(path for path in chapter.folder.rglob("*") if path.is_file() and path.name != "record.json")
    named = {path.relative_to(root).as_posix(): stale.file_digest(path) for path in files if path.is_file()}
    package = Path(__file__).parent
    engine = [package / f"{name}.py" for name in ("publish", "contents", "quarto", "project", "execution")]
    engine += [path for path in (package / "render").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    # Named by their place in the package: a project need not hold the engine it is built with.
    named |= {f"src/recount/{path.relative_to(package).as_posix()}": stale.file_digest(path) for path in engine}
    return {**named, "renderer": f"{renderer.name} {renderer.program and renderer.why}", "time": str(project.timestamp)}


def file_of(project: Project) -> Path:
    """Where it is kept what the book was made from: `book.json` for `_book`, another for another folder."""
    return project.cache / f"{project.output.name.strip('_')}.json"


def reasons(project: Project, now: Mapping[str, str], formats: Sequence[str]) -> list[Reason]:
    """Why the book would be rendered again."""
    try:
        kept = json.loads(file_of(project).read_text(encoding="utf-8"))
        before, outputs = dict(kept["inputs"]), dict(kept["outputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return [Reason("output missing", project.output.name)]
    found = [
        Reason("output missing", path)
        for path, hashed in outputs.items()
        if stale.file_digest(project.output / path) != hashed
    ]
    wanted = {"html": "index.html", "pdf": f"{project.stem}.pdf"}
    found += [Reason("output missing", wanted[name]) for name in formats if wanted[name] not in outputs]
    for path in sorted(before.keys() | now.keys()):
        if before.get(path) != now.get(path):
            found.append(Reason(_kind(path), path))
    return found


def why(project: Project, renderer: Renderer, before: Mapping[str, Sequence[Reason]]) -> dict[str, list[Reason]]:
    """Why each format of the book would be made again, by the path of its output.

    Args:
        project: the report.
        renderer: who would render it.
        before: the reasons of the stages before, see `build.why`; what they make anew changes the book as well.
    """
    upstream = list(dict.fromkeys(reason for reasons in before.values() for reason in reasons))
    executed = [] if upstream else kept(project)
    outputs = {"html": project.output / "index.html", "pdf": project.output / f"{project.stem}.pdf"}
    return {
        outputs[name].relative_to(project.root).as_posix(): upstream
        or reasons(project, inputs(project, executed, renderer), [name])
        for name in FORMATS
    }


def kept(project: Project) -> list[ExecutedChapter]:
    """The executed chapters as the last build left them."""
    folders = {file.path: project.cache / "executed" / Path(file.path).with_suffix("") for file in project.chapters}
    return [execution.load(path, folder) for path, folder in folders.items()]


def _kind(path: str) -> Any:  # noqa: ANN401 - one of stale.Kind, spelt by the path
    if path.startswith(".recount/executed/"):
        return "text changed"
    if path.startswith(".recount/results/"):
        return "result changed"
    if path.endswith(".csv"):
        return "table changed"
    if path.endswith(".py"):
        return "module changed"
    if path.startswith("data/"):
        return "file changed"
    return "package changed" if path == "requirements.lock" else "setting changed"
