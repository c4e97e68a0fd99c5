"""PROV-O, the PROV Ontology: its terms for the relations and attributes of PROV-DM.

https://www.w3.org/TR/prov-o/

PROV-O states a relation as one triple, such as ``prov:used``, and qualifies it by a resource
of a class, such as ``prov:Usage``. Sections 3.1 to 3.3 define the terms; all of them follow
from :data:`~provlog.model.relations.RELATIONS`.
"""

from __future__ import annotations

from typing import NamedTuple

from provlog.model.relations import DERIVATIONS, RELATIONS, RelationKind

__all__ = [
    "BESIDE",
    "CLASSES",
    "DERIVED",
    "QUALIFIED",
    "RDF",
    "RDFS",
    "RESOURCES",
    "Qualified",
    "qualified_by",
]

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"

CLASSES: dict[str, tuple[str, ...]] = {
    "entity": (
        "prov:Entity",
        "prov:Collection",
        "prov:EmptyCollection",
        "prov:Plan",
        "prov:Bundle",
    ),
    "activity": ("prov:Activity",),
    "agent": ("prov:Agent", "prov:Person", "prov:Organization", "prov:SoftwareAgent"),
}
"""The classes of elements by kind: the class itself, then its subclasses."""

DERIVED: dict[str, str] = {type: f"prov:{name}" for name, (_, type) in DERIVATIONS.items()}
"""The properties of derivations with a type, such as ``prov:wasRevisionOf``, by type."""

RESOURCES: dict[str, tuple[str, str]] = {
    "prov:location": ("prov:atLocation", "prov:Location"),
    "prov:role": ("prov:hadRole", "prov:Role"),
}
"""The property and the class of attributes whose values are resources, by name."""

BESIDE = frozenset({"mentionOf"})
"""The relations whose other arguments belong to the source; PROV-Links does not qualify them."""

# The property of a qualified relation, by the kind of its target and by the name of an argument.
_TARGETS = {
    "entity": "prov:entity",
    "activity": "prov:activity",
    "agent": "prov:agent",
    "element": "prov:influencer",
}
_ARGUMENTS = {
    "prov:time": "prov:atTime",
    "prov:activity": "prov:hadActivity",
    "prov:starter": "prov:hadActivity",
    "prov:ender": "prov:hadActivity",
    "prov:plan": "prov:hadPlan",
    "prov:generation": "prov:hadGeneration",
    "prov:usage": "prov:hadUsage",
    "prov:bundle": "prov:asInBundle",
}


class Qualified(NamedTuple):
    """The terms of one kind of relation.

    Parameters
    ----------
    simple : str
        The property from source to target, such as ``prov:used``.
    qualified : str
        The property from the source to the resource that qualifies the relation.
    term : str
        The class of that resource.
    target : str
        The property from that resource to the target.
    arguments : dict
        The properties of the other formal attributes, by name.
    """

    simple: str
    qualified: str
    term: str
    target: str
    arguments: dict[str, str]


def qualified_by(term: str) -> str:
    """Return the property that leads to a resource of a class of influences.

    Examples
    --------
    >>> qualified_by("prov:Usage")
    'prov:qualifiedUsage'
    """
    return f"prov:qualified{term.removeprefix('prov:')}"


def _terms(kind: RelationKind) -> Qualified:
    return Qualified(
        f"prov:{kind.name}",
        qualified_by(kind.term),
        kind.term,
        _TARGETS[kind.target.refers_to],
        {formal.name: _ARGUMENTS[formal.name] for formal in kind.formals[2:]},
    )


QUALIFIED: dict[str, Qualified] = {name: _terms(kind) for name, kind in RELATIONS.items()}
"""The terms of all kinds of relation, by name.

PROV-O does not qualify memberships, specializations, alternates and mentions; the terms for
those with an identifier or attributes are formed like the others.
"""
