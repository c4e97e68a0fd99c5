"""Trace the targets of a program when they are defined; report those never found."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterable, Iterator
from functools import partial
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from provlog.capture.calls.inside import traced_inside
from provlog.capture.log.warnings import warn
from provlog.errors import ProvlogError
from provlog.run.patterns import COMPILED, compiled_members, is_pattern, matches
from provlog.run.rewrite import compiled, defined_names
from provlog.run.suggestions import did_you_mean, suggested_targets
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
    from provlog.run.program import Program

__all__ = ["Tracer"]

T = TypeVar("T")

_MAIN = "__main__"
_MAX_SUGGESTIONS = 3
_UNSEEN = "was imported in a way that provlog cannot observe"


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

    Attributes
    ----------
    left_out : list of str
        The functions of the program that are not traced because of their decorators, although a
        pattern matches them or they are steps.
    """

    def __init__(self, capture: Capture, targets: Iterable[str], names: Container[str]) -> None:
        self.capture = capture
        self._targets = [*_defined(capture), *map(parse_target, targets)]
        self._names = names
        # The modules of targets, except the program itself.
        self._named = {one.module for one in self._targets} - {"", _MAIN}
        self._own = [one for one in self._targets if not one.module or one.module in names]
        # Targets without a colon that are modules. `Class.method` is never imported.
        self._modules = {one for one in self._targets if not one.module and "." in one.path}
        self._defined: frozenset[str] = frozenset()
        self._steps: list[Target] = []
        self._traced: set[Target] = set()
        # The functions that their decorators get, by qualified name.
        self._below: dict[str, Any] = {}
        self._failures: dict[Target, str] = {}
        self.left_out: list[str] = []
        # The program has not run yet: only provlog imported these.
        self._known = frozenset(sys.modules)

    def read(self, text: str | bytes) -> None:
        """Decide, from the source of the program, which targets without a colon are modules."""
        self._defined = defined_names(text)
        for one in [*self._own]:
            if one.module or one.path in self._defined or is_pattern(one.path):
                continue
            if one.activity is None and one.path in self._names:
                everything = one._replace(path="*")
                self._own.append(everything)
                self._targets[self._targets.index(one)] = everything
            elif one.activity is None:
                self._modules.add(one)
        for name in [*sys.modules]:
            module = sys.modules.get(name)
            if module is not None and any(_is_in(name, one) for one in self._modules):
                self._trace_module(name, module)

    def add_steps(self, steps: Iterable[Step]) -> None:
        """Trace the steps of the program, too; those that cannot be traced are not reported."""
        known = {(one.module, one.path) for one in self._targets}
        for module, name in steps:
            if (module, name) not in known:
                self._steps.append(Target(module, name))
                self._named |= {module} - {"", _MAIN}

    def compiled(self, program: Program) -> CodeType:
        """Compile the program, with decorators for its targets.

        Raises
        ------
        SyntaxError
            If the source is not valid Python.
        """
        own = {one.path for one in self._own}
        steps = {one.path for one in self._steps if not one.module}
        patterns = [path for path in own if is_pattern(path)]
        steps |= {name for name in self._defined if any(matches(one, name) for one in patterns)}
        functions = frozenset(own) if own or steps else None
        return compiled(program.text, program.file, functions, steps, self.left_out)

    def action_of(self, name: str) -> Action | None:
        """Return the function to call once a module is imported, if it has targets."""
        if name in self._named or any(_is_in(name, one) for one in self._modules):
            return partial(self._trace_module, name)
        return None

    def decorator(self, qualified: str, is_innermost: bool) -> Callable[[T], T]:
        """Return a decorator that traces a function or class of the program.

        Parameters
        ----------
        qualified : str
            The qualified name.
        is_innermost : bool
            Whether it only gets the function itself, before the decorators of the program.
        """
        step = self._keep_function if is_innermost else self._traced_definition
        return partial(step, qualified)

    def _keep_function(self, qualified: str, function: T) -> T:
        self._below[qualified] = function
        return function

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
        steps = {one.path: one for one in self._steps if one.module == name}
        if found := [str(steps[one]) for one in compiled_members(module) if one in steps]:
            warn(COMPILED, ", ".join(found))
        for one in [*self._modules]:
            if _is_in(name, one):
                target = Target(name, "*")
                self._attempt(one, partial(trace_in_module, self.capture, module, target))

    def _traced_definition(self, qualified: str, thing: Any) -> Any:
        function = self._below.pop(qualified, None)
        own = [*self._own, *(one for one in self._steps if not one.module)]
        if isinstance(thing, type):
            for one in own:
                if is_in_class(one, thing, qualified):
                    self._attempt(one, partial(trace_in_class, self.capture, one, thing, qualified))
            return thing
        # A class decorator may have returned any object.
        for one in own if function or isinstance(thing, FunctionType) else ():
            if one.path == qualified or (is_pattern(one.path) and matches(one.path, qualified)):
                name = one.activity or (qualified if function else None)
                wrap = partial(self.capture.trace, name=name)
                traced = self._attempt(one, partial(traced_inside, thing, wrap, function))
                if traced is not None:
                    return traced
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
        if not one.module and one in self._modules and one.path in sys.modules:
            return f"{one.path} {_UNSEEN}"
        if not one.module:
            return f"the program has no such function, class or method{self._hint(one.path)}"
        if one.module in self._names:
            return f"the program has no {one.path}{did_you_mean(one.path, self._defined)}"
        if one.module not in sys.modules:
            return f"{one.module} was never imported{did_you_mean(one.module, self._imported())}"
        return f"{one.module} {_UNSEEN}"

    def _hint(self, path: str) -> str:
        """Return the right spelling of a name that is similar, or that another module defines."""
        if found := suggested_targets(path, self._known):
            more = " or others" if len(found) > _MAX_SUGGESTIONS else ""
            return f"; write it with its module: {', '.join(found[:_MAX_SUGGESTIONS])}{more}"
        if path in self._defined:
            # A decorator has put another object in its place.
            return ""
        return did_you_mean(path, [*self._defined, *self._imported()])

    def _imported(self) -> set[str]:
        return {name for name in sys.modules.keys() - self._known if type(name) is str}


def _is_in(name: str, target: Target) -> bool:
    """Return whether a module is the one that a target names, or a part of it."""
    return name == target.path or name.startswith(f"{target.path}.")


def _defined(capture: Capture) -> Iterator[Target]:
    for key, activity in capture.definitions.activities.items():
        yield parse_target(activity.target, key) if activity.target else Target("", key, key)
