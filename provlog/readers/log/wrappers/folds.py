"""Logs whose lines a terminal, a PDF or ``fold`` broke at a fixed width.

No blank is lost there, in contrast to the wraps of rich or of a mail program, which
break lines at blanks and remove these. Widths and the text around the breaks show which it was:
only a fixed width cuts words, leaves a blank at a break or breaks before punctuation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property, partial
from itertools import chain, groupby, pairwise

from provlog.patterns import regex
from provlog.readers.log.wrappers.columns import has_columns
from provlog.readers.log.wrappers.frames import frame_of
from provlog.readers.log.wrappers.joining import Fold, joined, payload_start
from provlog.readers.log.wrappers.lines import (
    STRIPPED,
    Line,
    Unwrap,
    common_start,
    holds_record,
    nonblank,
)
from provlog.readers.log.wrappers.widths import (
    Measure,
    columns,
    is_full,
    is_plain,
    size_in_bytes,
    without_colours,
)
from provlog.readers.log.wrapping import STRING

__all__ = ["detect_folds"]

_NARROWEST, _WIDEST = 20, 1000
_MOST_COLUMNS = 6
_INDENT = 8
# More columns may come from characters that were cut. Few lines are still wider, if any.
_MOST_CUT = 8


def detect_folds(sample: Sequence[str]) -> Unwrap | None:
    """Recognise a fixed width by the breaks within records that lines of this width end in."""
    if not any(map(holds_record, sample)) and not holds_record("".join(sample)):
        return None
    if _has_common_start(sample) or has_columns(sample):
        return None
    if (at_blanks := _at_blanks(sample)) is not None:
        return at_blanks
    measures: list[Measure] = [len]
    if not all(map(is_plain, sample)):
        measures += [size_in_bytes, columns]
    candidates = []
    for measure in measures:
        widths = Counter(map(measure, sample))
        (usual, _), *_ = widths.most_common(1)
        # The bytes of a character that was cut make a line seem wider.
        widest = sorted(widths)[-4 if measure is size_in_bytes else -1 :]
        candidates += [
            (widths[width], width, measure)
            for width in {*widest, usual}
            if sum(widths[wider] for wider in widths if wider > width + _MOST_CUT) < widths[width]
        ]
    # The measure that the most lines fill is the one by which they were broken.
    candidates.sort(key=lambda item: (item[0], item[2] is len, item[1]), reverse=True)
    for _, width, measure in candidates:
        if _NARROWEST <= width <= _WIDEST and (fold := _at_width(sample, width, measure)):
            return _with_other_widths(sample, fold).join
    return None


def _has_common_start(sample: Sequence[str]) -> bool:
    """Return whether another wrapper begins every line."""
    firsts = Counter(line[0].replace('"', "'") for line in sample if line)
    (first, count), *_ = firsts.most_common(1)
    if not first.isspace():
        return count >= 0.95 * firsts.total()
    filled = nonblank(sample)
    return len(filled) > 2 and bool(common_start(filled).strip())


# The fewest lines of another width, and their share; the most widths tried.
_FEWEST_LINES = 4
_MOST_WIDTHS = 6
_SMALLEST_SHARE = 0.03


def _with_other_widths(sample: Sequence[str], fold: Fold) -> Fold:
    """Return how lines were broken, with further widths in other parts of the log."""
    widths = [*fold.widths]
    if not fold.limit and fold.is_sure and fold.measure in (None, len):
        fewest = max(_FEWEST_LINES, _SMALLEST_SHARE * len(sample))
        widths += [
            width
            for width, count in Counter(map(len, sample)).most_common(_MOST_WIDTHS)
            if count >= fewest
            and _NARROWEST <= width <= _WIDEST
            and min(abs(width - known) for known in fold.widths) > STRIPPED
            and _is_broken_at(sample, width)
        ]
    return fold._replace(widths=widths, frame=None if fold.limit else frame_of(sample, widths))


def _is_broken_at(sample: Sequence[str], width: int) -> bool:
    other = _at_width(sample, width, len)
    return other is not None and other.is_sure and not other.limit


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


def _at_width(sample: Sequence[str], width: int, measure: Measure) -> Fold | None:
    limit = _limit(sample, width, measure)
    if limit == width:
        return None
    groups = [parts for parts in _groups(sample, width, measure, limit) if len(parts) > 1]
    if sum(map(len, groups)) < 0.2 * len(sample):
        groups = [parts for parts in groups if holds_record("".join(parts))]
    if not groups:
        return None
    text = "\n".join(sample)
    words = _Words(text)
    is_compact = _COMPACT_JSON.search(text) is not None
    breaks = list(chain.from_iterable(map(pairwise, groups)))
    indented = sum(_is_indented(behind) for _, behind in breaks)
    if not limit and indented > 0.6 * len(breaks):
        # rich pads the lines of its columns.
        return None
    cut = removed = 0
    for before, behind in breaks:
        around = f"{before[-_AROUND:]}\n{behind[:_AROUND]}"
        cut += _is_cut(around, words, width)
        removed += not is_compact and _BLANK_REMOVED.search(around) is not None
    is_sure = cut > removed or _are_equal(groups, len(sample), measure)
    if is_sure or (cut == removed and any(map(_breaks_string, groups))):
        # All measures agree on a plain sample; further on they may differ.
        known = None if all(map(is_plain, sample)) else measure
        return Fold((width,), known, limit, is_sure)
    return None


def _is_indented(line: str) -> bool:
    return line[:_INDENT].isspace() and not line.isspace()


def _are_equal(groups: Sequence[Sequence[str]], size: int, measure: Measure) -> bool:
    """Return whether nearly all lines are equally wide when joined, as rich pads them."""
    widths = Counter(measure("".join(parts)) for parts in groups)
    (_, usual), *_ = widths.most_common(1) or [(0, 0)]
    return usual > 5 and usual >= 0.9 * len(groups) and sum(map(len, groups)) >= 0.8 * size


def _breaks_string(parts: Sequence[str]) -> bool:
    text = "\n".join(parts)
    start = payload_start(text)
    return start >= 0 and any("\n" in found[0] for found in STRING.finditer(text, start))


class _Words:
    """The words of a text, which are found when they are needed: most logs are not broken."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def known(self) -> AbstractSet[str]:
        """The words of the text, and the keys of records."""
        return _KEYS.union(_WORD.findall(self._text))

    def have(self, before: str, behind: str) -> bool:
        """Return whether two parts together are a word, but not each alone."""
        return before + behind in self.known and not {before, behind} <= self.known


def _is_cut(around: str, words: _Words, width: int) -> bool:
    """Return whether no program that breaks lines at blanks would have broken this text."""
    match = _CUT_WORD.search(around)
    if match is not None and words.have(match[1], match[2]):
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
        list(run) for fills, run in groupby(sample, lambda line: measure(line) == width) if fills
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
    return _PADDED.search(without_colours(line[-_AROUND:])) is not None


def _groups(sample: Sequence[str], width: int, measure: Measure, limit: int) -> Iterator[list[str]]:
    """Yield the parts of each line."""
    parts: list[str] = []
    for line in sample:
        if parts and not (
            line
            and is_full(parts[-1], line, width, measure)
            and (not limit or len(parts) * width < limit)
        ):
            yield parts
            parts = []
        parts.append(line)
    if parts:
        yield parts


_FIRST_WORD = regex(r"\S*+ ?")


def _at_blanks(sample: Sequence[str]) -> Unwrap | None:
    """Recognise the breaks of ``fold -s``, which keep the blank at which they break a line."""
    if any(len(line) > _WIDEST and "\x1b" not in line for line in sample):
        return None
    width = max(map(_columns, sample))
    if not _NARROWEST <= width <= _WIDEST:
        return None
    kept = shorter = other = 0
    for line, following in pairwise(sample):
        if line.count("{") > line.count("}"):
            is_kept = _is_broken_at_blank(line, following, width)
            kept += is_kept
            shorter += is_kept and _columns(line) < width
            other += not is_kept
    return partial(_unwrap_blanks, width=width) if kept > other and shorter else None


def _is_broken_at_blank(line: str, following: str, width: int) -> bool:
    if not line.endswith(" ") or line.isspace():
        # A word that is longer than a line is cut.
        return _columns(line) == width and " " not in line
    word = _FIRST_WORD.match(following)
    assert word is not None
    return bool(word[0]) and _columns(line) + len(word[0]) > width


def _columns(line: str) -> int:
    """Return the columns of a line as ``fold`` counts them, if colours were added later."""
    return len(without_colours(line).expandtabs(8))


def _unwrap_blanks(lines: Iterator[Line], width: int) -> Iterator[Line]:
    return joined(
        ((line, width) for line in lines),
        lambda held, following, width: (
            ""
            if _is_broken_at_blank(held.parts[-1].text, following, width)
            and not held.ends_before(following)
            else None
        ),
    )
