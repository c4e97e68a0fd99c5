"""Entities that a decorator names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import provlog
from provlog.capture import Capture
from provlog.definitions.load import definitions_of
from provlog.errors import UsageError
from provlog.model.graph import ProvGraph
from tests.capture.fixtures import Make
from tests.capture.reading import activity, generated, parameters, used

Graph = Callable[[], ProvGraph]


def test_trace_is_a_decorator_with_and_without_arguments(capture: Capture, graph: Graph) -> None:
    @capture.trace()
    def first() -> int:
        return 1

    @capture.trace(name="other")
    def second() -> int:
        return first() + 1

    assert second() == 2
    assert second.__name__ == "second"
    found = graph()
    activity(found, "first")
    activity(found, "other")


def test_texts_and_paths_are_files(capture: Capture, graph: Graph, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("a")

    @capture.trace(used="source", generated={"table": "target"})
    def convert(source: str, target: Path, sep: str = ",") -> None:
        target.write_text(Path(source).read_text() + sep)

    convert(str(source), target)
    found = graph()
    one = activity(found, "convert")
    assert used(found, one)["source"].values("prov:location") == [str(source)]
    assert generated(found, one)["table"].values("prov:location") == [str(target)]
    assert set(used(found, one)) == {"source"}
    assert parameters(one) == {"source": str(source), "target": str(target), "sep": ","}


def test_expressions_lists_and_objects(capture: Capture, graph: Graph, tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("a.csv", "b.csv")]
    for path in paths:
        Path(path).write_text(path)

    @capture.trace(used=["options.files", "mode"], generated=["result.total", "result"])
    def merge(options: Any, mode: str) -> Any:
        return SimpleNamespace(total=[1.5])

    merge(SimpleNamespace(files=paths), "fast")
    found = graph()
    one = activity(found, "merge")
    entities = [
        (relation.role, relation.target.label)
        for relation in found.relations["used"]
        if relation.source is one
    ]
    assert sorted(map(str, entities)) == sorted(
        map(str, [("options.files", "a.csv"), ("options.files", "b.csv"), ("mode", "str"),
                  ("options", "SimpleNamespace")])
    )  # fmt: skip
    results = generated(found, one)
    assert results["result"].label == "SimpleNamespace"
    assert results["result.total"].label == "list"
    assert len(results) == 2


def test_a_missing_file_causes_a_warning(
    capture: Capture, graph: Graph, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    @capture.trace(used="source", generated=["target", "absent"])
    def convert(source: str, target: str) -> None: ...

    convert(str(tmp_path / "in.csv"), str(tmp_path / "out.csv"))
    found = graph()
    one = activity(found, "convert")
    assert set(used(found, one)) == {"source"}
    assert generated(found, one) == {}
    warnings = [record.getMessage() for record in caplog.records]
    assert [text.split(": ", 2)[2] for text in warnings] == [
        f"cannot resolve 'source': {tmp_path}/in.csv does not exist",
        f"cannot resolve 'target': {tmp_path}/out.csv does not exist",
        "cannot resolve 'absent': no attribute, argument or global variable has the name 'absent'",
    ]


def test_named_entities_add_to_a_definition(make: Make, log: Path, tmp_path: Path) -> None:
    item = {"role": "model", "value": "model"}
    capture = make(definitions_of({"activities": {"fit": {"usage": [item]}}}))
    (tmp_path / "a.csv").write_text("a")

    @capture.trace(used="path")
    def fit(model: Any, path: str) -> None: ...

    fit([1.5], str(tmp_path / "a.csv"))
    found = provlog.read(log)
    entities = used(found, activity(found, "fit"))
    assert {role: one.label for role, one in entities.items()} == {"model": "list", "path": "a.csv"}


def test_secrets_are_not_files(capture: Capture, graph: Graph, log: Path) -> None:
    @capture.trace(used="password")
    def connect(password: str) -> None: ...

    connect("/hunter2.txt")
    assert activity(graph(), "connect").end is not None
    assert "hunter2" not in log.read_text()


@pytest.mark.parametrize("named", ["", "a b", "f(g())", ["ok", "1x"], {"role": ""}, [5]])
def test_an_invalid_expression_is_an_error(capture: Capture, named: Any) -> None:
    with pytest.raises(UsageError, match="invalid name of an entity"):
        capture.trace(used=named)(lambda: None)


def test_coroutines_methods_and_static_methods(capture: Capture, graph: Graph) -> None:
    @capture.trace(used="n")
    async def wait(n: Any) -> Any:
        return n

    class Thing:
        @capture.trace(used="n")
        @staticmethod
        def make(n: Any) -> Any:
            return n

    assert asyncio.run(wait([1.5])) == [1.5]
    assert Thing.make([2.5]) == [2.5]
    found = graph()
    assert set(used(found, activity(found, "wait"))) == {"n"}
    assert set(used(found, activity(found, "make"))) == {"n"}
