"""Callbacks in forked processes.

This module imports no other part of the capture. Python keeps every function that is
registered to run after a fork, and all that the function refers to, until the process
exits. If the function led to classes of the program, their instances would never be
released and their files never be flushed.
"""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet

__all__ = ["ForkAware", "register_after_fork"]


class ForkAware(Protocol):
    """An object with work to do after a fork."""

    def after_fork(self) -> None:
        """Continue in the forked process."""


_registered: WeakSet[ForkAware] = WeakSet()


def register_after_fork(one: ForkAware) -> None:
    """Call ``after_fork`` of an object in every forked process, for as long as the object lives."""
    _registered.add(one)


def _after_fork() -> None:
    for one in list(_registered):
        one.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
