"""Assemble the statements of a document, in any order, into a graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from types import MappingProxyType
from typing import Any

from provlog.model.elements import (
    ABSENT,
    Activity,
    Agent,
    Attributes,
    Element,
    Entity,
    gathered,
)
from provlog.model.graph import Statements
from provlog.model.identifiers import is_plain
from provlog.model.instants import same_instant
from provlog.model.relations import TIME, QualifiedRelation, Relation, RelationKind, relation_of
from provlog.model.values import (
    QUALIFIED_NAME,
    InternationalizedString,
    Literal,
    Value,
    are_date_times,
    date_time,
    safe_text,
)
from provlog.readers.documents.names import Names, Problem

__all__ = ["LEFT_OUT", "Assembly", "Stated"]

LEFT_OUT = "PL010"

_CLASSES: dict[str, type[Element]] = {"entity": Entity, "activity": Activity, "agent": Agent}
_ANY = "element"
_NAMES = frozenset({QUALIFIED_NAME, "xsd:QName"})


Stated = tuple[dict[str, str], list[tuple[str, Value]]]
"""Formal attributes of a relation, as written, and other attributes, resolved."""


class Assembly:
    """Assembler of the statements of a document or of a bundle.

    Parameters
    ----------
    statements : Statements
        The graph or the bundle to fill.
    names : Names
        The names in the document.
    problem : callable
        Receives the problems in the document.
    """

    def __init__(self, statements: Statements, names: Names, problem: Problem) -> None:
        self.statements = statements
        self.names = names
        self._problem = problem
        self._known: dict[str, dict[str, Any]] = {kind: {} for kind in (*_CLASSES, _ANY)}
        self._tables: dict[str, dict[str, Any]] = {
            "entity": statements.entities,
            "activity": statements.activities,
            "agent": statements.agents,
        }
        # Whether every format writes the names unchanged, and whether the graph does.
        self.are_plain = self._are_kept = True

    def element(self, kind: str, text: str) -> Any:
        """Return the element with a kind and a name in the document; create it if it is new."""
        found = self._known[kind].get(text)
        return self._new(kind, text) if found is None else found

    def _new(self, kind: str, text: str) -> Element:
        name = self.names[text]
        known = self._known[kind]
        found: Element | None = known.get(name)
        if found is None and kind == _ANY:
            # The usual case: the element is already declared.
            for table in self._tables.values():
                found = found or table.get(name)
        if found is None:
            found = known[name] = _CLASSES.get(kind, Element)(name, {})
            self.are_plain = self.are_plain and is_plain(name)
        self._are_kept = self._are_kept and name == text
        known[text] = found
        return found

    def declare(self, kind: str, text: str, attributes: Attributes) -> Any:
        """Add an element, or add the attributes to an element that is already declared."""
        element = self.element(kind, text)
        if self._tables[kind].setdefault(element.id, element).attributes:
            both = chain(element.pairs(), Element("", attributes).pairs())
            element.attributes = gathered(both)
        else:
            element.attributes = attributes
        return element

    def set_times(self, activity: Activity, start: Any, end: Any) -> None:
        """Set the times of an activity that a statement contains."""
        if activity.start is activity.end is None:
            activity.start = None if start is None else self.time(start, activity.id)
            activity.end = None if end is None else self.time(end, activity.id)
            return
        for name, text in (("start", start), ("end", end)):
            time = None if text is None else self.time(text, activity.id)
            known = getattr(activity, name)
            if known is None:
                setattr(activity, name, time)
            elif time is not None and not same_instant(known, time):
                message = f"activity {activity.id} has a second {name} time {time}: left out"
                self._problem(LEFT_OUT, message, str(text))

    def time(self, text: Any, of: str) -> str | None:
        """Return a time as ``xsd:dateTime``; report one that is invalid."""
        time = date_time(text)
        if time is None:
            self._problem(LEFT_OUT, f"invalid time {text!r} of {of}: left out", str(text))
        return time

    def value(self, text: str, datatype: str, lang: str | None = None) -> Value:
        """Return a value from its text, its datatype as written, and its language."""
        if lang:
            return InternationalizedString(safe_text(text), lang=lang)
        name = self.names[datatype] if datatype else ""
        if name in _NAMES and (name == QUALIFIED_NAME or ":" in text or "" in self.names.scope):
            return Literal(self.names[text.strip()], QUALIFIED_NAME)
        return safe_text(text) if name in {"", "xsd:string"} else Literal(safe_text(text), name)

    def relate(
        self,
        kind: RelationKind,
        text: str | None,
        arguments: Mapping[str, str],
        pairs: Iterable[tuple[str, Value]] = (),
    ) -> None:
        """Add a relation.

        Parameters
        ----------
        kind : RelationKind
            The kind of relation.
        text : str, optional
            The identifier as written.
        arguments : mapping
            The formal attributes present, as written, by name.
        pairs : iterable of tuple
            Names and values of the other attributes, resolved.
        """
        ends = [ABSENT, ABSENT]
        for number, formal in enumerate(kind.formals[:2]):
            held = arguments.get(formal.name)
            if held is not None:
                ends[number] = self.element(formal.refers_to, held)
        time, others = self._further(kind, arguments)
        name = None if text is None else self.names[text]
        relation = relation_of(ends[0], ends[1], pairs, id=name, time=time, arguments=others)
        self.statements.relations[kind.name][relation] = None

    def _further(
        self, kind: RelationKind, arguments: Mapping[str, str]
    ) -> tuple[str | None, tuple[tuple[str, Element | str], ...]]:
        """Return the time and the arguments besides the ends."""
        time, others = None, list[tuple[str, Element | str]]()
        for formal in kind.formals[2:] if arguments else ():
            held = arguments.get(formal.name)
            if held is None:
                continue
            if formal.name == TIME:
                time = self.time(held, kind.name)
            elif formal.refers_to == "relation":
                others.append((formal.name, self.names[held]))
            else:
                others.append((formal.name, self.element(formal.refers_to, held)))
        return time, tuple(others)

    def declare_all(self, kind: str, records: Mapping[str, Attributes]) -> None:
        """Add elements by name; fast if their names are new and stay unchanged."""
        table, known = self._tables[kind], self._known[kind]
        # This iterates over the new names, of which a call may have only one.
        if known.keys().isdisjoint(records) and self.names.keeps(records.keys()):
            make = _CLASSES[kind]
            elements = {name: make(name, attributes) for name, attributes in records.items()}
            table.update(elements)
            known.update(elements)
            return
        for name, attributes in records.items():
            self.declare(kind, name, attributes)

    def set_all_times(self, times: list[tuple[str, str | None, str | None]]) -> None:
        """Set the times of many activities, by their names as written."""
        texts = (text for _, start, end in times for text in (start, end))
        are_valid = are_date_times([text for text in texts if text is not None])
        known = self._known["activity"]
        for name, start, end in times:
            activity: Any = known.get(name) or self._new("activity", name)
            if are_valid and activity.start is activity.end is None:
                activity.start, activity.end = start, end
            else:
                self.set_times(activity, start, end)

    def known(self, kind: str) -> dict[str, Any]:
        """Return the known elements of a kind, by the names as written."""
        return self._known[kind]

    def _ends(self, kind: str, texts: Iterable[str]) -> list[Any]:
        """Return the elements of a kind with these names in the document."""
        known = self._known[kind]
        if kind == _ANY and self._are_kept:
            # All declared elements are known; of those with one name the entity counts.
            declared = dict[str, Any]()
            for table in reversed(self._tables.values()):
                declared.update(table)
            known.update(declared | known)
        # The elements of the relation itself are new, if any is.
        return [known.get(text) or self._new(kind, text) for text in texts]

    def relate_all(
        self,
        kind: RelationKind,
        sources: Iterable[str],
        targets: Iterable[str],
        roles: Iterable[str | None],
        types: Iterable[str | None],
        others: Mapping[int, Stated] = MappingProxyType({}),
    ) -> None:
        """Add relations with a role and a type (a resolved name) fast.

        Further arguments and attributes are in `others`, by the number of the relation.
        """
        ends = (
            self._ends(kind.source.refers_to, sources),
            self._ends(kind.target.refers_to, targets),
        )
        relations: Iterable[Relation] = map(Relation, *ends, roles, types)
        if not self.are_plain:
            relations = (relation_of(held.source, held.target, held.pairs()) for held in relations)
        if others:
            relations = [*relations]
            # Relations can share these.
            known = {id(stated): stated for stated in others.values()}
            resolved = {key: self._further(kind, stated[0]) for key, stated in known.items()}
            for number, stated in others.items():
                (time, further), (_, pairs) = resolved[id(stated)], stated
                if time is not None or further or pairs:
                    plain = relations[number]
                    relations[number] = QualifiedRelation(
                        plain.source, plain.target, plain.role, plain.type, None, time, further,
                        tuple(pairs),
                    )  # fmt: skip
        self.statements.relations[kind.name].update(dict.fromkeys(relations))

    def finish(self) -> None:
        """Unite elements that relations and declarations state with different kinds."""
        tables = self._tables.values()
        same: dict[Element, Element] = {}
        first: dict[tuple[bool, str], Element] = {}
        for kind, known in self._known.items():
            if self._are_kept and known.keys() <= self._tables.get(kind, {}).keys():
                continue
            for element in known.values():
                if kind == _ANY and type(element) is not Element:
                    # It was declared before relations.
                    continue
                if kind in self._tables and element.id in self._tables[kind]:
                    continue
                candidates = (t[element.id] for t in tables if element.id in t)
                # An entity can also be an agent. An element used as an activity stays one.
                declared = next(
                    (
                        other
                        for other in candidates
                        if kind == _ANY or isinstance(other, Activity) == (kind == "activity")
                    ),
                    None,
                )
                is_activity = kind == "activity", element.id
                other = declared or first.setdefault(is_activity, element)
                if other is not element:
                    same[element] = other
        if same:
            for kind, relations in self.statements.relations.items():
                moved = dict.fromkeys(relation.between(same) for relation in relations)
                self.statements.relations[kind] = moved
