"""Read common PROV-XML documents fast.

Such a document declares all namespaces in its root, and its elements have at most one attribute.
Regular expressions take it apart, without a call for each element. Anything else, such as a comment
or an error, makes the reader give up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Any, NoReturn

from provlog.compiled import compiled
from provlog.model.elements import Attributes, gathered
from provlog.model.graph import Bundle, ProvGraph, Statements
from provlog.model.namespaces import PROV
from provlog.model.relations import RELATIONS, RelationKind
from provlog.model.values import QUALIFIED_NAME, Literal, Value, held_text, is_qualified_name, qname
from provlog.readers.documents.assembly import Assembly, Stated
from provlog.readers.documents.names import Names
from provlog.readers.documents.xml.names import XmlNames
from provlog.readers.documents.xml.splitting import (
    BLANK,
    NAME,
    VALUE,
    Children,
    Rows,
    UnusualError,
    split,
)
from provlog.readers.documents.xml.statements import (
    ELEMENTS,
    END,
    START,
    STATED,
    TIMES,
    Part,
)  # fmt: skip

__all__ = ["usual_graph"]

_HEAD = 1 << 16

_ENCODING = r"""(?:[ ]encoding=["'](?:UTF-8|utf-8|ASCII)["'])?"""
_DOCUMENT = re.compile(
    rf"""(?:<\?xml[ ]version=["']1\.0["']{_ENCODING}[ ]?\?>)?{BLANK}
    <({NAME})((?:[ \t\n]+{NAME}=(?:{VALUE}))*+){BLANK}>{BLANK}""",
    re.VERBOSE | re.ASCII,
)
_DECLARATION = re.compile(rf"({NAME})={VALUE}", re.ASCII)
_NOT_XML = re.compile("[\ufffe\uffff]")


# The kind of statement that an element is.
_KIND_OF = {tag: stated.kind.name for tag, stated in STATED.items()} | {
    tag: kind for tag, (kind, _) in ELEMENTS.items()
}
# Datatypes whose values the graph has without them, or with another one.
_CONVERTED = frozenset({"", "xsd:string", "xsd:QName", QUALIFIED_NAME})

# The role and the type of a relation, and what else it has besides its ends.
_Further = tuple[str | None, str | None, Stated]


def usual_graph(data: bytes) -> ProvGraph | None:
    """Return the graph of a document, or ``None`` if it is not a usual one."""
    try:
        return _graph(data)
    except (UnusualError, UnicodeDecodeError):
        return None


@cache
def _compiled() -> Any:
    return compiled("provlog.readers.documents.xml._fast")


def _unusual(*_: str) -> NoReturn:
    """Give up because of a problem, which the other reader reports with its place."""
    raise UnusualError


def _graph(data: bytes) -> ProvGraph:
    root = _DOCUMENT.match(data[:_HEAD].decode(errors="ignore"))
    if root is None or _NOT_XML.search(root[0]):
        raise UnusualError
    graph = ProvGraph(namespaces={})
    names = XmlNames(Names(graph.namespaces, _unusual), _unusual)
    pairs = _DECLARATION.findall(root[2])
    if len(dict(pairs)) < len(pairs) or PROV not in dict(pairs).values():
        raise UnusualError
    names.declare(dict(pairs))
    end = data.rfind(b"<")
    last = data[end:].rstrip(b" \t\r\n").decode()
    if names[root[1]] != "prov:document" or last != f"</{root[1]}>":
        raise UnusualError
    prov = names.id.rpartition(":")[0]
    start = len(root[0].encode())
    take_apart = split if (fast := _compiled()) is None else fast.split
    rows, children = take_apart(data, start, end, prov, names.type)
    reader = _Reader(graph, names, rows, children)
    reader.read()
    return graph


class _Reader:
    """Reader of the statements of a document."""

    def __init__(self, graph: ProvGraph, names: XmlNames, rows: Rows, children: Children) -> None:
        self.graph = graph
        self.names = names
        self.rows = rows
        self.terms = list(map(names.__getitem__, children.tags))
        self.references: dict[int, str] = {}
        self.values = self._values(children)

    def _values(self, children: Children) -> list[Value]:
        """Return the values of all children; those with a reference have none."""
        names = self.names
        value = Assembly(Statements(), names.names, _unusual).value
        datatypes: dict[str, str] = {}
        values: list[Any] = children.texts
        for index, (name, held) in enumerate(zip(children.names, children.values, strict=True)):
            if name is None:
                continue
            text = values[index]
            if name == names.ref:
                self.references[index] = held
            elif name == names.type:
                if held not in datatypes:
                    resolved = names.names[held]
                    datatypes[held] = "" if resolved in _CONVERTED else resolved
                datatype = datatypes[held]
                values[index] = Literal(text, datatype) if datatype else value(text, held)
            else:
                values[index] = value(text, "", held)
        return values

    def read(self) -> None:
        """Read all statements, those in bundles last."""
        bundles, ends = self.rows.bundles, self.rows.ends
        borders = [
            row for row, held in enumerate(zip(bundles, ends, strict=True)) if held != (None, None)
        ]
        starts, stops = borders[::2], borders[1::2]
        are_pairs = len(starts) == len(stops) and not any(
            bundles[start] is None or ends[stop] is None
            for start, stop in zip(starts, stops, strict=True)
        )
        if not are_pairs:
            raise UnusualError
        after = [0, *(stop + 1 for stop in stops)]
        outside = map(range, after, [*starts, len(bundles)])
        self.part(Assembly(self.graph, self.names.names, _unusual), chain.from_iterable(outside))
        for start, stop in zip(starts, stops, strict=True):
            bundle = Bundle(id="")
            names = Names(bundle.namespaces, _unusual, self.names.names)
            bundle.id = names[bundles[start]]
            bundle = self.graph.bundles.setdefault(bundle.id, bundle)
            names.continue_in(bundle.namespaces)
            self.part(Assembly(bundle, names, _unusual), range(start + 1, stop))
        if self.references:
            # Elements do not refer to others.
            raise UnusualError

    def part(self, assembly: Assembly, rows: Iterable[int]) -> None:
        """Read the statements of a document or bundle, kind by kind."""
        usual, others, names = self.rows.tags, self.rows.other_tags, self.names
        by_tag: dict[str, list[int]] = {}
        found: dict[str, list[int]] = {
            kind: [] for kind in ("entity", "activity", "agent", *RELATIONS)
        }
        for row in rows:
            tag = usual[row] or others[row]
            held = by_tag.get(tag)
            if held is None:
                kind = _KIND_OF.get(names[tag])
                if kind is None:
                    raise UnusualError
                held = by_tag[tag] = found[kind]
            held.append(row)
        for kind, held in found.items():
            if not held:
                continue
            if kind in RELATIONS:
                self.relations(assembly, RELATIONS[kind], held)
            else:
                self.elements(assembly, kind, held)
        assembly.finish()

    def elements(self, assembly: Assembly, kind: str, rows: list[int]) -> None:
        """Add elements of one kind."""
        ids, tags, firsts = self.rows.ids, self.rows.other_tags, self.rows.first_children
        names, terms, values = self.names, self.terms, self.values
        records: dict[str, Attributes] = {}
        for row in rows:
            id, tag = ids[row], tags[row]
            if id is None or id in records:
                raise UnusualError
            type = ELEMENTS[names[tag]][1]
            first, last = firsts[row], firsts[row + 1]
            attributes: Attributes = dict(zip(terms[first:last], values[first:last], strict=True))
            if type is not None or len(attributes) < last - first:
                pairs = [] if type is None else [("prov:type", qname(type))]
                attributes = gathered(
                    [*pairs, *zip(terms[first:last], values[first:last], strict=True)]
                )
            records[id] = attributes
        times = []
        if kind == "activity":
            for name, attributes in records.items():
                start, end = attributes.pop(START, None), attributes.pop(END, None)
                if isinstance(start, list) or isinstance(end, list):
                    raise UnusualError
                if start is not None or end is not None:
                    times.append((name, _time(start), _time(end)))
        assembly.declare_all(kind, records)
        assembly.set_all_times(times)

    def relations(self, assembly: Assembly, kind: RelationKind, rows: list[int]) -> None:
        """Add relations of one kind."""
        usual = self.usual_relations(assembly, kind, rows)
        if usual is not None:
            assembly.relate_all(kind, *usual)
            return
        for row in rows:
            tag = self.rows.tags[row] or self.rows.other_tags[row]
            parts = self.parts(assembly, row)
            STATED[self.names[tag]].relate(assembly, self.rows.ids[row], parts, _unusual)

    def usual_relations(
        self, assembly: Assembly, kind: RelationKind, rows: list[int]
    ) -> tuple[list[str], list[str], list[str | None], list[str | None], dict[int, Stated]] | None:
        """Return sources, targets, roles, types, and what some relations have besides these.

        Returns ``None`` if a relation has an identifier, or begins with other children.
        """
        names, firsts = self.names, self.rows.first_children

        def column(held: list[Any]) -> list[Any]:
            return [held[row] for row in rows]

        ids, tags, other_tags = map(column, (self.rows.ids, self.rows.tags, self.rows.other_tags))
        source, target = (formal.name for formal in kind.formals[:2])
        sides = {source: self.rows.source_tags, target: self.rows.target_tags}
        is_usual = (
            not any(ids)
            and all(STATED[names[tag]].type is None for tag in {*tags, *other_tags} - {None})
            and all({names[tag] for tag in {*column(side)} - {None}} <= {name}
                    for name, side in sides.items())
        )  # fmt: skip
        if not is_usual:
            return None
        sources, targets, roles, types = map(
            column, (self.rows.sources, self.rows.targets, self.rows.roles, self.rows.types)
        )
        resolved = {text: self.type(assembly, text) for text in {*types} - {None}}
        types = [resolved.get(text) for text in types]
        others: dict[int, Stated] = {}
        known: dict[object, _Further | None] = {}
        references, used = self.references, list[int]()
        for number, row in enumerate(rows):
            if sources[number] is not None:
                continue
            first, last = firsts[row], firsts[row + 1]
            if self.terms[first : min(first + 2, last)] != [source, target]:
                return None
            sources[number], targets[number] = references.get(first), references.get(first + 1)
            if sources[number] is None or targets[number] is None:
                return None
            used += first, first + 1
            rest = range(first + 2, last)
            key = (
                *((self.terms[index], self.values[index], references.get(index)) for index in rest),
            )
            if key not in known:
                known[key] = _further(kind, key)
            further = known[key]
            if further is None:
                return None
            roles[number], types[number], others[number] = further
            used += rest
        for index in used:
            references.pop(index, None)
        return sources, targets, roles, types, others

    def parts(self, assembly: Assembly, row: int) -> Iterator[Part]:
        """Yield name, value and reference of each child of a relation."""
        rows, names = self.rows, self.names
        if rows.tags[row] is None:
            for index in range(*rows.first_children[row : row + 2]):
                reference = self.references.pop(index, None)
                yield self.terms[index], self.values[index], reference
            return
        yield names[rows.source_tags[row]], "", rows.sources[row]
        yield names[rows.target_tags[row]], "", rows.targets[row]
        role, type = rows.roles[row], rows.types[row]
        if role is not None:
            yield "prov:role", role, None
        if type is not None:
            yield "prov:type", assembly.value(type, "xsd:QName"), None

    def type(self, assembly: Assembly, text: str) -> str:
        """Return a type as a name."""
        value = assembly.value(text, "xsd:QName")
        if isinstance(value, str) or value.datatype != QUALIFIED_NAME:
            raise UnusualError
        return value.text


def _time(held: Value | list[Value] | None) -> str | None:
    return None if held is None else held_text(held).strip()


def _further(kind: RelationKind, parts: Iterable[Part]) -> _Further | None:
    """Return role, type, and everything else that a relation has besides its ends.

    Returns ``None`` if an argument is not one of this kind, or if there are two.
    """
    role = type = None
    formals = {formal.name for formal in kind.formals[2:]}
    arguments: dict[str, str] = {}
    pairs: list[tuple[str, Value]] = []
    for term, value, reference in parts:
        if reference is not None or term in TIMES:
            if term not in formals or term in arguments:
                return None
            arguments[term] = reference or held_text(value).strip()
        elif role is None and term == "prov:role" and isinstance(value, str):
            role = value
        elif type is None and term == "prov:type" and is_qualified_name(value):
            type = value.text
        else:
            pairs.append((term, value))
    return role, type, (arguments, pairs)
