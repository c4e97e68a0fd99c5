"""Record lines for the examples of codes."""

from __future__ import annotations

__all__ = ["EVENTS", "end_line", "record_line", "start_line", "time_text"]


def time_text(second: int) -> str:
    """Return a time for an example."""
    return f"2020-01-01T00:00:{second:02}"


def record_line(second: int, **fields: object) -> str:
    """Return a log line with a record."""
    return f"_PROV_{time_text(second)}_PROV_{fields}"


def start_line(second: int, activity: str, name: str) -> str:
    """Return the record of an activity's start."""
    return record_line(second, activity_id=activity, name=name, startTime=time_text(second))


def end_line(second: int, activity: str) -> str:
    """Return the record of an activity's end."""
    return record_line(second, activity_id=activity, endTime=time_text(second))


# A valid record for examples that need one next to the faulty record.
EVENTS = record_line(1, entity_id="e1", name="Events")
