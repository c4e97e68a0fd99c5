"""Identify the files of a ctapipe log.

A product is identified by its product id, which stays the same when it is moved or copied.
Other files are identified by machine and path, as ``file://node07/data/a.txt``. If several
activities wrote to a path one after the other, each wrote another file.
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
    """A version of a file: its content after one activity.

    Parameters
    ----------
    end : datetime
        The end of the activity.
    start : datetime
        The start of the activity.
    activity : str
        The id of the activity.
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
        The machine, the path and the version of each output.
    """

    def __init__(self, versions: Iterable[tuple[str, str, Version]]) -> None:
        written: defaultdict[tuple[str, str], list[Version]] = defaultdict(list)
        for node, path, version in versions:
            written[node, path].append(version)
        self._versions = {key: _consecutive(found) for key, found in written.items()}
        self._read_before: set[tuple[str, str]] = set()

    def read_at(self, node: str, path: str, start: datetime) -> None:
        """Register that a path was read. Register all reads before requesting the first id."""
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
        # Only the first file at a path is identified by the path alone.
        is_first = number == 0 and (node, path) not in self._read_before
        return _url(node, path) if is_first else f"{_url(node, path)}#{version.activity}"


def _consecutive(versions: list[Version]) -> list[Version]:
    """Return the versions of a path in order, with one for overlapping activities."""
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
    """Return the URL of a path on a machine (RFC 8089)."""
    return f"file://{quote(node)}{quote(path)}" if node and path.startswith("/") else path
