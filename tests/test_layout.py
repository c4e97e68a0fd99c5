"""The layout: allowed imports, sizes of modules and folders, and documentation of the code."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import provlog
from provlog.diagnostics.codes import CODES
from provlog.readers import READERS
from provlog.readers.log.facets import ACTIVITY_ATTRIBUTES, ENTITY_ATTRIBUTES
from provlog.writers import FORMATS

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "provlog").rglob("*.py"))
CYTHON = sorted((ROOT / "provlog").rglob("*.pyx")) + sorted((ROOT / "provlog").rglob("*.pxi"))


# Each layer may import from those above it and from itself. docs/architecture.md explains the order.
LAYERS = (
    "version", "errors", "extras", "origin", "patterns", "text", "redaction", "urls", "collector",
    "compiled", "diagnostics", "model", "files", "readers", "objects", "definitions", "building",
    "graphs", "checks", "writers", "store", "capture", "run", "batch", "api", "provlog", "cli",
    "__main__",
)  # fmt: skip
MAX_LINES = 400
MAX_MODULES = 16


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {module_name(path): path for path in MODULES}


@cache
def imports(path: Path) -> frozenset[str]:
    """Return the modules of provlog that a module imports anywhere in its code."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in NAMES else node.module for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return frozenset(name for name in found if name.split(".")[0] == "provlog")


def layer(module: str) -> int:
    parts = module.split(".")
    return LAYERS.index(parts[1] if len(parts) > 1 else parts[0])


@pytest.mark.parametrize("module", NAMES)
def test_a_module_imports_only_from_the_layers_above_it(module: str) -> None:
    below = [name for name in imports(NAMES[module]) if layer(name) > layer(module)]
    assert below == []


def test_the_architecture_page_describes_the_layers_in_their_order() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = page.partition("\n## The layers\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]*`) \|", section, re.MULTILINE)
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row)] == list(LAYERS)


def import_cycle(graph: Mapping[str, Collection[str]]) -> list[str]:
    """Return the modules of an import cycle, or an empty list."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return cycle
    return []


def test_there_is_no_import_cycle() -> None:
    """Imports in functions, under ``TYPE_CHECKING`` and of packages also count."""
    graph: dict[str, Collection[str]] = {name: imports(path) for name, path in NAMES.items()}
    assert graph["provlog.capture"] == {"provlog.capture.capture"}
    assert import_cycle(graph) == []
    graph["provlog.objects.classes"] = {"provlog.capture"}
    assert {"provlog.objects.classes", "provlog.capture"} < {*import_cycle(graph)}


@pytest.mark.parametrize("path", MODULES + CYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_too_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_no_folder_has_too_many_modules() -> None:
    modules = [path for path in MODULES if path.name != "__init__.py"]
    folders = Counter(path.parent for path in modules)
    assert {folder.name: count for folder, count in folders.items() if count > MAX_MODULES} == {}


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
    # A worker process may exit, provlog runs programs that the user names, and functions of duckdb
    # must see the variables of their caller.
    allowed = {"pool.py": {"os._exit"}, "script.py": {"exec"}, "sql.py": {"eval"}}
    assert calls.isdisjoint(
        (forbidden | {"sys.stdout.write", "sys.stderr.write"}) - allowed.get(path.name, set())
    )


def test_every_diagnostic_code_is_reported_somewhere() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in MODULES)
    for name in CODES:
        assert code.count(f'"{name}"') > 1, name


def test_every_key_is_documented() -> None:
    documented = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
    for key, term in {**ENTITY_ATTRIBUTES, **ACTIVITY_ATTRIBUTES}.items():
        assert f"`{key}`" in documented
        assert f"`{term}`" in documented


def test_every_format_is_documented() -> None:
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    for format in FORMATS.values():
        row = (
            f"| `{format.name}` | {format.title} | {' '.join(f'`{s}`' for s in format.suffixes)} |"
        )
        assert row in page


def test_every_reader_is_documented() -> None:
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    for reader in READERS.values():
        suffixes = " ".join(f"`{suffix}`" for suffix in reader.suffixes)
        needs = f"`provlog[{reader.extra}]`" if reader.extra else ""
        assert (
            f"| `{reader.name}` | {reader.title} | {suffixes} | {needs} |".replace("  ", " ")
            in page
        )


def test_the_change_log_has_this_version() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {provlog.__version__}" in changes
