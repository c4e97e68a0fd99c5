"""Activities across contexts and threads, callables without a name, and failures."""

from __future__ import annotations

import ast
import asyncio
import contextvars
import gc
import logging
import types
import weakref
from collections.abc import Awaitable, Callable, Generator, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from provlog.capture import Capture
from provlog.model.graph import Activity, ProvGraph
from tests.capture.reading import activities, activity, generated, payloads, used

Graph = Callable[[], ProvGraph]


def in_another_context(step: Callable[..., Any], *arguments: Any) -> Any:
    return contextvars.copy_context().run(step, *arguments)


def test_a_coroutine_may_be_closed_in_another_context(capture: Capture, graph: Graph) -> None:
    @capture.trace
    async def waits() -> None:
        await asyncio.sleep(0)

    running = waits()
    in_another_context(running.send, None)
    running.close()
    assert activity(graph(), "waits").end is not None


def test_a_block_may_end_in_another_context(capture: Capture, graph: Graph) -> None:
    def items() -> Iterator[int]:
        with capture.activity("block"):
            yield 1

    running: Any = items()
    in_another_context(next, running)
    running.close()
    assert activity(graph(), "block").end is not None


def test_overlapping_blocks_leave_no_parent(capture: Capture, graph: Graph) -> None:
    def items(name: str) -> Iterator[int]:
        with capture.activity(name):
            yield 1

    first: Any = items("first")
    second: Any = items("second")
    next(first)
    next(second)
    first.close()
    second.close()
    with capture.activity("later"):
        pass
    found = graph()
    [relation] = [
        relation
        for relation in found.relations["wasInfluencedBy"]
        if relation.source is activity(found, "later")
    ]
    assert relation.target is activity(found, "later").session


def test_a_task_that_outlives_its_parent_is_not_nested_in_it(
    capture: Capture, graph: Graph
) -> None:
    @capture.trace
    async def later() -> None:
        pass

    @capture.trace
    async def begins() -> asyncio.Task[None]:
        async def waits() -> None:
            await asyncio.sleep(0.001)
            await later()

        return asyncio.create_task(waits())

    async def main() -> None:
        await (await begins())

    asyncio.run(main())
    found = graph()
    parents = [
        relation.target
        for relation in found.relations["wasInfluencedBy"]
        if relation.source is activity(found, "later")
    ]
    assert parents == [activity(found, "later").session]


def test_calls_while_a_generator_closes_are_nested_in_it(capture: Capture, graph: Graph) -> None:
    @capture.trace
    def cleans() -> None:
        pass

    @capture.trace
    def items() -> Iterator[int]:
        try:
            yield 1
        finally:
            cleans()

    running: Any = items()
    next(running)
    running.close()
    found = graph()
    assert activity(found, "items") in [
        relation.target
        for relation in found.relations["wasInfluencedBy"]
        if relation.source is activity(found, "cleans")
    ]


def test_an_exception_thrown_into_a_generator_is_released(capture: Capture) -> None:
    @capture.trace
    def items() -> Iterator[int]:
        yield 1

    class OwnError(Exception):
        pass

    def throws() -> weakref.ref[OwnError]:
        running: Any = items()
        next(running)
        error = OwnError()
        thrown = weakref.ref(error)
        try:
            running.throw(error)
        except OwnError:
            pass
        finally:
            del error
        return thrown

    gc.disable()
    try:
        assert throws()() is None
    finally:
        gc.enable()


def test_a_generator_based_coroutine_can_be_awaited(capture: Capture, graph: Graph) -> None:
    @capture.trace
    @types.coroutine
    def old() -> Generator[None, Any, int]:
        yield
        return 4

    async def main() -> int:
        result: Awaitable[int] = old()
        return await result

    assert asyncio.run(main()) == 4
    found = graph()
    assert generated(found, activity(found, "old"))["result"].values("prov:value") == [4]


def test_self_may_be_a_keyword_argument(capture: Capture, graph: Graph) -> None:
    class Analysis:
        def run(self, n: int) -> int:
            return n

    capture.trace_methods(Analysis)
    assert Analysis.run(self=Analysis(), n=3) == 3
    found = graph()
    one = activity(found, "run")
    assert list(used(found, one)) == ["self"]
    assert one.session is not None
    assert one.session.label.endswith("Analysis")


class Hostile:
    """Raise an error whose text cannot be computed."""

    def __fspath__(self) -> str:
        class UnprintableError(Exception):
            def __str__(self) -> str:
                raise RuntimeError("untold")

        raise UnprintableError


def test_an_unprintable_error_does_not_reach_the_program(capture: Capture, graph: Graph) -> None:
    with capture.activity("hostile") as one:
        one.used(Hostile())
        one.generated(Hostile())
    found = graph()
    block = activity(found, "hostile")
    assert block.end is not None
    assert len(used(found, block)) == len(generated(found, block)) == 1


class Role(StrEnum):
    EVENTS = "events"


def test_names_and_roles_become_literals(capture: Capture, graph: Graph, log: Path) -> None:
    with capture.activity(Role.EVENTS) as one:
        one.used(object(), Role.EVENTS, name=Role.EVENTS)
    with capture.activity(["odd"]) as one:  # type: ignore[arg-type]
        one.used(object(), 5)  # type: ignore[arg-type]
    for line in log.read_text().splitlines():
        ast.literal_eval(line.split("_PROV_", 2)[2])
    found = graph()
    assert used(found, activity(found, "events"))["events"].label == "events"
    assert list(used(found, activity(found, "['odd']"))) == ["5"]


def test_traced_calls_of_a_handler_are_not_nested_in_the_program(
    make: Callable[..., Capture],
) -> None:
    capture = Capture()
    calls = []

    @capture.trace
    def text(value: int) -> int:
        calls.append(value)
        return value

    class Calling(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text(1)

    logger = logging.getLogger("provlog.capture")
    handler = Calling()
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    try:
        text(0)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    assert len(activities(capture.graph(), "text")) == 1


def test_entities_named_after_the_end_of_a_block_are_recorded(
    capture: Capture, graph: Graph, tmp_path: Path
) -> None:
    with capture.activity("block") as one:
        pass
    one.generated(tmp_path / "late.fits", "late")
    found = graph()
    assert isinstance(activity(found, "block"), Activity)
    assert list(generated(found, activity(found, "block"))) == ["late"]


def test_a_relative_path_is_resolved_when_it_is_named(
    capture: Capture, graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(tmp_path)
    with capture.activity("writes") as one:
        one.generated("new.txt", "new")
        (tmp_path / "new.txt").write_text("new")
        monkeypatch.chdir(elsewhere)
    found = graph()
    new = generated(found, activity(found, "writes"))["new"]
    assert new.values("prov:location") == [str(tmp_path / "new.txt")]
    assert new.values("log:hash_type") == ["sha256"]


def test_an_empty_path_is_not_the_current_folder(
    capture: Capture, graph: Graph, caplog: pytest.LogCaptureFixture
) -> None:
    with capture.activity("empty") as one:
        one.used("", "nothing")
    found = graph()
    assert used(found, activity(found, "empty")) == {}
    assert "empty" in caplog.text


def test_activities_of_two_captures_are_not_nested(
    capture: Capture, log: Path, tmp_path: Path
) -> None:
    other = Capture(log=tmp_path / "other.log")
    with capture.activity("outer"), other.activity("inner"):
        pass
    other.close()
    for path, name in ((log, "outer"), (tmp_path / "other.log", "inner")):
        records = payloads(path)
        [begun] = (one for one in records if "activity_name" in one)
        assert begun["activity_name"] == name
        assert "in_activity" not in begun
        assert begun["in_session"] == records[0]["session_id"]


def test_calls_by_a_repr_are_not_recorded_even_if_a_generator_ends(
    capture: Capture, graph: Graph
) -> None:
    @capture.trace
    def items() -> Iterator[int]:
        yield 1

    @capture.trace
    def helps() -> None:
        shown.append(1)

    class Shown:
        def __repr__(self) -> str:
            running.close()
            helps()
            return "shown"

    shown: list[int] = []
    running: Any = items()
    next(running)
    with capture.activity("block", parameters={"value": Shown()}):
        pass
    assert shown == [1]
    found = graph()
    assert activities(found, "helps") == []
    assert activity(found, "items").end is not None
    assert activity(found, "block").values("param:value") == ["shown"]


def test_an_activity_of_another_capture_in_between_is_not_the_parent(
    capture: Capture, graph: Callable[[], ProvGraph]
) -> None:
    other = Capture()
    with capture.activity("outer"), other.activity("other"), capture.activity("inner"):
        pass
    found = graph()
    parents = [
        relation.target
        for relation in found.relations["wasInfluencedBy"]
        if relation.source is activity(found, "inner") and relation.target.session  # type: ignore[attr-defined]
    ]
    assert parents == [activity(found, "outer")]
