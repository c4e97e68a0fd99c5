"""Trace the function inside a callable object, or below the decorators of a function.

Decorators get the function itself, because some compile it or look at its code. What they
return stays the same object, and calls a wrapper instead of the function: in a closure, a
dictionary there, or an instance variable. An ``lru_cache`` and a ``partial`` are made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import _lru_cache_wrapper, lru_cache, partial
from inspect import isroutine
from types import CodeType, FrameType, FunctionType
from typing import Any

from provlog.capture.calls.compilers import is_compiler, is_known_to_numba
from provlog.errors import UsageError
from provlog.objects.classes import bases_of, class_name
from provlog.objects.state import has_variables, instance_variables

__all__ = ["decorated_function", "traced_inside"]

Trace = Callable[[Any], Any]
_Put = Callable[[Any], None]

_MAX_DEPTH = 10


def traced_inside(thing: Any, trace: Trace, function: Any = None) -> Any:
    """Return a callable that behaves like another one and whose calls are recorded.

    Parameters
    ----------
    thing : callable
        A function or any other callable.
    trace : callable
        Returns the wrapper of a function.
    function : function, optional
        The function that `thing` was made of by decorators.

    Raises
    ------
    UsageError
        If the calls cannot be recorded.
    """
    if isinstance(thing, _lru_cache_wrapper):
        return _cached(thing, trace, function)
    if type(thing) is partial:
        inner = traced_inside(thing.func, trace, function)
        made = partial(inner, *thing.args, **thing.keywords)
        vars(made).update(vars(thing))
        return made
    if function is not None and thing is not function:
        places = [*_places(thing, function, _MAX_DEPTH)]
        if places:
            wrapper = trace(function)
            for put in places:
                put(wrapper)
            return thing
    if _is_plain_function(thing):
        if is_known_to_numba(thing):
            raise UsageError("numba compiles it where other functions call it")
        return trace(thing)
    if not callable(thing) or isinstance(thing, type):
        raise UsageError(f"{thing!r} is not a function")
    raise UsageError(f"it is a {class_name(type(thing))}, not a function")


def decorated_function(thing: Any, frame: FrameType) -> Any:
    """Return the function that a frame defines and whose decorators returned an object.

    Parameters
    ----------
    thing : object
        What the decorators so far have returned.
    frame : FrameType
        The frame that calls the next decorator.

    Returns
    -------
    function, optional
        The function; ``None`` if `thing` is a function itself, or does not hold it.
    """
    if isinstance(thing, FunctionType | _lru_cache_wrapper | partial):
        return None
    found = _functions(thing, set())
    return next((one for one in found if _is_defined_now(one.__code__, frame)), None)


def _is_defined_now(code: CodeType, frame: FrameType) -> bool:
    """Return whether a frame, in the line of a decorator, defines the function of a code."""
    if not any(code is one for one in frame.f_code.co_consts):
        return False
    first = code.co_firstlineno
    body = min((line for *_, line in code.co_lines() if line and line > first), default=first)
    return first <= frame.f_lineno < body


def _functions(thing: Any, seen: set[int]) -> Iterator[FunctionType]:
    """Yield the functions that a callable refers to, where :func:`_places` finds them."""
    seen.add(id(thing))
    for held, _ in _variables(thing):
        one = held.__wrapped__ if isinstance(held, _lru_cache_wrapper) else held
        if callable(one) and id(one) not in seen:
            if isinstance(one, FunctionType):
                yield one
            yield from _functions(one, seen)


def _cached(cached: Any, trace: Trace, function: Any) -> Any:
    # Wrapping it would return other objects than those that it holds.
    if cached.cache_info().currsize:
        raise UsageError("its cache is filled already")
    inner = cached.__wrapped__
    return _cached_like(cached, traced_inside(inner, trace, function))


def _cached_like(cached: Any, function: Any) -> Any:
    made: Any = lru_cache(**cached.cache_parameters())(function)
    vars(made).update({name: one for name, one in vars(cached).items() if name != "__wrapped__"})
    return made


def _is_plain_function(thing: object) -> bool:
    """Return whether an object is a Python or compiled function without a public interface."""
    if isinstance(thing, FunctionType):
        return True
    # An object with ``__get__`` is a routine, too, whatever its class does when it is called.
    if any(isinstance(vars(base).get("__call__"), FunctionType) for base in bases_of(type(thing))):
        return False
    # Cython's functions have public attributes such as func_code, as Python 2's had.
    return isroutine(thing) and all(name.startswith(("_", "func_")) for name in dir(type(thing)))


def _places(thing: Any, function: Any, depth: int) -> Iterator[_Put]:
    """Yield functions that replace a function where a callable refers to it."""
    if not depth:
        return
    for held, put in _variables(thing):
        if held is function:
            yield put
        elif isinstance(held, _lru_cache_wrapper) and held.__wrapped__ is function:
            yield _putting_cache(held, put)
        elif type(held) is dict:
            yield from (_putting_item(held, key) for key, one in held.items() if one is function)
        elif callable(held) and held is not thing:
            yield from _places(held, function, depth - 1)


def _variables(thing: Any) -> Iterator[tuple[Any, _Put]]:
    """Yield what the closure or the instance variables of a callable hold."""
    kind = type(thing)
    if issubclass(kind, FunctionType):
        for cell in thing.__closure__ or ():
            try:
                yield cell.cell_contents, _putting_cell(cell)
            except ValueError:
                # The cell is still empty.
                continue
    elif has_variables(kind) and not issubclass(kind, type) and not is_compiler(kind):
        for name, held in instance_variables(thing).items():
            if name != "__wrapped__":
                yield held, _putting_item(object.__getattribute__(thing, "__dict__"), name)


def _putting_cell(cell: Any) -> _Put:
    return lambda wrapper: setattr(cell, "cell_contents", wrapper)


def _putting_item(mapping: dict[Any, Any], key: Any) -> _Put:
    return lambda wrapper: mapping.__setitem__(key, wrapper)


def _putting_cache(cached: Any, put: _Put) -> _Put:
    return lambda wrapper: put(_cached_like(cached, wrapper))
