"""PROV-N: The Provenance Notation, W3C Recommendation of 30 April 2013.

https://www.w3.org/TR/prov-n/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

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
from provlog.model.identifiers import is_plain
from provlog.model.relations import RELATIONS, TIME, RelationKind
from provlog.model.values import QUALIFIED_NAME, InternationalizedString, Value
from provlog.writers.names import spelled
from provlog.writers.statements import element_pieces, relation_pieces
from provlog.writers.tails import Tails, has_only_ends

__all__ = ["write_provn"]

_encode = msgspec.json.Encoder().encode

# PN_CHARS_ESC, production [55]: the characters that a backslash may escape in a local part.
_ESCAPED = re.compile(r"[='(),:;\[\]]|^[-.]|\.$")
# Characters that PN_LOCAL (production [53]) does not allow even with an escape.
_UNKNOWN = re.compile(
    "%(?![0-9A-Fa-f]{2})"
    "|^[\xb7\u0300-\u036f\u203f-\u2040]"
    r"|[^-./@~&+*?#$!%='(),:;\[\]\w\xb7\u0300-\u036f\u203f-\u2040]"
)


def write_provn(graph: ProvGraph) -> Iterator[str]:
    """Yield the graph as PROV-N, in pieces of text."""
    yield "document\n"
    yield from _namespaces(graph.namespaces, "  ")
    yield "\n"
    yield from _statements(graph, "  ")
    for bundle in graph.bundles.values():
        yield f"\n  bundle {_name(bundle.id)}\n"
        yield from _namespaces(bundle.namespaces, "    ")
        yield from _statements(bundle, "    ")
        yield "  endBundle\n"
    yield "endDocument\n"


def _namespaces(namespaces: dict[str, str], indent: str) -> Iterator[str]:
    # The default namespace comes first (production [2]).
    if "" in namespaces:
        yield f"{indent}default <{namespaces['']}>\n"
    for prefix, iri in namespaces.items():
        if prefix:
            yield f"{indent}prefix {prefix} <{iri}>\n"


def _statements(statements: Statements, indent: str) -> Iterator[str]:
    statements = spelled(statements, _name, _name)

    def entity(element: Element) -> str:
        return f"{indent}entity({element.id}{_attributes(element)})\n"

    def activity(element: Activity) -> str:
        return f"{indent}activity({element.id}{_times(element)}{_attributes(element)})\n"

    def agent(element: Element) -> str:
        return f"{indent}agent({element.id}{_attributes(element)})\n"

    yield from element_pieces(statements.entities.values(), entity, _escaped)
    yield from element_pieces(statements.activities.values(), activity, _escaped)
    yield from element_pieces(statements.agents.values(), agent, _escaped)
    for kind, relations in statements.relations.items():
        yield from relation_pieces(relations, _Relations(kind, indent).write)


def _times(activity: Activity) -> str:
    if activity.start is None and activity.end is None:
        return ""
    return f", {activity.start or '-'}, {activity.end or '-'}"


def _attributes(element: Element) -> str:
    if not element.attributes:
        return ""
    return f", [{', '.join(_pairs(element.attributes))}]"


def _pairs(attributes: Attributes) -> list[str]:
    return [
        f"{name}={_string(held)}"
        if isinstance(held, str)
        else ", ".join([f"{name}={_value(value)}" for value in held])
        if isinstance(held, list)
        else f"{name}={_value(held)}"
        for name, held in attributes.items()
    ]


def _value(value: Value) -> str:
    if isinstance(value, str):
        return _string(value)
    if value.datatype == QUALIFIED_NAME:
        return f"'{_name(value.text)}'"
    if type(value) is InternationalizedString:
        return f"{_string(value.text)}@{value.lang}"
    return f"{_string(value.text)} %% {_name(value.datatype)}"


def _string(text: str) -> str:
    # PROV-N has all escapes of JSON, and more (production [59], section 6).
    return _encode(text).decode()


def _escaped(text: str) -> str:
    return _string(text)[1:-1]


@lru_cache(maxsize=4096)
def _name(name: str) -> str:
    if is_plain(name):
        return name
    prefix, colon, local = name.partition(":") if ":" in name else ("", "", name)
    known = _UNKNOWN.sub(_percent_encoded, local)
    return prefix + colon + _ESCAPED.sub(lambda match: f"\\{match[0]}", known)


def _percent_encoded(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


class _Relations:
    """Writer of relations of one kind."""

    def __init__(self, kind: str, indent: str) -> None:
        self._kind = RELATIONS[kind]
        self._begin = f"{indent}{kind}("
        self._absent = ", -" * _missing(self._kind, 2)
        self._tails = Tails(self._qualified_tail)

    def write(self, relation: Relation, _: object) -> str:
        """Return the statement of a relation."""
        if type(relation) is not QualifiedRelation:
            tail = _tail(self._absent, relation.role, relation.type)
            return f"{self._begin}{relation.source.id}, {relation.target.id}{tail})\n"
        if has_only_ends(relation):
            return f"{self._begin}{_ends(relation)}{self._tails.of(relation)})\n"
        return f"{self._begin}{_qualified(self._kind, relation)})\n"

    def _qualified_tail(self, relation: QualifiedRelation) -> str:
        return _qualified(self._kind, relation).removeprefix(_ends(relation))


def _ends(relation: Relation) -> str:
    return f"{_name(relation.source.id)}, {_name(relation.target.id)}"


def _missing(kind: RelationKind, given: int) -> int:
    """Return how many arguments to mark as missing after the given ones.

    The grammar has either all optional arguments or none (productions [12] to [28]).
    """
    return len(kind.formals) - given if given > kind.required else kind.required - given


def _qualified(kind: RelationKind, relation: QualifiedRelation) -> str:
    stated = {
        name: held if name == TIME else _name(held if isinstance(held, str) else held.id)
        for name, held in relation.formals(kind)
    }
    listed = [stated.get(formal.name, "-") for formal in kind.formals]
    while len(listed) > kind.required and listed[-1] == "-":
        listed.pop()
    listed += ["-"] * _missing(kind, len(listed))
    identifier = f"{_name(relation.id)}; " if relation.id is not None else ""
    pairs = _pairs(gathered((_name(name), value) for name, value in relation.pairs()))
    attributes = f", [{', '.join(pairs)}]" if pairs else ""
    return f"{identifier}{', '.join(map(str, listed))}{attributes}"


# There are few pairs of role and type: format each once.
@lru_cache(maxsize=1024)
def _tail(absent: str, role: str | None, type: str | None) -> str:
    pairs = []
    if role is not None:
        pairs.append(f"prov:role={_string(role)}")
    if type is not None:
        pairs.append(f"prov:type='{type}'")
    return f"{absent}, [{', '.join(pairs)}]" if pairs else absent
