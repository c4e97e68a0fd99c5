"""PROV-JSON, as of the W3C member submission of 24 April 2013.

https://www.w3.org/submissions/prov-json/

Typed values are written with their type (section 2.2.2), strings without one.
Each statement is on a line of its own, so that documents can be compared and
searched line by line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

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
from provlog.writers.statements import element_pieces, relation_pieces
from provlog.writers.tails import Tails, has_only_ends

__all__ = ["write_provjson"]

_encode = msgspec.json.Encoder().encode
_BETWEEN = ",\n"


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
    statements = spelled(statements, _escaped)
    sections = {
        "entity": _elements(statements.entities.values()),
        "activity": _elements(statements.activities.values(), _activity),
        "agent": _elements(statements.agents.values()),
        **{kind: _relations(kind, relations) for kind, relations in statements.relations.items()},
    }
    for name, section in sections.items():
        head = f'{separator}"{name}":{{\n'
        for piece in section:
            yield head + piece
            head = ""
        if not head:
            yield "\n}"
            separator = ",\n"


def _json(value: object) -> str:
    return _encode(value).decode()


def _escaped(text: str) -> str:
    return _json(text)[1:-1]


def _element(element: Element) -> str:
    return f'"{element.id}":{_json(element.attributes)}'


def _activity(activity: Activity) -> str:
    # A time is plain ASCII and needs no escapes.
    start = f'"prov:startTime":"{activity.start}",' if activity.start is not None else ""
    end = f'"prov:endTime":"{activity.end}",' if activity.end is not None else ""
    attributes = _json(activity.attributes)[1:]
    times = start + end if activity.attributes else (start + end)[:-1]
    return f'"{activity.id}":{{{times}{attributes}'


def _elements(elements: Iterable[Element], write: Callable[[Any], str] = _element) -> Iterator[str]:
    return element_pieces(elements, write, _escaped, _BETWEEN)


def _relations(kind: str, relations: dict[Relation, None]) -> Iterator[str]:
    writer = _Relations(kind)
    separator = ""
    for piece in relation_pieces(relations, writer.write, _BETWEEN):
        yield piece
        separator = _BETWEEN
    for name, records in writer.identified.items():
        yield f"{separator}{_json(name)}:{_json(records[0] if len(records) == 1 else records)}"
        separator = _BETWEEN


class _Relations:
    """Writer of relations of one kind. ``identified`` holds those with an id, by their ids."""

    def __init__(self, kind: str) -> None:
        source, target = (formal.name for formal in RELATIONS[kind].formals[:2])
        self._kind = kind
        self._first, self._second = f'":{{"{source}":', f',"{target}":'
        self._tails = Tails(lambda relation: _qualified_tail(kind, relation))
        self.identified: dict[str, list[dict[str, object]]] = {}

    def write(self, relation: Relation, number: object) -> str | None:
        """Return the statement of a relation, except of one with an id."""
        head = f'"_:{self._kind}{number}'
        if type(relation) is not QualifiedRelation:
            source, target = relation.source.id, relation.target.id
            tail = _tail(relation.role, relation.type)
            return f'{head}{self._first}"{source}"{self._second}"{target}"{tail}'
        if has_only_ends(relation):
            source, target = _json(relation.source.id), _json(relation.target.id)
            return f"{head}{self._first}{source}{self._second}{target}{self._tails.of(relation)}"
        record = _record(self._kind, relation)
        if relation.id is None:
            return f'{head}":{_json(record)}'
        # Several relations with one id are a list.
        self.identified.setdefault(relation.id, []).append(record)
        return None


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
