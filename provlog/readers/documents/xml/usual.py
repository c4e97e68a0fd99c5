"""Read common PROV-XML documents fast.

Such a document declares all namespaces in its root, and its elements have at most one attribute.
Regular expressions take it apart, without a call for each element. Anything else, such as a comment
or an error, makes the reader give up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple, NoReturn

from provlog.model.elements import Attributes, gathered
from provlog.model.graph import Bundle, ProvGraph, Statements
from provlog.model.namespaces import PROV
from provlog.model.relations import RELATIONS, RelationKind
from provlog.model.values import QUALIFIED_NAME, Literal, Value, held_text, qname
from provlog.readers.documents.assembly import Assembly
from provlog.readers.documents.names import Names
from provlog.readers.documents.xml.names import XmlNames
from provlog.readers.documents.xml.statements import (
    ELEMENTS,
    END,
    START,
    STATED,
    Part,
)  # fmt: skip

__all__ = ["usual_graph"]

_NAME = r"[A-Za-z_][A-Za-z0-9_.:-]*+"
# Without characters that XML does not allow, or that its parsers change.
_VALUE = r'"([^"<&\x00-\x1f]*+)"'
_TEXT = r"([^<>\x00-\x08\x0b-\x1f]*+)"
_HEAD = 1 << 16
_BLANK = r"[ \t\n]*+"

_ENCODING = r"""(?:[ ]encoding=["'](?:UTF-8|utf-8|ASCII)["'])?"""
_DOCUMENT = re.compile(
    rf"""(?:<\?xml[ ]version=["']1\.0["']{_ENCODING}[ ]?\?>)?{_BLANK}
    <({_NAME})((?:[ \t\n]+{_NAME}=(?:{_VALUE}))*+){_BLANK}>{_BLANK}""",
    re.VERBOSE | re.ASCII,
)
_DECLARATION = re.compile(rf"({_NAME})={_VALUE}", re.ASCII)
_REFERENCE = re.compile("&(?:(amp|lt|gt|quot|apos);|#13;)?")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", None: "\r"}
_NOT_XML = re.compile("[\ufffe\uffff]")


# The kind of statement that an element is.
_KIND_OF = {tag: stated.kind.name for tag, stated in STATED.items()} | {
    tag: kind for tag, (kind, _) in ELEMENTS.items()
}
# Datatypes whose values the graph has without them, or with another one.
_CONVERTED = frozenset({"", "xsd:string", "xsd:QName", QUALIFIED_NAME})


class _UnusualError(Exception):
    """The document is not a usual one."""


class _Columns(NamedTuple):
    """The statements of a document, field by field."""

    # Of relations with two ends and at most a role and a type.
    tags: list[Any]
    source_tags: list[Any]
    sources: list[Any]
    target_tags: list[Any]
    targets: list[Any]
    roles: list[Any]
    types: list[Any]
    # Of other statements.
    other_tags: list[Any]
    ids: list[Any]
    bodies: list[Any]
    # Of bundles: the identifier at the start, and the end.
    bundles: list[Any]
    ends: list[Any]
    # Everything from the first part that is not usual.
    rest: list[Any]


class _Children(NamedTuple):
    """The children of statements, field by field. The first one of a statement has a mark."""

    marks: list[Any]
    tags: list[Any]
    names: list[Any]
    values: list[Any]
    texts: list[Any]
    rest: list[Any]


_MARK = "\x00"


@lru_cache(maxsize=16)
def _patterns(prov: str, type: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a statement and of a child, with a prefix and the name of types."""
    text, blank = _TEXT, _BLANK
    end = rf"<({_NAME}) {prov}:ref={_VALUE}/>{blank}"
    statement = (
        rf"<({_NAME})>{blank}{end}{end}(?:<{prov}:role>{text}</{prov}:role>{blank})?"
        rf'(?:<{prov}:type {type}="xsd:QName">{text}</{prov}:type>{blank})?</\1>{blank}'
        rf"|<(?!{prov}:bundleContent)({_NAME})(?: {prov}:id={_VALUE})?"
        rf"(?:/>|>{blank}([^<]*+(?:<(?!/\8>)[^<]*+)*+)</\8>){blank}"
        rf"|<{prov}:bundleContent {prov}:id={_VALUE}>{blank}|<(/){prov}:bundleContent>{blank}"
        r"|([\s\S]+)"
    )
    child = (
        rf"({_MARK}?)<({_NAME})(?: ({prov}:ref|{type}|xml:lang)={_VALUE})?"
        rf"(?:/>|>{text}</\2>){blank}|([\s\S]+)"
    )
    return re.compile(statement, re.ASCII), re.compile(child, re.ASCII)


def usual_graph(data: bytes) -> ProvGraph | None:
    """Return the graph of a document, or ``None`` if it is not a usual one."""
    try:
        return _graph(data)
    except (_UnusualError, UnicodeDecodeError):
        return None


def _unusual(*_: str) -> NoReturn:
    """Give up because of a problem, which the other reader reports with its place."""
    raise _UnusualError


def _graph(data: bytes) -> ProvGraph:
    root = _DOCUMENT.match(data[:_HEAD].decode(errors="ignore"))
    if root is None or _NOT_XML.search(root[0]):
        raise _UnusualError
    graph = ProvGraph(namespaces={})
    names = XmlNames(Names(graph.namespaces, _unusual), _unusual)
    pairs = _DECLARATION.findall(root[2])
    if len(dict(pairs)) < len(pairs) or PROV not in dict(pairs).values():
        raise _UnusualError
    names.declare(dict(pairs))
    end = data.rfind(b"<")
    last = data[end:].rstrip(b" \t\r\n").decode()
    if names[root[1]] != "prov:document" or last != f"</{root[1]}>":
        raise _UnusualError
    # Without a copy of the bytes.
    text = str(memoryview(data)[len(root[0].encode()) : end], "utf-8")
    if not text.isascii() and _NOT_XML.search(text):
        raise _UnusualError
    prov = names.id.rpartition(":")[0]
    statement, child = _patterns(re.escape(prov), re.escape(names.type) or "(?!)")
    columns = _Columns(*_split(statement, text))
    children = _Children(*_split(child, _MARK.join(["", *filter(None, columns.bodies)])))
    if any(columns.rest) or any(children.rest):
        raise _UnusualError
    children.texts[:] = ["" if held is None else _resolved(held) for held in children.texts]
    reader = _Reader(graph, names, columns, children)
    reader.read()
    return graph


def _split(pattern: re.Pattern[str], text: str) -> Iterable[list[Any]]:
    """Return each group of a pattern that matches everything, for all of its matches."""
    parts = pattern.split(text)
    width = pattern.groups + 1
    return [parts[index::width] for index in range(1, width)]


def _resolved(text: str) -> str:
    """Return a text with characters for their references."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    if len(match[0]) == 1:
        raise _UnusualError
    return _CHARACTERS[match[1]]


class _Reader:
    """Reader of the statements of a document."""

    def __init__(
        self, graph: ProvGraph, names: XmlNames, columns: _Columns, children: _Children
    ) -> None:
        self.graph = graph
        self.names = names
        self.columns = columns
        self.terms = list(map(names.__getitem__, children.tags))
        self.references: dict[int, str] = {}
        self.values = self._values(children)
        # The numbers of the first child and the one after the last, by statement.
        starts = [index for index, mark in enumerate(children.marks) if mark]
        filled = [row for row, body in enumerate(columns.bodies) if body]
        if len(starts) != len(filled):
            raise _UnusualError
        self.spans = dict(
            zip(filled, zip(starts, [*starts, len(self.terms)][1:], strict=True), strict=True)
        )

    def _values(self, children: _Children) -> list[Value]:
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
        bundles, ends = self.columns.bundles, self.columns.ends
        borders = [
            row for row, held in enumerate(zip(bundles, ends, strict=True)) if held != (None, None)
        ]
        starts, stops = borders[::2], borders[1::2]
        are_pairs = len(starts) == len(stops) and not any(
            bundles[start] is None or ends[stop] is None
            for start, stop in zip(starts, stops, strict=True)
        )
        if not are_pairs:
            raise _UnusualError
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
            raise _UnusualError

    def part(self, assembly: Assembly, rows: Iterable[int]) -> None:
        """Read the statements of a document or bundle, kind by kind."""
        usual, others, names = self.columns.tags, self.columns.other_tags, self.names
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
                    raise _UnusualError
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
        ids, tags = self.columns.ids, self.columns.other_tags
        names, terms, values, spans = self.names, self.terms, self.values, self.spans
        records: dict[str, Attributes] = {}
        for row in rows:
            id, tag = ids[row], tags[row]
            if id is None or id in records:
                raise _UnusualError
            type = ELEMENTS[names[tag]][1]
            first, last = spans.get(row, (0, 0))
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
                    raise _UnusualError
                if start is not None or end is not None:
                    times.append((name, _time(start), _time(end)))
        assembly.declare_all(kind, records)
        assembly.set_all_times(times)

    def relations(self, assembly: Assembly, kind: RelationKind, rows: list[int]) -> None:
        """Add relations of one kind."""
        columns, names = self.columns, self.names

        def column(held: list[Any]) -> list[Any]:
            return [held[row] for row in rows]

        tags = {*column(columns.tags)}
        if None not in tags and all(STATED[names[tag]].type is None for tag in tags):
            sides = columns.source_tags, columns.target_tags
            ends = [{names[tag] for tag in {*column(side)}} for side in sides]
            if ends == [{formal.name} for formal in kind.formals[:2]]:
                assembly.relate_all(
                    kind, column(columns.sources), column(columns.targets),
                    [held and _resolved(held) for held in column(columns.roles)],
                    [held and self.type(assembly, held) for held in column(columns.types)],
                )  # fmt: skip
                return
        for row in rows:
            tag = columns.tags[row] or columns.other_tags[row]
            parts = self.parts(assembly, row)
            STATED[names[tag]].relate(assembly, columns.ids[row], parts, _unusual)

    def parts(self, assembly: Assembly, row: int) -> Iterator[Part]:
        """Yield name, value and reference of each child of a relation."""
        columns, names = self.columns, self.names
        if columns.tags[row] is None:
            for index in range(*self.spans.get(row, (0, 0))):
                reference = self.references.pop(index, None)
                yield self.terms[index], self.values[index], reference
            return
        yield names[columns.source_tags[row]], "", columns.sources[row]
        yield names[columns.target_tags[row]], "", columns.targets[row]
        role, type = columns.roles[row], columns.types[row]
        if role is not None:
            yield "prov:role", _resolved(role), None
        if type is not None:
            yield "prov:type", assembly.value(_resolved(type), "xsd:QName"), None

    def type(self, assembly: Assembly, text: str) -> str:
        """Return a type as a name."""
        value = assembly.value(text, "xsd:QName")
        if isinstance(value, str) or value.datatype != QUALIFIED_NAME:
            raise _UnusualError
        return value.text


def _time(held: Value | list[Value] | None) -> str | None:
    return None if held is None else held_text(held).strip()
