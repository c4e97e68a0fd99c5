"""Which outputs a log has: laid out as the logs are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from provlog.errors import UsageError
from provlog.inputs import Found
from provlog.remote import is_url, join
from provlog.writers import Format

__all__ = ["check_inputs", "check_layout", "output_path", "stem"]

# What the name of an output does not keep. Other endings may be all that tells two logs apart.
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
_LOGS = (".log", ".txt")


def stem(place: str) -> str:
    """Return where the outputs of a log are, without their suffix.

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
    """Return the path or URL of a log's output in one format."""
    return join(folder, stem(place) + format.suffixes[0])


def check_layout(logs: Iterable[Found], formats: Sequence[Format], folder: str) -> None:
    """Raise if two logs have the same output.

    Raises
    ------
    UsageError
        Naming both logs.
    """
    firsts: dict[str, str] = {}
    for log in logs:
        first = firsts.setdefault(stem(log.place), log.path)
        if first is not log.path:
            output = output_path(folder, log.place, formats[0])
            raise UsageError(
                f"{first} and {log.path} would both be written to {output}: rename one, or name "
                "the folder that they are both in"
            )


def check_inputs(
    logs: Iterable[Found], places: Iterable[str], formats: Sequence[Format], folder: str
) -> None:
    """Raise if an output is an input.

    Raises
    ------
    UsageError
        Naming it.
    """
    if is_url(folder):
        return
    inputs = {os.path.realpath(log.path) for log in logs if not is_url(log.path)}
    real = os.path.realpath(folder)
    for place in places:
        for format in formats:
            if output_path(real, place, format) in inputs:
                output = output_path(folder, place, format)
                raise UsageError(f"{output}: is an input; name another folder")
