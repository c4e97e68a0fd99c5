"""Turn an id of a log into a qualified name that is valid in every format.

A local part is ``[A-Za-z_][A-Za-z0-9._-]*`` without a dot at its end. It is an NCName,
as PROV-XML's ``xsd:QName`` demands (Namespaces in XML 1.0, section 4), and a PN_LOCAL
of PROV-N that needs no escapes (PROV-N, production [53]). Other ids become a readable
slug with 8 hex digits of their SHA-256, so different ids stay different.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from provlog.model.namespaces import is_prefix
from provlog.model.values import json_text
from provlog.patterns import regex

__all__ = [
    "are_plain",
    "attribute_name",
    "digest",
    "id_text",
    "is_global",
    "is_plain",
    "is_uuid",
    "local_name",
    "namespace_of",
    "qualified_name",
]

_VALID = regex(r"[A-Za-z0-9._-]*[A-Za-z0-9_-]", re.ASCII)
_VALID_NAME = regex(r"[A-Za-z_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?", re.ASCII)
_PLAIN_NAME = r"[A-Za-z][A-Za-z0-9_-]*+:[A-Za-z0-9_][A-Za-z0-9._-]*+(?<!\.)"
_PLAIN = regex(_PLAIN_NAME, re.ASCII)
_ALL_PLAIN = regex(rf"(?:{_PLAIN_NAME}\n)*+", re.ASCII)
_OUTSIDE = regex(r"[^A-Za-z0-9.-]+", re.ASCII)
_NAMESPACED = regex(r"([A-Za-z][A-Za-z0-9_-]*):(?!//)(.+)", re.ASCII | re.DOTALL)
_PATH_OR_URL = regex(r"/|~|urn:|\$|[A-Za-z]:[\\/]|\\\\|[A-Za-z][A-Za-z0-9+.-]*://", re.ASCII)
_HASH = regex(r"[0-9A-Fa-f]+", re.ASCII)
# md5, sha1, sha224, sha256, sha384, sha512
_HASH_LENGTHS = frozenset({32, 40, 56, 64, 96, 128})
_UUID = regex(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_NUMBERED = regex(r".*\.\d+", re.ASCII | re.DOTALL)
_MAY_HAVE_NAMESPACE = frozenset({"activity", "entity"})
_UUID_LENGTH = 36
_LIKE_SLUG = regex(r"-[0-9a-f]{8}\Z", re.ASCII)
_SLUG_LENGTH = 60


def id_text(raw: Any) -> str:
    """Return an id as text: ``23592`` and ``'23592'`` are one id."""
    if isinstance(raw, str):
        return raw
    return json_text(raw) if isinstance(raw, (list, dict)) else str(raw)


def digest(text: str) -> str:
    """Return 8 hex digits of the SHA-256 of ``text``.

    Examples
    --------
    >>> digest("")
    'e3b0c442'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def is_global(raw: str) -> bool:
    """Return whether an id means the same thing in every log.

    That holds for the digest of a file, a UUID, a path that is absolute or begins with ``~``
    or ``$``, a URL or URN, and an id with a namespace prefix.

    Examples
    --------
    >>> is_global("a57b007aa6ac4fb5c65f6acacd719f5d"), is_global("gamma-events:23523")
    (True, True)
    >>> is_global("8756474698089")
    False
    """
    if raw.isalnum():
        return len(raw) in _HASH_LENGTHS and _HASH.fullmatch(raw) is not None
    return _PATH_OR_URL.match(raw) is not None or namespace_of(raw) is not None or is_uuid(raw)


def is_uuid(raw: str) -> bool:
    """Return whether an id is a UUID in the form of RFC 9562.

    Examples
    --------
    >>> is_uuid("add57b2e-5715-4fc4-8bb6-0379771c7341"), is_uuid("add57b2e")
    (True, False)
    """
    return len(raw) == _UUID_LENGTH and _UUID.fullmatch(raw) is not None


def namespace_of(raw: str) -> tuple[str, str] | None:
    """Split an id into its namespace prefix and the rest; ``None`` without a prefix.

    Examples
    --------
    >>> namespace_of("gamma-events:23523")
    ('gamma-events', '23523')
    >>> namespace_of("https://example.org/x") is None
    True
    """
    match = _NAMESPACED.fullmatch(raw) if ":" in raw else None
    if match is None or _PATH_OR_URL.match(raw) is not None:
        return None
    return (match[1], match[2]) if is_prefix(match[1]) else None


def local_name(raw: str) -> str:
    """Return an id in the form that it has at the end of a local part.

    Examples
    --------
    >>> local_name("run_fit"), local_name("fit result")
    ('run_fit', 'fit_result-30619029')
    """
    if raw.isalnum() and raw.isascii():
        return raw
    # An id that already looks like a slug with a digest gets another digest.
    return raw if _VALID.fullmatch(raw) and not _LIKE_SLUG.search(raw) else _slug(raw)


@lru_cache(maxsize=4096)
def attribute_name(prefix: str, raw: str) -> str:
    """Return a key of the log as the qualified name of an attribute.

    Examples
    --------
    >>> attribute_name("param", "kwargs.value")
    'param:kwargs.value'
    """
    if _VALID_NAME.fullmatch(raw) and not _LIKE_SLUG.search(raw):
        return f"{prefix}:{raw}"
    slug = _slug(raw)
    return f"{prefix}:{slug if slug[0].isalpha() else '_' + slug}"


def qualified_name(kind: str, raw: str, scope: str | None) -> str:
    """Return the qualified name of an element.

    Parameters
    ----------
    kind : str
        ``activity``, ``entity``, ``agent``, ``session`` or ``bundle``.
    raw : str
        The id as in the log.
    scope : str, optional
        The scope in which the id is unique; ``None`` for an id that is unique everywhere.

    Returns
    -------
    str
        The qualified name, such as ``log:activity-8793892393657-fa5710``.

    Examples
    --------
    >>> qualified_name("activity", "fa5710", "8793892393657")
    'log:activity-8793892393657-fa5710'
    >>> qualified_name("entity", "gamma-events:23523", None)
    'gamma-events:entity-23523'
    """
    # A colon in the name of an agent or a session does not end a namespace prefix.
    own = namespace_of(raw) if kind in _MAY_HAVE_NAMESPACE else None
    prefix, rest = own or ("log", raw)
    # "x.2" is also the name of the second activity with the id "x".
    tail = _slug(rest) if kind == "activity" and _NUMBERED.fullmatch(rest) else local_name(rest)
    if scope is not None:
        tail = f"{_scope_name(scope)}-{tail}"
    return f"{prefix}:{kind}-{tail}"


def _scope_name(scope: str) -> str:
    # With a hyphen, two different pairs of scope and id could give the same name.
    return scope if "-" not in scope and _VALID.fullmatch(scope) else _slug(scope)


def _slug(raw: str) -> str:
    readable = _OUTSIDE.sub("_", raw).strip("_")[:_SLUG_LENGTH]
    return f"{readable}-{digest(raw)}"


def is_plain(name: str) -> bool:
    """Return whether every format writes a qualified name unchanged.

    Examples
    --------
    >>> is_plain("log:entity-x"), is_plain("ex:a/b"), is_plain("no-prefix")
    (True, False, False)
    """
    return _PLAIN.fullmatch(name) is not None


def are_plain(names: Iterable[str]) -> bool:
    """Return whether every format writes all these qualified names unchanged.

    Examples
    --------
    >>> are_plain(["log:entity-x", "ex:a"]), are_plain(["log:entity-x", "ex:a.", "ex:b"])
    (True, False)
    """
    # One match of all names together takes half the time of a match for each.
    text = "\n".join((*names, ""))
    return _ALL_PLAIN.fullmatch(text) is not None
