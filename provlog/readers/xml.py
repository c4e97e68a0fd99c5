"""Parse untrusted XML, without document types, entities and external files."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from provlog.diagnostics.diagnostic import Report
from provlog.errors import InputError
from provlog.readers.truncated.complete import truncated
from provlog.readers.truncated.xml import completed, is_truncation

__all__ = ["Form", "is_unknown_encoding", "parse_xml"]

_MAX_DEPTH = 200


class _RefusedError(Exception):
    """The document contains something that provlog refuses."""


def is_unknown_encoding(error: LookupError) -> bool:
    """Return whether expat did not find the encoding that a document declares."""
    return str(error).startswith("unknown encoding")


class Form(NamedTuple):
    """A kind of document.

    Parameters
    ----------
    title : str
        The name of the kind in messages.
    containers : collection of str
        The local names of elements that are kept if a truncated document ends in them.
    """

    title: str
    containers: Collection[str]


def parse_xml(
    data: bytes, name: str, form: Form, report: Report, namespaces: dict[str, str] | None = None
) -> Element:
    """Return the root of an XML document; names have the form ``{namespace}local``.

    Of a truncated document, it returns what is complete, and reports PL013.

    Parameters
    ----------
    data : bytes
        The document.
    name : str
        The name of the document in messages.
    form : Form
        The kind of document.
    report : callable
        Receives the diagnostic of a truncated document.
    namespaces : dict, optional
        Receives the namespaces that the document declares, by prefix.

    Raises
    ------
    InputError
        If the document is not well-formed, declares a document type, or is nested too deeply.
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            raise _RefusedError(f"elements are nested deeper than {_MAX_DEPTH}")
        builder.start(_clark(tag), {_clark(key): value for key, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_clark(tag))

    def doctype(*_: Any) -> None:
        raise _RefusedError("a document type declaration is refused, as it can declare entities")

    if namespaces is not None:
        declared = namespaces

        def declare(prefix: str | None, uri: str) -> None:
            declared.setdefault(prefix or "", uri or "")

        parser.StartNamespaceDeclHandler = declare
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
        return builder.close()
    except LookupError as error:
        if not is_unknown_encoding(error):
            raise
        place, reason = (1, 0), str(error)
    except _RefusedError as error:
        place, reason = (parser.CurrentLineNumber, parser.CurrentColumnNumber), str(error)
    except expat.ExpatError as error:
        complete = completed(data, form.containers) if is_truncation(error) else None
        if complete is not None:
            report(truncated(data, complete.position, name, form.title))
            return parse_xml(complete.data, name, form, report, namespaces)
        place, reason = (error.lineno, error.offset), expat.ErrorString(error.code)
    raise InputError(f"{name}: invalid XML in line {place[0]}, column {place[1] + 1}: {reason}")


def _clark(name: str) -> str:
    return f"{{{name}" if "}" in name else name
