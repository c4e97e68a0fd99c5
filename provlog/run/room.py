"""Room for the frames of a program on the stack of Python.

Python keeps the frames of functions in blocks of 16 kB. It takes a block from the system when a
call does not fit into the last one, and gives it back when the call returns. A loop whose calls
begin at the end of a block does so each time, which costs more than the calls. The frames of
provlog below those of the program decide where blocks end: an import of scikit-learn may take
thousands of blocks more than without provlog.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["with_room"]

# In words of 8 bytes. Python doubles the size of a block until the frame fits, with some room:
# 256 kB, of which half remains for some hundreds of frames of the program. The frame itself is
# memory that nothing touches.
_FRAME = 1 << 14

Function = TypeVar("Function", bound=Callable[..., Any])


def with_room(function: Function) -> Function:
    """Let the frame of a function begin a large block, in which the frames that it calls fit, too.

    Parameters
    ----------
    function : function
        The function, which is changed.
    """
    function.__code__ = function.__code__.replace(co_stacksize=_FRAME)
    return function
