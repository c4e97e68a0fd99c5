"""Work at the end of a process.

As for forks, this module imports no other part of the capture and keeps nothing alive.
"""

from __future__ import annotations

import atexit
import os
import sys
from typing import Protocol
from weakref import WeakSet

__all__ = ["Finishing", "finish_at_exit"]


class Finishing(Protocol):
    """An object with work to do at the end of the process."""

    def finish(self) -> None:
        """Do the work."""


_registered: WeakSet[Finishing] = WeakSet()
# The process whose end is awaited.
_process: int | None = None


def finish_at_exit(one: Finishing) -> None:
    """Call ``finish`` of an object at the end of this process, if the object lives so long."""
    global _process  # noqa: PLW0603
    _registered.add(one)
    if _process == os.getpid():
        return
    _process = os.getpid()
    atexit.register(_finish)
    # Processes of multiprocessing end without the functions of `atexit`.
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.Finalize(None, _finish, exitpriority=10)


def _finish() -> None:
    for one in list(_registered):
        one.finish()
