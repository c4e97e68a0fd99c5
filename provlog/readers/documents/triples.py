"""Parse Turtle and TriG with rdflib, into triples in the order of the document."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import rdflib
from rdflib import Graph, URIRef
from rdflib.namespace import NamespaceManager
from rdflib.plugins.parsers.notation3 import BadSyntax
from rdflib.store import Store

from provlog.diagnostics.diagnostic import Report
from provlog.errors import InputError
from provlog.readers.documents.places import deepest_place, place_of
from provlog.readers.truncated.complete import truncated
from provlog.readers.truncated.turtle import completed

__all__ = ["Triple", "parsed"]

Triple = tuple[Any, Any, Any]
Parsed = tuple[dict[str, str], dict[str | None, list[Triple]]]

_TITLES = {"turtle": "Turtle", "trig": "TriG"}

# The base of relative IRIs, since the place of the document has no meaning elsewhere.
_BASE = "file:///"


class _Recorder(Store):
    """A store for rdflib's parsers that only keeps the triples of each graph, in order."""

    context_aware = True
    formula_aware = True

    def __init__(self) -> None:
        super().__init__()
        self.graphs: dict[str | None, list[Triple]] = {None: []}
        self.prefixes: dict[str, URIRef] = {}

    def add(self, triple: Triple, context: Any, quoted: bool = False) -> None:
        name = context.identifier
        key = str(name) if isinstance(name, URIRef) else None
        self.graphs.setdefault(key, []).append(triple)

    def bind(self, prefix: str, namespace: URIRef, override: bool = True) -> None:
        self.prefixes[prefix] = namespace


class _Prefixes(NamespaceManager):
    """Only keeps prefixes; rdflib's own takes quadratic time to prepare abbreviations."""

    def bind(
        self, prefix: str | None, namespace: Any, override: bool = True, replace: bool = False
    ) -> None:
        self.store.bind(prefix or "", URIRef(str(namespace)))


@contextmanager
def _as_written() -> Iterator[None]:
    """Make rdflib keep the texts of values, without warnings about them in the log."""
    logger = logging.getLogger("rdflib.term")
    before = rdflib.NORMALIZE_LITERALS, logger.disabled
    rdflib.NORMALIZE_LITERALS, logger.disabled = False, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        rdflib.NORMALIZE_LITERALS, logger.disabled = before


def parsed(data: bytes, format: str, name: str, report: Report) -> Parsed:
    """Return prefixes with IRIs, and the triples of each graph (``None`` for the default graph).

    Of a truncated document, it returns what is complete, and reports PL013.

    Parameters
    ----------
    data : bytes
        The document.
    format : str
        ``turtle`` or ``trig``.
    name : str
        The name of the document in messages.
    report : callable
        Receives the diagnostic of a truncated document.

    Raises
    ------
    InputError
        If the document is invalid.
    """
    try:
        return _parsed(data, format, name)
    except InputError:
        complete = completed(data)
        if complete is None:
            raise
        with suppress(InputError):
            found = _parsed(complete.data, format, name)
            report(truncated(data, complete.position, name, _TITLES[format]))
            return found
        raise
    except RecursionError:
        place = deepest_place(data)
        raise InputError(f"{name}: the document is nested too deeply in {place}") from None


def _parsed(data: bytes, format: str, name: str) -> Parsed:
    store = _Recorder()
    try:
        with _as_written():
            graph = Graph(store, bind_namespaces="none")
            graph.namespace_manager = _Prefixes(graph, bind_namespaces="none")
            graph.parse(data=data, format=format, publicID=_BASE)
    except BadSyntax as error:
        line, column = place_of(error._str, error._i)
        reason = f"invalid {format} in line {line}, column {column}: {error._why}"
        raise InputError(f"{name}: {reason}") from None
    except UnicodeDecodeError as error:
        line, column = place_of(data, error.start)
        raise InputError(f"{name}: invalid UTF-8 in line {line}, column {column}") from None
    except RecursionError:
        raise
    # The parser also raises errors of Python.
    except Exception as error:  # noqa: BLE001
        reason = " ".join(str(error).split()) or type(error).__name__
        line, column = place_of(data, len(data))
        place = f"before the end in line {line}, column {column}"
        raise InputError(f"{name}: invalid {format} {place}: {reason[:300]}") from None
    return {prefix: str(iri) for prefix, iri in store.prefixes.items()}, store.graphs
