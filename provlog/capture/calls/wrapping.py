"""Wrappers that record the calls of functions and leave their behaviour unchanged.

A wrapper keeps the kind of the function (function, coroutine, generator, asynchronous
generator), its parameters, name and docstring, and passes on calls, results and
exceptions. The activity of a generator lasts from its first item to its end, and is
current only while the generator itself runs.

Wrappers are compiled from source text, like the methods of dataclasses. So each has the
parameters of its function, also for code that inspects them.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from functools import lru_cache, wraps
from textwrap import indent
from types import CodeType, FunctionType, coroutine
from typing import TYPE_CHECKING, Any, Protocol

from msgspec.structs import asdict

from provlog.capture.calls.compilers import NumbaAttribute
from provlog.capture.calls.signatures import ANY, OWN, Signature, signature_of
from provlog.capture.records.activity import current, leave
from provlog.definitions.scope import NOTHING

if TYPE_CHECKING:
    from provlog.capture.calls.methods import Inherited
    from provlog.capture.calls.recording import CallRecorder

__all__ = ["SKIPPED_FILE", "Switch", "wrap"]

Function = Callable[..., Any]

SKIPPED_FILE = "<provlog, skipped as importlib._bootstrap>"
"""The name of a file whose frames warnings and log records skip when they look for the code that
called a function. So they find the program's code."""


class Switch(Protocol):
    """An object that switches the recording on and off."""

    enabled: bool


def wrap(
    function: Function,
    recorder: CallRecorder,
    switch: Switch,
    target: Inherited | None = None,
    *,
    is_method: bool = False,
) -> Function:
    """Return a wrapper that calls a function and records the call.

    Parameters
    ----------
    function : callable
        The function.
    recorder : CallRecorder
        Records the calls.
    switch : Switch
        Says whether calls are recorded.
    target : Inherited, optional
        The method to call instead of the function, if it is inherited.
    is_method : bool
        Whether the first argument is the object whose method it is.
    """
    kind, body = next((kind for is_kind, *kind in _BODIES if is_kind(function)), ("", _FUNCTION))
    steps = recorder.steps(kind) if kind else None
    if steps is not None:
        body = _IN_STEPS[kind]
    signature = signature_of(function, is_method)
    maker = FunctionType(_maker_code(body, signature), getattr(function, "__globals__", {}))
    found = target or function
    wrapper = maker(found, recorder, switch, current, leave, NOTHING, _first_step, steps)
    wrapper = _like(function, wrapper)
    if body is _FUNCTION:
        has_signature = signature is not ANY
        return recorder.wrapper(wrapper, function, switch, is_method, target, has_signature)
    # `types.coroutine` makes a generator function awaitable.
    made = coroutine(wrapper) if _is_awaitable_generator(function) else wrapper
    return recorder.step_wrapper(made, function)


@lru_cache(maxsize=1000)
def _maker_code(body: str, signature: Signature) -> CodeType:
    """Return the code of a function that makes wrappers."""
    begin = "begin_call" if signature.is_open else "begin"
    parts = {**asdict(signature), "begin": begin, "forgotten": ", ".join(signature.names) or "()"}
    text = _MAKER.format(body=indent(body.format(**parts), "    ")).replace("~", OWN)
    module = compile(text, SKIPPED_FILE, "exec", dont_inherit=True)
    [maker] = [one for one in module.co_consts if isinstance(one, CodeType)]
    return maker


def _like(function: Function, wrapper: Any) -> Function:
    """Give a wrapper the name, defaults and docstring of a function."""
    wraps(function)(wrapper)
    if isinstance(function, FunctionType):
        wrapper.__defaults__ = function.__defaults__
        wrapper.__kwdefaults__ = function.__kwdefaults__
        names = {"co_name": function.__name__, "co_qualname": function.__qualname__}
        wrapper.__code__ = wrapper.__code__.replace(**names)
        wrapper.__numba__ = NumbaAttribute(function.__qualname__)
    else:
        # `inspect.getfullargspec`, for one, does not follow `__wrapped__`.
        with suppress(Exception):
            wrapper.__signature__ = inspect.signature(function)
    result: Function = wrapper
    return result


def _is_awaitable_generator(function: Function) -> bool:
    is_function = isinstance(function, FunctionType)
    return is_function and bool(function.__code__.co_flags & inspect.CO_ITERABLE_COROUTINE)


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


# The source text of wrappers. The variables that a wrapper has in addition to the parameters
# of its function begin with a tilde here.

_MAKER = """
def make(~function, ~recorder, ~switch, ~current, ~leave, ~nothing, ~first_step, ~steps):
{body}
    return wrapper
"""

_FUNCTION = """
def wrapper({parameters}):
    if not ~switch.enabled:
        return ~function({arguments})
    ~call = ~recorder.{begin}({recorded})
    if ~call is None:
        return ~function({arguments})
    ~token = ~current.set(~call.activity)
    try:
        ~result = ~function({arguments})
    except BaseException as ~error:
        ~current.reset(~token)
        ~call.end(~nothing, ~error)
        raise
    ~current.reset(~token)
    ~call.end(~result)
    return ~result
"""

_BEGIN = """
async def wrapper({parameters}):
    ~call = ~recorder.{begin}({recorded}) if ~switch.enabled else None
"""
_AWAIT = """
    if ~call is None:
        return await ~function({arguments})
    ~token = ~current.set(~call.activity)
    try:
        ~result = await ~function({arguments})
    except BaseException as ~error:
        ~leave(~token)
        ~call.end(~nothing, ~error)
        raise
    ~leave(~token)
    ~call.end(~result)
    return ~result
"""
_COROUTINE = _BEGIN + _AWAIT

# The generator may release its arguments early, and an exception that was thrown in has a
# traceback that refers to this frame.
_GENERATOR = """
def wrapper({parameters}):
    ~call = ~recorder.{begin}({recorded}) if ~switch.enabled else None
    if ~call is None:
        return (yield from ~function({arguments}))
    ~generator = ~function({arguments})
    del {forgotten}
    ~step = ~generator.send
    ~sent = None
    try:
        while True:
            ~token = ~current.set(~call.activity)
            try:
                ~item = ~step(~sent)
            finally:
                ~leave(~token)
                ~sent = None
            try:
                ~step, ~sent = ~generator.send, (yield ~item)
            except BaseException as ~error:
                ~step, ~sent = ~generator.throw, ~error
    except StopIteration as ~stop:
        ~call.end(~nothing if ~stop.value is None else ~stop.value)
        return ~stop.value
    except GeneratorExit:
        ~call.end(~nothing)
        raise
    except BaseException as ~error:
        ~call.end(~nothing, ~error)
        raise
"""

_ASYNC_GENERATOR = """
async def wrapper({parameters}):
    ~call = ~recorder.{begin}({recorded}) if ~switch.enabled else None
    ~generator = ~function({arguments})
    del {forgotten}
    ~step = ~first_step
    ~sent = ~generator
    try:
        while True:
            ~token = None if ~call is None else ~current.set(~call.activity)
            try:
                ~item = await ~step(~sent)
            finally:
                if ~token is not None:
                    ~leave(~token)
                ~sent = None
            try:
                ~step, ~sent = ~generator.asend, (yield ~item)
            except BaseException as ~error:
                ~step, ~sent = ~generator.athrow, ~error
    except (StopAsyncIteration, GeneratorExit) as ~stop:
        if ~call is not None:
            ~call.end(~nothing)
        if isinstance(~stop, GeneratorExit):
            raise
    except BaseException as ~error:
        if ~call is not None:
            ~call.end(~nothing, ~error)
        raise
"""

_BODIES: tuple[tuple[Callable[[Any], bool], str, str], ...] = (
    (inspect.isasyncgenfunction, "asynchronous generator", _ASYNC_GENERATOR),
    (inspect.iscoroutinefunction, "coroutine", _COROUTINE),
    (inspect.isgeneratorfunction, "generator", _GENERATOR),
)

# Compiled code runs the function's own coroutine or generator, without the wrapper's frame. The
# `raise` adds none to the traceback of the exception that `has_failed` makes the current one.
_RUN = """
    ~run = ~steps(~call, ~function({arguments}))
    del ~call, {forgotten}
    while True:
        try:
            if not %s:
                break
            %s
        except BaseException as ~error:
            ~run.catch(~error)
    if ~run.has_failed():
        raise
    return%s
"""
_ITEM = "~run.receive((yield ~run.item()))"
_RUN_COROUTINE = indent(_RUN % ("await ~run", "pass", " ~run.item()"), "    ")

_IN_STEPS = {
    "generator": _BEGIN.replace("async ", "") + _RUN % ("~run.step()", _ITEM, " ~run.item()"),
    # Awaiting the coroutine itself takes no room on the stack of C, from Python 3.12 on.
    "coroutine": f"{_BEGIN}    if ~steps.has_room():\n{_RUN_COROUTINE}{_AWAIT}",
    "asynchronous generator": _BEGIN + _RUN % ("await ~run", _ITEM, ""),
}
