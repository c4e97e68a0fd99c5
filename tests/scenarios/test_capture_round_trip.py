"""Any sequence of calls is in the log and in the capture's graph."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

import provlog
from provlog.capture import Capture
from provlog.definitions.load import definitions_of
from provlog.model.graph import Activity, Entity, ProvGraph
from tests.capture.reading import generated, parameters, progenitors, used, written
from tests.profiles import examples

DEFINITIONS = definitions_of(
    {
        "activities": {
            "load": {
                "parameters": [{"name": "size", "value": "kwargs.size"}],
                "generation": [
                    {
                        "role": "data", "entityName": "Data", "value": "data",
                        "has_members": {"list": "data.parts", "entityName": "Part"},
                    }
                ],
            },
            "scale": {
                "parameters": [{"name": "factor", "value": "args.factor"}],
                "usage": [{"role": "data", "entityName": "Data", "value": "data"}],
                "generation": [{"role": "data", "entityName": "Data", "value": "data"}],
            },
            "write": {
                "usage": [{"role": "data", "entityName": "Data", "value": "data"}],
                "generation": [{"role": "file", "entityName": "File", "location": "path"}],
            },
            "read": {
                "usage": [{"role": "file", "entityName": "File", "location": "path"}],
                "generation": [{"role": "sum", "entityName": "Sum", "value": "result"}],
            },
        },
        "entities": {
            "Data": {"type": "PythonObject"},
            "Part": {"type": "PythonObject"},
            "Sum": {"type": "PythonObject"},
            "File": {"type": "File"},
        },
    }
)  # fmt: skip


class Data:
    """The data of an analysis, with parts that are objects."""

    def __init__(self, size: int) -> None:
        self.parts = [Part(number) for number in range(size)]


class Part:
    def __init__(self, value: float) -> None:
        self.value = value


class OddError(Exception):
    pass


def analysis_class(capture: Capture, folder: Path) -> Any:
    """Return a new class for each capture, because tracing changes a class."""

    class Analysis:
        def __init__(self, number: int) -> None:
            self.path = str(folder / f"{number}.txt")
            self.data = Data(0)

        def load(self, *, size: int = 2) -> None:
            self.data = Data(size)

        def scale(self, factor: float) -> None:
            for part in self.data.parts:
                part.value = part.value * factor + 1

        def write(self) -> None:
            Path(self.path).write_text(repr([part.value for part in self.data.parts]))

        def read(self) -> float:
            text = Path(self.path).read_text() if Path(self.path).exists() else "[]"
            return float(len(text))

        def fails(self, depth: int) -> None:
            if depth:
                self.fails(depth - 1)
            raise OddError

        def items(self, count: int) -> Iterator[int]:
            yield from range(count)

        def all_of_it(self, factor: float) -> None:
            self.load()
            self.scale(factor)
            self.write()

    return capture.trace_methods(Analysis)


class Expected(NamedTuple):
    """A call."""

    name: str
    parameters: dict[str, Any]
    has_failed: bool = False
    parent: int | None = None


class Maker:
    """Make the calls of a sequence, and list them."""

    def __init__(self, capture: Capture, folder: Path) -> None:
        self.capture = capture
        self.analyses = [analysis_class(capture, folder)] * 2
        self.analyses = [kind(number) for number, kind in enumerate(self.analyses)]
        self.calls: list[Expected] = []

    def load(self, which: int, number: int) -> None:
        self.analyses[which].load(size=number)
        self.calls.append(Expected("load", {"size": number}))

    def scale(self, which: int, number: int) -> None:
        self.analyses[which].scale(number)
        self.calls.append(Expected("scale", {"factor": number}))

    def write(self, which: int, number: int) -> None:
        self.analyses[which].write()
        self.calls.append(Expected("write", {}))

    def read(self, which: int, number: int) -> None:
        self.analyses[which].read()
        self.calls.append(Expected("read", {}))

    def fails(self, which: int, number: int) -> None:
        try:
            self.analyses[which].fails(number)
        except OddError:
            pass
        else:
            raise AssertionError("the program has another fate")
        first = len(self.calls)
        for depth in range(number + 1):
            parent = None if depth == 0 else first + depth - 1
            self.calls.append(Expected("fails", {"depth": number - depth}, True, parent))

    def items(self, which: int, number: int) -> None:
        assert list(self.analyses[which].items(number)) == list(range(number))
        self.calls.append(Expected("items", {"count": number}))

    def all_of_it(self, which: int, number: int) -> None:
        self.analyses[which].all_of_it(number)
        first = len(self.calls)
        self.calls += [
            Expected("all_of_it", {"factor": number}),
            Expected("load", {"size": 2}, parent=first),
            Expected("scale", {"factor": number}, parent=first),
            Expected("write", {}, parent=first),
        ]

    def block(self, which: int, number: int) -> None:
        with self.capture.activity("block", parameters={"number": number}) as block:
            block.used(self.analyses[which].data, role="data")
            self.analyses[which].scale(0)
            block.generated(self.analyses[which].path, role="file")
        first = len(self.calls)
        self.calls += [
            Expected("block", {"number": number}),
            Expected("scale", {"factor": 0}, parent=first),
        ]

    def change(self, which: int, number: int) -> None:
        self.analyses[which].data.parts.append(Part(number))

    def rewrite(self, which: int, number: int) -> None:
        Path(self.analyses[which].path).write_text("x" * number)


STEPS = [
    "load", "scale", "write", "read", "fails", "items", "all_of_it", "block", "change", "rewrite",
]  # fmt: skip


@settings(max_examples=examples(60))
@given(
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 1), st.integers(0, 3)), max_size=9)
)
def test_the_log_has_exactly_the_calls_made(steps: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        capture = Capture(DEFINITIONS, folder / "run.log")
        try:
            maker = Maker(capture, folder)
            for step, which, number in steps:
                getattr(maker, step)(which, number)
            if not maker.calls:
                return
            graph = provlog.read(folder / "run.log")
            assert graph.diagnostics == []
            assert written(graph) == written(capture.graph())
        finally:
            capture.close()
    judge(graph, maker.calls)


def judge(graph: ProvGraph, calls: list[Expected]) -> None:
    found = sorted(
        (one for one in graph.activities.values() if one.session), key=lambda one: one.start or ""
    )
    assert [one.label for one in found] == [call.name for call in calls]
    for one, call in zip(found, calls, strict=True):
        assert parameters(one) == call.parameters
        assert one.end is not None
        assert one.values("log:status") == (["failed"] if call.has_failed else [])
        parents = [
            found.index(relation.target)
            for relation in graph.relations["wasInfluencedBy"]
            if relation.source is one and relation.target in found
        ]
        assert parents == ([] if call.parent is None else [call.parent])
        assert set(generated(graph, one)) == _roles(one.label, "generated", call)
        assert set(used(graph, one)) == _roles(one.label, "used", call)
        if one.label == "load":
            _judge_members(graph, generated(graph, one)["data"], call.parameters["size"])
    for number, one in enumerate(found):
        if one.label == "scale":
            _judge_scaled(graph, one, found[:number])


def _roles(name: str, relation: str, call: Expected) -> set[str]:
    roles = {
        ("load", "generated"): {"data"},
        ("scale", "used"): {"data"},
        ("scale", "generated"): {"data"},
        ("write", "used"): {"data"},
        ("write", "generated"): {"file"},
        ("read", "used"): {"file"},
        ("read", "generated"): {"sum"},
        ("block", "used"): {"data"},
        ("block", "generated"): {"file"},
    }
    return roles.get((name, relation), set())


def _judge_members(graph: ProvGraph, data: Entity, size: int) -> None:
    members = [
        relation.target for relation in graph.relations["hadMember"] if relation.source is data
    ]
    assert [member.label for member in members] == ["Part"] * size
    assert len({member.id for member in members}) == size


def _judge_scaled(graph: ProvGraph, one: Activity, earlier: list[Activity]) -> None:
    """Results derive from inputs, except for states that existed before."""
    before, after = used(graph, one)["data"], generated(graph, one)["data"]
    # Without data to scale, the object does not change.
    if after is not before and not _was_seen(graph, after, earlier):
        assert before in progenitors(graph, after)


def _was_seen(graph: ProvGraph, entity: Entity, activities: list[Activity]) -> bool:
    """An earlier state is not derived from a later one."""
    return any(
        entity in (*used(graph, one).values(), *generated(graph, one).values())
        for one in activities
    )
