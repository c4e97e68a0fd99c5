"""Read the statements of PROV-XML, each from its element."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from typing import NamedTuple
from xml.etree.ElementTree import Element

from provlog.model.elements import Attributes, gathered
from provlog.model.relations import DERIVATIONS, RELATIONS, TIME, RelationKind
from provlog.model.values import Value, held_text, qname
from provlog.readers.documents.assembly import LEFT_OUT, Assembly
from provlog.readers.documents.names import Problem
from provlog.readers.documents.xml.names import XmlNames

__all__ = ["ELEMENTS", "END", "START", "STATED", "TIMES", "XmlStatements"]

Part = tuple[str, Value, str | None]

START, END = "prov:startTime", "prov:endTime"
TIMES = frozenset({TIME, START, END})
"""The children of statements that hold a time."""
_BUNDLE = "prov:bundleContent"

# Elements of the schema that are a concept of PROV-DM with a type.
ELEMENTS: dict[str, tuple[str, str | None]] = {
    "prov:entity": ("entity", None),
    "prov:activity": ("activity", None),
    "prov:agent": ("agent", None),
    "prov:plan": ("entity", "prov:Plan"),
    "prov:bundle": ("entity", "prov:Bundle"),
    "prov:collection": ("entity", "prov:Collection"),
    "prov:emptyCollection": ("entity", "prov:EmptyCollection"),
    "prov:person": ("agent", "prov:Person"),
    "prov:organization": ("agent", "prov:Organization"),
    "prov:softwareAgent": ("agent", "prov:SoftwareAgent"),
}


class Stated(NamedTuple):
    """What an element of the schema states: a kind of relation, perhaps with a type."""

    kind: RelationKind
    type: str | None = None

    def relate(
        self, assembly: Assembly, id: str | None, parts: Iterable[Part], problem: Problem
    ) -> None:
        """Add the relation.

        Parameters
        ----------
        assembly : Assembly
            The assembly to add it to.
        id : str, optional
            The identifier as written.
        parts : iterable of tuple
            Name and value of each child, and what it refers to.
        problem : callable
            Receives references that the kind of relation does not have.
        """
        kind = self.kind
        arguments: dict[str, str] = {}
        pairs: list[tuple[str, Value]] = []
        if self.type is not None:
            pairs.append(("prov:type", qname(self.type)))
        for term, value, reference in parts:
            if reference is not None:
                if term == "prov:entity" and term in arguments and kind.name == "hadMember":
                    # A statement can have several members.
                    assembly.relate(kind, None, arguments, pairs)
                arguments[term] = reference
            elif term in TIMES:
                arguments[term] = held_text(value).strip()
            else:
                pairs.append((term, value))
        unknown = arguments.keys() - _FORMALS[kind.name]
        if unknown:
            listed = ", ".join(sorted(unknown))
            problem(LEFT_OUT, f"{kind.name} has no {listed}: left out", "")
        assembly.relate(kind, id, arguments, pairs)


STATED: dict[str, Stated] = {f"prov:{name}": Stated(kind) for name, kind in RELATIONS.items()} | {
    f"prov:{name}": Stated(RELATIONS["wasDerivedFrom"], type)
    for name, (_, type) in DERIVATIONS.items()
}
_FORMALS = {
    kind.name: frozenset(formal.name for formal in kind.formals) for kind in RELATIONS.values()
}


class XmlStatements:
    """Reader of the statements of a document or bundle."""

    def __init__(self, assembly: Assembly, names: XmlNames, problem: Problem) -> None:
        self.assembly = assembly
        self.names = names
        self.problem = problem

    def add(self, element: Element) -> bool:
        """Add a statement; return ``False`` for a bundle, which is not added."""
        with self.names.within(element):
            term = self.names[element.tag]
            if term in STATED:
                id = self.names.attributes(element).get("id")
                STATED[term].relate(self.assembly, id, map(self.part, element), self.problem)
            elif term in ELEMENTS:
                self.element(term, element)
            elif term == _BUNDLE:
                return False
            elif term != "prov:other":
                name = term.rpartition(":")[2]
                self.problem(LEFT_OUT, f"{name!r} is not a kind of PROV statement: left out", "")
        return True

    def resolved(self, name: str) -> str:
        """Return the graph's name of an element; from now on it resolves to itself."""
        names = self.assembly.names
        found = names[name]
        names[found] = found
        return found

    def element(self, term: str, element: Element) -> None:
        """Add an entity, an activity or an agent."""
        kind, type = ELEMENTS[term]
        name = self.names.attributes(element).get("id")
        if name is None:
            message = f"{term.removeprefix('prov:')} has no prov:id: left out"
            self.problem(LEFT_OUT, message, "")
            return
        name = self.resolved(name)
        pairs: list[tuple[str, Value]] = [] if type is None else [("prov:type", qname(type))]
        pairs += [part[:2] for part in map(self.part, element) if part[2] is None]
        attributes: Attributes = gathered(pairs)
        start = end = None
        if kind == "activity":
            start, end = attributes.pop(START, None), attributes.pop(END, None)
        found = self.assembly.declare(kind, name, attributes)
        for first, last in zip_longest(_texts(start), _texts(end)):
            self.assembly.set_times(found, first, last)

    def part(self, child: Element) -> Part:
        """Return name and value of a child of a statement, and what it refers to."""
        reference = None
        value: Value = ""
        with self.names.within(child):
            attributes = self.names.attributes(child)
            term = self.names[child.tag]
            if "ref" in attributes and term.startswith("prov:"):
                reference = self.resolved(attributes["ref"])
            else:
                datatype, language = attributes.get("type", ""), attributes.get("lang")
                value = self.assembly.value("".join(child.itertext()), datatype, language)
        if reference is not None:
            # It keeps its meaning outside of the child.
            self.assembly.names[reference] = reference
        return term, value, reference


def _texts(held: Value | list[Value] | None) -> list[str]:
    """Return the texts of an attribute."""
    values = held if isinstance(held, list) else [] if held is None else [held]
    return [held_text(value).strip() for value in values]
