"""Exceptions raised by signal handlers, which belong to the program.

provlog catches the failures of its own work, but passes on exceptions that a signal handler
raised in the meantime, such as a timeout that ends the program.
"""

from __future__ import annotations

import signal
import threading
from operator import itemgetter
from traceback import walk_tb
from types import CodeType
from typing import Any

__all__ = ["is_from_signal", "reraise_from_signal"]


def reraise_from_signal(error: Exception) -> None:
    """Raise an exception again if a signal handler raised it."""
    if is_from_signal(error):
        raise error


def is_from_signal(error: Exception) -> bool:
    """Return whether a signal handler raised an exception."""
    if threading.current_thread() is not threading.main_thread():
        return False
    codes = {_code(signal.getsignal(number)) for number in signal.valid_signals()}
    frames = map(itemgetter(0), walk_tb(error.__traceback__))
    return any(frame.f_code in codes for frame in frames)


def _code(handler: Any) -> CodeType | None:
    """Return the code of a function, a method or a callable object."""
    if not callable(handler):
        # SIG_DFL, SIG_IGN, or a handler that was not installed from Python.
        return None
    for _ in range(3):
        code = getattr(handler, "__code__", None)
        if isinstance(code, CodeType):
            return code
        handler = getattr(handler, "__func__", None) or getattr(type(handler), "__call__", None)  # noqa: B004
    return None
