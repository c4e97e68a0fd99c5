"""PL409 and PL410: constraints that only documents can break."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provlog.api import check
from tests.profiles import examples

T1, T2 = "2020-01-01T00:00:00.5Z", "2020-01-02T00:00:00.5Z"
DOCUMENTS = {
    31: f"activity(ex:a, {T1}, -) wasStartedBy(ex:a, -, -, {T2})",
    32: f"activity(ex:a, -, {T1}) wasEndedBy(ex:a, -, -, {T2})",
    33: f"activity(ex:a, {T2}, -) used(ex:a, ex:e, {T1})",
    34: f"activity(ex:a, -, {T1}) wasGeneratedBy(ex:e, ex:a, {T2})",
    35: f"wasInformedBy(ex:b, ex:a) wasStartedBy(ex:a, ex:t, -, {T2}) wasEndedBy(ex:b, ex:u, -, {T1})",
    36: f"wasGeneratedBy(ex:e, ex:a, {T2}) wasInvalidatedBy(ex:e, ex:b, {T1})",
    37: f"wasGeneratedBy(ex:e, ex:a, {T2}) used(ex:b, ex:e, {T1})",
    38: f"used(ex:b, ex:e, {T2}) wasInvalidatedBy(ex:e, ex:c, {T1})",
    39: f"wasGeneratedBy(ex:e, ex:a, {T1}) wasGeneratedBy(ex:e, ex:a, {T2})",
    40: f"wasInvalidatedBy(ex:e, ex:a, {T1}) wasInvalidatedBy(ex:e, ex:b, {T2})",
    41: f"used(ex:u; ex:a, ex:s, {T2}) wasGeneratedBy(ex:g; ex:e, ex:a, {T1}) wasDerivedFrom(ex:e, ex:s, ex:a, ex:g, ex:u)",
    42: f"wasDerivedFrom(ex:e, ex:s) wasGeneratedBy(ex:s, ex:a, {T2}) wasGeneratedBy(ex:e, ex:b, {T1})",
    43: f"wasGeneratedBy(ex:t, ex:b, {T2}) wasStartedBy(ex:a, ex:t, -, {T1})",
    44: f"wasGeneratedBy(ex:t, ex:b, {T2}) wasEndedBy(ex:a, ex:t, -, {T1})",
    45: f"specializationOf(ex:e, ex:g) wasGeneratedBy(ex:g, ex:a, {T2}) wasGeneratedBy(ex:e, ex:b, {T1})",
    46: f"specializationOf(ex:e, ex:g) wasInvalidatedBy(ex:e, ex:a, {T2}) wasInvalidatedBy(ex:g, ex:b, {T1})",
    47: f"agent(ex:g) wasAssociatedWith(ex:a, ex:g, -) wasGeneratedBy(ex:g, ex:b, {T2}) wasEndedBy(ex:a, ex:t, -, {T1})",
    48: f"agent(ex:g) wasAttributedTo(ex:e, ex:g) wasGeneratedBy(ex:g, ex:b, {T2}) wasGeneratedBy(ex:e, ex:a, {T1})",
    49: f"agent(ex:g) actedOnBehalfOf(ex:d, ex:g, -) wasGeneratedBy(ex:g, ex:b, {T2}) wasInvalidatedBy(ex:d, ex:b, {T1})",
}


def codes(folder: Path, statements: str) -> list[str]:
    path = folder / "a.provn"
    elements = "entity(ex:e)" if "activity(" in statements else "entity(ex:e) activity(ex:a)"
    path.write_text(
        f"document\nprefix ex <http://example.org/>\n{elements}\n"
        + statements.replace(") ", ")\n")
        + "\nendDocument\n"
    )
    found = check(path)
    assert not [problem for problem in found if problem.code == "PL003"]
    return [problem.code for problem in found if problem.code.startswith("PL4")]


@pytest.mark.parametrize("number", DOCUMENTS)
def test_an_impossible_order_is_found(tmp_path: Path, number: int) -> None:
    """One order of the times breaks each constraint; the other one does not, unless they must be equal."""
    assert "PL409" in codes(tmp_path, DOCUMENTS[number])
    if number not in (31, 32, 39, 40):
        swapped = DOCUMENTS[number].replace(T1, "@").replace(T2, T1).replace("@", T2)
        assert "PL409" not in codes(tmp_path, swapped)


@pytest.mark.parametrize(
    "statements",
    [
        f"wasAssociatedWith(ex:a, ex:g, -) wasStartedBy(ex:a, ex:t, -, {T2}) wasInvalidatedBy(ex:g, -, {T1})",
        f"wasAssociatedWith(ex:a, ex:g, -) wasStartedBy(ex:a, ex:t, -, {T2}) wasEndedBy(ex:g, ex:t, -, {T1})",
        f"wasAssociatedWith(ex:a, ex:g, -) wasStartedBy(ex:g, ex:t, -, {T2}) wasEndedBy(ex:a, ex:t, -, {T1})",
        f"wasAttributedTo(ex:e, ex:g) wasStartedBy(ex:g, ex:t, -, {T2}) wasGeneratedBy(ex:e, ex:b, {T1})",
        f"actedOnBehalfOf(ex:d, ex:g, -) wasStartedBy(ex:g, ex:t, -, {T2}) wasEndedBy(ex:d, ex:t, -, {T1})",
    ],
)
def test_an_agent_acts_within_its_time_as_an_entity_or_activity(
    tmp_path: Path, statements: str
) -> None:
    """The other orders of constraints 47 to 49; the agent need not be declared as an agent, too."""
    assert "PL409" in codes(tmp_path, statements)
    assert "PL409" in codes(tmp_path, f"agent(ex:g) {statements}")
    swapped = statements.replace(T1, "@").replace(T2, T1).replace("@", T2)
    assert "PL409" not in codes(tmp_path, f"agent(ex:g) {swapped}")


@pytest.mark.parametrize(
    "statements",
    [
        "wasDerivedFrom(ex:e, ex:s) specializationOf(ex:s, ex:e)",
        "wasDerivedFrom(ex:e, ex:s) wasStartedBy(ex:a, ex:e, -, -) wasGeneratedBy(ex:s, ex:a, -)",
        "wasDerivedFrom(ex:e, ex:m) wasDerivedFrom(ex:m, ex:s) specializationOf(ex:s, ex:e)",
        "wasDerivedFrom(ex:e, ex:s) entity(ex:s) wasAttributedTo(ex:s, ex:e)",
    ],
)
def test_a_source_that_other_relations_place_after_its_derivation_is_found(
    tmp_path: Path, statements: str
) -> None:
    """The order is strict (constraint 42), so that the relations alone prove it."""
    assert "PL409" in codes(tmp_path, statements)
    assert codes(tmp_path, statements.split(") ", 1)[1]) == []


def test_a_cycle_of_derivations_alone_is_reported_once(tmp_path: Path) -> None:
    cycle = "wasDerivedFrom(ex:e, ex:s) wasDerivedFrom(ex:s, ex:e) specializationOf(ex:f, ex:e)"
    assert codes(tmp_path, cycle) == ["PL406"]


def test_a_specialization_of_itself_is_found(tmp_path: Path) -> None:
    assert codes(tmp_path, "specializationOf(ex:e, ex:e)") == ["PL410"]
    assert codes(tmp_path, "specializationOf(ex:e, ex:f) specializationOf(ex:f, ex:e)") == ["PL410"]
    assert codes(tmp_path, "specializationOf(ex:e, ex:f)") == []


ENTITIES, ACTIVITIES = ("ex:e", "ex:f", "ex:g"), ("ex:a", "ex:b")
# Each kind of statement with what its arguments refer to and the events that it orders; a
# statement with a time is an event itself, called "this".
KINDS: dict[str, tuple[tuple[tuple[str, ...], ...], bool, tuple[tuple[str, str], ...]]] = {
    "used": ((ACTIVITIES, ENTITIES), True, (("start 0", "this"), ("this", "end 0"), ("generation 1", "this"), ("this", "invalidation 1"))),
    "wasGeneratedBy": ((ENTITIES, ("ex:a",)), True, (("start 1", "generation 0"), ("generation 0", "end 1"))),
    "wasInvalidatedBy": ((ENTITIES, ACTIVITIES), True, ()),
    "wasInformedBy": ((ACTIVITIES, ACTIVITIES), False, (("start 1", "end 0"),)),
    "wasDerivedFrom": ((ENTITIES, ENTITIES), False, (("generation 1", "generation 0"),)),
    "specializationOf": ((ENTITIES, ENTITIES), False, (("generation 1", "generation 0"), ("invalidation 0", "invalidation 1"))),
}  # fmt: skip
EVENT_OF = {"wasGeneratedBy": "generation 0", "wasInvalidatedBy": "invalidation 0"}

Statement = tuple[str, tuple[str, ...], int | None]


@st.composite
def statements(draw: st.DrawFn) -> list[Statement]:
    drawn = []
    for _ in range(draw(st.integers(3, 9))):
        kind = draw(st.sampled_from(sorted(KINDS)))
        names, has_time, _ = KINDS[kind]
        time = draw(st.sampled_from((None, *range(1, 10)))) if has_time else None
        drawn.append((kind, tuple(draw(st.sampled_from(held)) for held in names), time))
    return drawn


def written(statement: Statement) -> str:
    kind, arguments, time = statement
    stated = [] if not KINDS[kind][1] else ["-" if time is None else f"2020-01-0{time}T00:00:00.5Z"]
    return f"{kind}({', '.join([*arguments, *stated])})"


def events(drawn: list[Statement]) -> Iterator[tuple[str, str, int, int | None]]:
    """Yield for each two ordered events their names, and the number and time of the statement."""
    for number, (kind, arguments, _) in enumerate(drawn):
        for first, second in KINDS[kind][2]:
            yield event(first, number, arguments), event(second, number, arguments), number, None
    for name in ENTITIES:
        yield f"generation {name}", f"invalidation {name}", -1, None
    for name in ACTIVITIES:
        yield f"start {name}", f"end {name}", -1, None


def event(name: str, number: int, arguments: tuple[str, ...]) -> str:
    if name == "this":
        return f"usage {number}"
    kind, index = name.split()
    return f"{kind} {arguments[int(index)]}"


def contradicts(drawn: list[Statement]) -> bool:
    """Return whether a time is before that of a preceding event, by the closure of the order."""
    precedes = {(first, second) for first, second, _, _ in events(drawn)}
    nodes = {node for pair in precedes for node in pair}
    times = [
        (event(EVENT_OF.get(kind, "this"), number, arguments), time)
        for number, (kind, arguments, time) in enumerate(drawn)
        if time is not None
    ]
    nodes |= {node for node, _ in times}
    reached = {(node, node) for node in nodes} | precedes
    for middle, first, second in itertools.product(nodes, repeat=3):
        if (first, middle) in reached and (middle, second) in reached:
            reached.add((first, second))
    return any(
        (first, second) in reached and early > late
        for (first, early), (second, late) in itertools.product(times, repeat=2)
    )


@settings(max_examples=examples(400))
@given(statements())
def test_a_contradiction_is_reported_if_and_only_if_the_order_has_one(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[Statement]
) -> None:
    found = codes(tmp_path_factory.mktemp("drawn"), "\n".join(map(written, drawn)))
    others = {"wasDerivedFrom", "specializationOf"} & {kind for kind, _, _ in drawn}
    if contradicts(drawn):
        assert "PL409" in found
    elif len(others) < 2:
        # A source may also be placed later by relations alone.
        assert "PL409" not in found
