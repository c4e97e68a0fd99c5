"""A hypothesis strategy for all of PROV-DM: graphs such as documents from other programs hold."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from provlog.model.graph import (
    ABSENT,
    Activity,
    Agent,
    Attributes,
    Bundle,
    Element,
    Entity,
    ProvGraph,
    gathered,
    relation_of,
)
from provlog.model.relations import RELATIONS, TIME, RelationKind
from provlog.model.values import InternationalizedString, Literal, Value, qname, safe_text
from tests.strategies import HOSTILE_TEXTS

EX = "https://example.org/"
PLAIN_NAMES = [f"ex:{name}" for name in ("a", "b2", "c.d", "E-f", "_g")] + ["other:a", "other:x"]
ODD_NAMES = ["ex:1", "ex:a/b", "ex:a:b", "ex:-a", "ex:a.", "ex:(a)", "ex:a=b;c", "ex:d'e", "ex:[f]"]
TIMES = [
    "2019-10-07T11:20:06.091102", "2012-03-31T09:21:00+01:00", "2011-11-16T16:05:00",
    "2012-04-15T13:00:00+00:00",
]  # fmt: skip

texts = (st.sampled_from(HOSTILE_TEXTS) | st.text(max_size=8)).map(safe_text)
literals = st.sampled_from(
    [Literal("7", "xsd:int"), Literal("1.5", "xsd:double"), Literal("true", "xsd:boolean"),
     Literal("10000000000", "xsd:long"), Literal("2012-04-15", "xsd:date"),
     Literal("https://example.org/?a=b&c", "xsd:anyURI"),
     Literal("7", "xsd:short"), qname("ex:Thing"), qname("prov:Plan")]
)  # fmt: skip
languages = st.builds(InternationalizedString, texts, lang=st.sampled_from(["en", "de-AT"]))
values: st.SearchStrategy[Value] = texts | literals
times = st.sampled_from(TIMES)


def _values(name: str) -> st.SearchStrategy[Value]:
    # The schema of PROV-XML allows a language only for labels, which are texts.
    if name == "prov:label":
        return texts | languages
    return values if name.startswith("prov:") else values | languages


def attributes(names: list[str]) -> st.SearchStrategy[Attributes]:
    """Return a strategy for attributes with several values each, without duplicates."""
    pair = st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name), _values(name)))
    return st.lists(pair, max_size=4, unique_by=repr).map(gathered)


@st.composite
def relations(
    draw: st.DrawFn, kind: RelationKind, reach: dict[str, list[Any]], names: list[str]
) -> Any:
    """Draw a relation between the elements in reach, with any arguments that its kind allows."""
    arguments: dict[str, Any] = {}
    # The schema of PROV-JSON takes a usage for a generation.
    required = 2 if kind.name == "used" else kind.required
    for number, formal in enumerate(kind.formals):
        if number < required or draw(st.booleans()):
            arguments[formal.name] = draw(st.sampled_from(reach[formal.refers_to]))
    source = arguments.pop(kind.source.name)
    target = arguments.pop(kind.target.name, ABSENT)
    time = arguments.pop(TIME, None)
    others = tuple(arguments.items())
    if not kind.is_described:
        return relation_of(source, target, time=time, arguments=others)
    terms = ["prov:type", "prov:label", "ex:note"]
    if kind.required == 1 and kind.name != "wasInvalidatedBy":
        terms.append("prov:role")
    held = draw(attributes(terms))
    id = draw(st.none() | st.sampled_from([f"{name}-{kind.name}" for name in names]))
    return relation_of(
        source, target, Element("", held).pairs(), id=id, time=time, arguments=others
    )  # fmt: skip


@st.composite
def filled(draw: st.DrawFn, statements: Any, names: list[str]) -> Any:
    """Draw statements: elements, and relations between them and undeclared elements."""
    some = st.lists(st.sampled_from(names), max_size=4, unique=True)
    described = attributes(["prov:label", "prov:type", "prov:location", "ex:note", "other:x"])
    for name in draw(some):
        entity = Entity(f"{name}-e", draw(described))
        if draw(st.booleans()):
            entity.attributes["prov:value"] = draw(values)
        statements.entities[entity.id] = entity
    for name in draw(some):
        own = draw(described)
        activity = Activity(f"{name}-a", own, draw(st.none() | times), draw(st.none() | times))
        statements.activities[activity.id] = activity
    for name in draw(some):
        statements.agents[f"{name}-g"] = Agent(f"{name}-g", draw(described))
    reach: dict[str, list[Any]] = {
        "entity": [*statements.entities.values(), Entity(f"{names[0]}-e0", {})],
        "activity": [*statements.activities.values(), Activity(f"{names[0]}-a0", {})],
        "agent": [*statements.agents.values(), Agent(f"{names[0]}-g0", {})],
        "relation": [f"{name}-r" for name in names],
        "time": TIMES,
    }
    reach["element"] = [*reach["entity"], *reach["activity"], *reach["agent"]]
    for kind in draw(st.lists(st.sampled_from(list(RELATIONS.values())), max_size=8)):
        statements.relations[kind.name][draw(relations(kind, reach, names))] = None
    return statements


@st.composite
def documents(draw: st.DrawFn, names: list[str] = PLAIN_NAMES, bundles: bool = True) -> ProvGraph:
    """Draw graphs with all kinds of statements."""
    graph: ProvGraph = draw(
        filled(ProvGraph(namespaces={"ex": EX, "other": "urn:example:other:"}), names)
    )
    for number in range(draw(st.integers(0, 2)) if bundles else 0):
        bundle = Bundle(id=f"ex:bundle{number}")
        if draw(st.booleans()):
            bundle.namespaces = {"other": f"urn:example:{number}:"}
        graph.bundles[bundle.id] = draw(filled(bundle, names))
    return graph
