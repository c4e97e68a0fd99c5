"""Names of logs in the manifest and in messages, and their paths for workers."""

from __future__ import annotations

import os

from provlog.files.find import Found
from provlog.model.values import safe_text
from provlog.urls import is_url, shown

__all__ = ["absolute", "log_key", "log_name"]


def absolute(path: str) -> str:
    """Return an absolute path for a worker in another working folder; a URL is unchanged."""
    return path if is_url(path) else os.path.abspath(path)


def log_key(log: Found) -> str:
    """Return the key of a log in the manifest: its place as text that JSON can hold."""
    if not log.path:
        # The merged document.
        return ""
    try:
        log.place.encode()
    except UnicodeEncodeError:
        # No file name contains a NUL.
        return "\0" + os.fsencode(log.place).decode("latin-1")
    return log.place


def log_name(log: Found) -> str:
    """Return the name of a log in messages: printable, and without the secrets of a URL."""
    return safe_text(shown(log.path)) or log.place
