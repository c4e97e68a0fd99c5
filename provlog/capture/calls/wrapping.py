"""Wrappers that record the calls of functions and leave their behaviour unchanged.

A wrapper keeps the kind of the function (function, coroutine, generator, asynchronous
generator), its name, signature and docstring, and passes on calls, results and
exceptions. The activity of a generator lasts from its first item to its end, and is
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

from provlog.capture.records.activity import current, leave
from provlog.definitions.scope import NOTHING

if TYPE_CHECKING:
    from provlog.capture.calls.recording import CallRecorder

__all__ = ["Switch", "wrap"]

Function = Callable[..., Any]


class Switch(Protocol):
    """An object that switches the recording on and off."""

    enabled: bool


def wrap(
    function: Function, recorder: CallRecorder, switch: Switch, target: Function | None = None
) -> Function:
    """Return a wrapper that calls a function and records the call.

    Parameters
    ----------
    function : callable
        The function.
    recorder : CallRecorder
        Records the calls.
    switch : Switch
        Determines whether calls are recorded.
    target : callable, optional
        The callable to call instead of the function.
    """
    wrap_kind = next((wrap_kind for is_kind, wrap_kind in _KINDS if is_kind(function)), _function)
    wrapper = _like(function, wrap_kind(target or function, recorder, switch))
    # `types.coroutine` makes a generator function awaitable.
    return coroutine(wrapper) if _is_awaitable_generator(function) else wrapper


def _like(function: Function, wrapper: Any) -> Function:
    """Give a wrapper the name, signature and docstring of a function."""
    wraps(function)(wrapper)
    if isinstance(function, FunctionType):
        wrapper.__defaults__ = function.__defaults__
        wrapper.__kwdefaults__ = function.__kwdefaults__
    # `inspect.getfullargspec`, for one, does not follow `__wrapped__`.
    with suppress(Exception):
        wrapper.__signature__ = inspect.signature(function)
    result: Function = wrapper
    return result


def _is_awaitable_generator(function: Function) -> bool:
    is_function = isinstance(function, FunctionType)
    return is_function and bool(function.__code__.co_flags & inspect.CO_ITERABLE_COROUTINE)


def _function(function: Function, recorder: CallRecorder, switch: Switch) -> Function:
    def call(*args: Any, **kwargs: Any) -> Any:
        if not switch.enabled:
            return function(*args, **kwargs)
        recorded = recorder.begin(args, kwargs)
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


def _coroutine(function: Function, recorder: CallRecorder, switch: Switch) -> Function:
    async def call(*args: Any, **kwargs: Any) -> Any:
        recorded = recorder.begin(args, kwargs) if switch.enabled else None
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


def _generator(function: Function, recorder: CallRecorder, switch: Switch) -> Function:
    def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        recorded = recorder.begin(args, kwargs) if switch.enabled else None
        if recorded is None:
            return (yield from function(*args, **kwargs))
        generator = function(*args, **kwargs)
        # The generator may release its arguments early.
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
                    # Release an exception that was thrown in, whose traceback refers to this frame.
                    sent = None
                try:
                    step, sent = generator.send, (yield item)
                except BaseException as error:  # noqa: BLE001  (thrown in, for the generator)
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


def _async_generator(function: Function, recorder: CallRecorder, switch: Switch) -> Function:
    async def call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        recorded = recorder.begin(args, kwargs) if switch.enabled else None
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
    """Start an asynchronous generator without registering it with the event loop.

    The loop knows the wrapper. It would close both at its end, the inner generator twice.
    """
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, None)
    try:
        return generator.asend(None)
    finally:
        sys.set_asyncgen_hooks(*hooks)


_KINDS: tuple[
    tuple[Callable[[Any], bool], Callable[[Function, CallRecorder, Switch], Function]], ...
] = (
    (inspect.isasyncgenfunction, _async_generator),
    (inspect.iscoroutinefunction, _coroutine),
    (inspect.isgeneratorfunction, _generator),
)
