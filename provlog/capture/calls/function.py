"""Facts about a traced function that are the same for all its calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from provlog.definitions.arguments import binder, first_name
from provlog.definitions.expressions import Expression, ExpressionError, parse
from provlog.definitions.scope import globals_of
from provlog.errors import UsageError
from provlog.redaction import is_secret_name

if TYPE_CHECKING:
    from provlog.capture.records.recorder import Recorder
    from provlog.definitions.load import ActivityDefinition

__all__ = ["Named", "NamedEntities", "TracedFunction", "named_entities"]

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
    variables : callable
        Looks up the global variables of the function.
    warn_unresolved : callable
        Warns that an expression of the definition cannot be resolved.
    arguments : callable
        Returns the arguments of a call by name.
    owner_name : str
        The name of the first parameter.
    has_expressions : bool
        Whether a definition or named entities have to be evaluated.
    is_secret : bool
        Whether the function's name says that its results are secret.
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
        self.name = name
        self.definition = definition
        self.is_method = is_method
        self.records_owner = records_owner
        self.used = used
        self.generated = generated
        self.has_expressions = definition is not None or bool(used or generated)
        # Arguments and results that named entities already record.
        self.named = frozenset(one.text for one in (*used.values(), *generated.values()))
        self.variables = globals_of(function)
        self.warn_unresolved = partial(recorder.guard.unresolved, name)
        self.arguments = binder(function, is_method)
        self.owner_name = first_name(function)
        self.is_secret = is_secret_name(name)
