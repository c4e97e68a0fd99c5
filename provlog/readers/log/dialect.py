"""Translate the keys of records, in all dialects, into events.

The shape of a record is the set of its keys, which determines the facts that it states. Real
logs have few shapes and many records, so each shape is analysed once.
"""

from __future__ import annotations

from collections.abc import Iterable

from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.model.events import Event, LogStarted
from provlog.model.identifiers import digest, id_text
from provlog.model.record_keys import ENTITY_ID, IN_SESSION, SESSION_TAG
from provlog.model.values import json_text
from provlog.origin import Origin
from provlog.readers.log.facets import IDS, OWNER_IDS, AbsentIdError, Fields, makers_for, text_of

__all__ = ["Dialect", "Record"]

Record = tuple[Origin, Fields]
"""The position of a record, and its payload."""

# With more shapes than this, a program uses data as keys: stop caching.
_MOST_SHAPES = 1000


class Dialect:
    """Translator of the records of one log, each in any dialect, into events.

    Parameters
    ----------
    report : callable
        Receives the diagnostics.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        self._started = False

    def feed(self, records: Iterable[Record]) -> list[Event]:
        """Return the events of the next records, in order."""
        shapes = self._shapes
        events: list[Event] = []
        append = events.append
        for origin, fields in records:
            shape = shapes.get(tuple(fields))
            if shape is None:
                if not self._started:
                    self._started = True
                    append(LogStarted(origin, digest(f"{origin.time} {json_text(fields)}")))
                fields, shape = self._shape(fields)
            if shape.names_session:
                origin = _with_session(origin, fields)
            try:
                if shape.only is not None:
                    append(shape.only(fields, origin))
                else:
                    events += [make(fields, origin) for make in shape.makers]
            except AbsentIdError:
                fields, shape = self._shape(_without_absent_ids(fields))
                events += [make(fields, origin) for make in shape.makers]
            if not shape.makers:
                self._report(Diagnostic("PL201", origin, _no_id_message(fields)))
        return events

    def known(self, keys: tuple[str, ...]) -> _Shape | None:
        """Return the shape of keys, if a record had them before."""
        return self._shapes.get(keys)

    def _shape(self, fields: Fields) -> tuple[Fields, _Shape]:
        """Return the fields and their shape; give an id that is its own key its proper key."""
        key = next(reversed(fields), "")
        # logprov 0.0.2 writes the id of a used entity as its own key: {..., 1234: 1234}.
        # Words are excluded: {'kind': 'kind'} does not describe an entity.
        is_id = not key.isalpha() and OWNER_IDS.isdisjoint(fields)
        if key and is_id and id_text(fields[key]) == key:
            fields[ENTITY_ID] = fields.pop(key)
        keys = tuple(fields)
        shape = self._shapes.get(keys)
        if shape is None:
            shape = _Shape(keys)
            # Without an id, the last key may be one in another record.
            if len(self._shapes) < _MOST_SHAPES and not OWNER_IDS.isdisjoint(keys):
                self._shapes[keys] = shape
        return fields, shape


class _Shape:
    """The facts that a record with certain keys states."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self.makers = makers_for(keys)
        self.only = self.makers[0] if len(self.makers) == 1 else None
        self.names_session = IN_SESSION in keys or SESSION_TAG in keys


def _with_session(origin: Origin, fields: Fields) -> Origin:
    session, tag = text_of(fields.get(IN_SESSION)), text_of(fields.get(SESSION_TAG))
    return Origin(origin.file, origin.line, origin.column, origin.time, session, tag)


def _without_absent_ids(fields: Fields) -> Fields:
    return {key: value for key, value in fields.items() if value is not None or key not in IDS}


def _no_id_message(fields: Fields) -> str:
    keys = ", ".join(map(repr, list(fields)[:6])) or "no key at all"
    return (
        "record without a session_id, activity_id or entity_id is left out; "
        f"it has {keys}{', ...' if len(fields) > 6 else ''}"
    )
