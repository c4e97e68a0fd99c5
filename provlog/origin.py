"""The position of a record in a log."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Origin"]


class Origin(Struct, frozen=True, gc=False):
    """The record that an event comes from: its position, time and session.

    Parameters
    ----------
    file : str
        The name of the log as it was given; ``<stdin>`` for ``-``.
    line, column : int
        Position of the first character of the record's marker, counted from 1;
        columns count characters.
    time : str, optional
        The time of the record as in the log.
    session : str, optional
        The id of the session that the record names (``in_session``).
    tag : str, optional
        The ``session_tag``, ``<activity name>:<session name>``: another way to name
        the session.
    """

    file: str
    line: int
    column: int
    time: str | None = None
    session: str | None = None
    tag: str | None = None
