"""The order of time of rotated logs: ``run.log.2.gz``, ``run.log.1``, ``run.log``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from provlog.patterns import regex

__all__ = ["oldest_first", "rotation"]

Item = TypeVar("Item")

# A number, as logging and logrotate write it, or the date of logrotate or logging, with any time.
_ROTATED = regex(
    r"(?P<log>.+?)(?:\.(?P<number>\d{1,4})|-(?P<date>\d{8}(?:\d{2})?(?:-\d+)?)"
    r"|\.(?P<day>\d{4}-\d\d-\d\d(?:_\d\d(?:-\d\d){0,2})?))(?:\.(?:gz|bz2|xz|zst))?"
)
_LOG = regex(r".*\.(?:log|out|err|txt)")


def rotation(name: str) -> tuple[str, tuple[int, str, int]]:
    """Return the log that a file belongs to, and the key by which its files are sorted by time.

    Examples
    --------
    >>> rotation("run.log.2.gz"), rotation("run.log-20261126"), rotation("run.log")
    (('run.log', (1, '', -2)), ('run.log', (0, '20261126', 0)), ('run.log', (2, '', 0)))
    """
    match = _ROTATED.fullmatch(name)
    if match is None:
        return name, (2, "", 0)
    if match["number"] is not None:
        return match["log"], (1, "", -int(match["number"]))
    return match["log"], (0, match["date"] or match["day"], 0)


def oldest_first(items: Iterable[Item], name_of: Callable[[Item], str]) -> list[Item]:
    """Return inputs with the files of each rotated log in the order of time.

    The files of a log take the places that they have among the others. A number counts only beside
    the log itself, or after a suffix of logs: ``job.1`` is not a rotated file.

    Parameters
    ----------
    items : iterable
        The inputs.
    name_of : callable
        Returns the path of an input.

    Examples
    --------
    >>> oldest_first(["run.log", "x", "run.log.1", "run.log.2.gz", "job.1", "job.2"], str)
    ['run.log.2.gz', 'x', 'run.log.1', 'run.log', 'job.1', 'job.2']
    """
    found: Sequence[Item] = list(items)
    names = {name_of(item) for item in found}
    places: dict[str, list[int]] = {}
    for index, item in enumerate(found):
        log = rotation(name_of(item))[0]
        if log in names or _LOG.fullmatch(log):
            places.setdefault(log, []).append(index)
    result = list(found)
    for indices in places.values():
        if len(indices) > 1:
            ordered = sorted(indices, key=lambda index: rotation(name_of(found[index]))[1])
            for index, other in zip(indices, ordered, strict=True):
                result[index] = found[other]
    return result
