"""Rename the prefixes of a graph, so that its names have the same meaning in another graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from provlog.model.graph import (
    Attributes,
    Element,
    ProvGraph,
    QualifiedRelation,
    Relation,
    Statements,
)
from provlog.model.values import QUALIFIED_NAME, Value

__all__ = ["free_prefix", "rename_prefixes"]


def free_prefix(prefix: str, namespaces: Mapping[str, str]) -> str:
    """Return an unused prefix, if possible the given one."""
    if prefix in namespaces:
        prefix = prefix or "ns"
    number, free = 1, prefix
    while free in namespaces:
        number += 1
        free = f"{prefix}{number}"
    return free


def rename_prefixes(
    graph: ProvGraph,
    renamed: Mapping[str, str],
    inner: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Replace prefixes in all names of a graph.

    Parameters
    ----------
    graph : ProvGraph
        The graph, which is changed.
    renamed : mapping
        New prefixes by old ones; an empty one stands for the default namespace.
    inner : mapping, optional
        The new prefixes for those that a bundle declares itself, by the bundle's id.
    """
    inner = inner or {}
    done = set[Element]()
    _Renaming(renamed, done).statements(graph)
    for bundle in graph.bundles.values():
        _Renaming({**renamed, **inner.get(bundle.id, {})}, done).statements(bundle)
    outer = _Renaming(renamed, done)
    for bundle in graph.bundles.values():
        bundle.id = outer.name(bundle.id)
    _rename_keys(graph.bundles)
    descriptions = graph.descriptions
    for described in {one: None for one, _ in descriptions.all()}:
        described.id = outer.name(described.id)
        described.attributes = outer.attributes(described.attributes)
    _rename_keys(descriptions.activities)
    _rename_keys(descriptions.entities)


class _Renaming:
    """Replaces prefixes in the names of statements."""

    def __init__(self, renamed: Mapping[str, str], done: set[Element]) -> None:
        self._renamed = renamed
        # Bundles may share their elements.
        self._done = done

    def name(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        if colon:
            return f"{self._renamed.get(prefix, prefix)}:{local}"
        return f"{self._renamed['']}:{name}" if "" in self._renamed else name

    def value(self, old: Value) -> Value:
        if isinstance(old, str):
            return old
        is_name = old.datatype == QUALIFIED_NAME
        text = self.name(old.text) if is_name else old.text
        return replace(old, text=text, datatype=self.name(old.datatype))

    def attributes(self, old: Attributes) -> Attributes:
        return {
            self.name(name): [*map(self.value, held)]
            if isinstance(held, list)
            else self.value(held)
            for name, held in old.items()
        }

    def relation(self, old: Relation) -> Relation:
        if isinstance(old, QualifiedRelation):
            return replace(
                old,
                type=old.type and self.name(old.type),
                id=old.id and self.name(old.id),
                arguments=tuple(
                    (name, self.name(held) if isinstance(held, str) else held)
                    for name, held in old.arguments
                ),
                attributes=tuple(
                    (self.name(name), self.value(held)) for name, held in old.attributes
                ),
            )
        return Relation(old.source, old.target, old.role, old.type and self.name(old.type))

    def statements(self, part: Statements) -> None:
        for elements in (part.entities, part.activities, part.agents):
            for element in elements.values():
                if element not in self._done:
                    self._done.add(element)
                    element.id = self.name(element.id)
                    element.attributes = self.attributes(element.attributes)
            _rename_keys(elements)
        for end in part.undeclared():
            if end not in self._done:
                self._done.add(end)
                end.id = self.name(end.id)
        for kind, relations in part.relations.items():
            part.relations[kind] = dict.fromkeys(map(self.relation, relations))


def _rename_keys(named: dict[str, Any]) -> None:
    """Set each key to the name of its element or bundle."""
    values = [*named.values()]
    named.clear()
    named.update((value.id, value) for value in values)
