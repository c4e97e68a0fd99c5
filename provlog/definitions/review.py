"""Review the descriptions in a definition file: their units, UCDs, limits and other words.

The review may import astropy. ``provlog definitions check`` does it; the capture does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from provlog.definitions.findings import Findings, Path, Places
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.vocabulary import bounds, is_media_type, is_ucd, is_unit, number

__all__ = ["review"]

_Found = Iterator[tuple[str, Path, str]]
"""The code, path and message of each finding."""

_SECTIONS = (
    "activities", "activity_description", "activity_descriptions",
    "entities", "entity_description", "entity_descriptions",
)  # fmt: skip
_WORDS: Mapping[str, tuple[str, Callable[[str], Any], str]] = {
    "unit": ("PL715", is_unit, "a unit that astropy can read"),
    "ucd": ("PL716", is_ucd, "a UCD of the vocabulary UCD1+"),
    "contentType": ("PL717", is_media_type, "a media type such as application/fits"),
    "multiplicity": ("PL712", bounds, "a multiplicity such as 1, 0..1 or 3..*"),
}


def review(data: Any, file: str, places: Places) -> list[Diagnostic]:
    """Return what is wrong with the descriptions in the data of a definition file.

    Parameters
    ----------
    data : Any
        The content of the file.
    file : str
        Its name.
    places : mapping
        The place of each value.

    Returns
    -------
    list of Diagnostic
        Invalid units, UCDs, media types and multiplicities (PL712, PL715 to PL717), limits that
        exclude each other and defaults that are not allowed (PL614).

    Examples
    --------
    >>> energy = {"name": "energy", "unit": "TeV", "min": 100, "max": 0.1}
    >>> data = {"activities": {"fit": {"parameters": [energy]}}}
    >>> for found in review(data, "definition.yaml", {}):
    ...     print(found.code, found.message)
    PL614 activity 'fit': parameters[0]: min: 100 is above the maximum 0.1
    """
    findings = Findings(file, places)
    for section in _SECTIONS:
        if isinstance(data, Mapping) and section in data:
            for found in _in(data[section], (section,)):
                findings.add(*found)
    return findings.found


def _in(value: Any, path: Path) -> _Found:
    if isinstance(value, Mapping):
        yield from _words(value, path)
        if path[-2:-1] == ("parameters",):
            yield from _limits(value, path)
        for key, item in value.items():
            yield from _in(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _in(item, (*path, index))


def _words(value: Mapping[Any, Any], path: Path) -> _Found:
    for key, (code, is_valid, expected) in _WORDS.items():
        word = value.get(key)
        if isinstance(word, str) and word and not is_valid(word):
            yield code, (*path, key), f"{word!r:.100} is not {expected}"


def _limits(value: Mapping[Any, Any], path: Path) -> _Found:
    unit = value.get("unit")
    low, high, default = (
        number(value.get(key), unit if isinstance(unit, str) else "")
        for key in ("min", "max", "default")
    )
    if low is not None and high is not None and low > high:
        yield "PL614", (*path, "min"), f"{value['min']} is above the maximum {value['max']}"
    elif default is not None and low is not None and default < low:
        yield "PL614", (*path, "default"), f"{value['default']} is below the minimum {value['min']}"
    elif default is not None and high is not None and default > high:
        yield "PL614", (*path, "default"), f"{value['default']} is above the maximum {value['max']}"
    options, default = value.get("options"), value.get("default")
    # A list as default is that of a parameter with several values.
    is_one = default is not None and not isinstance(default, list)
    if isinstance(options, list) and options and is_one and default not in options:
        yield "PL614", (*path, "default"), f"{default!r:.100} is not one of the options"
