"""Make room on the stack for the frames that tracing adds to a deep recursion.

Python limits the depth of calls. A traced function whose wrapper has a frame has two frames a
call, so a recursion would reach the limit at half the depth. Therefore the limit is raised
while traced calls are nested deeply, by the number of such wrappers.
"""

from __future__ import annotations

import sys
from contextlib import suppress

__all__ = ["STEP", "extend", "reduce"]

STEP = 25
"""The number of nested calls after which the limit is raised again."""
# The first increase also covers the calls so far and the recording itself.
_FIRST = 4 * STEP

# The limit that `extend` or `reduce` set last.
_limit = 0


def extend(depth: int, has_frame: bool = True) -> int:
    """Raise the limit for a call at a multiple of the step, and return the difference.

    Parameters
    ----------
    depth : int
        The number of enclosing calls.
    has_frame : bool
        Whether the wrapper has a frame.
    """
    global _limit  # noqa: PLW0603
    if depth % STEP or not (has_frame or depth == STEP):
        return 0
    frames = _FIRST if depth == STEP else STEP
    limit = sys.getrecursionlimit() + frames
    # The program may have set the largest limit already.
    with suppress(OverflowError):
        sys.setrecursionlimit(limit)
        _limit = limit
    return frames


def reduce(frames: int) -> None:
    """Lower the limit at the end of such a call, unless the program has set another one."""
    global _limit  # noqa: PLW0603
    if sys.getrecursionlimit() == _limit:
        # A generator may end at any depth, also where the lower limit is exceeded already.
        with suppress(RecursionError):
            sys.setrecursionlimit(_limit - frames)
            _limit -= frames
