"""Validate documents with the W3C's schemas, rdflib, astropy, and the ``prov`` library."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import jsonschema
import prov
import rdflib
from astropy.io.votable import parse as parse_votable
from lxml import etree
from prov.model import ProvDocument
from prov.serializers.provrdf import ProvRDFSerializer

from provlog.model.graph import ProvGraph
from provlog.readers.votable import read_votable
from tests.samples import DOCUMENTS, document

SCHEMAS = files(prov) / "tests" / "schemas"


@cache
def _xml_schema() -> Any:
    return etree.XMLSchema(etree.parse(str(SCHEMAS / "prov.xsd")))


@cache
def _json_validator(name: str) -> Any:
    schema = json.loads((SCHEMAS / name).read_text())
    if name == "prov-json.schema.json":
        for place in (schema, schema["definitions"]["bundle"]):
            _complete(place["properties"])
    return jsonschema.validators.validator_for(schema)(schema)


def _complete(sections: dict[str, Any]) -> None:
    """Complete the schema of PROV-JSON.

    It misspells wasEndedBy, and lacks mentionOf and lists of statements with the same
    identifier (section 2.1 of the submission).
    """
    sections["wasEndedBy"] = sections.pop("wasEndedby", sections.get("wasEndedBy"))
    sections["mentionOf"] = {"type": "object", "additionalProperties": {"type": "object"}}
    for name, section in sections.items():
        if name not in {"prefix", "bundle"}:
            one = section["additionalProperties"]
            section["additionalProperties"] = {"anyOf": [one, {"type": "array", "items": one}]}


def _judge_xml(text: str) -> None:
    parser = etree.XMLParser(resolve_entities=False, huge_tree=True)
    _xml_schema().assertValid(etree.fromstring(text.encode(), parser))


def _judge_json(text: str) -> None:
    _json_validator("prov-json.schema.json").validate(json.loads(text))


def _judge_jsonld(text: str) -> None:
    _json_validator("prov-jsonld.schema.json").validate(json.loads(text))


def _judge_turtle(text: str) -> None:
    rdflib.Graph().parse(data=text, format="turtle")


def _judge_trig(text: str) -> None:
    rdflib.Dataset().parse(data=text, format="trig")


def _judge_provn(text: str) -> None:
    # There is no schema, so the reader of the prov library decides.
    read_back(text, "provn")


def _judge_votable(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parse_votable(BytesIO(text.encode()), verify="exception")


JUDGES: dict[str, Callable[[str], None]] = {
    "provjson": _judge_json,
    "provxml": _judge_xml,
    "provn": _judge_provn,
    "turtle": _judge_turtle,
    "trig": _judge_trig,
    "jsonld": _judge_jsonld,
    "votable": _judge_votable,
}

PROV = rdflib.Namespace("http://www.w3.org/ns/prov#")
# The simple properties by the qualified ones, and the properties from a qualified relation.
_SIMPLE = {
    PROV[f"qualified{name}"]: PROV[simple]
    for simple, names in {
        "used": "Usage",
        "wasGeneratedBy": "Generation",
        "wasInvalidatedBy": "Invalidation",
        "wasStartedBy": "Start",
        "wasEndedBy": "End",
        "wasInformedBy": "Communication",
        "wasDerivedFrom": "Derivation Revision Quotation PrimarySource",
        "wasAttributedTo": "Attribution",
        "wasAssociatedWith": "Association",
        "actedOnBehalfOf": "Delegation",
        "wasInfluencedBy": "Influence",
    }.items()
    for name in names.split()
}
_INFLUENCERS = (PROV.entity, PROV.activity, PROV.agent, PROV.influencer)

# The formats by their names in the prov library.
_READERS: dict[str, dict[str, str]] = {
    "provjson": {"format": "json"},
    "provxml": {"format": "xml"},
    "provn": {"format": "provn"},
    "jsonld": {"format": "jsonld"},
}


def read_back(text: str, name: str) -> ProvDocument:
    """Return the result of the ``prov`` library for a document, or of provlog for a VOTable."""
    if name == "votable":
        source = SimpleNamespace(name="run.vot", chunks=lambda: iter([text.encode()]))
        return read_votable(source, lambda _: None).to_prov()  # type: ignore[arg-type]
    if name in {"turtle", "trig"}:
        dataset = rdflib.Dataset(default_union=True)
        dataset.parse(data=text, format=name)
        for graph in dataset.graphs():
            _as_prov_writes(graph)
        document = ProvDocument()
        ProvRDFSerializer(document).decode_document(dataset, document)
        return document
    return ProvDocument.deserialize(content=text, **_READERS[name])


def _as_prov_writes(graph: rdflib.Graph) -> None:
    """Rewrite statements of PROV-O that the ``prov`` library misreads.

    The library takes the label of a location or a role for an attribute of a blank node, and
    a simple statement beside a qualified one for a second relation.
    """
    for property in (PROV.atLocation, PROV.hadRole):
        for subject, _, resource in list(graph.triples((None, property, None))):
            if isinstance(resource, rdflib.BNode):
                graph.remove((subject, property, resource))
                label = graph.value(resource, rdflib.RDFS.label)
                assert label is not None
                graph.add((subject, property, label))
                graph.remove((resource, None, None))
    for derived in (PROV.wasRevisionOf, PROV.wasQuotedFrom, PROV.hadPrimarySource):
        graph.remove((None, derived, None))
    for qualified, simple in _SIMPLE.items():
        for source, _, node in list(graph.triples((None, qualified, None))):
            for influencer in _INFLUENCERS:
                for target in graph.objects(node, influencer):
                    graph.remove((source, simple, target))


def judge(graph: ProvGraph, names: Iterable[str] = DOCUMENTS) -> None:
    """Raise unless documents of a graph, by default in all formats, are valid and equal."""
    expected = graph.to_prov()
    for name in names:
        if name == "turtle" and graph.bundles:
            continue
        text = document(graph, name)
        JUDGES[name](text)
        assert read_back(text, name) == expected, name
