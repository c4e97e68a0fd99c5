"""The distributions of imported packages."""

from __future__ import annotations

import sys
import zipfile
from importlib import import_module, metadata
from importlib.metadata import MetadataPathFinder
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from provlog.capture.process import distributions
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


def test_names_and_versions_are_those_of_importlib_metadata() -> None:
    found = {distributions._version(one) for one in distributions._installed()}
    assert found == {(one.name, one.version) for one in metadata.distributions()}


@pytest.mark.parametrize("place", ["old-1.0.egg/EGG-INFO/PKG-INFO", "old-1.0-py3.11.egg-info"])
def test_an_egg_is_a_distribution(site: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    file = site / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("Metadata-Version: 1.0\r\nVersion: 1.0\r\nName: Old\r\n\r\nName: text\r\n")
    monkeypatch.setattr(sys, "path", [str(site), str(site / "old-1.0.egg")])
    sys.modules["old"] = ModuleType("old")
    assert imported_distributions() == {"Old": "1.0"}


def test_an_archive_has_distributions(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "program.pyz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tool-1.5.dist-info/METADATA", "Name: Tool\nVersion: 1.5\n\n")
    monkeypatch.setattr(sys, "path", [str(path)])
    sys.modules["tool"] = ModuleType("tool")
    assert imported_distributions() == {"Tool": "1.5"}


def test_the_first_readable_metadata_on_the_path_count(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(site, "tool", "tool")
    (tmp_path / "tool-1.0.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "absent"), str(site)])
    assert imported_distributions() == {"tool": "2.5"}


def test_a_package_of_several_distributions_has_all_of_them(site: Path) -> None:
    install(site, "google-auth", "google", lists="RECORD")
    other = site / "google_storage-1.5.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Name: google-storage\nVersion: 1.5\n")
    (other / "RECORD").write_text("google/storage/__init__.py,,\n")
    assert imported_distributions() == {"google-auth": "2.5", "google-storage": "1.5"}
