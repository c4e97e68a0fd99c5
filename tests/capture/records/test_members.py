"""The members of containers, and the note on those that are left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provlog.capture import Capture
from provlog.capture.records import members
from provlog.capture.records.entities import Entities
from provlog.model.graph import ProvGraph
from tests.capture.both import both_logs
from tests.capture.reading import activity, generated, payloads, used

NOTE = "members: only the first 1,000 items"
TOO_LARGE = "too large to compare: changes are not detected"


class Thing:
    pass


def things(count: int) -> list[Any]:
    return [Thing() for _ in range(count)]


def described(log: Path, *types: str) -> list[Any]:
    """Return the notes on entities of these types."""
    return [one.get("entity_note") for one in payloads(log) if one.get("entity_name") in types]


CONTAINERS: list[tuple[Callable[[], Any], str | None]] = [
    (lambda: things(1000), None),
    (lambda: things(1001), NOTE),
    (lambda: tuple(things(1001)), NOTE),
    (lambda: dict(enumerate(things(1001))), NOTE),
    (lambda: {*things(1001)}, NOTE),
    # Members among the others only.
    (lambda: [*range(1000), Thing()], NOTE),
    # None at all.
    (lambda: [*range(5000)], None),
    (lambda: [("on", 0.7)] * 5000, None),
    (lambda: [Thing(), *((number,) for number in range(100_001))], f"{TOO_LARGE}; {NOTE}"),
]


@pytest.mark.parametrize(("build", "note"), CONTAINERS)
def test_a_note_says_that_members_are_left_out(
    capture: Capture, log: Path, build: Callable[[], Any], note: str | None
) -> None:
    container = build()
    with capture.activity("use") as block:
        block.used(container, role="values")
        # Once.
        block.used(container, role="again")
    assert described(log, type(container).__name__) == [note]


@pytest.mark.parametrize("name", ["token", "values"])
def test_the_note_reveals_no_secret(capture: Capture, log: Path, name: str) -> None:
    with capture.activity("use") as block:
        block.used([*things(1000), "hunter2"], role=name)
    assert described(log, "list") == [NOTE]
    assert "hunter2" not in log.read_text()


def test_the_compiled_modules_write_the_same_note() -> None:
    def program(capture: Capture) -> None:
        made = capture.trace(things, "things")(1005)
        capture.trace(len, "count")(made)

    (fast, _), (pure, _) = both_logs(program)
    assert fast == pure
    [line] = [one for one in fast if "'entity_name': 'list'" in one]
    assert f"'entity_note': '{NOTE}'" in line
    assert sum("'member_id'" in one for one in fast) == 1000


def test_a_list_is_no_member_of_itself(capture: Capture) -> None:
    values: list[Any] = things(1)
    values.append(values)
    with capture.activity("use") as block:
        block.used(values, role="values")
    found = capture.graph()
    entity = used(found, activity(found, "use"))["values"]
    found_members = [one.target for one in found.relations["hadMember"] if one.source is entity]
    assert [one.label for one in found_members] == ["Thing"]


def test_rows_are_members_only_if_a_call_made_one_like_them(
    capture: Capture, graph: Callable[[], ProvGraph], monkeypatch: pytest.MonkeyPatch
) -> None:
    @capture.trace
    def load() -> list[tuple[float, float]]:
        return [(number, number / 2) for number in range(1000)]

    @capture.trace
    def measure() -> list[float]:
        return [7, 3.5]

    @capture.trace
    def use(table: list[Any]) -> None:
        pass

    looked_at: list[type] = []
    identify = Entities.identify

    def counted(self: Entities, value: Any) -> Any:
        looked_at.append(type(value))
        return identify(self, value)

    monkeypatch.setattr(Entities, "identify", counted)
    load()
    assert tuple not in looked_at
    use([[7, 3.5], measure(), [7, 4.5], [7]])
    found = graph()
    [made] = generated(found, activity(found, "measure")).values()
    [table] = used(found, activity(found, "use")).values()
    found_members = {one.target.id for one in found.relations["hadMember"] if one.source is table}
    assert found_members == {made.id}


@pytest.mark.parametrize("length", [2, 1000, 1500])
def test_a_list_that_a_call_made_is_a_member_whatever_its_length(
    capture: Capture, graph: Callable[[], ProvGraph], length: int
) -> None:
    @capture.trace
    def measure() -> list[int]:
        return [*range(length)]

    @capture.trace
    def use(table: list[Any]) -> None:
        pass

    use([[1], measure()])
    found = graph()
    [made] = generated(found, activity(found, "measure")).values()
    [table] = used(found, activity(found, "use")).values()
    assert [one.target.id for one in found.relations["hadMember"] if one.source is table] == [
        made.id
    ]


def test_rows_are_not_examined_one_by_one_if_no_entity_has_their_length(
    capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    @capture.trace
    def load(start: int) -> list[list[int]]:
        return [[number, 2 * number] for number in range(start, start + 100)]

    examined: list[Any] = []

    def is_member(_: Any, item: Any) -> bool:
        examined.append(item)
        return False

    monkeypatch.setattr(members, "_is_member", is_member)
    load(1)
    load(2)
    assert not examined
