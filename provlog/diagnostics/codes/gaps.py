"""Codes of gaps that make provenance useless later: ``PL5..``."""

from __future__ import annotations

from provlog.diagnostics.codes.code import Code
from provlog.diagnostics.codes.examples import end_line, record_line, start_line, time_text
from provlog.diagnostics.severity import Severity

__all__ = ["GAP_CODES"]

GAP_CODES: dict[str, Code] = {
    "PL501": Code(
        Severity.WARNING,
        "activity without an end",
        (start_line(1, "a1", "fit"),),
        "No record states that the activity ended: it raised an exception, was killed, or is "
        "still running.",
        "Read the log after the last record of the activity. Make the program log the end, with a "
        "status, in a finally clause.",
    ),
    "PL502": Code(
        Severity.WARNING,
        "input without a description",
        (
            start_line(1, "a1", "fit"),
            record_line(2, activity_id="a1", used_id="e1"),
            end_line(2, "a1"),
        ),
        "An activity used an entity that no activity generated and no record describes: only its "
        "id is known.",
        "Log a record with its entity_id and its name, type and location. If another log "
        "generates it, check both together.",
    ),
    "PL503": Code(
        Severity.WARNING,
        "parameter that holds the address of a Python object",
        (
            start_line(1, "a1", "fit"),
            record_line(
                1, activity_id="a1", parameters={"model": "<PowerLaw object at 0x7f3a2c1d5e80>"}
            ),
            end_line(2, "a1"),
        ),
        "The value of a parameter is the memory address of a Python object, which means nothing "
        "after the process has ended. Reported once for each activity name and parameter.",
        "Log the content of the object, such as its to_dict(), or give its class a __repr__.",
    ),
    "PL504": Code(
        Severity.NOTE,
        "id that changes from run to run",
        (record_line(1, entity_id=139887342083712, name="Events"),),
        "An id is the memory address of a Python object or the hash that Python derives from it; "
        "or, if several sessions are checked together, a file has a different id in each. The "
        "same thing cannot be recognised in another run. Reported once for each session, and "
        "once for each file.",
        "Identify a file by the hash of its content, and other things by an id that is stored, "
        "such as a UUID; do not use id() or hash().",
    ),
    "PL505": Code(
        Severity.WARNING,
        "activity that is part of itself",
        (
            record_line(1, activity_id="a1", name="fit", startTime=time_text(1), in_activity="a2"),
            record_line(2, activity_id="a2", name="step", startTime=time_text(2), in_activity="a1"),
            end_line(3, "a2"),
            end_line(4, "a1"),
        ),
        "An activity ran within itself, directly or through other activities, so it is unknown "
        "which one called which. The place is the record that closes the cycle.",
        "Give each call an id of its own, such as a UUID: short random ids collide.",
    ),
}
"""Codes of gaps."""
