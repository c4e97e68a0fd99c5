"""PROV-XML: The PROV XML Schema, W3C Working Group Note of 30 April 2013.

https://www.w3.org/TR/prov-xml/

The schema fixes the order of the elements that PROV defines; attributes of other
namespaces follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import islice

from provlog.errors import UsageError
from provlog.model.graph import (
    Activity,
    Attributes,
    Element,
    ProvGraph,
    QualifiedRelation,
    Relation,
    Statements,
    gathered,
)
from provlog.model.namespaces import PROV
from provlog.model.relations import RELATIONS, TIME
from provlog.model.values import QUALIFIED_NAME, InternationalizedString, Value
from provlog.writers.names import spelled
from provlog.writers.statements import element_pieces, relation_pieces
from provlog.writers.tails import Tails, has_only_ends

__all__ = ["write_provxml"]

# The namespace of XML Schema has no "#" at its end, unlike the xsd namespace of PROV.
_XSD = "http://www.w3.org/2001/XMLSchema"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
# The order in the schema's complex types Entity, Activity, Agent and those of relations.
_ORDER = ("prov:label", "prov:location", "prov:role", "prov:type", "prov:value")
_RANKS = {name: rank for rank, name in enumerate(_ORDER)}
_SPECIAL = re.compile("[&<>\r]")
# An element's name: Namespaces in XML 1.0, production [7], as far as Python's re supports it.
_TAG = re.compile(r"(?:[^\W\d][\w.-]*:)?[^\W\d][\w.-]*")
# A carriage return would be read as a line feed (XML 1.0, section 2.11).
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def write_provxml(graph: ProvGraph) -> Iterator[str]:
    """Yield the graph as PROV-XML, in pieces of text."""
    namespaces = {"prov": PROV, "xsd": _XSD, "xsi": _XSI, **graph.namespaces}
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<prov:document{_declared(namespaces)}>\n'
    yield from _statements(graph)
    for bundle in graph.bundles.values():
        declared = _declared(bundle.namespaces)
        yield f'<prov:bundleContent{declared} prov:id="{_quoted(bundle.id)}">\n'
        yield from _statements(bundle)
        yield "</prov:bundleContent>\n"
    yield "</prov:document>\n"


def _declared(namespaces: dict[str, str]) -> str:
    return "".join(
        f'\n  xmlns{prefix and ":"}{prefix}="{_quoted(iri)}"' for prefix, iri in namespaces.items()
    )


def _statements(statements: Statements) -> Iterator[str]:
    statements = spelled(statements, _quoted, _tag)
    yield from element_pieces(statements.entities.values(), partial(_element, "entity"), _text)
    yield from element_pieces(statements.activities.values(), _activity, _text)
    yield from element_pieces(statements.agents.values(), partial(_element, "agent"), _text)
    for kind, relations in statements.relations.items():
        yield from relation_pieces(relations, _Relations(kind).write)


def _element(tag: str, element: Element, times: str = "") -> str:
    children = "".join(_children(element.attributes))
    return f'<prov:{tag} prov:id="{element.id}">\n{times}{children}</prov:{tag}>\n'


def _activity(activity: Activity) -> str:
    return _element("activity", activity, _times(activity))


def _times(activity: Activity) -> str:
    start = f"  <prov:startTime>{activity.start}</prov:startTime>\n" if activity.start else ""
    end = f"  <prov:endTime>{activity.end}</prov:endTime>\n" if activity.end else ""
    return start + end


# Many elements have the same attributes: sort their names once.
@lru_cache(maxsize=1024)
def _ordered(names: tuple[str, ...]) -> list[str]:
    return sorted(names, key=lambda name: _RANKS.get(name, len(_ORDER)))


def _children(attributes: Attributes) -> Iterator[str]:
    for name in _ordered(tuple(attributes)):
        held = attributes[name]
        if isinstance(held, str):
            yield f"  <{name}>{_text(held)}</{name}>\n"
        elif isinstance(held, list):
            for value in held:
                yield _child(name, value)
        else:
            yield _child(name, held)


def _child(name: str, value: Value) -> str:
    if isinstance(value, str):
        return f"  <{name}>{_text(value)}</{name}>\n"
    if type(value) is InternationalizedString:
        return f'  <{name} xml:lang="{_quoted(value.lang)}">{_text(value.text)}</{name}>\n'
    datatype = "xsd:QName" if value.datatype == QUALIFIED_NAME else value.datatype
    return f'  <{name} xsi:type="{datatype}">{_text(value.text)}</{name}>\n'


def _text(text: str) -> str:
    # Four searches for one character take less time than one for any of them.
    if not ("&" in text or "<" in text or ">" in text or "\r" in text):
        return text
    return _SPECIAL.sub(lambda match: _REFERENCES[match[0]], text)


def _quoted(text: str) -> str:
    return _text(text).replace('"', "&quot;")


def _tag(name: str) -> str:
    if _TAG.fullmatch(name) is None:
        raise UsageError(f"PROV-XML cannot hold the attribute {name!r}; use another format")
    return name


class _Relations:
    """Writer of relations of one kind."""

    def __init__(self, kind: str) -> None:
        source, target = (formal.name for formal in RELATIONS[kind].formals[:2])
        self._kind = kind
        self._first = f'<prov:{kind}>\n  <{source} prov:ref="'
        self._second = f'"/>\n  <{target} prov:ref="'
        self._tails = Tails(lambda relation: "".join(_rest(kind, relation, 2)))

    def write(self, relation: Relation, _: object) -> str:
        """Return the statement of a relation."""
        if type(relation) is not QualifiedRelation:
            source, target = relation.source.id, relation.target.id
            tail = f"{_tail(relation.role, relation.type)}</prov:{self._kind}>\n"
        elif has_only_ends(relation):
            source, target = _quoted(relation.source.id), _quoted(relation.target.id)
            tail = self._tails.of(relation)
        else:
            return _qualified(self._kind, relation)
        return f'{self._first}{source}{self._second}{target}"/>\n{tail}'


def _qualified(kind: str, relation: QualifiedRelation) -> str:
    identifier = f' prov:id="{_quoted(relation.id)}"' if relation.id is not None else ""
    return f"<prov:{kind}{identifier}>\n{''.join(_rest(kind, relation, 0))}"


def _rest(kind: str, relation: QualifiedRelation, first: int) -> Iterator[str]:
    """Yield the parts of a statement from a formal attribute on."""
    for name, held in islice(relation.formals(RELATIONS[kind]), first, None):
        if name == TIME:
            yield f"  <{TIME}>{held}</{TIME}>\n"
        else:
            yield f'  <{name} prov:ref="{_quoted(held if isinstance(held, str) else held.id)}"/>\n'
    yield from _children(gathered((_tag(name), value) for name, value in relation.pairs()))
    yield f"</prov:{kind}>\n"


# There are few pairs of role and type: format each once.
@lru_cache(maxsize=1024)
def _tail(role: str | None, type: str | None) -> str:
    return ("" if role is None else f"  <prov:role>{_text(role)}</prov:role>\n") + (
        "" if type is None else f'  <prov:type xsi:type="xsd:QName">{type}</prov:type>\n'
    )
