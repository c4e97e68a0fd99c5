"""Join the parts of lines that were broken at a fixed width."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from provlog.patterns import regex
from provlog.readers.log.wrappers.frames import Frame
from provlog.readers.log.wrappers.lines import REMOVED_BREAK, STRIPPED, Line, as_one
from provlog.readers.log.wrappers.widths import Measure, is_full, with_widths
from provlog.readers.log.wrapping import STRING

__all__ = ["Fold", "Held", "joined", "payload_start"]

_LONGEST_LINE = 1 << 20
_AROUND = 40
_MARKER = "PROV_"
# Another record begins on the line, at most behind a logger's prefix.
_BARE = r"\{(?:\x1b\[[\d;]*m)?['\"](?:activity|entity|session)_id\b"
_RECORD_BEGINS = regex(rf"[^{{}}'\"]{{0,200}}?(?:_PROV_+(?:\d{{4}}-|[({{A-Z])|{_BARE})")
_PAYLOAD = regex(r"PROV_*(?:\(?\{|[A-Z][a-z])")


class Fold(NamedTuple):
    """How lines were broken.

    Parameters
    ----------
    widths : sequence of int
        The widths of the lines.
    measure : callable, optional
        Measures a line; ``None`` if all measures agree so far.
    limit : int, optional
        The width of lines that were padded before they were broken, 0 if they were not.
    is_sure : bool, optional
        Whether the text proves that no blank was lost.
    frame : Frame, optional
        The beginning and the end of all lines.
    """

    widths: Sequence[int]
    measure: Measure | None = None
    limit: int = 0
    is_sure: bool = True
    frame: Frame | None = None

    def join(self, lines: Iterator[Line]) -> Iterator[Line]:
        """Join the parts of each line."""
        return joined(with_widths(lines, self.widths), self._continuation, self.is_sure)

    def _continuation(self, held: Held, following: str, width: int) -> str | None:
        """Return what was removed between two parts of a line; ``None`` if it ends there."""
        text = held.parts[-1].text
        if self.limit and len(held.parts) * width >= self.limit:
            return None
        if is_full(text, following, width, self.measure):
            return None if self._ends(held, following) else ""
        missing = width - (self.measure or len)(text)
        if missing < 0 and not self.limit and held.is_open and len(text) > max(self.widths):
            # Perhaps another width, which began behind the first lines of the log.
            held.doubt = held.doubt or held.parts[-1].number
        if not following or self.limit or missing == 0 or text[-1:].isspace():
            return None
        return self._stripped(held, following, missing)

    def _ends(self, held: Held, following: str) -> bool:
        """Return whether a line ends with a part that fills the width."""
        if not following:
            # Behind a frame, it is the rest of a line that ended in a blank or a carriage return.
            return self.frame is None
        if self.frame is None:
            return held.ends_before(following)
        return self.frame.separates(held.parts[-1].text, following)

    def _stripped(self, held: Held, following: str, missing: int) -> str | None:
        """Return the blanks that another program removed from the end of a part, if it did."""
        frame = self.frame
        if 0 < missing <= STRIPPED:
            is_stripped = not frame.begins(following) if frame else held.needs_blank
            return " " * missing if is_stripped else None
        # Another width, more blanks, or a line of another program.
        if frame is None or frame.begins(following) or not held.is_open:
            return None
        held.doubt = held.doubt or held.parts[-1].number
        return ""


class Held:
    """The parts of a line so far."""

    def __init__(self, line: Line, depth: int) -> None:
        self.parts = [line]
        self.size = len(line.text)
        self.has_marker = _MARKER in line.text
        self.is_record = depth > 0 or self.has_marker
        self.doubt = 0
        self._depth = depth
        self._quotes = Quotes()
        self._seen = 0
        self._end = ""
        self._has_payload = False
        self._look_at(line.text)

    def add(self, line: Line, blanks: str) -> None:
        """Add a part, preceded by the blanks that another program removed."""
        if blanks:
            last = self.parts[-1]
            self.parts[-1] = last._replace(text=last.text + blanks)
        self.parts.append(line)
        self.size += len(line.text)
        self.has_marker = self.has_marker or _MARKER in line.text
        self.is_record = self.is_record or self.has_marker
        self._look_at(line.text)

    @property
    def is_open(self) -> bool:
        """Whether a record is not complete."""
        return self._depth > 0

    def _look_at(self, text: str) -> None:
        # A marker may be broken.
        self._end = f"{self._end[-_AROUND:]}{text}"
        self._depth += text.count("{") - text.count("}")
        self._has_payload = self._has_payload or _PAYLOAD.search(self._end) is not None

    @property
    def needs_blank(self) -> bool:
        """Whether a blank may have stood at the end: in a string, or behind a comma or colon."""
        for part in self.parts[self._seen :]:
            self._quotes.feed(part.text)
        self._seen = len(self.parts)
        return self.is_record and (self._quotes.open or self.parts[-1].text[-1:] in (",", ":"))

    def ends_before(self, following: str) -> bool:
        """Return whether a record or note is complete, and another one begins on the next line."""
        if not _RECORD_BEGINS.match(following):
            return False
        return self._end.endswith(("}", "})")) or self._has_payload


class Quotes:
    """Follows the strings of a record from part to part."""

    def __init__(self) -> None:
        self._quote = ""
        self._is_within = False
        self._is_escaped = False

    @property
    def open(self) -> bool:
        """Whether the text so far ends within a string."""
        return bool(self._quote)

    def feed(self, text: str) -> None:
        """Read the next part."""
        position = 1 if self._is_escaped else 0
        self._is_escaped = False
        if not self._is_within:
            position = text.find("{")
            self._is_within = position >= 0
        while self._is_within and (found := _QUOTES[self._quote].search(text, position)):
            position = found.end()
            if found[0][0] == "\\":
                self._is_escaped = len(found[0]) == 1
            else:
                self._quote = "" if self._quote else found[0]


_QUOTES = {
    "": regex(r"['\"]"),
    "'": regex(r"'|\\.?", re.DOTALL),
    '"': regex(r'"|\\.?', re.DOTALL),
}
Continuation = Callable[[Held, str, int], str | None]


def joined(
    lines: Iterator[tuple[Line, int]], continuation: Continuation, is_sure: bool = True
) -> Iterator[Line]:
    """Join each line with the next one, as long as the next one continues it."""
    held: Held | None = None
    depth = 0
    before = 0
    for line, width in lines:
        if held is not None:
            last = held.parts[-1]
            if line.stream == last.stream and held.size < _LONGEST_LINE:
                blanks = continuation(held, line.text, before)
                if blanks is not None:
                    held.add(line, blanks)
                    before = width
                    continue
            yield (whole := _whole(held, is_sure))
            depth = _depth(whole.text, 0 if held.has_marker else depth)
        held, before = Held(line, depth), width
    if held is not None:
        yield _whole(held, is_sure)


def _depth(text: str, before: int) -> int:
    """Return how many braces of a record are open at the end of a line."""
    return max(before + text.count("{") - text.count("}"), 0) if before or _MARKER in text else 0


_CUT_CHARACTER = regex(r"[\xc2-\xf4][\x80-\xbf]{0,2}\n[\x80-\xbf]{1,3}")


def _whole(held: Held, is_sure: bool) -> Line:
    parts = held.parts
    line = as_one(parts, "\n")
    text = line.text
    number = held.doubt
    if len(parts) > 1 and held.is_record and not number:
        index = _first_doubt(text, is_sure)
        number = parts[index].number if index is not None else 0
    if not text.isascii():
        text = _CUT_CHARACTER.sub(_mended, text)
    line = line._replace(text=text.replace("\n", ""))
    return line.doubted(REMOVED_BREAK, number) if number else line


def _mended(cut: re.Match[str]) -> str:
    """Return the character whose bytes a break separates."""
    try:
        return cut[0].replace("\n", "").encode("latin-1").decode()
    except UnicodeDecodeError:
        return cut[0].replace("\n", "")


# Values that are not strings: a break within the text of an object may be its own.
_LETTER = regex(r"[A-Za-z<]")
_CONSTANT = regex(r"\b(?:None|True|False|null|true|false|nan|inf|NaN|Infinity|\d[\w.+-]*)\b")


def payload_start(text: str) -> int:
    """Return where a payload begins or goes on in a line, -1 if the line has a marker only."""
    marker = text.find("PROV")
    return text.find("{", marker) if marker >= 0 else 0


def _first_doubt(text: str, is_sure: bool) -> int | None:
    """Return the index of the first break that may be another one than that of a fixed width.

    Strings of a record have no line break of their own, and between values none matters.
    Where the width is not sure, a break in a string may have removed a blank.
    """
    start = payload_start(text)
    if start < 0:
        return None
    strings = list(STRING.finditer(text, start))
    broken = (match.start() + match[0].index("\n") for match in strings if "\n" in match[0])
    at = next(broken, -1) if not is_sure else -1
    if at < 0:
        bare = STRING.sub(lambda match: "'" * len(match[0]), text)
        breaks = (match.start() for match in _BREAK.finditer(bare, start))
        at = next((at for at in breaks if _is_within_object(bare, start, at)), -1)
    return text.count("\n", 0, at) if at >= 0 else None


_BREAK = regex("\n")


def _is_within_object(bare: str, start: int, at: int) -> bool:
    """Return whether a break may be within the text of an object, which may have line breaks."""
    before = bare[max(at - _AROUND, start) : at].rpartition("'")[2].rstrip()
    behind = bare[at + 1 : at + _AROUND].partition("'")[0].lstrip()
    if before[-1:] in {"", ":", "{"} or behind[:1] in {"", ",", ":", "}"}:
        return False
    return _LETTER.search(_CONSTANT.sub("", f"{before}{behind}")) is not None
