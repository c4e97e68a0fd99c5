"""Turtle and TriG that conform to PROV-O."""

from __future__ import annotations

from pathlib import Path

import pytest
import rdflib
from rdflib import PROV, RDF, RDFS, BNode, Literal, URIRef

import provlog
from provlog.graphs.ivoa_view import plain
from provlog.model.graph import Activity, Bundle, Entity, ProvGraph, Relation, relation_of
from provlog.model.values import qname
from tests.samples import LOGS, NAMES, document

EX = rdflib.Namespace("https://example.org/")


def graph_of(*relations: tuple[str, Relation]) -> ProvGraph:
    graph = ProvGraph(namespaces={"ex": str(EX)})
    for kind, relation in relations:
        graph.relations[kind][relation] = None
    return graph


def triples(graph: ProvGraph) -> rdflib.Graph:
    return rdflib.Graph().parse(data=document(graph, "turtle"), format="turtle")


ACTIVITY, ENTITY, SOURCE = Activity("ex:a", {}), Entity("ex:e", {}), Entity("ex:s", {})


@pytest.mark.parametrize("path", LOGS, ids=NAMES)
def test_every_relation_has_the_simple_form(path: Path) -> None:
    graph = plain(provlog.read(path))
    found = triples(graph)
    for kind in ("used", "wasGeneratedBy", "wasAssociatedWith", "wasInfluencedBy", "hadMember"):
        pairs = {(relation.source.id, relation.target.id) for relation in graph.relations[kind]}
        assert len(set(found.subject_objects(PROV[kind]))) == len(pairs)


@pytest.mark.parametrize("path", LOGS, ids=NAMES)
def test_classes_roles_and_locations_are_resources(path: Path) -> None:
    found = triples(provlog.read(path))
    assert all(isinstance(held, URIRef) for held in found.objects(None, RDF.type))
    for property, term in ((PROV.atLocation, PROV.Location), (PROV.hadRole, PROV.Role)):
        for resource in found.objects(None, property):
            assert isinstance(resource, BNode)
            assert (resource, RDF.type, term) in found
            assert isinstance(found.value(resource, RDFS.label), Literal)


def test_a_role_qualifies_a_usage() -> None:
    found = triples(graph_of(("used", Relation(ACTIVITY, ENTITY, "events"))))
    assert (EX.a, PROV.used, EX.e) in found
    usage = found.value(EX.a, PROV.qualifiedUsage)
    assert found.value(usage, PROV.entity) == EX.e
    assert found.value(found.value(usage, PROV.hadRole), RDFS.label) == Literal("events")


def test_a_revision_is_also_a_derivation() -> None:
    relation = relation_of(ENTITY, SOURCE, [("prov:type", qname("prov:Revision"))])
    found = triples(graph_of(("wasDerivedFrom", relation)))
    assert (EX.e, PROV.wasDerivedFrom, EX.s) in found
    assert (EX.e, PROV.wasRevisionOf, EX.s) in found
    node = found.value(EX.e, PROV.qualifiedRevision)
    assert (node, RDF.type, PROV.Revision) in found
    assert found.value(node, PROV.entity) == EX.s


def test_the_identifier_of_a_relation_is_its_resource() -> None:
    relation = relation_of(ACTIVITY, ENTITY, id="ex:u", time="2020-01-01T00:00:00")
    found = triples(graph_of(("used", relation)))
    assert found.value(EX.a, PROV.qualifiedUsage) == EX.u
    assert str(found.value(EX.u, PROV.atTime)) == "2020-01-01T00:00:00"


def test_names_that_turtle_cannot_abbreviate_are_iris() -> None:
    graph = graph_of(("used", relation_of(Activity("ex:a b", {}), Entity("ex:x/(y)", {}))))
    found = triples(graph)
    assert (EX["a%20b"], PROV.used, EX["x/(y)"]) in found


def test_a_prefix_redeclared_by_a_bundle_is_valid_only_there() -> None:
    graph = ProvGraph(namespaces={"ex": str(EX)})
    for name, iri in (("ex:b1", "https://one.org/"), ("ex:b2", ""), ("ex:b3", "https://two.org/")):
        bundle = Bundle(id=name, namespaces={"ex": iri} if iri else {})
        bundle.entities["ex:e"] = Entity("ex:e", {})
        graph.bundles[name] = bundle
    dataset = rdflib.Dataset()
    dataset.parse(data=document(graph, "trig"), format="trig")
    found = {str(subject) for subject, _, _, _ in dataset.quads((None, RDF.type, None, None))}
    assert found == {"https://one.org/e", "https://example.org/e", "https://two.org/e"}
