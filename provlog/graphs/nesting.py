"""Nest inner provenance, such as that of a job's program, in an outer activity.

The inner provenance becomes a PROV bundle that the activity generated (PROV-DM, section 5.4), or
activities that are part of it. Entities that occur in both are linked.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from typing import NamedTuple

from provlog.building.attributes import Merger
from provlog.building.linking import LINKS, Pair, derive, pairs
from provlog.building.naming import PART_OF
from provlog.building.parents import ends_of
from provlog.building.uniting import unite
from provlog.errors import UsageError
from provlog.model.digests import digests
from provlog.model.graph import Activity, Bundle, Element, Entity, ProvGraph, Relation, Statements
from provlog.model.identifiers import digest, qualified_name
from provlog.model.values import qname
from provlog.origin import Origin

__all__ = ["FORMS", "InnerProvenance", "nest", "outer_activity"]

FORMS = ("bundle", "activities")
"""The forms of nested provenance."""

BUNDLE = qname("prov:Bundle")
_NOWHERE = Origin("", 0, 0)


class InnerProvenance(NamedTuple):
    """The inner provenance of an activity.

    Parameters
    ----------
    graph : ProvGraph
        The provenance.
    digests : set of str
        The digests of the file with the provenance, if known.
    """

    graph: ProvGraph
    digests: frozenset[str] = frozenset()

    @staticmethod
    def of_file(graph: ProvGraph, path: str) -> InnerProvenance:
        """Return the inner provenance that was read from a file, with the file's digests."""
        if not os.path.isfile(path):
            return InnerProvenance(graph)
        with open(path, "rb") as stream:
            content = stream.read()
        names = ("md5", "sha1", "sha256")
        made = (hashlib.new(name, content, usedforsecurity=False) for name in names)
        return InnerProvenance(graph, frozenset(one.hexdigest() for one in made))


def outer_activity(outer: ProvGraph, inner: InnerProvenance) -> Activity:
    """Return the outer activity that inner provenance belongs to.

    That is the activity that generated the file with the inner provenance, identified by its
    digest; or else the activity that an inner session names as its parent; or else the only
    activity.

    Raises
    ------
    UsageError
        If several activities are possible.
    """
    for relation in outer.relations["wasGeneratedBy"]:
        made, activity = relation.source, relation.target
        if isinstance(activity, Activity) and not inner.digests.isdisjoint(digests(made)):
            return activity
    sessions = set(outer.sessions.values())
    activities = [item for item in outer.activities.values() if item not in sessions]
    parents = {
        str(name)
        for session in inner.graph.sessions.values()
        for name in session.values("log:in_activity")
    }
    named = [
        item
        for item in activities
        if not parents.isdisjoint(
            {item.id, *item.values("dcterms:identifier"), *item.values("prov:location")}
        )
    ]
    found = named or activities
    if len(found) != 1:
        names = ", ".join(item.label for item in found[:10]) or "none"
        raise UsageError(f"the outer activity is unknown: use --into NAME; there are {names}")
    return found[0]


def nest(
    outer: ProvGraph, inner: InnerProvenance, activity: Activity, form: str = "bundle",
    link: str = "derivation",
) -> None:  # fmt: skip
    """Add the inner provenance of an activity to a graph.

    Parameters
    ----------
    outer : ProvGraph
        The graph with the activity; it is changed.
    inner : InnerProvenance
        The inner provenance. Do not use it again, because its elements move to ``outer``.
    activity : Activity
        The outer activity.
    form : str
        One of :data:`FORMS`.
    link : str
        One of :data:`~provlog.building.linking.LINKS`.
    """
    assert form in FORMS
    assert link in LINKS
    found = [*pairs(inner.graph, *ends_of(outer, activity))]
    home: Statements = outer
    if form == "bundle":
        bundled = _bundled(inner, activity)
        bundle = next(iter(bundled.bundles.values()))
        unite(outer, bundled)
        home = outer.bundles[bundle.id]
        entity = outer.entities.setdefault(bundle.id, Entity(bundle.id, {"prov:type": BUNDLE}))
        outer.relations["wasGeneratedBy"][Relation(entity, activity)] = None
    else:
        outermost = _outermost(inner.graph)
        same = unite(outer, inner.graph)
        for part in outermost:
            nested = same.get(part, part)
            if nested is not activity:
                relation = Relation(nested, activity, None, PART_OF)
                outer.relations["wasInfluencedBy"][relation] = None
    if link == "same":
        _replace(home, found, Merger(outer.diagnostics.append))
        return
    for pair in found:
        _link(outer, pair, link)


def _bundled(provenance: InnerProvenance, activity: Activity) -> ProvGraph:
    """Return a graph with all statements of the inner provenance in a bundle."""
    inner = provenance.graph
    sessions = [*inner.sessions]
    raw = sessions[0] if len(sessions) == 1 else digest("\n".join((activity.id, *inner.activities)))
    bundle = Bundle(
        id=qualified_name("bundle", raw, None), entities=inner.entities,
        activities=inner.activities, agents=inner.agents, relations=inner.relations,
    )  # fmt: skip
    return ProvGraph(
        bundles={bundle.id: bundle, **inner.bundles},
        namespaces=inner.namespaces,
        descriptions=inner.descriptions,
        diagnostics=inner.diagnostics,
    )


def _outermost(inner: ProvGraph) -> list[Activity]:
    """Return the activities that are not part of another one."""
    parts = {item.source for item in inner.relations["wasInfluencedBy"] if item.type == PART_OF}
    return [item for item in inner.activities.values() if item not in parts]


def _link(outer: ProvGraph, pair: Pair, link: str) -> None:
    inner = pair.inner
    # Outside its bundle, an entity appears only by name.
    if inner.id not in outer.entities:
        known = {"prov:label", "prov:type", "dcterms:identifier"}
        attributes = {name: held for name, held in inner.attributes.items() if name in known}
        inner = outer.entities[inner.id] = Entity(inner.id, attributes)
    pair = Pair(outer.entities[inner.id], pair.outer, pair.is_output)
    if link == "derivation":
        derive(outer, pair)
    else:
        outer.relations["specializationOf"][Relation(pair.inner, pair.outer)] = None


def _replace(statements: Statements, found: Iterable[Pair], merger: Merger) -> None:
    """Give inner entities the ids of their outer counterparts."""
    same: dict[Element, Element] = {}
    for inner, outer, _ in found:
        known = statements.entities.get(outer.id)
        if known is None:
            known = statements.entities[outer.id] = Entity(outer.id, inner.attributes)
        else:
            for name, held in inner.attributes.items():
                for value in held if isinstance(held, list) else [held]:
                    merger.add(known, name, value, _NOWHERE)
        del statements.entities[inner.id]
        same[inner] = known
    for kind, relations in statements.relations.items():
        statements.relations[kind] = dict.fromkeys(item.between(same) for item in relations)
