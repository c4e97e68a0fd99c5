"""Remove prefixes that other programs put before every line of a log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from provlog.patterns import regex
from provlog.readers.log.wrappers.documents import is_document
from provlog.readers.log.wrappers.lines import Line, Unwrap, common_start, nonblank
from provlog.readers.log.wrappers.quotes import LITERAL

__all__ = ["PREFIXES", "SYSLOG", "Prefix", "detect_common_prefix", "may_have_prefix"]

_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?"
_ZONE = r"(?:Z|[+-]\d\d:?\d\d)"
_BSD = r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?"
_PROGRAM = r"(?!\d+:)[^\s:\[\]{}'\"_]+(?:\[[\w.]+\])?:"
_END = r"(?: |$)"
_LEAST = 0.95
_NAMED = regex(r"\(\?P<\w+>")
# Behind the hour or year of a logger's time, two numbers follow.
_NO_TIME = r"(?!\d\d[:-]\d\d(?![:\d-]))"


class Prefix(NamedTuple):
    """A prefix.

    Parameters
    ----------
    pattern : re.Pattern
        The prefix. Its optional group ``stream`` identifies the writer of the line; its
        optional group ``number`` is the line's number, which increases from line to line.
    removed : re.Pattern
        The prefix in a log that has it: a time may follow a number.
    """

    pattern: re.Pattern[str]
    removed: re.Pattern[str]

    def detect(self, sample: Sequence[str]) -> Unwrap | None:
        """Return the function that removes the prefix, if nearly all lines have it."""
        filled = nonblank(sample)
        matches = _matches(self.pattern, filled)
        found = [match for match in matches if match is not None and match.end()]
        # The other lines are continuations, or lines of the tool itself.
        if (
            len(found) < min(2, len(filled))
            or (len(filled) == 1 and "#012" in filled[0])
            or len(found) + _indented(filled, matches) < _LEAST * len(filled)
        ):
            return None
        if len(found) < 0.3 * len(filled):
            return None
        if "number" in self.pattern.groupindex and not _grow(found):
            return None
        return partial(_unwrap, pattern=self.removed)


def may_have_prefix(sample: Sequence[str]) -> bool:
    """Return whether enough lines begin with any of the prefixes, to look for each of them."""
    filled = nonblank(sample)
    return not filled or bool(_matches(_ANY, filled))


def _matches(pattern: re.Pattern[str], filled: Sequence[str]) -> list[re.Match[str] | None]:
    """Return the match of each line; nothing if too many lines neither match nor continue."""
    matches = []
    misses = 0
    for line in filled:
        match = pattern.match(line)
        matches.append(match)
        if (match is None and not line[0].isspace()) or (match is not None and not match.end()):
            misses += 1
            if len(filled) - misses < _LEAST * len(filled):
                return []
    return matches


def _indented(lines: Sequence[str], matches: Sequence[re.Match[str] | None]) -> int:
    """Return how many lines have blanks where the line before them has its prefix."""
    found = width = 0
    for line, match in zip(lines, matches, strict=True):
        if match is not None:
            width = match.end()
        elif width > 10 and not line[:width].strip():
            found += 1
    return found


def _grow(matches: Sequence[re.Match[str]]) -> bool:
    last: dict[str, int] = {}
    for match in matches:
        name = match.groupdict().get("name") or ""
        number = int(match["number"])
        if number <= last.get(name, -1):
            return False
        last[name] = number
    return True


def _unwrap(lines: Iterator[Line], pattern: re.Pattern[str]) -> Iterator[Line]:
    names = pattern.groupindex
    width = 0
    for line in lines:
        text, stream = line.text, line.stream
        match = pattern.match(text)
        if match is not None:
            width = match.end()
            if "stream" in names and match["stream"]:
                stream = f"{stream}/{match['stream']}"
            yield line._replace(text=text[width:], stream=stream)
        elif width > 10 and not text[:width].strip():
            yield line._replace(text=text[width:], stream=stream)
        else:
            yield line


PREFIXES: dict[str, Prefix] = {
    title: Prefix(regex(pattern), regex(pattern.removesuffix(_NO_TIME)))
    for title, pattern in {
        "syslog (RFC 5424)": r"(?:<\d{1,3}>)?1 \S+ (?P<stream>\S+ \S+ \S+) \S+ "
        r"(?:-|(?:\[[^\]]*\])+)(?: \ufeff?|$)",
        "syslog": rf"(?:<\d{{1,3}}>)?(?:{_BSD}|{_ISO}{_ZONE}|\d{{10}}\.\d+) "
        rf"(?P<stream>(?:[\w.-]+ )?{_PROGRAM}){_END}",
        "time and task (Airflow)": r"\[\d{4}-\d\d-\d\d[T,] ?[\d:.]+"
        r"(?: UTC|[+-]\d{4})?\] \{\w+\.py:\d+\} [A-Z]+ - ",
        "times (GitHub Actions, docker, kubectl)": rf"\ufeff?{_ISO}{_ZONE}{_END}",
        "times in brackets (Jenkins)": rf"\[{_ISO}{_ZONE}\]{_END}",
        "times (ts)": rf"{_BSD}{_END}",
        "job, step and time (gh run view)": rf"[^\t\"{{]+\t[^\t\"{{]+\t(?=\ufeff?{_ISO})",
        "names of pods (kubectl)": r"(?P<stream>\[pod/[^\]]+\])(?: |$)",
        "times and names of processes (honcho)": r"\d\d:\d\d:\d\d (?P<stream>\S+)\s+\|(?: |$)",
        "names of containers (docker compose)": r"(?P<stream>[\w./@-]+)\s+\|(?: |$)",
        "outputs of ranks (mpirun)": r"(?P<stream>\[\d+,\d+\]<std(?:out|err)>):",
        "outputs of ranks (prterun)": r"(?P<stream>\[[^\[\]\s]+\]<std(?:out|err)>): ?",
        "ranks in brackets (mpiexec)": r"(?P<stream>\[\d+(?:,\d+)?\])(?: |$)",
        "file and line (grep)": r"(?!\d+:)(?P<name>[^\s:{}'\"]+)(?<!T\d\d):"
        rf"(?P<number>\d+):{_NO_TIME}",
        "numbers of lines (grep)": rf"(?P<number>\d+)[:-]{_NO_TIME}",
        "tasks (srun)": rf" *(?P<stream>\d+):(?: |$){_NO_TIME}",
        "numbers of lines (cat, nl, less)": r" *(?P<number>\d+)(?:\t|  ?)",
        "quote marks": r"(?:> ?)+",
        "outputs": r"\[?(?P<stream>std(?:out|err))\]?[:|>]?(?: |$)",
    }.items()
}
"""Prefixes by title. The first one that nearly all lines have counts."""

_ANY = regex("|".join(_NAMED.sub("(?:", prefix.pattern.pattern) for prefix in PREFIXES.values()))

SYSLOG = PREFIXES["syslog"].removed
"""The prefix of syslog."""

_LONGEST_PREFIX = 200
_FEWEST = 3
_BEFORE_WHOLE = regex(r"""[^{['"]{0,200}?[\s|>\]:](?=\{\s*"|\[\s*[{"\[]|[bB]?['"])""")
_ENDS = regex(r".*[\s|>\]]", re.DOTALL)
# The date or level of a logger is not a wrapper, because the further lines of a record lack it.
_STOPS = regex(
    r"_P|_?_$|[{'\"]"
    r"|(?<!\w)(?:\d{2,4}[-/.:]\d\d|(?:NOTSET|DEBUG|INFO|WARNING|ERROR|CRITICAL)\b)"
)


def detect_common_prefix(sample: Sequence[str]) -> Unwrap | None:
    """Recognise a beginning that all lines have in common, up to a blank, a bar or a bracket."""
    filled = nonblank(sample)
    if len(filled) < _FEWEST:
        return _unwrap_whole if filled and all(map(_before_whole, filled)) else None
    shared = common_start(filled)[:_LONGEST_PREFIX]
    stop = _STOPS.search(shared)
    ends = _ENDS.match(shared[: stop.start()] if stop is not None else shared)
    if ends is None or not ends[0].strip():
        return None
    prefix = ends[0]
    return lambda lines: (line._replace(text=line.text.removeprefix(prefix)) for line in lines)


def _before_whole(text: str) -> int:
    """Return the length of a prefix before a literal or a JSON document; 0 if there is none."""
    prefix = _BEFORE_WHOLE.match(text)
    if prefix is None or "PROV" in prefix[0]:
        return 0
    rest = text[prefix.end() :]
    return prefix.end() if is_document(rest) or LITERAL.fullmatch(rest) is not None else 0


def _unwrap_whole(lines: Iterator[Line]) -> Iterator[Line]:
    return (line._replace(text=line.text[_before_whole(line.text) :]) for line in lines)
