"""The provenance graph: PROV elements and relations, ready to be written.

Elements refer to each other as objects, not by name. The names are those of
W3C PROV-DM; :mod:`provlog.model.relations` describes the kinds of relation.
"""

from __future__ import annotations

import importlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

from msgspec import Struct, field

from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.descriptions import Descriptions
from provlog.model.identifiers import is_plain
from provlog.model.namespaces import NAMESPACES
from provlog.model.relations import RELATIONS, TIME, RelationKind
from provlog.model.values import QUALIFIED_NAME, Literal, Value, qname, value_of

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
    "Statements",
    "gathered",
    "relation_of",
]

# What the status of an activity that went wrong speaks of.
_FAILURE = re.compile("fail|error|abort|exception|interrupt|kill|timeout", re.IGNORECASE)

VIEWS: dict[str, Callable[[Any], Any]] = {}
"""Functions that convert a graph to another form; :mod:`provlog.api` fills the table."""


def _view(name: str) -> Callable[[Any], Any]:
    if name not in VIEWS:
        importlib.import_module("provlog.api")
    return VIEWS[name]


Attributes = dict[str, "Value | list[Value]"]
"""Attribute values by qualified name; a list where there is more than one."""


def gathered(pairs: Iterable[tuple[str, Value]]) -> Attributes:
    """Return name-value pairs as attributes.

    Examples
    --------
    >>> gathered([("ex:a", "1"), ("ex:b", "2"), ("ex:a", "3")])
    {'ex:a': ['1', '3'], 'ex:b': '2'}
    """
    attributes: Attributes = {}
    for name, value in pairs:
        held = attributes.setdefault(name, value)
        if isinstance(held, list):
            held.append(value)
        elif held is not value:
            attributes[name] = [held, value]
    return attributes


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

    def pairs(self) -> Iterator[tuple[str, Value]]:
        """Yield the attributes as name-value pairs."""
        for name, held in self.attributes.items():
            for value in held if isinstance(held, list) else [held]:
                yield name, value


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


ABSENT = Element("-", {})
"""The end of a relation that a document leaves out, as in ``wasStartedBy(a, -, -)``."""


class Relation(Struct, frozen=True, gc=False):
    """A statement between two elements, from effect to cause.

    Parameters
    ----------
    source, target : Element
        The two elements, in the order of :data:`~provlog.model.relations.RELATIONS`, with
        names that every format writes as they are: writers take them without a look.
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

    def pairs(self) -> Iterator[tuple[str, Value]]:
        """Yield the attributes, role and type among them, as name-value pairs."""
        if self.role is not None:
            yield "prov:role", self.role
        if self.type is not None:
            yield "prov:type", qname(self.type)

    @property
    def role_text(self) -> str | None:
        """The role as text, whatever its datatype."""
        return self.role


class QualifiedRelation(Relation, frozen=True, gc=False):
    """A relation of which more is stated than a role and a type, as documents of others do.

    An end may be :data:`ABSENT`, and names may be such as a format has to escape.

    Parameters
    ----------
    id : str, optional
        Its qualified name.
    time : str, optional
        ``prov:time`` as ``xsd:dateTime`` text.
    arguments : tuple
        Name and argument of each other formal attribute: an element, or the id of a
        generation or usage.
    attributes : tuple
        Name and value of each attribute that is not the role or the type above.
    """

    id: str | None = None
    time: str | None = None
    arguments: tuple[tuple[str, Element | str], ...] = ()
    attributes: tuple[tuple[str, Value], ...] = ()

    def between(self, others: Mapping[Element, Element]) -> QualifiedRelation:
        """Return the same statement with each element replaced that is a key of ``others``."""
        return QualifiedRelation(
            others.get(self.source, self.source),
            others.get(self.target, self.target),
            self.role,
            self.type,
            self.id,
            self.time,
            tuple(
                (name, held if isinstance(held, str) else others.get(held, held))
                for name, held in self.arguments
            ),
            self.attributes,
        )

    def pairs(self) -> Iterator[tuple[str, Value]]:
        """Yield the attributes, role and type among them, as name-value pairs."""
        yield from Relation.pairs(self)
        yield from self.attributes

    def formals(self, kind: RelationKind) -> Iterator[tuple[str, Element | str]]:
        """Yield name and argument of each formal attribute that is there, in the order of PROV-N.

        The time and the ids of relations are text.
        """
        arguments = dict(self.arguments)
        ends = self.source, self.target
        for number, formal in enumerate(kind.formals):
            if number < 2:
                held: Element | str | None = ends[number]
            else:
                held = self.time if formal.name == TIME else arguments.get(formal.name)
            if held is not None and held is not ABSENT:
                yield formal.name, held

    @property
    def role_text(self) -> str | None:
        """The first role as text, whatever its datatype."""
        roles = (value for name, value in self.pairs() if name == "prov:role")
        role = next(roles, None)
        return role.text if isinstance(role, Literal) else role


def relation_of(
    source: Element,
    target: Element,
    pairs: Iterable[tuple[str, Value]] = (),
    *,
    id: str | None = None,
    time: str | None = None,
    arguments: tuple[tuple[str, Element | str], ...] = (),
) -> Relation:
    """Return what is stated of two elements as a plain relation if it fits in one.

    Parameters
    ----------
    source, target : Element
        The two ends; :data:`ABSENT` for one that is left out.
    pairs : iterable of tuple
        Name and value of each attribute.
    id, time, arguments
        As in :class:`QualifiedRelation`.
    """
    role = type = None
    attributes = []
    for name, value in pairs:
        if name == "prov:role" and role is None and isinstance(value, str):
            role = value
        elif name == "prov:type" and type is None and _names(value):
            type = value.text
        else:
            attributes.append((name, value))
    is_bare = id is None and time is None and not arguments and not attributes
    if is_bare and all(map(is_plain, (source.id, target.id, type or "prov:type"))):
        return Relation(source, target, role, type)
    return QualifiedRelation(source, target, role, type, id, time, arguments, tuple(attributes))


def _names(value: Value) -> TypeGuard[Literal]:
    return isinstance(value, Literal) and value.datatype == QUALIFIED_NAME


class Statements(Struct, eq=False):
    """Elements by id, and relations by kind; each relation is there once.

    Parameters
    ----------
    entities, activities, agents : dict
        Elements by their qualified name, in the order of the log.
    relations : dict
        For each kind of :data:`~provlog.model.relations.RELATIONS` its relations, as the
        keys of a dict. Their ends need not be among the elements: documents may refer to
        what they do not declare.
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

    def undeclared(self) -> Iterator[Element]:
        """Yield the elements that relations refer to and nothing declares."""
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
        IRIs by prefix that hold in the bundle only; they come before the graph's.
    """

    id: str = ""
    namespaces: dict[str, str] = field(default_factory=dict)


class ProvGraph(Statements, eq=False):
    """All provenance of one or several logs.

    Parameters
    ----------
    sessions : dict
        The sessions among the activities, by the id that the log gives them.
    bundles : dict
        Bundles by qualified name; empty unless asked for.
    namespaces : dict
        IRIs by prefix, without ``prov`` and ``xsd``; the default namespace has the prefix ``""``.
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
        document: ProvDocument = _view("to_prov")(self)
        return document

    @staticmethod
    def from_prov(document: ProvDocument) -> ProvGraph:
        """Return the graph of a document of the ``prov`` library, the inverse of :meth:`to_prov`.

        Parameters
        ----------
        document : prov.model.ProvDocument
            Any document, with bundles, namespaces and identifiers of its own.

        Returns
        -------
        ProvGraph
            Its :meth:`to_prov` equals the document.
        """
        graph: ProvGraph = _view("from_prov")(document)
        return graph

    def _repr_svg_(self) -> str | None:
        """Return the picture that a notebook shows; ``None`` if there is none."""
        picture: str | None = _view("svg")(self)
        return picture
