"""What the scanner hands to the dialect: one decoded record and its place."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

__all__ = ["Record"]


class Record(Struct):
    """A provenance record as the log has it.

    Parameters
    ----------
    line, column : int
        Position of its marker, counted from 1; columns count bytes.
    time : str, optional
        The time between the markers.
    fields : dict
        The payload: Python values by key.
    """

    line: int
    column: int
    time: str | None
    fields: dict[str, Any]
