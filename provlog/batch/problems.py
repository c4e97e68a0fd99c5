"""The diagnostics of logs that cannot be processed, which must not stop the others."""

from __future__ import annotations

from provlog.diagnostics.diagnostic import Diagnostic, unreadable
from provlog.errors import InputError, OutputError, ProvlogError
from provlog.origin import Origin
from provlog.urls import shown

__all__ = ["died", "problem_of", "without"]


def problem_of(error: Exception, name: str, path: str) -> Diagnostic:
    """Return the diagnostic of an error.

    Parameters
    ----------
    error : Exception
        Any error, also one of provlog itself.
    name : str
        The name of the log in messages.
    path : str
        The path or URL of the log.
    """
    if isinstance(error, InputError):
        return unreadable(name, without(path, error))
    place = Origin(name, 1, 1)
    if isinstance(error, OutputError):
        return Diagnostic("PL004", place, str(error))
    if isinstance(error, MemoryError):
        return Diagnostic("PL005", place, "not enough memory for this log")
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    message = f"provlog itself failed, please report it together with this log: {what}"
    return Diagnostic("PL006", place, message)


def without(path: str, error: ProvlogError) -> str:
    """Return the message of an error without the path at its beginning."""
    return str(error).removeprefix(f"{shown(path)}: ")


def died(name: str, work: str) -> Diagnostic:
    """Return the diagnostic of a log whose worker died twice.

    Parameters
    ----------
    name : str
        The name of the log in messages.
    work : str
        What the worker did with the log, such as ``converted``.
    """
    message = (
        f"the process that {work} this log died, and died again when it had only this log: "
        "is there enough memory?"
    )
    return Diagnostic("PL005", Origin(name, 1, 1), message)
