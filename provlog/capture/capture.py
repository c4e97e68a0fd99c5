"""The capture: the interface for programs that record their provenance."""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial, partialmethod, singledispatchmethod
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

from provlog.capture.blocks import ActivityBlock, recorded_block
from provlog.capture.calls.compilers import refuse_below_compiler
from provlog.capture.calls.function import (
    Named,
    NamedEntities,
    TracedFunction,
    named_entities,
)
from provlog.capture.calls.inside import decorated_function, traced_inside
from provlog.capture.calls.methods import (
    Inherited,
    class_attribute,
    definition_keys,
    is_compiled,
    is_method,
    traced_method,
)
from provlog.capture.calls.recording import call_recorder
from provlog.capture.calls.wrapping import wrap
from provlog.capture.files.file_ids import DEFAULT_LIMIT, FileIds
from provlog.capture.files.ignored import FileRules
from provlog.capture.log.buffer import graph_of
from provlog.capture.log.file_handler import LogFileHandler
from provlog.capture.log.record_log import RecordLog
from provlog.capture.log.warnings import warn
from provlog.capture.process.forks import register_after_fork
from provlog.capture.process.workers import current_program
from provlog.capture.records.recorder import Recorder
from provlog.definitions.load import EMPTY, Definitions, load
from provlog.definitions.scope import NOTHING
from provlog.errors import UsageError
from provlog.objects.classes import class_name
from provlog.objects.literals import to_name

if TYPE_CHECKING:
    from typing import overload

    from provlog.model.graph import ProvGraph


__all__ = ["Capture"]

C = TypeVar("C", bound=type)
F = TypeVar("F", bound=Callable[..., Any])
_Path = str | os.PathLike[str]

_SWITCH = "PROVLOG_CAPTURE"
_OFF = frozenset({"0", "false", "no", "off"})


class Capture:
    """Record the provenance of a program while it runs.

    Each event is one record of the logger ``provlog.capture``. A failure of the recording
    causes one warning of the logger ``provlog``, and never reaches the program.

    Parameters
    ----------
    definitions : Definitions, optional
        The definitions of activities. An activity without a definition is recorded by its
        arguments and results.
    log : path, optional
        The log file. The records are appended to it and go nowhere else; several processes
        may write to it. Without it they go to the handlers that ``logging`` has.
    hash : str or sequence of str
        The hash method that identifies files by content: ``sha256``, ``sha1`` or ``md5``. Of
        several, the first one identifies files; the records contain all digests.
    hash_limit : int
        The size in bytes above which files are identified by path, size and time.
    configuration : mapping, optional
        The configuration of the program, for the record of the session.
    files : str
        Which of the files that the program opens are recorded: ``data``, without those of
        the system, of packages and caches; ``all``; or ``none``.
    ignore : collection of str
        Patterns of further files and folders to leave out.
    each : int
        How many calls of a function in one activity are recorded each by itself; the later
        ones are recorded together.

    Attributes
    ----------
    enabled : bool
        Whether activities are recorded; ``False`` from the start if the environment
        variable ``PROVLOG_CAPTURE`` is ``0``.
    definitions : Definitions
        The definitions.
    recorder : Recorder
        Writes the records.

    Raises
    ------
    OutputError
        If the log cannot be written.
    UsageError
        If the hash method or the value of `files` is not supported.

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
        hash: str | Sequence[str] = "sha256",
        hash_limit: int = DEFAULT_LIMIT,
        configuration: Mapping[str, Any] | None = None,
        files: str = "data",
        ignore: Collection[str] = (),
        each: int = 1000,
    ) -> None:
        self.enabled = os.environ.get(_SWITCH, "").strip().lower() not in _OFF
        # Switched off, the capture must not fail because its log cannot be written.
        handler = None if log is None else LogFileHandler(log, delay=not self.enabled)
        own = [] if handler is None else [handler.path]
        identified = FileIds(hash, hash_limit, excluded=own)
        rules = FileRules(files if self.enabled else "none", ignore)
        self.definitions = definitions
        self._log = RecordLog(handler)
        # For workers that receive the capture by value.
        self._arguments = {
            "definitions": definitions, "log": own[0] if own else None, "hash": hash,
            "hash_limit": hash_limit, "files": files, "ignore": ignore, "each": each,
        }  # fmt: skip
        self.recorder = Recorder(
            self._log, definitions, identified, rules, configuration or {}, each
        )
        self._functions: weakref.WeakSet[Callable[..., Any]] = weakref.WeakSet()
        register_after_fork(self)
        _captures.add(self)
        # Identifies the capture when it is unpickled.
        self._key = os.urandom(8).hex()

    @classmethod
    def from_yaml(
        cls,
        path: _Path,
        log: _Path | None = None,
        **options: Any,
    ) -> Capture:
        """Return a capture with the definitions of a file and the parameters of the class.

        A questionable definition causes a warning of the logger ``provlog``.

        Raises
        ------
        InputError
            If the file cannot be read or has errors; the message lists all of them.
        """
        definitions = load(path)
        for warning in definitions.warnings:
            warn("%s: %s", warning.place, warning.message)
        return cls(definitions, log, **options)

    # Not at runtime: typing keeps overloads, and all that they refer to, until the very end.
    if TYPE_CHECKING:

        @overload
        def trace(
            self, function: F, name: str | None = None, *,
            used: Named | None = None, generated: Named | None = None,
        ) -> F: ...  # fmt: skip

        @overload
        def trace(
            self, *,
            name: str | None = None, used: Named | None = None, generated: Named | None = None,
        ) -> Callable[[F], F]: ...  # fmt: skip

    def trace(
        self,
        function: Any = NOTHING,
        name: str | None = None,
        *,
        used: Named | None = None,
        generated: Named | None = None,
    ) -> Any:
        """Return a wrapper that records the calls of a function; a decorator, also with arguments.

        With ``lru_cache``, it records the calls that compute. Other callables stay unchanged.

        Parameters
        ----------
        function : callable
            A function, coroutine function, generator function or asynchronous generator
            function; without it, return a decorator.
        name : str, optional
            The key of its definition, or the name of the activity; by default the name of
            the function.
        used, generated : str, iterable of str, or mapping, optional
            Entities in addition to the definition, or to those that are recorded without
            one: an expression as in definition files, such as ``path`` or ``result.meta``,
            several, or expressions by role. A path, also as text, is a file.

        Raises
        ------
        UsageError
            If it is a class or not callable, or an expression is invalid.

        Examples
        --------
        >>> capture = Capture()
        >>> @capture.trace(used={"events": "source"}, generated="target")
        ... def convert(source, target):
        ...     Path(target).write_text(Path(source).read_text())
        """
        if function is NOTHING:
            return partial(self.trace, name=name, used=used, generated=generated)
        if isinstance(function, staticmethod):
            inner = self.trace(function.__func__, name, used=used, generated=generated)
            return staticmethod(inner)
        if isinstance(function, type) or not callable(function):
            raise UsageError(f"{function!r} is not a function; trace a class with trace_methods")
        entities = {"used": named_entities(used), "generated": named_entities(generated)}
        wrap = partial(self._wrapped, name=name, is_method=False, **entities)
        try:
            refuse_below_compiler(function, sys._getframe(1))
            return traced_inside(function, wrap, decorated_function(function, sys._getframe(1)))
        except UsageError as error:
            warn("%s is not traced: %s", definition_keys(function)[-1], error)
            return function

    def trace_methods(self, cls: C) -> C:
        """Trace the public methods of a class, in place; a decorator.

        Private and inherited methods are traced if they have a definition.

        Raises
        ------
        UsageError
            If it is not a class, or a compiled one.
        """
        if not isinstance(cls, type):
            raise UsageError(f"{cls!r} is not a class; trace a function with trace")
        if is_compiled(cls):
            raise UsageError(f"{class_name(cls)} is a compiled class: its methods cannot be traced")
        for name in dict.fromkeys([*vars(cls), *dir(cls)]):
            is_public = name in vars(cls) and not name.startswith("_")
            qualified = f"{cls.__qualname__}.{name}"
            keys = (f"{cls.__module__}:{qualified}", qualified, name)
            is_defined = any(map(self.definitions.of, keys))
            if (is_public or is_defined) and is_method(class_attribute(cls, name)):
                try:
                    self.trace_method(cls, name)
                except UsageError as error:
                    warn("%s is not traced: %s", qualified, error)
        return cls

    def trace_method(self, cls: type, name: str, activity: str | None = None) -> None:
        """Trace a method of a class, or the getter of a property, in place.

        Parameters
        ----------
        cls : type
            The class.
        name : str
            The method's name.
        activity : str, optional
            The key of its definition; by default its qualified name or its name.

        Raises
        ------
        UsageError
            If the class is compiled or has no such method.
        """
        if is_compiled(cls):
            raise UsageError(f"{class_name(cls)} is a compiled class: its methods cannot be traced")
        method = class_attribute(cls, name)
        place = f"{cls.__module__}:{cls.__qualname__}"
        if method is None:
            raise UsageError(f"{place} has no method {name!r}")
        # Those have other names, or none.
        has_name = not isinstance(method, (partialmethod, singledispatchmethod))
        activity = activity or (None if has_name else name)

        def wrap(function: Any, *, is_method: bool) -> Any:
            is_inherited = is_method and name not in vars(cls)
            is_getter = isinstance(method, property)
            target = Inherited(cls, name, function, is_getter) if is_inherited else None
            return self._wrapped(function, activity, is_method=is_method, target=target)

        setattr(cls, name, traced_method(method, wrap, f"{name!r} of {place}"))

    def activity(
        self, name: str, parameters: Mapping[str, Any] | None = None
    ) -> AbstractContextManager[ActivityBlock]:
        """Record a ``with`` block as an activity.

        Parameters
        ----------
        name : str
            The name of the activity.
        parameters : mapping, optional
            The parameters of the activity.

        Examples
        --------
        >>> capture = Capture()
        >>> with capture.activity("stack", parameters={"n": 3}) as activity:
        ...     activity.used("dl3/obs_23523.fits", role="events")
        """
        return recorded_block(self.recorder if self.enabled else None, name, parameters)

    def program(
        self, name: str, parameters: Mapping[str, Any] | None = None
    ) -> AbstractContextManager[ActivityBlock]:
        """Record the run of a program as an activity, in which objects have their own sessions.

        Otherwise as :meth:`activity`.
        """
        recorder = self.recorder if self.enabled else None
        return recorded_block(recorder, name, parameters, is_program=True)

    def graph(self) -> ProvGraph:
        """Return the graph of this process's records so far, without those of its workers."""
        return graph_of(self._log.lines())

    def close(self) -> None:
        """Stop recording and close the log."""
        self.recorder.finish()
        self.enabled = False
        self.recorder.opened_files.close()
        self._log.close()

    def after_fork(self) -> None:
        """Continue in a forked process."""
        self.recorder.after_fork()

    def __reduce__(self) -> tuple[Callable[..., Capture], tuple[str, str, dict[str, Any]]]:
        return _unpickled, (self._key, current_program().id, self._arguments)

    def _wrapped(
        self,
        function: Any,
        name: str | None,
        *,
        is_method: bool,
        target: Any = None,
        used: NamedEntities | None = None,
        generated: NamedEntities | None = None,
    ) -> Any:
        # Only functions: another callable may not be hashable.
        if isinstance(function, FunctionType) and function in self._functions:
            return function
        keys = [name] if name is not None else definition_keys(function)
        definition = next(filter(None, map(self.definitions.of, keys)), None)
        name = definition.name if definition is not None else to_name(keys[-1])
        records_owner = is_method and not self.definitions.activities
        traced = TracedFunction(
            self.recorder, function, name, definition, is_method, records_owner,
            used or {}, generated or {},
        )  # fmt: skip
        recording = call_recorder(traced, self)
        wrapper = wrap(function, recording, self, target, is_method=is_method)
        self._functions.add(wrapper)
        return wrapper


_captures: weakref.WeakSet[Capture] = weakref.WeakSet()
# For as long as the worker lives: its tasks come and go.
_received: list[Capture] = []


def _unpickled(key: str, program: str, arguments: dict[str, Any]) -> Capture:
    """Return the capture with a key; in a worker of the same program, one with the same log.

    In any other process, or without a log, it is disabled.
    """
    capture = next((capture for capture in list(_captures) if capture._key == key), None)
    if capture is None:
        is_worker = arguments["log"] is not None and current_program().id == program
        capture = Capture(**arguments if is_worker else {})
        capture._key = key
        capture.enabled &= is_worker
        _received.append(capture)
    return capture
