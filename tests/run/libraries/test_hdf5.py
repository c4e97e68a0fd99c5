"""The files that HDF5 itself finds."""

from __future__ import annotations

import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from provlog.run.libraries import hdf5


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("sub/run-0.h5", "sub/run-1.h5", "sub/50%.h5", "run-0.h5", "elsewhere/x.h5"):
        Path(name).parent.mkdir(exist_ok=True)
        with h5py.File(name, "w") as file:
            file["x"] = [1]


@pytest.mark.parametrize(("name", "expected"), [
    ("run-0.h5", ["sub/run-0.h5"]),
    ("run-%b.h5", ["sub/run-0.h5", "sub/run-1.h5"]),
    ("50%%.h5", ["sub/50%.h5"]),
    ("none.h5", []),
    ("elsewhere/x.h5", ["elsewhere/x.h5"]),
])  # fmt: skip
def test_sources_are_searched_beside_the_file_and_in_the_working_directory(
    name: str, expected: list[str]
) -> None:
    assert [*hdf5._source(name, ["sub", ""])] == expected


def virtual(path: str, source: str) -> None:
    layout = h5py.VirtualLayout((1,), "i8")
    layout[:] = h5py.VirtualSource(source, "x", (1,))
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("x", layout)


def test_the_place_of_a_source_is_that_of_hdf5(monkeypatch: pytest.MonkeyPatch) -> None:
    virtual("sub/virtual.h5", "x.h5")
    for prefix, is_found in (("", False), ("elsewhere", True), ("${ORIGIN}/../elsewhere", True)):
        monkeypatch.setenv("HDF5_VDS_PREFIX", prefix)
        with h5py.File("sub/virtual.h5") as file:
            found = [os.path.normpath(one) for one in hdf5._sources(file["x"], "sub/virtual.h5")]
        assert found == ["elsewhere/x.h5"] * is_found


def test_the_place_of_external_data_is_that_of_hdf5() -> None:
    for name, kwargs in (("raw", {}), ("sub/raw", {"efile_prefix": "${ORIGIN}"})):
        with h5py.File("sub/outside.h5", "w") as file:
            data = file.create_dataset("x", (2,), "f8", external=[("raw", 0, 16)], **kwargs)
            data[:] = np.ones(2)
            [found] = hdf5._storage(data, "sub/outside.h5")
            assert os.path.relpath(found) == name
        assert os.path.isfile(name)
        os.remove(name)
