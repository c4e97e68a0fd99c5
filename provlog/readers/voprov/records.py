"""Parse voprov's JSON and XML into records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from msgspec import Struct, field

from provlog.diagnostics.diagnostic import Report
from provlog.model.namespaces import NAMESPACES, PROV, XSD
from provlog.model.values import QUALIFIED_NAME, Literal, Value, literal
from provlog.readers.documents.json_text import PROV_JSON, Number, parsed
from provlog.readers.xml import Form, parse_xml

__all__ = ["IRIS", "Document", "Record", "parse_json", "parse_xml_document", "typed"]

IRIS = frozenset(
    {
        NAMESPACES["voprov"],
        "http://www.ivoa.net/documents/dm/provdm/voprov/",
        "http://www.ivoa.net/documents/ProvenanceDM/ns/voprov/",
    }
)
"""The IRIs that stand for the namespace of the model."""

_FORM = Form("PROV-XML", ("document", "bundleContent"))
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


class Record(Struct):
    """A statement.

    Parameters
    ----------
    kind : str
        The keyword, such as ``entity`` or ``isDescribedBy``.
    id : str
        The qualified name of an element, or the identifier of a relation.
    pairs : list of tuple
        The attributes, including the formal ones, with their values.
    """

    kind: str
    id: str
    pairs: list[tuple[str, Value]] = field(default_factory=list)


class Document(Struct):
    """The statements of a document or bundle.

    Parameters
    ----------
    namespaces : dict
        IRIs by prefix.
    records : list of Record
        The statements.
    bundles : dict
        Bundles by name.
    """

    namespaces: dict[str, str] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    bundles: dict[str, Document] = field(default_factory=dict)


# JSON


def parse_json(data: bytes, name: str, report: Report) -> Document:
    """Return the statements of a JSON document.

    Raises
    ------
    InputError
        If the document is not valid JSON.
    """
    document = Document()
    _add_json(document, parsed(data, name, PROV_JSON, report))
    return document


def _add_json(document: Document, content: dict[str, Any]) -> None:
    for kind, held in content.items():
        for id, found in _members(held):
            if kind == "prefix":
                document.namespaces["" if id == "default" else id] = str(found)
            elif kind == "bundle":
                bundle = document.bundles.setdefault(id, Document())
                for part in _objects(found):
                    _add_json(bundle, part)
            else:
                for statement in _objects(found):
                    record = Record(kind, "" if id.startswith("_:") else id)
                    record.pairs = [*_json_pairs(statement)]
                    document.records.append(record)


def typed(text: str, datatype: str) -> Value:
    """Return a value; a text has no datatype in the graph."""
    return literal(text) if datatype in {"", "xsd:string"} else Literal(text, datatype)


def _json_pairs(statement: dict[str, Any]) -> Iterator[tuple[str, Value]]:
    for name, held in statement.items():
        for value in held if isinstance(held, list) else [held]:
            if isinstance(value, dict):
                text, datatype = value.get("$", ""), value.get("type")
                text = text.text if isinstance(text, Number) else str(text)
                yield name, typed(text, str(datatype or ""))
            else:
                yield name, Literal(*value) if isinstance(value, Number) else literal(value)


def _objects(held: Any) -> Iterator[dict[str, Any]]:
    """Yield an object, or the objects of a list: a repeated key has the list of its values."""
    for item in held if isinstance(held, list) else [held]:
        if isinstance(item, dict):
            yield item


def _members(held: Any) -> Iterator[tuple[str, Any]]:
    for item in _objects(held):
        yield from item.items()


# XML


def parse_xml_document(data: bytes, name: str, report: Report) -> Document:
    """Return the statements of an XML document.

    Raises
    ------
    InputError
        If the document is not well-formed.
    """
    namespaces: dict[str, str] = {}
    root = parse_xml(data, name, _FORM, report, namespaces)
    return _xml_document(root, namespaces)


def _xml_document(root: Element, namespaces: dict[str, str]) -> Document:
    prefixes = {iri: prefix for prefix, iri in namespaces.items()}
    prefixes |= dict.fromkeys(IRIS, "voprov") | {PROV: "prov", XSD: "xsd", XSD[:-1]: "xsd"}
    document = Document(dict(namespaces))
    for child in root:
        kind = child.tag.rpartition("}")[2]
        id = next((text for key, text in child.items() if key.endswith("}id")), "")
        if kind == "bundleContent":
            document.bundles[id] = _xml_document(child, namespaces)
            continue
        record = Record(kind, id)
        for part in child:
            iri, _, local = part.tag.lstrip("{").rpartition("}")
            reference = next((text for key, text in part.items() if key.endswith("}ref")), None)
            datatype = part.get(_XSI_TYPE)
            text = part.text or ""
            value: Value = literal(text)
            if reference is not None:
                value = reference
            elif datatype is not None:
                is_name = datatype.rpartition(":")[2] == "QName"
                value = typed(text, QUALIFIED_NAME if is_name else datatype)
            record.pairs.append((f"{prefixes.get(iri, 'prov')}:{local}", value))
        document.records.append(record)
    return document
