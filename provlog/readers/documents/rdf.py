"""Read PROV-O, the PROV Ontology, in Turtle and TriG.

https://www.w3.org/TR/prov-o/

PROV-O infers the simple form of a relation, such as ``prov:used``, from the qualified one. The
reader takes both together as one relation.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from functools import partial
from itertools import zip_longest
from typing import NamedTuple

from rdflib import BNode, Literal, URIRef
from rdflib.term import Node

from provlog.diagnostics.diagnostic import Report
from provlog.files.source import Source
from provlog.model.elements import gathered
from provlog.model.graph import Bundle, ProvGraph
from provlog.model.namespaces import own_namespace
from provlog.model.ontology import (
    BESIDE,
    CLASSES,
    DERIVED,
    QUALIFIED,
    RDF,
    RDFS,
    RESOURCES,
    qualified_by,
)
from provlog.model.relations import RELATIONS, TIME
from provlog.model.values import Value, qname
from provlog.readers.documents.assembly import LEFT_OUT, Assembly
from provlog.readers.documents.names import Names, Problem
from provlog.readers.documents.places import located
from provlog.readers.documents.sessions import restore_sessions
from provlog.readers.documents.triples import Triple, parsed

__all__ = ["read_trig", "read_turtle"]

Objects = dict[str, list[Node]]


class _Influence(NamedTuple):
    """A kind of relation, and the type of its special form."""

    kind: str
    type: str | None = None


_DERIVATIONS = {type: _Influence("wasDerivedFrom", type) for type in DERIVED}
_INFLUENCES = {terms.term: _Influence(kind) for kind, terms in QUALIFIED.items()} | _DERIVATIONS
_BY_QUALIFIED = {qualified_by(term): found for term, found in _INFLUENCES.items()}
_BY_SIMPLE = {terms.simple: _Influence(kind) for kind, terms in QUALIFIED.items()} | {
    property: _DERIVATIONS[type] for type, property in DERIVED.items()
}
# From cause to effect (PROV-O, appendix B).
_INVERSE = {
    "prov:generated": "wasGeneratedBy",
    "prov:invalidated": "wasInvalidatedBy",
    "prov:influenced": "wasInfluencedBy",
}
_RELATING = frozenset({*_BY_QUALIFIED, *_BY_SIMPLE, *_INVERSE, "prov:asInBundle"})
# The attributes of PROV-DM by their properties.
_ATTRIBUTES = {f"{RDF}type": "prov:type", f"{RDFS}label": "prov:label"}
_TERMS = {property: name for name, (property, _) in RESOURCES.items()}
_TIMES = dict.fromkeys(("prov:startedAtTime", "prov:endedAtTime"))
_BASES = frozenset(classes[0] for classes in CLASSES.values())
_KINDS = {name: kind for kind, classes in CLASSES.items() for name in classes}


def _read(source: Source, report: Report, *, format: str) -> ProvGraph:
    """Return the graph of a document.

    Raises
    ------
    InputError
        If the document is invalid.
    """
    data = source.read(report)
    prefixes, parts = parsed(data, format, source.name, report)
    problem = located(data, source.name, report)
    graph = ProvGraph(namespaces={})
    names = Names(graph.namespaces, problem)
    for prefix, iri in prefixes.items():
        names.declare(prefix, iri)
    terms = _Terms(names)
    for name, triples in parts.items():
        if name is None:
            _Reader(graph, triples, terms, problem).read()
        else:
            bundle = Bundle(id=terms[URIRef(name)])
            graph.bundles[bundle.id] = bundle
            _Reader(bundle, triples, terms, problem).read()
    restore_sessions(graph)
    return graph


Read = Callable[[Source, Report], ProvGraph]

read_turtle: Read = partial(_read, format="turtle")
read_trig: Read = partial(_read, format="trig")


class _Terms(dict[Node, str]):
    """The graph's names for IRIs and blank nodes."""

    def __init__(self, names: Names) -> None:
        super().__init__()
        self.names = names
        self.blank = 0

    def __missing__(self, node: Node) -> str:
        if isinstance(node, BNode):
            self.blank += 1
            name = self.names.named(own_namespace("blank"), f"b{self.blank}", "blank")
        else:
            name = self.names.of_iri(str(node))
        # From here on, the name resolves to itself.
        self[node] = self.names[name] = name
        return name


class _Reader:
    """Reader of the statements in one graph of a document."""

    def __init__(
        self,
        statements: ProvGraph | Bundle,
        triples: Iterable[Triple],
        terms: _Terms,
        problem: Problem,
    ) -> None:
        self.assembly = Assembly(statements, terms.names, problem)
        self.terms = terms
        self.problem = problem
        # The objects of each subject by the name of the property, in the order of the document.
        self.subjects: dict[Node, Objects] = {}
        for subject, property, held in triples:
            name = _ATTRIBUTES.get(str(property)) or terms[property]
            objects = self.subjects.setdefault(subject, {})
            objects.setdefault(_TERMS.get(name, name), []).append(held)
        # Resources read as an element, a relation, or the label of a location or role.
        self.taken: set[Node] = set()
        # The relations that are qualified.
        self.qualified: set[tuple[str, Node, Node]] = set()

    def read(self) -> None:
        subjects = self.subjects.items()
        for subject, objects in subjects:
            for property, nodes in objects.items():
                if property in _BY_QUALIFIED:
                    for node in nodes:
                        self.influence(_BY_QUALIFIED[property], subject, node)
        for subject, objects in subjects:
            self.declare(subject, objects)
        for subject, objects in subjects:
            found = [_INFLUENCES[type] for type in self.types(objects) if type in _INFLUENCES]
            if found and subject not in self.taken:
                self.influence(found[0], None, subject)
        for subject, objects in subjects:
            self.relate(subject, objects)
        for subject, objects in subjects:
            if subject not in self.taken and not objects.keys() <= _RELATING:
                self.leave_out(subject, "is not an entity, an activity, an agent or a relation")
        self.assembly.finish()

    def leave_out(self, node: Node, reason: str, near: str = "") -> None:
        name = "a blank node" if isinstance(node, BNode) else self.terms[node]
        self.problem(LEFT_OUT, f"{name} {reason}: left out", near or name)

    def types(self, objects: Objects) -> list[str]:
        """Return the names of the classes of a resource."""
        return [self.terms[one] for one in objects.get("prov:type", ()) if isinstance(one, URIRef)]

    def declare(self, subject: Node, objects: Objects) -> None:
        """Add the elements that a resource represents."""
        types = self.types(objects)
        classes = [type for type in types if type in _BASES]
        # A subclass such as prov:Plan makes a resource without another class an element.
        if not classes and subject not in self.taken and _INFLUENCES.keys().isdisjoint(types):
            classes = types
        for kind in dict.fromkeys(_KINDS[type] for type in classes if type in _KINDS):
            self.taken.add(subject)
            apart = _RELATING | _TIMES.keys() if kind == "activity" else _RELATING
            pairs = self.pairs(objects, apart, _BASES)
            element = self.assembly.declare(kind, self.terms[subject], gathered(pairs))
            if kind == "activity":
                times = [map(str, objects.get(property, ())) for property in _TIMES]
                for start, end in zip_longest(*times):
                    self.assembly.set_times(element, start, end)

    def pairs(
        self, objects: Objects, apart: Container[str], classes: Container[str]
    ) -> Iterator[tuple[str, Value]]:
        """Yield attributes, except the given properties and classes."""
        for property, nodes in objects.items():
            if property in apart:
                continue
            for node in nodes:
                value = self.value(property, node)
                if value is None:
                    reason = f"is the value of {property}, which needs a text or a name"
                    self.leave_out(node, reason, property)
                elif property != "prov:type" or isinstance(value, str) or value.text not in classes:
                    yield property, value

    def value(self, property: str, node: Node) -> Value | None:
        if isinstance(node, Literal):
            datatype = "" if node.datatype is None else self.terms[node.datatype]
            return self.assembly.value(str(node), datatype, node.language)
        if isinstance(node, URIRef):
            return qname(self.terms[node])
        labels = self.subjects.get(node, {}).get("prov:label", ()) if property in RESOURCES else ()
        self.taken.add(node)
        return self.value(property, labels[0]) if labels else None

    def influence(self, found: _Influence, source: Node | None, node: Node) -> None:
        """Add a qualified relation."""
        self.taken.add(node)
        kind, terms = RELATIONS[found.kind], QUALIFIED[found.kind]
        objects = self.subjects.get(node, {})
        formals = {property: name for name, property in terms.arguments.items()}
        formals |= {time: TIME for time in _TIMES if TIME in terms.arguments}
        arguments = {} if source is None else {kind.source.name: self.terms[source]}
        for property, name in formals.items():
            for held in objects.get(property, ()):
                if name in arguments:
                    self.leave_out(held, f"is a second {name} of a {kind.name}")
                else:
                    arguments[name] = str(held) if name == TIME else self.terms[held]
        apart = {terms.target, *formals, *_RELATING}
        pairs = [*self.pairs(objects, apart, {terms.term, found.type or terms.term})]
        if found.type is not None:
            pairs.insert(0, ("prov:type", qname(found.type)))
        id = None if isinstance(node, BNode) else self.terms[node]
        for target in objects.get(terms.target) or (None,):
            if target is not None:
                arguments[kind.target.name] = self.terms[target]
                if source is not None:
                    self.qualified.add((found.kind, source, target))
            self.assembly.relate(kind, id, arguments, pairs)

    def relate(self, subject: Node, objects: Objects) -> None:
        """Add the relations of a resource that are not qualified."""
        for property, targets in objects.items():
            if property in _INVERSE:
                for target in targets:
                    self.simple(_Influence(_INVERSE[property]), target, subject)
            elif property in _BY_SIMPLE:
                found = _BY_SIMPLE[property]
                # A derivation follows from one that has a type.
                implied = [
                    target
                    for derived in (DERIVED.values() if property == "prov:wasDerivedFrom" else ())
                    for target in objects.get(derived, ())
                ]
                for target in targets:
                    if target not in implied:
                        self.simple(found, subject, target)

    def simple(self, found: _Influence, source: Node, target: Node) -> None:
        if (found.kind, source, target) in self.qualified:
            return
        if isinstance(source, Literal) or isinstance(target, Literal):
            self.problem(LEFT_OUT, f"{found.kind} leads to or from a text: left out", str(target))
            return
        kind = RELATIONS[found.kind]
        arguments = {
            kind.source.name: self.terms[source],
            kind.target.name: self.terms[target],
        }
        if found.kind in BESIDE:
            beside = self.subjects[source]
            for name, property in QUALIFIED[found.kind].arguments.items():
                for held in beside.get(property, ())[:1]:
                    arguments[name] = self.terms[held]
        pairs = [] if found.type is None else [("prov:type", qname(found.type))]
        self.assembly.relate(kind, None, arguments, pairs)
