"""The complete part of a truncated document, and the diagnostic of one."""

from __future__ import annotations

from typing import NamedTuple

from provlog.diagnostics.diagnostic import Diagnostic
from provlog.origin import Origin
from provlog.readers.documents.places import place_of

__all__ = ["TRUNCATED", "Complete", "truncated"]

TRUNCATED = "PL013"


class Complete(NamedTuple):
    """The complete part of a truncated document.

    Parameters
    ----------
    data : bytes
        The complete part, as a document.
    position : int
        Where the incomplete part begins.
    """

    data: bytes
    position: int


def truncated(data: bytes, position: int, name: str, title: str) -> Diagnostic:
    """Return the diagnostic of a truncated document.

    Parameters
    ----------
    data : bytes
        The document.
    position : int
        Where the incomplete part begins.
    name : str
        The name of the document in messages.
    title : str
        The kind of document.

    Examples
    --------
    >>> truncated(b"{\\n{[1", 2, "a.json", "PROV-JSON").message
    'truncated PROV-JSON: it ends in line 2, column 4; kept what is complete'
    """
    line, column = place_of(data, len(data))
    message = f"truncated {title}: it ends in line {line}, column {column}; kept what is complete"
    return Diagnostic(TRUNCATED, Origin(name, *place_of(data, position)), message)
