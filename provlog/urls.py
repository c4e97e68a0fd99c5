"""URLs and paths: distinguish them, and show them without secrets."""

from __future__ import annotations

import re

from provlog.patterns import regex
from provlog.redaction import masked_url

__all__ = ["is_url", "localized", "shown"]

# A single letter is a Windows drive. fsspec chains URLs with "::", as in zip://a.log::s3://b/c.zip.
_URL = regex(r"[A-Za-z][A-Za-z0-9+.-]+(?:::[A-Za-z][A-Za-z0-9+.-]+)*://")
_FILE = regex(r"(?:file|local)://", re.IGNORECASE)


def is_url(name: str) -> bool:
    """Return whether a name is the URL of a remote file.

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
    if scheme is None:
        return name
    from urllib.parse import unquote

    return unquote(name[scheme.end() :])


def shown(name: str) -> str:
    """Return a name for messages: without the secrets of a URL.

    Examples
    --------
    >>> shown("ftp://me:secret@example.org/run.log"), shown("https://a.org/x?token=abc")
    ('ftp://***@example.org/run.log', 'https://a.org/x?token=(withheld)')
    """
    return masked_url(name) if "://" in name else name
