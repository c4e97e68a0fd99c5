"""Numbers and texts that the workers of pools return, which the program then knows as results.

Pickling makes another object. Therefore a worker sends the ids of the numbers and texts in the
result of a task with it, and the program learns them where it unpickles the result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from provlog.capture.process.pools import mark_results
from provlog.capture.process.workers import is_child_of_program
from provlog.objects.signals import reraise_from_signal

if TYPE_CHECKING:
    from provlog.capture.records.results import Found, Results

__all__ = ["exchange_results", "received"]

# The known results of each capture of this process, and the log of the capture.
_logs: WeakSet[Results] = WeakSet()


def exchange_results(results: Results, log: str | None, is_worker: bool) -> None:
    """Send or receive results from now on; call it at the start of a process.

    Parameters
    ----------
    results : Results
        The known results of a capture.
    log : str, optional
        The path of its log.
    is_worker : bool
        Whether this process is a worker of the program.
    """
    results.log = log
    results.is_sent = False
    # Not yet: a pool may import its modules later.
    results.at_first = _start_sending if is_worker else None
    _logs.add(results)


def _start_sending(results: Results) -> None:
    # Another process may have no provlog to receive them.
    results.is_sent = is_child_of_program()
    if results.is_sent:
        mark_results(_with_entities)


def _with_entities(result: Any) -> Any:
    """Return the result of a task, with the ids of the numbers and texts in it."""
    try:
        found = {
            one.log: places
            for one in list(_logs)
            if one.is_sent and (places := one.found_in(result)) is not None
        }
    except Exception as error:  # noqa: BLE001  (no failure may reach the program)
        reraise_from_signal(error)
        return result
    return _Returned(result, found) if found else result


class _Returned:
    """A result to pickle; unpickled, it is the result itself."""

    __slots__ = ("_found", "_result")

    def __init__(self, result: Any, found: dict[str | None, Found]) -> None:
        self._result = result
        self._found = found

    def __reduce__(self) -> tuple[Any, tuple[Any, dict[str | None, Found]]]:
        return received, (self._result, self._found)


def received(result: Any, found: dict[str | None, Found]) -> Any:
    """Return the result of a task that a worker has sent; remember its numbers and texts.

    Parameters
    ----------
    result : object
        The result.
    found : dict
        The ids of the numbers and texts in it, by log.
    """
    try:
        for one in list(_logs):
            if one.log in found:
                one.receive(result, found[one.log])
    except Exception as error:  # noqa: BLE001  (no failure may reach the program)
        reraise_from_signal(error)
    return result
