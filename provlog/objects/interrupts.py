"""What signal handlers raise: it is the program's, whatever is at work when they do."""

from __future__ import annotations

import signal
import threading
from operator import itemgetter
from traceback import walk_tb
from types import CodeType
from typing import Any

__all__ = ["hand_on", "is_from_handler"]


def hand_on(error: Exception) -> None:
    """Raise an exception again if a signal handler raised it.

    Wherever the capture would otherwise take it for a failure of its own: it may be
    what ends a program that takes too long.
    """
    if is_from_handler(error):
        raise error


def is_from_handler(error: Exception) -> bool:
    """Tell whether a signal handler raised an exception."""
    if threading.current_thread() is not threading.main_thread():
        return False
    codes = {_code(signal.getsignal(number)) for number in signal.valid_signals()}
    frames = map(itemgetter(0), walk_tb(error.__traceback__))
    return any(frame.f_code in codes for frame in frames)


def _code(handler: Any) -> CodeType | None:
    """The code of a function, a method, or an object that can be called."""
    if not callable(handler):
        # The system's own, which stands for what is done.
        return None
    for _ in range(3):
        code = getattr(handler, "__code__", None)
        if isinstance(code, CodeType):
            return code
        handler = getattr(handler, "__func__", None) or getattr(type(handler), "__call__", None)  # noqa: B004
    return None
