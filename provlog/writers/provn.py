"""PROV-N: The Provenance Notation, W3C Recommendation of 30 April 2013.

https://www.w3.org/TR/prov-n/
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import msgspec

from provlog.model.graph import Activity, Attributes, Element, ProvGraph, Relation, Statements
from provlog.model.values import QUALIFIED_NAME, Value
from provlog.writers.pieces import pieces

__all__ = ["write_provn"]

_encode = msgspec.json.Encoder().encode

# A third argument that the grammar demands (productions [12], [16] and [28]): time or plan.
_ABSENT = {"used": ", -", "wasGeneratedBy": ", -", "wasAssociatedWith": ", -"}


def write_provn(graph: ProvGraph) -> Iterator[str]:
    """Yield the graph as PROV-N, in pieces of text."""
    yield "document\n"
    for prefix, iri in graph.namespaces.items():
        yield f"  prefix {prefix} <{iri}>\n"
    yield "\n"
    yield from pieces(_statements(graph, "  "))
    for bundle in graph.bundles.values():
        yield f"\n  bundle {bundle.id}\n"
        yield from pieces(_statements(bundle, "    "))
        yield "  endBundle\n"
    yield "endDocument\n"


def _statements(statements: Statements, indent: str) -> Iterator[str]:
    for entity in statements.entities.values():
        yield f"{indent}entity({entity.id}{_attributes(entity)})\n"
    for activity in statements.activities.values():
        yield f"{indent}activity({activity.id}{_times(activity)}{_attributes(activity)})\n"
    for agent in statements.agents.values():
        yield f"{indent}agent({agent.id}{_attributes(agent)})\n"
    for kind, relations in statements.relations.items():
        yield from _relations(kind, relations, indent)


def _times(activity: Activity) -> str:
    if activity.start is None and activity.end is None:
        return ""
    return f", {activity.start or '-'}, {activity.end or '-'}"


def _attributes(element: Element) -> str:
    if not element.attributes:
        return ""
    return f", [{', '.join(_pairs(element.attributes))}]"


def _pairs(attributes: Attributes) -> Iterator[str]:
    for name, held in attributes.items():
        if isinstance(held, str):
            yield f"{name}={_string(held)}"
        elif isinstance(held, list):
            for value in held:
                yield f"{name}={_value(value)}"
        else:
            yield f"{name}={_value(held)}"


def _value(value: Value) -> str:
    if isinstance(value, str):
        return _string(value)
    if value.datatype == QUALIFIED_NAME:
        return f"'{value.text}'"
    return f"{_string(value.text)} %% {value.datatype}"


def _string(text: str) -> str:
    # The escapes of JSON are a part of those of PROV-N (production [59], section 6).
    return _encode(text).decode()


def _relations(kind: str, relations: dict[Relation, None], indent: str) -> Iterator[str]:
    absent = _ABSENT.get(kind, "")
    for relation in relations:
        tail = _tail(absent, relation.role, relation.type)
        yield f"{indent}{kind}({relation.source.id}, {relation.target.id}{tail})\n"


# Roles and types are few: each pair is written out once.
@lru_cache(maxsize=1024)
def _tail(absent: str, role: str | None, type: str | None) -> str:
    pairs = []
    if role is not None:
        pairs.append(f"prov:role={_string(role)}")
    if type is not None:
        pairs.append(f"prov:type='{type}'")
    return f"{absent}, [{', '.join(pairs)}]" if pairs else absent
