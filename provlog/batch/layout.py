"""Paths of the outputs of a log, laid out like the logs."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence

from provlog.errors import UsageError
from provlog.files.case import folded, ignores_case
from provlog.files.find import Found
from provlog.files.remote import join
from provlog.urls import is_url, shown
from provlog.writers import Format

__all__ = ["check_layout", "first_overwritten", "output_path", "stem"]

# Suffixes that are removed in the name of an output. Others, such as .1, may distinguish two logs.
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
_LOGS = (".log", ".txt")


def stem(place: str) -> str:
    """Return the path of the outputs of a log, relative to the folder and without suffix.

    Examples
    --------
    >>> stem("2020-01-17/run.log.gz"), stem("run.log.1")
    ('2020-01-17/run', 'run.log.1')
    """
    for endings in (_COMPRESSED, _LOGS):
        for ending in endings:
            if place.lower().endswith(ending) and os.path.basename(place)[: -len(ending)]:
                place = place[: -len(ending)]
                break
    return place


def output_path(folder: str, place: str, format: Format) -> str:
    """Return the path or URL of the output of a log in one format."""
    return join(folder, stem(place) + format.suffixes[0])


def check_layout(logs: Iterable[Found], formats: Sequence[Format], folder: str) -> None:
    """Raise if two logs have the same output, or an output is a folder of another output.

    Raises
    ------
    UsageError
        The message names both logs.
    """
    firsts: dict[str, str] = {}
    for log in logs:
        first = firsts.setdefault(stem(log.place), log.path)
        if first is not log.path:
            output = output_path(folder, log.place, formats[0])
            raise UsageError(
                f"{shown(first)} and {shown(log.path)} would both be written to {shown(output)}: "
                "rename one, omit one, or name a folder above both"
            )
    if not is_url(folder):
        _check_case(firsts, folder)
    # An output may also be the folder of another one, as with a.json/b.log beside a.log.
    folders = {part for place in firsts for part in _folders(place)}
    for place, path in firsts.items():
        for format in formats:
            if place + format.suffixes[0] in folders:
                output = output_path(folder, place, format)
                raise UsageError(
                    f"{shown(output)} would be the output of {shown(path)} and a folder: rename one"
                )


def _check_case(firsts: dict[str, str], folder: str) -> None:
    """Raise if two outputs have the same name on the file system of the outputs."""
    by_name: dict[str, str] = {}
    for place, path in firsts.items():
        first = by_name.setdefault(folded(place), path)
        if first is not path and ignores_case(folder):
            raise UsageError(
                f"{shown(first)} and {shown(path)} would be written to one output, because the "
                f"file system of {folder} ignores case: rename one, or omit one"
            )


def _folders(place: str) -> Iterator[str]:
    while place := posixpath.dirname(place):
        yield place


def first_overwritten(
    paths: Iterable[str], places: Iterable[str], formats: Sequence[Format], folder: str
) -> str | None:
    """Return the first output that would overwrite one of the files, or ``None``."""
    if is_url(folder):
        return None
    others = {os.path.realpath(path) for path in paths if not is_url(path)}
    real = os.path.realpath(folder)
    if not others:
        return None
    for place in places:
        for format in formats:
            if output_path(real, place, format) in others:
                return output_path(folder, place, format)
    return None
