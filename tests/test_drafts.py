"""Drafts of definition files: what classes and functions say of themselves."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from provlog.capture.definitions import examine
from provlog.capture.docstrings import documented, first_sentence
from provlog.capture.drafts import draft
from provlog.errors import InputError, UsageError


class Spectrum:
    """Counts by energy. They are integers."""


def cached(function: Any) -> Any:
    return functools.lru_cache(function)


class Analysis:
    """An analysis."""

    levels = (1, 2)
    maker = Spectrum

    class Settings:
        def load(self) -> None: ...

    @property
    def size(self) -> int:
        return 1

    def _private(self) -> None: ...

    def fit(self, datasets: list[Spectrum], energy_bins: int = 20, *, stat: str | None = "cash",
            tries: float = 1.5, joint: bool = False, limits: tuple[int, int] = (1, 2),
            **options: object) -> Spectrum:  # fmt: skip
        """Fit the models to the spectra,
        all at once. It takes long.

        Parameters
        ----------
        datasets, energy_bins : list
            What is fitted. More of it.
        stat : {"cash", "wstat"}
            The statistic,
            as text.

        Returns
        -------
        spectrum : Spectrum
            The fitted spectrum.

        Notes
        -----
        tries : none
        """
        raise NotImplementedError(datasets, energy_bins, stat, tries, joint, limits, options)

    def read(self, filename, mask: os.PathLike[str] | None, events, paths, follow_path: bool):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
        """Read all.

        Parameters
        ----------
        events : str or path-like
            The events.
        """

    def write_table(self, path: str, overwrite: bool = False) -> Path:
        return Path(path, str(overwrite))

    def write(self, target: Path) -> None: ...

    @classmethod
    def load(cls, name: str) -> Any:
        return name

    @staticmethod
    def join(*parts: str, end: str = "") -> str:
        return end.join(parts)

    async def wait(self, _hidden: int = 0) -> None: ...

    @cached
    def size_of(self, name: str) -> Spectrum | None:
        return None


def make_spectrum(counts: np.ndarray) -> np.ndarray:  # type: ignore[name-defined] # noqa: F821
    return counts


NAME = f"{__name__}:Analysis"


@pytest.fixture(scope="module")
def drafted() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(draft([NAME, f"{__name__}:make_spectrum"]))
    return found


def activity(drafted: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = drafted["activities"][f"{NAME}.{name}"]
    return found


def test_public_methods_are_activities(drafted: dict[str, Any]) -> None:
    methods = ["fit", "read", "write_table", "write", "load", "join", "wait", "size_of"]
    expected = [f"{NAME}.{method}" for method in methods]
    assert list(drafted["activities"]) == [*expected, f"{__name__}:make_spectrum"]


def test_an_activity_with_parameters_and_a_returned_value(drafted: dict[str, Any]) -> None:
    assert activity(drafted, "fit") == {
        "description": "Fit the models to the spectra, all at once.",
        "parameters": [
            {"name": "datasets", "description": "What is fitted.", "value": "kwargs.datasets"},
            {"name": "energy_bins", "description": "What is fitted.", "value": "kwargs.energy_bins",
             "datatype": "int", "default": 20},
            {"name": "stat", "description": "The statistic, as text.", "value": "kwargs.stat",
             "datatype": "str", "default": "cash"},
            {"name": "tries", "value": "kwargs.tries", "datatype": "float", "default": 1.5},
            {"name": "joint", "value": "kwargs.joint", "datatype": "bool", "default": False},
            {"name": "limits", "value": "kwargs.limits"},
        ],
        "generation": [
            {"role": "result", "description": "The fitted spectrum.", "entityName": "Spectrum",
             "value": "result"},
        ],
    }  # fmt: skip


def test_paths_are_used_files(drafted: dict[str, Any]) -> None:
    read = activity(drafted, "read")
    assert [item["location"] for item in read["usage"]] == [
        "kwargs.filename", "kwargs.mask", "kwargs.events",
    ]  # fmt: skip
    assert [item["name"] for item in read["parameters"]] == ["paths", "follow_path"]
    assert read["usage"][2] == {
        "role": "events", "description": "The events.", "entityName": "File",
        "location": "kwargs.events",
    }  # fmt: skip
    assert "generation" not in read


def test_what_writes_generates_files(drafted: dict[str, Any]) -> None:
    written = activity(drafted, "write_table")
    assert written["description"] == "To be described"
    assert [item["location"] for item in written["generation"]] == ["kwargs.path", "result"]
    assert [item["name"] for item in written["parameters"]] == ["overwrite"]
    assert [item["location"] for item in activity(drafted, "write")["generation"]] == [
        "kwargs.target"
    ]


def test_kinds_of_methods(drafted: dict[str, Any]) -> None:
    names = {
        name: [parameter["name"] for parameter in activity(drafted, name).get("parameters", [])]
        for name in ("load", "join", "wait", "size_of")
    }
    assert names == {"load": ["name"], "join": ["end"], "wait": [], "size_of": ["name"]}


def test_entities_are_what_is_returned(drafted: dict[str, Any]) -> None:
    assert drafted["entities"] == {
        "Spectrum": {"description": "Counts by energy.", "type": "PythonObject"},
        "File": {"description": "A file on the disk", "type": "File"},
        "result": {"type": "PythonObject"},
        "str": {"type": "PythonObject"},
        "ndarray": {"type": "PythonObject"},
    }


REAL = [
    NAME, f"{NAME}.fit", "json:JSONDecoder", "zipfile:ZipFile", "pathlib:Path", "shutil:copytree",
    "decimal:Context", "unittest.mock:NonCallableMock", "provlog.capture.definitions:load", "array:array",
    "click:Context", "json:loads",
]  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_a_draft_is_valid(name: str, tmp_path: Path) -> None:
    path = tmp_path / "draft.yaml"
    path.write_text(draft([name]), encoding="utf-8")
    definitions, problems = examine(path)
    assert problems == []
    assert definitions is not None
    for key, activity in definitions.activities.items():
        assert key.startswith(name)
        assert activity.target == key
    items = [item for found in definitions.activities.values() for item in found.generation]
    assert all(item.entity in definitions.entities for item in items)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("json", "'json' is no place such as package.module:Class"),
        ("json:", "'json:' is no place such as package.module:Class"),
        ("a b:c", "'a b:c' is no place such as package.module:Class"),
        ("no_such_module:x", "there is no module 'no_such_module'"),
        ("json.none:x", "there is no module 'json.none'"),
        ("json:none", "module 'json' has no 'none'"),
        ("json:JSONDecoder.none", "module 'json' has no 'JSONDecoder.none'"),
        ("json:decoder", "json:decoder is neither a class nor a function"),
        (f"{__name__}:Spectrum", f"{__name__}:Spectrum has no public methods of its own"),
    ],
)
def test_a_name_that_is_wrong(name: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        draft([name])
    assert str(caught.value) == told


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of modules, which are forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("raise ValueError('no\\nway')", "broken cannot be imported: ValueError: no way"),
        ("import no_such_module", "broken cannot be imported: ModuleNotFoundError: No module named 'no_such_module'"),
        ("import sys; sys.exit(3)", "broken cannot be imported: SystemExit: 3"),
        ("def f(:", "broken cannot be imported: SyntaxError: invalid syntax (broken.py, line 1)"),
        ("None.x", "broken cannot be imported: AttributeError: 'NoneType' object has no attribute 'x'"),
    ],
)  # fmt: skip
def test_a_module_that_fails(code: str, told: str, modules: Path) -> None:
    (modules / "broken.py").write_text(code)
    with pytest.raises(InputError) as caught:
        draft(["broken:f"])
    assert str(caught.value) == told


def test_what_has_no_signature_has_no_parameters(modules: Path) -> None:
    (modules / "odd.py").write_text(
        "class Odd:\n"
        "    def f(self, a): 'Do it.'\n"
        "    f.__signature__ = 3\n"
        "    f.__doc__ = 5\n"
        "    g = lambda self, a=object(): a\n"
    )
    assert yaml.safe_load(draft(["odd:Odd"])) == {
        "activities": {
            "odd:Odd.f": {"description": "To be described"},
            "odd:Odd.g": {
                "description": "To be described",
                "parameters": [{"name": "a", "value": "kwargs.a"}],
            },
        }
    }


def test_the_parameters_section_of_a_docstring() -> None:
    assert documented(examine, "Parameters") == {"path": ("path", "The file.")}
    assert documented(examine, "Returns")["Definitions or None"].description.startswith("``None``")
    assert documented(examine, "Yields") == documented(len, "Parameters") == {}
    assert documented(inspect, "Parameters") == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("  Fit. It all", "Fit."),
        ("Fit it\nall", "Fit it all"),
        ("Fit e.g. this.\n\nMore", "Fit e.g. this."),
        ("Fit!\n   More", "Fit!"),
        ("Use 1.5 TeV", "Use 1.5 TeV"),
    ],
)
def test_first_sentence(text: str, expected: str) -> None:
    assert first_sentence(text) == expected
