"""Unwrap JSON lines, as of docker, python-json-logger, structlog, loguru and journald."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import msgspec

from provlog.readers.log.wrappers.lines import (
    Line,
    Unwrap,
    as_one,
    holds_record,
    nonblank,
    split,
    unfit,
)

__all__ = ["MESSAGE_KEYS", "as_text", "decode_object", "detect_json_lines", "detect_json_objects"]

MESSAGE_KEYS = (
    "log", "message", "msg", "event", "text", "MESSAGE", "line", "textPayload", "content",
    "body", "Body", "@message", "Message", "_raw", "jsonPayload", "record", "_source", "data",
)  # fmt: skip
"""The keys under which programs put the line, the most usual first; the value may be an object."""

# loguru repeats the message, after a prefix, in "text".
_LOGURU = ("record", "message")
_RECORD_KEYS = frozenset({"session_id", "activity_id", "entity_id"})
_DEEPEST = 4
_MOST_OBJECTS = 100
_LARGEST_OBJECT = 1 << 20
_decode = msgspec.json.Decoder().decode

Path = tuple[str, ...]


def decode_object(line: str) -> dict[str, Any] | None:
    """Return the JSON object in a line, ``None`` for any other line."""
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = _decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def as_text(value: Any) -> str | None:
    """Return a message as text; journald exports bytes that are not UTF-8 as numbers."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(map(_is_byte, value)):
        return bytes(value).decode("utf-8", "replace")
    return None


def _is_byte(value: Any) -> bool:
    return type(value) is int and 0 <= value < 256


def detect_json_lines(sample: Sequence[str]) -> Unwrap | None:
    """Recognise JSON lines by objects with a member that is a line of a log."""
    filled = nonblank(sample)
    objects = [found for line in filled[:_MOST_OBJECTS] if (found := decode_object(line))]
    if not objects or len(objects) < 0.6 * len(filled[:_MOST_OBJECTS]):
        return None
    path = _message_path(objects)
    return partial(_unwrap, path=path) if path is not None else None


def detect_json_objects(sample: Sequence[str]) -> Unwrap | None:
    """Recognise objects that begin and end with a line of their own, as jq prints them."""
    braces = [line.rstrip() for line in nonblank(sample)]
    is_sequence = braces[:1] == ["{"] and ("}", "{") in pairwise(braces)
    return _unwrap_objects if is_sequence else None


def _unwrap_objects(lines: Iterator[Line]) -> Iterator[Line]:
    held: list[Line] = []
    size = 0
    for line in lines:
        text = line.text.rstrip()
        if text == "{" or (held and size > _LARGEST_OBJECT):
            yield from held
            held, size = [], 0
        if text != "{" and not held:
            yield line
            continue
        held.append(line)
        size += len(text)
        if text == "}":
            yield as_one(held, " ")
            held, size = [], 0
    yield from held


def _message_path(objects: list[dict[str, Any]]) -> Path | None:
    """Return the path to the member with the most markers, or to the usual one."""
    marks = Counter[Path]()
    for found in objects:
        for path, text in _texts(found):
            marks[path] += holds_record(text)
    best = max(marks, key=lambda path: (marks[path], -len(path)), default=None)
    if _LOGURU in marks and best is not None and best[0] == "text":
        return _LOGURU
    if best is not None and marks[best]:
        return best
    if any(not _RECORD_KEYS.isdisjoint(found) for found in objects):
        # The objects themselves are records.
        return None
    usual = [path for path in marks if all(key in MESSAGE_KEYS for key in path)]
    return min(usual, key=lambda path: (len(path), MESSAGE_KEYS.index(path[0])), default=None)


def _texts(found: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, str]]:
    for key, value in found.items():
        if isinstance(value, dict):
            if len(path) + 1 < _DEEPEST:
                yield from _texts(value, (*path, key))
        elif (text := as_text(value)) is not None:
            yield (*path, key), text


def _unwrap(lines: Iterator[Line], path: Path) -> Iterator[Line]:
    """Yield the messages; join docker's pieces of a line up to one that ends in a line feed."""
    pieces: dict[str, list[Line]] = {}
    for line in lines:
        found = decode_object(line.text)
        text = _member(found, path) if found is not None else None
        if found is None or text is None:
            yield line if found is not None else unfit(line)
            continue
        stream = found.get("stream")
        stream = f"{line.stream}{stream}" if isinstance(stream, str) else line.stream
        is_piece = _is_piece(found, path, text)
        held = pieces.setdefault(stream, [])
        held.append(line._replace(text=text, stream=stream))
        if not is_piece:
            del pieces[stream]
            yield from split(as_one(held))
    for held in pieces.values():
        yield from split(as_one(held))


def _member(found: Any, path: Path) -> str | None:
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return as_text(found)


def _is_piece(found: dict[str, Any], path: Path, text: str) -> bool:
    """Return whether a line continues in the next object, as with docker, fluentd and FireLens."""
    partial_message = found.get("partial_message")
    if partial_message is not None:
        return str(partial_message).lower() == "true" and found.get("partial_last") != "true"
    return path == ("log",) and "stream" in found and "time" in found and text[-1:] != "\n"
