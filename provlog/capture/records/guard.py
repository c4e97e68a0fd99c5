"""Protect the program from failures of the recording."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import get_ident
from typing import Any, TypeVar

from provlog.capture.log.warnings import warn
from provlog.objects.classes import short_name
from provlog.objects.signals import is_from_signal

__all__ = ["Guard"]

T = TypeVar("T")


class Guard:
    """Run recording steps so that their failures do not reach the program.

    Each kind of failure causes one warning for each activity. While a step runs, calls of
    traced functions in the same thread are not recorded: provlog itself made them.

    Attributes
    ----------
    busy : set of int
        The threads in which a step runs.
    """

    # Compiled code finds this field by its place.
    __slots__ = ("__dict__", "__weakref__", "busy")

    def __init__(self) -> None:
        self.busy: set[int] = set()
        self._warned: set[tuple[str, str]] = set()

    def enter_process(self) -> None:
        """Continue in a forked process, in which no other thread runs."""
        self.busy = set()

    def run(self, name: str, step: Callable[..., T], *arguments: Any) -> T | None:
        """Run a recording step.

        Parameters
        ----------
        name : str
            The activity that is recorded.
        step : callable
            The step.
        *arguments
            Its arguments.

        Returns
        -------
        object
            The step's result; ``None`` if it failed, or if a step is running already.
        """
        busy, thread = self.busy, get_ident()
        if thread in busy:
            return None
        busy.add(thread)
        try:
            return step(*arguments)
        except Exception as failure:  # noqa: BLE001  (no failure may reach the program)
            self.failed(name, failure)
            return None
        finally:
            busy.discard(thread)

    def attempt(self, name: str, step: Callable[..., object], *arguments: Any) -> None:
        """Run one optional recording step; report its failure and continue."""
        try:
            step(*arguments)
        except Exception as failure:  # noqa: BLE001
            self.failed(name, failure)

    def unresolved(self, name: str, expression: str, reason: str) -> None:
        """Warn once that an expression of a definition cannot be resolved."""
        message = f"activity {name!r}: cannot resolve {expression!r}: {reason}"
        self._warn_once(name, expression, message)

    def failed(self, name: str, failure: Exception) -> None:
        """Warn once that a record of an activity is incomplete.

        An exception that a signal handler of the program raised is raised again.
        """
        is_programs = False
        # Not `suppress`: where the stack is full, its call fails, too.
        try:
            is_programs = is_from_signal(failure)
            if not is_programs:
                self._warn_failure(name, short_name(type(failure)), failure)
        except Exception:  # noqa: BLE001, S110
            pass
        if is_programs:
            raise failure

    def _warn_failure(self, name: str, kind: str, failure: Exception) -> None:
        reason = kind
        # The text may be computed by the program's code.
        with suppress(Exception):
            reason = f"{kind}: {failure}"
        self._warn_once(name, kind, f"activity {name!r} is not recorded in full: {reason}")

    def _warn_once(self, name: str, cause: str, message: str) -> None:
        if (name, cause) in self._warned:
            return
        self._warned.add((name, cause))
        warn("%s", message)
