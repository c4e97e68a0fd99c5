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
from msgspec.structs import replace

from provlog.capture.log.clock import as_text

__all__ = ["Family", "family", "tell_described"]

_VARIABLE = "PROVLOG_FAMILY"
_DESCRIBED = "described"


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
    is_described : bool
        The program has said where it runs; else its workers do.
    """

    name: str
    start: str
    is_worker: bool
    is_described: bool = False


# Of this process, or of the one that it was forked from; and which that was.
_known: tuple[int, Family] | None = None


def family() -> Family:
    """Return the family of this process; its workers will find it in their environment."""
    global _known  # noqa: PLW0603
    if _known is None:
        _known = os.getpid(), _found()
    process, known = _known
    # A program may empty its environment; a process that is forked remembers.
    return known if process == os.getpid() else replace(known, is_worker=True)


def tell_described() -> None:
    """Let workers that are made from now on know that the program has said where it runs."""
    global _known  # noqa: PLW0603
    known = replace(family(), is_described=True)
    _known = os.getpid(), known
    if not known.is_worker:
        _tell(known)


def _found() -> Family:
    known = os.environ.get(_VARIABLE, "").split(",")
    if len(known) == 5 and known[0] == _key():
        return Family(known[1], known[2], known[3] != str(os.getpid()), known[4] == _DESCRIBED)
    made = Family(os.urandom(8).hex(), as_text(time_ns()), is_worker=False)
    _tell(made)
    return made


def _tell(known: Family) -> None:
    described = _DESCRIBED if known.is_described else ""
    words = (_key(), known.name, known.start, str(os.getpid()), described)
    os.environ[_VARIABLE] = ",".join(words)


def _key() -> str:
    return blake2b(bytes(current_process().authkey), digest_size=8).hexdigest()
