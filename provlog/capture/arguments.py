"""The arguments of a call by name."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any

__all__ = ["Arguments", "binder", "first_name"]


class Arguments(dict[Any, Any]):
    """The arguments of a call by name, and by number in the order of the signature."""

    def __missing__(self, key: object) -> Any:
        if isinstance(key, int):
            return list(self.values())[key]
        raise KeyError(key)


def binder(
    function: Callable[..., Any], is_method: bool
) -> Callable[[tuple[Any, ...], dict[str, Any]], Arguments]:
    """Return what gives the arguments of a call by name, with defaults for those left out.

    ``inspect.Signature.bind`` does the same in several times the time, because it checks
    the call; that is left to the function.

    Parameters
    ----------
    function : callable
        The function.
    is_method : bool
        Leave its first argument out.

    Examples
    --------
    >>> bind = binder(lambda self, a, *more, b=2, **rest: None, is_method=True)
    >>> bind((None, 1, 5, 6), {"c": 3})
    {'a': 1, 'more': (5, 6), 'c': 3, 'b': 2}
    """
    first = int(is_method)
    parameters = _parameters(function)
    positional = [
        parameter.name
        for parameter in parameters
        if parameter.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    ][first:]
    rest = next((p.name for p in parameters if p.kind is Parameter.VAR_POSITIONAL), None)
    defaults = [(p.name, p.default) for p in parameters if p.default is not Parameter.empty]
    last = first + len(positional)

    def bind(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        # There may be more of them than names; to say so to `zip` takes twice as long.
        found = Arguments(zip(positional, args[first:])) if args else Arguments()  # noqa: B905
        if rest is not None and len(args) > last:
            found[rest] = args[last:]
        found.update(kwargs)
        for name, default in defaults:
            if name not in found:
                found[name] = default
        return found

    return bind


def first_name(function: Callable[..., Any]) -> str:
    """Return the name of a function's first parameter; an empty one if it has none."""
    return next((parameter.name for parameter in _parameters(function)), "")


def _parameters(function: Callable[..., Any]) -> list[Parameter]:
    try:
        return list(signature(function).parameters.values())
    except Exception:  # noqa: BLE001
        # Some functions of compiled modules do not tell, and what can be called may be anything.
        return [Parameter("args", Parameter.VAR_POSITIONAL)]
