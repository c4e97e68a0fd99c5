"""The relations of PROV-DM (W3C Recommendation of 30 April 2013), sections 5.1 to 5.6.

https://www.w3.org/TR/prov-dm/

The table :data:`RELATIONS` describes each kind of relation once; writers, readers, checks
and pictures derive from it. A revision, a quotation and a primary source are
derivations with a type (:data:`DERIVATIONS`), as in the Recommendation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec import Struct

from provlog.model.elements import ABSENT, Element
from provlog.model.identifiers import is_plain
from provlog.model.values import Literal, Value, is_qualified_name, qname

__all__ = [
    "DERIVATIONS",
    "RELATIONS",
    "TIME",
    "Formal",
    "QualifiedRelation",
    "Relation",
    "RelationKind",
    "drop_implied",
    "has_ends_alone",
    "relation_of",
]

TIME = "prov:time"
"""The formal attribute that holds the time of an instantaneous event."""


class Formal(NamedTuple):
    """A formal attribute of a relation.

    Parameters
    ----------
    name : str
        The qualified name, such as ``prov:entity``.
    refers_to : str
        The kind of its argument: an ``entity``, an ``activity``, an ``agent``, any
        ``element``, the identifier of a ``relation``, or a ``time``.
    """

    name: str
    refers_to: str


class RelationKind(NamedTuple):
    """A kind of relation.

    Parameters
    ----------
    name : str
        The name in PROV-N, PROV-JSON and PROV-XML.
    section : str
        The section of PROV-DM that defines it.
    term : str
        The class in PROV-O and in PROV-JSONLD, such as ``prov:Usage``.
    formals : tuple of Formal
        The formal attributes in the order of PROV-N: source, target, and others.
    required : int
        The number of arguments that PROV-N always writes. The others are optional, all
        together.
    is_described : bool
        Whether PROV-N allows an identifier and attributes.
    """

    name: str
    section: str
    term: str
    formals: tuple[Formal, ...]
    required: int = 2
    is_described: bool = True

    @property
    def source(self) -> Formal:
        """The formal attribute for the effect."""
        return self.formals[0]

    @property
    def target(self) -> Formal:
        """The formal attribute for the cause."""
        return self.formals[1]


def _formals(**refers_to: str) -> tuple[Formal, ...]:
    return tuple(Formal(f"prov:{name}", kind) for name, kind in refers_to.items())


RELATIONS: dict[str, RelationKind] = {
    kind.name: kind
    for kind in (
        RelationKind(
            "used", "5.1.4", "prov:Usage",
            _formals(activity="activity", entity="entity", time="time"), required=1,
        ),
        RelationKind(
            "wasGeneratedBy", "5.1.3", "prov:Generation",
            _formals(entity="entity", activity="activity", time="time"), required=1,
        ),
        RelationKind(
            "wasInvalidatedBy", "5.1.8", "prov:Invalidation",
            _formals(entity="entity", activity="activity", time="time"), required=1,
        ),
        RelationKind(
            "wasStartedBy", "5.1.6", "prov:Start",
            _formals(activity="activity", trigger="entity", starter="activity", time="time"),
            required=1,
        ),
        RelationKind(
            "wasEndedBy", "5.1.7", "prov:End",
            _formals(activity="activity", trigger="entity", ender="activity", time="time"),
            required=1,
        ),
        RelationKind(
            "wasInformedBy", "5.1.5", "prov:Communication",
            _formals(informed="activity", informant="activity"),
        ),
        RelationKind(
            "wasDerivedFrom", "5.2.1", "prov:Derivation",
            _formals(
                generatedEntity="entity", usedEntity="entity", activity="activity",
                generation="relation", usage="relation",
            ),
        ),
        RelationKind(
            "wasAttributedTo", "5.3.2", "prov:Attribution",
            _formals(entity="entity", agent="agent"),
        ),
        RelationKind(
            "wasAssociatedWith", "5.3.3", "prov:Association",
            _formals(activity="activity", agent="agent", plan="entity"), required=1,
        ),
        RelationKind(
            "actedOnBehalfOf", "5.3.4", "prov:Delegation",
            _formals(delegate="agent", responsible="agent", activity="activity"),
        ),
        RelationKind(
            "wasInfluencedBy", "5.3.5", "prov:Influence",
            _formals(influencee="element", influencer="element"),
        ),
        RelationKind(
            "specializationOf", "5.5.1", "prov:Specialization",
            _formals(specificEntity="entity", generalEntity="entity"), is_described=False,
        ),
        RelationKind(
            "alternateOf", "5.5.2", "prov:Alternate",
            _formals(alternate1="entity", alternate2="entity"), is_described=False,
        ),
        # From the Note PROV-Links (section 3) instead of the Recommendation.
        RelationKind(
            "mentionOf", "links, 3", "prov:Mention",
            _formals(specificEntity="entity", generalEntity="entity", bundle="entity"),
            required=3, is_described=False,
        ),
        RelationKind(
            "hadMember", "5.6.2", "prov:Membership",
            _formals(collection="entity", entity="entity"), is_described=False,
        ),
    )
}  # fmt: skip
"""All kinds of relation by name, in the order in which documents list them."""

DERIVATIONS: dict[str, tuple[str, str]] = {
    "wasRevisionOf": ("5.2.2", "prov:Revision"),
    "wasQuotedFrom": ("5.2.3", "prov:Quotation"),
    "hadPrimarySource": ("5.2.4", "prov:PrimarySource"),
}
"""Section and ``prov:type`` of the kinds of derivation, by their names in PROV-XML."""


class Relation(Struct, frozen=True, gc=False):
    """A statement between two elements, from effect to cause.

    Parameters
    ----------
    source, target : Element
        The two elements, in the order of :data:`RELATIONS`. Every format must be able to
        write their names unchanged, because writers do not check them.
    role : str, optional
        ``prov:role``: the role of the entity in the activity.
    type : str, optional
        ``prov:type`` as a qualified name.
    """

    source: Element
    target: Element
    role: str | None = None
    type: str | None = None

    def between(self, others: Mapping[Element, Element]) -> Relation:
        """Return the same statement with the keys of ``others`` replaced by their values."""
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
        """The role as text, without its datatype."""
        return self.role


class QualifiedRelation(Relation, frozen=True, gc=False):
    """A relation with more than a role and a type, such as those of other programs.

    An end may be :data:`~provlog.model.elements.ABSENT`, and its names may need escapes.

    Parameters
    ----------
    id : str, optional
        The qualified name.
    time : str, optional
        ``prov:time`` as ``xsd:dateTime`` text.
    arguments : tuple
        Name and argument of each other formal attribute. The argument is an element, or the
        id of a generation or usage.
    attributes : tuple
        Name and value of each attribute except the role and the type above.
    """

    id: str | None = None
    time: str | None = None
    arguments: tuple[tuple[str, Element | str], ...] = ()
    attributes: tuple[tuple[str, Value], ...] = ()

    def between(self, others: Mapping[Element, Element]) -> QualifiedRelation:
        """Return the same statement with the keys of ``others`` replaced by their values."""
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
        """Yield name and argument of each formal attribute present, in the order of PROV-N.

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
        """The first role as text, without its datatype."""
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
    """Return a relation between two elements: a plain one if it has room for everything.

    Parameters
    ----------
    source, target : Element
        The two ends; :data:`~provlog.model.elements.ABSENT` for one that is omitted.
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
        elif name == "prov:type" and type is None and is_qualified_name(value):
            type = value.text
        else:
            attributes.append((name, value))
    is_bare = id is None and time is None and not arguments and not attributes
    if is_bare and all(map(is_plain, (source.id, target.id, type or "prov:type"))):
        return Relation(source, target, role, type)
    return QualifiedRelation(source, target, role, type, id, time, arguments, tuple(attributes))


def has_ends_alone(relation: Relation) -> bool:
    """Return whether a relation states nothing besides its two ends.

    Examples
    --------
    >>> has_ends_alone(Relation("fit", "data")), has_ends_alone(Relation("fit", "data", "events"))
    (True, False)
    """
    return relation.role is None and relation.type is None and type(relation) is Relation


def drop_implied(relations: dict[Relation, None]) -> None:
    """Remove each relation without a role if the same elements have one with a role.

    Relations with a type, an identifier or attributes are kept.

    Examples
    --------
    >>> relations = dict.fromkeys([Relation("fit", "data"), Relation("fit", "data", "events")])
    >>> drop_implied(relations)
    >>> [relation.role for relation in relations]
    ['events']
    """
    plain = {(one.source, one.target): one for one in relations if has_ends_alone(one)}
    if plain:
        for one in [*relations]:
            implied = plain.get((one.source, one.target)) if one.role is not None else None
            if implied is not None:
                relations.pop(implied, None)
