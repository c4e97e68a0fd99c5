"""Parse untrusted XML, without document types, entities and external files."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from provlog.errors import InputError

__all__ = ["parse_xml"]

_MAX_DEPTH = 200


class _RefusedError(Exception):
    """The document contains something that provlog refuses."""


def parse_xml(data: bytes, name: str, namespaces: dict[str, str] | None = None) -> Element:
    """Return the root of an XML document; names have the form ``{namespace}local``.

    Parameters
    ----------
    data : bytes
        The document.
    name : str
        The name of the document in messages.
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
    except _RefusedError as error:
        place, reason = (parser.CurrentLineNumber, parser.CurrentColumnNumber), str(error)
    except expat.ExpatError as error:
        place, reason = (error.lineno, error.offset), expat.ErrorString(error.code)
    raise InputError(f"{name}: invalid XML in line {place[0]}, column {place[1] + 1}: {reason}")


def _clark(name: str) -> str:
    return f"{{{name}" if "}" in name else name
