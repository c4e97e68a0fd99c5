"""Unwrap logs within one JSON document: notebooks, responses of Loki and of cloud services."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import msgspec

from provlog.patterns import regex
from provlog.readers.log.wrappers.json_lines import MESSAGE_KEYS, as_text
from provlog.readers.log.wrappers.lines import Line, Unwrap, holds_record

__all__ = ["detect_document"]

_BEGINNING = regex(r'\s*(?:\[\s*)?\{\s*(?:"[^"\n]*"\s*:|\Z)|\s*\[\s*(?:"|\Z)')
_RECORD = regex(r"""\s*\[?\s*\{\s*['"](?:session_id|activity_id|entity_id)['"]""")
_TIMES = ("timestamp", "@timestamp", "time", "ts", "date")
_DEEPEST = 40
_LARGEST_DOCUMENT = 1 << 28
# The length of a text that is searched to find its line.
_LONGEST_SOUGHT = 120
_MOST_MISSES = 20

Path = tuple[str | int, ...]


def detect_document(sample: Sequence[str]) -> Unwrap | None:
    """Recognise a JSON document by its beginning."""
    beginning = "\n".join(sample[:50])[:4096]
    if _BEGINNING.match(beginning) is None or _RECORD.match(beginning) is not None:
        return None
    return _unwrap


def _unwrap(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield the lines of the texts in a document; unchanged lines if it is not JSON."""
    held = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line.text)
        if size > _LARGEST_DOCUMENT:
            yield from held
            yield from lines
            return
    text = "\n".join(line.text for line in held)
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        yield from held
        return
    found = _notebook(document) if _is_notebook(document) else _messages(document)
    numbers = _Numbers(text)
    for message, stream in found:
        number = held[min(numbers.of(message), len(held)) - 1].number
        for offset, part in enumerate(message.removesuffix("\n").split("\n")):
            yield Line(number + offset * numbers.one_a_line, part, stream)


class _Numbers:
    """Finder of the lines of texts in a document, which are usually requested in order."""

    def __init__(self, document: str) -> None:
        self._document = document
        self._at = 0
        self._number = 1
        self._misses = 0
        self.one_a_line = False

    def of(self, text: str) -> int:
        """Return the number of the line on which a text begins, or of the previous text."""
        if self._misses >= _MOST_MISSES:
            return self._number
        first, _, rest = text.partition("\n")
        first = first[:_LONGEST_SOUGHT]
        for ascii_only in (False, True):
            sought = json.dumps(first, ensure_ascii=ascii_only)[:-1]
            at = self._document.find(sought, self._at)
            if at >= 0:
                self._number += self._document.count("\n", self._at, at)
                self._at = at
                # In a notebook, each line of a text is on a line of its own.
                behind = self._document[at + len(sought) : at + len(sought) + 4]
                self.one_a_line = bool(rest) and behind.startswith('\\n",')
                return self._number
        self._misses += 1
        return self._number


def _is_notebook(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("cells"), list)


def _notebook(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the outputs of a notebook; an output continues the last one with the same name."""
    for cell in document["cells"]:
        texts: dict[str, str] = {}
        outputs = cell.get("outputs") if isinstance(cell, dict) else None
        for output in outputs if isinstance(outputs, list) else []:
            if not isinstance(output, dict):
                continue
            data = output.get("data")
            text = output.get("text", data.get("text/plain") if isinstance(data, dict) else None)
            text = "".join(filter(_is_text, text)) if isinstance(text, list) else text
            if isinstance(text, str):
                name = str(output.get("name", ""))
                texts[name] = texts.get(name, "") + text
        for name, text in texts.items():
            yield text, name


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _messages(document: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts of the members that hold records, the oldest first."""
    texts = list(_texts(document, (), 0))
    marked = {path for path, text in texts if holds_record(text)}
    if not marked:
        marked = {path for path, _ in texts if path and path[-1] in MESSAGE_KEYS}
    for path, text in texts:
        if path in marked:
            yield text, ""


def _texts(value: Any, path: Path, depth: int) -> Iterator[tuple[Path, str]]:
    text = as_text(value)
    if text is not None:
        yield path, text
    elif isinstance(value, dict) and depth < _DEEPEST:
        yield from chain.from_iterable(
            _texts(item, (*path, key), depth + 1) for key, item in value.items()
        )
    elif isinstance(value, list) and depth < _DEEPEST:
        # The members of a pair such as Loki's [time, line] have their own paths.
        is_pair = bool(path) and path[-1] == "[]"
        items = reversed(value) if _is_newest_first(value) else value
        for index, item in enumerate(items):
            yield from _texts(item, (*path, index if is_pair else "[]"), depth + 1)


def _is_newest_first(items: list[Any]) -> bool:
    first, last = (_time(items[0]), _time(items[-1])) if len(items) > 1 else (None, None)
    return type(first) is type(last) and first is not None and first > last


def _time(item: Any) -> Any:
    if isinstance(item, list) and len(item) == 2:
        return item[0] if isinstance(item[0], (str, int, float)) else None
    if isinstance(item, dict):
        found = next((item[key] for key in _TIMES if key in item), None)
        return found if isinstance(found, (str, int, float)) else None
    return None
