"""The table of readers: the choice of a reader, and the use of its result."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

import provlog
from provlog import readers
from provlog.diagnostics.diagnostic import Report
from provlog.errors import InputError, UsageError
from provlog.files.source import Source
from provlog.model.events import EntityDescribed, Event, LogStarted
from provlog.model.graph import Activity, Entity, ProvGraph, Relation
from provlog.origin import Origin
from provlog.readers import READERS, Reader, reader_for, reader_named
from tests.cli.test_cli import run
from tests.samples import EXCERPT

reads: list[bytes] = []


def starts_with(magic: bytes, head: bytes) -> bool:
    return head.startswith(magic)


def read_names(source: Source, report: Report) -> Iterator[Event]:
    """Read one entity per line."""
    reads.append(source.read(report))
    yield LogStarted(Origin(source.name, 1, 1), "5c09e000")
    for number, line in enumerate(reads[-1].splitlines()[1:], 1):
        yield EntityDescribed(Origin(source.name, number, 1), line.decode(), {})


def read_steps(source: Source, report: Report) -> ProvGraph:
    """Read steps 'activity entity', in a namespace of their own."""
    reads.append(source.read(report))
    iri, *steps = reads[-1].decode().splitlines()[1:]
    graph = ProvGraph(namespaces={"ex": iri})
    for step in steps:
        activity, entity = step.split()
        first = graph.activities.setdefault(f"ex:{activity}", Activity(f"ex:{activity}", {}))
        second = graph.entities.setdefault(f"ex:{entity}", Entity(f"ex:{entity}", {}))
        graph.relations["used"][Relation(first, second)] = None
    return graph


@pytest.fixture(autouse=True)
def two_more(monkeypatch: pytest.MonkeyPatch) -> None:
    reads.clear()
    for name, kind, extra in (
        ("names", "events", None), ("steps", "graph", None), ("needy", "events", "fits"),
    ):  # fmt: skip
        magic = f"#{name}\n".encode()
        reader = Reader(
            name, name.title(), (f".{name}",), "text/plain",
            partial(starts_with, magic),
            "absent" if extra else __name__, f"read_{name}", kind, extra,
        )  # fmt: skip
        monkeypatch.setitem(READERS, name, reader)


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    path = tmp_path / "one.steps"
    path.write_text("#steps\nhttps://example.org/\na e\nb e\n")
    return path


def test_the_content_selects_the_reader_and_is_read_once(steps: Path) -> None:
    log = steps.rename(steps.with_suffix(".log"))
    graph = provlog.read(log)
    assert [*graph.activities] == ["ex:a", "ex:b"]
    assert graph.namespaces["ex"] == "https://example.org/"
    assert len(reads) == 1


@pytest.mark.parametrize("way", ["standard input", "pipe", "gzip"])
def test_the_first_bytes_are_not_lost(
    steps: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = steps.read_bytes() + b"c e\n" * 50_000
    if way == "standard input":
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        graph = provlog.read("-")
    elif way == "pipe":
        pipe = steps.parent / "pipe"
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_bytes, args=(content,))
        writer.start()
        graph = provlog.read(pipe)
        writer.join()
    else:
        steps.write_bytes(gzip.compress(content))
        graph = provlog.read(steps)
    assert [*graph.activities] == ["ex:a", "ex:b", "ex:c"]
    assert reads == [content]


def test_a_suffix_decides_between_readers_of_the_same_content(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("names", "steps"):
        monkeypatch.setitem(READERS, name, READERS[name]._replace(recognizes=lambda _: True))
    assert reader_for(b"", "a.steps").name == "steps"
    assert reader_for(b"", "a.names").name == "names"
    assert reader_for(b"", "a").name == "names"


def test_a_log_and_a_graph_in_one(steps: Path) -> None:
    graph = provlog.read(EXCERPT, steps)
    alone = provlog.read(EXCERPT)
    assert set(graph.activities) == {*alone.activities, "ex:a", "ex:b"}
    assert len(graph.relations["used"]) == len(alone.relations["used"]) + 2


@pytest.mark.parametrize("command", ["convert", "show", "check"])
def test_a_reader_can_be_forced(command: str, tmp_path: Path) -> None:
    path = tmp_path / "plain.txt"
    path.write_text("no magic\ne1\n")
    assert "PL002" in run(command, path).output + run(command, path).errors or command != "check"
    result = run(command, path, "--from", "names")
    assert result.code == 0
    assert [*provlog.read(path, reader="names").entities] == ["log:entity-5c09e000-e1"]
    assert provlog.check(path, reader="names") == []


def test_a_batch_reads_all_kinds(tmp_path: Path, steps: Path) -> None:
    log = tmp_path / "run.log"
    log.write_bytes(EXCERPT.read_bytes())
    assert run("batch", tmp_path, "-d", tmp_path / "out").code == 0
    document = json.loads((tmp_path / "out" / "one.steps.json").read_text())
    assert [*document["activity"]] == ["ex:a", "ex:b"]
    # With another reader, the output of a file differs.
    assert run("batch", steps, "-d", tmp_path / "out", "--from", "log").code == 0
    assert "no provenance" in run("convert", steps, "--from", "log").errors


def test_events_of_a_source(tmp_path: Path, steps: Path) -> None:
    path = tmp_path / "a.names"
    path.write_text("#names\none\ntwo\n")
    assert [type(event).__name__ for event in provlog.events(path)] == [
        "LogStarted", "EntityDescribed", "EntityDescribed",
    ]  # fmt: skip
    assert [*provlog.events(path, reader="log")] == []
    with pytest.raises(UsageError, match=r"Steps has no events: read it with provlog\.read"):
        next(provlog.events(steps))


@pytest.mark.parametrize("command", ["convert", "show", "check", "graph"])
def test_an_unknown_reader(command: str) -> None:
    result = run(command, EXCERPT, "--from", "nothing")
    assert result.code == 2
    assert "unknown reader 'nothing'; the readers are " in result.errors


def test_a_missing_package_does_not_stop_the_other_inputs(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    path.write_text("#needy\n")
    with pytest.raises(InputError, match=r"needs more packages: pip install 'provlog\[fits\]'"):
        provlog.read(path)
    assert [item.code for item in provlog.check(path)] == ["PL003"]


def test_a_graph_without_a_statement_is_reported(steps: Path) -> None:
    steps.write_text("#steps\nhttps://example.org/\n")
    with pytest.raises(InputError, match="no provenance record found"):
        provlog.read(steps)
    assert [item.code for item in provlog.check(steps)] == ["PL002"]


def test_formats_lists_all_readers() -> None:
    lines = run("formats").output.splitlines()
    for reader in READERS.values():
        assert any(line.startswith(f"{reader.name} ") and reader.title in line for line in lines)


def test_every_reader_can_be_imported() -> None:
    for reader in READERS.values():
        if reader.module != "absent":
            assert callable(reader.read)
    assert isinstance(readers, ModuleType)
    assert reader_named("log").recognizes is None
