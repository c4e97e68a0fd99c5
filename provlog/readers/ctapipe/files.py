"""Identify the files of a ctapipe log.

A product is identified by its product id, which survives moving and copying. Any other
file is identified by its machine and path, as ``file://node07/data/a.txt``. A path that
several activities wrote one after the other means several files.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote

from msgspec import Struct, field

__all__ = ["Files", "Version"]


class Version(Struct, frozen=True, order=True):
    """A file as one activity left it.

    Parameters
    ----------
    end : datetime
        When the activity ended.
    start : datetime
        When it started.
    activity : str
        Its id.
    product : str, optional
        The id of the product.
    """

    end: datetime
    start: datetime
    activity: str
    product: str | None = field(default=None)


class Files:
    """The files of a log by machine and path.

    Parameters
    ----------
    versions : iterable
        For each output the machine, the path and the version.
    """

    def __init__(self, versions: Iterable[tuple[str, str, Version]]) -> None:
        written: defaultdict[tuple[str, str], list[Version]] = defaultdict(list)
        for node, path, version in versions:
            written[node, path].append(version)
        self._versions = {key: _consecutive(found) for key, found in written.items()}
        self._read_before: set[tuple[str, str]] = set()

    def read_at(self, node: str, path: str, start: datetime) -> None:
        """Note that a path was read; all reads are noted before the first id is requested."""
        versions = self._versions.get((node, path))
        if versions and _number_before(versions, start) == 0:
            self._read_before.add((node, path))

    def used(self, node: str, path: str, start: datetime | None) -> str:
        """Return the id of the file that was at a path when an activity started."""
        versions = self._versions.get((node, path))
        if not versions or start is None:
            return _url(node, path)
        return self._name(node, path, _number_before(versions, start) - 1)

    def generated(self, node: str, path: str, version: Version) -> str:
        """Return the id of the file that an activity wrote."""
        versions = self._versions[node, path]
        return self._name(node, path, _number_before(versions, version.end) - 1)

    def _name(self, node: str, path: str, number: int) -> str:
        if number < 0:
            return _url(node, path)
        version = self._versions[node, path][number]
        if version.product is not None:
            return version.product
        # Only the first file at a path is known by the path alone.
        is_first = number == 0 and (node, path) not in self._read_before
        return _url(node, path) if is_first else f"{_url(node, path)}#{version.activity}"


def _consecutive(versions: list[Version]) -> list[Version]:
    """Return the versions of a path in order; those of overlapping activities are one."""
    kept: list[Version] = []
    for version in sorted(versions):
        if kept and version.start < kept[-1].end:
            product = version.product or kept[-1].product
            kept[-1] = Version(kept[-1].end, kept[-1].start, kept[-1].activity, product)
        else:
            kept.append(version)
    return kept


def _number_before(versions: list[Version], time: datetime) -> int:
    """Return how many versions were complete at a time."""
    return bisect_right(versions, time, key=lambda version: version.end)


def _url(node: str, path: str) -> str:
    """Return a path as a URL with its machine (RFC 8089)."""
    return f"file://{quote(node)}{quote(path)}" if node and path.startswith("/") else path
