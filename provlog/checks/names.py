"""How a finding names what it speaks of, so that a reader can find it in the log."""

from __future__ import annotations

from collections.abc import Sequence

from provlog.model.graph import Element
from provlog.model.values import value_of
from provlog.origin import Origin

__all__ = ["elsewhere", "label", "listing", "named", "quoted", "raw_id"]

_LONGEST = 100
_MOST = 5


def raw_id(element: Element) -> str:
    """Return the id as the log has it."""
    return _first(element, "dcterms:identifier")


def label(element: Element) -> str:
    """Return the first label of an element, or its id as the log has it."""
    name = "prov:label" if "prov:label" in element.attributes else "dcterms:identifier"
    return _first(element, name)


def _first(element: Element, name: str) -> str:
    # Not all values: there may be many of them, and a finding for each.
    held = element.attributes[name]
    return str(value_of(held[0] if isinstance(held, list) else held))


def quoted(text: str) -> str:
    r"""Return text of a log in quotes: of a long one the beginning, control characters as escapes.

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
    # A label in brackets stands without the quotes that its escapes had.
    return quoted(raw) if text == raw else f"{quoted(raw)} ({quoted(text)[1:-1]})"


def elsewhere(origin: Origin, here: Origin) -> str:
    """Return where something else stands, as seen from the place of a finding.

    Examples
    --------
    >>> elsewhere(Origin("run.log", 3, 1), Origin("run.log", 7, 1))
    'line 3'
    >>> elsewhere(Origin("night.log", 3, 1), Origin("run.log", 7, 1))
    'night.log:3'
    """
    return f"line {origin.line}" if origin.file == here.file else f"{origin.file}:{origin.line}"


def listing(names: Sequence[str]) -> str:
    """Return names as a person lists them, of many the first ones.

    Examples
    --------
    >>> listing(["a", "b"]), listing(list("abcdefg"))
    ('a and b', 'a, b, c, d, e and 2 more')
    """
    if len(names) > _MOST:
        return f"{', '.join(names[:_MOST])} and {len(names) - _MOST} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
