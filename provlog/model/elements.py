"""The elements of PROV: entities, activities and agents, with their attributes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from provlog.model.values import Value, value_of
from provlog.model.vodml import ELEMENT_CLASSES
from provlog.patterns import regex

__all__ = ["ABSENT", "Activity", "Agent", "Attributes", "Element", "Entity", "gathered"]

# The statuses of an activity that went wrong contain one of these words.
_FAILURE = regex("fail|error|abort|exception|interrupt|kill|timeout", re.IGNORECASE)

Attributes = dict[str, "Value | list[Value]"]
"""Attribute values by qualified name; several values of one attribute are a list."""


def gathered(pairs: Iterable[tuple[str, Value]]) -> Attributes:
    """Return name-value pairs as attributes, each pair once.

    Examples
    --------
    >>> gathered([("ex:a", "1"), ("ex:b", "2"), ("ex:a", "3")])
    {'ex:a': ['1', '3'], 'ex:b': '2'}
    """
    attributes: Attributes = {}
    for name, value in pairs:
        held = attributes.setdefault(name, value)
        if isinstance(held, list):
            if value not in held:
                held.append(value)
        elif held != value:
            attributes[name] = [held, value]
    return attributes


class Element(Struct, eq=False, gc=False):
    """An element of PROV: an entity, an activity or an agent.

    Parameters
    ----------
    id : str
        The qualified name in the document.
    attributes : dict
        Values by qualified attribute name.
    """

    id: str
    attributes: Attributes

    def values(self, name: str) -> list[Any]:
        """Return the Python values of one attribute, in the order of the log.

        Examples
        --------
        >>> Element("log:e", {"prov:label": "DataStore"}).values("prov:label")
        ['DataStore']
        """
        held = self.attributes.get(name, [])
        return [value_of(value) for value in (held if isinstance(held, list) else [held])]

    def types(self) -> list[str]:
        """Return the types as text, without the classes that every such element has.

        Examples
        --------
        >>> Element("log:e", {"prov:type": ["File", "voprov:Entity"]}).types()
        ['File']
        """
        names = map(str, self.values("prov:type"))
        return [name for name in names if name not in ELEMENT_CLASSES]

    @property
    def label(self) -> str:
        """The first ``prov:label``, or the id."""
        held = self.attributes.get("prov:label")
        if isinstance(held, str):
            return held
        return next((str(value) for value in self.values("prov:label")), self.id)

    @property
    def name(self) -> str:
        """The first ``prov:label``, or the id as in the log."""
        names = (*self.values("prov:label"), *self.values("dcterms:identifier"), self.id)
        return str(names[0])

    def pairs(self) -> Iterator[tuple[str, Value]]:
        """Yield the attributes as name-value pairs."""
        for name, held in self.attributes.items():
            for value in held if isinstance(held, list) else [held]:
                yield name, value


class Activity(Element, eq=False, gc=False):
    """An activity; a session is one too.

    Parameters
    ----------
    start, end : str, optional
        ``xsd:dateTime`` text as in the log, with or without a zone.
    session : Activity, optional
        The session that it is part of.
    """

    start: str | None = None
    end: str | None = None
    session: Activity | None = None

    @property
    def failure(self) -> str | None:
        """The status and the exception of a failed activity; ``None`` if it did not fail.

        Examples
        --------
        >>> attributes = {"log:status": ["failed"], "log:exception": ["ValueError"]}
        >>> Activity("log:a1", attributes).failure, Activity("log:a2", {}).failure
        ('failed: ValueError', None)
        """
        statuses = [str(status) for status in self.values("log:status")]
        if not any(map(_FAILURE.search, statuses)):
            return None
        exceptions = ", ".join(map(str, self.values("log:exception")))
        return ": ".join(filter(None, [", ".join(statuses), exceptions]))


class Entity(Element, eq=False, gc=False):
    """An entity.

    Parameters
    ----------
    session : Activity, optional
        The session that first mentions it.
    """

    session: Activity | None = None


class Agent(Element, eq=False, gc=False):
    """An agent."""


ABSENT = Element("-", {})
"""Stands for an end of a relation that a document omits, as in ``wasStartedBy(a, -, -)``."""
