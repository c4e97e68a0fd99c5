"""Read PROV-XML: The PROV XML Schema, W3C Working Group Note of 30 April 2013.

https://www.w3.org/TR/prov-xml/

Of a document that is not a usual one, the parser builds one statement after the other, and the
reader takes those that are complete. The reader refuses a document type, which could declare
entities and external files, and leaves out unknown elements of other vocabularies, with a
diagnostic.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.errors import InputError
from provlog.files.source import DamagedError, Source, damaged
from provlog.model.graph import Bundle, ProvGraph
from provlog.origin import Origin
from provlog.readers.documents.assembly import LEFT_OUT, Assembly
from provlog.readers.documents.names import Names
from provlog.readers.documents.sessions import restore_sessions
from provlog.readers.documents.xml.names import XmlNames
from provlog.readers.documents.xml.places import places
from provlog.readers.documents.xml.statements import XmlStatements
from provlog.readers.documents.xml.usual import usual_graph
from provlog.readers.truncated.complete import truncated
from provlog.readers.truncated.xml import completed, is_truncation
from provlog.readers.xml import is_unknown_encoding

__all__ = ["read_chunks", "read_provxml"]

_DOCUMENT = "prov:document"
_CONTAINERS = ("document", "bundleContent")


class _RefusedError(Exception):
    """The document contains something that provlog refuses."""


def read_provxml(source: Source, report: Report) -> ProvGraph:
    """Return the graph of a PROV-XML document.

    Raises
    ------
    InputError
        If the document is not well-formed, or declares a document type.
    """
    chunks: list[bytes] = []
    damage = None
    try:
        chunks.extend(source.chunks())
    except DamagedError as error:
        damage = error
    graph = usual_graph(b"".join(chunks)) if damage is None else None
    if graph is None:
        if damage is not None:
            line = sum(chunk.count(b"\n") for chunk in chunks) + 1
            report(damaged(source.name, line, damage))
        graph = read_chunks(chunks, source.name, report)
    restore_sessions(graph)
    return graph


def read_chunks(chunks: list[bytes], name: str, report: Report) -> ProvGraph:
    """Return the graph of any document."""
    reader = _Reader(chunks)
    parser = reader.parser
    try:
        for chunk in chunks:
            parser.Parse(chunk)
            reader.take(is_last=False)
        parser.Parse(b"", True)
    except LookupError as error:
        if not is_unknown_encoding(error):
            raise
        raise InputError(_invalid(name, 1, 0, str(error))) from None
    except _RefusedError as error:
        place = parser.CurrentLineNumber, parser.CurrentColumnNumber
        raise InputError(_invalid(name, *place, str(error))) from None
    except expat.ExpatError as error:
        data = b"".join(chunks)
        complete = completed(data, _CONTAINERS) if is_truncation(error) else None
        if complete is not None:
            report(truncated(data, complete.position, name, "PROV-XML"))
            return read_chunks([complete.data], name, report)
        reason = expat.ErrorString(error.code)
        raise InputError(_invalid(name, error.lineno, error.offset, reason)) from None
    reader.take(is_last=True)
    reader.assembly.finish()
    reader.report_problems(name, report)
    return reader.graph


def _invalid(name: str, line: int, column: int, reason: str) -> str:
    return f"{name}: invalid XML in line {line}, column {column + 1}: {reason}"


class _Reader:
    """The parser, and the statements that it has completed."""

    def __init__(self, chunks: list[bytes]) -> None:
        self.graph = ProvGraph(namespaces={})
        self.chunks = chunks
        # Code, message and statement of each problem; the root has the number 0.
        self.problems: list[tuple[str, str, int]] = []
        self.number = 0
        self.names = XmlNames(Names(self.graph.namespaces, self.problem), self.problem)
        self.assembly = Assembly(self.graph, self.names.names, self.problem)
        self.statements = XmlStatements(self.assembly, self.names, self.problem)
        self.bundle_tags: set[str] = set()
        self.root: Element | None = None
        self.builder = TreeBuilder()
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self.doctype
        parser.StartElementHandler = self.begin
        parser.EndElementHandler = self.builder.end
        parser.CharacterDataHandler = self.builder.data

    def problem(self, code: str, message: str, text: str) -> None:
        self.problems.append((code, message, self.number))

    def report_problems(self, name: str, report: Report) -> None:
        """Report the problems with the places of their statements."""
        numbers = {number for _, _, number in self.problems}
        found = places(self.chunks, numbers, self.bundle_tags) if numbers else {}
        for code, message, number in self.problems:
            report(Diagnostic(code, Origin(name, *found.get(number, (1, 1))), message))

    def doctype(self, *_: object) -> None:
        raise _RefusedError("a document type declaration is refused, as it can declare entities")

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the root; the tree builder takes all other elements."""
        self.names.declare(attributes)
        self.names.iri(tag.rpartition(":")[0], tag)
        if self.names[tag] != _DOCUMENT:
            raise _RefusedError("the root of a PROV-XML document is prov:document")
        self.root = self.builder.start(tag, attributes)
        self.parser.StartElementHandler = self.builder.start

    def take(self, *, is_last: bool) -> None:
        """Take the statements that the parser has completed."""
        if self.root is None:
            return
        # The last element may still be open.
        complete = self.root[:] if is_last else self.root[:-1]
        statements = self.statements
        for element in complete:
            self.number += 1
            if not statements.add(element):
                self.bundle(element)
        del self.root[: len(complete)]

    def bundle(self, element: Element) -> None:
        """Take the statements of a bundle."""
        self.bundle_tags.add(element.tag)
        bundle = Bundle(id="")
        names = XmlNames(
            Names(bundle.namespaces, self.problem, self.names.names), self.problem, self.names
        )
        names.declare(element.attrib)
        bundle.id = names.names[names.attributes(element).get("id", "")]
        bundle = self.graph.bundles.setdefault(bundle.id, bundle)
        names.names.continue_in(bundle.namespaces)
        assembly = Assembly(bundle, names.names, self.problem)
        statements = XmlStatements(assembly, names, self.problem)
        for inner in element:
            self.number += 1
            if not statements.add(inner):
                self.problem(LEFT_OUT, "a bundle in a bundle: left out", "")
        assembly.finish()
