"""Judge the words of descriptions: units, UCDs, media types, multiplicities and limits.

astropy reads units and UCDs; without it, all of them count as valid.
"""

from __future__ import annotations

import re
import warnings
from functools import cache
from typing import Any

__all__ = ["bounds", "is_media_type", "is_ucd", "is_unit", "number"]

_MULTIPLICITY = re.compile(r"(?:(\d{1,9})\s*\.\.\s*)?(\d{1,9}|\*)", re.ASCII)
# RFC 6838, section 4.2, with parameters.
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+\s*(?:;.*)?", re.ASCII)
# astropy would compute a power of ten with so many digits.
_HUGE = re.compile(r"10\s*(?:\*\*|\^|[-+(])[-+(\s]*\d{4}", re.ASCII)
_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*)", re.ASCII | re.DOTALL)


@cache
def is_unit(text: str) -> bool:
    """Return whether astropy can read a unit."""
    try:
        from astropy.units import Unit
    except ImportError:
        return True
    if _HUGE.search(text):
        return False
    with warnings.catch_warnings(action="ignore"):
        try:
            Unit(text)
        except (ValueError, TypeError, OverflowError):
            return False
    return True


@cache
def is_ucd(text: str) -> bool:
    """Return whether all words of a UCD are in the vocabulary UCD1+ of the IVOA."""
    try:
        from astropy.io.votable.ucd import check_ucd
    except ImportError:
        return True
    return bool(check_ucd(text, check_controlled_vocabulary=True, has_colon=True))


def is_media_type(text: str) -> bool:
    """Return whether a text has the form of a media type.

    Examples
    --------
    >>> is_media_type("application/fits"), is_media_type("fits file")
    (True, False)
    """
    return _MEDIA_TYPE.fullmatch(text) is not None


def bounds(multiplicity: str) -> tuple[int, int | None] | None:
    """Return the least and the greatest number that a multiplicity allows.

    Returns
    -------
    tuple or None
        The greatest number is ``None`` if there is no limit; ``None`` alone means that the text
        is not a multiplicity.

    Examples
    --------
    >>> bounds("1"), bounds("0..1"), bounds("3..*"), bounds("*"), bounds("many")
    ((1, 1), (0, 1), (3, None), (0, None), None)
    """
    match = _MULTIPLICITY.fullmatch(multiplicity.strip())
    if match is None:
        return None
    low, high = match[1], match[2]
    most = None if high == "*" else int(high)
    return (int(low) if low is not None else most or 0), most


def number(value: Any, unit: str) -> float | None:
    """Return a value as a number; a text with another unit is ``None``.

    Examples
    --------
    >>> number(3, "TeV"), number("3 TeV", "TeV"), number("3 GeV", "TeV"), number("low", "")
    (3.0, 3.0, None, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value)
    match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    return float(match[1]) if match is not None and match[2].strip() in ("", unit) else None
