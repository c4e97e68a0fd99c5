"""The content of all real logs, compared with a reading of their JSON by other means."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import pytest

import provlog
from provlog.model.graph import Activity, Element, ProvGraph
from tests.readers.ctapipe.ctapipe_logs import LOGS, PRODUCT, activities_of

# Keys with a place of their own in the graph.
PLACED = {
    "activity_name", "activity_uuid", "status", "start", "stop", "system", "input", "output",
    "config",
}  # fmt: skip


@pytest.fixture(scope="module", params=LOGS, ids=lambda path: path.name)
def read(request: pytest.FixtureRequest) -> tuple[ProvGraph, dict[str, dict[str, Any]]]:
    path: Path = request.param
    return provlog.read(path), activities_of(path)


def pairs(
    read: tuple[ProvGraph, dict[str, dict[str, Any]]],
) -> Iterator[tuple[Activity, dict[str, Any]]]:
    graph, expected = read
    found = {str(item.values("dcterms:identifier")[0]): item for item in graph.activities.values()}
    for name, fields in expected.items():
        yield found[name], fields


def holds(element: Element, name: str, value: object) -> bool:
    """Return whether an attribute has a value; lists and objects are JSON."""
    if value is None:
        value = "null"
    if isinstance(value, (list, dict)):
        return value in [json.loads(str(held)) for held in element.values(name)]
    return value in element.values(name)


def leaves(config: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in config.items():
        if isinstance(value, dict) and value and key[0].isupper():
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def test_the_whole_configuration(read: tuple[ProvGraph, dict[str, dict[str, Any]]]) -> None:
    for run, fields in pairs(read):
        expected = dict(leaves(fields.get("config") or {}))
        assert {name for name in run.attributes if name.startswith("param:")} == {
            f"param:{name}" for name in expected
        }
        for name, value in expected.items():
            assert holds(run, f"param:{name}", value), (name, value)


def test_all_other_keys(read: tuple[ProvGraph, dict[str, dict[str, Any]]]) -> None:
    for run, fields in pairs(read):
        for key in fields.keys() - PLACED:
            assert holds(run, f"log:{key}", fields[key]), key
        is_name = fields["status"] == fields["activity_name"]
        assert run.values("log:status") == ["completed" if is_name else fields["status"]]


def test_machine_software_and_user(read: tuple[ProvGraph, dict[str, dict[str, Any]]]) -> None:
    graph, _ = read
    users: dict[Activity, str] = {
        item.source: item.target.label
        for item in graph.relations["wasAssociatedWith"]
        if isinstance(item.source, Activity)
    }
    for run, fields in pairs(read):
        session, expected = run.session, json.loads(json.dumps(fields["system"]))
        assert session is not None
        del expected["start_time_utc"]
        python = expected["python"]
        python["version"] = ".".join(python["version"])
        packages: dict[str, list[str]] = {}
        for package in python.pop("packages", []):
            packages.setdefault(package["name"], []).append(package["version"])
        if packages:
            expected["packages"] = {name: ", ".join(found) for name, found in packages.items()}
        assert holds(session, "log:system", expected)
        assert users.get(run) == fields["system"]["environment"]["USER"]


def test_all_metadata_of_products(read: tuple[ProvGraph, dict[str, dict[str, Any]]]) -> None:
    graph, _ = read
    for run, fields in pairs(read):
        files: dict[str, list[Element]] = {"input": [], "output": []}
        for item in graph.relations["used"]:
            if item.source is run:
                files["input"].append(item.target)
        for item in graph.relations["wasGeneratedBy"]:
            if item.target is run:
                files["output"].append(item.source)
        for kind, found in files.items():
            for entry in fields[kind]:
                meta = entry.get("reference_meta") or {}
                if meta.get("CTA ACTIVITY ID"):
                    [file] = [
                        item for item in found
                        if item.values("dcterms:identifier") == [meta["CTA PRODUCT ID"]]
                    ]  # fmt: skip
                    assert_metadata(file, meta)


def assert_metadata(file: Element, meta: dict[str, Any]) -> None:
    for key, value in meta.items():
        if value not in ("", None):
            assert holds(file, f"log:{key.replace(' ', '_')}", value), key


def test_all_metadata_in_a_product() -> None:
    with h5py.File(io.BytesIO(gzip.decompress(PRODUCT.read_bytes()))) as file:
        meta = {
            key: value.decode() if isinstance(value, bytes) else str(value)
            for key, value in file.attrs.items()
            if key.startswith("CTA ") and not isinstance(value, h5py.Empty)
        }
    assert len(meta) > 25
    [product] = provlog.read(PRODUCT).entities.values()
    assert_metadata(product, meta)
