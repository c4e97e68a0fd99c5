"""Merge the attributes that several records state about one element.

Equal values are kept once. Different values are all kept, in the order of the log.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.model.graph import Element
from provlog.model.values import Literal, Value, literal
from provlog.origin import Origin

__all__ = ["Merger", "mapping_of", "plain_value"]

# A list of at most this length is searched as fast as a set.
_SHORT_LIST = 8

# Texts of this length are worth sharing; longer ones would keep too much in memory.
_LONG, _TOO_LONG = 1000, 1 << 17
_MOST_TEXTS = 16


class Merger:
    """Merger of attributes into elements.

    Parameters
    ----------
    report : callable
        Receives the diagnostics.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        # The values of long lists as sets.
        self._held: dict[tuple[Element, str], set[Value]] = {}
        # Sessions share long mappings: those of the last records with their texts, by identity.
        self._structures: dict[int, tuple[dict[str, Any], Value]] = {}
        self._texts: dict[Value, Value] = {}
        # The items of mappings that are equal to those of the first description.
        self._repeated: dict[tuple[Element, str], dict[str, Any]] = {}

    def merge(self, element: Element, attributes: dict[str, Any], origin: Origin) -> None:
        """Add Python values by attribute name."""
        held = element.attributes
        if len(held) == 1 and held.keys().isdisjoint(attributes) and _all_plain(attributes):
            # The usual case: the first description, with values that need no conversion.
            held.update(attributes)
            return
        if attributes.items() <= held.items():
            return
        for name, raw in attributes.items():
            if type(raw) is str and raw.isprintable():
                value: Value = raw
            else:
                value = self._structure(raw) if type(raw) is dict else plain_value(name, raw)
            known = held.get(name)
            if known is None:
                held[name] = value
            elif known != value:
                self.add(element, name, value, origin)

    def add(self, element: Element, name: str, value: Value, origin: Origin) -> None:
        """Add a value to an attribute unless the attribute already has it."""
        held = element.attributes
        known = held.get(name)
        if known is None:
            held[name] = value
        elif isinstance(known, list):
            self._append(element, name, known, value)
        elif known == value:
            return
        elif name == "prov:value":
            # PROV-DM, section 5.7.2.5: at most one.
            message = (
                f"entity {element.name!r} already has another value: this one is kept as log:value"
            )
            self._report(Diagnostic("PL304", origin, message))
            self.add(element, "log:value", value, origin)
        else:
            held[name] = [known, value]

    def news(self, element: Element, attributes: dict[str, Any]) -> dict[str, Any]:
        """Return the attributes of a description that differ from the first description.

        A pipeline may describe its session thousands of times, each time with its whole
        system and a new clock time. Therefore only the differing keys of a mapping are returned.

        Parameters
        ----------
        element : Element
            The element.
        attributes : dict
            Python values by attribute name.
        """
        found = {}
        for name, value in attributes.items():
            known = element.attributes.get(name)
            if isinstance(value, dict) and known is not None:
                first = mapping_of(known[0] if isinstance(known, list) else known)
                value = _differing(value, first, self._repeated.setdefault((element, name), {}))
                if not value:
                    continue
            found[name] = value
        return found

    def _structure(self, raw: dict[str, Any]) -> Value:
        """Return a mapping as text; equal long texts are one object."""
        known = self._structures.get(id(raw))
        if known is not None:
            return known[1]
        text = literal(raw)
        if not _LONG <= len(str(text)) < _TOO_LONG:
            return text
        if len(self._structures) >= _MOST_TEXTS:
            self._structures.clear()
            self._texts.clear()
        text = self._texts.setdefault(text, text)
        self._structures[id(raw)] = raw, text
        return text

    def _append(self, element: Element, name: str, known: list[Value], value: Value) -> None:
        if len(known) < _SHORT_LIST:
            if value not in known:
                known.append(value)
            return
        held = self._held.get((element, name))
        if held is None:
            held = self._held[element, name] = set(known)
        if value not in held:
            held.add(value)
            known.append(value)


def _differing(
    value: dict[str, Any], first: dict[str, Any], repeated: dict[str, Any]
) -> dict[str, Any]:
    """Return the items that differ from the first ones; note those that do not."""
    news: dict[str, Any] = {}
    for key, item in value.items():
        # Records share values that repeat, which spares the comparison.
        if repeated.get(key, news) is item:
            continue
        if key in first and first[key] == item:
            repeated[key] = item
        else:
            news[key] = item
    return news


def _all_plain(attributes: dict[str, Any]) -> bool:
    """Return whether all values are strings that need no conversion."""
    try:
        return all(map(str.isprintable, attributes.values()))
    except TypeError:
        return False


def plain_value(name: str, raw: Any) -> Value:
    """Return a Python value as the value of an attribute."""
    value = literal(raw)
    # PROV-DM, section 5.7.2.1: a label is a string.
    return value.text if name == "prov:label" and isinstance(value, Literal) else value


@lru_cache(maxsize=16)
def mapping_of(value: Value) -> dict[str, Any]:
    """Return the mapping in a JSON text, empty if it is another value."""
    try:
        found = msgspec.json.decode(value) if isinstance(value, str) else None
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}
