"""PROV-JSON, as of the W3C member submission of 24 April 2013.

https://www.w3.org/submissions/prov-json/

Typed values are written with their type (section 2.2.2), strings without one.
Each statement is on a line of its own, so that documents can be compared and
searched line by line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice

import msgspec

from provlog.model.graph import (
    ABSENT,
    Activity,
    Element,
    ProvGraph,
    QualifiedRelation,
    Relation,
    Statements,
    gathered,
)
from provlog.model.namespaces import PROV, XSD
from provlog.model.relations import RELATIONS
from provlog.writers.names import spelled
from provlog.writers.pieces import pieces
from provlog.writers.tails import Tails, has_only_ends

__all__ = ["write_provjson"]

_encode = msgspec.json.Encoder().encode


def write_provjson(graph: ProvGraph) -> Iterator[str]:
    """Yield the graph as PROV-JSON, in pieces of text."""
    yield '{\n"prefix":' + _prefixes({"prov": PROV, "xsd": XSD, **graph.namespaces})
    yield from _sections(graph, ",\n")
    if graph.bundles:
        yield ',\n"bundle":{'
        separator = "\n"
        for bundle in graph.bundles.values():
            yield f"{separator}{_json(bundle.id)}:{{"
            inner = "\n"
            if bundle.namespaces:
                yield '\n"prefix":' + _prefixes(bundle.namespaces)
                inner = ",\n"
            yield from _sections(bundle, inner)
            yield "\n}"
            separator = ",\n"
        yield "\n}"
    yield "\n}\n"


def _prefixes(namespaces: dict[str, str]) -> str:
    return _json({prefix or "default": iri for prefix, iri in namespaces.items()})


def _sections(statements: Statements, separator: str) -> Iterator[str]:
    """Yield the nonempty sections, with a separator before each."""
    statements = spelled(statements, lambda name: _json(name)[1:-1])
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
    # A time is plain ASCII and needs no escapes.
    start = f'"prov:startTime":"{activity.start}",' if activity.start is not None else ""
    end = f'"prov:endTime":"{activity.end}",' if activity.end is not None else ""
    attributes = _json(activity.attributes)[1:]
    times = start + end if activity.attributes else (start + end)[:-1]
    return f'"{activity.id}":{{{times}{attributes}'


def _relations(kind: str, relations: dict[Relation, None]) -> Iterator[str]:
    source, target = (formal.name for formal in RELATIONS[kind].formals[:2])
    first, second = f'":{{"{source}":', f',"{target}":'
    tails = Tails(lambda relation: _qualified_tail(kind, relation))
    identified: dict[str, list[dict[str, object]]] = {}
    for number, relation in enumerate(relations, 1):
        if type(relation) is not QualifiedRelation:
            tail = _tail(relation.role, relation.type)
            yield (
                f'"_:{kind}{number}{first}"{relation.source.id}"'
                f'{second}"{relation.target.id}"{tail}'
            )
        elif has_only_ends(relation):
            ends = f"{_json(relation.source.id)}{second}{_json(relation.target.id)}"
            yield f'"_:{kind}{number}{first}{ends}{tails.of(relation)}'
        elif relation.id is None:
            yield f'"_:{kind}{number}":{_json(_record(kind, relation))}'
        else:
            identified.setdefault(relation.id, []).append(_record(kind, relation))
    for name, records in identified.items():
        yield f"{_json(name)}:{_json(records[0] if len(records) == 1 else records)}"


# There are few pairs of role and type: encode each once.
@lru_cache(maxsize=1024)
def _tail(role: str | None, type: str | None) -> str:
    return _closed(gathered(Relation(ABSENT, ABSENT, role, type).pairs()))


def _qualified_tail(kind: str, relation: QualifiedRelation) -> str:
    arguments = dict(islice(_formals(kind, relation).items(), 2, None))
    return _closed({**arguments, **gathered(relation.pairs())})


def _closed(pairs: Mapping[str, object]) -> str:
    """Return the pairs that follow the ends of a relation, and the end of its statement."""
    return f",{_json(pairs)[1:]}" if pairs else "}"


def _record(kind: str, relation: QualifiedRelation) -> dict[str, object]:
    return {**_formals(kind, relation), **gathered(relation.pairs())}


def _formals(kind: str, relation: QualifiedRelation) -> dict[str, str]:
    stated = relation.formals(RELATIONS[kind])
    return {name: held if isinstance(held, str) else held.id for name, held in stated}
