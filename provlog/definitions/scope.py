"""Resolve the names in a definition's expressions during a call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from inspect import getattr_static, unwrap
from typing import TYPE_CHECKING, Any

from provlog.definitions.arguments import Arguments
from provlog.definitions.expressions import UnresolvedError, member
from provlog.objects.classes import bases_of, class_variables, short_name
from provlog.objects.signals import reraise_from_signal

if TYPE_CHECKING:
    from provlog.definitions.expressions import Expression

__all__ = ["NOTHING", "Follow", "Names", "globals_of", "members"]

Follow = Callable[["Expression | None"], Any]
"""Returns the value of an expression, or :data:`NOTHING` if it cannot be resolved."""

Report = Callable[[str, str], None]
"""Receives an expression that cannot be resolved, and the reason."""

_MAX_MEMBERS = 10_000


class _Nothing:
    __slots__ = ()

    def __reduce__(self) -> str:
        return "NOTHING"


NOTHING: Any = _Nothing()
"""The absence of a value, which differs from the value ``None``."""


class Names:
    """Resolve names in one call.

    The first match counts: ``args`` or ``kwargs`` (both are all arguments by name), for a
    method ``self`` or an attribute of its object, an argument, ``result``, or a global
    variable of the function's module.

    Parameters
    ----------
    owner : object
        The object whose method is called; ``None`` for a function.
    arguments : Arguments
        The arguments.
    variables : mapping
        The global variables.
    report : callable
        Receives expressions that cannot be resolved, and the reason.
    """

    __slots__ = ("arguments", "owner", "report", "result", "variables")

    def __init__(
        self, owner: Any, arguments: Arguments, variables: Mapping[str, Any], report: Report
    ) -> None:
        self.owner = owner
        self.arguments = arguments
        self.variables = variables
        self.result: Any = NOTHING
        self.report = report

    def follow(self, expression: Expression | None) -> Any:
        """Return the value of an expression, or :data:`NOTHING` if it cannot be resolved."""
        if expression is None:
            return NOTHING
        try:
            return expression.follow(self._start)
        except UnresolvedError as error:
            self.report(expression.text, str(error))
            return NOTHING

    def lasts(self, name: str) -> bool:
        """Return whether a name means a variable that outlives the call."""
        if name in self.arguments:
            # An attribute of the object takes precedence; the search must not run a property.
            return self.owner is not None and getattr_static(self.owner, name, None) is not None
        return name not in ("args", "kwargs", "result")

    def of_member(self, value: Any) -> Follow:
        """Return a function that follows expressions from a member of a collection."""
        return partial(_followed_from, value, self.report)

    def each(self, expression: Expression) -> Iterator[Follow]:
        """Yield, for each member of an expression's value, a function as in `of_member`."""
        values = self.follow(expression)
        if values is NOTHING or values is None:
            return
        try:
            yield from map(self.of_member, members(values))
        except UnresolvedError as error:
            self.report(expression.text, str(error))
        except Exception as error:  # noqa: BLE001  (the program's own code runs here)
            reraise_from_signal(error)
            reason = f"iterating over it raised {short_name(type(error))}"
            self.report(expression.text, reason)

    def _start(self, name: str) -> Any:
        if name in ("args", "kwargs"):
            return self.arguments
        if self.owner is not None:
            if name == "self":
                return self.owner
            try:
                return getattr(self.owner, name)
            except AttributeError:
                pass
        if name in self.arguments:
            return self.arguments[name]
        if name == "result" and self.result is not NOTHING:
            return self.result
        if name in self.variables:
            return self.variables[name]
        raise UnresolvedError(f"no attribute, argument or global variable has the name {name!r}")


def _followed_from(value: Any, report: Report, expression: Expression | None) -> Any:
    if expression is None:
        # Without an expression, the value is the member itself.
        return value
    try:
        return expression.follow(partial(member, value))
    except UnresolvedError as error:
        report(expression.text, str(error))
        return NOTHING


def globals_of(function: Callable[..., Any]) -> Mapping[str, Any]:
    """Return the global variables of a function, or of the function that it wraps."""
    with suppress(ValueError):
        # `unwrap` raises for a function that wraps itself.
        function = unwrap(function)
    found: Mapping[str, Any] = getattr(function, "__globals__", {})
    return found


def members(values: Any) -> Iterator[Any]:
    """Yield the members of a list, or the values of a mapping.

    Raises
    ------
    UnresolvedError
        For an iterator, which only the program may consume, and after too many members.
    """
    kind = type(values)
    if any("__next__" in class_variables(base) for base in bases_of(kind)):
        raise UnresolvedError("an iterator cannot be read, because the program consumes its items")
    found = values.values() if issubclass(kind, Mapping) else values
    for count, value in enumerate(found):
        if count == _MAX_MEMBERS:
            raise UnresolvedError(
                f"more than {_MAX_MEMBERS:,} members; the others are not recorded"
            )
        yield value
