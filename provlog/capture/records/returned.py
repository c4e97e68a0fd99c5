"""Results that the workers of pools return, whose entities the program then knows.

Pickling makes another object. Therefore a worker sends the entities of the numbers and texts in
the result of a task with it, and those of lists, tuples and dicts that its calls generated. The
program learns them where it unpickles the result.
"""

from __future__ import annotations

import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from provlog.capture.process.pools import mark_results
from provlog.capture.process.workers import is_child_of_program
from provlog.objects.classes import cached_by_class, class_variables
from provlog.objects.data import CONTAINERS
from provlog.objects.fingerprints.walk import TEXTS
from provlog.objects.signals import reraise_from_signal

if TYPE_CHECKING:
    from provlog.capture.records.entities import Entities

__all__ = ["exchange_results", "received"]

Found = str | tuple[str | None, dict[int, "Found"]]
"""The entity of a number or text; or that of a container, and those of its items by position."""

# The number of items of a result, and of its items, that are examined.
_MAX_ITEMS = 10_000, 100
# Longer containers are entities in every process.
_MAX_SETTINGS = 100


class _Exchange(Struct, eq=False):
    """The entities of a capture of this process, and the path of its log."""

    entities: weakref.ref[Entities]
    log: str | None
    # This process is a worker that sends its results to the program.
    is_sending: bool = False


_exchanges: list[_Exchange] = []


def exchange_results(entities: Entities, log: str | None, is_worker: bool) -> None:
    """Send or receive results from now on; call it at the start of a process.

    Parameters
    ----------
    entities : Entities
        The entities of a capture.
    log : str, optional
        The path of its log.
    is_worker : bool
        Whether this process is a worker of the program.
    """
    exchange = _Exchange(weakref.ref(entities), log)
    # Not yet: a pool may import its modules later.
    entities.results.at_first = partial(_start_sending, exchange) if is_worker else None
    entities.results.made = {} if is_worker else None
    others = [one for one in _exchanges if one.entities() not in (None, entities)]
    _exchanges[:] = [*others, exchange]


def _start_sending(exchange: _Exchange) -> None:
    # Another process may have no provlog to receive them.
    exchange.is_sending = is_child_of_program()
    if exchange.is_sending:
        mark_results(_with_entities)


def _with_entities(result: Any) -> Any:
    """Return the result of a task, with the entities in it."""
    try:
        sent = {}
        for one in _exchanges:
            entities = one.entities() if one.is_sending else None
            found = None if entities is None else _found_in(entities, result)
            if found is not None:
                sent[one.log] = found
    except Exception as error:  # noqa: BLE001  (no failure may reach the program)
        reraise_from_signal(error)
        return result
    return _Returned(result, sent) if sent else result


class _Returned:
    """A result to pickle; unpickled, it is the result itself."""

    __slots__ = ("_result", "_sent")

    def __init__(self, result: Any, sent: dict[str | None, Found]) -> None:
        self._result = result
        self._sent = sent

    def __reduce__(self) -> tuple[Any, tuple[Any, dict[str | None, Found]]]:
        return received, (self._result, self._sent)


def received(result: Any, sent: dict[str | None, Found]) -> Any:
    """Return the result of a task that a worker has sent; remember the entities in it.

    Parameters
    ----------
    result : object
        The result.
    sent : dict
        The entities, by log.
    """
    try:
        for one in _exchanges:
            found, entities = sent.get(one.log), one.entities()
            if found is not None and entities is not None:
                _receive(entities, result, found)
    except Exception as error:  # noqa: BLE001  (no failure may reach the program)
        reraise_from_signal(error)
    return result


def _found_in(entities: Entities, value: Any, depth: int = 0) -> Found | None:
    """Return the entities of a value, or of its items and theirs, that calls returned."""
    results = entities.results
    kind = type(value)
    has_places = _has_places(kind)
    if not has_places and kind not in CONTAINERS:
        return results.entity_of(value)
    if depth == len(_MAX_ITEMS) or len(value) > _MAX_ITEMS[depth]:
        return None
    entity = _entity_of_container(entities, value)
    places: dict[int, Found] = {}
    if has_places:
        items = _items(value)
        is_deep = depth + 1 < len(_MAX_ITEMS) and any(map(_is_container, {*map(type, items)}))
        if is_deep or results.has(items):
            for place, item in enumerate(items):
                found = _found_in(entities, item, depth + 1)
                if found is not None:
                    places[place] = found
    return (entity, places) if entity is not None or places else None


def _entity_of_container(entities: Entities, value: Any) -> str | None:
    made = entities.results.made
    entity = made.get(id(value)) if made else None
    if entity is None or len(value) > _MAX_SETTINGS:
        return None
    # Another object may have the address now.
    return entity if entities.objects.has_content(value, entity) else None


def _receive(entities: Entities, value: Any, found: Found) -> None:
    """Remember the entities that `_found_in` has found in a value before it was pickled."""
    if isinstance(found, str):
        if not _is_shared(value):
            entities.results.add(value, found)
        return
    entity, places = found
    if entity is not None:
        entities.results.add_length(value)
        entities.know(entity)
    if places:
        items = _items(value)
        for place, one in places.items():
            _receive(entities, items[place], one)


def _is_container(kind: type) -> bool:
    return kind in CONTAINERS or _has_places(kind)


@cached_by_class
def _has_places(kind: type) -> bool:
    """Return whether pickling keeps the positions of the items of a class."""
    if kind in (list, tuple, dict):
        return True
    own = class_variables(kind)
    is_named = kind.__bases__ == (tuple,) and type(own.get("_fields")) is tuple
    return is_named and "__reduce__" not in own and "__reduce_ex__" not in own


def _items(value: Any) -> list[Any]:
    if type(value) is dict:
        return [*value.values()]
    return [*value] if type(value) is list else [*tuple.__iter__(value)]


def _is_shared(value: Any) -> bool:
    """Return whether Python has only one object of a number or text."""
    if type(value) is int:
        return value + 0 is value
    return type(value) in TEXTS and len(value) < 2
