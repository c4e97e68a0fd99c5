"""Read PROV-JSONLD, as of the W3C member submission, in its compacted shape.

https://www.w3.org/submissions/prov-jsonld/

The reader opens no context: the terms of the submission's context are those of PROV-DM.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from provlog.diagnostics.diagnostic import Report
from provlog.files.source import Source
from provlog.model.elements import gathered
from provlog.model.graph import Bundle, ProvGraph
from provlog.model.relations import RELATIONS, TIME
from provlog.model.values import Literal, Value, qname, safe_text
from provlog.readers.documents.assembly import LEFT_OUT, Assembly
from provlog.readers.documents.json_text import Form, Number, parsed
from provlog.readers.documents.names import Names, Problem
from provlog.readers.documents.places import located
from provlog.readers.documents.sessions import restore_sessions

__all__ = ["read_jsonld"]

_ELEMENTS = {"Entity": "entity", "Activity": "activity", "Agent": "agent"}
_RELATIONS = {kind.term.removeprefix("prov:"): kind for kind in RELATIONS.values()}
_TERMS = frozenset({"type", "label", "role", "location", "value"})
# In these terms a bare text is a name.
_NAMING = frozenset({"prov:type", "prov:role", "prov:location"})
_START, _END = "startTime", "endTime"


def _containers(keys: Sequence[bytes | None]) -> int:
    """Return 2 for the document and its graph, 4 in the graph of a bundle."""
    is_in_bundle = [*keys[:3]] == [b"@graph", None, b"@graph"]
    return 4 if is_in_bundle else 2


_FORM = Form("PROV-JSONLD", _containers)


def read_jsonld(source: Source, report: Report) -> ProvGraph:
    """Return the graph of a PROV-JSONLD document.

    Raises
    ------
    InputError
        If the document is not valid JSON.
    """
    data = source.read(report)
    problem = located(data, source.name, report)
    document = parsed(data, source.name, _FORM, report)
    if "@graph" not in document:
        problem(LEFT_OUT, "the document has no @graph", "@context")
    graph = ProvGraph(namespaces={})
    reader = _Reader(Assembly(graph, Names(graph.namespaces, problem), problem), problem)
    reader.declare(document.get("@context"))
    for item in _objects(document.get("@graph", []), problem):
        if _local(item.get("@type")) == "Bundle":
            bundle = Bundle(id="")
            names = Names(bundle.namespaces, problem, reader.names)
            inner = _Reader(Assembly(bundle, names, problem), problem)
            inner.declare(item.get("@context"))
            bundle.id = inner.name(str(item.get("@id", "")))
            bundle = graph.bundles.setdefault(bundle.id, bundle)
            names.continue_in(bundle.namespaces)
            inner.assembly = Assembly(bundle, names, problem)
            for statement in _objects(item.get("@graph", []), problem):
                inner.statement(statement)
            inner.assembly.finish()
        else:
            reader.statement(item)
    reader.assembly.finish()
    restore_sessions(graph)
    return graph


def _objects(held: Any, problem: Problem) -> Iterator[dict[str, Any]]:
    for item in _listed(held):
        if isinstance(item, dict):
            yield item
        else:
            problem(LEFT_OUT, f"{item!r} is not a statement: left out", "@graph")


def _listed(held: Any) -> list[Any]:
    return held if isinstance(held, list) else [held]


def _local(term: Any) -> str:
    return term.removeprefix("prov:") if isinstance(term, str) else ""


class _Reader:
    """Reader of the statements of a document or bundle."""

    def __init__(self, assembly: Assembly, problem: Problem) -> None:
        self.assembly = assembly
        self.names = assembly.names
        self.problem = problem

    def declare(self, context: Any) -> None:
        """Declare the namespaces of a context; its other entries define terms."""
        for part in _listed(context):
            for prefix, iri in part.items() if isinstance(part, dict) else ():
                if isinstance(iri, str) and (prefix == "@vocab" or not prefix.startswith("@")):
                    self.names.declare("" if prefix == "@vocab" else prefix, iri)

    def name(self, text: str) -> str:
        """Return the graph's name of a name or an IRI; from now on it resolves to itself."""
        found = None if self.names.knows(text) else self.names.in_namespace(text)
        found = found or self.names[text]
        self.names[found] = found
        return found

    def statement(self, item: dict[str, Any]) -> None:
        """Add a statement."""
        term, id = _local(item.pop("@type", None)), item.pop("@id", None)
        if term in _RELATIONS:
            self.relation(term, None if id is None else str(id), item)
        elif term in _ELEMENTS and isinstance(id, str):
            times = [self.text(item.pop(time, None)) for time in (_START, _END)]
            element = self.assembly.declare(
                _ELEMENTS[term], self.name(id), gathered(self.pairs(item))
            )
            if term == "Activity":
                self.assembly.set_times(element, *times)
        else:
            reason = "has no @id" if term in _ELEMENTS else "is not a kind of PROV statement"
            self.problem(LEFT_OUT, f"{term!r} {reason}: left out", term)

    def relation(self, term: str, id: str | None, item: dict[str, Any]) -> None:
        kind = _RELATIONS[term]
        formals: dict[str, Any] = {}
        for formal in kind.formals:
            local = formal.name.removeprefix("prov:")
            held = item.pop(local, item.pop(formal.name, None))
            if held is not None:
                formals[formal.name] = held
        # A membership can have several members.
        targets = _listed(formals.pop(kind.target.name, None))
        arguments = {
            name: text if name == TIME else self.name(text)
            for name, text in ((name, self.text(held)) for name, held in formals.items())
            if text is not None
        }
        pairs = list(self.pairs(item))
        for target in map(self.text, targets):
            ends = {} if target is None else {kind.target.name: self.name(target)}
            self.assembly.relate(kind, id and self.name(id), arguments | ends, pairs)

    def text(self, held: Any) -> str | None:
        """Return the name or the time that a formal attribute holds."""
        if isinstance(held, dict):
            held = held.get("@id", held.get("@value"))
        if held is None or isinstance(held, str):
            return held
        self.problem(LEFT_OUT, f"{held!r} is not a name or a time: left out", "")
        return None

    def pairs(self, item: dict[str, Any]) -> Iterator[tuple[str, Value]]:
        """Yield the attributes of a statement."""
        for key, held in item.items():
            name = f"prov:{_local(key)}" if _local(key) in _TERMS else self.name(key)
            for one in _listed(held):
                value = self.value(name, one)
                if value is None:
                    self.problem(LEFT_OUT, f"value of {key!r} cannot be read: left out", key)
                else:
                    yield name, value

    def value(self, name: str, held: Any) -> Value | None:
        """Return a value, ``None`` if it cannot be read."""
        if isinstance(held, str):
            return qname(self.name(held)) if name in _NAMING else safe_text(held)
        if isinstance(held, dict):
            return self.described(held)
        if isinstance(held, bool):
            return Literal("true" if held else "false", "xsd:boolean")
        return Literal(*held) if isinstance(held, Number) else None

    def described(self, held: dict[str, Any]) -> Value | None:
        """Return the value of an object: a name, or a text with a datatype or a language."""
        if isinstance(held.get("@id"), str):
            return qname(self.name(held["@id"]))
        text, datatype, lang = held.get("@value"), held.get("@type", ""), held.get("@language")
        if isinstance(text, str) and isinstance(datatype, str):
            return self.assembly.value(text, datatype, lang if isinstance(lang, str) else None)
        return self.value("", text) if isinstance(text, (bool, Number)) else None
