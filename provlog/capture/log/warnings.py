"""What could not be recorded: the logger ``provlog`` tells it, and the program goes on."""

from __future__ import annotations

import logging
from contextlib import suppress

__all__ = ["complain"]

_LOGGER = logging.getLogger("provlog")


def complain(message: str, *arguments: object) -> None:
    """Tell something to the user, as a warning with ``%`` for each argument.

    With a sender: among what the program prints nobody would know who speaks.
    """
    # If that fails, too, there is nobody left to tell.
    with suppress(Exception):
        _LOGGER.warning(f"provlog: {message}", *arguments, stacklevel=2)
