"""Link entities with different ids in two sources, such as a file of a job and of its log.

Two entities are the same if they share a digest, a path or URL, or an id, in this order of
preference; or else if they share a file name that is unique in both sources, because a job
finds its results by name. Without a common digest, the digests must not contradict each other.
Of a file that was uploaded, a job document has neither digest nor name; then the role decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from provlog.model.digests import algorithm_of, digests
from provlog.model.graph import Element, Entity, ProvGraph, Relation, Statements
from provlog.urls import is_url

__all__ = ["LINKS", "Pair", "derive", "pairs"]

LINKS = ("derivation", "specialization", "same")
"""The ways to link two entities that represent the same thing."""


class Pair(NamedTuple):
    """An inner entity of an activity and the outer entity for the same thing.

    Parameters
    ----------
    inner, outer : Entity
        The two entities.
    is_output : bool
        Whether the activity generated the outer entity; otherwise it used it.
    """

    inner: Entity
    outer: Entity
    is_output: bool


Flow = tuple[Entity, "str | None"]
"""An input or output of an activity, and its role."""


def pairs(inner: Statements, used: Iterable[Flow], generated: Iterable[Flow]) -> Iterator[Pair]:
    """Yield each inner entity that is also an input or output of the activity.

    Parameters
    ----------
    inner : Statements
        The inner provenance.
    used, generated : iterable of tuple
        The inputs and outputs of the activity, with their roles.
    """
    inputs, outputs = _Index(used), _Index(generated)
    names = Counter(name for entity in inner.entities.values() for name in _names(entity))
    made = {relation.source for relation in inner.relations["wasGeneratedBy"]}
    roles = _Roles(
        (item.target, item.role) for item in inner.relations["used"] if item.target not in made
    )
    for entity in inner.entities.values():
        sides = [(outputs, True), (inputs, False)]
        for index, is_output in sides if entity in made else reversed(sides):
            outer = index.same_as(entity) or index.named_as(entity, names)
            if outer is None and not is_output:
                outer = index.in_role_of(entity, roles)
            if outer is not None:
                if outer is not entity and outer.id != entity.id:
                    yield Pair(entity, outer, is_output)
                break


def derive(graph: ProvGraph, pair: Pair) -> None:
    """State that the inner entity is derived from the outer input, or the outer output from it."""
    inner, outer, is_output = pair
    relation = Relation(outer, inner) if is_output else Relation(inner, outer)
    graph.relations["wasDerivedFrom"][relation] = None


class _Roles(defaultdict[str, set[Element]]):
    """Files by their roles."""

    def __init__(self, flows: Iterable[tuple[Element, str | None]]) -> None:
        super().__init__(set)
        for entity, role in flows:
            if role is not None and "File" in entity.values("prov:type"):
                self[role].add(entity)


class _Index:
    """An index of entities by their keys, names and roles."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self._by_key: dict[tuple[str, str], Entity] = {}
        self._by_name: dict[str, set[Entity]] = {}
        flows = [*flows]
        self._by_role = _Roles(flows)
        for entity, _ in flows:
            for key in _keys(entity):
                self._by_key.setdefault(key, entity)
            for name in _names(entity):
                self._by_name.setdefault(name, set()).add(entity)

    def same_as(self, entity: Entity) -> Entity | None:
        for key in _keys(entity):
            found = self._by_key.get(key)
            if found is not None and (key[0] == "digest" or not _contradict(found, entity)):
                return found
        return None

    def named_as(self, entity: Entity, names: Counter[str]) -> Entity | None:
        """Return the entity with the same file name if the name is unique in both sources."""
        for name in _names(entity):
            found = self._by_name.get(name, set())
            if names[name] == len(found) == 1:
                [other] = found
                return None if _contradict(other, entity) else other
        return None

    def in_role_of(self, entity: Entity, roles: _Roles) -> Entity | None:
        """Return the file in the same role if it is the only one, and otherwise unknown."""
        for role, found in self._by_role.items():
            if len(found) == 1 and roles.get(role) == {entity}:
                [other] = found
                is_known = _names(other) or digests(other)
                return None if is_known or not isinstance(other, Entity) else other
        return None


def _names(entity: Element) -> set[str]:
    """Return the file names of an entity."""
    if "File" not in entity.values("prov:type"):
        return set()
    places = [str(place) for place in entity.values("prov:location")]
    from pathlib import PurePosixPath

    names = [PurePosixPath(place).name for place in places if not is_url(place)]
    return {*names, *map(str, entity.values("prov:label"))}


def _keys(entity: Entity) -> list[tuple[str, str]]:
    """Return the keys that identify an entity, the most reliable first."""
    places = [str(place) for place in entity.values("prov:location")]
    ids = [str(raw) for raw in entity.values("dcterms:identifier")]
    return [
        *(("digest", digest) for digest in sorted(digests(entity))),
        # A file name without a folder does not identify a file.
        *(("path", place) for place in places if "/" in place or "\\" in place),
        *(("id", raw) for raw in ids if algorithm_of(raw) is None),
    ]


def _contradict(one: Entity, other: Entity) -> bool:
    """Return whether two entities have different digests by the same algorithm."""
    known = {algorithm_of(digest): digest for digest in digests(one)}
    return any(known.get(algorithm_of(digest), digest) != digest for digest in digests(other))
