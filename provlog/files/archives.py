"""The files in a zip or tar archive, such as the logs of a CI run."""

from __future__ import annotations

import os
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from typing import IO, Any, TypeVar

from provlog.diagnostics.diagnostic import Report, unreadable
from provlog.files.rotation import oldest_first
from provlog.files.source import ZIP, BombError, DamagedError, Source, damaged, is_bomb
from provlog.patterns import regex

__all__ = ["members"]

# Encrypted members raise a RuntimeError, unknown methods of compression a NotImplementedError.
_ERRORS = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, OSError, EOFError, RuntimeError, ValueError
)  # fmt: skip

_DIGITS = regex(r"(\d+)")

Entry = TypeVar("Entry")
Opener = Callable[[], IO[bytes] | None]


def members(archive: Source, report: Report) -> Iterator[Source]:
    """Yield the files in an archive, opened one after the other; report PL001 if it is damaged.

    Numbers in names count as numbers. Of a log that was rotated, the oldest file comes first.
    The names of the files are never used as paths. An archive whose files are so large that it
    can only be a bomb is not read.

    Parameters
    ----------
    archive : Source
        The opened archive.
    report : callable
        Receives the diagnostics.
    """
    with tempfile.TemporaryFile() as data:
        # The directory of a zip archive is at its end.
        try:
            for chunk in archive.chunks():
                data.write(chunk)
        except DamagedError as error:
            report(damaged(archive.name, 1, error))
        data.seek(0)
        files = _zipped(data) if archive.head.startswith(ZIP) else _in_tar(data)
        try:
            for name, opener in files:
                shown = f"{archive.name}/{name}"
                try:
                    file = opener()
                    if file is None:
                        continue
                    with file, Source(name, name=shown, member=file) as member:
                        yield member
                except _ERRORS as error:
                    report(damaged(shown, 1, DamagedError(str(error))))
        except BombError as error:
            report(unreadable(archive.name, str(error)))
        except _ERRORS as error:
            report(damaged(archive.name, 1, DamagedError(str(error))))


def _limited(data: IO[bytes], sizes: Iterable[int]) -> None:
    """Raise an error if the files of an archive are too large for its size."""
    packed = data.seek(0, os.SEEK_END)
    if is_bomb(sum(sizes), packed):
        raise BombError


def _zipped(data: IO[bytes]) -> Iterator[tuple[str, Opener]]:
    with zipfile.ZipFile(data) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        # A file is never read beyond the size that the directory states.
        _limited(data, (entry.file_size for entry in entries))
        for entry in _in_order(entries, lambda entry: entry.filename):
            yield entry.filename, partial(archive.open, entry)


def _in_tar(data: IO[bytes]) -> Iterator[tuple[str, Opener]]:
    with closing(tarfile.open(fileobj=data)) as archive:
        entries: dict[str, tarfile.TarInfo] = {}
        damage: tarfile.TarError | None = None
        try:
            entries.update((entry.name, entry) for entry in archive if entry.isfile())
        except tarfile.TarError as error:
            # The files before this point are good.
            damage = error
        # A sparse file can be larger than the archive.
        _limited(data, (entry.size for entry in entries.values()))
        for entry in _in_order(entries.values(), lambda entry: entry.name):
            yield entry.name, partial(archive.extractfile, entry)
        if damage is not None:
            raise damage


def _in_order(entries: Iterable[Entry], name_of: Callable[[Entry], str]) -> list[Entry]:
    """Return the files of an archive by name, and those of a rotated log by time."""
    return oldest_first(sorted(entries, key=lambda entry: _order(name_of(entry))), name_of)


def _order(name: str) -> list[Any]:
    """Return the key by which files are sorted.

    Examples
    --------
    >>> sorted(["10_b.txt", "a.log", "2_a.txt"], key=_order)
    ['2_a.txt', '10_b.txt', 'a.log']
    """
    return [int(part) if index % 2 else part for index, part in enumerate(_DIGITS.split(name))]
