"""What the logs of a batch are called: by the manifest, and by messages."""

from __future__ import annotations

import os

from provlog.files.find import Found
from provlog.model.values import safe_text
from provlog.urls import shown

__all__ = ["log_key", "log_name"]


def log_key(log: Found) -> str:
    """Return by what the manifest knows a log: its place, as text that JSON can hold."""
    if not log.path:
        # The document of all logs, which is no log.
        return ""
    try:
        log.place.encode()
    except UnicodeEncodeError:
        # No file name has a NUL.
        return "\0" + os.fsencode(log.place).decode("latin-1")
    return log.place


def log_name(log: Found) -> str:
    """Return what messages call a log: no secret of a URL, nothing that is no text."""
    return safe_text(shown(log.path)) or log.place
