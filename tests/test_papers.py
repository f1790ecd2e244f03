"""The papers say what is: targets, options, dependencies, and no address or name that does not belong here."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from recount import cli

ROOT = Path(__file__).parent.parent


def tracked() -> list[Path]:
    """Every file Git tracks."""
    shown = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in shown.split("\0") if name]


def targets() -> dict[str, str]:
    """The targets of the Makefile with their help."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z-]+):[^#\n]*## (.+)$", text, flags=re.MULTILINE))


def test_every_target_has_help() -> None:
    """A target that people may call says what it does."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.findall(r"^\.PHONY: (.+)$", text, flags=re.MULTILINE)
    assert sorted(" ".join(phony).split()) == sorted(targets())


def test_the_readme_lists_the_targets_as_they_are() -> None:
    """The table of targets in the README is the Makefile's own."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.search(r"<!-- targets -->\n(.*)<!-- /targets -->", readme, flags=re.DOTALL)
    assert table
    rows = [f"| `make {name}` | {text} |" for name, text in targets().items()]
    assert table[1].strip().splitlines()[2:] == rows


def test_every_command_and_option_has_help() -> None:
    """The command line describes each of its commands and options."""
    parser = cli.parser()
    [commands] = [action for action in parser._actions if hasattr(action, "choices") and action.choices]  # noqa: SLF001
    assert {action.dest for action in commands._choices_actions if not action.help} == set()  # noqa: SLF001
    for name, sub in commands.choices.items():
        bare = [action.dest for action in sub._actions if not action.help]  # noqa: SLF001
        assert bare == [], name


def test_every_dependency_is_explained() -> None:
    """Each package of requirements.in stands in the table that says why."""
    lines = (ROOT / "requirements.in").read_text().splitlines()
    wanted = {re.split(r"[<>=!~]", line.strip())[0] for line in lines if line and line[0] != "#"}
    why = (ROOT / "docs/decisions/0002-dependencies.md").read_text()
    families = ("types-", "-stubs")
    bare = {name for name in wanted if name not in why and not any(family in name for family in families)}
    assert bare == set()


def test_the_architecture_names_every_module() -> None:
    """Each module of the engine stands in docs/architecture.md with the first line of its docstring."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    wanted = {}
    for path in tracked():
        if path.parent == ROOT / "src/recount" and path.suffix == ".py" and not path.stem.startswith("__"):
            doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            wanted[path.stem] = f"| `{path.stem}` | {doc.splitlines()[0].rstrip('.')} |"
    assert [name for name, row in wanted.items() if row not in text] == []


def test_the_lock_has_hashes_and_no_address() -> None:
    """Whoever installs from the lock gets these bytes from whichever registry is set up."""
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    pinned = re.findall(r"^([a-z0-9-]+)==", lock, flags=re.MULTILINE)
    assert lock.count("--hash=sha256:") >= len(pinned) > 50


@pytest.mark.parametrize("word", ["UNODC", "BOMCA", "OSCE", "CSTO", "SCO", "Tajik", "Afghan", "Badakhshan", "narco"])
def test_the_engine_knows_nothing_of_the_thesis(word: str) -> None:
    """No organisation, country or tactic of the thesis is named in src/recount."""
    pattern = re.compile(rf"(?<![A-Za-z]){word}", re.IGNORECASE if word != "SCO" else 0)
    named = [
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if path.is_relative_to(ROOT / "src/recount") and pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert named == []


def test_no_path_of_a_machine_is_written_down() -> None:
    """Nothing in the repository names a home or work folder of somebody's machine."""
    pattern = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/\w")
    texts = (".py", ".md", ".yml", ".json", ".qmd", ".toml", ".css", ".js", ".typ", ".csv", "Makefile", "run", ".in")
    named = [
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if path.name.endswith(texts) and path.exists() and pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert [name for name in named if name != "tests/test_papers.py"] == []
