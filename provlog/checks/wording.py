"""How a finding names what it speaks of, so that a reader can find it in the log."""

from __future__ import annotations

from collections.abc import Sequence

from provlog.events import Origin
from provlog.model import Element

__all__ = ["elsewhere", "listing", "named", "quoted", "raw_id"]

_LONGEST = 100
_MOST = 5


def raw_id(element: Element) -> str:
    """Return the id as the log has it."""
    return str(element.values("dcterms:identifier")[0])


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
    name = quoted(raw_id(element))
    label = element.name
    # A label in brackets stands without the quotes that its escapes had.
    return name if label == raw_id(element) else f"{name} ({quoted(label)[1:-1]})"


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
