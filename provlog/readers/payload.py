"""From a payload, the text behind the markers, to a mapping.

A payload is the ``repr`` of a Python dict, or JSON. Most are simple enough to
become JSON by exchanging their quotes, and then one call of a C decoder does;
where that fails the text is taken apart, one step slower at a time: strings
apart from the structure (:func:`decode`), then a parser of our own that knows
everything a ``repr`` may hold (:mod:`provlog.readers.literals`), then PyYAML,
because that is what logprov and lstosa read their logs with. Nothing is ever
evaluated.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import accumulate
from math import isfinite
from typing import Any

import msgspec

from provlog.identifiers import id_text
from provlog.readers.literals import MAX_DEPTH, unescape

__all__ = ["decode", "decode_yaml"]

_MAX_YAML = 0x10000
_MAX_YAML_NODES = 0x4000

_decode_json = msgspec.json.Decoder().decode
_encode_json = msgspec.json.Encoder().encode
_DECODE_ERRORS = (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError)

# What is not structure: strings, calls such as PosixPath('/x'), <objects>.
_SINGLE = rb"'[^'\\]*(?:\\.[^'\\]*)*+'"
_DOUBLE = rb'"[^"\\]*(?:\\.[^"\\]*)*+"'
_PIECES = re.compile(
    rb"(%b | %b | (?<![\w.])[A-Za-z_][\w.]*\((?:[^()'\"\\]++ | %b | %b)*+\) | <[A-Za-z_][^<>'\"\\]*>)"
    % (_SINGLE, _DOUBLE, _SINGLE, _DOUBLE),
    re.VERBOSE | re.DOTALL,
)
# What is left between the pieces and has another name in JSON.
_STRUCTURE = re.compile(rb"\bNone\b|\bTrue\b|\bFalse\b|-?\binf\b|\bnan\b|,?\s*\)|\(|([{,]\s*)(-?\d+)(?=\s*:)")
_WORDS = {b"None": b"null", b"True": b"true", b"False": b"false", b"(": b"["}
# Escapes that mean the same in Python and in JSON.
_SHARED_ESCAPES = re.compile(rb"""(?:[^\\"\x00-\x1f]|\\[\\"nrtbf]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})*""")
_QUOTE = ord("'")
_PLAIN = (str, int, float, bool, datetime)
_BRACKETS = bytes(set(range(256)) - set(b"[]{}()"))
_STEP = {**dict.fromkeys(b"[{(", 1), **dict.fromkeys(b"]})", -1)}


def decode(payload: bytes) -> dict[str, Any] | None:
    """Decode a payload at C speed, or return ``None`` if it takes more than that.

    Parameters
    ----------
    payload : bytes
        The text from the opening to the closing brace.

    Examples
    --------
    >>> decode(b"{'activity_id': 'fa5710', 'parameters': {'limits': (1, None)}}")
    {'activity_id': 'fa5710', 'parameters': {'limits': [1, None]}}
    """
    if payload.count(b"[") + payload.count(b"{") + payload.count(b"(") > MAX_DEPTH:
        brackets = payload.translate(None, _BRACKETS)
        if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > MAX_DEPTH:
            return None
    fields = None
    if b"\\" not in payload and b'"' not in payload:
        fields = _json(payload.replace(b"'", b'"'))
    elif payload.startswith(b'{"'):
        fields = _json(payload)
    if fields is None:
        text = _as_json(payload)
        fields = _json(text) if text is not None else None
    return fields if type(fields) is dict else None


def _json(text: bytes) -> Any:
    try:
        return _decode_json(text)
    except _DECODE_ERRORS:
        return None


def _as_json(payload: bytes) -> bytes | None:
    """Rewrite a ``repr`` as JSON; ``None`` if it cannot be done piece by piece."""
    if b"\x00" in payload:
        return None
    pieces = _PIECES.split(payload)
    try:
        pieces[1::2] = [
            b'"%b"' % piece[1:-1]
            if piece[0] == _QUOTE and b'"' not in piece and b"\\" not in piece
            else _piece(piece)
            for piece in pieces[1::2]
        ]
    except UnicodeDecodeError:
        return None
    # One substitution over all the structure, with NUL where the pieces were.
    pieces[::2] = _STRUCTURE.sub(_word, b"\x00".join(pieces[::2])).split(b"\x00")
    return b"".join(pieces)


def _piece(piece: bytes) -> bytes:
    """A string as JSON; a call or an object as its own text."""
    if piece[0] not in b"\"'":
        return _encode_json(piece.decode())
    content = piece[1:-1]
    if _SHARED_ESCAPES.fullmatch(content):
        return b'"%b"' % content
    return _encode_json(unescape(content.decode()))


def _word(match: re.Match[bytes]) -> bytes:
    """What stands in a ``repr`` between strings, as JSON has it."""
    word = match[0]
    if match[2] is not None:
        return b'%b"%b"' % (match[1], match[2])
    if word.endswith(b")"):
        return b"]"
    return _WORDS.get(word) or b'"%b"' % word


def decode_yaml(text: str) -> dict[str, Any] | None:
    """Read a payload as logprov and lstosa do; ``None`` if it is no mapping for PyYAML.

    Keys become text. A text that is too long, or that refers to itself often
    enough to grow without end, is not read.
    """
    if len(text) > _MAX_YAML:
        return None
    import yaml

    try:
        loaded = yaml.safe_load(text)
        return _plain(loaded, [0]) if isinstance(loaded, dict) else None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return None


def _plain(value: Any, count: list[int]) -> Any:
    """A YAML value as JSON knows it, with all aliases spelled out."""
    count[0] += 1
    if count[0] > _MAX_YAML_NODES:
        raise ValueError("more nodes than a record can have")
    if isinstance(value, dict):
        return {id_text(key): _plain(item, count) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(item, count) for item in value]
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return value if value is None or type(value) in _PLAIN else str(value)
