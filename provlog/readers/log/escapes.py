"""Escapes of Python and JSON strings."""

from __future__ import annotations

import re

from provlog.patterns import regex

__all__ = ["unescape"]

_ESCAPE = regex(
    r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([0-7]{1,3})|(.))", re.DOTALL
)
_SIMPLE_ESCAPES = {
    "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "a": "\a", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "/": "/", "\n": "",
}  # fmt: skip
_SURROGATES = regex("[\ud800-\udbff][\udc00-\udfff]")


def unescape(text: str) -> str:
    r"""Undo the escapes of a Python or JSON string.

    Examples
    --------
    >>> unescape(r"it\'s 5\xb0, \ud83d\ude00")
    "it's 5°, 😀"
    """
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_unescaped, text)
    # JSON writes a character beyond the Basic Multilingual Plane as two escapes.
    return _SURROGATES.sub(lambda m: m[0].encode("utf-16", "surrogatepass").decode("utf-16"), plain)


def _unescaped(match: re.Match[str]) -> str:
    hexadecimal = match[1] or match[2] or match[3]
    if hexadecimal:
        code = int(hexadecimal, 16)
        return chr(code) if code < 0x110000 else match[0]
    if match[4]:
        return chr(int(match[4], 8))
    return _SIMPLE_ESCAPES.get(match[5], match[0])
