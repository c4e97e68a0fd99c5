"""PROV-JSON, as of the W3C member submission of 24 April 2013.

https://www.w3.org/submissions/prov-json/

Every typed value is written with its type (section 2.2.2), every string plain.
One statement stands on a line, so that documents can be compared and searched
line by line.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import msgspec

from provlog.model.graph import RELATIONS, Activity, Element, ProvGraph, Relation, Statements
from provlog.model.namespaces import PROV, XSD
from provlog.model.values import qname
from provlog.writers.pieces import pieces

__all__ = ["write_provjson"]

_encode = msgspec.json.Encoder().encode


def write_provjson(graph: ProvGraph) -> Iterator[str]:
    """Yield the graph as PROV-JSON, in pieces of text."""
    prefixes = {"prov": PROV, "xsd": XSD, **graph.namespaces}
    yield '{\n"prefix":' + _json(prefixes)
    yield from _sections(graph, ",\n")
    if graph.bundles:
        yield ',\n"bundle":{'
        separator = "\n"
        for bundle in graph.bundles.values():
            yield f'{separator}"{bundle.id}":{{'
            yield from _sections(bundle, "\n")
            yield "\n}"
            separator = ",\n"
        yield "\n}"
    yield "\n}\n"


def _sections(statements: Statements, separator: str) -> Iterator[str]:
    """Yield all sections that are not empty, with a separator before each."""
    sections = {
        "entity": map(_element, statements.entities.values()),
        "activity": map(_activity, statements.activities.values()),
        "agent": map(_element, statements.agents.values()),
        **{kind: _relations(kind, relations) for kind, relations in statements.relations.items()},
    }
    for name, lines in sections.items():
        head = f'{separator}"{name}":{{\n'
        for piece in pieces(lines, ",\n"):
            yield head + piece
            head = ""
        if not head:
            yield "\n}"
            separator = ",\n"


def _json(value: object) -> str:
    return _encode(value).decode()


def _element(element: Element) -> str:
    return f'"{element.id}":{_json(element.attributes)}'


def _activity(activity: Activity) -> str:
    # A time is plain ASCII, so nothing in it needs an escape.
    start = f'"prov:startTime":"{activity.start}",' if activity.start is not None else ""
    end = f'"prov:endTime":"{activity.end}",' if activity.end is not None else ""
    attributes = _json(activity.attributes)[1:]
    times = start + end if activity.attributes else (start + end)[:-1]
    return f'"{activity.id}":{{{times}{attributes}'


def _relations(kind: str, relations: dict[Relation, None]) -> Iterator[str]:
    source, target = RELATIONS[kind]
    for number, relation in enumerate(relations, 1):
        tail = _tail(relation.role, relation.type)
        yield (
            f'"_:{kind}{number}":{{"{source}":"{relation.source.id}",'
            f'"{target}":"{relation.target.id}"{tail}}}'
        )


# Roles and types are few: each pair is written out once.
@lru_cache(maxsize=1024)
def _tail(role: str | None, type: str | None) -> str:
    return ("" if role is None else f',"prov:role":{_json(role)}') + (
        "" if type is None else f',"prov:type":{_json(qname(type))}'
    )
