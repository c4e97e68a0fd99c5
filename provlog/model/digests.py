"""Digests of the content of files: entities with a common digest have the same content.

The digest of an entity is its id, or ``log:hash`` with ``log:hash_type``; further digests are
``log:sha1`` and so on. OPUS identifies files by SHA-1, provlog by SHA-256 by default.
"""

from __future__ import annotations

import re

from provlog.model.elements import Element
from provlog.patterns import regex

__all__ = ["ALGORITHMS", "FURTHER", "algorithm_of", "digests"]

ALGORITHMS = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
"""Algorithms by the number of hexadecimal digits of their digests."""

_HEX = regex(r"[0-9a-f]+", re.ASCII)
_ATTRIBUTES = {f"log:{algorithm}": algorithm for algorithm in ALGORITHMS.values()}
FURTHER = frozenset(_ATTRIBUTES)
"""The attributes that hold further digests, besides the one that identifies an entity."""


def algorithm_of(digest: str) -> str | None:
    """Return the algorithm of a digest by its length; ``None`` for other text.

    Examples
    --------
    >>> algorithm_of("da39a3ee5e6b4b0d3255bfef95601890afd80709"), algorithm_of("23592")
    ('sha1', None)
    """
    return ALGORITHMS.get(len(digest)) if _HEX.fullmatch(digest.lower()) else None


def digests(entity: Element) -> set[str]:
    """Return all known digests of an entity, in lower case.

    Examples
    --------
    >>> from provlog.model.elements import Entity
    >>> sha1, md5 = "da39a3ee5e6b4b0d3255bfef95601890afd80709", "d41d8cd98f00b204e9800998ecf8427e"
    >>> digests(Entity("log:e", {"log:hash": sha1, "log:md5": md5.upper()})) == {sha1, md5}
    True
    """
    names = ("dcterms:identifier", "log:hash", *_ATTRIBUTES)
    found = {str(value).lower() for name in names for value in entity.values(name)}
    return {text for text in found if algorithm_of(text) is not None}
