"""Codes of single records and of records that contradict each other: ``PL1..`` to ``PL3..``."""

from __future__ import annotations

from provlog.diagnostics.codes.code import Code
from provlog.diagnostics.codes.examples import EVENTS, end_line, record_line, start_line, time_text
from provlog.diagnostics.severity import Severity

__all__ = ["RECORD_CODES"]

RECORD_CODES: dict[str, Code] = {
    "PL101": Code(
        Severity.WARNING,
        "record with a missing closing bracket",
        ("_PROV_2020-01-01T00:00:01_PROV_{'entity_id': 'e1', 'name': 'Events'",),
        "The record ends before all its brackets are closed. provlog supplied the missing ones.",
        "Nothing is lost. Check what printed or copied the log: it may cut lines.",
    ),
    "PL102": Code(
        Severity.WARNING,
        "truncated record",
        ("_PROV_2020-01-01T00:00:01_PROV_{'entity_id': 'e1', 'name': 'Events', 'type': 'Fi",),
        "The record ends within a value. provlog kept the complete fields and dropped the rest.",
        "Find out what cut the log: a crash, a full disk, a limit on the length of lines.",
    ),
    "PL103": Code(
        Severity.WARNING,
        "record lost except for its timestamp",
        (EVENTS, "_PROV_2020-01-01T00:00:02_PROV_"),
        "The marker and the time of a record are present, but its payload is missing.",
        "Find out what cut the log: a crash, a full disk, a console or an export that breaks "
        "lines.",
    ),
    "PL104": Code(
        Severity.ERROR,
        "record with an unreadable payload",
        (EVENTS, "_PROV_2020-01-01T00:00:02_PROV_{[1], [2]}"),
        "The text after the marker is neither the repr of a Python dict nor JSON. provlog skipped "
        "the record.",
        "Make the program log the repr of a dict, or JSON.",
    ),
    "PL105": Code(
        Severity.ERROR,
        "record longer than the limit",
        (
            EVENTS,
            "_PROV_2020-01-01T00:00:02_PROV_{'entity_id': 'e2', 'value': '... 2 MiB ...'}",
        ),
        "The record is longer than 1 MiB. provlog skipped it.",
        "Write data to a file, and log the path of the file.",
    ),
    "PL106": Code(
        Severity.ERROR,
        "record nested deeper than the limit",
        (
            EVENTS,
            "_PROV_2020-01-01T00:00:02_PROV_{'entity_id': 'e2', 'value': [[[[ ... ]]]]}",
        ),
        "The values of the record are nested deeper than 200 levels. provlog skipped it.",
        "Log a summary of the value instead of the value itself.",
    ),
    "PL107": Code(
        Severity.NOTE,
        "text after a marker",
        (EVENTS, "_PROV_The entity is a file that was not found"),
        "A marker is followed by plain text instead of a record. Nothing is lost.",
        "Log messages without the marker.",
    ),
    "PL108": Code(
        Severity.WARNING,
        "string with an unescaped quote",
        ("_PROV_2020-01-01T00:00:01_PROV_{'entity_id': 'e1', 'name': 'Kepler's', 'type': 'File'}",),
        "A quote within a string lacks its backslash. provlog ended the string at the quote that "
        "is followed by a key or by the end of the record.",
        "Make the program log the repr of the dict, or JSON, instead of formatting the text "
        "itself.",
    ),
    "PL109": Code(
        Severity.WARNING,
        "line break of unknown origin in a record",
        ("_PROV_2020-01-01T00:00:01_PROV_{'entity_id': 'e1', 'name': 'dl1 tab", "le'}"),
        "A line ends within a value. The width of the lines does not show whether a terminal broke "
        "it anywhere, a program broke it at a blank and removed the blank, the value has a line "
        "break there, or another program wrote into the record. provlog joined the lines "
        "in the likeliest way.",
        "Compare the value with the original log, or read that log instead.",
    ),
    "PL110": Code(
        Severity.WARNING,
        "text of another program in a record",
        (
            record_line(0, entity_id="e0", name="Events", type="File", location="/data/e0.fits"),
            "_PROV_2020-01-01T00:00:01_PROV_{'entity_id': 'e1', 'name': 'Crab nebWARNING: bad data",
            "ula', 'type': 'File'}",
        ),
        "A line ends within a value although its next word had room: other records have longer "
        "lines. So another program wrote into the record. provlog left out the value, or the "
        "record if the value is an id. It did the same with a value or a key beside words like "
        "those of a warning or a progress bar; within a string, a progress bar stays. Or a line "
        "begins like one of another program, or lacks the indent of the other lines: provlog left "
        "out the line. In a log without markers, such text within the first key hides the record.",
        "Log to a file, or to an output that no other program uses.",
    ),
    "PL111": Code(
        Severity.NOTE,
        "blanks at line breaks",
        (
            "INFO     _PROV_2020-01-01T00:00:01_PROV_{'entity_id':  run.py:12",
            "         'e1', 'type': 'File', 'name': 'the dl1 table            ",
            "         of one night'}                                          ",
        ),
        "A program such as rich wrapped the log: it broke values at blanks and removed these. "
        "provlog puts one blank there, although there may have been several, or none where a word "
        "fills the line. It reports this once for each log.",
        "Read the log from before it was wrapped if several blanks matter.",
    ),
    "PL201": Code(
        Severity.WARNING,
        "record without a known id",
        (EVENTS, record_line(2, name="Events")),
        "The record has no session_id, activity_id or entity_id, so it cannot be assigned to "
        "anything. provlog skipped it.",
        "Log the id in the record; docs/mapping.md lists all keys.",
    ),
    "PL202": Code(
        Severity.WARNING,
        "invalid time",
        (
            record_line(1, activity_id="a1", name="fit", startTime="yesterday"),
            end_line(2, "a1"),
        ),
        "A start or end time is not a valid ISO 8601 date and time. provlog kept it as "
        "log:startTime or log:endTime, and the activity has no such time in PROV.",
        "Log datetime.isoformat().",
    ),
    "PL301": Code(
        Severity.WARNING,
        "activity id used again for another activity",
        (
            start_line(1, "a1", "fit"),
            end_line(2, "a1"),
            start_line(3, "a1", "fit"),
            end_line(4, "a1"),
        ),
        "An activity starts a second time, at a different instant. provlog made it another "
        "activity, with the suffix .2 in its name.",
        "Give every activity an id of its own, such as a UUID: short random ids collide.",
    ),
    "PL302": Code(
        Severity.WARNING,
        "activity with more than one end",
        (start_line(1, "a1", "fit"), end_line(2, "a1"), end_line(3, "a1")),
        "An activity ends a second time, at a different instant. The first end counts; provlog "
        "kept the other one as log:endTime.",
        "Log one end, when the activity is over.",
    ),
    "PL303": Code(
        Severity.NOTE,
        "session or activity with more than one start",
        (
            record_line(1, session_id="s1", name="Analysis", startTime=time_text(1)),
            record_line(2, session_id="s1", name="Analysis", startTime=time_text(2)),
        ),
        "A session is described several times, with different starts; the earliest counts. Or two "
        "documents give one activity different starts; the first one counts. provlog kept the "
        "others as log:startTime.",
        "If it is one session, do nothing. Give two sessions two ids.",
    ),
    "PL304": Code(
        Severity.NOTE,
        "entity with more than one value",
        (
            record_line(1, entity_id="e1", name="Index", value=2.1),
            record_line(2, entity_id="e1", name="Index", value=2.3),
        ),
        "An entity has two values, but PROV allows one. The first counts; provlog kept the other "
        "one as log:value.",
        "Give the changed entity another id.",
    ),
}
"""Codes of records."""
