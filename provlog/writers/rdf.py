"""PROV-O, the PROV Ontology, in Turtle and TriG, W3C Recommendations.

https://www.w3.org/TR/prov-o/, https://www.w3.org/TR/turtle/, https://www.w3.org/TR/trig/

Every relation has the simple form, such as ``prov:used``. A relation with a role, a type, a
time or more also has the qualified form, in the same statement. A relation without these is
qualified only if another one between the same elements is, so that readers find both.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from functools import lru_cache
from json.encoder import encode_basestring as _string

from provlog.errors import UsageError
from provlog.model.graph import (
    ABSENT,
    Attributes,
    Element,
    ProvGraph,
    QualifiedRelation,
    Relation,
    Statements,
    gathered,
)
from provlog.model.identifiers import is_plain
from provlog.model.namespaces import PROV, XSD
from provlog.model.ontology import BESIDE, DERIVED, QUALIFIED, RDFS, RESOURCES, qualified_by
from provlog.model.relations import RELATIONS, TIME
from provlog.model.values import QUALIFIED_NAME, InternationalizedString, Value
from provlog.writers.pieces import pieces

__all__ = ["write_trig", "write_turtle"]

# The characters that an IRIREF cannot contain (Turtle, production [18]).
_NOT_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_LANGUAGE = re.compile(r"[a-zA-Z]+(?:-[a-zA-Z0-9]+)*")
_SPECIAL = frozenset({"prov:label", "prov:type", *RESOURCES})
# Placeholders for the ends in a statement template; no text or name contains them.
_SOURCE, _TARGET = "\0", "\1"

Pairs = Container[tuple[Element, Element]]


def write_turtle(graph: ProvGraph) -> Iterator[str]:
    """Yield the graph as Turtle, in pieces of text.

    Raises
    ------
    UsageError
        If the graph has bundles: Turtle cannot name a set of statements.
    """
    if graph.bundles:
        raise UsageError("turtle cannot hold bundles; use trig")
    yield from write_trig(graph)


def write_trig(graph: ProvGraph) -> Iterator[str]:
    """Yield the graph as TriG, with bundles as named graphs, in pieces of text."""
    declared = {"prov": PROV, "xsd": XSD, "rdfs": RDFS, **graph.namespaces}
    yield from _prefixes(declared.items())
    yield from pieces(_Writer(declared).statements(graph), "")
    before = declared
    for bundle in graph.bundles.values():
        # A prefix is valid until it is declared again.
        scope = declared | bundle.namespaces
        yield "\n"
        yield from _prefixes(scope.items() - before.items())
        before = before | scope
        writer = _Writer(scope)
        yield f"{writer.name(bundle.id)} {{\n"
        yield from pieces(writer.statements(bundle), "")
        yield "}\n"


def _prefixes(namespaces: Iterable[tuple[str, str]]) -> Iterator[str]:
    for prefix, iri in sorted(namespaces):
        yield f"@prefix {prefix}: {_iri(iri)} .\n"


def _iri(iri: str) -> str:
    return f"<{_NOT_IRI.sub(lambda match: f'%{ord(match[0]):02X}', iri)}>"


class _Writer:
    """Writer of the statements of a graph or a bundle.

    Parameters
    ----------
    namespaces : dict
        All IRIs by prefix.
    """

    def __init__(self, namespaces: dict[str, str]) -> None:
        self.namespaces = namespaces
        self.label = "rdfs:label" if namespaces["rdfs"] == RDFS else f"<{RDFS}label>"
        self.name = lru_cache(maxsize=4096)(self._name)
        # There are few pairs of role and type: format each once.
        self.statement = lru_cache(maxsize=1024)(self._statement)

    def _name(self, name: str) -> str:
        """Return a qualified name as Turtle writes it: with its prefix, or as an IRI."""
        if is_plain(name):
            return name
        prefix, colon, local = name.partition(":")
        return _iri(self.namespaces[prefix] + local if colon else self.namespaces[""] + name)

    def statements(self, statements: Statements) -> Iterator[str]:
        for entity in statements.entities.values():
            yield self.element("prov:Entity", entity)
        for activity in statements.activities.values():
            times = {"prov:startedAtTime": activity.start, "prov:endedAtTime": activity.end}
            parts = [f"{name} {_time(time)}" for name, time in times.items() if time is not None]
            yield self.element("prov:Activity", activity, parts)
        for agent in statements.agents.values():
            yield self.element("prov:Agent", agent)
        for kind, relations in statements.relations.items():
            yield from self.relations(kind, relations)

    def element(self, term: str, element: Element, times: Iterable[str] = ()) -> str:
        types, parts = self.described(element.attributes)
        classes = ", ".join((term, *map(self.name, types)))
        head = f"\n{self.name(element.id)} a {classes}"
        return " ;\n    ".join((head, *times, *parts)) + " .\n"

    def described(self, attributes: Attributes) -> tuple[list[str], list[str]]:
        """Return the types that are names, and the other attributes as properties with values."""
        types: list[str] = []
        parts: list[str] = []
        for name, held in attributes.items():
            # The usual case: a single text.
            if type(held) is str and name not in _SPECIAL:
                parts.append(f"{self.name(name)} {_string(held)}")
                continue
            for value in held if isinstance(held, list) else [held]:
                if isinstance(value, str) or value.datatype != QUALIFIED_NAME:
                    parts.append(self.property(name, self.value(value)))
                elif name == "prov:type":
                    types.append(value.text)
                else:
                    property = RESOURCES[name][0] if name in RESOURCES else self.name(name)
                    parts.append(f"{property} {self.name(value.text)}")
        return types, parts

    def property(self, name: str, literal: str) -> str:
        if name in RESOURCES:
            property, term = RESOURCES[name]
            return f"{property} [ a {term} ; {self.label} {literal} ]"
        return f"{self.label if name == 'prov:label' else self.name(name)} {literal}"

    def value(self, value: Value) -> str:
        if isinstance(value, str):
            return _string(value)
        if isinstance(value, InternationalizedString) and _LANGUAGE.fullmatch(value.lang):
            return f"{_string(value.text)}@{value.lang}"
        return f"{_string(value.text)}^^{self.name(value.datatype)}"

    def relations(self, kind: str, relations: dict[Relation, None]) -> Iterator[str]:
        yield "\n" if relations else ""
        twice = _twice(relations)
        for relation in relations:
            source, target = relation.source, relation.target
            if type(relation) is QualifiedRelation or (source, target) in twice:
                yield self.relation(
                    kind,
                    relation,
                    "" if source is ABSENT else self.name(source.id),
                    "" if target is ABSENT else self.name(target.id),
                    is_one_of_two=(source, target) in twice,
                )
            else:
                statement = self.statement(kind, relation.role, relation.type)
                yield statement.replace(_SOURCE, source.id).replace(_TARGET, target.id)

    def _statement(self, kind: str, role: str | None, type: str | None) -> str:
        """Return the statement of a plain relation between any two elements."""
        return self.relation(kind, Relation(ABSENT, ABSENT, role, type), _SOURCE, _TARGET)

    def relation(
        self,
        kind: str,
        relation: Relation,
        source: str,
        target: str,
        *,
        is_one_of_two: bool = False,
    ) -> str:
        """Return the statement of a relation between two names; an absent one is empty."""
        terms = QUALIFIED[kind]
        id = relation.id if isinstance(relation, QualifiedRelation) else None
        types, further = self.described(gathered(relation.pairs()))
        term = next((type for type in types if type in DERIVED), terms.term)
        classes = [term, *(self.name(type) for type in types if type != term)]
        arguments = self.arguments(kind, relation)
        simple = [f"{terms.simple} {target}"] if target else []
        if target and term in DERIVED:
            simple.append(f"{DERIVED[term]} {target}")
        if kind in BESIDE:
            simple, arguments = [*simple, *arguments], []
        is_bare = id is None and classes == [terms.term] and not (arguments or further)
        if is_bare and source and target and not is_one_of_two:
            return f"{source} {' ; '.join(simple)} .\n"
        ends = [f"{terms.target} {target}"] if target else []
        described = " ; ".join((f"a {', '.join(classes)}", *ends, *arguments, *further))
        written = "[]" if id is None else self.name(id)
        if not source:
            return f"{written} {described} .\n"
        node = f"[ {described} ]" if id is None else written
        qualified = f"{qualified_by(term)} {node} .\n"
        statement = f"{source} {' ; '.join(simple)} ;\n    " if simple else f"{source} "
        return statement + qualified + ("" if id is None else f"{written} {described} .\n")

    def arguments(self, kind: str, relation: Relation) -> list[str]:
        """Return the formal attributes besides source and target, as properties with values."""
        if not isinstance(relation, QualifiedRelation):
            return []
        properties = QUALIFIED[kind].arguments
        return [
            f"{properties[name]} {_time(str(held)) if name == TIME else self.name(_id(held))}"
            for name, held in relation.formals(RELATIONS[kind])
            if name in properties
        ]


def _id(held: Element | str) -> str:
    return held if isinstance(held, str) else held.id


def _time(time: str) -> str:
    return f'"{time}"^^xsd:dateTime'


def _twice(relations: dict[Relation, None]) -> Pairs:
    """Return the ends of all qualified relations; none if all relations are of the same form."""
    qualified = [relation for relation in relations if not _is_bare(relation)]
    if len(qualified) in {0, len(relations)}:
        return ()
    return {(relation.source, relation.target) for relation in qualified}


def _is_bare(relation: Relation) -> bool:
    return (
        relation.role is None
        and relation.type is None
        and not (
            isinstance(relation, QualifiedRelation)
            and (relation.id or relation.time or relation.arguments or relation.attributes)
        )
    )
