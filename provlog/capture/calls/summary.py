"""Many calls of one function in one activity, recorded together.

The first calls are activities of their own. The calls after them are one activity with their
number, total time, and the entities that they used and generated. Such a call costs about a
microsecond, unless it has inputs or outputs that are new to the summary.
"""

from __future__ import annotations

import weakref
from itertools import count
from threading import RLock
from time import time_ns
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from provlog.capture.calls import defined, outside, undefined
from provlog.capture.calls.changes import state_of_argument
from provlog.capture.calls.named import record_named
from provlog.capture.log.clock import format_time
from provlog.capture.records.activity import Activity
from provlog.capture.records.syntax import ActivityRecords
from provlog.definitions.arguments import Arguments
from provlog.definitions.scope import NOTHING, Names
from provlog.objects.data import SCALARS

if TYPE_CHECKING:
    from provlog.capture.calls.function import TracedFunction
    from provlog.capture.records.object_ids import ObjectId

__all__ = ["SummarizedCall", "Summary", "Tally"]

# The number of inputs and outputs, or of calls with a definition, that are examined.
_MAX_EXAMINED = 1000


class Tally:
    """The number of calls of a function in one activity.

    Parameters
    ----------
    function : TracedFunction
        The function.

    Attributes
    ----------
    next : callable
        Counts a call; returns its number.
    token : str
        Identifies the process that counts.
    active : Summary, optional
        The summary of the later calls, while it lasts.
    has_ended : bool
        Whether the summary has ended.
    """

    __slots__ = ("_function", "_lock", "active", "has_ended", "next", "token")

    def __init__(self, function: TracedFunction) -> None:
        self._function = function
        self._lock = RLock()
        self.next = count(1).__next__
        self.token = function.recorder.token
        self.active: Summary | None = None
        self.has_ended = False

    def start(self, enclosing: Activity | None, owner: object | None) -> Summary | None:
        """Start the summary; return ``None`` if it has ended."""
        with self._lock:
            if self.active is None and not self.has_ended:
                self.active = Summary(self._function, enclosing, owner)
            return self.active

    def finish(self) -> None:
        """End the summary."""
        self.has_ended = True
        summary, self.active = self.active, None
        if summary is not None and self.token == self._function.recorder.token:
            summary.finish()


class Summary:
    """The activity of many calls.

    Attributes
    ----------
    activity : Activity
        The activity.
    calls, failures, time, last : int
        The number of calls and of failures, the sum of their nanoseconds, and the time of the
        last end.
    """

    def __init__(
        self, function: TracedFunction, enclosing: Activity | None, owner: object | None
    ) -> None:
        self._function = function
        self._recorder = recorder = function.recorder
        records = recorder.begin(function.name, enclosing, owner)
        recorder.write(records)
        self.activity: Activity = records.activity
        self.calls = self.failures = self.time = 0
        self.last = time_ns()
        self._left = _MAX_EXAMINED
        # The known inputs and outputs, by address, and the states of the inputs.
        self._seen: dict[int, weakref.ref[Any]] = {}
        self._states: list[tuple[str, weakref.ref[Any], ObjectId | None]] = []
        # The variables from outside, from the first call to the end of the summary.
        self._watched: list[outside.Watched] | None = None

    def begin(self, owner: object | None, arguments: dict[str, Any]) -> SummarizedCall:
        """Start a call; a step of the guard."""
        call = SummarizedCall(self, self.activity, time_ns())
        if self._left > 0:
            self._examine_inputs(call, owner, arguments)
        return call

    def _examine_inputs(
        self, call: SummarizedCall, owner: object | None, arguments: dict[str, Any]
    ) -> None:
        if self._watched is None:
            self._watched = []
            if self._function.has_outside:
                self._attempt(self._use_variables, owner, arguments)
        if self._function.has_expressions:
            self._left -= 1
            self._attempt(self._use_defined, call, owner, arguments)
            return
        for name, value in arguments.items():
            if type(value) not in SCALARS and self._is_new(value):
                self._attempt(self._use, name, value)
        if owner is not None and self._function.records_owner and self._is_new(owner):
            self._attempt(self._use, self._function.owner_name, owner)

    def examine_result(self, result: Any, names: Names | None) -> None:
        """Record the outputs of a call, if they are new."""
        if names is not None:
            names.result = result
            self._run(self._generate_defined, names)
        elif self._left > 0 and not self._function.has_expressions and self._is_new(result):
            self._run(self._generate, result)

    def _run(self, step: Any, *arguments: Any) -> None:
        self._recorder.guard.run(self._function.name, step, *arguments)

    def _attempt(self, step: Any, *arguments: Any) -> None:
        self._recorder.guard.attempt(self._function.name, step, *arguments)

    def _is_new(self, value: Any) -> bool:
        """Return whether an object has not been examined in this summary."""
        known = self._seen.get(id(value))
        if known is not None and known() is value:
            return False
        self._left -= 1
        return self._left >= 0

    def _remember(self, role: str, value: Any, *, is_input: bool) -> None:
        try:
            self._seen[id(value)] = reference = weakref.ref(value)
        except TypeError:
            # Without weak references the program might notice that the object lives longer.
            return
        if is_input:
            for _, _, state in state_of_argument(self._recorder.entities, role, value):
                self._states.append((role, reference, state))

    # Steps of the guard

    def _use(self, role: str, value: Any) -> None:
        records = ActivityRecords(self.activity)
        undefined.record_use(self._function, records, role, value)
        self._remember(role, value, is_input=True)
        self._recorder.write(records)

    def _use_variables(self, owner: object | None, arguments: dict[str, Any]) -> None:
        records = ActivityRecords(self.activity)
        watched = outside.record_inputs(self._function, records, owner, Arguments(arguments))
        # Another call may have another object.
        self._watched = [
            replace(one, owner=None) for one in watched if not one.variable.is_attribute
        ]
        self._recorder.write(records)

    def _generate(self, result: Any) -> None:
        records = ActivityRecords(self.activity)
        undefined.record_outputs(self._function, records, None, result, False)
        self._remember("", result, is_input=False)
        self._recorder.write(records)

    def _use_defined(
        self, call: SummarizedCall, owner: object | None, arguments: dict[str, Any]
    ) -> None:
        function = self._function
        call.names = names = Names(
            owner, Arguments(arguments), function.variables, function.warn_unresolved
        )
        records = ActivityRecords(self.activity)
        if function.definition is not None:
            defined.record_usage(function, function.definition, records, names)
        record_named("used", function, records, function.used, names)
        self._recorder.write(records)

    def _generate_defined(self, names: Names) -> None:
        function, records = self._function, ActivityRecords(self.activity)
        if function.definition is not None:
            defined.record_outputs(function, function.definition, records, names)
        record_named("generated", function, records, function.generated, names)
        self._recorder.write(records)

    def _record_changes(self) -> None:
        states = [(role, reference(), state) for role, reference, state in self._states]
        records = ActivityRecords(self.activity)
        known = [state for state in states if state[1] is not None]
        undefined.record_changes(self._function, records, known)
        outside.record_outputs(self._function, records, self._watched or [])
        self._recorder.write(records)

    def finish(self) -> None:
        """Record what is known of all calls, and end the activity."""
        if self.activity.has_ended:
            return
        self._run(self._record_changes)
        facts: dict[str, Any] = {
            "calls": self.calls,
            "failed_calls": self.failures,
            "total_time": self.time / 1e9,
            "last_call": format_time(self.last),
        }
        if self._left < 0:
            facts["note"] = f"inputs and outputs: only the first {_MAX_EXAMINED:,}"
        self._recorder.describe(self.activity, facts)
        self._recorder.end(self.activity, None)


class SummarizedCall(Struct, eq=False, gc=False):
    """A call in progress that is a part of a summary."""

    _summary: Summary
    activity: Activity
    _start: int
    names: Names | None = None

    def end(self, result: Any, error: BaseException | None = None) -> None:
        """Record the end of the call."""
        summary = self._summary
        # Other threads cannot run between reading and writing an attribute here.
        summary.calls += 1
        summary.last = now = time_ns()
        summary.time += now - self._start
        if error is not None:
            summary.failures += 1
        elif self.names is not None or (type(result) not in SCALARS and result is not NOTHING):
            summary.examine_result(result, self.names)
