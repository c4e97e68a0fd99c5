"""The distributions of imported packages."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import MetadataPathFinder
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from provlog.capture.process.distributions import imported_distributions


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of installed packages, the only one on the path."""
    # importlib.metadata imports it when it is used; from the path below it could not.
    import_module("email.parser")
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder)])
    # The importlib_metadata package, which dask imports, replaces the finder of distributions by one
    # that cannot import its own parts from this path.
    finder = SimpleNamespace(
        find_distributions=MetadataPathFinder.find_distributions, find_spec=lambda *_: None
    )
    others = [one for one in sys.meta_path if "importlib_metadata" not in type(one).__module__]
    monkeypatch.setattr(sys, "meta_path", [*others, finder])
    names = [*sys.stdlib_module_names, "provlog"]
    kept = {name: module for name, module in sys.modules.items() if name.split(".")[0] in names}
    monkeypatch.setattr(sys, "modules", kept)
    return folder


def install(site: Path, distribution: str, *packages: str, lists: str = "top_level.txt") -> None:
    folder = site / f"{distribution.replace('-', '_')}-2.5.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 2.5\n")
    if lists == "top_level.txt":
        (folder / lists).write_text("\n".join(packages))
    else:
        (folder / lists).write_text("".join(f"{name}/__init__.py,,\n" for name in packages))
    for name in packages:
        code = site / name / "__init__.py"
        code.parent.mkdir()
        code.touch()
        module = ModuleType(name)
        module.__file__ = str(code)
        sys.modules[name] = module


@pytest.mark.parametrize("lists", ["top_level.txt", "RECORD"])
def test_packages_are_found_by_any_name(site: Path, lists: str) -> None:
    install(site, "fit-tools", "fit_tools", lists=lists)
    install(site, "PyYAML", "yaml", "_yaml", lists=lists)
    install(site, "Pillow", "PIL", lists=lists)
    del sys.modules["PIL"]
    assert imported_distributions() == {"fit-tools": "2.5", "PyYAML": "2.5"}


def test_modules_of_the_program_are_not_distributions(site: Path, tmp_path: Path) -> None:
    module = ModuleType("helper")
    module.__file__ = str(tmp_path / "helper.py")
    sys.modules["helper"] = module
    assert imported_distributions() == {}


def test_lazy_and_broken_modules_cause_no_error(site: Path) -> None:
    class Lazy(ModuleType):
        def __getattribute__(self, name: str) -> object:
            raise RuntimeError(name)

    install(site, "PyYAML", "yaml")
    sys.modules["lazy"] = Lazy("lazy")
    sys.modules["number"] = 5  # type: ignore[assignment]
    assert imported_distributions() == {"PyYAML": "2.5"}
