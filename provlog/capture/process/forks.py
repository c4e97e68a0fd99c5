"""What goes on in a process that was forked.

A module of its own, that knows of nothing else: until the very end Python keeps what is to
be called after a fork, with all that can be reached from there. If that were the classes of
the program, its objects would not be let go, nor its files be flushed.
"""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet

__all__ = ["Forking", "tell_after_fork"]


class Forking(Protocol):
    """What is to be told of a fork."""

    def after_fork(self) -> None:
        """Go on in the new process."""


_told: WeakSet[Forking] = WeakSet()


def tell_after_fork(one: Forking) -> None:
    """Let an object know when it is in a process that was forked; for as long as it lives."""
    _told.add(one)


def _tell() -> None:
    for one in list(_told):
        one.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_tell)
