"""Complete truncated XML."""

from __future__ import annotations

from collections.abc import Container
from xml.parsers import expat

from provlog.readers.truncated.complete import Complete

__all__ = ["completed", "is_truncation"]

_TRUNCATIONS = frozenset(
    expat.errors.codes[text]
    for text in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
)


def is_truncation(error: expat.ExpatError) -> bool:
    """Return whether an error may be due to the end of the document."""
    return error.code in _TRUNCATIONS


def completed(data: bytes, containers: Container[str]) -> Complete | None:
    """Return the complete part of a document; ``None`` if it is not truncated.

    Parameters
    ----------
    data : bytes
        The document, which has no document type.
    containers : container of str
        The local names of elements that are kept although they are incomplete.

    Examples
    --------
    >>> completed(b"<a><b>1</b><b>2", {"a"}).data
    b'<a><b>1</b></a>'
    """
    parser = expat.ParserCreate()
    tags: list[str] = []
    starts: list[int] = []

    def start(tag: str, _: object) -> None:
        tags.append(tag)
        starts.append(parser.CurrentByteIndex)

    def end(_: str) -> None:
        tags.pop()
        starts.pop()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        if not is_truncation(error):
            return None
    else:
        return None
    kept = 0
    while kept < len(tags) and tags[kept].rpartition(":")[2] in containers:
        kept += 1
    if not kept:
        return None
    position = starts[kept] if kept < len(tags) else parser.ErrorByteIndex
    ends = "".join(f"</{tag}>" for tag in reversed(tags[:kept]))
    return Complete(data[:position] + ends.encode(), position)
