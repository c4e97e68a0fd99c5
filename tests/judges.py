"""Who says that a document is valid: the W3C's schemas, rdflib, astropy, and the ``prov`` library."""

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
    """Add what the schema of PROV-JSON forgets.

    It misspells wasEndedBy, has no mentionOf, and no list where several statements have one
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
    # No schema: the reader of the prov library is the judge.
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

# What prov calls them.
_READERS: dict[str, dict[str, str]] = {
    "provjson": {"format": "json"},
    "provxml": {"format": "xml"},
    "provn": {"format": "provn"},
    "turtle": {"format": "rdf", "rdf_format": "turtle"},
    "trig": {"format": "rdf", "rdf_format": "trig"},
    "jsonld": {"format": "jsonld"},
}


def read_back(text: str, name: str) -> ProvDocument:
    """Return what the ``prov`` library makes of a document, or provlog of a VOTable."""
    if name == "votable":
        source = SimpleNamespace(name="run.vot", chunks=lambda: iter([text.encode()]))
        return read_votable(source, lambda _: None).to_prov()  # type: ignore[arg-type]
    return ProvDocument.deserialize(content=text, **_READERS[name])


def judge(graph: ProvGraph, names: Iterable[str] = DOCUMENTS) -> None:
    """Raise unless formats of a graph, by default all, are valid and say the same."""
    expected = graph.to_prov()
    for name in names:
        if name == "turtle" and graph.bundles:
            continue
        text = document(graph, name)
        JUDGES[name](text)
        assert read_back(text, name) == expected, name
