"""Decode a payload, the text after the markers, into a mapping.

A payload is the ``repr`` of a Python dict, or JSON. Most payloads become JSON when
their quotes are exchanged, so that one call of a C decoder reads them. Other payloads
take slower steps, one after the other: :func:`decode` separates strings from the
structure, :mod:`provlog.readers.log.literals` parses everything that a ``repr`` may
hold, and PyYAML comes last, because logprov and lstosa read their logs with it. No
step evaluates the text.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from math import isfinite
from typing import Any

import msgspec

from provlog.model.identifiers import id_text
from provlog.patterns import regex
from provlog.readers.log.escapes import unescape
from provlog.readers.log.parsed import MAX_DEPTH

__all__ = ["decode", "decode_yaml"]

_MAX_YAML = 0x10000
_MAX_YAML_NODES = 0x4000

_decode_mapping = msgspec.json.Decoder(dict[str, Any]).decode
_encode_json = msgspec.json.Encoder().encode
_DECODE_ERRORS = (msgspec.DecodeError, msgspec.ValidationError, UnicodeError, RecursionError)

_SINGLE = r"'[^'\\]*(?:\\.[^'\\]*)*+'"
_DOUBLE = r'"[^"\\]*(?:\\.[^"\\]*)*+"'
# Texts that are not literals but have brackets of their own: PosixPath('/x'), <an object>.
_CALL = rf"[A-Za-z_][\w.]*\((?:[^()'\"\\]++|{_SINGLE}|{_DOUBLE})*+\)"
_OBJECT = r"<[A-Za-z_][^<>'\"\\]*>"
# An unclosed string takes the rest of the text, so that each quote is tried only once.
_UNCLOSED = r"""['"].*"""
_PIECES = regex(rf"({_SINGLE}|{_DOUBLE}|(?<![\w.]){_CALL}|{_OBJECT}|{_UNCLOSED})", re.DOTALL)
_STRING = regex(rf"{_SINGLE}|{_DOUBLE}", re.DOTALL)
_SPECIAL = regex(rf"{_DOUBLE}|{_CALL}|{_OBJECT}", re.DOTALL)
# The most frequent one, PosixPath('/x'). Within a string, the replacement gives invalid
# JSON, and the slower steps follow.
_CALL_OF_TEXT = regex(r"(?<=: )([A-Za-z_][\w.]*)\('([^'\\]*)'\)(?=[,}])")
_TEXT_OF_CALL = r"'\1(\\u0027\2\\u0027)'"
_NAME_BEFORE = regex(r"[A-Za-z_][\w.]*\Z")
_LONGEST_NAME = 100
# Words of the structure that JSON spells differently.
_WORDS = (("None", "null"), ("True", "true"), ("False", "false"))
_NUMBER_AS_KEY = regex(r"(?<!\d)(-?\d++):", re.ASCII)
_DIGITS_AS_ZERO = str.maketrans("123456789", "000000000")
# A run of blanks is tried only at its first blank.
_END_OF_TUPLE = regex(r",\s*\)|(?<!\s)\s*\)")
_NOT_FINITE = regex(r"-?\binf\b|\bnan\b")
# Escapes that mean the same in Python and in JSON.
_SHARED_ESCAPES = regex(
    r'[^\\"\x00-\x1f]*+(?:\\(?:[\\"nrtbf]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4})[^\\"\x00-\x1f]*+)*+'
)
_DIGITS = frozenset("0123456789")
# The placeholder for separated pieces. A payload with this character takes the slow steps.
_MASK = "\x00"
# A payload of this length may be nested too deeply. It is rewritten in chunks, which are
# cached because the next payload often repeats them.
_LONG = 2 * MAX_DEPTH
_BETWEEN_CHUNKS = "}, "
_LONGEST_SEEN_CHUNK = 2000
_MOST_SEEN_CHUNKS = 2000
_seen_chunks: dict[str, str] = {}
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}()"))
_PLAIN = (str, int, float, bool, datetime)


def decode(payload: str) -> dict[str, Any] | None:
    """Decode a simple payload at C speed; return ``None`` for any other one.

    Parameters
    ----------
    payload : str
        The text from the opening to the closing brace.

    Examples
    --------
    >>> decode("{'activity_id': 'fa5710', 'parameters': {'limits': (1, None)}}")
    {'activity_id': 'fa5710', 'parameters': {'limits': [1, None]}}
    """
    size = len(payload)
    if size < len("{}") or (size >= _LONG and _may_be_too_deep(payload)):
        return None
    try:
        if '"' not in payload and ("\\" not in payload or "\\'" not in payload):
            # The decoder fails at escapes that JSON does not know.
            if payload[-2] in _DIGITS:
                payload = _with_text_key(payload)
            elif "('" in payload:
                payload = _CALL_OF_TEXT.sub(_TEXT_OF_CALL, payload)
            return _decode_mapping(payload.replace("'", '"'))
        if payload.startswith('{"'):
            return _decode_mapping(payload)
    except _DECODE_ERRORS:
        pass
    # JSON has no lone surrogates: a UnicodeError also leads to the slow steps.
    with suppress(*_DECODE_ERRORS):
        rewritten = _as_json(payload)
        return _decode_mapping(rewritten) if rewritten is not None else None
    return None


def _with_text_key(payload: str) -> str:
    """Quote a number that is the last key.

    logprov writes the ids of used entities so: ``{..., 1234: 1234}``.
    """
    colon = payload.rfind(": ")
    if colon < 1 or payload[colon - 1] not in _DIGITS:
        return payload
    start = payload.rfind(" ", 0, colon) + 1
    if not payload[start:colon].lstrip("-").isdecimal():
        return payload
    return f"{payload[:start]}'{payload[start:colon]}'{payload[colon:]}"


def _may_be_too_deep(payload: str) -> bool:
    """Return whether a payload may be nested too deeply, counting brackets within strings."""
    brackets = payload.encode(errors="surrogatepass").translate(None, _NO_BRACKETS)
    for depth in range(MAX_DEPTH + 1):
        if depth + len(brackets) // 2 <= MAX_DEPTH:
            return False
        # Remove the innermost pairs, level by level.
        rest = brackets.replace(b"[]", b"").replace(b"{}", b"").replace(b"()", b"")
        if len(rest) == len(brackets):
            break
        brackets = rest
    return True


def _as_json(payload: str) -> str | None:
    """Rewrite a ``repr`` as JSON; ``None`` if it cannot be done piece by piece."""
    if _MASK in payload:
        return None
    if "\\" in payload:
        return _rewritten(payload)
    return _requoted(payload) if len(payload) < _LONG else _from_chunks(payload)


def _from_chunks(payload: str) -> str | None:
    """Rewrite a long payload chunk by chunk, because most chunks repeat those of the last one.

    lstosa describes its session 9,000 times a night, each time with all its packages.
    """
    chunks = payload.split(_BETWEEN_CHUNKS)
    rewritten = list(map(_seen_chunks.get, chunks))
    for _ in range(rewritten.count(None)):
        index = rewritten.index(None)
        chunk = chunks[index]
        text = _requoted(chunk)
        # With an odd number of quotes, the split was within a string.
        if text is None or not _quotes_pair(text):
            return _requoted(payload)
        rewritten[index] = text
        if len(chunk) <= _LONGEST_SEEN_CHUNK:
            if len(_seen_chunks) == _MOST_SEEN_CHUNKS:
                _seen_chunks.clear()
            _seen_chunks[chunk] = text
    return _BETWEEN_CHUNKS.join(rewritten)  # type: ignore[arg-type]


def _quotes_pair(text: str) -> bool:
    return (text.count('"') - text.count('\\"')) % 2 == 0


def _rewritten(payload: str) -> str | None:
    """Rewrite a payload string by string; ``None`` if one of them never ends."""
    pieces = _PIECES.split(payload)
    last = pieces[-2] if len(pieces) > 1 else "''"
    if last[0] in "'\"" and not _STRING.fullmatch(last):
        return None
    pieces[1::2] = map(_piece, pieces[1::2])
    pieces[::2] = _structure(_MASK.join(pieces[::2])).split(_MASK)
    return "".join(pieces)


def _requoted(payload: str) -> str | None:
    """Rewrite a payload without backslashes in a few calls, however many strings it has.

    Pieces that need more than an exchange of quotes are replaced by a placeholder in the
    meantime.
    """
    specials: list[str] = []
    if '"' in payload or "(" in payload or "<" in payload:
        carved = _carved(payload)
        if carved is None:
            return None
        gaps, specials = carved
        payload = f"'{_MASK}'".join(gaps)
    parts = payload.split("'")
    parts[::2] = _structure("'".join(parts[::2])).split("'")
    text = '"'.join(parts)
    return _interleaved(text.split(f'"{_MASK}"'), specials) if specials else text


def _interleaved(pieces: list[str], between: list[str]) -> str:
    both = [""] * (len(pieces) + len(between))
    both[::2] = pieces
    both[1::2] = between
    return "".join(both)


def _carved(payload: str) -> tuple[list[str], list[str]] | None:
    """Separate calls, objects and strings with double quotes, as JSON, from the rest.

    Return the gaps and the pieces between them; ``None`` if the payload is ambiguous.
    """
    gaps: list[str] = []
    specials: list[str] = []
    start = counted = 0
    in_string = False
    for at in _positions(payload):
        if at < start:
            continue
        in_string ^= payload.count("'", counted, at) % 2 == 1
        counted = at
        character = payload[at]
        if in_string:
            if character != '"':
                continue
            begin, end = payload.rfind("'", start, at), payload.find("'", at) + 1
            if end == 0:
                return None
            special = '"' + payload[begin + 1 : end - 1].replace('"', '\\"') + '"'
        else:
            begin = at
            if character == "(":
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


def _positions(payload: str) -> list[int]:
    """Return the positions at which calls, objects or strings in double quotes may begin."""
    found = []
    for character in ('"', "(", "<"):
        at = payload.find(character)
        while at >= 0:
            found.append(at)
            at = payload.find(character, at + 1)
    found.sort()
    return found


def _piece(piece: str) -> str:
    """Return a string as JSON, and a call or an object as a JSON string of its text."""
    if piece[0] not in "'\"":
        return _encode_json(piece).decode()
    content = piece[1:-1]
    if ("\\" not in content and '"' not in content) or _SHARED_ESCAPES.fullmatch(content):
        return f'"{content}"'
    return _encode_json(unescape(content)).decode()


def _structure(text: str) -> str:
    """Return the part of a ``repr`` between two strings as JSON."""
    for word, json_word in _WORDS:
        if word in text:
            text = text.replace(word, json_word)
    if "(" in text:
        text = _END_OF_TUPLE.sub("]", text.replace("(", "["))
    if "nan" in text or "inf" in text:
        text = _NOT_FINITE.sub(lambda match: f'"{match[0]}"', text)
    if "0:" in text.translate(_DIGITS_AS_ZERO):
        pieces = _NUMBER_AS_KEY.split(text)
        pieces[1::2] = [f'"{number}":' for number in pieces[1::2]]
        text = "".join(pieces)
    return text


def decode_yaml(text: str) -> dict[str, Any] | None:
    """Read a payload as logprov and lstosa do; ``None`` if it is not a mapping for PyYAML.

    Keys become text. Texts that are too long, or whose aliases expand to too many values,
    are not read.
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
    """Return a YAML value with the types of JSON and all aliases expanded."""
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
