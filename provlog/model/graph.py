"""The provenance graph: PROV elements and relations, ready to be written.

Elements refer to each other as objects, not by name. The names are those of
W3C PROV-DM; the table :data:`RELATIONS` says once how each relation is spelled,
and all writers read it there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.descriptions import Descriptions
from provlog.model.namespaces import NAMESPACES
from provlog.model.values import Value, value_of

if TYPE_CHECKING:
    from prov.model import ProvDocument

__all__ = [
    "RELATIONS",
    "VIEWS",
    "Activity",
    "Agent",
    "Attributes",
    "Bundle",
    "Element",
    "Entity",
    "ProvGraph",
    "Relation",
    "Statements",
]

# What the status of an activity that went wrong speaks of.
_FAILURE = re.compile("fail|error|abort|exception|interrupt|kill|timeout", re.IGNORECASE)

VIEWS: dict[str, Callable[[Any], Any]] = {}
"""Functions that show a graph in another form; :mod:`provlog.api` fills the table."""

Attributes = dict[str, "Value | list[Value]"]
"""Attribute values by qualified name; a list where there is more than one."""

RELATIONS: dict[str, tuple[str, str]] = {
    "used": ("prov:activity", "prov:entity"),
    "wasGeneratedBy": ("prov:entity", "prov:activity"),
    "wasDerivedFrom": ("prov:generatedEntity", "prov:usedEntity"),
    "wasAssociatedWith": ("prov:activity", "prov:agent"),
    "wasInfluencedBy": ("prov:influencee", "prov:influencer"),
    "hadMember": ("prov:collection", "prov:entity"),
    "specializationOf": ("prov:specificEntity", "prov:generalEntity"),
}
"""Kinds of relation with the formal attributes that hold source and target (PROV-DM, section 5)."""


class Element(Struct, eq=False, gc=False):
    """What PROV calls an element: an entity, an activity or an agent.

    Parameters
    ----------
    id : str
        Its qualified name in the document.
    attributes : dict
        Values by qualified attribute name.
    """

    id: str
    attributes: Attributes

    def values(self, name: str) -> list[Any]:
        """Return the Python values of one attribute, in the order of the log.

        Examples
        --------
        >>> Element("log:e", {"prov:label": "DataStore"}).values("prov:label")
        ['DataStore']
        """
        held = self.attributes.get(name, [])
        return [value_of(value) for value in (held if isinstance(held, list) else [held])]

    @property
    def label(self) -> str:
        """The first ``prov:label``, or the id."""
        return next((str(value) for value in self.values("prov:label")), self.id)

    @property
    def name(self) -> str:
        """The first ``prov:label``, or the id as the log has it."""
        names = (*self.values("prov:label"), *self.values("dcterms:identifier"), self.id)
        return str(names[0])


class Activity(Element, eq=False, gc=False):
    """An activity; a session is one too.

    Parameters
    ----------
    start, end : str, optional
        ``xsd:dateTime`` text as the log has it, with or without a zone.
    session : Activity, optional
        The session that it is part of.
    """

    start: str | None = None
    end: str | None = None
    session: Activity | None = None

    @property
    def failure(self) -> str | None:
        """What its status says of a failure, and the exception; ``None`` if it says of none.

        Examples
        --------
        >>> attributes = {"log:status": ["failed"], "log:exception": ["ValueError"]}
        >>> Activity("log:a1", attributes).failure, Activity("log:a2", {}).failure
        ('failed: ValueError', None)
        """
        told = [str(status) for status in self.values("log:status")]
        if not any(map(_FAILURE.search, told)):
            return None
        exceptions = ", ".join(map(str, self.values("log:exception")))
        return ": ".join(filter(None, [", ".join(told), exceptions]))


class Entity(Element, eq=False, gc=False):
    """An entity.

    Parameters
    ----------
    session : Activity, optional
        The session in which it was first spoken of.
    """

    session: Activity | None = None


class Agent(Element, eq=False, gc=False):
    """An agent."""


class Relation(Struct, frozen=True, gc=False):
    """A statement between two elements, from effect to cause.

    Parameters
    ----------
    source, target : Element
        The two elements, in the order of :data:`RELATIONS`.
    role : str, optional
        ``prov:role``: what the entity was to the activity.
    type : str, optional
        ``prov:type`` as a qualified name.
    """

    source: Element
    target: Element
    role: str | None = None
    type: str | None = None

    def between(self, others: Mapping[Element, Element]) -> Relation:
        """Return the same statement with each element replaced that is a key of ``others``."""
        return Relation(
            others.get(self.source, self.source),
            others.get(self.target, self.target),
            self.role,
            self.type,
        )


class Statements(Struct, eq=False):
    """Elements by id, and relations by kind; each relation is there once.

    Parameters
    ----------
    entities, activities, agents : dict
        Elements by their qualified name, in the order of the log.
    relations : dict
        For each kind of :data:`RELATIONS` its relations, as the keys of a dict.
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


class Bundle(Statements, eq=False):
    """The statements of one session, as a named set.

    Parameters
    ----------
    id : str
        The bundle's qualified name.
    """

    id: str = ""


class ProvGraph(Statements, eq=False):
    """All provenance of one or several logs.

    Parameters
    ----------
    sessions : dict
        The sessions among the activities, by the id that the log gives them.
    bundles : dict
        Bundles by qualified name; empty unless asked for.
    namespaces : dict
        IRIs by prefix, without ``prov`` and ``xsd``.
    descriptions : Descriptions
        What activities, entities, roles and parameters mean (IVOA Provenance Data Model).
    diagnostics : list
        What was odd in the logs.
    """

    sessions: dict[str, Activity] = field(default_factory=dict)
    bundles: dict[str, Bundle] = field(default_factory=dict)
    namespaces: dict[str, str] = field(default_factory=lambda: dict(NAMESPACES))
    descriptions: Descriptions = field(default_factory=Descriptions)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def __repr__(self) -> str:
        """Return how much there is.

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
            Equal to what ``prov.read`` makes of any document written from this graph.
        """
        document: ProvDocument = VIEWS["to_prov"](self)
        return document

    def _repr_svg_(self) -> str | None:
        """Return the picture that a notebook shows; ``None`` if there is none."""
        picture: str | None = VIEWS["svg"](self)
        return picture
