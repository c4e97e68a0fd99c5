"""Regular expressions that are compiled when they are first used.

A command imports some two hundred of them and uses a dozen; compiling all takes longer than the
rest of its start.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

__all__ = ["regex"]

_METHODS = ("finditer", "findall", "fullmatch", "match", "search", "split", "sub", "subn")


class _Pattern:
    """A stand-in for :class:`re.Pattern`, which it becomes at its first use."""

    def __init__(self, expression: str | bytes, flags: int) -> None:
        self.pattern = expression
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self.pattern, self._flags)
        # From now on, the methods are found without this one.
        self.__dict__ |= {method: getattr(compiled, method) for method in _METHODS}
        return getattr(compiled, name)


def regex(expression: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a regular expression that is compiled at its first use.

    Parameters
    ----------
    expression : str or bytes
        As for :func:`re.compile`.
    flags : int
        As for :func:`re.compile`.

    Examples
    --------
    >>> digits = regex(r"\\d+")
    >>> digits.findall("3 of 12")
    ['3', '12']
    """
    return cast("re.Pattern[AnyStr]", _Pattern(expression, flags))
