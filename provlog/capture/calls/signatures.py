"""Signatures of wrappers as source text, so that a wrapper has the parameters of its function."""

from __future__ import annotations

import inspect
from itertools import chain
from keyword import iskeyword
from types import CodeType, FunctionType
from typing import Any

from msgspec import Struct

__all__ = ["ANY", "OWN", "Signature", "signature_of"]

OWN = "_provlog_"
"""How the variables of a wrapper begin that its function does not have."""


class Signature(Struct, frozen=True):
    """Parts of the source text of a wrapper.

    Parameters
    ----------
    parameters : str
        The parameters, without defaults.
    arguments : str
        The arguments with which the wrapper calls its function.
    recorded : str
        The arguments of `CallRecorder.begin` or, if it `is_open`, of `begin_call`.
    names : tuple of str
        The names of the parameters.
    is_open : bool
        Whether the function takes any number of arguments.
    """

    parameters: str
    arguments: str
    recorded: str
    names: tuple[str, ...]
    is_open: bool


ANY = Signature(
    f"*{OWN}args, **{OWN}kwargs",
    f"*{OWN}args, **{OWN}kwargs",
    f"{OWN}args, {OWN}kwargs",
    (f"{OWN}args", f"{OWN}kwargs"),
    is_open=True,
)
"""The signature of wrappers that take anything."""


def signature_of(function: Any, is_method: bool) -> Signature:
    """Return the signature of a function's wrapper; for other callables, one that takes anything.

    Parameters
    ----------
    function : callable
        The function.
    is_method : bool
        Whether its first argument is the object whose method it is.

    Examples
    --------
    >>> found = signature_of(lambda self, a, /, b, *, c: None, is_method=True)
    >>> found.parameters, found.arguments, found.recorded
    ('self, a, /, b, *, c', 'self, a, b, c=c', "self, {'a': a, 'b': b, 'c': c}")
    >>> signature_of(lambda a, *more, **rest: None, is_method=False).recorded
    '(a, *more, ), {**rest}'
    """
    if not isinstance(function, FunctionType):
        return ANY
    code = function.__code__
    positional, only_named, rest, others = _parameters(code)
    names = (*positional, *only_named, *filter(None, (rest, others)))
    if not all(map(_is_usable, names)) or (is_method and not positional):
        return ANY
    parameters = [*positional]
    if code.co_posonlyargcount:
        parameters.insert(code.co_posonlyargcount, "/")
    if rest or only_named:
        parameters.append(f"*{rest}")
    parameters += only_named
    given = [f"{name}={name}" for name in only_named]
    tail = [f"*{rest}"] * bool(rest), given, [f"**{others}"] * bool(others)
    if others:
        parameters.append(f"**{others}")
    arguments = ", ".join(chain(positional, *tail))
    if rest or others:
        first = "".join(f"{name}, " for name in positional) + f"*{rest}, " * bool(rest)
        named = [f"{name!r}: {name}" for name in only_named] + [f"**{others}"] * bool(others)
        recorded = f"({first}), {{{', '.join(named)}}}"
    else:
        own = (*positional, *only_named)[int(is_method) :]
        items = ", ".join(f"{name!r}: {name}" for name in own)
        recorded = f"{positional[0] if is_method else None}, {{{items}}}"
    return Signature(", ".join(parameters), arguments, recorded, names, bool(rest or others))


def _parameters(code: CodeType) -> tuple[list[str], list[str], str, str]:
    """Return the positional and keyword-only parameters, and the names of ``*`` and ``**``."""
    names = iter(code.co_varnames)
    positional = [next(names) for _ in range(code.co_argcount)]
    only_named = [next(names) for _ in range(code.co_kwonlyargcount)]
    rest = next(names) if code.co_flags & inspect.CO_VARARGS else ""
    others = next(names) if code.co_flags & inspect.CO_VARKEYWORDS else ""
    return positional, only_named, rest, others


def _is_usable(name: str) -> bool:
    """Return whether a name may be a parameter in source text, where some are not valid."""
    return name.isidentifier() and not iskeyword(name) and not name.startswith(OWN)
