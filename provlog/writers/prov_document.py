"""The graph as a document of the ``prov`` library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prov.constants import PROV, PROV_RECORD_IDS_MAP, PROV_ROLE, PROV_TYPE, XSD
from prov.identifier import Namespace, QualifiedName
from prov.model import Literal as ProvLiteral
from prov.model import ProvBundle, ProvDocument

from provlog.model.graph import RELATIONS, Attributes, ProvGraph, Statements
from provlog.model.values import QUALIFIED_NAME, Value

__all__ = ["to_prov"]


def to_prov(graph: ProvGraph) -> ProvDocument:
    """Return a graph as a :class:`prov.model.ProvDocument`."""
    document = ProvDocument()
    namespaces = {prefix: Namespace(prefix, iri) for prefix, iri in graph.namespaces.items()}
    for namespace in namespaces.values():
        document.add_namespace(namespace)
    convert = _Converter({**namespaces, "prov": PROV, "xsd": XSD})
    convert.statements(graph, document)
    for bundle in graph.bundles.values():
        convert.statements(bundle, document.bundle(convert.name(bundle.id)))
    return document


class _Converter:
    def __init__(self, namespaces: dict[str, Namespace]) -> None:
        self.namespaces = namespaces
        self.names: dict[str, QualifiedName] = {}

    def name(self, text: str) -> QualifiedName:
        found = self.names.get(text)
        if found is None:
            prefix, _, local = text.partition(":")
            found = self.names[text] = self.namespaces[prefix][local]
        return found

    def value(self, value: Value) -> Any:
        if isinstance(value, str):
            return value
        if value.datatype == QUALIFIED_NAME:
            return self.name(value.text)
        return ProvLiteral(value.text, self.name(value.datatype))

    def pairs(self, attributes: Attributes) -> Iterator[tuple[QualifiedName, Any]]:
        for name, held in attributes.items():
            for value in held if isinstance(held, list) else [held]:
                yield self.name(name), self.value(value)

    def statements(self, statements: Statements, bundle: ProvBundle) -> None:
        for entity in statements.entities.values():
            bundle.entity(self.name(entity.id), list(self.pairs(entity.attributes)))
        for activity in statements.activities.values():
            attributes = list(self.pairs(activity.attributes))
            bundle.activity(self.name(activity.id), activity.start, activity.end, attributes)
        for agent in statements.agents.values():
            bundle.agent(self.name(agent.id), list(self.pairs(agent.attributes)))
        for kind, relations in statements.relations.items():
            source, target = map(self.name, RELATIONS[kind])
            for relation in relations:
                pairs: list[tuple[QualifiedName, Any]] = [
                    (source, self.name(relation.source.id)),
                    (target, self.name(relation.target.id)),
                ]
                if relation.role is not None:
                    pairs.append((PROV_ROLE, relation.role))
                if relation.type is not None:
                    pairs.append((PROV_TYPE, self.name(relation.type)))
                bundle.new_record(PROV_RECORD_IDS_MAP[kind], None, pairs)
