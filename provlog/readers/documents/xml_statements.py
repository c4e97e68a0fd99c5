"""Read the statements of PROV-XML, each from its element."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from provlog.model.elements import Attributes, gathered
from provlog.model.relations import DERIVATIONS, RELATIONS, TIME, Relation, RelationKind
from provlog.model.values import QUALIFIED_NAME, Value, qname
from provlog.readers.documents.assembly import LEFT_OUT, Assembly
from provlog.readers.documents.names import Problem
from provlog.readers.documents.xml_names import XmlNames

__all__ = ["XmlStatements"]

_START, _END = "prov:startTime", "prov:endTime"
_TIMES = frozenset({TIME, _START, _END})
_BUNDLE = "prov:bundleContent"

# Elements of the schema that are a concept of PROV-DM with a type.
_ELEMENTS: dict[str, tuple[str, str | None]] = {
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


class _Relation(NamedTuple):
    """What an element of the schema states: a kind of relation, perhaps with a type."""

    kind: RelationKind
    type: str | None = None


_RELATIONS: dict[str, _Relation] = {
    f"prov:{name}": _Relation(kind) for name, kind in RELATIONS.items()
} | {
    f"prov:{name}": _Relation(RELATIONS["wasDerivedFrom"], type)
    for name, (_, type) in DERIVATIONS.items()
}
_FORMALS = {
    kind.name: frozenset(formal.name for formal in kind.formals) for kind in RELATIONS.values()
}


class XmlStatements:
    """Reader of the statements of a document or bundle.

    New elements wait until one of another kind follows: many are added in less time.
    """

    def __init__(self, assembly: Assembly, names: XmlNames, problem: Problem) -> None:
        self.assembly = assembly
        self.names = names
        self.problem = problem
        self.kind = ""
        self.pending: dict[str, Attributes] = {}
        self.times: list[tuple[str, str | None, str | None]] = []
        # The kind of the last relation, and the known ends of this kind.
        self.related = ""
        self.sources: dict[str, Any] = {}
        self.targets: dict[str, Any] = {}

    def add(self, element: Element, *, is_scoped: bool = False) -> bool:
        """Add a statement; return whether it is one, and not a bundle.

        Parameters
        ----------
        element : Element
            The statement.
        is_scoped : bool
            Whether the namespaces that it declares are applied.
        """
        keys = element.keys()
        if keys and not is_scoped and (len(keys) > 1 or self.names.id not in keys):
            self.flush()
            with self.names.within(element):
                is_statement = self.add(element, is_scoped=True)
                self.flush()
            self.related = ""
            return is_statement
        term = self.names[element.tag]
        relation = _RELATIONS.get(term)
        if relation is not None:
            if self.pending:
                self.flush()
            if keys or relation.type is not None or not self.usual(relation.kind, element):
                self.relation(relation, element)
        elif term in _ELEMENTS:
            self.element(term, element, is_scoped=is_scoped)
        elif term == _BUNDLE:
            return False
        elif term != "prov:other":
            name = term.rpartition(":")[2]
            self.problem(LEFT_OUT, f"{name!r} is not a kind of PROV statement: left out", "")
        return True

    def finish(self) -> None:
        """Add all statements that wait, and unite elements."""
        self.flush()
        self.assembly.finish()

    def flush(self) -> None:
        """Add the elements that wait."""
        if self.pending:
            self.assembly.declare_all(self.kind, self.pending)
            for name, start, end in self.times:
                activity = self.assembly.element(self.kind, name)
                activity.start, activity.end = start, end
            self.pending, self.times = {}, []

    def resolved(self, name: str) -> str:
        """Return the graph's name of an element; from now on it resolves to itself."""
        names = self.assembly.names
        found = names[name]
        names[found] = found
        return found

    def element(self, term: str, element: Element, *, is_scoped: bool) -> None:
        """Add an entity, an activity or an agent."""
        kind, type = _ELEMENTS[term]
        name = element.get(self.names.id) or self.names.attributes(element).get("id")
        if name is None:
            message = f"{term.removeprefix('prov:')} has no prov:id: left out"
            self.problem(LEFT_OUT, message, "")
            return
        if is_scoped:
            name = self.resolved(name)
        attributes = self.attributes(type, element)
        if kind != self.kind:
            self.flush()
            self.kind = kind
        start = end = None
        if kind == "activity":
            start, end = attributes.pop(_START, None), attributes.pop(_END, None)
        assembly = self.assembly
        if (
            name in self.pending
            or name in assembly.known(kind)
            or not assembly.names.knows(name)
            or isinstance(start, list)
            or isinstance(end, list)
        ):
            self.flush()
            found = assembly.declare(kind, name, attributes)
            for first, last in zip_longest(_texts(start), _texts(end)):
                assembly.set_times(found, first, last)
            return
        self.pending[name] = attributes
        if start is not None or end is not None:
            self.times.append((name, self.time(start, name), self.time(end, name)))

    def time(self, held: Value | None, of: str) -> str | None:
        """Return a time of an activity, ``None`` if there is none or it is invalid."""
        if held is None:
            return None
        return self.assembly.time((held if isinstance(held, str) else held.text).strip(), of)

    def attributes(self, type: str | None, element: Element) -> Attributes:
        """Return the attributes of an element, and the times of an activity."""
        names = self.names
        value: Value
        attributes: Attributes = {} if type is None else {"prov:type": qname(type)}
        for child in element:
            keys = child.keys()
            # Nearly all attributes are one text, or have a datatype.
            if not keys and not len(child):
                term, value = names[child.tag], child.text or ""
            elif names.type in keys and len(keys) == 1 and not len(child):
                term = names[child.tag]
                value = self.assembly.value(child.text or "", child.get(names.type, ""))
            else:
                term, value, reference = self.part(child)
                if reference is not None:
                    continue
            if term not in attributes:
                attributes[term] = value
            else:
                known = attributes[term]
                values = known if isinstance(known, list) else [known]
                attributes[term] = gathered((term, one) for one in (*values, value))[term]
        return attributes

    def part(self, child: Element) -> tuple[str, Value, str | None]:
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
                value = self.assembly.value(_text(child), datatype, language)
        if reference is not None:
            # It keeps its meaning outside of the child.
            self.assembly.names[reference] = reference
        return term, value, reference

    def usual(self, kind: RelationKind, element: Element) -> bool:
        """Add a relation with at most a role or a type, in less time; return whether it is one."""
        names, assembly = self.names, self.assembly
        size = len(element)
        if size not in {2, 3}:
            return False
        first, second = element[0], element[1]
        one, other = first.attrib, second.attrib
        source, target = one.get(names.ref), other.get(names.ref)
        if (
            source is None
            or target is None
            or len(one) > 1
            or len(other) > 1
            or names[first.tag] != kind.formals[0].name
            or names[second.tag] != kind.formals[1].name
        ):
            return False
        role = type = None
        if size == 3:
            role, type = self.only_attribute(element[2])
            if not role and not type:
                return False
        if kind.name != self.related:
            self.related = kind.name
            self.sources, self.targets = assembly.known_ends(kind)
            self.relations = assembly.statements.relations[kind.name]
        effect, cause = self.sources.get(source), self.targets.get(target)
        if effect is None or cause is None or not assembly.are_plain:
            assembly.relate_plainly(kind, source, target, role, type)
        else:
            self.relations[Relation(effect, cause, role, type)] = None
        return True

    def only_attribute(self, child: Element) -> tuple[str | None, str | None]:
        """Return the role, or the type as a name, that a child is."""
        keys = child.keys()
        if len(child) or len(keys) > 1:
            return None, None
        term = self.names[child.tag]
        if term == "prov:role" and not keys:
            return child.text, None
        if term == "prov:type" and self.names.type in keys:
            value = self.assembly.value(child.text or "", child.get(self.names.type, ""))
            if not isinstance(value, str) and value.datatype == QUALIFIED_NAME:
                return None, value.text
        return None, None

    def relation(self, relation: _Relation, element: Element) -> None:
        """Add a relation with whatever it has."""
        kind, type = relation
        id = self.names.attributes(element).get("id")
        arguments: dict[str, str] = {}
        pairs: list[tuple[str, Value]] = [] if type is None else [("prov:type", qname(type))]
        for child in element:
            term, value, reference = self.part(child)
            if reference is not None:
                if term == "prov:entity" and term in arguments and kind.name == "hadMember":
                    # A statement can have several members.
                    self.assembly.relate(kind, None, arguments, pairs)
                arguments[term] = reference
            elif term in _TIMES:
                arguments[term] = _text(child).strip()
            else:
                pairs.append((term, value))
        unknown = arguments.keys() - _FORMALS[kind.name]
        if unknown:
            listed = ", ".join(sorted(unknown))
            self.problem(LEFT_OUT, f"{kind.name} has no {listed}: left out", "")
        self.assembly.relate(kind, id, arguments, pairs)


def _text(element: Element) -> str:
    """Return all text in an element."""
    return "".join(element.itertext())


def _texts(held: Value | list[Value] | None) -> list[str]:
    """Return the texts of an attribute."""
    values = held if isinstance(held, list) else [] if held is None else [held]
    return [(value if isinstance(value, str) else value.text).strip() for value in values]
