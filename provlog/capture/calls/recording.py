"""The recording of a call from its beginning to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from provlog.capture.calls import defined, undefined
from provlog.capture.calls.changes import States, state_of_argument
from provlog.capture.calls.function import TracedFunction
from provlog.capture.calls.named import record_named
from provlog.capture.calls.stack import STEP, extend, reduce
from provlog.capture.calls.summary import SummarizedCall, Summary, Tally
from provlog.capture.log.warnings import warn
from provlog.capture.records.activity import current
from provlog.capture.records.results import is_unshared
from provlog.definitions.arguments import Arguments
from provlog.definitions.scope import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from provlog.capture.records.activity import Activity
    from provlog.capture.records.recorder import Recorder
    from provlog.capture.records.syntax import ActivityRecords

__all__ = ["Call", "CallRecorder"]


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
        self._guard = function.recorder.guard

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
            summary = self._summary(owner)
            if summary is not None:
                return summary.begin(owner, arguments)
            return self._guard.run(self._function.name, self._begin, owner, arguments)
        except RecursionError:
            # The stack has room for the function but not for its recording.
            return None

    def begin_call(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Call | SummarizedCall | None:
        """Record the start of a call whose arguments have no names yet, as `begin`."""
        try:
            summary = self._summary(args[0] if self._function.is_method and args else None)
            if summary is not None:
                return summary.begin(*self._named(args, kwargs))
            return self._guard.run(self._function.name, self._begin_call, args, kwargs)
        except RecursionError:
            return None

    def _summary(self, owner: object | None) -> Summary | None:
        """Count a call; return the summary that it belongs to, after so many calls of its own."""
        enclosing, recorder = current.get(), self._recorder
        # A task may outlive the activity that started it.
        while enclosing is not None and enclosing.has_ended:
            enclosing = enclosing.enclosing
        tallies = recorder.tallies if enclosing is None else enclosing.tallies
        if tallies is None:
            tallies = {}
            if enclosing is not None:
                enclosing.tallies = tallies
        tally = tallies.get(self)
        if tally is not None and tally.active is not None and tally.token is recorder.token:
            return tally.active  # type: ignore[no-any-return]
        # In a forked process, the tallies of the other one may be there.
        if tally is not None and tally.token is not recorder.token:
            tallies.pop(self, None)
            tally = None
        if tally is None:
            own = Tally(self._function)
            # Another thread may be faster.
            tally = tallies.setdefault(self, own)
            if tally is own:
                recorder.add_tally(enclosing, tally)
        return tally.start(owner) if tally.next() > recorder.each else None

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return _received, (self._source, *self._function.parts())

    def _begin_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        return self._begin(*self._named(args, kwargs))

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

    def _begin(self, owner: object | None, arguments: dict[str, Any]) -> Call:
        function = self._function
        recorder = function.recorder
        records = recorder.begin(function.name, owner)
        call = Call(function, records.activity)
        # From here on the activity is recorded even if its inputs cannot be.
        try:
            self._guard.attempt(function.name, call.record_inputs, records, owner, arguments)
        except BaseException as interruption:
            recorder.write(records)
            recorder.end(records.activity, interruption)
            raise
        recorder.write(records)
        if records.activity.depth >= STEP:
            call.added_frames = extend(records.activity.depth)
        return call


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
    return CallRecorder(TracedFunction(source.recorder, function, name, *parts), source)


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


class Call:
    """A call in progress.

    Attributes
    ----------
    activity : Activity
        The activity of the call.
    added_frames : int
        The amount by which the call has raised the recursion limit.
    """

    __slots__ = (
        "_function", "_is_unshared", "_names", "_owner", "_states", "activity", "added_frames",
    )  # fmt: skip

    def __init__(self, function: TracedFunction, activity: Activity) -> None:
        self.activity = activity
        self.added_frames = 0
        self._function = function
        self._names: Names | None = None
        self._owner: object | None = None
        # The arguments that the call may change.
        self._states: States = []
        self._is_unshared = False

    def record_inputs(
        self,
        records: ActivityRecords,
        owner: object | None,
        named: dict[str, Any],
    ) -> None:
        """Record the parameters and the used entities."""
        function = self._function
        is_alone = owner is None or not function.records_owner
        if function.is_simple and is_alone and undefined.record_numbers(function, records, named):
            return
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
        self._is_unshared = is_unshared(result)
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
        if names is None:
            return
        names.result = result
        if definition is not None:
            defined.record_outputs(function, definition, records, names)
        record_named("generated", function, records, function.generated, names)
