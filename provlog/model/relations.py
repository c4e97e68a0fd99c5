"""The relations of PROV-DM (W3C Recommendation of 30 April 2013), sections 5.1 to 5.6.

https://www.w3.org/TR/prov-dm/

The table :data:`RELATIONS` describes each relation once; writers, readers, checks
and pictures derive from it. A revision, a quotation and a primary source are
derivations with a type (:data:`DERIVATIONS`), as in the Recommendation.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DERIVATIONS", "RELATIONS", "TIME", "Formal", "RelationKind", "kinds_between"]

TIME = "prov:time"
"""The formal attribute that holds the time of an instantaneous event."""


class Formal(NamedTuple):
    """A formal attribute of a relation.

    Parameters
    ----------
    name : str
        Its qualified name, such as ``prov:entity``.
    refers_to : str
        What it refers to: an ``entity``, an ``activity``, an ``agent``, any ``element``,
        or a ``relation`` by its identifier; a ``time`` is a value.
    """

    name: str
    refers_to: str


class RelationKind(NamedTuple):
    """A kind of relation.

    Parameters
    ----------
    name : str
        Its name in PROV-N, PROV-JSON and PROV-XML.
    section : str
        The section of PROV-DM that defines it.
    term : str
        Its class in PROV-O and in PROV-JSONLD, such as ``prov:Usage``.
    formals : tuple of Formal
        The formal attributes in the order of PROV-N: source, target, and others.
    required : int
        The number of arguments that PROV-N always writes; it writes the rest together
        or not at all.
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
        """The formal attribute that holds the effect."""
        return self.formals[0]

    @property
    def target(self) -> Formal:
        """The formal attribute that holds the cause."""
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
        # Not of the Recommendation but of the Note PROV-Links, section 3.
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
"""Kinds of derivation by their names in PROV-XML, with section and ``prov:type``."""


def kinds_between(source: str, target: str) -> tuple[str, ...]:
    """Return the kinds of relation between two kinds of elements.

    Examples
    --------
    >>> kinds_between("activity", "agent")
    ('wasAssociatedWith',)
    """
    return tuple(
        kind.name
        for kind in RELATIONS.values()
        if (kind.source.refers_to, kind.target.refers_to) == (source, target)
    )
