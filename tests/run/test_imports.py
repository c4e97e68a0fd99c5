"""The import watcher runs actions right after modules are imported."""

from __future__ import annotations

import copy
import importlib
import importlib.util
import inspect
import json
import sys
import zipfile
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from provlog.run.imports import ImportWatcher


def watched(*names: str) -> list[ModuleType]:
    """Watch modules; return a list that grows with each import."""
    seen: list[ModuleType] = []
    ImportWatcher(dict.fromkeys(names, seen.append).get).install()
    return seen


def test_the_action_runs_after_the_code_of_the_module(folder: Path) -> None:
    (folder / "one.py").write_text("import two\nloader = __loader__, __spec__.loader\nx = 1\n")
    (folder / "two.py").write_text("x = 2\n")
    seen = watched("one", "two", "never")
    assert seen == []
    one = importlib.import_module("one")
    assert seen == [sys.modules["two"], one]
    assert {type(loader) for loader in (*one.loader, one.__loader__)} == {SourceFileLoader}
    assert inspect.getsource(one).startswith("import two")
    importlib.reload(one)
    assert seen[2:] == [one]
    assert importlib.util.find_spec("never") is None


def test_a_watched_loader_can_be_copied(folder: Path) -> None:
    (folder / "one.py").write_text("x = 1\n")
    watched("one")
    spec = importlib.util.find_spec("one")
    assert spec is not None
    assert copy.copy(spec.loader).get_source("one") == "x = 1\n"  # type: ignore[union-attr]
    assert not hasattr(spec.loader, "nothing")


def test_a_removed_watcher_runs_no_actions(folder: Path) -> None:
    (folder / "one.py").write_text("x = 1\n")
    seen: list[ModuleType] = []
    watcher = ImportWatcher({"one": seen.append}.get)
    watcher.install()
    watcher.remove()
    watcher.remove()
    importlib.import_module("one")
    assert seen == []


def test_the_action_of_an_imported_module_runs_at_once(folder: Path) -> None:
    assert watched("json") == [json]


def test_an_import_error_propagates_without_an_action(folder: Path) -> None:
    (folder / "bad.py").write_text("1 / 0\n")
    seen = watched("bad")
    with pytest.raises(ZeroDivisionError):
        importlib.import_module("bad")
    (folder / "bad.py").write_text("x = 1 + 1 + 1\n")
    assert seen == []
    assert importlib.import_module("bad") is seen[0]


def test_packages_archives_and_compiled_modules_are_watched(folder: Path) -> None:
    (folder / "space").mkdir()
    (folder / "space" / "part.py").write_text("")
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("zipped.py", "x = 1\n")
        archive.writestr("other.py", "x = 2\n")
    sys.path.insert(0, str(folder / "a.zip"))
    names = ["space", "space.part", "zipped", "xxsubtype"]
    seen = watched(*names)
    sys.modules.pop("xxsubtype", None)
    for name in [*names, "other"]:
        importlib.import_module(name)
    # A namespace package has no code, so no action.
    assert [module.__name__ for module in seen] == names[1:]


def test_the_action_takes_the_object_that_replaced_the_module(folder: Path) -> None:
    (folder / "own.py").write_text("import sys\nclass Own: x = 1\nsys.modules[__name__] = Own()\n")
    seen: list[Any] = watched("own")
    importlib.import_module("own")
    assert seen[0].x == 1
