"""Warnings of the capture, each of which is one log record of the logger ``provlog``."""

from __future__ import annotations

import logging
from contextlib import suppress

__all__ = ["warn"]

_LOGGER = logging.getLogger("provlog")


def warn(message: str, *arguments: object) -> None:
    """Warn the user; the message has a ``%`` format for each argument.

    The message names provlog, since it appears among the messages of the program.
    """
    # A failing log handler must not reach the program.
    with suppress(Exception):
        _LOGGER.warning(f"provlog: {message}", *arguments, stacklevel=2)
