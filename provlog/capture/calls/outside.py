"""Variables from outside of a function, as inputs and outputs of its calls.

A variable that the function reads is used if a recorded activity made or used its value; the new
value of one that it sets is generated, and so is the new state of a value that it changes.
"""

from __future__ import annotations

import weakref
from sys import getrefcount
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from provlog.capture.calls.undefined import is_number_or_text, relate, relate_number
from provlog.capture.calls.variables import variables_of
from provlog.capture.files.handles import is_handle
from provlog.definitions.scope import NOTHING
from provlog.objects.classes import bases_of, cached_by_class, class_variables, module_of
from provlog.objects.data import CONTAINERS, SCALARS, is_data
from provlog.objects.fingerprints.converters import is_identified_by_value

if TYPE_CHECKING:
    from provlog.capture.calls.function import TracedFunction
    from provlog.capture.calls.variables import Variable
    from provlog.capture.records.entities import Entities
    from provlog.capture.records.object_ids import ObjectId
    from provlog.capture.records.syntax import ActivityRecords
    from provlog.definitions.arguments import Arguments

__all__ = ["Watched", "are_idle", "record_inputs", "record_outputs"]

# Longer containers that no activity has recorded are not compared.
_MAX_ITEMS = 100
_CODE = frozenset({BuiltinFunctionType, FunctionType, MethodType, ModuleType})
# Packages of objects that a program needs besides its data.
_TOOLS = frozenset({"_thread", "argparse", "asyncio", "logging", "provlog", "threading", "weakref"})


class Watched(Struct, eq=False):
    """A variable that a call in progress may set or change."""

    variable: Variable
    # The object whose method it is.
    owner: Any
    # The id of its state at the start, if that is known.
    before: str | None
    # What tells whether it still has the same value: a number itself, a weak reference to an
    # object, or the address of a container.
    value: Any


def are_idle(function: TracedFunction, owner: Any) -> bool:
    """Return whether the call of a function has neither inputs nor outputs among its variables."""
    entities = function.recorder.entities
    return function.outside is not None and all(
        not one.is_set and _is_idle(entities, one, one.value(owner)) for one in function.outside
    )


def record_inputs(
    function: TracedFunction, records: ActivityRecords, owner: Any, arguments: Arguments
) -> list[Watched]:
    """Record the used variables; return those to compare when the call ends."""
    guard, entities = function.recorder.guard, function.recorder.entities
    if function.outside is None:
        # Not again in each call if it fails.
        function.outside = []
        found = variables_of(function.function, function.is_method)
        function.outside = [one for one in found if _may_be_data(one, owner, entities)]
        function.has_outside = bool(function.outside)
    watched: list[Watched] = []
    opened_files = function.recorder.opened_files
    for variable in function.outside:
        try:
            value = variable.value(owner)
            if is_handle(type(value)):
                opened_files.name_open(records.activity, {variable.role: value})
            if variable.is_set or not _is_idle(entities, variable, value):
                _record_input(function, records, variable, owner, value, arguments, watched)
        except Exception as failure:  # noqa: BLE001  (as in `Guard.attempt`)
            guard.failed(function.name, failure)
    return watched


def _is_idle(entities: Entities, variable: Variable, value: Any) -> bool:
    """Return whether a value that the function does not set certainly has no history."""
    kind = type(value)
    if kind in SCALARS:
        return id(value) not in entities.results.known
    if variable.is_changed:
        return value is NOTHING
    if kind not in CONTAINERS:
        return not (is_handle(kind) or entities.may_know(value))
    if id(value) in entities.results.containers:
        return False
    if len(value) > _MAX_ITEMS:
        return True
    items = value.values() if kind is dict else value
    return SCALARS.issuperset(map(type, items)) and not entities.results.has(items)


def record_outputs(
    function: TracedFunction, records: ActivityRecords, watched: list[Watched]
) -> None:
    """Record the variables that the call has set or changed as generated."""
    for one in watched:
        function.recorder.guard.attempt(function.name, _record_output, function, records, one)


def _may_be_data(variable: Variable, owner: Any, entities: Entities) -> bool:
    """Return whether a variable may hold data in the first call or a later one."""
    value = variable.value(owner)
    kind = type(value)
    if variable.is_set:
        return True
    if value is NOTHING:
        # A method is an attribute, too.
        name = variable.role.rpartition(".")[2]
        bases = bases_of(type(owner)) if variable.is_attribute else ()
        return all(name not in class_variables(base) for base in bases)
    if kind in SCALARS:
        # Programs write constants in capitals.
        is_constant = variable.role.isupper() and value is not None
        return not is_constant or entities.results.entity_of(value) is not None
    return kind not in _CODE and not issubclass(kind, type) and not _is_tool(kind)


@cached_by_class
def _is_tool(kind: type) -> bool:
    return any(module_of(one).partition(".")[0] in _TOOLS for one in bases_of(kind))


def _record_input(
    function: TracedFunction,
    records: ActivityRecords,
    variable: Variable,
    owner: Any,
    value: Any,
    arguments: Arguments,
    watched: list[Watched],
) -> None:
    entities = function.recorder.entities
    if value is NOTHING or is_number_or_text(value):
        if variable.is_read and entities.results.entity_of(value) is not None:
            _relate_once(function, "used", records, value, variable.role, entities.identify(value))
        if variable.is_set:
            watched.append(Watched(variable, owner, None, value))
        return
    if any(value is one for one in arguments.values()):
        return
    before = None
    if _is_compared(entities, variable, value):
        identified = entities.identify(value)
        before = identified.id
        if variable.is_read and _is_used(entities, value, identified):
            _relate_once(function, "used", records, value, variable.role, identified)
    may_be_filled = variable.is_changed and type(value) in CONTAINERS
    if before is not None or variable.is_set or may_be_filled:
        watched.append(Watched(variable, owner, before, _reference(value)))


def _is_compared(entities: Entities, variable: Variable, value: Any) -> bool:
    """Return whether to identify a value: if it may be known, or if the call may change it."""
    if not (variable.is_read or variable.is_changed):
        return False
    if type(value) in CONTAINERS:
        if not value:
            return False
        if len(value) > _MAX_ITEMS:
            return entities.may_know(value)
        return variable.is_changed or entities.may_know(value) or _has_known(entities, value)
    if not is_data(value):
        return False
    is_changed = variable.is_changed and is_identified_by_value(type(value))
    return is_changed or entities.may_know(value)


def _has_known(entities: Entities, value: Any) -> bool:
    items = value.values() if type(value) is dict else value
    return any(map(entities.may_know, items))


def _is_used(entities: Entities, value: Any, identified: ObjectId) -> bool:
    is_known = entities.has(identified.id) or entities.has(identified.previous)
    return is_known or (type(value) in CONTAINERS and bool(entities.members(value)))


def _record_output(function: TracedFunction, records: ActivityRecords, one: Watched) -> None:
    variable, before = one.variable, one.before
    value = variable.value(one.owner)
    if value is None or value is NOTHING:
        return
    if is_number_or_text(value):
        if variable.is_set and value is not one.value and _references(value) <= _OWN:
            relate_number(function, records, value, variable.role)
        return
    is_unknown = before is None and _is_same(one.value, value)
    if type(value) in CONTAINERS:
        is_long = len(value) > _MAX_ITEMS
        # Settings in attributes are a part of the state of the object.
        has_data = is_long or not variable.is_attribute or function.recorder.entities.members(value)
        # Only an empty container has no state before, or a long one that no activity made.
        is_output = bool(value) and bool(has_data) and not (is_unknown and is_long)
    else:
        is_output = is_data(value) and not is_unknown and not _is_tool(type(value))
    if is_output:
        after = function.recorder.entities.identify(value)
        if after.id != before:
            _relate_once(function, "generated", records, value, variable.role, after)


def _relate_once(
    function: TracedFunction,
    relation: str,
    records: ActivityRecords,
    value: Any,
    role: str,
    identified: ObjectId,
) -> None:
    """Record a value as used or generated, unless the activity has done so in another role."""
    if (relation, identified.id) not in records.activity.related:
        relate(function, relation, records, value, role, identified)


def _reference(value: Any) -> Any:
    """Return what tells an object from others without keeping it alive."""
    try:
        return weakref.ref(value)
    except TypeError:
        return id(value)


def _is_same(reference: Any, value: Any) -> bool:
    return reference() is value if type(reference) is weakref.ref else reference == id(value)


def _references(value: Any) -> int:
    return getrefcount(value)


def _own_references(variables: dict[str, Any]) -> int:
    value = variables["number"]
    return _references(value)


_OWN = _own_references({"number": float("2.5")})
