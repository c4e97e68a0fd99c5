"""What is recorded of a call that no definition describes: its arguments, its object, its result.

Arguments are parameters, unless they are data, hold some, or are what another activity
generated. The object whose method it is was used, and if it has changed then, generated.
"""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from provlog.capture.files.ids import located
from provlog.definitions.scope import NOTHING
from provlog.objects.classes import cached_by_class, class_variables
from provlog.objects.data import CONTAINERS, SCALARS, data_in, is_data
from provlog.objects.literals import to_name
from provlog.redaction import is_secret_name

if TYPE_CHECKING:
    from provlog.capture.calls.recording import Plan
    from provlog.capture.records.object_ids import Identified
    from provlog.capture.records.syntax import Burst
    from provlog.definitions.arguments import Arguments

__all__ = ["inputs", "outputs"]

# A longer list is data.
_LARGEST_PARAMETER = 100
_RESULT = "result"


def inputs(plan: Plan, burst: Burst, owner: Any, arguments: Arguments) -> None:
    """Record parameters, and what is used."""
    used = _used(plan, arguments)
    parameters = arguments
    if used:
        parameters = {  # type: ignore[assignment]
            name: value
            for name, value in arguments.items()
            if name not in used or _has_settings(value)
        }
    burst.parameters(parameters)
    if not used and owner is None:
        return
    recorder = plan.recorder
    # To look at data may take a while.
    recorder.write(burst)
    if owner is not None and is_data(owner):
        recorder.attempt(plan.name, _relate, plan, "used", burst, owner, plan.owner_name)
    for name, identified in used.items():
        value = arguments[name]
        recorder.attempt(plan.name, _relate, plan, "used", burst, value, name, identified)


def outputs(plan: Plan, burst: Burst, owner: Any, result: Any) -> None:
    """Record what was generated."""
    recorder = plan.recorder
    if owner is not None and is_data(owner):
        recorder.attempt(plan.name, _changed, plan, burst, owner)
    if result is None or result is NOTHING or (result is owner and owner is not None):
        return
    several = _several(result) if _is_manifold(type(result)) else None
    if several is None:
        _relate(plan, "generated", burst, result, _RESULT)
        return
    # Each goes its own way.
    for role, item in several:
        if item is not None:
            recorder.attempt(plan.name, _relate, plan, "generated", burst, item, role)


@cached_by_class
def _is_manifold(kind: type) -> bool:
    return issubclass(kind, tuple)


def _several(result: Any) -> list[tuple[str, Any]] | None:
    """Return the results of a call that has several, with data among them, by their roles."""
    if tuple.__len__(result) > _LARGEST_PARAMETER:
        return None
    items = [*tuple.__iter__(result)]
    if not any(map(is_data, items)):
        return None
    names = class_variables(type(result)).get("_fields")
    if type(names) is tuple and len(names) == len(items):
        return [
            (f"{_RESULT}.{to_name(name)}", item) for name, item in zip(names, items, strict=True)
        ]
    return [(f"{_RESULT}[{position}]", item) for position, item in enumerate(items)]


def _used(plan: Plan, arguments: Arguments) -> dict[str, Identified | None]:
    """Return the names of arguments that are used, with which object each is, if that is known."""
    used: dict[str, Identified | None] = {}
    for name, value in arguments.items():
        try:
            if type(value) not in SCALARS:
                _consider(plan, name, value, used)
        except Exception as failure:  # noqa: BLE001  (its class cannot be hashed)
            plan.recorder.failed(plan.name, failure)
    return used


def _consider(plan: Plan, name: str, value: Any, used: dict[str, Identified | None]) -> None:
    entities = plan.recorder.entities
    if type(value) in CONTAINERS:
        if value:
            identified = entities.identify(value)
            is_entity = entities.has(identified.id) or entities.has(identified.before)
            if is_entity or len(value) > _LARGEST_PARAMETER or data_in(value):
                used[name] = identified
    elif _is_path(type(value)):
        if entities.has_seen(located(value)):
            used[name] = None
    elif is_data(value):
        used[name] = None


def _has_settings(value: Any) -> bool:
    """Tell whether what is used says something as a parameter, too."""
    if type(value) in CONTAINERS:
        found = len(data_in(value))
        return 0 < found < len(value) <= _LARGEST_PARAMETER
    return _is_path(type(value))


def _changed(plan: Plan, burst: Burst, owner: Any) -> None:
    identified = plan.recorder.entities.identify(owner)
    if identified.before is not None:
        _relate(plan, "generated", burst, owner, plan.owner_name, identified)


def _relate(
    plan: Plan,
    relation: str,
    burst: Burst,
    value: Any,
    role: str,
    identified: Identified | None = None,
) -> None:
    """Say that an object, or a file that is there, was ``used`` or ``generated``."""
    entities = plan.recorder.entities
    is_generated = relation == "generated"
    path = located(value) if _is_path(type(value)) else None
    if path is not None and os.path.lexists(path):
        burst.relate(relation, entities.file(path, burst, None, is_generated), role)
        return
    # Of what is passed to and fro without a name, that of the function tells.
    is_secret = plan.is_secret or is_secret_name(role)
    if is_generated and type(value) in CONTAINERS:
        for key, item in data_in(value):
            member = entities.identify(item)
            if not entities.has(member.id):
                _relate(plan, relation, burst, item, f"{role}[{to_name(key)}]", member)
    burst.relate(relation, entities.object(value, burst, None, identified, is_secret), role)


@cached_by_class
def _is_path(kind: type) -> bool:
    return issubclass(kind, PurePath)
