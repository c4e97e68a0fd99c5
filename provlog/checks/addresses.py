"""Detect addresses of Python objects, which mean nothing after the process has ended."""

from __future__ import annotations

import re

__all__ = ["holds_address", "is_address"]

# As in "<Observations object at 0x7f3a2c1d5e80>" and "Generator(PCG64) at 0x7F3A2C1D5E80".
_IN_TEXT = re.compile(r" at 0x(?:[0-9A-Fa-f]{6,}|[0-9A-Fa-f]+>)", re.ASCII)
_HEXADECIMAL = re.compile(r"0x[0-9A-Fa-f]{9,16}", re.ASCII)
# The addresses at which CPython allocates objects on 64-bit Linux, multiples of 8.
_MAPPED = range(0x7E0000000000, 0x800000000000, 8)
_LONGEST = len(str(_MAPPED.stop))


def holds_address(text: str) -> bool:
    """Return whether a text contains the default ``repr`` of a Python object.

    Examples
    --------
    >>> holds_address('{"events":"<EventList object at 0x7f3a2c1d5e80>"}')
    True
    """
    return " at 0x" in text and _IN_TEXT.search(text) is not None


def is_address(raw: str) -> bool:
    """Return whether an id is an address or the default hash of an object (its address / 16).

    Examples
    --------
    >>> is_address("0x7f3a2c1d5e80"), is_address("139887342083712"), is_address("8756474698089")
    (True, True, True)
    >>> is_address("23592")
    False
    """
    if raw.isascii() and raw.isdecimal():
        if len(raw) > _LONGEST:
            return False
        number = int(raw)
        return number in _MAPPED or number * 16 in _MAPPED
    return _HEXADECIMAL.fullmatch(raw) is not None or holds_address(raw)
