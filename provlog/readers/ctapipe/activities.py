"""Translate the activities of a ctapipe log into events.

Each list holds the activities that one process has finished, in the order of their ends. A
process becomes a session with machine and software, as in the log reader. The reader infers
nesting from the times, because ctapipe does not record it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import PurePath
from typing import Any

from msgspec import Struct, field

from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.files.source import Source
from provlog.model.events import (
    ActivityEnded,
    ActivityNested,
    ActivityStarted,
    EntityDescribed,
    EntityGenerated,
    EntityUsed,
    Event,
    LogStarted,
    ParametersSet,
    SessionStarted,
)
from provlog.model.identifiers import attribute_name, digest
from provlog.model.values import date_time, moment
from provlog.origin import Origin
from provlog.readers.ctapipe.files import Files, Version
from provlog.readers.ctapipe.lists import Found, activities
from provlog.readers.ctapipe.reference import maker_of, product_attributes, product_id

__all__ = ["read_ctapipe"]

_ZONE = re.compile(r"(?:Z|[+-]\d\d:\d\d)\Z")
_STATUSES = frozenset({"completed", "interrupted", "error", "success", "running"})
# Keys with an event or an attribute of their own. Other keys become `log:<key>`.
_KNOWN = frozenset({
    "activity_name", "activity_uuid", "status", "start", "stop", "system", "input", "output",
    "config",
})  # fmt: skip


class _File(Struct):
    """An input or an output."""

    url: str
    role: str | None
    meta: dict[str, Any]


class _Activity(Struct):
    """An activity, decoded."""

    fields: dict[str, Any]
    id: str
    process: int
    origin: Origin
    start: str | None
    stop: str | None
    inputs: list[_File]
    outputs: list[_File]
    parent: _Activity | None = None
    session: str = field(default="")

    @property
    def system(self) -> dict[str, Any]:
        return _mapping(self.fields.get("system"))

    @property
    def node(self) -> str:
        return _text(_mapping(self.system.get("platform")).get("node")) or ""

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        if self.start is None or self.stop is None:
            return None
        return moment(self.start), moment(self.stop)


def read_ctapipe(source: Source, report: Report) -> Iterator[Event]:
    """Yield the events of a provenance log of ctapipe.

    Parameters
    ----------
    source : Source
        The opened log.
    report : callable
        Receives the diagnostics as they are found.

    Raises
    ------
    InputError
        If the log cannot be read.
    """
    text = source.read(report).decode(errors="replace")
    found = _unique(activities(text, source.name, report), report)
    if not found:
        return
    yield LogStarted(found[0].origin, digest(found[0].id))
    files = _files(found)
    for process in _processes(found):
        _nest(process)
        yield from _session(process)
        for activity in process:
            yield from _activity(activity, files)


# Decoding


def _unique(found: Iterable[Found], report: Report) -> list[_Activity]:
    """Return each activity once, because every list of a process repeats the earlier ones."""
    by_id: dict[str, _Activity] = {}
    processes: dict[int, int] = {}
    for fields, number, origin in found:
        name = _text(fields.get("activity_uuid"))
        if name is None:
            report(Diagnostic("PL201", origin, "activity without activity_uuid: left out"))
            continue
        known = by_id.get(name)
        # A list that repeats an activity continues the process of an earlier list.
        process = processes.setdefault(number, known.process if known is not None else number)
        if known is None or known.fields != fields:
            by_id[name] = _decoded(fields, name, process, origin)
    return [*by_id.values()]


def _decoded(fields: dict[str, Any], name: str, process: int, origin: Origin) -> _Activity:
    return _Activity(
        fields, name, process, origin, _time(fields.get("start")), _time(fields.get("stop")),
        _entries(fields.get("input")), _entries(fields.get("output")),
    )  # fmt: skip


def _entries(value: object) -> list[_File]:
    """Return inputs or outputs, each once."""
    found: dict[tuple[str, str | None], _File] = {}
    for entry in value if isinstance(value, list) else []:
        url = _text(_mapping(entry).get("url"))
        if url is not None:
            file = _File(url, _text(entry.get("role")), _mapping(entry.get("reference_meta")))
            known = found.setdefault((url, file.role), file)
            known.meta = known.meta or file.meta
    return [*found.values()]


def _time(value: object) -> str | None:
    """Return a time with its zone, which is UTC according to its key."""
    time = date_time(_mapping(value).get("time_utc"))
    return f"{time}Z" if time is not None and _ZONE.search(time) is None else time


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _processes(found: Iterable[_Activity]) -> list[list[_Activity]]:
    processes: dict[int, list[_Activity]] = {}
    for activity in found:
        processes.setdefault(activity.process, []).append(activity)
    for process in processes.values():
        for activity in process:
            activity.session = process[0].id
            activity.origin = Origin(
                activity.origin.file, activity.origin.line, activity.origin.column,
                session=activity.session,
            )  # fmt: skip
    return [*processes.values()]


def _files(found: Iterable[_Activity]) -> Files:
    def versions() -> Iterator[tuple[str, str, Version]]:
        for activity in found:
            for output in activity.outputs:
                version = _version(activity, output)
                if version is not None:
                    yield activity.node, output.url, version

    files = Files(versions())
    for activity in found:
        span = activity.span
        for input in activity.inputs:
            if span is not None and product_id(input.meta) is None:
                files.read_at(activity.node, input.url, span[0])
    return files


def _version(activity: _Activity, output: _File) -> Version | None:
    span = activity.span
    if span is None:
        return None
    return Version(span[1], span[0], activity.id, product_id(output.meta))


def _nest(process: Iterable[_Activity]) -> None:
    """Infer the outer activity of each activity from the times; inner activities end first."""
    open_: list[_Activity] = []
    for activity in process:
        while open_ and _is_within(open_[-1], activity):
            open_.pop().parent = activity
        open_.append(activity)


def _is_within(inner: _Activity, outer: _Activity) -> bool:
    """Return whether an activity must have run within one that ended later.

    Times have a resolution of one millisecond. An activity that ended in the millisecond in
    which the other one started may have run before it.
    """
    if inner.span is None or outer.span is None:
        return False
    (start, end), (outer_start, outer_end) = inner.span, outer.span
    return outer_start <= start and end <= outer_end and end > outer_start


# Events


def _session(process: list[_Activity]) -> Iterator[Event]:
    first = process[0]
    starts = [activity.start for activity in process if activity.start is not None]
    start = min(starts, key=moment, default=None)
    described: dict[str, Any] = {}
    for activity in process:
        system = _described(activity.system)
        if not system or system == described:
            continue
        attributes: dict[str, Any] = {"log:system": system}
        if not described:
            attributes["prov:label"] = _program(activity)
            if version := _text(system.get("ctapipe_version")):
                attributes["log:software_version"] = f"ctapipe {version}"
        described = system
        yield SessionStarted(activity.origin, first.session, start, _user(activity), attributes)
    if not described:
        yield SessionStarted(first.origin, first.session, start, None, {})


def _described(system: dict[str, Any]) -> dict[str, Any]:
    """Return the machine and the software in the form of the log reader."""
    described = {key: value for key, value in system.items() if key != "start_time_utc"}
    python = dict(_mapping(system.get("python")))
    if isinstance(version := python.get("version"), list):
        python["version"] = ".".join(map(str, version))
    packages: dict[str, str] = {}
    listed = python.pop("packages", None)
    for package in listed if isinstance(listed, list) else []:
        name, version = _mapping(package).get("name"), _mapping(package).get("version")
        # A package may be installed in several folders of the path.
        key = str(name)
        packages[key] = f"{packages[key]}, {version}" if key in packages else str(version)
    if python:
        described["python"] = python
    if packages:
        described["packages"] = packages
    return described


def _program(activity: _Activity) -> str:
    arguments = activity.system.get("arguments")
    program = str(arguments[0]) if isinstance(arguments, list) and arguments else ""
    return PurePath(program).name or _name(activity)


def _user(activity: _Activity) -> str | None:
    return _text(_mapping(activity.system.get("environment")).get("USER"))


def _name(activity: _Activity) -> str:
    return _text(activity.fields.get("activity_name")) or activity.id


def _activity(activity: _Activity, files: Files) -> Iterator[Event]:
    origin, fields = activity.origin, activity.fields
    attributes = {"prov:label": _name(activity)}
    yield ActivityStarted(origin, activity.id, activity.start, _user(activity), attributes)
    if config := _mapping(fields.get("config")):
        yield ParametersSet(origin, activity.id, dict(_parameters(config)))
    span = activity.span
    for input in activity.inputs:
        entity = product_id(input.meta)
        if entity is None:
            entity = files.used(activity.node, input.url, span[0] if span else None)
        yield from _described_file(activity, entity, input)
        yield EntityUsed(origin, activity.id, entity, input.role)
        if (maker := maker_of(entity, input.meta, origin)) is not None:
            yield maker
    for output in activity.outputs:
        version = _version(activity, output)
        entity = product_id(output.meta)
        if entity is None:
            entity = (
                files.generated(activity.node, output.url, version)
                if version is not None
                else files.used(activity.node, output.url, None)
            )
        yield from _described_file(activity, entity, output)
        yield EntityGenerated(origin, activity.id, entity, output.role)
    if activity.parent is not None:
        yield ActivityNested(origin, activity.id, activity.parent.id)
    yield from _ended(activity)


def _described_file(activity: _Activity, entity: str, file: _File) -> Iterator[Event]:
    attributes = {
        "prov:label": PurePath(file.url).name or file.url,
        "prov:type": "File",
        "prov:location": file.url,
        **product_attributes(file.meta),
    }
    yield EntityDescribed(activity.origin, entity, attributes, activity.id)


def _ended(activity: _Activity) -> Iterator[Event]:
    fields = activity.fields
    attributes = {
        attribute_name("log", key): value for key, value in fields.items() if key not in _KNOWN
    }
    for key, time in (("start", activity.start), ("stop", activity.stop)):
        if rest := _besides_time(fields.get(key), time):
            attributes[f"log:{key}"] = rest
    status = _text(fields.get("status"))
    if status is not None:
        # `with Provenance().activity(name)` writes the name instead of a status, only on success.
        is_name = status == fields.get("activity_name") and status not in _STATUSES
        attributes["log:status"] = "completed" if is_name else status
    if activity.parent is not None:
        attributes["provlog:inferred"] = "provone:wasPartOf, from the times of the activities"
    yield ActivityEnded(activity.origin, activity.id, activity.stop, attributes)


def _besides_time(value: object, time: str | None) -> object:
    """Return what a start or stop holds besides its time: memory and processor time in 2017."""
    if time is None:
        return value
    return {key: held for key, held in _mapping(value).items() if key != "time_utc"}


def _parameters(config: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the configuration with dotted names, in which components have the names of classes."""
    pending = [("", config)]
    while pending:
        prefix, part = pending.pop()
        for key, value in part.items():
            if isinstance(value, dict) and value and key[:1].isupper():
                pending.append((f"{prefix}{key}.", value))
            else:
                yield prefix + key, value
