"""Compare file names on file systems that ignore case, such as that of macOS."""

from __future__ import annotations

import os
import tempfile
import unicodedata

__all__ = ["folded", "ignores_case"]


def folded(name: str) -> str:
    """Return a name in the form that file systems without case compare.

    Examples
    --------
    >>> folded("Run.log") == folded("RUN.LOG"), folded("run1") == folded("run2")
    (True, False)
    """
    return unicodedata.normalize("NFC", name).casefold()


def ignores_case(folder: str) -> bool:
    """Return whether the file system of a folder ignores case.

    If the folder does not exist yet, its nearest existing parent is tested. The result is
    false if no file can be created there.
    """
    place = os.path.abspath(folder)
    while not os.path.isdir(place) and place != os.path.dirname(place):
        place = os.path.dirname(place)
    try:
        with tempfile.NamedTemporaryFile(prefix=".provlog-a", dir=place) as probe:
            name = os.path.basename(probe.name)
            return os.path.exists(os.path.join(place, name.swapcase()))
    except OSError:
        return False
