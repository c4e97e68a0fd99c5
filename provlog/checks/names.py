"""Name the elements and positions in a message, so that a reader can find them in the log."""

from __future__ import annotations

from collections.abc import Sequence

from provlog.model.graph import Element
from provlog.model.values import value_of
from provlog.origin import Origin

__all__ = ["label", "listing", "named", "other_place", "quoted", "raw_id"]

_LONGEST = 100
_MOST = 5


def raw_id(element: Element) -> str:
    """Return the id in the log, or the qualified name of an element from a document."""
    return _first(element, "dcterms:identifier")


def label(element: Element) -> str:
    """Return the first label of an element, or its id in the log."""
    name = "prov:label" if "prov:label" in element.attributes else "dcterms:identifier"
    return _first(element, name)


def _first(element: Element, name: str) -> str:
    # Convert only one value: there may be many values, and many findings.
    held = element.attributes.get(name, element.id)
    return str(value_of(held[0] if isinstance(held, list) else held))


def quoted(text: str) -> str:
    r"""Return a text of a log in quotes, shortened, with control characters escaped.

    Examples
    --------
    >>> quoted("fit\a")
    "'fit\\x07'"
    """
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")


def named(element: Element) -> str:
    """Return the id of an element, and its label if it has one.

    Examples
    --------
    >>> named(Element("log:e", {"dcterms:identifier": "23592", "prov:label": "Observation"}))
    "'23592' (Observation)"
    """
    raw, text = raw_id(element), label(element)
    # Omit the quotes around a label in brackets.
    return quoted(raw) if text == raw else f"{quoted(raw)} ({quoted(text)[1:-1]})"


def other_place(origin: Origin, here: Origin) -> str:
    """Return another position, without the file if the finding is in the same one.

    Examples
    --------
    >>> other_place(Origin("run.log", 3, 1), Origin("run.log", 7, 1))
    'line 3'
    >>> other_place(Origin("night.log", 3, 1), Origin("run.log", 7, 1))
    'night.log:3'
    """
    return f"line {origin.line}" if origin.file == here.file else f"{origin.file}:{origin.line}"


def listing(names: Sequence[str]) -> str:
    """Return names as a list in English; of many names the first ones and the number of others.

    Examples
    --------
    >>> listing(["a", "b"]), listing(list("abcdefg"))
    ('a and b', 'a, b, c, d, e and 2 more')
    """
    if len(names) > _MOST:
        return f"{', '.join(names[:_MOST])} and {len(names) - _MOST} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
