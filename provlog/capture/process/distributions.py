"""The distributions (as of ``pip``) that contain the imported packages, with their versions.

They are the ones that ``importlib.metadata`` finds. It takes twenty times as long, since it
parses all of their metadata.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO

from msgspec import Struct

from provlog.capture.process.environment import imported_packages, normalized_name

__all__ = ["imported_distributions"]

_SITES = frozenset({"site-packages", "dist-packages"})
_INFOS = (".dist-info", ".egg-info")
# The metadata of wheels, of eggs, and of `distutils`, where it is a single file.
_METADATA = ("METADATA", "PKG-INFO", "")
_ALL = -1
# The number of bytes of a list of files that are read first.
_START = 4096


class _Distribution(Struct, frozen=True):
    """A distribution: its normalized name, and a function that reads one of its files."""

    key: str
    # Takes the number of bytes, too; a negative one means all.
    read: Callable[[str, int], bytes]


def imported_distributions() -> dict[str, str]:
    """Return the versions of the distributions whose packages are imported, by their names.

    A package and its distribution may have different names, such as ``yaml`` and PyYAML.
    """
    versions: dict[str, str] = {}
    with suppress(Exception):
        versions.update(_found())
    return dict(sorted(versions.items(), key=lambda item: item[0].lower()))


def _found() -> Iterator[tuple[str, str]]:
    installed = [*_installed()]
    by_key: dict[str, list[_Distribution]] = {}
    for one in installed:
        by_key.setdefault(one.key, []).append(one)
    # Each step is slower than the one before: it reads more files.
    others = set()
    for package in imported_packages():
        versions = filter(None, map(_version, by_key.get(normalized_name(package), ())))
        if (version := next(versions, None)) is not None:
            yield version
        elif _is_installed(package):
            others.add(package)
    unlisted = []
    known: set[str] = set()
    for one in installed:
        if not others:
            return
        listed = one.read("top_level.txt", _ALL).decode(errors="replace").split()
        if not listed:
            unlisted.append(one)
        elif not others.isdisjoint(listed) and (version := _version(one)) is not None:
            others.difference_update(listed)
            yield version
    # In most lists of files, those of the packages come early.
    for length in (_START, _ALL):
        for one in [*unlisted] if others else ():
            files = b"\n" + (one.read("RECORD", length) or one.read("SOURCES.txt", length))
            names = {
                name
                for name in others
                if any(b"\n%b%b" % (name.encode(), end) in files for end in (b"/", b"."))
            }
            if names:
                yield from filter(None, [_version(one)])
                unlisted.remove(one)
                known |= names
        others -= known


def _installed() -> Iterator[_Distribution]:
    """Yield the installed distributions; those of the first folder on the path come first."""
    for folder in dict.fromkeys(sys.path):
        try:
            names = os.listdir(folder or os.curdir)
        except NotADirectoryError:
            yield from _in_archive(folder)
        except OSError:
            continue
        else:
            for name in names:
                if name.lower().endswith(_INFOS):
                    yield _in_folder(name, os.path.join(folder, name))
                elif name == "EGG-INFO":
                    yield _in_folder(os.path.basename(folder), os.path.join(folder, name))


def _in_folder(name: str, folder: str) -> _Distribution:
    def read(file: str, length: int) -> bytes:
        try:
            with open(f"{folder}{os.sep}{file}" if file else folder, "rb", buffering=0) as stream:
                return stream.read(length) or b""
        except OSError:
            return b""

    return _Distribution(_key(name), read)


def _in_archive(path: str) -> Iterator[_Distribution]:
    # Imported here, since it takes a while, and few paths have archives.
    from importlib import metadata

    for one in metadata.distributions(path=[path]):

        def read(file: str, length: int, one: metadata.Distribution = one) -> bytes:
            return (one.read_text(file) or "").encode() if file else b""

        yield _Distribution(normalized_name(one.name or ""), read)


def _key(name: str) -> str:
    # numpy-2.4.0.dist-info, PyYAML-6.0-py3.11.egg-info
    return normalized_name(name.rpartition(".")[0].partition("-")[0])


def _version(one: _Distribution) -> tuple[str, str] | None:
    """Return name and version as in the metadata; ``None`` if they cannot be read."""
    text = next(filter(None, (one.read(file, _ALL) for file in _METADATA)), b"")
    name = version = ""
    # The description, which may be long, follows.
    for line in BytesIO(text):
        if not line.strip():
            break
        key, _, value = line.partition(b":")
        key = key.lower()
        if key == b"name":
            name = name or value.strip().decode(errors="replace")
        elif key == b"version":
            version = version or value.strip().decode(errors="replace")
        if name and version:
            return name, version
    return None


def _is_installed(package: str) -> bool:
    """Return whether a package is in a folder of installed packages."""
    paths: list[object] = []
    # A program may put anything into sys.modules.
    with suppress(Exception):
        # Not getattr: a lazy module would import things.
        variables = object.__getattribute__(sys.modules[package], "__dict__")
        paths = [variables.get("__file__"), *(variables.get("__path__") or ())]
    return any(not _SITES.isdisjoint(str(path).split(os.sep)) for path in paths)
