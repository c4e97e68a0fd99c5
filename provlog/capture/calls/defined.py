"""Inputs and outputs of a call according to the definition of its activity."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from provlog.capture.calls.function import argument_of
from provlog.capture.records.streams import is_stream
from provlog.definitions.scope import NOTHING, Names

if TYPE_CHECKING:
    from provlog.capture.calls.function import TracedFunction
    from provlog.capture.records.syntax import ActivityRecords
    from provlog.definitions.arguments import Arguments
    from provlog.definitions.load import ActivityDefinition, ItemDefinition

__all__ = ["record_inputs", "record_outputs", "record_usage", "take_stream"]


def record_inputs(
    function: TracedFunction,
    definition: ActivityDefinition,
    records: ActivityRecords,
    names: Names,
    arguments: Arguments,
    used: Collection[str] = (),
) -> None:
    """Record the parameters and the used entities; `used` are arguments recorded as entities."""
    _record_parameters(definition, records, names, arguments, used)
    if definition.usage:
        # Examining the entities may take long: write the parameters first.
        function.recorder.write(records)
        record_usage(function, definition, records, names)


def record_usage(
    function: TracedFunction,
    definition: ActivityDefinition,
    records: ActivityRecords,
    names: Names,
) -> None:
    """Record the used entities."""
    _record_items("used", function, records, definition.usage, names)


def take_stream(function: TracedFunction, item: ItemDefinition, names: Names, entity: str) -> None:
    """Remember the entity of an argument that the activity uses, if it is a generator."""
    value = names.arguments.get(argument_of(item.value))
    # The name may denote an instance variable instead.
    if is_stream(value) and names.follow(item.value) is value:
        function.recorder.streams.take(value, entity)


def record_outputs(
    function: TracedFunction,
    definition: ActivityDefinition,
    records: ActivityRecords,
    names: Names,
) -> None:
    """Record the generated entities."""
    _record_items("generated", function, records, definition.generation, names)


def _record_parameters(
    definition: ActivityDefinition,
    records: ActivityRecords,
    names: Names,
    arguments: Arguments,
    used: Collection[str],
) -> None:
    values = {}
    for parameter in definition.parameters:
        name, expression = parameter.name, parameter.value
        if name in used:
            continue
        value = arguments.get(name, NOTHING) if expression is None else names.follow(expression)
        if value is not NOTHING:
            values[name] = value
        elif expression is None:
            names.report(name, "the function has no argument of that name")
    records.parameters(values)


def _record_items(
    relation: str,
    function: TracedFunction,
    records: ActivityRecords,
    items: Sequence[ItemDefinition],
    names: Names,
) -> None:
    guard, entities = function.recorder.guard, function.recorder.entities
    is_generated = relation == "generated"

    def record(item: ItemDefinition) -> None:
        entity = entities.item(item, records, names, is_generated)
        if entity is not None:
            records.relate(relation, entity, item.role)
            if not is_generated:
                take_stream(function, item, names, entity)

    for item in items:
        guard.attempt(function.name, record, item)
