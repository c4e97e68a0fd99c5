"""Which processes belong together: one that was started as a program, and its workers.

``multiprocessing`` and all that builds on it give their workers a key of their
own making, however they start them. A worker is known by it, and finds in its
environment what its program was called; a program that another one starts has
another key.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from multiprocessing.process import current_process
from time import time_ns

from msgspec import Struct

from provlog.capture.clock import as_text

__all__ = ["Family", "family"]

_VARIABLE = "PROVLOG_FAMILY"


class Family(Struct, frozen=True):
    """A program and its workers.

    Parameters
    ----------
    name : str
        16 hexadecimal digits, other ones in each run.
    start : str
        When the first capture of the program began.
    is_worker : bool
        This process is not the program but a worker of it.
    """

    name: str
    start: str
    is_worker: bool


# Of this process, or of the one that it was forked from; and which that was.
_known: tuple[int, Family] | None = None


def family() -> Family:
    """Return the family of this process; its workers will find it in their environment."""
    global _known  # noqa: PLW0603
    if _known is None:
        _known = os.getpid(), _found()
    process, known = _known
    # A program may empty its environment; a process that is forked remembers.
    return known if process == os.getpid() else Family(known.name, known.start, is_worker=True)


def _found() -> Family:
    key = blake2b(bytes(current_process().authkey), digest_size=8).hexdigest()
    known = os.environ.get(_VARIABLE, "").split(",")
    if len(known) == 4 and known[0] == key:
        return Family(known[1], known[2], known[3] != str(os.getpid()))
    name, start = os.urandom(8).hex(), as_text(time_ns())
    os.environ[_VARIABLE] = f"{key},{name},{start},{os.getpid()}"
    return Family(name, start, is_worker=False)
