"""Functions that are imported at their first use, and may need an extra of provlog."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from provlog.errors import MissingExtraError

__all__ = ["imported"]


def imported(module: str, function: str, what: str, extra: str | None) -> Callable[..., Any]:
    """Return a function of a module.

    Parameters
    ----------
    module, function : str
        The names of the module and of the function.
    what : str
        What needs the function, for the message.
    extra : str, optional
        The extra of provlog that installs the packages of the module.

    Raises
    ------
    MissingExtraError
        If one of these packages is not installed.

    Examples
    --------
    >>> imported("math", "isqrt", "a root", None)(9)
    3
    """
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    except ImportError:
        if extra is None:
            raise
        raise MissingExtraError(what, extra) from None
    return found
