"""Traces the targets of a program as they come into being, and knows which never did."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterable, Iterator
from functools import partial
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from provlog.errors import ProvlogError
from provlog.run.suggestions import elsewhere
from provlog.run.targets import (
    Target,
    is_in_class,
    target,
    trace_in_class,
    trace_in_module,
)

if TYPE_CHECKING:
    from provlog.capture.capture import Capture

__all__ = ["Tracer"]

T = TypeVar("T")

_MOST_PLACES = 3


class Tracer:
    """Traces the targets of a program; whatever is wrong with one, the program goes on.

    Parameters
    ----------
    capture : Capture
        Traces them; all that its definitions name is a target.
    places : iterable of str
        More targets.
    names : container of str
        The names that the program itself has as a module.

    Raises
    ------
    UsageError
        If a place is none.
    """

    def __init__(self, capture: Capture, places: Iterable[str], names: Container[str]) -> None:
        self._capture = capture
        self._targets = [*_defined(capture), *map(target, places)]
        self._own = [one for one in self._targets if not one.module or one.module in names]
        self._traced: set[Target] = set()
        self._failures: dict[Target, str] = {}
        # By now only provlog has imported anything.
        self._known = frozenset(sys.modules)

    @property
    def own(self) -> frozenset[str] | None:
        """Paths of the targets in the program itself, ``None`` if there are none."""
        return frozenset(one.path for one in self._own) or None

    def actions(self) -> dict[str, Callable[[ModuleType], None]]:
        """Return what is to be done with modules when they have been imported."""
        modules = {one.module for one in self._targets} - {"", "__main__"}
        return {name: partial(self._trace_module, name) for name in modules}

    def mark(self, qualified: str) -> Callable[[T], T]:
        """Return a decorator that traces a function or a class of the program, given its name."""
        return lambda thing: self._marked(thing, qualified)

    def missing(self) -> Iterator[tuple[Target, str]]:
        """Yield the targets that were not traced, and why.

        A name without a module may be that of a method of a class elsewhere: that the
        program does not have it is told only if the user named no places.
        """
        are_names_enough = all(one.activity is not None for one in self._targets)
        for one in self._targets:
            if one not in self._traced and (one.module or one.activity is None or are_names_enough):
                yield one, self._failures.get(one) or self._never(one)

    def _trace_module(self, name: str, module: ModuleType) -> None:
        for one in self._targets:
            if one.module == name:
                self._attempt(one, partial(trace_in_module, self._capture, module, one))

    def _marked(self, thing: Any, qualified: str) -> Any:
        if isinstance(thing, type):
            for one in self._own:
                if is_in_class(one, thing, qualified):
                    self._attempt(
                        one, partial(trace_in_class, self._capture, one, thing, qualified)
                    )
            return thing
        # The decorators of a class may have made anything of it.
        for one in self._own if isinstance(thing, FunctionType) else ():
            if one.path == qualified:
                thing = (
                    self._attempt(one, partial(self._capture.trace, thing, one.activity)) or thing
                )
        return thing

    def _attempt(self, one: Target, trace: Callable[[], T]) -> T | None:
        """Trace; a failure is kept, and the program goes on."""
        try:
            traced = trace()
        except ProvlogError as error:
            self._failures[one] = str(error)
        except Exception as error:  # noqa: BLE001
            self._failures[one] = f"{type(error).__name__}: {error}"
        else:
            self._traced.add(one)
            return traced
        return None

    def _never(self, one: Target) -> str:
        if not one.module:
            return f"the program has no such function, class or method{self._advice(one.path)}"
        if one.module not in sys.modules:
            return f"{one.module} was never imported"
        return f"{one.module} was imported in a way that cannot be watched"

    def _advice(self, path: str) -> str:
        """Say how a name is to be written that something else has."""
        if places := elsewhere(path, self._known):
            more = " or others" if len(places) > _MOST_PLACES else ""
            return f"; write it with its module: {', '.join(places[:_MOST_PLACES])}{more}"
        if path in sys.modules:
            return f"; {path} is a module: name a class or a function in it, {path}:NAME"
        return ""


def _defined(capture: Capture) -> Iterator[Target]:
    for key, activity in capture.definitions.activities.items():
        yield target(activity.target, key) if activity.target else Target("", key, key)
