"""What holds the parts together: who may import whom, and what documents say of the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import provlog
from provlog.diagnostics.codes import CODES
from provlog.readers.log.dialect import ACTIVITY_ATTRIBUTES, ENTITY_ATTRIBUTES
from provlog.writers import FORMATS

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "provlog").rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_data_flows_one_way(path: Path) -> None:
    place = path.relative_to(ROOT / "provlog").parts[0]
    forbidden = {
        "cli": (),
        "__main__.py": (),
        "readers": (
            "provlog.cli",
            "provlog.writers",
            "provlog.building.builder",
            "provlog.model.graph",
        ),
        "writers": ("provlog.cli", "provlog.readers.log", "provlog.building.builder"),
    }.get(place, ("provlog.cli",))
    assert [name for name in imports(path) if name.startswith(forbidden or ("-",))] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_library_never_prints_and_never_exits(path: Path) -> None:
    if "cli" in path.relative_to(ROOT).parts:
        return
    calls = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }
    forbidden = {"print", "exit", "quit", "eval", "exec", "sys.exit", "os._exit", "click.echo"}
    # A worker of a process pool is ours to end, a program that the user named is to be run.
    allowed = {"pool.py": {"os._exit"}, "script.py": {"exec"}}.get(path.name, set())
    assert calls.isdisjoint((forbidden | {"sys.stdout.write", "sys.stderr.write"}) - allowed)


def test_every_diagnostic_code_is_reported_somewhere_and_documented() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in MODULES)
    documented = (ROOT / "docs" / "diagnostics.md").read_text(encoding="utf-8")
    for name, (severity, meaning) in CODES.items():
        assert code.count(f'"{name}"') > 1, name
        assert f"| {name} | {severity} | {meaning} |" in documented


def test_every_key_is_documented() -> None:
    documented = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
    for key, term in {**ENTITY_ATTRIBUTES, **ACTIVITY_ATTRIBUTES}.items():
        assert f"`{key}`" in documented
        assert f"`{term}`" in documented


def test_every_format_is_documented() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for format in FORMATS.values():
        row = (
            f"| `{format.name}` | {format.title} | {' '.join(f'`{s}`' for s in format.suffixes)} |"
        )
        assert row in readme


def test_the_change_log_speaks_of_this_version() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {provlog.__version__}" in changes
