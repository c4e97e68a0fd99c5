"""Drafts of definition files from classes and functions."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from provlog.definitions.draft import draft
from provlog.definitions.load import examine
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


SELF = {"role": "self", "entityName": "Analysis", "value": "self"}


def locations(items: list[dict[str, str]]) -> list[str]:
    return [item["location"] for item in items if "location" in item]


def test_an_activity_with_parameters_and_a_returned_value(drafted: dict[str, Any]) -> None:
    assert activity(drafted, "fit") == {
        "description": "Fit the models to the spectra, all at once.",
        "parameters": [
            {"name": "energy_bins", "description": "What is fitted.", "value": "kwargs.energy_bins",
             "datatype": "int", "default": 20},
            {"name": "stat", "description": "The statistic, as text.", "value": "kwargs.stat",
             "datatype": "str", "default": "cash"},
            {"name": "tries", "value": "kwargs.tries", "datatype": "float", "default": 1.5},
            {"name": "joint", "value": "kwargs.joint", "datatype": "bool", "default": False},
            {"name": "limits", "value": "kwargs.limits"},
        ],
        "usage": [
            SELF,
            {"role": "datasets", "description": "What is fitted.", "entityName": "Datasets",
             "value": "kwargs.datasets"},
        ],
        "generation": [
            {"role": "result", "description": "The fitted spectrum.", "entityName": "Spectrum",
             "value": "result"},
            SELF,
        ],
        "unlisted": True,
    }  # fmt: skip


def test_paths_are_used_files(drafted: dict[str, Any]) -> None:
    read = activity(drafted, "read")
    assert locations(read["usage"]) == ["kwargs.filename", "kwargs.mask", "kwargs.events"]
    assert [item["name"] for item in read["parameters"]] == ["follow_path"]
    assert read["usage"][3] == {
        "role": "events", "description": "The events.", "entityName": "File",
        "location": "kwargs.events",
    }  # fmt: skip
    assert locations(read["generation"]) == []


def test_functions_that_write_generate_files(drafted: dict[str, Any]) -> None:
    written = activity(drafted, "write_table")
    assert written["description"] == "To be described"
    assert locations(written["generation"]) == ["kwargs.path", "result"]
    assert [item["name"] for item in written["parameters"]] == ["overwrite"]
    assert locations(activity(drafted, "write")["generation"]) == ["kwargs.target"]


def test_methods_use_their_object_and_may_generate_it(drafted: dict[str, Any]) -> None:
    for name, is_used, is_generated in (
        ("read", True, True), ("write", True, False), ("load", False, False), ("join", False, False),
    ):  # fmt: skip
        found = activity(drafted, name)
        assert (SELF in found.get("usage", [])) == is_used
        assert (SELF in found.get("generation", [])) == is_generated


MODULE = """
from __future__ import annotations
import enum, pathlib
from typing import Optional, TypeVar, Union
T = TypeVar("T")
class Kind(enum.Enum): A = 1
class File: 'Something open.'
class Table: 'A table.'
def f({arguments}):
    '''Do it.

    Parameters
    ----------
    said : {type}
        Something.
    '''
"""


@pytest.mark.parametrize(
    ("argument", "entity"),
    [
        ("image: np.ndarray", "Image"),
        ("image: Optional[np.ndarray] = None", "Image"),
        ("raw_image: list[Table]", "RawImage"),
        ("table: Table | None = None", "Table"),
        ("table: Union[Table, str]", "Table"),
        ("table: File", "FileObject"),
        ("file: Table", "Table"),
        ("items: dict[str, int]", None),
        ("items: tuple[float, float]", None),
        ("kind: Kind", None),
        ("kind: T", None),
        ("kind: 'u.Quantity'", None),
        ("kind: object", None),
        ("kind: int = 3", None),
        ("kind=3", None),
        ("kind", None),
    ],
)
def test_objects_are_used_entities(argument: str, entity: str | None, modules: Path) -> None:
    (modules / "objects.py").write_text(MODULE.format(arguments=argument, type="int"))
    found = yaml.safe_load(draft(["objects:f"]))["activities"]["objects:f"]
    assert [item["entityName"] for item in found.get("usage", [])] == ([entity] if entity else [])
    assert len(found.get("parameters", [])) == (entity is None and argument != "kind")


@pytest.mark.parametrize(
    ("type_", "entity"),
    [
        ("array or `~numpy.recarray` or `~astropy.io.fits.Group`", "Said"),
        ("ndarray, shape (N, M)", "Said"),
        ("array_like, optional", "Said"),
        ("list of `~gammapy.Dataset`", "Said"),
        ("`Header` object, optional", "Header"),
        ("`~gammapy.modeling.models.Models` or str", "Models"),
        ("EventList", "EventList"),
        ("{'Cash', 'Wstat'}", None),
        ("float or None. Default is Poisson", None),
        ("bool, optional", None),
        ("list of str", None),
        ("", None),
    ],
)
def test_types_in_docstrings_name_entities(type_: str, entity: str | None, modules: Path) -> None:
    (modules / "objects.py").write_text(MODULE.format(arguments="said", type=type_))
    found = yaml.safe_load(draft(["objects:f"]))["activities"]["objects:f"]
    assert [item["entityName"] for item in found.get("usage", [])] == ([entity] if entity else [])


@pytest.mark.parametrize(
    ("function", "arguments", "used", "generated"),
    [
        ("read", "filename, fname, path, file, model_path, in_file, caldir, data_folder, dest",
         "filename fname path file model_path in_file caldir data_folder", "dest"),
        ("writeto", "filename, infile", "infile", "filename"),
        ("savefig", "fname, dpi=None, file: bool = False", "", "fname"),
        ("tofile", "file", "", "file"),
        ("to_fits", "path: str", "", "path"),
        ("total", "file", "file", ""),
        ("stack", "outdir, output, out_file, outfile, destination", "",
         "outdir output out_file outfile destination"),
        ("copy", "src, dst", "src", "dst"),
        ("fit", "profile, nadir, output_verify, out, paths, dir=True, output: 'Table' = None", "", ""),
    ],
)  # fmt: skip
def test_names_show_paths(
    function: str, arguments: str, used: str, generated: str, modules: Path
) -> None:
    (modules / "paths.py").write_text(f"def {function}({arguments}): ...")
    found = yaml.safe_load(draft([f"paths:{function}"]))["activities"][f"paths:{function}"]
    for section, names in ("usage", used), ("generation", generated):
        expected = [f"kwargs.{name}" for name in names.split()]
        assert locations(found.get(section, [])) == expected


@pytest.mark.parametrize(
    ("function", "entity"),
    [
        ("def get_flux_points(): ...", None),
        ("def fit(): ...", None),
        ("def fit(): 'Fit.\\n\\nReturns\\n-------\\nSpectrum\\n    It.'", "Spectrum"),
        ("def fit(): 'Fit.\\n\\nReturns\\n-------\\nflux_map : ndarray\\n    It.'", "FluxMap"),
        ("def make_image() -> 'np.ndarray': ...", "Image"),
        ("def fit() -> float: ...", None),
        ("def fit() -> None: ...", None),
        ("def fit() -> 'NoReturn': ...", None),
    ],
)
def test_function_names_name_results(function: str, entity: str | None, modules: Path) -> None:
    (modules / "results.py").write_text(function)
    name = f"results:{function.partition('(')[0].removeprefix('def ')}"
    found = yaml.safe_load(draft([name]))["activities"][name]
    expected = [entity] if entity is not None else []
    assert [item["entityName"] for item in found.get("generation", [])] == expected


def test_parameters_of_static_and_class_methods(drafted: dict[str, Any]) -> None:
    names = {
        name: [parameter["name"] for parameter in activity(drafted, name).get("parameters", [])]
        for name in ("load", "join", "wait", "size_of")
    }
    assert names == {"load": ["name"], "join": ["end"], "wait": [], "size_of": ["name"]}


def test_used_and_generated_entities_are_described(drafted: dict[str, Any]) -> None:
    assert drafted["entities"] == {
        "Spectrum": {"description": "Counts by energy.", "type": "PythonObject"},
        "File": {"description": "A file on the disk", "type": "File"},
        "Analysis": {"description": "An analysis.", "type": "PythonObject"},
        "Datasets": {"type": "PythonObject"},
        "result": {"type": "PythonObject"},
        "Counts": {"type": "PythonObject"},
    }


REAL = [
    NAME, f"{NAME}.fit", "json:JSONDecoder", "zipfile:ZipFile", "pathlib:Path", "shutil:copytree",
    "decimal:Context", "unittest.mock:NonCallableMock", "provlog.definitions.load:load", "array:array",
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
    ("name", "expected"),
    [
        (
            "json:",
            "'json:' is not a target: write package.module, package.module:Class or package.module:function",
        ),
        (
            "a b:c",
            "'a b:c' is not a target: write package.module, package.module:Class or package.module:function",
        ),
        ("no_such_module:x", "module 'no_such_module' not found"),
        ("json.none:x", "module 'json.none' not found"),
        ("json:none", "module 'json' has no 'none'"),
        ("json:JSONDecoder.none", "module 'json' has no 'JSONDecoder.none'"),
        ("json:decoder", "json:decoder is neither a class nor a function"),
        (f"{__name__}:Spectrum", f"{__name__}:Spectrum has no public methods of its own"),
    ],
)
def test_a_wrong_target_is_an_error(name: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        draft([name])
    assert str(caught.value) == expected


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of modules, which are forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


SCRIPT = "; if it is a script, record it with provlog run, and draft from the log"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("raise ValueError('no\\nway')", f"cannot import broken: ValueError: no way{SCRIPT}"),
        ("import no_such_module", "cannot import broken: ModuleNotFoundError: No module named 'no_such_module'"),
        ("import sys; sys.exit(3)", f"cannot import broken: SystemExit: 3{SCRIPT}"),
        ("def f(:", "cannot import broken: SyntaxError: invalid syntax (broken.py, line 1)"),
        ("None.x", f"cannot import broken: AttributeError: 'NoneType' object has no attribute 'x'{SCRIPT}"),
    ],
)  # fmt: skip
def test_a_failing_import_is_an_error(code: str, expected: str, modules: Path) -> None:
    (modules / "broken.py").write_text(code)
    with pytest.raises(InputError) as caught:
        draft(["broken:f"])
    assert str(caught.value) == expected


def test_functions_without_a_signature_have_no_parameters(modules: Path) -> None:
    (modules / "odd.py").write_text(
        "class Odd:\n"
        "    def f(self, a): 'Do it.'\n"
        "    f.__signature__ = 3\n"
        "    f.__doc__ = 5\n"
        "    g = lambda self, a=object(): a\n"
    )
    found = yaml.safe_load(draft(["odd:Odd"]))["activities"]
    assert found["odd:Odd.f"]["description"] == "To be described"
    assert "parameters" not in found["odd:Odd.f"]
    assert "parameters" not in found["odd:Odd.g"]


def test_a_module_is_drafted_with_all_its_functions_and_classes(modules: Path) -> None:
    (modules / "flow.py").write_text(
        "from json import dumps\n"
        "class Fit:\n    def run(self): ...\n"
        "class Empty: ...\n"
        "def load(): ...\n"
        "def _hidden(): ...\n"
    )
    assert list(yaml.safe_load(draft(["flow"]))["activities"]) == ["flow:Fit.run", "flow:load"]
    with pytest.raises(UsageError, match="module 'flaw' not found"):
        draft(["flaw"])
    (modules / "bare.py").write_text("x = 1\n")
    with pytest.raises(UsageError, match="bare has no public functions or classes"):
        draft(["bare"])
