"""Complete truncated JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from provlog.patterns import regex
from provlog.readers.truncated.complete import Complete

__all__ = ["completed"]

_TOKEN = regex(rb'"(?:[^"\\]|\\.)*+"|[{}\[\],"]')
_CLOSING = {b"{": b"}", b"[": b"]"}


def completed(data: bytes, containers: Callable[[Sequence[bytes | None]], int]) -> Complete | None:
    """Return the complete part of a document; ``None`` if it is not truncated.

    Parameters
    ----------
    data : bytes
        The document.
    containers : callable
        Returns how many of the incomplete objects and arrays are kept, given the keys of all
        inner ones; those in arrays have none.

    Examples
    --------
    >>> completed(b'{"a": {"b": [1], "c": [1', lambda keys: 2).data
    b'{"a": {"b": [1]}}'
    """
    closing: list[bytes] = []
    # The ends of the last complete value in each object and array that is open.
    ends: list[int] = []
    keys: list[bytes | None] = []
    key = b""
    for match in _TOKEN.finditer(data):
        token = match[0]
        if token in _CLOSING:
            keys.append(key[1:-1] if closing[-1:] == [b"}"] else None)
            closing.append(_CLOSING[token])
            ends.append(match.end())
        elif token == b",":
            if not ends:
                return None
            ends[-1] = match.start()
        elif token == b'"':
            # A string that does not end.
            break
        elif len(token) > 1:
            key = token
        else:
            if not closing or closing.pop() != token:
                return None
            keys.pop()
            ends.pop()
            if ends:
                ends[-1] = match.end()
    if not closing:
        return None
    kept = min(containers(keys[1:]), len(closing))
    position = ends[kept - 1]
    return Complete(data[:position] + b"".join(reversed(closing[:kept])), position)
