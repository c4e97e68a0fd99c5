"""Bind the arguments of a call to their names."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any

__all__ = ["Arguments", "binder", "first_name", "parameter_names"]


class Arguments(dict[Any, Any]):
    """The arguments of a call by name, and by number in the order of the signature."""

    def __missing__(self, key: object) -> Any:
        if isinstance(key, int):
            return list(self.values())[key]
        raise KeyError(key)


def binder(
    function: Callable[..., Any], is_method: bool
) -> Callable[[tuple[Any, ...], dict[str, Any]], Arguments]:
    """Return a function that binds the arguments of a call to their names, defaults included.

    It is several times faster than ``inspect.Signature.bind``, because only the called
    function checks the arguments.

    Parameters
    ----------
    function : callable
        The called function.
    is_method : bool
        Whether to omit its first argument.

    Examples
    --------
    >>> bind = binder(lambda self, a, *more, b=2, **rest: None, is_method=True)
    >>> bind((None, 1, 5, 6), {"c": 3})
    {'a': 1, 'more': (5, 6), 'c': 3, 'b': 2}
    >>> binder(lambda a, /, **rest: None, is_method=False)((1,), {"a": 2, "b": 3})
    {'a': 1, 'b': 3, 'rest': {'a': 2}}
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
    by_position = frozenset(
        parameter.name for parameter in parameters if parameter.kind is Parameter.POSITIONAL_ONLY
    )
    keywords = next((p.name for p in parameters if p.kind is Parameter.VAR_KEYWORD), None)

    def bind(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        # There may be more arguments than names; passing `strict=False` doubles the time.
        found = Arguments(zip(positional, args[first:])) if args else Arguments()  # noqa: B905
        if rest is not None and len(args) > last:
            found[rest] = args[last:]
        found.update(kwargs)
        for name, default in defaults:
            if name not in found:
                found[name] = default
        return found

    def bind_apart(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        if by_position.isdisjoint(kwargs):
            return bind(args, kwargs)
        # A keyword with the name of a positional-only parameter belongs to `**kwargs`.
        others = {name: value for name, value in kwargs.items() if name in by_position}
        found = bind(args, {name: kwargs[name] for name in kwargs if name not in by_position})
        found[keywords] = others
        return found

    return bind_apart if by_position and keywords is not None else bind


def parameter_names(function: Callable[..., Any]) -> list[str]:
    """Return the names of a function's parameters."""
    return [parameter.name for parameter in _parameters(function)]


def first_name(function: Callable[..., Any]) -> str:
    """Return the name of a function's first parameter, or an empty text without any."""
    return next((parameter.name for parameter in _parameters(function)), "")


def _parameters(function: Callable[..., Any]) -> list[Parameter]:
    try:
        return list(signature(function).parameters.values())
    except Exception:  # noqa: BLE001
        # Compiled functions may have no signature; other callables may raise anything.
        return [Parameter("args", Parameter.VAR_POSITIONAL)]
