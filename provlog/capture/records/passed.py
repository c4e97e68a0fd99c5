"""Relate activities to what their code outside of recorded calls passes on.

A script takes results of recorded calls and writes them to a file itself, or passes data that it
made itself to such calls. The log shows both when the script ends: a result that no later call
uses, and an entity that a call uses although nothing has generated it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain

from provlog.capture.records.syntax import statements_in

__all__ = ["Statement", "passed_on"]

Statement = tuple[str, str, str, str]
"""``used`` or ``generated``, the id of an activity, the id of an entity, and the time."""


def passed_on(log: Iterable[bytes], program: str, end: str) -> list[Statement]:
    """Return the statements that follow from the records of a program's run.

    An activity that has generated a file itself has used the results of its direct parts which
    no part used afterwards. An entity that a part used first, although nothing generated it, was
    made around that part: by the enclosing activity if that has read a file itself before, else
    by the program, because the entity may be older than the enclosing activity.

    Parameters
    ----------
    log : iterable of bytes
        The records of the run, of all its processes, in blocks of whole lines.
    program : str
        The id of the program's activity.
    end : str
        The time at which it ended.
    """
    top = program.encode()
    parents: dict[bytes, bytes] = {}
    # The program and its parts.
    inner = {top}
    files: set[bytes] = set()
    generated: set[bytes] = set()
    # When they wrote their first files: a usage must not be later than the end.
    writers: dict[bytes, str] = {}
    readers: set[bytes] = set()
    members: set[bytes] = set()
    # The activity that made an entity unless another one generated it, and the time of its use.
    makers: dict[bytes, tuple[bytes, str]] = {}
    results: dict[bytes, dict[bytes, None]] = defaultdict(dict)
    related: set[tuple[str, bytes, bytes]] = set()
    for kind, id, other, text in chain.from_iterable(map(statements_in, log)):
        if kind == "used":
            outer = parents.get(id, b"")
            related.add((kind, id, other))
            results[outer].pop(other, None)
            if other in files:
                readers.add(id)
            elif outer in inner and other not in makers:
                is_new = outer in readers and other not in members
                makers[other] = (outer, _time(text)) if is_new else (top, end)
        elif kind == "generated":
            related.add((kind, id, other))
            generated.add(other)
            if other in files:
                writers.setdefault(id, min(end, _time(text)))
            else:
                results[parents.get(id, b"")][other] = None
        elif kind == "part":
            parents[id] = other
            if other in inner:
                inner.add(id)
        elif kind == "file":
            files.add(id)
        elif kind == "member":
            members.add(id)
        elif id in writers:
            writers[id] = min(writers[id], _time(text))
    found = [
        ("used", writer, entity, time)
        for writer, time in writers.items()
        for entity in results[writer]
    ]
    found += [
        ("generated", maker, entity, time)
        for entity, (maker, time) in makers.items()
        if entity not in generated and entity not in files
    ]
    return [
        (relation, activity.decode(), entity.decode(), time)
        for relation, activity, entity, time in found
        if (relation, activity, entity) not in related
    ]


def _time(text: bytes) -> str:
    return text.rpartition(b"_")[2].decode()
