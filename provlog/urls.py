"""Distinguish URLs from paths, and show them without secrets."""

from __future__ import annotations

import re
from urllib.parse import unquote

__all__ = ["is_url", "localized", "shown"]

# A single letter is a drive of Windows. fsspec chains with "::", as in zip://a.log::s3://b/c.zip.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:::[A-Za-z][A-Za-z0-9+.-]+)*://")
_FILE = re.compile(r"(?:file|local)://", re.IGNORECASE)
_SECRET = re.compile(r"(?<=://)[^/@?#]*(?=@)")


def is_url(name: str) -> bool:
    """Tell whether a name is the URL of something that is elsewhere.

    Examples
    --------
    >>> is_url("https://example.org/run.log"), is_url("logs/run.log"), is_url("file:///run.log")
    (True, False, False)
    """
    return _URL.match(name) is not None and _FILE.match(name) is None


def localized(name: str) -> str:
    """Return the path that a ``file://`` URL stands for (RFC 8089), or the name itself.

    Examples
    --------
    >>> localized("file:///data/a%20b.log"), localized("run.log")
    ('/data/a b.log', 'run.log')
    """
    scheme = _FILE.match(name)
    return name if scheme is None else unquote(name[scheme.end() :])


def shown(name: str) -> str:
    """Return a name as messages have it: without the password that a URL may hold.

    Examples
    --------
    >>> shown("ftp://me:secret@example.org/run.log")
    'ftp://***@example.org/run.log'
    """
    return _SECRET.sub("***", name) if is_url(name) else name
