"""Entities that the decorator of a function names: ``trace(used=..., generated=...)``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from provlog.capture.files.paths import (
    absolute_path,
    check_path,
    is_like_path,
    path_of,
    paths_in,
    url_of,
)
from provlog.definitions.scope import NOTHING, Names
from provlog.redaction import is_secret_name

if TYPE_CHECKING:
    from provlog.capture.calls.function import NamedEntities, TracedFunction
    from provlog.capture.records.syntax import ActivityRecords
    from provlog.definitions.expressions import Expression

__all__ = ["record_named"]


def record_named(
    relation: str,
    function: TracedFunction,
    records: ActivityRecords,
    named: NamedEntities,
    names: Names,
) -> None:
    """Record the named entities as ``used`` or ``generated``."""
    for role, expression in named.items():
        function.recorder.guard.attempt(
            function.name, _record, relation, function, records, role, expression, names
        )


def _record(
    relation: str,
    function: TracedFunction,
    records: ActivityRecords,
    role: str,
    expression: Expression,
    names: Names,
) -> None:
    value = names.follow(expression)
    if value is NOTHING or value is None:
        return
    is_secret = function.is_secret or is_secret_name(role)
    several = None if is_secret else paths_in(value)
    entities = function.recorder.entities
    is_generated = relation == "generated"
    for one in [value] if several is None else several:
        location = None if is_secret else _location(one)
        if location is None:
            entity = entities.object(one, records, is_secret=is_secret)
            if not is_generated:
                function.recorder.streams.take(one, entity)
        else:
            if url_of(location) is None and not os.path.lexists(location):
                names.report(expression.text, f"{location} does not exist")
                if is_generated:
                    continue
            entity = entities.file(location, records, None, is_generated)
        records.relate(relation, entity, role)


def _location(value: Any) -> str | None:
    """Return the absolute path of a file; ``None`` for an object."""
    path = path_of(value)
    if path is None or (type(value) is str and not is_like_path(value)):
        return None
    check_path(path)
    return absolute_path(path)
