"""Programs and their worker processes, which record into one session.

``multiprocessing``, and all packages built on it, give worker processes an
authentication key, however they start them. A process with the key of a program is a
worker of that program, and finds the program's id in its environment. A program that
another program starts has a key of its own.
"""

from __future__ import annotations

import os
import sys
from hashlib import blake2b
from itertools import count
from time import time_ns

from msgspec import Struct
from msgspec.structs import replace

from provlog.capture.log.clock import format_time

__all__ = [
    "KEYS", "Program", "announce", "announce_later", "current_program", "is_child_of_program",
    "mark_described", "next_activity", "next_object", "next_session", "process_token",
]  # fmt: skip

KEYS = "multiprocessing.process"
"""The module that gives processes their authentication keys."""

_VARIABLE = "PROVLOG_PROGRAM"
_DESCRIBED = "described"


class Program(Struct, frozen=True):
    """The program that this process runs or works for.

    Parameters
    ----------
    id : str
        16 hexadecimal digits, made of the host, the time and the process id.
    start : str
        The time at which the first capture of the program was created.
    process : int
        The id of its main process.
    is_worker : bool
        Whether this process is a worker of the program.
    is_described : bool
        Whether the log already describes the program's environment; otherwise a worker does.
    """

    id: str
    start: str
    process: int
    is_worker: bool
    is_described: bool = False


# The id of the process that determined the program, and the program.
_known: tuple[int, Program] | None = None


# Whether somebody calls `announce` as soon as the program has imported multiprocessing.
_is_watched = False

# The id of a worker process, and its token.
_token: tuple[int, str] | None = None

# Numbers in order of appearance: of all captures of this process, since they may share a log.
next_session = count(1).__next__
"""Return the number of the next session of an analysis object."""
next_activity = count(1).__next__
"""Return the number of the next activity."""
next_object = count(1).__next__
"""Return the number of the next object or state of an object."""


def current_program() -> Program:
    """Return the program of this process, and announce it to future workers."""
    global _known  # noqa: PLW0603
    if _known is None:
        _known = os.getpid(), _from_environment()
        announce()
    process, known = _known
    # A forked process inherits the variable, even if the program has cleared its environment.
    return known if process == os.getpid() else replace(known, is_worker=True)


def mark_described() -> None:
    """Announce to future workers that the log describes the program's environment."""
    global _known  # noqa: PLW0603
    known = replace(current_program(), is_described=True)
    _known = os.getpid(), known
    announce()


def announce_later() -> None:
    """Do not import multiprocessing before the program does; `announce` must be called then."""
    global _is_watched  # noqa: PLW0603
    _is_watched = True


def announce() -> None:
    """Announce the program of this process to future workers."""
    if _known is None:
        return
    program = current_program()
    # The import of multiprocessing takes a tenth of the start of `provlog run`.
    if program.is_worker or (_is_watched and KEYS not in sys.modules):
        return
    described = _DESCRIBED if program.is_described else ""
    words = (_key(), program.id, program.start, str(os.getpid()), described)
    os.environ[_VARIABLE] = ",".join(words)


def _from_environment() -> Program:
    words = os.environ.get(_VARIABLE, "").split(",")
    if len(words) == 5 and words[0] == _key():
        _, id, start, process, described = words
        is_worker = process != str(os.getpid())
        return Program(id, start, int(process), is_worker, described == _DESCRIBED)
    now, own = time_ns(), os.getpid()
    return Program(_digest(_host(), now, own), format_time(now), own, is_worker=False)


def is_child_of_program() -> bool:
    """Return whether the main process of the program has started this process."""
    from multiprocessing.process import parent_process

    program, parent = current_program(), parent_process()
    # A process between them may have forked it, as of the start method `forkserver`.
    starters = {os.getppid(), parent.pid if parent is not None else None}
    return program.is_worker and program.process in starters


def process_token() -> str:
    """Return 16 hexadecimal digits with which the ids of no other process begin.

    In the main process of a program it is the program's id.
    """
    global _token  # noqa: PLW0603
    program, process = current_program(), os.getpid()
    if not program.is_worker:
        return program.id
    if _token is None or _token[0] != process:
        _token = process, _digest(_host(), program.id, time_ns(), process)
    return _token[1]


def _key() -> str:
    from multiprocessing.process import current_process

    return blake2b(bytes(current_process().authkey), digest_size=8).hexdigest()


def _digest(*facts: object) -> str:
    return blake2b(" ".join(map(str, facts)).encode(), digest_size=8).hexdigest()


def _host() -> str:
    # On Windows there is no `uname`.
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
