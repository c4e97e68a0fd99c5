"""The provenance graph: PROV elements and relations, ready to be written.

Elements refer to each other as objects, not by name. The names are those of
W3C PROV-DM; :mod:`provlog.model.relations` describes the kinds of relation.
"""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.descriptions import Descriptions
from provlog.model.elements import (
    ABSENT,
    Activity,
    Agent,
    Attributes,
    Element,
    Entity,
    gathered,
)
from provlog.model.namespaces import NAMESPACES
from provlog.model.relations import RELATIONS, QualifiedRelation, Relation, relation_of

if TYPE_CHECKING:
    from prov.model import ProvDocument

__all__ = [
    "ABSENT",
    "VIEWS",
    "Activity",
    "Agent",
    "Attributes",
    "Bundle",
    "Element",
    "Entity",
    "ProvGraph",
    "QualifiedRelation",
    "Relation",
    "SecondHand",
    "Statements",
    "gathered",
    "relation_of",
]


VIEWS: dict[str, Callable[[Any], Any]] = {}
"""Functions that convert a graph to another form; :mod:`provlog.api` registers them."""


def _view(name: str) -> Callable[[Any], Any]:
    if name not in VIEWS:
        importlib.import_module("provlog.api")
    return VIEWS[name]


class Statements(Struct, eq=False):
    """Elements by id and relations by kind, without duplicates.

    Parameters
    ----------
    entities, activities, agents : dict
        Elements by their qualified name, in the order of the log.
    relations : dict
        For each kind of :data:`~provlog.model.relations.RELATIONS` its relations, as the
        keys of a dict. Their ends need not be among the elements, because documents may
        refer to elements that they do not declare.
    """

    entities: dict[str, Entity] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    relations: dict[str, dict[Relation, None]] = field(
        default_factory=lambda: {kind: {} for kind in RELATIONS}
    )

    def elements(self) -> Iterator[Element]:
        """Yield all entities, activities and agents."""
        yield from self.entities.values()
        yield from self.activities.values()
        yield from self.agents.values()

    def declare(self, element: Element) -> None:
        """Add an element to the entities, activities or agents."""
        if isinstance(element, Entity):
            self.entities[element.id] = element
        elif isinstance(element, Activity):
            self.activities[element.id] = element
        elif isinstance(element, Agent):
            self.agents[element.id] = element

    def undeclared(self) -> Iterator[Element]:
        """Yield the elements that relations refer to without a declaration."""
        known = {ABSENT, *self.elements()}
        for relations in self.relations.values():
            for relation in relations:
                for end in _ends(relation):
                    if end not in known:
                        known.add(end)
                        yield end


def _ends(relation: Relation) -> Iterator[Element]:
    yield relation.source
    yield relation.target
    if isinstance(relation, QualifiedRelation):
        yield from (held for _, held in relation.arguments if isinstance(held, Element))


class Bundle(Statements, eq=False):
    """A named set of statements, such as those of one session.

    Parameters
    ----------
    id : str
        The bundle's qualified name.
    namespaces : dict
        IRIs by prefix that are valid only in the bundle, where they override the graph's.
    """

    id: str = ""
    namespaces: dict[str, str] = field(default_factory=dict)


class SecondHand(Struct, eq=False):
    """What entities state of the activities that generated them.

    It holds as far as no source records these activities themselves.

    Parameters
    ----------
    activities : set of Activity
        The activities that only entities describe.
    generations : dict
        Entity and activity of each generation that only the entity states, as keys.
    """

    activities: set[Element] = field(default_factory=set)
    generations: dict[tuple[Element, Element], None] = field(default_factory=dict)

    def replace(self, same: Mapping[Element, Element]) -> None:
        """Replace entities that became one with others."""
        if same:
            pairs = ((same.get(entity, entity), made_by) for entity, made_by in self.generations)
            self.generations = dict.fromkeys(pairs)


class ProvGraph(Statements, eq=False):
    """The provenance of one or several sources.

    Parameters
    ----------
    sessions : dict
        The sessions among the activities, by their id in the log.
    bundles : dict
        Bundles by qualified name.
    namespaces : dict
        IRIs by prefix, without ``prov`` and ``xsd``; the default namespace has the prefix ``""``.
    descriptions : Descriptions
        The descriptions of activities, entities, roles and parameters (IVOA Provenance Data Model).
    diagnostics : list
        The problems found in the sources.
    second_hand : SecondHand
        The statements that give way to those of another source.
    """

    sessions: dict[str, Activity] = field(default_factory=dict)
    bundles: dict[str, Bundle] = field(default_factory=dict)
    namespaces: dict[str, str] = field(default_factory=lambda: dict(NAMESPACES))
    descriptions: Descriptions = field(default_factory=Descriptions)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    second_hand: SecondHand = field(default_factory=SecondHand)

    def __repr__(self) -> str:
        """Return the number of sessions, elements and relations as text.

        Examples
        --------
        >>> ProvGraph()
        <ProvGraph: 0 sessions, 0 activities, 0 entities, 0 agents, 0 relations>
        """
        counts = {
            "sessions": len(self.sessions),
            "activities": len(self.activities) - len(self.sessions),
            "entities": len(self.entities),
            "agents": len(self.agents),
            "relations": sum(map(len, self.relations.values())),
        }
        return f"<ProvGraph: {', '.join(f'{count} {name}' for name, count in counts.items())}>"

    def agent_names(self) -> dict[Element, list[str]]:
        """Return the labels of the agents of each activity that has any."""
        names: defaultdict[Element, list[str]] = defaultdict(list)
        for relation in self.relations["wasAssociatedWith"]:
            names[relation.source].append(relation.target.label)
        return dict(names)

    def to_prov(self) -> ProvDocument:
        """Return the graph as a document of the ``prov`` library.

        Returns
        -------
        prov.model.ProvDocument
            Equal to the result of ``prov.read`` for any document written from this graph.
        """
        document: ProvDocument = _view("to_prov")(self)
        return document

    @staticmethod
    def from_prov(document: ProvDocument) -> ProvGraph:
        """Return the graph of a document of the ``prov`` library, the inverse of :meth:`to_prov`.

        Parameters
        ----------
        document : prov.model.ProvDocument
            Any document; its bundles, namespaces and identifiers are kept.

        Returns
        -------
        ProvGraph
            A graph whose :meth:`to_prov` returns an equal document.
        """
        graph: ProvGraph = _view("from_prov")(document)
        return graph

    def _repr_html_(self) -> str | None:
        """Return the explorer for a notebook, ``None`` if the picture must do."""
        frame: str | None = _view("html")(self)
        return frame

    def _repr_svg_(self) -> str | None:
        """Return the picture for a notebook, ``None`` if it cannot be drawn."""
        picture: str | None = _view("svg")(self)
        return picture
