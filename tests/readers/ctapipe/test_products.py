"""The metadata inside HDF5 and FITS products."""

from __future__ import annotations

import gzip
from pathlib import Path

import h5py
import pytest
from astropy.io import fits

import provlog
from provlog.model.graph import Activity
from tests.readers.ctapipe.ctapipe_logs import NIGHT, PRODUCT

PROCESS = "log:activity-add57b2e-5715-4fc4-8bb6-0379771c7341"
META = {
    "CTA PRODUCT ID": "5cff8ba4-e64e-4147-a3e3-c9e5142f7278",
    "CTA PRODUCT DESCRIPTION": "a description that is far longer than a card of a header can hold",
    "CTA ACTIVITY ID": "3084047e-cb3a-4a18-887e-3940e08efc95",
    "CTA ACTIVITY NAME": "ctapipe-merge",
    "CTA ACTIVITY START TIME": "2026-11-26 13:15:34.872",
}


@pytest.fixture
def product(tmp_path: Path) -> Path:
    path = tmp_path / "moved.h5"
    path.write_bytes(gzip.decompress(PRODUCT.read_bytes()))
    return path


def test_a_product_names_its_activity(product: Path) -> None:
    graph = provlog.read(product)
    [made] = graph.relations["wasGeneratedBy"]
    assert made.source.values("prov:location") == [str(product)]
    assert made.source.values("log:CTA_CONTACT_ORGANIZATION") == ["Sketch"]
    assert "log:CTA_PROCESS_SUBTYPE" not in made.source.attributes
    assert isinstance(made.target, Activity)
    assert (made.target.id, made.target.label) == (PROCESS, "ctapipe-process")
    assert made.target.start == "2026-11-26T13:15:27.553Z"
    assert made.target.values("log:software_version") == ["ctapipe 0.32.0"]


def test_a_product_and_its_log_are_linked(product: Path) -> None:
    for paths in ((product, NIGHT), (NIGHT, product)):
        graph = provlog.read(*paths)
        alone = provlog.read(NIGHT)
        assert graph.activities.keys() == alone.activities.keys()
        assert len(graph.relations["wasGeneratedBy"]) == len(alone.relations["wasGeneratedBy"])
        [file] = [
            item for item in graph.entities.values() if str(product) in item.values("prov:location")
        ]
        assert file.id == "log:entity-a3beae32-255e-4cad-886a-69491aac8d59"
        assert len(file.values("prov:location")) == 2


def test_a_compressed_product() -> None:
    assert [*provlog.read(PRODUCT).activities] == [PROCESS]


def test_fits(tmp_path: Path) -> None:
    path = tmp_path / "events.fits"
    primary = fits.PrimaryHDU()
    for key, value in META.items():
        primary.header[f"HIERARCH {key}"] = value
    primary.writeto(path)
    graph = provlog.read(path)
    [made] = graph.relations["wasGeneratedBy"]
    assert made.source.id == "log:entity-5cff8ba4-e64e-4147-a3e3-c9e5142f7278"
    assert made.source.values("log:CTA_PRODUCT_DESCRIPTION") == [META["CTA PRODUCT DESCRIPTION"]]
    assert made.target.label == "ctapipe-merge"


def test_files_without_the_metadata(tmp_path: Path) -> None:
    fits.PrimaryHDU().writeto(tmp_path / "plain.fits")
    with h5py.File(tmp_path / "plain.h5", "w") as file:
        file.attrs["CTA PRODUCT ID"] = META["CTA PRODUCT ID"]
        file.attrs["CTA ACTIVITY ID"] = ""
    for path in tmp_path.iterdir():
        assert [item.code for item in provlog.check(path)] == ["PL002"]


@pytest.mark.parametrize(
    "content", [b"\x89HDF\r\n\x1a\n" + b"\0" * 99, b"SIMPLE  = maybe" + b" " * 9]
)
def test_a_damaged_product_is_reported(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert [item.code for item in provlog.check(path)] == ["PL003"]
