"""Convert a graph to a document of the ``prov`` library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prov.constants import (
    PROV,
    PROV_INTERNATIONALIZEDSTRING,
    PROV_RECORD_IDS_MAP,
    PROV_ROLE,
    PROV_TYPE,
    XSD,
)
from prov.identifier import Namespace, QualifiedName
from prov.model import Literal as ProvLiteral
from prov.model import ProvBundle, ProvDocument

from provlog.model.graph import Element, ProvGraph, QualifiedRelation, Relation, Statements
from provlog.model.relations import RELATIONS, TIME, RelationKind
from provlog.model.values import QUALIFIED_NAME, InternationalizedString, Value

__all__ = ["to_prov"]

Pairs = Iterator[tuple[QualifiedName, Any]]


def to_prov(graph: ProvGraph) -> ProvDocument:
    """Return a graph as a :class:`prov.model.ProvDocument`."""
    document = ProvDocument()
    _declare(document, graph.namespaces)
    _Converter(graph.namespaces).statements(graph, document)
    for bundle in graph.bundles.values():
        convert = _Converter({**graph.namespaces, **bundle.namespaces})
        contents = document.bundle(convert.name(bundle.id))
        _declare(contents, bundle.namespaces)
        convert.statements(bundle, contents)
    return document


def _declare(bundle: ProvBundle, namespaces: Mapping[str, str]) -> None:
    for prefix, iri in namespaces.items():
        if prefix:
            bundle.add_namespace(Namespace(prefix, iri))
        else:
            bundle.set_default_namespace(iri)


class _Converter:
    def __init__(self, namespaces: Mapping[str, str]) -> None:
        self.namespaces = {prefix: Namespace(prefix, iri) for prefix, iri in namespaces.items()}
        self.namespaces |= {"prov": PROV, "xsd": XSD}
        self.names: dict[str, QualifiedName] = {}

    def name(self, text: str) -> QualifiedName:
        found = self.names.get(text)
        if found is None:
            prefix, colon, local = text.partition(":")
            found = self.namespaces[prefix][local] if colon else self.namespaces[""][text]
            self.names[text] = found
        return found

    def value(self, value: Value) -> Any:
        if isinstance(value, str):
            return value
        if value.datatype == QUALIFIED_NAME:
            return self.name(value.text)
        if isinstance(value, InternationalizedString):
            return ProvLiteral(value.text, PROV_INTERNATIONALIZEDSTRING, value.lang)
        return ProvLiteral(value.text, self.name(value.datatype))

    def pairs(self, pairs: Iterable[tuple[str, Value]]) -> Pairs:
        for name, value in pairs:
            yield self.name(name), self.value(value)

    def attributes(self, element: Element) -> list[tuple[QualifiedName, Any]]:
        return list(self.pairs(element.pairs()))

    def statements(self, statements: Statements, bundle: ProvBundle) -> None:
        for entity in statements.entities.values():
            bundle.entity(self.name(entity.id), self.attributes(entity))
        for activity in statements.activities.values():
            attributes = self.attributes(activity)
            bundle.activity(self.name(activity.id), activity.start, activity.end, attributes)
        for agent in statements.agents.values():
            bundle.agent(self.name(agent.id), self.attributes(agent))
        for kind, relations in statements.relations.items():
            for relation in relations:
                name, pairs = self.relation(RELATIONS[kind], relation)
                bundle.new_record(PROV_RECORD_IDS_MAP[kind], name, list(pairs))

    def relation(
        self, kind: RelationKind, relation: Relation
    ) -> tuple[QualifiedName | None, Pairs]:
        if isinstance(relation, QualifiedRelation):
            name = None if relation.id is None else self.name(relation.id)
            return name, self.qualified(kind, relation)
        return None, self.plain(kind, relation)

    def plain(self, kind: RelationKind, relation: Relation) -> Pairs:
        yield self.name(kind.source.name), self.name(relation.source.id)
        yield self.name(kind.target.name), self.name(relation.target.id)
        if relation.role is not None:
            yield PROV_ROLE, relation.role
        if relation.type is not None:
            yield PROV_TYPE, self.name(relation.type)

    def qualified(self, kind: RelationKind, relation: QualifiedRelation) -> Pairs:
        for name, held in relation.formals(kind):
            if name == TIME:
                yield self.name(name), held
            else:
                yield self.name(name), self.name(held if isinstance(held, str) else held.id)
        yield from self.pairs(relation.pairs())
