"""Read documents from text, and compare graphs by their statements."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from provlog.files.source import Source
from provlog.graphs.ivoa_view import plain
from provlog.model.elements import Activity, Element
from provlog.model.graph import ProvGraph, Statements
from provlog.model.relations import RELATIONS, QualifiedRelation, Relation
from provlog.model.values import QUALIFIED_NAME, InternationalizedString, Literal, Value
from provlog.readers import READERS

BOTH = ["provjson", "provxml", "provn", "turtle", "trig", "jsonld"]


def read(text: str | bytes, name: str) -> ProvGraph:
    """Return the graph of a document, which must be read without diagnostics."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"document{READERS[name].suffixes[0]}"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        found: list[Any] = []
        with Source(str(path)) as source:
            graph: ProvGraph = READERS[name].read(source, found.append)
        assert found == []
        return graph


def said(graph: ProvGraph) -> Any:
    """Return the statements of a graph as sets, with IRIs for names."""
    bundles = {
        _iri(name, graph.namespaces): _statements(bundle, graph.namespaces | bundle.namespaces)
        for name, bundle in graph.bundles.items()
    }
    return _statements(graph, graph.namespaces), bundles


def differences(one: ProvGraph, other: ProvGraph) -> list[str]:
    """Return the first statements that are in only one of two graphs."""
    first, second = said(plain(one)), said(plain(other))
    if first == second:
        return []
    everything = [
        {(bundle, item) for bundle, parts in _parts(held) for part in parts for item in part}
        for held in (first, second)
    ]
    found = sorted(map(repr, everything[0] ^ everything[1]))
    return found[:4] or ["the bundles"]


def _parts(held: Any) -> list[tuple[str, Any]]:
    top, bundles = held
    return [("", top), *bundles.items()]


def _iri(name: str, namespaces: dict[str, str]) -> str:
    prefix, colon, local = name.partition(":")
    known = {"prov": "prov:", "xsd": "xsd:", **namespaces}
    return known[prefix] + local if colon else known[""] + name


def _statements(statements: Statements, namespaces: dict[str, str]) -> Any:
    def value(held: Value) -> Any:
        if isinstance(held, InternationalizedString):
            return held.text, held.lang
        if isinstance(held, Literal):
            is_name = held.datatype == QUALIFIED_NAME
            text = _iri(held.text, namespaces) if is_name else held.text
            return text, _iri(held.datatype, namespaces)
        return held

    def pairs(element: Element | Relation) -> Any:
        return frozenset(
            (_iri(name, namespaces), repr(value(held))) for name, held in element.pairs()
        )

    def argument(held: Element | str) -> str:
        return _iri(held if isinstance(held, str) else held.id, namespaces)

    def relation(kind: str, held: Relation) -> Any:
        if isinstance(held, QualifiedRelation):
            formals = {
                name: argument(one) if isinstance(one, Element) or name != "prov:time" else one
                for name, one in held.formals(RELATIONS[kind])
            }
            name = held.id and _iri(held.id, namespaces)
        else:
            ends = zip(RELATIONS[kind].formals, (held.source, held.target), strict=False)
            formals = {formal.name: argument(end) for formal, end in ends}
            name = None
        return name, frozenset(formals.items()), pairs(held)

    elements = frozenset(
        (
            type(element).__name__,
            _iri(element.id, namespaces),
            pairs(element),
            *((element.start, element.end) if isinstance(element, Activity) else ()),
        )
        for element in statements.elements()
    )
    relations = frozenset(
        (kind, relation(kind, held)) for kind, some in statements.relations.items() for held in some
    )
    return elements, relations
