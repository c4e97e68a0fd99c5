"""Bodies of coroutines and generators that react to their drivers, and what drives them."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Any


class Pause:
    """An awaitable that gives an item to whatever drives the coroutine."""

    def __init__(self, item: Any) -> None:
        self.item = item

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield self.item)


# What the body does after each item, and what the driver does to get the next one.

REACTIONS = ("propagate", "catch", "replace", "return", "raise", "stop")
STEPS = ("next", "send", "throw", "type", "wrong", "close", "exit", "stop", "astop")


def reaction_to(reaction: str, error: BaseException | None) -> str | None:
    """React to an item's end, in a body; return what it returns if it shall."""
    if reaction == "return":
        return "returned"
    if reaction == "raise":
        raise KeyError("own")
    if reaction == "stop":
        raise StopIteration("odd")
    if error is not None and reaction == "propagate":
        raise error
    if error is not None and reaction == "replace":
        raise ValueError("replaced") from error
    return None


def generator(reactions: list[str], seen: list[Any]) -> Iterator[Any]:
    try:
        for number, reaction in enumerate(reactions):
            error = None
            try:
                seen.append((yield number))
            except BaseException as caught:  # noqa: BLE001
                error = caught
                seen.append((type(caught).__name__, names_in(caught)))
            if result := reaction_to(reaction, error):
                return result  # type: ignore[return-value]
        return "end"  # type: ignore[return-value]
    finally:
        seen.append("cleaned")


async def coroutine(reactions: list[str], seen: list[Any]) -> Any:
    try:
        for number, reaction in enumerate(reactions):
            error = None
            try:
                seen.append(await Pause(number))
            except BaseException as caught:  # noqa: BLE001
                error = caught
                seen.append((type(caught).__name__, names_in(caught)))
            if result := reaction_to(reaction, error):
                return result
        return "end"
    finally:
        seen.append("cleaned")


async def items(reactions: list[str], seen: list[Any]) -> AsyncIterator[Any]:
    try:
        for number, reaction in enumerate(reactions):
            error = None
            try:
                if number % 3 == 0:
                    seen.append(await Pause("pause"))
                seen.append((yield number))
            except BaseException as caught:  # noqa: BLE001
                error = caught
                seen.append((type(caught).__name__, names_in(caught)))
            if reaction_to(reaction, error):
                return
    finally:
        seen.append("cleaned")


BODIES: list[Any] = [generator, coroutine, items]


def names_in(error: BaseException) -> list[str]:
    """Return the names of the functions in a traceback."""
    return [frame.f_code.co_name for frame, _ in traceback.walk_tb(error.__traceback__)]


def step(thing: Any, way: str) -> Any:
    if way == "next":
        return thing.send(None)
    if way == "send":
        return thing.send("value")
    if way == "close":
        return thing.close()
    thrown: Any = {
        "throw": KeyError("thrown"), "type": KeyError, "wrong": 5, "exit": GeneratorExit(),
        "stop": StopIteration("x"), "astop": StopAsyncIteration("y"),
    }[way]  # fmt: skip
    return thing.throw(thrown)


def asynchronous_step(thing: Any, way: str) -> Any:
    if way in ("next", "send"):
        return thing.asend(None if way == "next" else "value")
    if way == "close":
        return thing.aclose()
    thrown: Any = {
        "throw": KeyError("thrown"), "type": KeyError, "exit": GeneratorExit(),
        "wrong": ValueError, "stop": StopIteration("x"), "astop": StopAsyncIteration("y"),
    }[way]  # fmt: skip
    return thing.athrow(thrown)


def outcome(act: Callable[..., Any], *args: Any) -> Any:
    """Return the result of a step, or its exception with those that this one follows."""
    try:
        return act(*args)
    except BaseException as error:  # noqa: BLE001
        value = error.value if isinstance(error, StopIteration) else str(error)
        chain: list[Any] = []
        follows: BaseException | None = error
        while follows is not None and len(chain) < 5:
            chain.append((type(follows).__name__, names_in(follows)))
            follows = follows.__context__
        return value, chain


def driven(function: Any, reactions: list[str], ways: list[str]) -> list[Any]:
    """Return what the steps of a coroutine or generator give, and what its body sees."""
    seen: list[Any] = []
    thing = function(reactions, seen)
    found: list[Any] = []
    for way in ways:
        if inspect.isasyncgen(thing):
            awaited = outcome(asynchronous_step, thing, way)
            found.append(outcome(step, awaited, "next"))
            if found[-1] == "pause":
                found.append(outcome(step, awaited, way))
            outcome(step, awaited, "close")
        else:
            found.append(outcome(step, thing, way))
    for _ in reactions:
        # A body may ignore it, once or also in the end.
        if inspect.isasyncgen(thing):
            closing = asynchronous_step(thing, "close")
            found += [outcome(step, closing, "next") for _ in range(2)]
        else:
            found.append(outcome(step, thing, "close"))
    return [found, [*seen]]
