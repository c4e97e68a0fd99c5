"""Convert a document of the ``prov`` library to a graph."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from prov.constants import PROV_N_MAP
from prov.identifier import Identifier, QualifiedName
from prov.model import Literal as ProvLiteral
from prov.model import ProvBundle, ProvDocument, ProvRecord

from provlog.model.elements import gathered
from provlog.model.graph import Bundle, ProvGraph, Statements
from provlog.model.relations import RELATIONS
from provlog.model.values import InternationalizedString, Literal, Value, literal, qname, safe_text
from provlog.readers.documents.assembly import Assembly
from provlog.readers.documents.names import Names, Problem
from provlog.readers.documents.sessions import restore_sessions

__all__ = ["from_prov"]

_FINITE = {"nan": "NaN", "inf": "INF", "-inf": "-INF"}


def _ignore(code: str, message: str, text: str) -> None:
    """Ignore problems, because the library has already resolved all names and times."""


def from_prov(document: ProvDocument, problem: Problem = _ignore) -> ProvGraph:
    """Return the graph of a :class:`prov.model.ProvDocument`."""
    graph = ProvGraph(namespaces={})
    names = Names(graph.namespaces, problem)
    _convert(document, graph, names, problem)
    for contents in document.bundles:
        bundle = Bundle(id="")
        own = Names(bundle.namespaces, problem, names)
        _declare(contents, own)
        assert contents.identifier is not None
        bundle.id = _Converter(Assembly(bundle, own, problem)).name(contents.identifier)
        graph.bundles[bundle.id] = bundle
        _convert(contents, bundle, own, problem)
    restore_sessions(graph)
    return graph


def _declare(bundle: ProvBundle, names: Names) -> None:
    default = bundle.get_default_namespace()
    if default is not None:
        names.declare("", default.uri)
    for namespace in bundle.get_registered_namespaces():
        names.declare(namespace.prefix, namespace.uri)


def _convert(bundle: ProvBundle, statements: Statements, names: Names, problem: Problem) -> None:
    _declare(bundle, names)
    converter = _Converter(Assembly(statements, names, problem))
    for record in bundle.records:
        converter.record(record)
    converter.assembly.finish()


class _Converter:
    def __init__(self, assembly: Assembly) -> None:
        self.assembly = assembly
        self.names = assembly.names
        self._found: dict[QualifiedName, str] = {}

    def name(self, name: QualifiedName) -> str:
        """Return the graph's name, which resolves to itself from then on."""
        found = self._found.get(name)
        if found is None:
            namespace = name.namespace
            found = self.names.named(namespace.uri, name.localpart, namespace.prefix)
            self._found[name] = self.names[found] = found
        return found

    def record(self, record: ProvRecord) -> None:
        kind = PROV_N_MAP[record.get_type()]
        identifier = None if record.identifier is None else self.name(record.identifier)
        formals = {str(name): held for name, held in record.formal_attributes if held is not None}
        pairs = list(self.pairs(record))
        if kind in RELATIONS:
            arguments = {name: self.argument(held) for name, held in formals.items()}
            self.assembly.relate(RELATIONS[kind], identifier, arguments, pairs)
            return
        assert identifier is not None
        element = self.assembly.declare(kind, identifier, gathered(pairs))
        if kind == "activity":
            start, end = formals.get("prov:startTime"), formals.get("prov:endTime")
            self.assembly.set_times(element, start, end)

    def argument(self, held: Any) -> str:
        return held.isoformat() if isinstance(held, datetime) else self.name(held)

    def pairs(self, record: ProvRecord) -> Iterator[tuple[str, Value]]:
        for name, held in record.extra_attributes:
            yield self.name(name), self.value(held)

    def value(self, held: Any) -> Value:
        if isinstance(held, QualifiedName):
            return qname(self.name(held))
        if isinstance(held, Identifier):
            return Literal(safe_text(held.uri), "xsd:anyURI")
        if isinstance(held, ProvLiteral):
            text = safe_text(held.value)
            if held.langtag:
                return InternationalizedString(text, lang=held.langtag)
            datatype = "" if held.datatype is None else self.name(held.datatype)
            return Literal(text, datatype) if datatype not in {"", "xsd:string"} else text
        if isinstance(held, float):
            text = repr(held)
            return Literal(_FINITE.get(text, text), "xsd:double")
        return literal(held)
