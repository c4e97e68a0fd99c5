"""The public functions of the package."""

from __future__ import annotations

import gc
import io
import tracemalloc
from pathlib import Path

import pytest

import provlog
from provlog.errors import InputError, OutputError, UsageError
from provlog.model.events import Event
from tests.samples import DOCUMENTS, EXCERPT, SAMPLES, document

RECORD = "INFO:x:_PROV_2020-01-01T00:00:00_PROV_{'entity_id': '%d', 'name': 'x'}\nINFO:other\n"


def test_exported_names_exist() -> None:
    assert sorted(provlog.__all__) == sorted(
        [
            "Drawing",
            "EventStream",
            "ProvGraph",
            "ProvlogError",
            "Store",
            "__version__",
            "check",
            "events",
            "read",
            "write",
        ]
    )
    assert all(getattr(provlog, name) for name in dir(provlog))
    with pytest.raises(AttributeError, match="'absent'"):
        getattr(provlog, "absent")  # noqa: B009


def test_the_function_and_the_module_events_do_not_collide() -> None:
    from provlog.model.events import EntityUsed

    assert callable(provlog.events)
    assert EntityUsed.__module__ == "provlog.model.events"


def test_events_are_read_on_demand(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("".join(RECORD % number for number in range(10_000)))
    stream = provlog.events(log)
    assert isinstance(next(stream), Event)
    log.unlink()
    assert sum(1 for _ in stream) == 10_000


def test_events_have_diagnostics() -> None:
    stream = provlog.events(EXCERPT)
    assert stream.diagnostics == []
    assert list(stream)
    assert [item.code for item in stream.diagnostics] == ["PL101", "PL103"]


def test_events_are_immutable() -> None:
    event = next(provlog.events(EXCERPT))
    with pytest.raises(AttributeError):
        event.origin = event.origin  # type: ignore[misc]


def test_events_run_in_constant_memory(tmp_path: Path) -> None:
    def peak(records: int) -> int:
        log = tmp_path / "run.log"
        log.write_text("".join(RECORD % number for number in range(records)))
        tracemalloc.start()
        assert sum(1 for _ in provlog.events(log)) == records + 1
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(1000)
    assert peak(60_000) < 1.2 * peak(10_000)


def test_a_graph_can_be_written_to_a_path_or_a_stream(tmp_path: Path) -> None:
    graph = provlog.read(EXCERPT)
    for name in [*DOCUMENTS, "dot"]:
        path = tmp_path / f"out.{name}"
        provlog.write(graph, path, name)
        stream = io.BytesIO()
        provlog.write(graph, stream, name)
        assert path.read_bytes() == stream.getvalue() == document(graph, name).encode()


def test_a_stream_has_no_suffix() -> None:
    with pytest.raises(TypeError, match="pass format"):
        provlog.write(provlog.ProvGraph(), io.BytesIO())


def test_errors_have_a_common_base_class(tmp_path: Path) -> None:
    graph = provlog.read(EXCERPT)
    with pytest.raises(UsageError):
        provlog.write(graph, tmp_path / "out.absent")
    with pytest.raises(UsageError):
        provlog.write(graph, tmp_path / "out.json", "absent")
    with pytest.raises(OutputError):
        provlog.write(graph, tmp_path / "absent" / "out.json")
    with pytest.raises(InputError):
        provlog.read(tmp_path / "absent.log")
    with pytest.raises(UsageError, match="no log to read"):
        provlog.read()
    assert issubclass(UsageError, provlog.ProvlogError)


@pytest.mark.parametrize("enabled", [True, False])
def test_reading_restores_the_garbage_collector(enabled: bool) -> None:
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        provlog.read(EXCERPT)
        assert gc.isenabled() == enabled
        with pytest.raises(InputError):
            provlog.read("absent.log")
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()


def test_to_prov_is_a_document_of_the_prov_library() -> None:
    prov_document = provlog.read(EXCERPT).to_prov()
    assert len(list(prov_document.get_records())) == 12
    assert "get_observations" in prov_document.get_provn()


def test_values_of_elements_are_plain_python() -> None:
    graph = provlog.read(SAMPLES / "gammapy-2020-04.log")
    session = next(iter(graph.sessions.values()))
    assert session.values("dcterms:identifier") == [next(iter(graph.sessions))]
    assert session.values("absent") == []


def test_the_repr_of_a_graph_has_counts() -> None:
    assert repr(provlog.read("sample_logs/gammapy-2020-04.log")) == (
        "<ProvGraph: 2 sessions, 9 activities, 35 entities, 1 agents, 66 relations>"
    )
