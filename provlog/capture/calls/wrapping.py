"""Wrapping functions so that their calls are recorded, and nothing else changes.

A function, a coroutine function, a generator function or an asynchronous one stays
what it is, with name, signature and docstring; calls, results and exceptions pass
through. The activity of a generator lasts from its first item to its end, and is
current only while the generator itself runs.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import suppress
from functools import wraps
from types import FunctionType, coroutine
from typing import TYPE_CHECKING, Any, Protocol

from provlog.capture.records.activities import current, leave
from provlog.definitions.scope import NOTHING

if TYPE_CHECKING:
    from provlog.capture.calls.recording import Plan

__all__ = ["Switch", "traced"]

Function = Callable[..., Any]


class Switch(Protocol):
    """What says whether calls are recorded now."""

    enabled: bool


def traced(
    function: Function, plan: Plan, switch: Switch, doing: Function | None = None
) -> Function:
    """Return a function that does the same and is recorded.

    Parameters
    ----------
    function : callable
        The function.
    plan : Plan
        How its calls are recorded.
    switch : Switch
        Says whether they are.
    doing : callable, optional
        What is called, if it is another one.
    """
    wrapped = next((wrapped for is_kind, wrapped in _KINDS if is_kind(function)), _call)
    wrapper = _as(function, wrapped(doing or function, plan, switch))
    # Coroutines were generators with a flag once, and can still be.
    return coroutine(wrapper) if _is_awaitable_generator(function) else wrapper


def _as(function: Function, wrapper: Any) -> Function:
    """Return a wrapper that shows itself as the function."""
    wraps(function)(wrapper)
    if isinstance(function, FunctionType):
        wrapper.__defaults__ = function.__defaults__
        wrapper.__kwdefaults__ = function.__kwdefaults__
    # Not everybody looks for it where `wraps` has put it, such as `inspect.getfullargspec`.
    with suppress(Exception):
        wrapper.__signature__ = inspect.signature(function)
    told: Function = wrapper
    return told


def _is_awaitable_generator(function: Function) -> bool:
    is_function = isinstance(function, FunctionType)
    return is_function and bool(function.__code__.co_flags & inspect.CO_ITERABLE_COROUTINE)


def _call(function: Function, plan: Plan, switch: Switch) -> Function:
    def call(*args: Any, **kwargs: Any) -> Any:
        if not switch.enabled:
            return function(*args, **kwargs)
        recorded = plan.begin(args, kwargs)
        if recorded is None:
            return function(*args, **kwargs)
        token = current.set(recorded.activity)
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            current.reset(token)
            recorded.end(NOTHING, error)
            raise
        current.reset(token)
        recorded.end(result)
        return result

    return call


def _coroutine(function: Function, plan: Plan, switch: Switch) -> Function:
    async def call(*args: Any, **kwargs: Any) -> Any:
        recorded = plan.begin(args, kwargs) if switch.enabled else None
        if recorded is None:
            return await function(*args, **kwargs)
        token = current.set(recorded.activity)
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            leave(token)
            recorded.end(NOTHING, error)
            raise
        leave(token)
        recorded.end(result)
        return result

    return call


def _generator(function: Function, plan: Plan, switch: Switch) -> Function:
    def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        recorded = plan.begin(args, kwargs) if switch.enabled else None
        if recorded is None:
            return (yield from function(*args, **kwargs))
        generator = function(*args, **kwargs)
        # The generator may let go of them.
        del args, kwargs
        step: Callable[..., Any] = generator.send
        sent: Any = None
        try:
            while True:
                token = current.set(recorded.activity)
                try:
                    item = step(sent)
                finally:
                    leave(token)
                    # An exception that was thrown in: its traceback leads here.
                    sent = None
                try:
                    step, sent = generator.send, (yield item)
                except BaseException as error:  # noqa: BLE001  (thrown in: it is the generator's)
                    step, sent = generator.throw, error
        except StopIteration as stop:
            recorded.end(NOTHING if stop.value is None else stop.value)
            return stop.value
        except GeneratorExit:
            recorded.end(NOTHING)
            raise
        except BaseException as error:
            recorded.end(NOTHING, error)
            raise

    return call


def _async_generator(function: Function, plan: Plan, switch: Switch) -> Function:
    async def call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        recorded = plan.begin(args, kwargs) if switch.enabled else None
        generator = function(*args, **kwargs)
        del args, kwargs
        step: Callable[..., Any] = _first_step
        sent: Any = generator
        try:
            while True:
                token = None if recorded is None else current.set(recorded.activity)
                try:
                    item = await step(sent)
                finally:
                    if token is not None:
                        leave(token)
                    sent = None
                try:
                    step, sent = generator.asend, (yield item)
                except BaseException as error:  # noqa: BLE001
                    step, sent = generator.athrow, error
        except (StopAsyncIteration, GeneratorExit) as stop:
            if recorded is not None:
                recorded.end(NOTHING)
            if isinstance(stop, GeneratorExit):
                raise
        except BaseException as error:
            if recorded is not None:
                recorded.end(NOTHING, error)
            raise

    return call


def _first_step(generator: AsyncGenerator[Any, Any]) -> Awaitable[Any]:
    """Begin an asynchronous generator without telling the event loop, which knows that around it.

    The loop would close both when it ends, the inner one twice.
    """
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, None)
    try:
        return generator.asend(None)
    finally:
        sys.set_asyncgen_hooks(*hooks)


_KINDS: tuple[tuple[Callable[[Any], bool], Callable[[Function, Plan, Switch], Function]], ...] = (
    (inspect.isasyncgenfunction, _async_generator),
    (inspect.iscoroutinefunction, _coroutine),
    (inspect.isgeneratorfunction, _generator),
)
