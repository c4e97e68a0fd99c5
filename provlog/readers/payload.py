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

_decode_mapping = msgspec.json.Decoder(dict[str, Any]).decode
_encode_json = msgspec.json.Encoder().encode
_DECODE_ERRORS = (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError)

_SINGLE = rb"'[^'\\]*(?:\\.[^'\\]*)*+'"
_DOUBLE = rb'"[^"\\]*(?:\\.[^"\\]*)*+"'
# What is no literal but can be told from its own brackets: PosixPath('/x'), <an object>.
_CALL = rb"[A-Za-z_][\w.]*\((?:[^()'\"\\]++ | %b | %b)*+\)" % (_SINGLE, _DOUBLE)
_OBJECT = rb"<[A-Za-z_][^<>'\"\\]*>"
_PIECES = re.compile(
    rb"(%b | %b | (?<![\w.])%b | %b)" % (_SINGLE, _DOUBLE, _CALL, _OBJECT), re.VERBOSE | re.DOTALL
)
_SPECIAL = re.compile(rb"%b | %b | %b" % (_DOUBLE, _CALL, _OBJECT), re.VERBOSE | re.DOTALL)
_NAME_BEFORE = re.compile(rb"[A-Za-z_][\w.]*\Z")
_LONGEST_NAME = 100
# What is left, the structure, where JSON has it differently.
_WORDS = ((b"None", b"null"), (b"True", b"true"), (b"False", b"false"))
_NUMBER_AS_KEY = re.compile(rb"(-?\d++):")
_DIGITS_AS_ZERO = bytes.maketrans(b"123456789", b"000000000")
_END_OF_TUPLE = re.compile(rb",?\s*\)")
_NOT_FINITE = re.compile(rb"-?\binf\b|\bnan\b")
# Escapes that mean the same in Python and in JSON.
_SHARED_ESCAPES = re.compile(rb"""(?:[^\\"\x00-\x1f]|\\[\\"nrtbf]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})*""")
_DIGITS = b"0123456789"
_MASK = b"\x00"
_DOUBLE_QUOTE, _PARENTHESIS = b'"('
_PLAIN = (str, int, float, bool, datetime)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}()"))
_STEPS = {**dict.fromkeys(b"[{(", 1), **dict.fromkeys(b"]})", -1)}


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
    if len(payload) > 2 * MAX_DEPTH and _depth(payload) > MAX_DEPTH:
        return None
    try:
        if b'"' not in payload and b"\\" not in payload:
            return _decode_mapping(payload.replace(b"'", b'"'))
        if payload.startswith(b'{"'):
            return _decode_mapping(payload)
    except _DECODE_ERRORS:
        pass
    for rewrite in (_with_text_key, _as_json):
        text = rewrite(payload)
        if text is not None:
            try:
                return _decode_mapping(text)
            except _DECODE_ERRORS:
                pass
    return None


def _with_text_key(payload: bytes) -> bytes | None:
    """Rewrite a payload of which no more is odd than that its last key is a number.

    logprov writes the ids of used entities so: ``{..., 1234: 1234}``.
    """
    colon = payload.rfind(b": ")
    if colon < 1 or payload[colon - 1] not in _DIGITS or b'"' in payload or b"\\" in payload:
        return None
    start = payload.rfind(b" ", 0, colon) + 1
    quoted = b"%b'%b'%b" % (payload[:start], payload[start:colon], payload[colon:])
    return quoted.replace(b"'", b'"')


def _depth(payload: bytes) -> int:
    """How deep a payload is nested at the most; brackets within strings count too."""
    brackets = payload.translate(None, _NO_BRACKETS)
    if len(brackets) <= MAX_DEPTH:
        return 0
    return max(accumulate(map(_STEPS.__getitem__, brackets)))


def _as_json(payload: bytes) -> bytes | None:
    """Rewrite a ``repr`` as JSON; ``None`` if it cannot be done piece by piece."""
    if _MASK in payload:
        return None
    try:
        return _rewritten(payload) if b"\\" in payload else _requoted(payload)
    except UnicodeDecodeError:
        return None


def _rewritten(payload: bytes) -> bytes:
    """Rewrite a payload string by string."""
    pieces = _PIECES.split(payload)
    pieces[1::2] = map(_piece, pieces[1::2])
    pieces[::2] = _structure(_MASK.join(pieces[::2])).split(_MASK)
    return b"".join(pieces)


def _requoted(payload: bytes) -> bytes | None:
    """Rewrite a payload without backslashes in a few calls, however many strings it has.

    What more than an exchange of quotes can do is carved out first, and a mask
    stands for it meanwhile.
    """
    specials: list[bytes] = []
    if b'"' in payload or b"(" in payload or b"<" in payload:
        carved = _carved(payload)
        if carved is None:
            return None
        gaps, specials = carved
        payload = (b"'%b'" % _MASK).join(gaps)
    parts = payload.split(b"'")
    parts[::2] = _structure(b"'".join(parts[::2])).split(b"'")
    text = b'"'.join(parts)
    return _interleaved(text.split(b'"%b"' % _MASK), specials) if specials else text


def _interleaved(pieces: list[bytes], between: list[bytes]) -> bytes:
    both = [b""] * (len(pieces) + len(between))
    both[::2] = pieces
    both[1::2] = between
    return b"".join(both)


def _carved(payload: bytes) -> tuple[list[bytes], list[bytes]] | None:
    """Separate calls, objects and strings with double quotes, as JSON, from the rest.

    Returns the gaps and what stands between them; ``None`` if that cannot be told.
    """
    gaps: list[bytes] = []
    specials: list[bytes] = []
    start = counted = 0
    in_string = False
    for at in _positions(payload):
        if at < start:
            continue
        in_string ^= payload.count(b"'", counted, at) % 2 == 1
        counted = at
        character = payload[at]
        if in_string:
            if character != _DOUBLE_QUOTE:
                continue
            begin, end = payload.rfind(b"'", start, at), payload.find(b"'", at) + 1
            if end == 0:
                return None
            special = b'"%b"' % payload[begin + 1 : end - 1].replace(b'"', b'\\"')
        else:
            begin = at
            if character == _PARENTHESIS:
                name = _NAME_BEFORE.search(payload, max(start, at - _LONGEST_NAME), at)
                if name is None:
                    continue
                begin = name.start()
            piece = _SPECIAL.match(payload, begin)
            if piece is None:
                return None
            special, end = _piece(piece[0]), piece.end()
        gaps.append(payload[start:begin])
        specials.append(special)
        start = counted = end
        in_string = False
    gaps.append(payload[start:])
    return gaps, specials


def _positions(payload: bytes) -> list[int]:
    """Where something may begin that is not a string in single quotes."""
    found = []
    for character in (b'"', b"(", b"<"):
        at = payload.find(character)
        while at >= 0:
            found.append(at)
            at = payload.find(character, at + 1)
    found.sort()
    return found


def _piece(piece: bytes) -> bytes:
    """A string as JSON; a call or an object as its own text."""
    if piece[0] not in b"'\"":
        return _encode_json(piece.decode())
    content = piece[1:-1]
    if b"\\" not in content and b'"' not in content or _SHARED_ESCAPES.fullmatch(content):
        return b'"%b"' % content
    return _encode_json(unescape(content.decode()))


def _structure(text: bytes) -> bytes:
    """What stands in a ``repr`` between strings, as JSON has it."""
    for word, json_word in _WORDS:
        if word in text:
            text = text.replace(word, json_word)
    if b"(" in text:
        text = _END_OF_TUPLE.sub(b"]", text.replace(b"(", b"["))
    if b"nan" in text or b"inf" in text:
        text = _NOT_FINITE.sub(rb'"\g<0>"', text)
    if b"0:" in text.translate(_DIGITS_AS_ZERO):
        pieces = _NUMBER_AS_KEY.split(text)
        pieces[1::2] = [b'"%b":' % number for number in pieces[1::2]]
        text = b"".join(pieces)
    return text


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
