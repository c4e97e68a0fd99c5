"""Trace the targets of a program when they are defined; report those never found."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterable, Iterator
from functools import partial
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from provlog.errors import ProvlogError
from provlog.run.suggestions import suggested_targets
from provlog.run.targets import (
    Target,
    is_in_class,
    parse_target,
    trace_in_class,
    trace_in_module,
)

if TYPE_CHECKING:
    from provlog.capture.capture import Capture
    from provlog.run.automatic import Step
    from provlog.run.imports import Action

__all__ = ["Tracer"]

T = TypeVar("T")

_MAX_SUGGESTIONS = 3


class Tracer:
    """Trace the targets of a program; a target that fails never stops the program.

    Parameters
    ----------
    capture : Capture
        Records the calls; every activity of its definitions is a target.
    targets : iterable of str
        More targets.
    names : container of str
        The module names that refer to the program itself.

    Raises
    ------
    UsageError
        If one of the texts is not a target.
    """

    def __init__(self, capture: Capture, targets: Iterable[str], names: Container[str]) -> None:
        self.capture = capture
        self._targets = [*_defined(capture), *map(parse_target, targets)]
        self._own = [one for one in self._targets if not one.module or one.module in names]
        self._steps: list[Target] = []
        self._traced: set[Target] = set()
        self._failures: dict[Target, str] = {}
        # The program has not run yet: only provlog imported these.
        self._known = frozenset(sys.modules)

    @property
    def own(self) -> frozenset[str] | None:
        """Qualified names of the targets in the program itself, or ``None`` without any."""
        return frozenset(one.path for one in self._own) or None

    def add_steps(self, steps: Iterable[Step]) -> None:
        """Trace the steps of the program, too; those that cannot be traced are not reported."""
        known = {(one.module, one.path) for one in self._targets}
        for module, name in steps:
            if (module, name) not in known:
                self._add(Target(module, name))

    def _add(self, step: Target) -> None:
        self._steps.append(step)
        if not step.module:
            self._own.append(step)

    def action_of(self, name: str) -> Action | None:
        """Return the function to call once a module is imported, if it has targets."""
        has_targets = name in {one.module for one in (*self._targets, *self._steps)}
        return partial(self._trace_module, name) if has_targets and name != "__main__" else None

    def decorator(self, qualified: str) -> Callable[[T], T]:
        """Return a decorator that traces a function or class of the program."""
        return lambda thing: self._traced_definition(thing, qualified)

    def missing(self) -> Iterator[tuple[Target, str]]:
        """Yield the targets that were not traced, each with the reason.

        A definition without a module may describe a method of a class that is itself a
        target. Therefore it is reported only if there are no other targets.
        """
        only_definitions = all(one.activity is not None for one in self._targets)
        for one in self._targets:
            if one not in self._traced and (one.module or one.activity is None or only_definitions):
                yield one, self._failures.get(one) or self._never(one)

    def _trace_module(self, name: str, module: ModuleType) -> None:
        for one in (*self._targets, *self._steps):
            if one.module == name:
                self._attempt(one, partial(trace_in_module, self.capture, module, one))

    def _traced_definition(self, thing: Any, qualified: str) -> Any:
        if isinstance(thing, type):
            for one in self._own:
                if is_in_class(one, thing, qualified):
                    self._attempt(one, partial(trace_in_class, self.capture, one, thing, qualified))
            return thing
        # A class decorator may have returned any object.
        for one in self._own if isinstance(thing, FunctionType) else ():
            if one.path == qualified:
                thing = (
                    self._attempt(one, partial(self.capture.trace, thing, one.activity)) or thing
                )
        return thing

    def _attempt(self, one: Target, trace: Callable[[], T]) -> T | None:
        """Trace a target; remember a failure instead of raising it."""
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
            return f"the program has no such function, class or method{self._hint(one.path)}"
        if one.module not in sys.modules:
            return f"{one.module} was never imported"
        return f"{one.module} was imported in a way that provlog cannot observe"

    def _hint(self, path: str) -> str:
        """Return the right spelling of a name that another module defines."""
        if found := suggested_targets(path, self._known):
            more = " or others" if len(found) > _MAX_SUGGESTIONS else ""
            return f"; write it with its module: {', '.join(found[:_MAX_SUGGESTIONS])}{more}"
        if path in sys.modules:
            return f"; {path} is a module: name a class or a function in it, {path}:NAME"
        return ""


def _defined(capture: Capture) -> Iterator[Target]:
    for key, activity in capture.definitions.activities.items():
        yield parse_target(activity.target, key) if activity.target else Target("", key, key)
