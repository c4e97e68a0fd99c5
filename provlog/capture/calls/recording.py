"""The recording of a call from its beginning to its end."""

from __future__ import annotations

from functools import cache
from sys import getrefcount
from threading import get_ident
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct, field

from provlog.capture.calls import defined, outside, undefined
from provlog.capture.calls.changes import States, state_of_argument
from provlog.capture.calls.function import TracedFunction
from provlog.capture.calls.named import record_named
from provlog.capture.calls.outside import Watched
from provlog.capture.calls.stack import STEP, extend, reduce
from provlog.capture.calls.summary import SummarizedCall, Tally
from provlog.capture.log.warnings import warn
from provlog.capture.records.activity import innermost
from provlog.capture.records.results import OWN_REFERENCES
from provlog.compiled import compiled
from provlog.definitions.arguments import Arguments
from provlog.definitions.scope import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from provlog.capture.calls.methods import Inherited
    from provlog.capture.records.activity import Activity
    from provlog.capture.records.recorder import Recorder
    from provlog.capture.records.syntax import ActivityRecords

    Function = Callable[..., Any]

__all__ = ["Call", "CallRecorder", "call_recorder"]


class CallRecorder:
    """Record the calls of a function.

    Parameters
    ----------
    function : TracedFunction
        The function.
    source : RecorderSource
        The capture, for workers that receive the function by value.
    """

    def __init__(self, function: TracedFunction, source: RecorderSource) -> None:
        self._function = function
        self._source = source
        self._recorder = function.recorder

    def begin(
        self, owner: object | None, arguments: dict[str, Any]
    ) -> Call | SummarizedCall | None:
        """Record the start of a call and its inputs; return ``None`` if it is not recorded.

        Parameters
        ----------
        owner : object
            The object whose method is called; ``None`` for a function.
        arguments : dict
            The other arguments, by name.
        """
        try:
            function, recorder, thread = self._function, self._recorder, get_ident()
            guard = recorder.guard
            busy = guard.busy
            # As `Guard.run`, without its call.
            if thread in busy:
                return None
            busy.add(thread)
            try:
                enclosing = innermost()
                tallies = recorder.tallies if enclosing is None else enclosing.tallies
                tally = tallies.get(self)
                # In a forked process, the tallies of the other one may be there.
                if tally is None or tally.token is not recorder.token:
                    tally = self._new_tally(tallies, enclosing)
                summary = tally.active
                if summary is None and tally.next() > recorder.each:
                    summary = tally.start(enclosing, owner)
                if summary is None:
                    return self._begin(enclosing, owner, arguments)
                return summary.begin(owner, arguments)
            except Exception as failure:  # noqa: BLE001  (no failure may reach the program)
                guard.failed(function.name, failure)
                return None
            finally:
                busy.discard(thread)
        except RecursionError:
            # The stack has room for the function but not for its recording.
            return None

    def begin_call(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Call | SummarizedCall | None:
        """Record the start of a call whose arguments have no names yet, as `begin`."""
        try:
            named = self._recorder.guard.run(self._function.name, self._named, args, kwargs)
        except RecursionError:
            return None
        return None if named is None else self.begin(*named)

    def wrapper(
        self,
        wrapper: Function,
        function: Function,
        switch: object,
        is_method: bool,
        target: Inherited | None,
        has_signature: bool,
    ) -> Function:
        """Return a wrapper of a function; compiled code returns one that is faster.

        Parameters
        ----------
        wrapper : callable
            The wrapper.
        function : callable
            The function.
        switch : object
            Says whether calls are recorded.
        is_method : bool
            Whether the first argument is the object whose method it is.
        target : Inherited, optional
            The method to call instead, if it is inherited.
        has_signature : bool
            Whether the wrapper has the parameters of the function.
        """
        return wrapper

    def step_wrapper(self, wrapper: Function, function: Function) -> Function:
        """Return a wrapper of a function of generators or coroutines, as `wrapper`.

        Parameters
        ----------
        wrapper : callable
            The wrapper.
        function : callable
            The function.
        """
        return wrapper

    def steps(self, kind: str) -> Any:
        """Return the class that runs coroutines or generators without a frame, in compiled code.

        Parameters
        ----------
        kind : str
            The kind of function: ``generator``, ``coroutine`` or ``asynchronous generator``.
        """
        return None

    def _new_tally(self, tallies: dict[object, Any], enclosing: Activity | None) -> Tally:
        """Start to count the calls in an activity."""
        tally = Tally(self._function)
        tallies.pop(self, None)
        # Another thread may be faster.
        if tallies.setdefault(self, tally) is tally:
            self._recorder.add_tally(enclosing, tally)
        return tallies[self]  # type: ignore[no-any-return]

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return _received, (self._source, *self._function.parts())

    def _named(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[object | None, Arguments]:
        """Return the object whose method is called, and the other arguments by name."""
        function = self._function
        if function.is_method and not args:
            # The object is a keyword argument.
            args, kwargs = (kwargs.get(function.owner_name),), {**kwargs}
            kwargs.pop(function.owner_name, None)
        owner = args[0] if function.is_method else None
        return owner, function.arguments(args, kwargs)

    def _begin(
        self, enclosing: Activity | None, owner: object | None, arguments: dict[str, Any]
    ) -> Call:
        function, recorder = self._function, self._recorder
        numbers = None
        is_simple = function.is_simple and (owner is None or not function.records_owner)
        if is_simple and (not function.has_outside or outside.are_idle(function, owner)):
            numbers = undefined.numbers_in(function, arguments)
        records = recorder.begin(function.name, enclosing, owner, numbers)
        activity = records.activity
        call = Call(function, activity)
        if numbers is None:
            # From here on the activity is recorded even if its inputs cannot be.
            try:
                attempt = recorder.guard.attempt
                attempt(function.name, call.record_inputs, records, owner, arguments)
            except BaseException as interruption:
                recorder.write(records)
                recorder.end(activity, interruption)
                raise
        if function.is_generator:
            recorder.guard.attempt(function.name, recorder.streams.start, records)
        recorder.write(records)
        if activity.depth >= STEP:
            call.added_frames = extend(activity.depth)
        return call


def call_recorder(function: TracedFunction, source: RecorderSource) -> CallRecorder:
    """Return the recorder of the calls of a function, with the compiled code if it is there."""
    recorder, fast = CallRecorder(function, source), _compiled()
    return recorder if fast is None else fast.FastCallRecorder(recorder)


@cache
def _compiled() -> Any:
    return compiled("provlog.capture.calls._fast")


class RecorderSource(Protocol):
    """A capture: it has a recorder, is sent by value, and may be disabled where it arrives."""

    enabled: bool
    recorder: Recorder


def _received(
    source: RecorderSource, function: Any, name: str, *parts: Any
) -> CallRecorder | DetachedCallRecorder:
    """Return the recorder of a function that was sent by value, as joblib does."""
    if not source.enabled:
        return DetachedCallRecorder(name)
    return call_recorder(TracedFunction(source.recorder, function, name, *parts), source)


class DetachedCallRecorder:
    """The recorder of a function that was sent by value to a process without its log.

    It warns once and records nothing. Such a process belongs to another program, as the
    workers of a cluster do.

    Parameters
    ----------
    name : str
        The name of the function's activities.
    """

    def __init__(self, name: str) -> None:
        if name not in _warned:
            _warned.add(name)
            warn(
                "activity %r is not recorded in a process that received its function by value and "
                "is not a worker of the program: move the function to a module",
                name,
            )

    def begin(self, owner: object | None, arguments: dict[str, Any]) -> None:
        """Record nothing."""

    def begin_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Record nothing."""


_warned: set[str] = set()


class Call(Struct, eq=False):
    """A call in progress.

    Attributes
    ----------
    activity : Activity
        The activity of the call.
    added_frames : int
        The amount by which the call has raised the recursion limit.
    """

    _function: TracedFunction
    activity: Activity
    added_frames: int = 0
    _names: Names | None = None
    _owner: object | None = None
    # The arguments that the call may change.
    _states: States = field(default_factory=list)
    # The variables from outside that it may set or change.
    _watched: list[Watched] = field(default_factory=list)
    _is_unshared: bool = False

    def record_inputs(
        self,
        records: ActivityRecords,
        owner: object | None,
        named: dict[str, Any],
    ) -> None:
        """Record the parameters and the used entities."""
        function = self._function
        arguments = named if type(named) is Arguments else Arguments(named)
        recorder = function.recorder
        # A hostile argument must not prevent the others from being recorded.
        name_files = recorder.opened_files.name
        recorder.guard.attempt(function.name, name_files, records.activity, arguments)
        definition = function.definition
        used: Collection[str] = ()
        if function.records_unlisted:
            self._owner = owner if function.records_owner else None
            used = undefined.record_inputs(function, records, self._owner, arguments, self._states)
            if function.has_outside:
                self._watched = outside.record_inputs(function, records, owner, arguments)
        if not function.has_expressions:
            return
        self._names = names = Names(owner, arguments, function.variables, function.warn_unresolved)
        if definition is not None:
            defined.record_inputs(function, definition, records, names, arguments, used)
        record_named("used", function, records, function.used, names)
        for argument, role in function.changing:
            if argument in arguments:
                self._states += state_of_argument(
                    function.recorder.entities, role, arguments[argument]
                )

    def end(self, result: Any, error: BaseException | None = None) -> None:
        """Record the end of the call; ``result`` may be :data:`NOTHING`."""
        self._is_unshared = getrefcount(result) <= OWN_REFERENCES
        self._function.recorder.end(self.activity, error, self._record_outputs, result)
        if self.added_frames:
            reduce(self.added_frames)

    def _record_outputs(self, records: ActivityRecords, result: Any) -> None:
        function, names = self._function, self._names
        definition = function.definition
        if self._states:
            # Before the result, which may be one of them.
            undefined.record_changes(function, records, self._states)
        if function.records_unlisted:
            undefined.record_outputs(function, records, self._owner, result, self._is_unshared)
            if self._watched:
                outside.record_outputs(function, records, self._watched)
        if names is None:
            return
        names.result = result
        if definition is not None:
            defined.record_outputs(function, definition, records, names)
        record_named("generated", function, records, function.generated, names)
