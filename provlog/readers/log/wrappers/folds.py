"""Logs whose lines a terminal, a PDF or ``fold`` broke at a fixed width.

No blank is lost there, in contrast to the wraps of rich or of a mail program, which
break lines at blanks and remove these. Widths and the text around the breaks show which it was:
only a fixed width cuts words, leaves a blank at a break or breaks before punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from itertools import chain, groupby, pairwise

from provlog.patterns import regex
from provlog.readers.log.wrappers.lines import Line, Unwrap, holds_record
from provlog.readers.log.wrapping import STRING

__all__ = ["detect_folds"]

_NARROWEST, _WIDEST = 20, 1000
_LONGEST_LINE = 1 << 20
_MOST_COLUMNS = 6
# More columns may come from characters that were cut. Few lines are still wider, if any.
_MOST_CUT = 8

Measure = Callable[[str], int]

_ANSI = regex(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x1b\x07]*(?:\x1b\\|\x07))")
# Bytes of a character that was cut; they were decoded as Latin-1.
_CUT_BEFORE = regex(r"[\xc2-\xf4][\x80-\xbf]{0,2}\Z")
_CUT_BEHIND = regex(r"[\x80-\xbf]{1,3}")


def _bytes(text: str) -> int:
    """Return the bytes of a text, which may begin with the rest of a character."""
    rest = _CUT_BEHIND.match(text)
    return len(text.encode(errors="replace")) - (len(rest[0]) if rest is not None else 0)


def _columns(text: str) -> int:
    """Return the columns of a terminal that a text fills."""
    text = _ANSI.sub("", text)
    if text.isascii():
        return len(text.expandtabs(8))
    return sum(map(_width, text.expandtabs(8)))


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def detect_folds(sample: Sequence[str]) -> Unwrap | None:
    """Recognise a fixed width by the breaks within records that lines of this width end in."""
    if not any(map(holds_record, sample)):
        return None
    firsts = Counter(line[0].replace('"', "'") for line in sample if line)
    (first, count), *_ = firsts.most_common(1)
    if not first.isspace() and count >= 0.95 * firsts.total():
        # Another wrapper begins every line with this character.
        return None
    if (at_blanks := _at_blanks(sample)) is not None:
        return at_blanks
    measures: list[Measure] = [len]
    if not all(map(_is_plain, sample)):
        measures += [_bytes, _columns]
    candidates = []
    for measure in measures:
        widths = Counter(map(measure, sample))
        (usual, _), *_ = widths.most_common(1)
        # The bytes of a character that was cut make a line seem wider.
        widest = sorted(widths)[-4 if measure is _bytes else -1 :]
        candidates += [
            (widths[width], width, measure)
            for width in {*widest, usual}
            if sum(widths[wider] for wider in widths if wider > width + _MOST_CUT) <= widths[width]
        ]
    # The measure that the most lines fill is the one by which they were broken.
    for _, width, measure in sorted(candidates, key=lambda item: item[:2], reverse=True):
        if _NARROWEST <= width <= _WIDEST and (unwrap := _at_width(sample, width, measure)):
            return unwrap
    return None


# Only a fixed width leaves a blank at a break, or breaks behind an opening quote, within
# a number or time, or before punctuation.
_CUT = regex(
    r"\S \n\S|\S\n \S|[\[{(:,] ?['\"]\n\S|\d[.:T-]?\n[.:T-]?\d"
    r"|[\w'\"}\])>]\n['\"]?(?:[,:] |[}\])])|_\n_|_P?R?O?\nP?R?O?V_"
)
# A break that removed a blank.
_BLANK_REMOVED = regex(r"(?:['\"\])}\w],|['\"]:)\n[^\s,:\]})]")
_COMPACT_JSON = regex(r'"[:,]["{\[\d]')
# Whole words: none at the beginning or the end of a line.
_WORD = regex(r"(?<=[^\w\n])[A-Za-z_]{4,}(?=[^\w\n])")
_CUT_WORD = regex(r"([A-Za-z_]+)\n([A-Za-z_]+)")
_AROUND_BREAK = regex(r"\S*\n\S*")
_AROUND = 40
_KEYS = frozenset({
    "activity_id", "activity_name", "agent_name", "contentType", "endTime", "entity_id",
    "entity_location", "entity_name", "entity_type", "generated_id", "generated_role",
    "in_session", "location", "member_id", "member_type", "parameters", "progenitor_id",
    "session_id", "session_name", "startTime", "used_id", "used_role",
})  # fmt: skip


def _at_width(sample: Sequence[str], width: int, measure: Measure) -> Unwrap | None:
    limit = _limit(sample, width, measure)
    if limit == width:
        return None
    groups = [parts for parts in _groups(sample, width, measure, limit) if len(parts) > 1]
    if sum(map(len, groups)) < 0.2 * len(sample):
        groups = [parts for parts in groups if holds_record("".join(parts))]
    text = "\n".join(sample)
    words = _KEYS.union(_WORD.findall(text))
    is_compact = _COMPACT_JSON.search(text) is not None
    cut = removed = 0
    for before, behind in chain.from_iterable(map(pairwise, groups)):
        around = f"{before[-_AROUND:]}\n{behind[:_AROUND]}"
        cut += _is_cut(around, words, width)
        removed += not is_compact and _BLANK_REMOVED.search(around) is not None
    is_sure = cut > removed or _are_equal(groups, len(sample), measure)
    if is_sure or (cut == removed and any(map(_breaks_string, groups))):
        # All measures agree on a plain sample; further on they may differ.
        known = None if all(map(_is_plain, sample)) else measure
        return partial(_unwrap, width=width, measure=known, limit=limit, is_sure=is_sure)
    return None


def _are_equal(groups: Sequence[Sequence[str]], size: int, measure: Measure) -> bool:
    """Tell whether nearly all lines are equally wide when joined, as rich pads them."""
    widths = Counter(measure("".join(parts)) for parts in groups)
    (_, usual), *_ = widths.most_common(1) or [(0, 0)]
    return usual > 5 and usual >= 0.9 * len(groups) and sum(map(len, groups)) >= 0.8 * size


def _breaks_string(parts: Sequence[str]) -> bool:
    text = "\n".join(parts)
    start = _payload(text)
    return start >= 0 and any("\n" in found[0] for found in STRING.finditer(text, start))


def _is_cut(around: str, words: AbstractSet[str], width: int) -> bool:
    """Tell whether no program that breaks lines at blanks would have broken this text."""
    match = _CUT_WORD.search(around)
    if match is not None and match[1] + match[2] in words and not {match[1], match[2]} <= words:
        return True
    word = _AROUND_BREAK.search(around)
    # It does cut a word that is longer than the line.
    is_long = word is not None and len(word[0]) > min(width, _AROUND)
    return not is_long and _CUT.search(around) is not None


def _limit(sample: Sequence[str], width: int, measure: Measure) -> int:
    """Return the width of lines that were padded before they were broken, 0 if they were not.

    rich pads its lines; where they are broken at half their width, all lines are equally wide.
    """
    runs = [
        list(run)
        for is_full, run in groupby(sample, lambda line: measure(line) == width)
        if is_full
    ]
    if sum(map(len, runs)) < 0.9 * len(sample):
        return 0
    for count in range(1, _MOST_COLUMNS + 1):
        ends = [line for run in runs for line in run[count - 1 :: count]]
        if len(ends) > 3 and sum(map(_is_padded, ends)) >= 0.8 * len(ends):
            return width * count
    return 0


_PADDED = regex(r"(?:\s\s|\s(?:[^\s:]+\.\w+|<[^>\s]+>):\d+\s*)\Z")


def _is_padded(line: str) -> bool:
    return _PADDED.search(line[-_AROUND:]) is not None


def _is_plain(line: str) -> bool:
    return line.isascii() and "\x1b" not in line and "\t" not in line


def _is_full(line: str, following: str, width: int, measure: Measure | None) -> bool:
    """Tell whether a line fills the width, by one measure or by any if none is known."""
    if measure is None:
        measures = (len,) if _is_plain(line) else (len, _bytes, _columns)
        return any(_is_full(line, following, width, item) for item in measures)
    found = measure(line)
    if found == width:
        return True
    if measure is _bytes and found > width and _CUT_BEHIND.match(following):
        # Each byte of a character that was cut became a character of two bytes.
        cut = _CUT_BEFORE.search(line)
        return cut is not None and found - len(cut[0]) == width
    # A tab or a wide character had no room.
    return bool(
        measure is _columns
        and width - 8 < found < width
        and following
        and _columns(line + following[0]) > width
    )


def _groups(sample: Sequence[str], width: int, measure: Measure, limit: int) -> Iterator[list[str]]:
    """Yield the parts of each line."""
    parts: list[str] = []
    for line in sample:
        if parts and not (
            line
            and _is_full(parts[-1], line, width, measure)
            and (not limit or len(parts) * width < limit)
        ):
            yield parts
            parts = []
        parts.append(line)
    if parts:
        yield parts


def _unwrap(
    lines: Iterator[Line], width: int, measure: Measure | None, limit: int, is_sure: bool
) -> Iterator[Line]:
    """Join the parts of each line that was broken at a width."""
    return _joined(
        lines,
        lambda text, following, count: (
            bool(following)
            and _is_full(text, following, width, measure)
            and (not limit or count * width < limit)
        ),
        is_sure,
    )


_FIRST_WORD = regex(r"\S*+ ?")


def _at_blanks(sample: Sequence[str]) -> Unwrap | None:
    """Recognise the breaks of ``fold -s``, which keep the blank at which they break a line."""
    width = max(map(len, sample))
    if not _NARROWEST <= width <= _WIDEST:
        return None
    kept = shorter = other = 0
    for line, following in pairwise(sample):
        if line.count("{") > line.count("}"):
            is_kept = _is_broken_at_blank(line, following, width)
            kept += is_kept
            shorter += is_kept and len(line) < width
            other += not is_kept
    return partial(_unwrap_blanks, width=width) if kept > other and shorter else None


def _is_broken_at_blank(line: str, following: str, width: int) -> bool:
    if not line.endswith(" ") or line.isspace():
        # A word that is longer than a line is cut.
        return len(line) == width and " " not in line
    word = _FIRST_WORD.match(following)
    assert word is not None
    return bool(word[0]) and len(line) + len(word[0]) > width


def _unwrap_blanks(lines: Iterator[Line], width: int) -> Iterator[Line]:
    return _joined(lines, lambda text, following, _: _is_broken_at_blank(text, following, width))


# Another record begins on the line, at most behind a logger's prefix.
_BARE = r"\{(?:\x1b\[[\d;]*m)?['\"](?:activity|entity|session)_id\b"
_RECORD_BEGINS = regex(rf"[^{{}}'\"]{{0,200}}?(?:_PROV_+(?:\d{{4}}-|[({{A-Z])|{_BARE})")
_PAYLOAD = regex(r"PROV_*(?:\(?\{|[A-Z][a-z])")


def _joined(
    lines: Iterator[Line], continues: Callable[[str, str, int], bool], is_sure: bool = True
) -> Iterator[Line]:
    """Join each line with the next one, as long as the next one continues it."""
    held: list[Line] = []
    size = depth = 0
    has_marker = False
    for line in lines:
        if held:
            if (
                line.stream == held[0].stream
                and size < _LONGEST_LINE
                and continues(held[-1].text, line.text, len(held))
                and not _begins_record(held, line.text)
            ):
                held.append(line)
                size += len(line.text)
                has_marker = has_marker or "PROV_" in line.text
                continue
            yield (whole := _whole(held, depth > 0 or has_marker, is_sure))
            depth = _depth(whole.text, 0 if has_marker else depth)
        held, size, has_marker = [line], len(line.text), "PROV_" in line.text
    if held:
        yield _whole(held, depth > 0 or has_marker, is_sure)


def _begins_record(held: list[Line], following: str) -> bool:
    """Tell whether a record or a note is complete, and another one begins on the next line."""
    if not _RECORD_BEGINS.match(following):
        return False
    text = "".join(line.text for line in held)
    return text.endswith(("}", "})")) or _PAYLOAD.search(text) is not None


def _depth(text: str, before: int) -> int:
    """Return how many braces of a record are open at the end of a line."""
    return max(before + text.count("{") - text.count("}"), 0) if before or "PROV_" in text else 0


_CUT_CHARACTER = regex(r"[\xc2-\xf4][\x80-\xbf]{0,2}\n[\x80-\xbf]{1,3}")


def _whole(parts: list[Line], is_record: bool, is_sure: bool) -> Line:
    if len(parts) == 1:
        return parts[0]
    text = "\n".join(part.text for part in parts)
    doubt = _first_doubt(text, is_sure) if is_record else None
    if not text.isascii():
        text = _CUT_CHARACTER.sub(_mended, text)
    return parts[0]._replace(
        text=text.replace("\n", ""), doubt=0 if doubt is None else parts[doubt].number
    )


def _mended(cut: re.Match[str]) -> str:
    """Return the character of which bytes stand before and behind a break."""
    try:
        return cut[0].replace("\n", "").encode("latin-1").decode()
    except UnicodeDecodeError:
        return cut[0].replace("\n", "")


# Values that are not strings: a break within the text of an object may be its own.
_LETTER = regex(r"[A-Za-z<]")
_CONSTANT = regex(r"\b(?:None|True|False|null|true|false|nan|inf|NaN|Infinity|\d[\w.+-]*)\b")


def _payload(text: str) -> int:
    """Return where a payload begins or goes on in a line, -1 if the line has a marker only."""
    marker = text.find("PROV")
    return text.find("{", marker) if marker >= 0 else 0


def _first_doubt(text: str, is_sure: bool) -> int | None:
    """Return the index of the first break that may be another one than that of a fixed width.

    Strings of a record have no line break of their own, and between values none matters.
    Where the width is not sure, a break in a string may have removed a blank.
    """
    start = _payload(text)
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
    """Tell whether a break may be within the text of an object, which may have line breaks."""
    before = bare[max(at - _AROUND, start) : at].rpartition("'")[2].rstrip()
    behind = bare[at + 1 : at + _AROUND].partition("'")[0].lstrip()
    if before[-1:] in {"", ":", "{"} or behind[:1] in {"", ",", ":", "}"}:
        return False
    return _LETTER.search(_CONSTANT.sub("", f"{before}{behind}")) is not None
