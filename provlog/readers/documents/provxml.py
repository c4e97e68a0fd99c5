"""Read PROV-XML: The PROV XML Schema, W3C Working Group Note of 30 April 2013.

https://www.w3.org/TR/prov-xml/

The reader processes the document as a stream. It refuses a document type, which could declare
entities and external files. It skips unknown elements of other vocabularies with a diagnostic.
"""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.errors import InputError
from provlog.files.source import DamagedError, Source, damaged
from provlog.model.elements import gathered
from provlog.model.graph import Bundle, ProvGraph, Statements
from provlog.model.namespaces import PROV
from provlog.model.relations import DERIVATIONS, RELATIONS
from provlog.model.values import QUALIFIED_NAME, Value, qname
from provlog.origin import Origin
from provlog.readers.documents.assembly import LEFT_OUT, Assembly
from provlog.readers.documents.names import Names
from provlog.readers.documents.sessions import restore_sessions

__all__ = ["read_provxml"]

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_XML = "http://www.w3.org/XML/1998/namespace"
_ID, _REF = f"{PROV}}}id", f"{PROV}}}ref"
_TYPE, _LANG = f"{_XSI}}}type", f"{_XML}}}lang"
_DOCUMENT, _BUNDLE = f"{PROV}}}document", f"{PROV}}}bundleContent"
_START, _END = "prov:startTime", "prov:endTime"

# Elements of the schema that stand for a concept of PROV-DM with a type.
_ELEMENTS: dict[str, tuple[str, str | None]] = {
    "entity": ("entity", None),
    "activity": ("activity", None),
    "agent": ("agent", None),
    "plan": ("entity", "prov:Plan"),
    "bundle": ("entity", "prov:Bundle"),
    "collection": ("entity", "prov:Collection"),
    "emptyCollection": ("entity", "prov:EmptyCollection"),
    "person": ("agent", "prov:Person"),
    "organization": ("agent", "prov:Organization"),
    "softwareAgent": ("agent", "prov:SoftwareAgent"),
}
_RELATIONS: dict[str, tuple[str, str | None]] = {kind: (kind, None) for kind in RELATIONS} | {
    name: ("wasDerivedFrom", type) for name, (_, type) in DERIVATIONS.items()
}
_FORMALS = {
    kind.name: frozenset(formal.name for formal in kind.formals) for kind in RELATIONS.values()
}


class _RefusedError(Exception):
    """The document contains something that provlog refuses."""


def read_provxml(source: Source, report: Report) -> ProvGraph:
    """Return the graph of a PROV-XML document.

    Raises
    ------
    InputError
        If the document is not well-formed, or declares a document type.
    """
    reader = _Reader(source.name, report)
    parser = reader.parser
    try:
        for chunk in source.chunks():
            parser.Parse(chunk)
        parser.Parse(b"", True)
    except DamagedError as error:
        report(damaged(source.name, parser.CurrentLineNumber, error))
    except _RefusedError as error:
        place = parser.CurrentLineNumber, parser.CurrentColumnNumber
        raise InputError(_invalid(source.name, *place, str(error))) from None
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise InputError(_invalid(source.name, error.lineno, error.offset, reason)) from None
    reader.assembly.finish()
    restore_sessions(reader.graph)
    return reader.graph


def _invalid(name: str, line: int, column: int, reason: str) -> str:
    return f"{name}: invalid XML in line {line}, column {column + 1}: {reason}"


class _Reader:
    """Handler of the parser's events: collects statements and adds them to the graph."""

    def __init__(self, name: str, report: Report) -> None:
        self.name = name
        self.report = report
        self.graph = ProvGraph(namespaces={})
        self.names = Names(self.graph.namespaces, self.problem)
        self.assembly = Assembly(self.graph, self.names, self.problem)
        self.outer: Assembly | None = None
        self.parser = parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self.doctype
        parser.StartNamespaceDeclHandler = self.declare
        parser.EndNamespaceDeclHandler = self.forget
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        # Namespaces declared for the next element, and the current namespaces by prefix.
        self.declared: list[tuple[str, str]] = []
        self.scopes: dict[str, list[str | None]] = {}
        self.terms: dict[str, str] = {}
        # The current statement, the depth in it, and its parts.
        self.depth = 0
        self.level = 0
        self.statement = ""
        self.attributes: dict[str, str] = {}
        self.arguments: dict[str, str] = {}
        self.pairs: list[tuple[str, Value]] = []
        self.child: dict[str, str] = {}
        self.text: list[str] = []

    def problem(self, code: str, message: str, text: str) -> None:
        place = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        self.report(Diagnostic(code, Origin(self.name, *place), message))

    def doctype(self, *_: Any) -> None:
        raise _RefusedError("a document type declaration is refused, as it can declare entities")

    def declare(self, prefix: str | None, iri: str | None) -> None:
        self.declared.append((prefix or "", iri or ""))

    def forget(self, prefix: str | None) -> None:
        # The namespace of an outer element is valid again.
        before = self.scopes[prefix or ""].pop()
        scope = self.assembly.names.scope
        if before != scope.get(prefix or ""):
            if before is None:
                scope.pop(prefix or "", None)
            else:
                scope[prefix or ""] = before
            self.assembly.names.clear()

    def take_declared(self) -> None:
        names = self.assembly.names
        for prefix, iri in self.declared:
            self.scopes.setdefault(prefix, []).append(names.scope.get(prefix))
            if iri and iri != _XSI:
                names.declare(prefix, iri)
        self.declared.clear()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth == 1:
            if tag != _DOCUMENT:
                raise _RefusedError("the root of a PROV-XML document is prov:document")
            self.take_declared()
            return
        if self.level == 0 and tag == _BUNDLE and self.outer is None:
            self.begin_bundle(attributes)
            return
        if self.declared:
            self.take_declared()
        self.level += 1
        if self.level == 1:
            self.statement = tag
            self.attributes = attributes
            self.arguments = {}
            self.pairs = []
        elif self.level == 2:
            self.child = attributes
            self.text = []
            # Text between statements and their parts has no meaning.
            self.parser.CharacterDataHandler = self.text.append

    def begin_bundle(self, attributes: dict[str, str]) -> None:
        bundle = Bundle(id="")
        names = Names(bundle.namespaces, self.problem, self.names)
        self.outer = self.assembly
        self.assembly = Assembly(bundle, names, self.problem)
        self.take_declared()
        bundle.id = names[attributes.get(_ID, "")]
        known: Statements = self.graph.bundles.setdefault(bundle.id, bundle)
        self.assembly.statements = known

    def end(self, tag: str) -> None:
        self.depth -= 1
        if self.level == 0:
            if self.outer is not None and tag == _BUNDLE:
                self.assembly.finish()
                self.assembly, self.outer = self.outer, None
            return
        self.level -= 1
        if self.level == 1:
            self.parser.CharacterDataHandler = None
            self.part(tag)
        elif self.level == 0:
            self.state()

    def term(self, tag: str) -> str:
        """Return the attribute's name for an element's name."""
        found = self.terms.get(tag)
        if found is None or self.outer is not None:
            iri, _, local = tag.rpartition("}")
            names = self.assembly.names
            found = names.named(iri, local) if iri else names[local]
            self.terms[tag] = found
        return found

    def part(self, tag: str) -> None:
        """Add a child element to the parts of the statement."""
        term, child = self.term(tag), self.child
        text = "".join(self.text)
        reference = child.get(_REF)
        if reference is not None and term.startswith("prov:"):
            if term == "prov:entity" and term in self.arguments and "hadMember" in self.statement:
                # A statement can have several members.
                self.relate(RELATIONS["hadMember"].name, None)
            self.arguments[term] = reference
        elif term in {"prov:time", _START, _END}:
            self.arguments[term] = text.strip()
        else:
            value = self.assembly.value(text, child.get(_TYPE, ""), child.get(_LANG))
            self.pairs.append((term, value))

    def state(self) -> None:
        """Add the current statement to the graph."""
        iri, _, local = self.statement.rpartition("}")
        if iri == PROV and local in _ELEMENTS:
            kind, type = _ELEMENTS[local]
            name = self.attributes.get(_ID)
            if name is None:
                self.problem(LEFT_OUT, f"{local} has no prov:id: left out", "")
                return
            if type is not None:
                self.pairs.insert(0, ("prov:type", qname(type)))
            element = self.assembly.declare(kind, name, gathered(self.pairs))
            start, end = self.arguments.get(_START), self.arguments.get(_END)
            if start is not None or end is not None:
                self.assembly.set_times(element, start, end)
        elif iri == PROV and local in _RELATIONS:
            kind, type = _RELATIONS[local]
            if type is not None:
                self.pairs.insert(0, ("prov:type", qname(type)))
            self.relate(kind, self.attributes.get(_ID))
        elif not (iri == PROV and local == "other"):
            self.problem(LEFT_OUT, f"{local!r} is not a kind of PROV statement: left out", "")

    def relate(self, kind: str, name: str | None) -> None:
        unknown = self.arguments.keys() - _FORMALS[kind]
        if unknown:
            listed = ", ".join(sorted(unknown))
            self.problem(LEFT_OUT, f"{kind} has no {listed}: left out", "")
        described = RELATIONS[kind]
        if name is None and len(self.arguments) == 2 and len(self.pairs) < 2 and not unknown:
            source = self.arguments.get(described.formals[0].name)
            target = self.arguments.get(described.formals[1].name)
            role, type = self.only_pair()
            if source is not None and target is not None and len(self.pairs) == bool(role or type):
                self.assembly.relate_plainly(described, source, target, role, type)
                return
        self.assembly.relate(described, name, self.arguments, self.pairs)

    def only_pair(self) -> tuple[str | None, str | None]:
        """Return the role or the type name if it is the only attribute of a relation."""
        for term, value in self.pairs:
            if term == "prov:role" and isinstance(value, str):
                return value or None, None
            if term == "prov:type" and not isinstance(value, str):
                return None, value.text if value.datatype == QUALIFIED_NAME else None
        return None, None
