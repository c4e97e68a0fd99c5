"""The distributions (as of ``pip``) that contain the imported packages, with their versions."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress

from provlog.capture.process.environment import imported_packages, normalized_name

__all__ = ["imported_distributions"]

_SITES = frozenset({"site-packages", "dist-packages"})


def imported_distributions() -> dict[str, str]:
    """Return the versions of the distributions whose packages are imported, by their names.

    A package and its distribution may have different names, such as ``yaml`` and PyYAML.
    """
    versions: dict[str, str] = {}
    with suppress(Exception):
        versions.update(_found())
    return dict(sorted(versions.items(), key=lambda item: item[0].lower()))


def _found() -> Iterator[tuple[str, str]]:
    # Imported here, since it takes a while; most programs import it themselves.
    from importlib import metadata

    # Each step is slower than the one before: it reads more files.
    others = set()
    for package in imported_packages():
        try:
            one = metadata.distribution(normalized_name(package))
        except metadata.PackageNotFoundError:
            others.add(package)
        else:
            yield one.name, one.version
    others = set(filter(_is_installed, others))
    if others:
        for one in metadata.distributions():
            listed = (one.read_text("top_level.txt") or "").split()
            if not others.isdisjoint(listed):
                others.difference_update(listed)
                yield one.name, one.version
    if others:
        names = metadata.packages_distributions()
        for name in {name for package in others for name in names.get(package, ())}:
            yield name, metadata.version(name)


def _is_installed(package: str) -> bool:
    """Return whether a package is in a folder of installed packages."""
    paths: list[object] = []
    # A program may put anything into sys.modules.
    with suppress(Exception):
        # Not getattr: a lazy module would import things.
        variables = object.__getattribute__(sys.modules[package], "__dict__")
        paths = [variables.get("__file__"), *(variables.get("__path__") or ())]
    return any(not _SITES.isdisjoint(str(path).split(os.sep)) for path in paths)
