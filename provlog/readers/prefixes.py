"""Declare the prefixes that a source uses without declaring them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from provlog.model.graph import (
    Bundle,
    ProvGraph,
    QualifiedRelation,
    Statements,
)
from provlog.model.namespaces import own_namespace
from provlog.model.values import QUALIFIED_NAME, Literal, Value

__all__ = ["declare_prefixes"]


def declare_prefixes(graph: ProvGraph) -> None:
    """Declare the prefixes in names of the graph that its source does not declare."""
    for part in (graph, *graph.bundles.values()):
        own = part.namespaces if isinstance(part, Bundle) else {}
        names = chain(_names(part), _described_names(graph) if part is graph else ())
        for prefix in {name.partition(":")[0] if ":" in name else "" for name in names}:
            if not {prefix} & {*graph.namespaces, *own, "prov", "xsd"}:
                graph.namespaces[prefix] = own_namespace(prefix or "undeclared")


def _names(part: Statements) -> Iterator[str]:
    for element in (*part.elements(), *part.undeclared()):
        yield element.id
        yield from _names_in(element.pairs())
    for relations in part.relations.values():
        for relation in relations:
            yield from _names_in(relation.pairs())
            if isinstance(relation, QualifiedRelation) and relation.id is not None:
                yield relation.id


def _described_names(graph: ProvGraph) -> Iterator[str]:
    for described, _ in graph.descriptions.all():
        yield described.id
        yield from described.attributes


def _names_in(pairs: Iterable[tuple[str, Value]]) -> Iterator[str]:
    for name, value in pairs:
        yield name
        if isinstance(value, Literal):
            yield value.text if value.datatype == QUALIFIED_NAME else value.datatype
