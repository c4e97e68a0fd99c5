"""Facts about a traced function that are the same for all its calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from inspect import isasyncgenfunction, isgeneratorfunction
from typing import TYPE_CHECKING, Any

from provlog.capture.calls.signatures import signature_of
from provlog.definitions.arguments import binder, first_name, parameter_names
from provlog.definitions.expressions import Expression, ExpressionError, Member, parse
from provlog.definitions.scope import globals_of
from provlog.errors import UsageError
from provlog.redaction import is_secret_name

if TYPE_CHECKING:
    from provlog.capture.calls.variables import Variable
    from provlog.capture.records.recorder import Recorder
    from provlog.definitions.load import ActivityDefinition

__all__ = ["Named", "NamedEntities", "TracedFunction", "argument_of", "named_entities"]

Named = str | Iterable[str] | Mapping[str, str]
"""An expression, several ones, or expressions by role."""

NamedEntities = dict[str, Expression]
"""Expressions by role."""


def named_entities(named: Named | None) -> NamedEntities:
    """Return the expressions by role; without a role, the expression is the role.

    Raises
    ------
    UsageError
        If an expression is invalid.

    Examples
    --------
    >>> list(named_entities(["path", "config.reference"]))
    ['path', 'config.reference']
    """
    if named is None:
        return {}
    if isinstance(named, str):
        named = [named]
    texts = dict(named) if isinstance(named, Mapping) else {text: text for text in named}
    try:
        return {role: parse(text) for role, text in texts.items()}
    except (ExpressionError, TypeError) as error:
        raise UsageError(f"invalid name of an entity: {error}") from error


class TracedFunction:
    """A traced function.

    Parameters
    ----------
    recorder : Recorder
        Writes the records.
    function : callable
        The function.
    name : str
        The name of its activities.
    definition : ActivityDefinition, optional
        The definition of its activities.
    is_method : bool
        Whether its first argument is the object whose method it is.
    records_owner : bool
        Whether to record that object as used, and as generated if it changes.
    used, generated : NamedEntities
        Further entities, by role.

    Attributes
    ----------
    is_generator : bool
        Whether it is a generator function, whose arguments may be released before its end.
    variables : callable
        Looks up the global variables of the function.
    warn_unresolved : callable
        Warns that an expression of the definition cannot be resolved.
    arguments : callable
        Returns the arguments of a call by name.
    changing : tuple of (str, str)
        The arguments that the definition or the decorator names as used but not as generated,
        each with its role.
    has_plain_names : bool
        Whether the names of all arguments are known, and none indicates a secret.
    outside : list of Variable, optional
        The variables from outside that its code reads or sets and that may hold data; ``None``
        before its first call.
    has_outside : bool
        Whether there may be such variables.
    is_simple : bool
        Whether numbers among the arguments are parameters and nothing else.
    owner_name : str
        The name of the first parameter.
    has_expressions : bool
        Whether a definition or named entities have to be evaluated.
    records_unlisted : bool
        Whether to record arguments and results that no definition names.
    parameters : frozenset of str
        The arguments that are parameters by a definition with such others.
    is_secret : bool
        Whether the function's name indicates that its results are secret.
    """

    def __init__(
        self,
        recorder: Recorder,
        function: Callable[..., Any],
        name: str,
        definition: ActivityDefinition | None,
        is_method: bool,
        records_owner: bool,
        used: NamedEntities,
        generated: NamedEntities,
    ) -> None:
        self.recorder = recorder
        self.function = function
        self.name = name
        self.definition = definition
        self.is_method = is_method
        self.is_generator = isgeneratorfunction(function) or isasyncgenfunction(function)
        self.records_owner = records_owner
        self.used = used
        self.generated = generated
        self.has_expressions = definition is not None or bool(used or generated)
        # Arguments and results that named entities already record.
        self.named = frozenset(one.text for one in (*used.values(), *generated.values()))
        # Whether to record values that no definition names, and the parameters that one names.
        self.records_unlisted = definition is None or definition.unlisted
        self.parameters: frozenset[str | None] = frozenset()
        if definition is not None and definition.unlisted:
            self.named |= set(_named_arguments(definition))
            self.parameters = frozenset(
                one.name if one.value is None else argument_of(one.value)
                for one in definition.parameters
            )
        self.changing = () if self.is_generator else tuple(_changing(definition, used, generated))
        self.variables = globals_of(function)
        self.warn_unresolved = partial(recorder.guard.unresolved, name)
        self.arguments = binder(function, is_method)
        self.owner_name = first_name(function)
        self.is_secret = is_secret_name(name)
        # An open signature may get arguments of any name.
        is_open = signature_of(function, is_method).is_open
        self.has_plain_names = not is_open and not any(
            map(is_secret_name, parameter_names(function))
        )
        has_entities = self.has_expressions or bool(self.named or self.parameters)
        self.is_simple = self.has_plain_names and self.records_unlisted and not has_entities
        self.outside: list[Variable] | None = None
        self.has_outside = self.records_unlisted

    def parts(self) -> tuple[object, ...]:
        """Return the parameters of this class without the recorder."""
        return (
            self.function, self.name, self.definition, self.is_method, self.records_owner,
            self.used, self.generated,
        )  # fmt: skip


def _changing(
    definition: ActivityDefinition | None, used: NamedEntities, generated: NamedEntities
) -> Iterator[tuple[str, str]]:
    made = {argument_of(one) for one in generated.values()}
    if definition is not None:
        made |= {argument_of(item.value) for item in definition.generation}
        for item in definition.usage:
            text = argument_of(item.value) if item.id is None and item.location is None else None
            if text is not None and text not in made:
                yield text, item.role or text
    for role, expression in used.items():
        text = argument_of(expression)
        if text is not None and text not in made:
            yield text, role


def _named_arguments(definition: ActivityDefinition) -> Iterator[str]:
    for item in (*definition.usage, *definition.generation):
        names = map(argument_of, (item.value, item.location, item.id))
        yield from (name for name in names if name is not None)


def argument_of(expression: Expression | None) -> str | None:
    """Return the name of the only argument or result that an expression may denote, or ``None``."""
    if expression is None or not expression.steps:
        return None if expression is None else expression.name
    [first, *others] = expression.steps
    is_argument = expression.name in ("args", "kwargs") and not others
    return first.name if is_argument and isinstance(first, Member) else None
