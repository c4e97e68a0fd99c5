"""The rows of a graph's statements: its elements, relations and parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, NamedTuple

from provlog.building.positions import Positions
from provlog.graphs.bundles import without_bundles
from provlog.graphs.tables.rows import agent_type
from provlog.graphs.typed_entities import descriptions_in, type_names
from provlog.model.configuration import parameter_name
from provlog.model.descriptions import Descriptions, entity_class
from provlog.model.graph import (
    ABSENT,
    Activity,
    Bundle,
    Element,
    Entity,
    ProvGraph,
    QualifiedRelation,
    Relation,
    Statements,
)
from provlog.model.tables import role_cell
from provlog.model.values import Value, held_text
from provlog.origin import Origin
from provlog.store.database.cells import (
    COLUMNS,
    attributes_cell,
    content_digest,
    file_name,
    json_cell,
    microseconds,
    storable,
)
from provlog.store.database.schema import ACTIVITY, AGENT, ENTITY, KINDS

__all__ = [
    "ELEMENT_COLUMNS",
    "LINK_COLUMNS",
    "PARAMETER_COLUMNS",
    "ElementRow",
    "GraphRows",
    "quantity",
]

ELEMENT_COLUMNS = (
    "key", "id", "kind", "digest", "bundle", "session", "session_name", "description",
    "class_name", "name", "location", "local_id", "entity_value", "file_name", "start_time",
    "end_time", "start_instant", "end_instant", "attributes",
)  # fmt: skip
LINK_COLUMNS = (
    "log", "n", "kind", "source", "target", "is_followed", "line", "bundle", "flow", "flow_type",
    "role", "type", "time", "extra",
)  # fmt: skip
PARAMETER_COLUMNS = (
    "element", "n", "name", "id_end", "value", "number", "unit", "description"
)  # fmt: skip

_NOWHERE = Origin("", 0, 0)
_SECOND_HAND = "second-hand"
_PARAMETER = "param:"
_SPECIAL = ("ValueEntity", "DatasetEntity", "Parameter", "ConfigFile", "Collection")
_LONGEST_QUANTITY = 100
_QUANTITY = re.compile(
    r"(?:<Quantity )?([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?: ?(\D.*?))?>?"
)


class ElementRow(NamedTuple):
    """The statements of a log about an element.

    Parameters
    ----------
    id, kind, digest : int
        The identifier, the kind, and the digest of all statements.
    cells : tuple
        The columns from ``bundle`` on.
    line : int
        The line of its first record.
    parameters : list of tuple
        The parameters of an activity, without the columns ``element`` and ``n``.
    """

    id: int
    kind: int
    digest: int
    cells: tuple[Any, ...]
    line: int
    parameters: list[tuple[Any, ...]]


class GraphRows:
    """The rows of a graph.

    Parameters
    ----------
    graph : ProvGraph
        The graph, with the prefixes of the store.
    positions : Positions
        The line of each statement.
    """

    def __init__(self, graph: ProvGraph, positions: Positions) -> None:
        self._graph = graph
        self._positions = positions
        self._parts: list[Statements] = [graph, *graph.bundles.values()]
        # The sessions by id in the log, and the session of each element, also those in bundles.
        flat = without_bundles(graph)
        self._sessions = {session.id for session in flat.sessions.values()}
        self._raw_sessions: dict[Element, str] = {
            session: raw for raw, session in graph.sessions.items()
        }
        self._session_of: dict[Element, Activity] = {}
        for bundle in graph.bundles.values():
            for raw, session in flat.sessions.items():
                if session.id in bundle.activities:
                    self._raw_sessions[bundle.activities[session.id]] = raw
            for element in bundle.elements():
                known = (
                    flat.activities.get(element.id)
                    if isinstance(element, Activity)
                    else flat.entities.get(element.id)
                )
                if known is not None and known.session is not None:
                    self._session_of[element] = known.session

    def names(self) -> set[str]:
        """Return all identifiers in the graph."""
        names = {*self._graph.bundles}
        descriptions = self._graph.descriptions
        for part in self._parts:
            names.update(part.entities, part.activities, part.agents)
            for relations in part.relations.values():
                for relation in relations:
                    names.add(relation.source.id)
                    names.add(relation.target.id)
        for element in self._elements():
            session = self._session(element)
            if session is not None:
                names.add(session.id)
        for activity in descriptions.activities.values():
            names.update(flow.id for flow in (*activity.usages, *activity.generations))
        names.discard(ABSENT.id)
        return names

    def _elements(self) -> Iterator[Element]:
        for part in self._parts:
            yield from part.elements()

    def _session(self, element: Element) -> Activity | None:
        own: Activity | None = getattr(element, "session", None)
        return own or self._session_of.get(element)

    def elements(
        self, keys: Mapping[str, int], described: Mapping[str, int]
    ) -> Iterator[ElementRow]:
        """Yield the rows of all elements, in the order of the log.

        Parameters
        ----------
        keys : mapping
            The integers of identifiers.
        described : mapping
            The integers of descriptions, by their ids.
        """
        for part in self._parts:
            bundle = keys[part.id] if isinstance(part, Bundle) else None
            descriptions = descriptions_in(part, self._graph.descriptions)
            collections = {relation.source for relation in part.relations["hadMember"]}
            for entity in part.entities.values():
                class_name = self._class(entity, descriptions, entity in collections)
                yield self._row(ENTITY, entity, keys, described, bundle, class_name)
            for activity in part.activities.values():
                yield self._row(ACTIVITY, activity, keys, described, bundle, None)
            for agent in part.agents.values():
                yield self._row(AGENT, agent, keys, described, bundle, agent_type(agent) or None)

    def _class(self, entity: Entity, descriptions: Descriptions, is_collection: bool) -> str | None:
        """Return the class of an entity in the model; ``None`` for Entity itself."""
        found = entity_class(descriptions.described.get(entity))
        types = entity.attributes.get("prov:type")
        if found is None and types is not None and not isinstance(types, str):
            local = {name.partition(":")[2] for name in type_names(types)}
            found = next((name for name in _SPECIAL if name in local), None)
        return found or ("Collection" if is_collection else None)

    def _row(
        self,
        kind: int,
        element: Element,
        keys: Mapping[str, int],
        described: Mapping[str, int],
        bundle: int | None,
        class_name: str | None,
    ) -> ElementRow:
        held = element.attributes
        session = self._session(element)
        session_key = keys[session.id] if session is not None else None
        description = self._graph.descriptions.described.get(element)
        start, end = _times(element)
        raw = self._raw_sessions.get(element)
        cells = (
            storable(raw) if raw is not None else None,
            described[description.id] if description is not None else None,
            class_name,
            *(storable(held_text(held.get(name))) or None for name in COLUMNS),
            file_name(element) if kind == ENTITY else None,
            start,
            end,
            microseconds(start or end) if kind == ACTIVITY else None,
            microseconds(end or start) if kind == ACTIVITY else None,
            attributes_cell(held),
        )
        # Many sessions may use one entity; an activity is in one session.
        content = (bundle, session_key if kind == ACTIVITY else None, cells)
        # A statement that gives way to others has a row of its own.
        is_second_hand = element in self._graph.second_hand.activities
        digest = content_digest((*content, _SECOND_HAND) if is_second_hand else content)
        cells = (bundle, session_key, *cells)
        origin = self._positions.elements.get(element, _NOWHERE)
        parameters = [*self._parameters(element)] if isinstance(element, Activity) else []
        return ElementRow(keys[element.id], kind, digest, cells, origin.line, parameters)

    def _parameters(self, activity: Activity) -> Iterator[tuple[Any, ...]]:
        for name, held in activity.attributes.items():
            if not name.startswith(_PARAMETER):
                continue
            described = self._graph.descriptions.of_parameter(activity, name)
            label = storable(described.name if described is not None else name[len(_PARAMETER) :])
            end = parameter_name(name)
            for count, value in enumerate(held if isinstance(held, list) else (held,), 1):
                number, unit = quantity(value)
                if number is not None and unit is None and described is not None:
                    unit = described.unit or None
                text = storable(value if isinstance(value, str) else value.text)
                id = described.id if described is not None else None
                yield label, end if count == 1 else f"{end}-{count}", text, number, unit, id

    def links(self, log: int, keys: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of all relations of a log, in the order of the kinds and the log."""
        n = 0
        graph, lines = self._graph, self._positions.relations
        stated = self._positions.elements
        for part in self._parts:
            bundle = keys[part.id] if isinstance(part, Bundle) else None
            for kind, relations in part.relations.items():
                known = lines.get(kind, {})
                for relation in relations:
                    n += 1
                    flow = graph.descriptions.of_relation(kind, relation) if _flows(kind) else None
                    yield (
                        log,
                        n,
                        KINDS[kind],
                        None if relation.source is ABSENT else keys[relation.source.id],
                        None if relation.target is ABSENT else keys[relation.target.id],
                        self._is_followed(kind, relation),
                        (known.get(relation) or stated.get(relation.source, _NOWHERE)).line,
                        bundle,
                        keys[flow.id] if flow is not None else None,
                        (flow.type or None) if flow is not None else None,
                        _role(kind, relation),
                        relation.type,
                        getattr(relation, "time", None),
                        _extra(relation) if isinstance(relation, QualifiedRelation) else None,
                    )

    def _is_followed(self, kind: str, relation: Relation) -> bool:
        """Return whether a lineage follows a relation; those to parts of activities are skipped."""
        return kind != "wasInfluencedBy" or relation.target.id in self._sessions


def _role(kind: str, relation: Relation) -> str | None:
    """Return the role of a relation; for an attribution, it is in another attribute."""
    role = role_cell(kind, relation) or relation.role
    return None if role is None else storable(role)


def _flows(kind: str) -> bool:
    return kind in {"used", "wasGeneratedBy"}


def _times(element: Element) -> tuple[str | None, str | None]:
    """Return the start and end of an activity, or the generation and invalidation of an entity."""
    if isinstance(element, Activity):
        return element.start, element.end
    held = element.attributes
    start, end = map(held.get, ("voprov:generatedAtTime", "voprov:invalidatedAtTime"))
    return (storable(held_text(start)) or None, storable(held_text(end)) or None)


def _extra(relation: QualifiedRelation) -> str:
    """Return the parts of a relation that have no column as JSON."""
    arguments = [
        (name, held, None) if isinstance(held, str) else (name, held.id, type(held).__name__)
        for name, held in relation.arguments
    ]
    held = {
        "id": relation.id, "role": relation.role, "arguments": arguments,
        "attributes": relation.attributes,
    }  # fmt: skip
    return json_cell(held)


def quantity(value: Value) -> tuple[float | None, str | None]:
    """Return the number and the unit in a value.

    Examples
    --------
    >>> quantity("1.5 TeV"), quantity("<Quantity 7. deg>"), quantity("stacked")
    ((1.5, 'TeV'), (7.0, 'deg'), (None, None))
    """
    text = value if isinstance(value, str) else value.text
    found = _QUANTITY.fullmatch(text) if len(text) < _LONGEST_QUANTITY else None
    if found is None:
        return None, None
    number = float(found[1])
    return (number, found[2]) if isfinite(number) else (None, None)
