"""The capture: what a program, or who runs it, asks to record its provenance."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from provlog.capture.calls.recording import Plan
from provlog.capture.calls.wrapping import traced
from provlog.capture.files.ids import DEFAULT_LIMIT, FileIds
from provlog.capture.log.handler import LogFileHandler
from provlog.capture.log.history import graph_of
from provlog.capture.log.record_log import RecordLog
from provlog.capture.log.warnings import complain
from provlog.capture.process.forks import tell_after_fork
from provlog.capture.records.activities import Activity, Unrecorded, current, leave
from provlog.capture.records.recorder import Recorder
from provlog.definitions.load import EMPTY, Definitions, load
from provlog.errors import UsageError
from provlog.objects.literals import to_name

if TYPE_CHECKING:
    from provlog.model.graph import ProvGraph

__all__ = ["Capture"]

C = TypeVar("C", bound=type)
F = TypeVar("F", bound=Callable[..., Any])
_Path = str | os.PathLike[str]

_SWITCH = "PROVLOG_CAPTURE"
_OFF = frozenset({"0", "false", "no", "off"})


class Capture:
    """Records the provenance of what a program does, while it does it.

    Each event is one record in the log ``provlog.capture`` of the standard
    ``logging`` module. Whatever goes wrong with that is told once, as a warning of
    the log ``provlog``, and never reaches the program.

    Parameters
    ----------
    definitions : Definitions, optional
        What describes the activities; those without a description are recorded by
        their arguments and results.
    log : path, optional
        The file that the records are appended to, and go to alone. Several processes
        may write to it. Without it they go where ``logging`` is told to put them.
    hash : str
        How files are told apart by their content: ``sha256``, ``sha1`` or ``md5``.
    hash_limit : int
        The size, in bytes, of files above which path, size and time are used instead.
    configuration : mapping, optional
        With what the program was configured, for the record of the session.

    Attributes
    ----------
    enabled : bool
        Whether anything is recorded; ``False`` from the beginning if the environment
        says ``PROVLOG_CAPTURE=0``.
    definitions : Definitions
        The descriptions.

    Raises
    ------
    OutputError
        If the log cannot be written.
    UsageError
        If there is no such hash.

    Examples
    --------
    >>> capture = Capture()
    >>> @capture.trace
    ... def excess(on, off, *, alpha=0.1):
    ...     return on - alpha * off
    >>> excess(20, 30)
    17.0
    >>> [activity] = [a for a in capture.graph().activities.values() if a.session]
    >>> activity.label, activity.values("param:alpha")
    ('excess', [0.1])
    """

    def __init__(
        self,
        definitions: Definitions = EMPTY,
        log: _Path | None = None,
        *,
        hash: str = "sha256",
        hash_limit: int = DEFAULT_LIMIT,
        configuration: Mapping[str, Any] | None = None,
    ) -> None:
        self.enabled = os.environ.get(_SWITCH, "").strip().lower() not in _OFF
        # What is switched off must not fail for a log that cannot be written.
        handler = None if log is None else LogFileHandler(log, delay=not self.enabled)
        own = [] if handler is None else [handler.path]
        files = FileIds(hash, hash_limit, leave_out=own)
        self.definitions = definitions
        self._log = RecordLog(handler)
        told = {} if configuration is None else configuration
        self._recorder = Recorder(self._log, definitions, files, told)
        self._functions: weakref.WeakSet[Callable[..., Any]] = weakref.WeakSet()
        tell_after_fork(self)
        _captures.add(self)
        # Under which it is found again if it is pickled.
        self._key = os.urandom(8).hex()

    @classmethod
    def from_yaml(
        cls,
        path: _Path,
        log: _Path | None = None,
        *,
        hash: str = "sha256",
        hash_limit: int = DEFAULT_LIMIT,
        configuration: Mapping[str, Any] | None = None,
    ) -> Capture:
        """Return a capture with the definitions of a file; parameters as of the class.

        What is odd in the file is a warning of the log ``provlog``.

        Raises
        ------
        InputError
            If the file cannot be read, or something in it is wrong: all that is.
        """
        definitions = load(path)
        for warning in definitions.warnings:
            complain("%s: %s", warning.place, warning.message)
        return cls(definitions, log, hash=hash, hash_limit=hash_limit, configuration=configuration)

    def trace(self, function: F, name: str | None = None) -> F:
        """Return a function that does the same and is recorded; a decorator.

        Parameters
        ----------
        function : callable
            A function, coroutine function, generator function or asynchronous one.
        name : str, optional
            What the activity is called, if it is not as the function, or the key of its
            definition.

        Raises
        ------
        UsageError
            If it is a class, or cannot be called.
        """
        if isinstance(function, staticmethod):
            return cast("F", staticmethod(self.trace(function.__func__, name)))
        if isinstance(function, type) or not callable(function):
            raise UsageError(f"{function!r} is no function; a class is traced with trace_methods")
        return cast("F", self._traced(function, name, is_method=False))

    def trace_methods(self, cls: C) -> C:
        """Trace all public methods of a class, in place, and those that are defined; a decorator.

        Those that it inherits are traced where a definition names them.

        Raises
        ------
        UsageError
            If it is no class.
        """
        if not isinstance(cls, type):
            raise UsageError(f"{cls!r} is no class; a function is traced with trace")
        for name in dict.fromkeys([*vars(cls), *dir(cls)]):
            is_own = name in vars(cls)
            is_public = is_own and not name.startswith("_")
            qualified = f"{cls.__qualname__}.{name}"
            keys = (f"{cls.__module__}:{qualified}", qualified, name)
            is_defined = any(map(self.definitions.of, keys))
            if (is_public or is_defined) and type(_found(cls, name)) in _METHODS:
                self.trace_method(cls, name)
        return cls

    def trace_method(self, cls: type, name: str, activity: str | None = None) -> None:
        """Trace one method of a class, or the reading of a property, in place.

        Parameters
        ----------
        cls : type
            The class.
        name : str
            The method's name.
        activity : str, optional
            The key of its definition, if that is not its place or its name.

        Raises
        ------
        UsageError
            If the class has no such method.
        """
        method = _found(cls, name)
        kind = type(method)
        place = f"{cls.__module__}:{cls.__qualname__}"
        if method is None:
            raise UsageError(f"{place} has no method {name!r}")
        if kind is property and method.fget is not None:
            traced = method.getter(self._traced(method.fget, activity, is_method=True))
        elif kind is FunctionType:
            traced = self._method(cls, name, method, activity)
        elif kind is classmethod:
            traced = classmethod(self._method(cls, name, method.__func__, activity))
        elif kind is staticmethod:
            traced = staticmethod(self._traced(method.__func__, activity, is_method=False))
        else:
            raise UsageError(f"{name!r} of {place} is no method but a {kind.__name__!r} object")
        setattr(cls, name, traced)

    def _method(self, cls: type, name: str, function: Any, activity: str | None) -> Any:
        doing = None if name in vars(cls) else _inherited(cls, name)
        return self._traced(function, activity, is_method=True, doing=doing)

    @contextmanager
    def activity(
        self, name: str, parameters: Mapping[str, Any] | None = None
    ) -> Iterator[Activity]:
        """Record what a ``with`` block does as an activity.

        Parameters
        ----------
        name : str
            Its name.
        parameters : mapping, optional
            Its parameters.

        Examples
        --------
        >>> capture = Capture()
        >>> with capture.activity("stack", parameters={"n": 3}) as activity:
        ...     activity.used("dl3/obs_23523.fits", role="events")
        """
        recorder = self._recorder
        name = to_name(name)
        begin = recorder.begin_block
        activity = recorder.guarded(name, begin, name, parameters) if self.enabled else None
        if activity is None:
            yield Unrecorded()
            return
        token = current.set(activity)
        try:
            yield activity
        except BaseException as error:
            leave(token)
            recorder.end(activity, error)
            raise
        leave(token)
        recorder.end(activity, None)

    def graph(self) -> ProvGraph:
        """Return what this process has recorded so far, as ``provlog convert`` reads it in the log.

        What worker processes recorded is in the log alone.
        """
        return graph_of(self._log.lines())

    def close(self) -> None:
        """Record nothing any more, and close the log."""
        self.enabled = False
        self._log.close()

    def after_fork(self) -> None:
        """Go on in a process that was forked."""
        self._recorder.after_fork()

    def __reduce__(self) -> tuple[Callable[[str], Capture], tuple[str]]:
        return _of_key, (self._key,)

    def _traced(
        self, function: Any, name: str | None, *, is_method: bool, doing: Any = None
    ) -> Any:
        # What else can be called may have no hash.
        if isinstance(function, FunctionType) and function in self._functions:
            return function
        keys = [name] if name is not None else _keys(function)
        definition = next(filter(None, map(self.definitions.of, keys)), None)
        name = definition.name if definition is not None else to_name(keys[-1])
        sees_object = is_method and not self.definitions.activities
        plan = Plan(self._recorder, function, name, definition, is_method, sees_object)
        wrapper = traced(function, plan, self, doing)
        self._functions.add(wrapper)
        return wrapper


def _keys(function: Any) -> list[str]:
    """Under which names the definition of a function is looked for; one called by the last."""
    # Not everything that can be called has a name.
    own = getattr(function, "__name__", None) or type(function).__name__
    qualified = getattr(function, "__qualname__", None) or own
    return [f"{getattr(function, '__module__', None)}:{qualified}", qualified, own]


_METHODS = frozenset({FunctionType, staticmethod, classmethod})


def _found(cls: type, name: str) -> Any:
    """What a class or the first of its bases has under a name, without binding it."""
    for base in cls.__mro__:
        if name in vars(base):
            return vars(base)[name]
    return None


def _inherited(cls: type, name: str) -> Any:
    """Return what calls the method that a class inherits.

    Of an object of a subclass another base may come before that in which it is now.
    """

    def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return getattr(super(cls, self), name)(*args, **kwargs)

    return call


_captures: weakref.WeakSet[Capture] = weakref.WeakSet()


def _of_key(key: str) -> Capture:
    """Return the capture that was pickled; in a process that has it not, one that is off."""
    found = next((capture for capture in list(_captures) if capture._key == key), None)
    if found is None:
        found = Capture()
        found._key = key
        found.enabled = False
    return found
