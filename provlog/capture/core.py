"""A stand-in for the capture, for the tests of ``provlog run`` until there is one."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

from provlog.errors import InputError

__all__ = ["Capture"]


class Capture:
    """Writes when a traced call began and ended."""

    def __init__(self, definitions: Any = None, log: str | os.PathLike[str] | None = None) -> None:
        self.definitions = definitions or SimpleNamespace(activities={})
        self._log = Path(log or "prov.log").absolute()

    @classmethod
    def from_yaml(
        cls, path: str | os.PathLike[str], log: str | os.PathLike[str] | None = None
    ) -> Capture:
        """Return a capture of what a file defines."""
        try:
            data = yaml.safe_load(Path(path).read_text()) or {}
        except (OSError, yaml.YAMLError) as error:
            raise InputError(f"{path}: {error}") from error
        activities = {
            key: SimpleNamespace(name=key, target=key if ":" in key else None)
            for key in data.get("activities", {})
        }
        return cls(SimpleNamespace(activities=activities), log)

    def trace(self, function: Any, name: str | None = None) -> Any:
        """Return a function that is traced."""
        if not callable(function):
            raise TypeError(f"{function!r} is no function")
        if hasattr(function, "__stand_in__"):
            return function
        label = name or function.__qualname__

        @functools.wraps(function)
        def traced(*args: Any, **kwargs: Any) -> Any:
            self._write(label)
            return function(*args, **kwargs)

        @functools.wraps(function)
        async def traced_coroutine(*args: Any, **kwargs: Any) -> Any:
            self._write(label)
            return await function(*args, **kwargs)

        chosen: Any = traced_coroutine if inspect.iscoroutinefunction(function) else traced
        chosen.__stand_in__ = True
        return chosen

    def trace_methods(self, cls: Any) -> Any:
        """Trace the public methods of a class."""
        for name, value in list(vars(cls).items()):
            if not name.startswith("_") and hasattr(type(value), "__get__"):
                self.trace_method(cls, name)
        return cls

    def trace_method(self, cls: type, name: str) -> None:
        """Trace a method of a class."""
        owner = next(base for base in cls.__mro__ if name in vars(base))
        value = vars(owner)[name]
        kinds: dict[type, Callable[[Any], Any]] = {
            staticmethod: lambda one: staticmethod(self.trace(one.__func__)),
            classmethod: lambda one: classmethod(self.trace(one.__func__)),
            property: lambda one: property(self.trace(one.fget), one.fset, one.fdel),
        }
        setattr(owner, name, kinds.get(type(value), self.trace)(value))

    def _write(self, label: str) -> None:
        start = datetime.now().astimezone().isoformat()
        record = {
            "activity_id": f"{os.getpid()}-{os.urandom(6).hex()}",
            "activity_name": label.replace("<locals>.", ""),
            "startTime": start,
        }
        with self._log.open("a") as stream:
            stream.write(f"_PROV_{start}_PROV_{record}\n")
