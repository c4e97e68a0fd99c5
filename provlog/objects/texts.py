"""Texts of values for the log: shortened, and with secrets masked."""

from __future__ import annotations

import re
from time import perf_counter
from typing import Any

from provlog.objects.classes import class_name, defining_class, short_name
from provlog.objects.signals import reraise_from_signal
from provlog.redaction import masked_text

__all__ = ["bytes_text", "log_text", "repr_text"]

_MAX_TEXT = 10_000
# Mask a little more than is kept: a login that is cut in half is not recognized.
_MAX_MASKED = _MAX_TEXT + 1000
_MAX_BYTES = 2500
_MAX_MASKED_BYTES = _MAX_BYTES + 1000
# Seconds after which the repr of a class counts as slow and is not called again.
_SLOW = 0.1
_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")

# Classes whose repr failed or was slow, with the text that replaces it.
_replacements: dict[type, str] = {}


def repr_text(value: Any) -> str:
    """Return the ``repr`` of an object without its address; never raises.

    Examples
    --------
    >>> repr_text(object())
    '<object>'
    """
    kind = type(value)
    if kind in _replacements:
        return _replacements[kind]
    if defining_class(kind, "__repr__") is object:
        return f"<{class_name(kind)}>"
    start = perf_counter()
    try:
        text = str.__str__(repr(value))
    except Exception as error:  # noqa: BLE001  (a method of the program may raise anything)
        reraise_from_signal(error)
        _replacements[kind] = f"<{class_name(kind)}: its repr raised {short_name(type(error))}>"
        return _replacements[kind]
    if perf_counter() - start > _SLOW:
        _replacements[kind] = f"<{class_name(kind)}: its repr takes too long>"
    return log_text(_ADDRESS.sub("", text) if " at 0x" in text else text)


def log_text(text: str) -> str:
    """Return a text for the log: without secrets, and cut after 10,000 characters."""
    if len(text) <= _MAX_TEXT:
        return masked_text(text)
    start = masked_text(text[:_MAX_MASKED])[:_MAX_TEXT]
    return f"{start}... ({len(text)} characters)"


def bytes_text(value: bytes | bytearray) -> str:
    """Return bytes as escaped text, without secrets, and cut after 2,500 characters."""
    text = masked_text(repr(bytes(value[:_MAX_MASKED_BYTES]))[2:-1])
    return text if len(value) <= _MAX_BYTES else f"{text[:_MAX_BYTES]}... ({len(value)} bytes)"
