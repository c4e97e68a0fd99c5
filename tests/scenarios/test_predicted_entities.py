"""Generated programs, compared with a model of the entities that each call uses and generates."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

import provlog
from provlog.capture import Capture
from provlog.definitions.load import definitions_of
from provlog.model.graph import Activity, Entity, ProvGraph
from tests.capture.reading import generated, parameters, used, written
from tests.profiles import examples

DEFINITIONS = definitions_of(
    {
        "activities": {
            "load": {
                "parameters": [{"name": "n"}, {"name": "which", "value": "number"}],
                "usage": [{"role": "file", "location": "path", "entityName": "File"}],
                "generation": [
                    {
                        "role": "events", "value": "events", "entityName": "Events",
                        "has_members": {"list": "events.items", "id": "number", "namespace": "obs"},
                    }
                ],
            },
            "reduce": {
                "usage": [{"role": "events", "value": "events", "entityName": "Events"}],
                "generation": [
                    {
                        "role": "data", "value": "data", "entityName": "Data",
                        "has_progenitors": {"list": "events.items", "id": "number",
                                            "namespace": "obs"},
                    }
                ],
            },
            "name": {"usage": [{"role": "name", "id": "label", "namespace": "names"}]},
        },
        "entities": {
            "File": {"type": "File"},
            "Events": {"type": "PythonObject"},
            "Data": {"type": "PythonObject"},
        },
    }
)  # fmt: skip

Token = tuple[Any, ...]
Step = tuple[Any, ...]

# Values that count as any entity.
PROGRAM: Token = ("program",)


class Observation:
    def __init__(self, number: int) -> None:
        self.number = number


class Events:
    def __init__(self, items: list[Observation]) -> None:
        self.items = items


class OddError(Exception):
    pass


def analysis_class(capture: Capture) -> Any:
    """Return a new class for each capture, because tracing changes a class."""

    class Analysis:
        def __init__(self, number: int, path: Path) -> None:
            self.number = number
            self.path = path
            self.label = f"label {number}"
            self.events = Events([])
            self.data: list[int] = []

        def load(self, n: int) -> int:
            self.events = Events([Observation(number) for number in range(n)])
            return n

        def reduce(self) -> None:
            self.data = [item.number for item in self.events.items]

        def name(self) -> None:
            pass

        def fail(self, n: int) -> None:
            raise OddError

        def within(self, program: Any) -> None:
            program()

        def down(self, n: int, program: Any) -> None:
            self.down(n - 1, program) if n else program()

        def items(self, n: int) -> Iterator[int]:
            yield from range(n)

    return capture.trace_methods(Analysis)


class Expected(NamedTuple):
    """A call: its name, enclosing call, session, inputs and outputs."""

    name: str
    parent: int | None
    session: Token
    parameters: dict[str, Any]
    used: dict[str, Token]
    generated: dict[str, Token]
    has_failed: bool = False


class Program:
    """Run the steps, and predict their records."""

    def __init__(self, capture: Capture, folder: Path) -> None:
        self.capture = capture
        kind = analysis_class(capture)
        self.analyses = [kind(number, folder / f"{number}.txt") for number in range(2)]
        for analysis in self.analyses:
            analysis.path.write_text(f"file {analysis.number}")
        self.calls: list[Expected] = []
        self.open: list[int] = []
        self.sessions: set[int] = set()
        # Kept alive, so that no address is reused.
        self.kept: list[Any] = []

    def run(self, steps: list[Step]) -> None:
        for name, *arguments in steps:
            getattr(self, name)(*arguments)

    # The model

    def begin(self, name: str, which: int | None, /, **said: Any) -> int:
        outer = self.calls[self.open[-1]] if self.open else None
        if which is not None and which in self.sessions:
            session: Token = ("analysis", which)
        elif outer is not None:
            session = outer.session
        elif which is not None:
            self.sessions.add(which)
            session = "analysis", which
        else:
            session = ("process",)
        said = {"parameters": {}, "used": {}, "generated": {}, **said}
        parent = self.open[-1] if self.open else None
        self.calls.append(Expected(name, parent, session, **said))
        return len(self.calls) - 1

    def generates(self, call: int, **entities: Token) -> None:
        self.calls[call] = self.calls[call]._replace(generated=entities)

    def events_of(self, which: int) -> Token:
        events = self.analyses[which].events
        self.kept.append(events)
        return "events", id(events), tuple(item.number for item in events.items)

    def file_of(self, which: int) -> Token:
        return "file", self.analyses[which].path.read_text()

    # Calls

    def load(self, which: int, n: int) -> None:
        said = {"parameters": {"n": n, "which": which}, "used": {"file": self.file_of(which)}}
        call = self.begin("load", which, **said)
        assert self.analyses[which].load(n) == n
        self.generates(call, events=self.events_of(which))

    def reduce(self, which: int) -> None:
        call = self.begin("reduce", which, used={"events": self.events_of(which)})
        self.analyses[which].reduce()
        self.generates(call, data=("value", tuple(self.analyses[which].data)))

    def name(self, which: int) -> None:
        self.begin("name", which, used={"name": ("name", which)})
        self.analyses[which].name()

    def fail(self, which: int, n: int) -> None:
        self.begin("fail", which, parameters={"n": n}, has_failed=True)
        with suppress(OddError):
            self.analyses[which].fail(n)
            raise AssertionError

    def items(self, which: int, n: int, steps: list[Step]) -> None:
        """Steps between the items are not nested in the generator."""
        running = self.analyses[which].items(n + 1)
        # It starts with its first item.
        self.begin("items", which, parameters={"n": n + 1})
        assert next(running) == 0
        self.run(steps)
        assert list(running) == [*range(1, n + 1)]

    def within(self, which: int, steps: list[Step]) -> None:
        self.open.append(self.begin("within", which, used={"program": PROGRAM}))
        self.analyses[which].within(Inner(self, steps))
        self.open.pop()

    def down(self, which: int, n: int, steps: list[Step]) -> None:
        for depth in range(n + 1):
            said = {"parameters": {"n": n - depth}, "used": {"program": PROGRAM}}
            self.open.append(self.begin("down", which, **said))
        self.analyses[which].down(n, Inner(self, steps))
        del self.open[len(self.open) - n - 1 :]

    def block(self, which: int, n: int, steps: list[Step]) -> None:
        with self.capture.activity("block", parameters={"n": n}) as block:
            call = self.begin("block", None, parameters={"n": n})
            self.open.append(call)
            self.run(steps)
            before = self.file_of(which)
            block.used(self.analyses[which].path, role="in")
            block.generated(self.analyses[which].events, role="out")
            self.calls[call] = self.calls[call]._replace(
                used={"in": before}, generated={"out": self.events_of(which)}
            )
        self.open.pop()

    # Changes between calls

    def change(self, which: int, n: int) -> None:
        self.analyses[which].events.items.append(Observation(n))

    def rewrite(self, which: int, n: int) -> None:
        self.analyses[which].path.write_text(f"written {n}")


class Inner:
    """Run the steps of a call."""

    def __init__(self, program: Program, steps: list[Step]) -> None:
        self.program = program
        self.steps = steps

    def __call__(self) -> None:
        self.program.run(self.steps)


WHICH = st.integers(0, 1)
SMALL = st.integers(0, 3)


def simple() -> st.SearchStrategy[Step]:
    with_number = ["load", "fail", "change", "rewrite"]
    return st.one_of(
        st.tuples(st.sampled_from(with_number), WHICH, SMALL),
        st.tuples(st.sampled_from(["reduce", "name"]), WHICH),
    )


STEPS: st.SearchStrategy[list[Step]] = st.recursive(
    st.lists(simple(), max_size=4),
    lambda inner: st.lists(
        st.one_of(
            simple(),
            st.tuples(st.just("within"), WHICH, inner),
            st.tuples(st.sampled_from(["down", "items", "block"]), WHICH, SMALL, inner),
        ),
        max_size=4,
    ),
    max_leaves=6,
)


@settings(max_examples=examples(150))
@given(STEPS)
def test_the_log_matches_the_model(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # The model predicts definitions and blocks, not the files that the program opens.
        capture = Capture(DEFINITIONS, folder / "run.log", files="none")
        try:
            program = Program(capture, folder)
            program.run(steps)
        finally:
            capture.close()
        if not program.calls:
            return
        graph = provlog.read(folder / "run.log")
        assert graph.diagnostics == []
        assert written(graph) == written(capture.graph())
    judge(graph, program.calls)


def judge(graph: ProvGraph, calls: list[Expected]) -> None:
    # In the order of their starts.
    found = [one for one in graph.activities.values() if one.session]
    assert [one.label for one in found] == [call.name for call in calls]
    entities: dict[Token, Entity] = {}
    tokens: dict[Entity, Token] = {}
    sessions: dict[Token, Activity] = {}

    def same(token: Token, entity: Entity) -> bool:
        if token == PROGRAM:
            return True
        return (
            entities.setdefault(token, entity) is entity
            and tokens.setdefault(entity, token) == token
        )

    for one, call in zip(found, calls, strict=True):
        assert parameters(one) == call.parameters
        assert one.end is not None
        assert one.values("log:status") == (["failed"] if call.has_failed else [])
        assert sessions.setdefault(call.session, one.session) is one.session  # type: ignore[arg-type]
        parents = [
            found.index(relation.target)
            for relation in graph.relations["wasInfluencedBy"]
            if relation.source is one and relation.target in found
        ]
        assert parents == ([] if call.parent is None else [call.parent])
        for recorded, expected in (
            (used(graph, one), call.used),
            (generated(graph, one), call.generated),
        ):
            # The steps of an inner program may change its state.
            if PROGRAM not in expected.values():
                recorded.pop("program", None)
            assert recorded.keys() == expected.keys()
            assert all(same(token, recorded[role]) for role, token in expected.items())
    assert len({id(one) for one in sessions.values()}) == len(sessions)
    _judge_members(graph, entities)


def _judge_members(graph: ProvGraph, entities: dict[Token, Entity]) -> None:
    """The result of `load` has its observations as members."""
    loaded = {
        relation.source
        for relation in graph.relations["wasGeneratedBy"]
        if relation.target.label == "load"
    }
    for token, entity in entities.items():
        members = {
            str(relation.target.values("dcterms:identifier")[0])
            for relation in graph.relations["hadMember"]
            if relation.source is entity
        }
        if entity in loaded:
            assert members == {f"obs:{number}" for number in token[2]}
        else:
            assert members == set()
