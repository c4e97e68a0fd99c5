"""Files that activities use and generate: ids, derivation, collections."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provlog
from provlog.capture import Capture
from provlog.capture.files import file_ids
from provlog.definitions.load import definitions_of
from provlog.model.graph import Entity, ProvGraph
from tests.capture.fixtures import Make
from tests.capture.reading import (
    activities,
    activity,
    generated,
    progenitors,
    used,
    written,
)
from tests.profiles import examples

Graph = Callable[[], ProvGraph]

DEFINITIONS = definitions_of(
    {
        "activities": {
            "use": {"usage": [{"role": "file", "location": "path", "entityName": "File"}]},
            "make": {"generation": [{"role": "file", "location": "path", "entityName": "File"}]},
            "append": {
                "usage": [{"role": "before", "location": "path", "entityName": "File"}],
                "generation": [
                    {"role": "after", "location": "path", "entityName": "File", "overwrite": True}
                ],
            },
            "stack": {
                "usage": [
                    {
                        "role": "store", "location": "store", "entityName": "Store",
                        "has_members": {
                            "list": "files", "location": "path", "entityName": "File",
                        },
                    }
                ]
            },
        },
        "entities": {
            "File": {"type": "File", "contentType": "text/plain"},
            "Store": {"type": "FileCollection", "index": "index.txt"},
        },
    }
)  # fmt: skip


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def hashes(entity: Entity) -> str:
    """Return the id of a file, which equals the hash in its record."""
    [found] = entity.values("dcterms:identifier")
    assert entity.values("log:entity_hash") in ([found], [])
    return str(found)


class Run:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = path.parent / "store"
        self.files: list[Any] = []

    def use(self) -> str:
        return self.path.read_text()

    def make(self, text: str) -> None:
        self.path.write_text(text)

    def append(self, text: str) -> None:
        self.path.write_text(self.path.read_text() + text)

    def stack(self) -> None:
        pass


@pytest.fixture
def run(make: Make, tmp_path: Path) -> Run:
    return traced(make(DEFINITIONS), tmp_path)


def traced(capture: Capture, folder: Path) -> Run:
    """Return an instance of a copy of the class, because tracing changes a class."""
    names = ("__init__", "use", "make", "append", "stack")
    kind: Any = type("Run", (), {name: vars(Run)[name] for name in names})
    return capture.trace_methods(kind)(folder / "file.txt")  # type: ignore[no-any-return]


@pytest.fixture
def read_log(log: Path) -> Graph:
    def read() -> ProvGraph:
        found = provlog.read(log)
        assert found.diagnostics == []
        return found

    return read


def test_a_file_is_identified_by_content(run: Run, read_log: Graph) -> None:
    run.make("one")
    run.use()
    found = read_log()
    made = generated(found, activity(found, "make"))["file"]
    assert used(found, activity(found, "use"))["file"] is made
    assert hashes(made) == digest("one")
    assert made.values("prov:location") == [str(run.path)]
    assert made.label == "File"


def test_a_file_rewritten_between_uses_is_derived(run: Run, read_log: Graph) -> None:
    run.make("one")
    run.use()
    run.path.write_text("two")
    run.use()
    run.use()
    run.path.write_text("one")
    run.use()
    found = read_log()
    uses = [used(found, one)["file"] for one in activities(found, "use")]
    assert list(map(hashes, uses)) == [digest(text) for text in ("one", "two", "two", "one")]
    assert progenitors(found, uses[1]) == [uses[0]]
    # It is the earlier state again, which does not derive from the later one.
    assert progenitors(found, uses[0]) == []


def test_a_newly_written_file_is_not_derived(run: Run, read_log: Graph) -> None:
    run.make("one")
    run.make("two")
    assert len(read_log().relations["wasDerivedFrom"]) == 0


def test_an_appended_file_is_derived(run: Run, read_log: Graph) -> None:
    run.make("one")
    run.append(" two")
    found = read_log()
    one = activity(found, "append")
    before, after = used(found, one)["before"], generated(found, one)["after"]
    assert hashes(before) == digest("one")
    assert hashes(after) == digest("one two")
    assert progenitors(found, after) == [before]


def test_a_copy_is_the_same_entity_at_another_location(
    capture: Capture, graph: Graph, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("same")
        with capture.activity("use") as block:
            block.used(tmp_path / name)
    found = graph()
    first, second = (used(found, one)[None] for one in activities(found, "use"))
    assert first is second
    assert set(first.values("prov:location")) == {str(tmp_path / "a"), str(tmp_path / "b")}


def test_a_file_is_hashed_once_for_all_uses(
    run: Run, read_log: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    opener = file_ids._opener

    def counted(path: str, flags: int) -> int:
        reads.append(path)
        return opener(path, flags)

    monkeypatch.setattr(file_ids, "_opener", counted)
    run.path.write_text("one")
    # A recent file may change without a new time.
    time.sleep(0.05)
    for _ in range(20):
        run.use()
    assert reads == [str(run.path)]
    run.path.write_text("two")
    time.sleep(0.05)
    for _ in range(20):
        run.use()
    assert reads == [str(run.path)] * 2
    found = read_log()
    uses = [hashes(used(found, one)["file"]) for one in activities(found, "use")]
    assert uses == [digest("one")] * 20 + [digest("two")] * 20


def test_a_collection_has_the_id_of_its_index_and_members(run: Run, read_log: Graph) -> None:
    run.store.mkdir()
    for number in range(3):
        (run.store / f"{number}.txt").write_text(f"number {number}")
    (run.store / "index.txt").write_text("0 1 2")
    run.files = [type("Item", (), {"path": run.store / f"{number}.txt"})() for number in range(3)]
    run.stack()
    # Only the index shows whether a collection has changed.
    (run.store / "0.txt").write_text("changed")
    run.stack()
    (run.store / "index.txt").write_text("0 1")
    run.stack()
    found = read_log()
    first, second, third = (used(found, one)["store"] for one in activities(found, "stack"))
    assert first is second
    assert hashes(first) == digest("0 1 2")
    assert hashes(third) == digest("0 1")
    assert progenitors(found, third) == [first]
    members = {
        hashes(relation.target)  # type: ignore[arg-type]
        for relation in found.relations["hadMember"]
        if relation.source is first
    }
    assert members == {digest(f"number {number}") for number in range(3)}


@pytest.mark.parametrize("name", ["", "gone.txt", "gone/index", ".", "\udc80"])
def test_missing_files_cause_warnings(
    capture: Capture, graph: Graph, tmp_path: Path, name: str
) -> None:
    place = f"{tmp_path}/{name}"
    with capture.activity("block") as block:
        block.used(place, role="in")
        block.generated(place, role="out")
    found = graph()
    one = activity(found, "block")
    assert set(used(found, one)) == {"in"}
    assert set(generated(found, one)) == {"out"}


def test_a_file_written_after_it_was_named_is_generated(
    capture: Capture, graph: Graph, tmp_path: Path
) -> None:
    with capture.activity("block") as block:
        block.generated(tmp_path / "made", role="out")
        (tmp_path / "made").write_text("made")
    with suppress(ZeroDivisionError), capture.activity("fails") as block:
        block.generated(tmp_path / "never", role="out")
        raise ZeroDivisionError
    found = graph()
    assert hashes(generated(found, activity(found, "block"))["out"]) == digest("made")
    assert generated(found, activity(found, "fails")) == {}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_pipes_do_not_block(capture: Capture, graph: Graph, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with capture.activity("block") as block:
        block.used(tmp_path / "pipe")
    found = graph()
    assert hashes(used(found, activity(found, "block"))[None]) == str(tmp_path / "pipe")


# Any sequence

TEXTS = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["make", "append", "rewrite"]), TEXTS),
        st.tuples(st.sampled_from(["use", "remove"]), st.just("")),
    ),
    max_size=10,
)


@settings(max_examples=examples(60))
@given(STEPS)
def test_each_state_of_a_file_is_an_entity(steps: list[tuple[str, str]]) -> None:
    """The model: the content of the file before and after each call."""
    expected: list[tuple[str, dict[str, str], dict[str, str]]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        capture = Capture(DEFINITIONS, folder / "run.log")
        run = traced(capture, folder)
        text: str | None = None

        def identity(text: str | None) -> str:
            return str(run.path) if text is None else digest(text)

        for step, more in steps:
            if step == "remove":
                run.path.unlink(missing_ok=True)
                text = None
            elif step == "rewrite":
                run.path.write_text(text := f"{more}!")
            elif step == "make":
                run.make(more)
                text = more
                expected.append(("make", {}, {"file": identity(text)}))
            elif text is not None:
                before = identity(text)
                if step == "append":
                    run.append(more)
                    text += more
                    expected.append(("append", {"before": before}, {"after": identity(text)}))
                else:
                    run.use()
                    expected.append(("use", {"file": before}, {}))
        capture.close()
        if not expected:
            return
        found = provlog.read(folder / "run.log")
        assert found.diagnostics == []
        assert written(found) == written(capture.graph())
    calls = [
        (
            one.label,
            {role: hashes(entity) for role, entity in used(found, one).items()},
            {role: hashes(entity) for role, entity in generated(found, one).items()},
        )
        for one in found.activities.values()
        if one.session
    ]
    assert calls == expected
    for relation in found.relations["wasDerivedFrom"]:
        assert relation.source is not relation.target
    assert not _has_circle(found)


def _has_circle(graph: ProvGraph) -> bool:
    edges = {(item.source, item.target) for item in graph.relations["wasDerivedFrom"]}
    while edges:
        targets = {target for _, target in edges}
        left = {(source, target) for source, target in edges if source in targets}
        if left == edges:
            return True
        edges = left
    return False


def test_a_folder_may_be_used_by_index_and_by_entries(make: Make, tmp_path: Path) -> None:
    def item(name: str) -> dict[str, Any]:
        return {"role": "store", "location": "path", "entityName": name}

    capture = make(
        definitions_of({
            "activities": {
                "open": {"usage": [item("Store")]},
                "list": {"usage": [item("Folder")]},
            },
            "entities": {
                "Store": {"type": "FileCollection", "index": "index.txt"},
                "Folder": {"type": "FileCollection"},
            },
        })
    )  # fmt: skip
    store = tmp_path / "store"
    store.mkdir()
    (store / "index.txt").write_text("0 1")
    names = ["open", "list"]
    activities_of = {name: capture.trace(lambda path: None, name) for name in names}
    for name in (*names, *names):
        activities_of[name](store)
    found = capture.graph()
    opened, listed = (
        [used(found, one)["store"] for one in activities(found, name)] for name in names
    )
    assert opened[0] is opened[1]
    assert listed[0] is listed[1]
    assert opened[0] is not listed[0]
    assert hashes(opened[0]) == digest("0 1")
    # As `FileIds.of_collection` documents it.
    entries = ["./", "", "index.txt", digest("0 1")]
    assert hashes(listed[0]) == digest("".join(f"{text}\0" for text in entries))
    assert [one.label for one in (opened[0], listed[0])] == ["Store", "Folder"]
