"""What the names in a definition's expressions stand for in a call."""

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
"""Returns what an expression leads to; :data:`NOTHING` if nowhere."""

Complain = Callable[[str, str], None]
"""Takes an expression that leads nowhere, and why."""

_MOST_MEMBERS = 10_000


class _Nothing:
    __slots__ = ()

    def __reduce__(self) -> str:
        return "NOTHING"


NOTHING: Any = _Nothing()
"""Stands for no value at all."""


class Names:
    """The names in one call.

    A name is an attribute of the object whose method it is, ``self``, ``args`` or
    ``kwargs`` (both are all arguments by name), an argument, the ``result``, or a
    global variable of the function's module, whichever is found first.

    Parameters
    ----------
    owner : object
        The object; ``None`` if it is no method.
    arguments : Arguments
        The arguments.
    variables : mapping
        The global variables.
    complain : callable
        Takes expressions that lead nowhere.
    """

    __slots__ = ("arguments", "complain", "owner", "result", "variables")

    def __init__(
        self, owner: Any, arguments: Arguments, variables: Mapping[str, Any], complain: Complain
    ) -> None:
        self.owner = owner
        self.arguments = arguments
        self.variables = variables
        self.result: Any = NOTHING
        self.complain = complain

    def follow(self, expression: Expression | None) -> Any:
        """Return what an expression leads to; :data:`NOTHING` if nowhere."""
        if expression is None:
            return NOTHING
        try:
            return expression.follow(self._start)
        except UnresolvedError as error:
            self.complain(expression.text, str(error))
            return NOTHING

    def lasts(self, name: str) -> bool:
        """Tell whether a name stands for something in the next call, too: for a variable."""
        if name in self.arguments:
            # It may be one of the object, which comes first; a property is not asked.
            return self.owner is not None and getattr_static(self.owner, name, None) is not None
        return name not in ("args", "kwargs", "result")

    def of_member(self, value: Any) -> Follow:
        """Return what follows expressions that begin at a member of a collection."""
        return partial(_followed_from, value, self.complain)

    def each(self, expression: Expression) -> Iterator[Follow]:
        """Yield, for each member of what an expression leads to, what begins at it."""
        values = self.follow(expression)
        if values is NOTHING or values is None:
            return
        try:
            yield from map(self.of_member, members(values))
        except UnresolvedError as error:
            self.complain(expression.text, str(error))
        except Exception as error:  # noqa: BLE001  (whatever somebody else's code raises)
            reraise_from_signal(error)
            reason = f"going through it raised {short_name(type(error))}"
            self.complain(expression.text, reason)

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
        raise UnresolvedError(f"{name!r} is no attribute, no argument and no global variable")


def _followed_from(value: Any, complain: Complain, expression: Expression | None) -> Any:
    if expression is None:
        # A member is itself what nothing leads to.
        return value
    try:
        return expression.follow(partial(member, value))
    except UnresolvedError as error:
        complain(expression.text, str(error))
        return NOTHING


def globals_of(function: Callable[..., Any]) -> Mapping[str, Any]:
    """Return the global variables of a function, or of the one that it wraps."""
    with suppress(ValueError):
        # What is wrapped may be wrapped in itself.
        function = unwrap(function)
    found: Mapping[str, Any] = getattr(function, "__globals__", {})
    return found


def members(values: Any) -> Iterator[Any]:
    """Yield the members of a list; the values of a mapping.

    Raises
    ------
    UnresolvedError
        If the values can be had only once, or are too many.
    """
    kind = type(values)
    if any("__next__" in class_variables(base) for base in bases_of(kind)):
        raise UnresolvedError("the items of an iterator are the program's")
    found = values.values() if issubclass(kind, Mapping) else values
    for count, value in enumerate(found):
        if count == _MOST_MEMBERS:
            raise UnresolvedError(f"of more than {_MOST_MEMBERS:,} members the first are recorded")
        yield value
