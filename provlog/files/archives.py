"""The files in a zip or tar archive, such as the logs of a CI run."""

from __future__ import annotations

import re
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from typing import IO, Any

from provlog.diagnostics.diagnostic import Report
from provlog.files.source import ZIP, DamagedError, Source, damaged

__all__ = ["members"]

# Encrypted members raise a RuntimeError, unknown methods of compression a NotImplementedError.
_ERRORS = (zipfile.BadZipFile, tarfile.TarError, zlib.error, OSError, EOFError, RuntimeError)

_ROTATED = re.compile(r"(?P<log>.+)\.(?P<number>\d{1,4})(?:\.(?:gz|bz2|xz|zst))?")
_DIGITS = re.compile(r"(\d+)")


def members(archive: Source, report: Report) -> Iterator[Source]:
    """Yield the files in an archive, opened one after the other; report PL001 if it is damaged.

    Numbers in names count as numbers. Of a log that was rotated, the oldest file comes first.

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
            for name, file in files:
                with file, Source(name, name=f"{archive.name}/{name}", member=file) as member:
                    yield member
        except _ERRORS as error:
            report(damaged(archive.name, 1, DamagedError(str(error))))


def _zipped(data: IO[bytes]) -> Iterator[tuple[str, Any]]:
    with zipfile.ZipFile(data) as archive:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        for name in sorted(names, key=_order):
            yield name, archive.open(name)


def _in_tar(data: IO[bytes]) -> Iterator[tuple[str, Any]]:
    with closing(tarfile.open(fileobj=data)) as archive:
        entries: dict[str, tarfile.TarInfo] = {}
        damage: tarfile.TarError | None = None
        try:
            entries.update((entry.name, entry) for entry in archive if entry.isfile())
        except tarfile.TarError as error:
            # The files before this point are good.
            damage = error
        for name in sorted(entries, key=_order):
            file = archive.extractfile(entries[name])
            if file is not None:
                yield name, file
        if damage is not None:
            raise damage


def _order(name: str) -> tuple[list[Any], int]:
    """Return the key by which files are sorted.

    Examples
    --------
    >>> sorted(["10_b.txt", "a.log", "2_a.txt", "a.log.1", "a.log.10.gz"], key=_order)
    ['2_a.txt', '10_b.txt', 'a.log.10.gz', 'a.log.1', 'a.log']
    """
    rotated = _ROTATED.fullmatch(name)
    log, age = (rotated["log"], int(rotated["number"])) if rotated is not None else (name, 0)
    parts = _DIGITS.split(log)
    return [int(part) if index % 2 else part for index, part in enumerate(parts)], -age
