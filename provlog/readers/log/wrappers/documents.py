"""Unwrap logs within one JSON document: notebooks, responses of Loki and of cloud services."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

import msgspec

from provlog.patterns import regex
from provlog.readers.log.wrappers.json_lines import MESSAGE_KEYS, as_text
from provlog.readers.log.wrappers.lines import (
    REMOVED_BREAK,
    STRIPPED,
    Doubt,
    Line,
    Unwrap,
    holds_record,
)

__all__ = ["detect_document", "is_document"]

_BEGINNING = regex(r'\s*(?:\[\s*)?\{\s*(?:"[^"\n]*"\s*:|\Z)|\s*\[\s*(?:"|\Z)')
_RECORD = regex(r"""\s*\[?\s*\{\s*['"](?:session_id|activity_id|entity_id)['"]""")
# A terminal may have cut an escape. A string that never ends takes the rest, once.
_STRING = regex(r'"[^"\\]*+(?:\\\n?.[^"\\]*+)*+(?:"|\\?\n?\Z)', re.DOTALL)
_BREAK = regex("\n")
_BRACKET = regex(r"[\[\]{}]")
_TIMES = ("timestamp", "@timestamp", "time", "ts", "date")
_LONGEST_BEGINNING = 4096
_DEEPEST = 40
_LARGEST_DOCUMENT = 1 << 28
_TRUNCATED = "truncated JSON document: it ends in this line; kept what is complete"
# The length of a text that is searched to find its line.
_LONGEST_SOUGHT = 120
_MOST_MISSES = 20

Path = tuple[str | int, ...]


def detect_document(sample: Sequence[str]) -> Unwrap | None:
    """Recognise a JSON document by its beginning."""
    beginning = "\n".join(sample[:50])[:_LONGEST_BEGINNING]
    if _BEGINNING.match(beginning) is None or _RECORD.match(beginning) is not None:
        return None
    return _unwrap if _is_one(sample) else None


def is_document(text: str) -> bool:
    """Return whether a text is a JSON object or array."""
    return _BEGINNING.match(text[:_LONGEST_BEGINNING]) is not None and _decoded(text) is not None


def _is_one(sample: Sequence[str]) -> bool:
    """Return whether no text follows the end of the first object or array, as in JSON lines."""
    depth = 0
    text = _STRING.sub("", "\n".join(sample))
    for bracket in _BRACKET.finditer(text):
        depth += 1 if bracket[0] in "[{" else -1
        if depth <= 0:
            return not text[bracket.end() :].strip()
    return True


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
    document = _decoded(text)
    broken: list[int] = []
    if document is None:
        # Strings have no line breaks: if there are any, a terminal broke the lines.
        whole, broken = _joined(text)
        document = _decoded(whole.replace("\n", ""))
    if document is not None:
        found = list(_outputs(document))
        doubts = [doubt for line in held for doubt in line.doubts]
        doubts += [Doubt(held[index].number, REMOVED_BREAK) for index in broken]
    else:
        found = _complete(text)
        doubts = [Doubt(held[-1].number, _TRUNCATED, "PL013")]
        if not any(holds_record(message) for message, _ in found):
            yield from held
            return
    numbers = _Numbers(text)
    for message, stream in found:
        number = held[min(numbers.of(message), len(held)) - 1].number
        for offset, part in enumerate(message.removesuffix("\n").split("\n")):
            # All doubts are those of the document.
            line_number = number + offset * numbers.one_a_line
            yield Line(line_number, part, stream, tuple(doubts))
            doubts = []


def _complete(text: str) -> list[tuple[str, str]]:
    """Return the texts in the complete part of a truncated document."""
    from provlog.readers.truncated.json import completed

    complete = completed(text.encode(errors="surrogatepass"), lambda keys: len(keys) + 1)
    document = None if complete is None else _decoded(complete.data)
    return [] if document is None else list(_outputs(document))


def _decoded(text: str | bytes) -> Any:
    with suppress(msgspec.DecodeError, UnicodeError, RecursionError):
        return msgspec.json.decode(text)
    return None


# The fewest strings that show a width.
_FEWEST_BREAKS = 3


def _joined(text: str) -> tuple[str, list[int]]:
    """Return a document without line breaks in strings, and the indices of lines in doubt.

    Another program may have removed the blanks at the end of a broken line. Lines that end
    within strings are equally long without it.
    """
    sizes = Counter(size for _, size in _breaks(text))
    widths = sorted(
        size
        for size, count in sizes.items()
        if count >= _FEWEST_BREAKS
        and count > max(sizes[size + missing] for missing in range(1, STRIPPED + 1))
    )
    pieces, position, number, broken = [], 0, 0, []
    for at, size in _breaks(text):
        number += text.count("\n", position, at + 1)
        missing = next((width - size for width in widths if width >= size), 0)
        pieces += [text[position:at], " " * missing if missing <= STRIPPED else ""]
        position = at + 1
        if missing > STRIPPED:
            broken.append(number - 1)
    return "".join([*pieces, text[position:]]), broken


def _breaks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the offset of each line break in a string, and the length of the line before it."""
    start = 0
    for string in _STRING.finditer(text):
        for at in _BREAK.finditer(string[0]):
            position = string.start() + at.start()
            start = text.rfind("\n", start, position) + 1 or start
            yield position, position - start


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
        import json

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


def _outputs(document: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts in a document, each with the name of its output."""
    return _notebook(document) if _is_notebook(document) else _messages(document)


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
