"""Each code with an example, what it means, and what to do about it.

``provlog check --explain``, the page ``docs/diagnostics.md`` and the rules of a
SARIF file all say what stands here.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from provlog.diagnostics.codes import CODES

__all__ = ["EXPLANATIONS", "Explanation", "explained"]

_WIDTH = 96


class Explanation(NamedTuple):
    """What is behind a code.

    Parameters
    ----------
    example : tuple of str
        Lines of a log on which the code and no other one is reported.
    meaning : str
        What is wrong, and what was done about it.
    remedy : str
        What the owner of the log can do.
    """

    example: tuple[str, ...]
    meaning: str
    remedy: str


def explained(codes: Iterable[str]) -> Iterator[str]:
    """Yield the explanation of each code, in Markdown that can be read in a terminal.

    Parameters
    ----------
    codes : iterable of str
        Keys of :data:`~provlog.diagnostics.codes.CODES`.

    Examples
    --------
    >>> print(next(explained(["PL103"])))
    ### PL103: record lost but for its marker
    <BLANKLINE>
        _PROV_2020-01-01T00:00:01_PROV_{'entity_id': 'e1', 'name': 'Events'}
        _PROV_2020-01-01T00:00:02_PROV_
    <BLANKLINE>
    A warning. The marker and the time of a record are there, but nothing of what it said.
    <BLANKLINE>
    *What to do:* Find out what cut the log: a crash, a full disk, a console or an export that
    breaks lines.
    <BLANKLINE>
    """
    for code in codes:
        severity, title = CODES[code]
        example, meaning, remedy = EXPLANATIONS[code]
        article = "An" if severity.value == "error" else "A"
        yield "\n".join(
            [
                f"### {code}: {title}",
                "",
                *(f"    {line}" for line in example),
                "",
                textwrap.fill(f"{article} {severity.value}. {meaning}", _WIDTH),
                "",
                textwrap.fill(f"*What to do:* {remedy}", _WIDTH),
                "",
            ]
        )


def _record(second: int, **fields: object) -> str:
    return f"_PROV_{_time(second)}_PROV_{fields}"


def _start(second: int, activity: str, name: str) -> str:
    return _record(second, activity_id=activity, name=name, startTime=_time(second))


def _end(second: int, activity: str) -> str:
    return _record(second, activity_id=activity, endTime=_time(second))


def _time(second: int) -> str:
    return f"2020-01-01T00:00:{second:02}"


# A good record, where there has to be one.
_EVENTS = _record(1, entity_id="e1", name="Events")

EXPLANATIONS: dict[str, Explanation] = {
    "PL001": Explanation(
        (
            "$ head -c 1000 run.log.gz > cut.log.gz",
            "$ provlog check cut.log.gz",
        ),
        "The data that gzip, bzip2, xz or zstd compressed are damaged, or end too early. What "
        "came before is kept.",
        "Copy the log again, or compress it again; a log that is still being compressed is read "
        "when that is done.",
    ),
    "PL002": Explanation(
        ("2020-01-01 00:00:01 INFO: reading events",),
        "There is no marker of a provenance record in the whole log.",
        "Leave this file out. If it should hold provenance, look whether the logger of the "
        "records is switched on and writes to this file.",
    ),
    "PL003": Explanation(
        ("$ provlog check absent.log",),
        "There is no such file, or it is not allowed to read it, or a pattern fits no file. The "
        "other logs are read.",
        "Correct the name, or the permissions.",
    ),
    "PL004": Explanation(
        ("$ provlog batch logs/ -d /full/disk",),
        "The document of a log cannot be written. That of the others are.",
        "Make room, or correct the permissions, and run the batch again: what is done stays done.",
    ),
    "PL005": Explanation(
        ("$ provlog batch logs/ -d out/ --jobs 4",),
        "The process that read a log ended without a word: it was killed, or the memory did not "
        "suffice. The other logs are read.",
        "Run this log alone, with more memory or fewer processes at a time.",
    ),
    "PL006": Explanation(
        ("$ provlog batch logs/ -d out/",),
        "Reading a log met a defect of provlog. The other logs are read.",
        "Please report it, with the log or the lines that the message names.",
    ),
    "PL007": Explanation(
        ("$ : > logs/run.log", "$ provlog batch logs/ -d out/"),
        "A log holds no record any more, but a document that was made of it, or of another log of "
        "that name, is there. It is kept.",
        "Find out what emptied the log, or remove the document.",
    ),
    "PL101": Explanation(
        ("_PROV_2020-01-01T00:00:01_PROV_{'entity_id': 'e1', 'name': 'Events'",),
        "A bracket that was opened is not closed where the record ends. It was supplied.",
        "Nothing is lost. Look at what printed or copied the log: its lines may be cut.",
    ),
    "PL102": Explanation(
        ("_PROV_2020-01-01T00:00:01_PROV_{'entity_id': 'e1', 'name': 'Events', 'type': 'Fi",),
        "A record ends within a value. What is complete in it is kept, the rest is dropped.",
        "Find out what cut the log: a crash, a full disk, a limit for the length of lines.",
    ),
    "PL103": Explanation(
        (
            _EVENTS,
            "_PROV_2020-01-01T00:00:02_PROV_",
        ),
        "The marker and the time of a record are there, but nothing of what it said.",
        "Find out what cut the log: a crash, a full disk, a console or an export that breaks "
        "lines.",
    ),
    "PL104": Explanation(
        (
            _EVENTS,
            "_PROV_2020-01-01T00:00:02_PROV_{[1], [2]}",
        ),
        "What follows the marker is neither the text of a Python dict nor JSON. The record is "
        "left out.",
        "Let the program log the repr of a dict, or JSON.",
    ),
    "PL105": Explanation(
        (
            _EVENTS,
            "_PROV_2020-01-01T00:00:02_PROV_{'entity_id': 'e2', 'value': '... 2 MiB ...'}",
        ),
        "A record is longer than 1 MiB. It is left out.",
        "Do not log data: write them to a file, and log its path.",
    ),
    "PL106": Explanation(
        (
            _EVENTS,
            "_PROV_2020-01-01T00:00:02_PROV_{'entity_id': 'e2', 'value': [[[[ ... ]]]]}",
        ),
        "The values of a record are nested deeper than 200 levels. It is left out.",
        "Log what a person would want to know of the value, not the value.",
    ),
    "PL107": Explanation(
        (
            _EVENTS,
            "_PROV_The entity is a file that was not found",
        ),
        "A marker is followed by prose. That is no record, and nothing is lost.",
        "Log messages without the marker.",
    ),
    "PL108": Explanation(
        ("_PROV_2020-01-01T00:00:01_PROV_{'entity_id': 'e1', 'name': 'Kepler's', 'type': 'File'}",),
        "A quote within a string has no backslash before it. The string was taken to end where a "
        "key or the record's end follows.",
        "Let the program log the repr of the dict, or JSON, instead of putting the text together.",
    ),
    "PL201": Explanation(
        (
            _EVENTS,
            _record(2, name="Events"),
        ),
        "A record has no session_id, activity_id or entity_id: it says nothing of anything. It is"
        " left out.",
        "Log the id with it; docs/mapping.md lists all keys.",
    ),
    "PL202": Explanation(
        (
            _record(1, activity_id="a1", name="fit", startTime="yesterday"),
            _end(2, "a1"),
        ),
        "A start or an end is no ISO 8601 date and time. It is kept as log:startTime or "
        "log:endTime, and the activity has none in PROV.",
        "Log datetime.isoformat().",
    ),
    "PL301": Explanation(
        (
            _start(1, "a1", "fit"),
            _end(2, "a1"),
            _start(3, "a1", "fit"),
            _end(4, "a1"),
        ),
        "An activity starts a second time, at another time. It was taken for another activity, "
        "with the suffix .2 in its name.",
        "Give every run of an activity an id of its own, such as a UUID: short random ids collide.",
    ),
    "PL302": Explanation(
        (
            _start(1, "a1", "fit"),
            _end(2, "a1"),
            _end(3, "a1"),
        ),
        "An activity ends a second time, at another time. The first end counts, the other one is "
        "kept as log:endTime.",
        "Log one end, when the activity is over.",
    ),
    "PL303": Explanation(
        (
            _record(1, session_id="s1", name="Analysis", startTime="2020-01-01T00:00:01"),
            _record(2, session_id="s1", name="Analysis", startTime="2020-01-01T00:00:02"),
        ),
        "A session is described several times, with several starts. The earliest counts, the "
        "others are kept as log:startTime.",
        "Nothing, if it is one session; give two sessions two ids.",
    ),
    "PL304": Explanation(
        (
            _record(1, entity_id="e1", name="Index", value=2.1),
            _record(2, entity_id="e1", name="Index", value=2.3),
        ),
        "An entity has two values, but PROV allows one. The first counts, the other one is kept "
        "as log:value.",
        "What has changed is another entity: give it another id.",
    ),
    "PL401": Explanation(
        (
            _start(9, "a1", "fit"),
            _record(9, activity_id="a1", endTime="2020-01-01T00:00:02"),
        ),
        "The end of an activity is earlier than its start (PROV-CONSTRAINTS, constraint 30). "
        "Times are compared if both have a zone or neither has one.",
        "Take both times from one clock and in one zone, best in UTC.",
    ),
    "PL402": Explanation(
        (
            _start(1, "a1", "fit"),
            _end(2, "a1"),
            _record(9, entity_id="e1", name="Events"),
            _record(9, activity_id="a1", used_id="e1"),
        ),
        "A use was recorded before its activity started, or behind the record of its end and "
        "after that end (PROV-CONSTRAINTS, constraint 33). What is written before the record of "
        "the end counts as within, however late it was written.",
        "Log the use before the end. Look whether it is an activity of its own, or carries the id"
        " of another one.",
    ),
    "PL403": Explanation(
        (
            _start(5, "a1", "fit"),
            _record(2, activity_id="a1", generated_id="e1"),
            _end(6, "a1"),
        ),
        "A generation was recorded before its activity started (PROV-CONSTRAINTS, constraint 34).",
        "Look whether it is of another activity, and whether the clocks of two machines agree.",
    ),
    "PL404": Explanation(
        (
            _start(1, "a1", "fit"),
            _record(2, activity_id="a1", used_id="e1"),
            _end(2, "a1"),
            _start(3, "a2", "reduce"),
            _record(4, activity_id="a2", generated_id="e1"),
            _end(4, "a2"),
        ),
        "An activity used an entity before the activity that generates it had started (PROV-"
        "CONSTRAINTS, constraint 37): the lineage of the result is wrong. The use happened when "
        "its activity ended or its record was written, at the latest.",
        "Often a file is written anew under the id of the old one: give each version an id of its"
        " own, such as the hash of its content.",
    ),
    "PL405": Explanation(
        (
            _start(1, "a1", "reduce"),
            _record(2, activity_id="a1", generated_id="e1"),
            _end(2, "a1"),
            _start(3, "a2", "reduce"),
            _record(4, activity_id="a2", generated_id="e1"),
            _end(4, "a2"),
        ),
        "Several activities generate an entity. PROV-CONSTRAINTS allows that only in one and the "
        "same instant (constraint 39): nobody can tell which of them made what was used later. "
        "Objects in memory may be made again: two calls that return 42 return the same.",
        "Give each version of a file an id of its own, such as the hash of its content, not of "
        "its path; let an activity that changes a file generate a new entity, derived from the "
        "old one.",
    ),
    "PL406": Explanation(
        (
            _record(1, entity_id="e2", progenitor_id="e1"),
            _record(2, entity_id="e1", progenitor_id="e2"),
        ),
        "An entity comes from itself, over one derivation or several (PROV-CONSTRAINTS, "
        "constraint 42). The place is the derivation that closes the circle.",
        "Give each version of an entity an id of its own.",
    ),
    "PL407": Explanation(
        (
            _start(1, "x1", "fit"),
            _end(2, "x1"),
            _record(3, entity_id="x1", name="FitResult"),
        ),
        "In one session, or in one log without sessions, an entity has the id of an activity or "
        "of the session (PROV-CONSTRAINTS, constraint 55). In documents they have different "
        "names.",
        "Let the ids say what they are ids of, or use UUIDs.",
    ),
    "PL501": Explanation(
        (_start(1, "a1", "fit"),),
        "No record says that an activity ended: it raised an exception, was killed, or is still "
        "running.",
        "Look into the log behind its last record. Let the program log the end, with a status, in"
        " a finally clause.",
    ),
    "PL502": Explanation(
        (
            _start(1, "a1", "fit"),
            _record(2, activity_id="a1", used_id="e1"),
            _end(2, "a1"),
        ),
        "An activity used something that nothing here generated, and no record describes: nobody "
        "will know what it was.",
        "Log a record with its entity_id and its name, type and location. If another log "
        "generates it, check both together.",
    ),
    "PL503": Explanation(
        (
            _start(1, "a1", "fit"),
            _record(
                1, activity_id="a1", parameters={"model": "<PowerLaw object at 0x7f3a2c1d5e80>"}
            ),
            _end(2, "a1"),
        ),
        "The value of a parameter is where in memory a Python object was: it says nothing of the "
        "object once the process has ended. It is told once for each activity name and parameter.",
        "Log what makes the object what it is, such as its to_dict(), or give its class a "
        "__repr__.",
    ),
    "PL504": Explanation(
        (_record(1, entity_id=139887342083712, name="Events"),),
        "An id is the address of a Python object, or the hash that Python makes of one; or, where"
        " several sessions are checked together, a file has another id in each. What is the same "
        "cannot be recognised as the same in another run. It is told once for each session, and "
        "once for each file.",
        "Take the hash of the content for the id of a file, and for other things an id that is "
        "made once and kept, such as a UUID; do not use id() or hash().",
    ),
    "PL505": Explanation(
        (
            _record(1, activity_id="a1", name="fit", startTime=_time(1), in_activity="a2"),
            _record(2, activity_id="a2", name="step", startTime=_time(2), in_activity="a1"),
            _end(3, "a2"),
            _end(4, "a1"),
        ),
        "An activity ran within itself, over one call or several: nobody can tell which of them "
        "called which. The place is the record that closes the circle.",
        "Give each call an id of its own, such as a UUID: a short random one is given twice.",
    ),
}
"""An explanation for every code."""
