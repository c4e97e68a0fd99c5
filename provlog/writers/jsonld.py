"""PROV-JSONLD, as of the W3C member submission.

https://www.w3.org/submissions/prov-jsonld/

Each statement is on a line of its own. Typed values are written with their type. A name is a
plain text only where the context of the submission defines it as a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import msgspec

from provlog.errors import UsageError
from provlog.model.graph import (
    ABSENT,
    Attributes,
    Element,
    ProvGraph,
    QualifiedRelation,
    Relation,
    Statements,
    gathered,
)
from provlog.model.relations import RELATIONS
from provlog.model.values import QUALIFIED_NAME, InternationalizedString, Value
from provlog.writers.names import spelled
from provlog.writers.pieces import pieces

__all__ = ["CONTEXT", "write_jsonld"]

CONTEXT = "https://openprovenance.org/prov-jsonld/context.jsonld"
"""The context that the submission's documents refer to."""

_encode = msgspec.json.Encoder().encode

# The terms of the context, and the statements in which the schema allows them.
_EVENTS = frozenset({"Usage", "Generation", "Invalidation", "Start", "End"})
_ELEMENTS = frozenset({"Entity", "Activity", "Agent"})
_CLASSES = _ELEMENTS | {kind.term.removeprefix("prov:") for kind in RELATIONS.values()}
_TERMS: dict[str, frozenset[str]] = {
    "prov:type": _CLASSES,
    "prov:label": _CLASSES,
    "prov:location": _ELEMENTS | _EVENTS,
    "prov:role": _EVENTS | {"Association"},
    "prov:value": frozenset({"Entity"}),
}
# In these terms, a plain text is a name.
_NAMING = frozenset({"prov:type", "prov:location", "prov:role"})


def write_jsonld(graph: ProvGraph) -> Iterator[str | bytes]:
    """Yield the graph as PROV-JSONLD, in pieces.

    Raises
    ------
    UsageError
        If the graph has mentions: PROV-JSONLD has no term for them.
    """
    if any(part.relations["mentionOf"] for part in (graph, *graph.bundles.values())):
        raise UsageError("jsonld cannot hold mentions (mentionOf); use another format")
    context = [*_context(graph.namespaces), CONTEXT]
    yield f'{{"@context":{_json(context)},\n"@graph":['
    separator = b"\n"
    for piece in pieces(_Writer(graph.namespaces).statements(graph), b",\n"):
        yield b"\n" if separator == b"\n" else b""
        yield piece
        separator = b",\n"
    for bundle in graph.bundles.values():
        yield separator
        head = f'{{"@type":"Bundle","@id":{_json(bundle.id)}'
        yield f'{head},"@context":{_json(_context(bundle.namespaces))},"@graph":[\n'
        yield from pieces(_Writer(graph.namespaces | bundle.namespaces).statements(bundle), b",\n")
        yield "\n]}"
        separator = b",\n"
    yield "\n]}\n"


def _context(namespaces: dict[str, str]) -> list[dict[str, str]]:
    context = dict(namespaces)
    default = context.pop("", None)
    if default is not None:
        # JSON-LD resolves names of properties by the first and identifiers by the second.
        context = {"@vocab": default, "@base": default, **context}
    return [context] if context else []


def _json(value: object) -> str:
    return _encode(value).decode()


class _Keys(dict[str, bytes]):
    """The encoded keys of the attributes of one kind of statement, with comma and colon, by name.

    Parameters
    ----------
    term : str
        The ``@type`` of the statement.
    namespaces : dict
        All IRIs by prefix.
    """

    def __init__(self, term: str, namespaces: dict[str, str]) -> None:
        super().__init__()
        self.term = term
        self.namespaces = namespaces

    def __missing__(self, name: str) -> bytes:
        key = self[name] = b",%b:[" % _encode(self._key(name))
        return key

    def _key(self, name: str) -> str:
        if name in _TERMS:
            return name.removeprefix("prov:") if self.term in _TERMS[name] else name
        prefix, colon, local = name.partition(":")
        if colon and prefix.replace("_", "a").isalnum():
            return name
        # The schema allows IRIs, and prefixes of letters, digits and underscores.
        return self.namespaces[prefix] + local if colon else self.namespaces[""] + name


class _Writer:
    """Writer of the statements of a graph or a bundle.

    Parameters
    ----------
    namespaces : dict
        All IRIs by prefix.
    """

    def __init__(self, namespaces: dict[str, str]) -> None:
        self.keys = {term: _Keys(term, namespaces) for term in _CLASSES}
        # There are few pairs of role and type: format each once.
        self.frame = lru_cache(maxsize=1024)(self._frame)

    def statements(self, statements: Statements) -> Iterator[bytes]:
        statements = spelled(statements, lambda name: _json(name)[1:-1])
        for entity in statements.entities.values():
            yield self.element("Entity", entity)
        for activity in statements.activities.values():
            # A time is plain ASCII and needs no escapes.
            start = f',"startTime":"{activity.start}"' if activity.start is not None else ""
            end = f',"endTime":"{activity.end}"' if activity.end is not None else ""
            yield self.element("Activity", activity, start + end)
        for agent in statements.agents.values():
            yield self.element("Agent", agent)
        for kind, relations in statements.relations.items():
            for relation in relations:
                if type(relation) is QualifiedRelation:
                    yield self.relation(kind, relation)
                else:
                    before, between, after = self.frame(kind, relation.role, relation.type)
                    source, target = relation.source.id, relation.target.id
                    yield f"{before}{source}{between}{target}{after}".encode()

    def element(self, term: str, element: Element, times: str = "") -> bytes:
        head = f'{{"@type":"{term}","@id":"{element.id}"{times}'.encode()
        return b"".join((head, *self.attributes(term, element.attributes)))

    def attributes(self, term: str, attributes: Attributes) -> list[bytes]:
        """Return the end of a statement: its attributes, each after a comma."""
        keys = self.keys[term]
        parts: list[bytes] = []
        for name, held in attributes.items():
            # The usual case: a single text.
            if type(held) is str:
                parts += keys[name], b'{"@value":', _encode(held), b"}]"
                continue
            values = held if isinstance(held, list) else [held]
            is_label = name != "prov:label" or all(map(_is_label, values))
            key = keys[name] if is_label else b',"prov:label":['
            parts += key, _encode([_value(name, value) for value in values])[1:]
        parts.append(b"}")
        return parts

    def _frame(self, kind: str, role: str | None, type: str | None) -> tuple[str, str, str]:
        """Return the texts before, between and after the ends of a plain relation."""
        described = RELATIONS[kind]
        term, source, target = (
            name.removeprefix("prov:")
            for name in (described.term, described.source.name, described.target.name)
        )
        pairs = gathered(Relation(ABSENT, ABSENT, role, type).pairs())
        end = b"".join(self.attributes(term, pairs)).decode()
        return f'{{"@type":"{term}","{source}":"', f'","{target}":"', f'"{end}'

    def relation(self, kind: str, relation: QualifiedRelation) -> bytes:
        term = RELATIONS[kind].term.removeprefix("prov:")
        stated: dict[str, object] = {"@type": term}
        if relation.id is not None:
            stated["@id"] = relation.id
        for name, held in relation.formals(RELATIONS[kind]):
            stated[name.removeprefix("prov:")] = held if isinstance(held, str) else held.id
        return _encode(stated)[:-1] + b"".join(self.attributes(term, gathered(relation.pairs())))


def _value(name: str, value: Value) -> object:
    if isinstance(value, str):
        return {"@value": value}
    if value.datatype == QUALIFIED_NAME:
        is_bare = name in _NAMING
        return value.text if is_bare else {"@value": value.text, "@type": "xsd:QName"}
    if isinstance(value, InternationalizedString):
        return {"@value": value.text, "@language": value.lang}
    return {"@value": value.text, "@type": value.datatype}


def _is_label(value: Value) -> bool:
    return isinstance(value, (str, InternationalizedString))
