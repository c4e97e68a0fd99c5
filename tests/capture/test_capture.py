"""The parameters of a capture, and closing it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provlog.capture import Capture
from provlog.definitions.load import definitions_of
from tests.capture.fixtures import Make
from tests.capture.reading import Document, activities, activity, payloads, used

DEFINITION = "activities:\n  read:\n    usage:\n    - {role: file, location: path}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "events.txt"
    found.write_text("0123456789")
    return found


@pytest.fixture(params=["Capture", "from_yaml"])
def made(request: pytest.FixtureRequest, tmp_path: Path, log: Path, make: Make) -> Make:
    if request.param == "Capture":
        return make
    definition = tmp_path / "definition.yaml"
    definition.write_text(DEFINITION)
    return lambda **settings: Capture.from_yaml(definition, log, **settings)


def read(path: Path) -> None:
    pass


def described(log: Path) -> Document:
    """Return the description of the only file."""
    [found] = [one for one in payloads(log) if one.get("entity_type") == "File"]
    return found


def record_use(capture: Capture, path: Path) -> None:
    with capture.activity("use") as block:
        block.used(path, role="file")
    capture.close()


@pytest.mark.parametrize("method", ["sha256", "sha1", "md5"])
def test_the_hash_method_can_be_chosen(made: Make, log: Path, path: Path, method: str) -> None:
    record_use(made(hash=method), path)
    found = described(log)
    assert found["entity_hash_type"] == method
    assert found["entity_hash"] == hashlib.new(method, path.read_bytes()).hexdigest()


@pytest.mark.parametrize(("limit", "is_hashed"), [(10, True), (9, False)])
def test_files_above_the_limit_are_identified_by_size_and_time_with_a_note(
    made: Make, log: Path, path: Path, limit: int, is_hashed: bool
) -> None:
    record_use(made(hash_limit=limit), path)
    found = described(log)
    assert ("entity_hash" in found) == is_hashed
    assert found.get("entity_note") == (
        None if is_hashed else "larger than 9 bytes: the id is made of path, size and time"
    )


def test_the_configuration_is_recorded(made: Make, log: Path, path: Path) -> None:
    record_use(made(configuration={"bins": 3}), path)
    assert payloads(log)[0]["configuration"] == {"bins": 3}


def test_definition_files_describe_activities(tmp_path: Path, log: Path, path: Path) -> None:
    definition = tmp_path / "definition.yaml"
    definition.write_text(DEFINITION)
    capture = Capture.from_yaml(definition, log)
    capture.trace(read)(path)
    capture.close()
    found = capture.graph()
    file = used(found, activity(found, "read"))["file"]
    assert file.values("prov:location") == [str(path)]


def test_the_log_in_a_folder_does_not_change_the_folder(
    capture: Capture, graph: Callable[[], Any], log: Path, path: Path
) -> None:
    for _ in range(2):
        with capture.activity("use") as block:
            block.used(log.parent, role="folder")
    found = graph()
    first, second = (used(found, one)["folder"] for one in activities(found, "use"))
    assert first is second
    assert len(found.relations["wasDerivedFrom"]) == 0
    path.write_text("other")
    with capture.activity("use") as block:
        block.used(log.parent, role="folder")
    found = graph()
    assert used(found, activities(found, "use")[2])["folder"].id != first.id


def test_a_closed_capture_records_nothing(capture: Capture, log: Path) -> None:
    traced: Callable[[], int] = capture.trace(lambda: 7, "seven")
    assert traced() == 7
    before = log.read_text()
    capture.close()
    assert not capture.enabled
    assert traced() == 7
    with capture.activity("late"):
        pass
    assert log.read_text() == before
    assert [one.label for one in capture.graph().activities.values() if one.session] == ["seven"]


def test_private_methods_are_traced_if_they_are_defined(make: Make) -> None:
    capture = make(definitions_of({"activities": {"_fit": {}, "_inherited": {}}}))

    class Base:
        def _inherited(self) -> None:
            pass

    @capture.trace_methods
    class Analysis(Base):
        def _fit(self) -> None:
            pass

        def _other(self) -> None:
            pass

    analysis = Analysis()
    analysis._fit()
    analysis._inherited()
    analysis._other()
    found = capture.graph()
    assert [one.label for one in found.activities.values() if one.session] == [
        "_fit", "_inherited",
    ]  # fmt: skip
