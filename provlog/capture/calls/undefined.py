"""Inputs and outputs of a call without a definition: its arguments, object and result.

Arguments are parameters. An argument is a used entity if it is data, an existing file, an
entity of another activity, or a container of these. The object of a method is a used
entity, too. What the call has changed is a generated entity: its object and arguments.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from provlog.capture.calls.changes import States, changed, may_change, state_of_argument
from provlog.capture.files.paths import absolute_path, is_path
from provlog.capture.records.results import unshared_items
from provlog.definitions.scope import NOTHING
from provlog.objects.classes import cached_by_class, class_variables
from provlog.objects.data import CONTAINERS, SCALARS, is_data, is_data_class, is_number
from provlog.objects.literals import to_name
from provlog.objects.signals import reraise_from_signal
from provlog.redaction import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Collection

    from provlog.capture.calls.function import TracedFunction
    from provlog.capture.records.object_ids import ObjectId
    from provlog.capture.records.syntax import ActivityRecords
    from provlog.definitions.arguments import Arguments

__all__ = [
    "is_number_or_text", "numbers_in", "record_changes", "record_inputs", "record_outputs",
    "record_result", "record_use", "relate", "relate_number",
]  # fmt: skip

# A longer container is data.
_MAX_SETTINGS = 100
_RESULT = "result"
# A longer tuple of numbers is one result.
_MAX_NUMBERS = 16
_NUMBERS = frozenset({int, float, bool, type(None)})
_MAX_NUMBERS_TEXT = 1000


def record_inputs(
    function: TracedFunction,
    records: ActivityRecords,
    owner: Any,
    arguments: Arguments,
    states: States,
) -> Collection[str]:
    """Record the parameters and the used entities; add the states of arguments that may change.

    Returns
    -------
    collection of str
        The arguments that are used entities, not parameters.
    """
    used = _used_arguments(function, arguments, states)
    parameters = arguments
    if used or function.named or function.parameters:
        entities = used.keys() | function.named
        parameters = {  # type: ignore[assignment]
            name: value
            for name, value in arguments.items()
            if name not in function.parameters
            and (name not in entities or _is_also_parameter(function, value))
        }
    records.parameters(parameters)
    if not used and owner is None:
        return ()
    recorder = function.recorder
    attempt = recorder.guard.attempt
    # Examining data may take long: write the parameters first.
    recorder.write(records)
    if owner is not None and is_data(owner):
        attempt(function.name, relate, function, "used", records, owner, function.owner_name)
    for name, identified in used.items():
        value = arguments[name]
        attempt(function.name, _relate_argument, function, records, value, name, identified, states)
    return [name for name in used if not _is_also_parameter(function, arguments[name])]


def numbers_in(function: TracedFunction, arguments: dict[str, Any]) -> str | None:
    """Return the arguments as a literal if all are numbers without a history."""
    values = arguments.values()
    known = function.recorder.entities.results.known
    try:
        if not _NUMBERS.issuperset(map(type, values)):
            return None
    except Exception as error:  # noqa: BLE001  (a metaclass may define any hash)
        reraise_from_signal(error)
        return None
    if known and not known.keys().isdisjoint(map(id, values)):
        return None
    text = repr(arguments) if arguments else None
    # JSON has neither `nan` nor infinity; a parameter may have such a name.
    if text is None or len(text) > _MAX_NUMBERS_TEXT or "nan" in text or "inf" in text:
        return None
    return text


def record_use(function: TracedFunction, records: ActivityRecords, name: str, value: Any) -> None:
    """Record an argument as used if it is an entity."""
    used: dict[str, ObjectId | None] = {}
    _add_if_used(function, name, value, used, [])
    if name in used:
        _relate_argument(function, records, value, name, used[name], [])


def record_changes(function: TracedFunction, records: ActivityRecords, states: States) -> None:
    """Record the arguments that the call has changed as generated entities."""
    for role, value, identified in changed(function.recorder.entities, states):
        function.recorder.guard.attempt(
            function.name, relate, function, "generated", records, value, role, identified
        )


def record_outputs(
    function: TracedFunction, records: ActivityRecords, owner: Any, result: Any, is_own: bool
) -> None:
    """Record the generated entities; ``is_own`` is true if nothing else refers to the result."""
    guard = function.recorder.guard
    if owner is not None and is_data(owner):
        guard.attempt(function.name, _relate_if_changed, function, records, owner)
    if result is None or result is NOTHING or (result is owner and owner is not None):
        return
    record_result(function, records, result, is_own)


def record_result(
    function: TracedFunction, records: ActivityRecords, result: Any, is_own: bool
) -> None:
    """Record the result as generated; ``is_own`` is true if nothing else refers to it."""
    guard = function.recorder.guard
    if function.named and _RESULT in function.named:
        return
    if _is_object(type(result)):
        entity = function.recorder.entities.object(result, records, is_secret=function.is_secret)
        records.relate("generated", entity, _RESULT)
        return
    if is_own and is_number_or_text(result):
        relate_number(function, records, result, _RESULT)
        return
    several = _several_results(result) if _is_tuple(type(result)) else None
    if several is None:
        if is_own and _is_tuple(type(result)) and len(result) <= _MAX_NUMBERS:
            guard.attempt(function.name, _relate_numbers, function, records, result)
        relate(function, "generated", records, result, _RESULT)
        return
    for role, item in several:
        if item is not None:
            guard.attempt(function.name, relate, function, "generated", records, item, role)


@cached_by_class
def _is_object(kind: type) -> bool:
    """Return whether instances of a class are data of one part: no numbers, paths or tuples."""
    return is_data_class(kind) and not _is_tuple(kind)


def is_number_or_text(value: Any) -> bool:
    """Return whether a value is a number or text, which cannot change."""
    # An array of dimension 0 may change.
    return type(value) in SCALARS or (is_number(value) and not may_change(type(value)))


def _relate_numbers(
    function: TracedFunction, records: ActivityRecords, result: tuple[Any, ...]
) -> None:
    """Record the numbers and texts in a tuple, which the caller may pass on one by one."""
    # First, since a list of the items would refer to them, too.
    unshared = unshared_items(result)
    for (role, item), is_own in zip(_roles(result), unshared, strict=True):
        if is_own and is_number_or_text(item):
            relate_number(function, records, item, role)


def relate_number(
    function: TracedFunction, records: ActivityRecords, value: Any, role: str
) -> None:
    """Record a number or text that the call made as generated, and remember the object."""
    entities = function.recorder.entities
    identified = entities.identify_result(value, records.activity)
    relate(function, "generated", records, value, role, identified)
    if not function.is_secret:
        entities.results.add(value, identified.id)


@cached_by_class
def _is_tuple(kind: type) -> bool:
    return issubclass(kind, tuple)


def _several_results(result: Any) -> list[tuple[str, Any]] | None:
    """Return the items of a tuple that contains data, by role; ``None`` for any other tuple."""
    if tuple.__len__(result) > _MAX_SETTINGS:
        return None
    items = [*tuple.__iter__(result)]
    return _roles(result) if any(map(is_data, items)) else None


def _roles(result: tuple[Any, ...]) -> list[tuple[str, Any]]:
    """Return the items of a tuple by role."""
    items = [*tuple.__iter__(result)]
    names = class_variables(type(result)).get("_fields")
    if type(names) is tuple and len(names) == len(items):
        return [
            (f"{_RESULT}.{to_name(name)}", item) for name, item in zip(names, items, strict=True)
        ]
    return [(f"{_RESULT}[{position}]", item) for position, item in enumerate(items)]


def _used_arguments(
    function: TracedFunction, arguments: Arguments, states: States
) -> dict[str, ObjectId | None]:
    """Return the names of arguments that are used entities, with their ids if they are known."""
    used: dict[str, ObjectId | None] = {}
    results = function.recorder.entities.results
    for name, value in arguments.items():
        try:
            if name in function.named:
                continue
            if type(value) not in SCALARS:
                _add_if_used(function, name, value, used, states)
            elif results.entity_of(value) is not None:
                used[name] = None
        except Exception as failure:  # noqa: BLE001  (a metaclass may define any hash)
            function.recorder.guard.failed(function.name, failure)
    return used


def _add_if_used(
    function: TracedFunction,
    name: str,
    value: Any,
    used: dict[str, ObjectId | None],
    states: States,
) -> None:
    entities = function.recorder.entities
    if type(value) in CONTAINERS:
        identified = None
        if value:
            identified = entities.identify(value)
            is_entity = entities.has(identified.id) or entities.has(identified.previous)
            if is_entity or len(value) > _MAX_SETTINGS or entities.members(value):
                used[name] = identified
        if not function.is_generator:
            states += state_of_argument(entities, name, value, identified)
    elif is_path(type(value)):
        # Whether an existing file is read shows when it is opened, or at the end of the call.
        if not function.recorder.opened_files.decides(value) and entities.is_file(value):
            used[name] = None
    elif is_data(value) or entities.results.entity_of(value) is not None:
        used[name] = None


def _relate_argument(
    function: TracedFunction,
    records: ActivityRecords,
    value: Any,
    name: str,
    identified: ObjectId | None,
    states: States,
) -> None:
    if identified is None and is_data(value):
        entities = function.recorder.entities
        identified = entities.identify(value)
        if not function.is_generator:
            states += state_of_argument(entities, name, value, identified)
    relate(function, "used", records, value, name, identified)


def _is_also_parameter(function: TracedFunction, value: Any) -> bool:
    """Return whether a used entity is also worth recording as a parameter."""
    if type(value) in CONTAINERS:
        members = function.recorder.entities.members(value)
        without_paths = [item for _, item in members if not is_path(type(item))]
        return bool(members) and len(without_paths) < len(value) <= _MAX_SETTINGS
    return not is_data(value)


def _relate_if_changed(function: TracedFunction, records: ActivityRecords, owner: Any) -> None:
    identified = function.recorder.entities.identify(owner)
    if identified.previous is not None:
        relate(function, "generated", records, owner, function.owner_name, identified)


def relate(
    function: TracedFunction,
    relation: str,
    records: ActivityRecords,
    value: Any,
    role: str,
    identified: ObjectId | None = None,
) -> None:
    """Record that an object, or an existing file, was ``used`` or ``generated``."""
    entities = function.recorder.entities
    is_generated = relation == "generated"
    path = absolute_path(value) if is_path(type(value)) else None
    if path is not None and os.path.lexists(path):
        records.relate(relation, entities.file(path, records, None, is_generated), role)
        return
    # A result has no name of its own: that of the function decides.
    is_secret = function.is_secret or is_secret_name(role)
    is_container = type(value) in CONTAINERS
    if is_generated and is_container:
        for key, item in entities.members(value):
            if is_data(item):
                member = entities.identify(item)
                if not entities.has(member.id):
                    member_role = f"{role}[{to_name(key)}]"
                    relate(function, relation, records, item, member_role, member)
    entity = entities.object(value, records, None, identified, is_secret)
    records.relate(relation, entity, role)
    if is_container:
        entities.results.add_container(value, entity if is_generated else None)
    if not is_generated:
        function.recorder.streams.take(value, entity)
