"""What a docstring in the style of numpydoc says of a function."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, NamedTuple

__all__ = ["Documented", "documented", "first_sentence"]

_SECTION = re.compile(r"^(?P<title>[A-Z][\w ]*)\n-{3,}[ ]*\n", re.MULTILINE)
_ENTRY = re.compile(r"^(?P<names>[^\s:][^:\n]*?)(?:[ ]*:[ ]*(?P<type>.*))?$", re.MULTILINE)
_END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


class Documented(NamedTuple):
    """What is said of a parameter or of a returned value.

    Parameters
    ----------
    type : str
        Its type; may be empty.
    description : str
        The first sentence of what it is; may be empty.
    """

    type: str
    description: str


def documented(function: Any, section: str) -> dict[str, Documented]:
    """Return what a section of a docstring says, by name.

    Parameters
    ----------
    function : object
        What has the docstring.
    section : str
        The section's title, such as ``Parameters``.

    Examples
    --------
    >>> documented(first_sentence, "Parameters")
    {'text': Documented(type='str', description='A text.')}
    """
    sections = _parts(_SECTION, inspect.getdoc(function) or "")
    text = next((text for title, text in sections if title["title"] == section), "")
    return {
        name.strip(): Documented(entry["type"] or "", first_sentence(description))
        for entry, description in _parts(_ENTRY, text)
        for name in entry["names"].split(",")
    }


def _parts(heading: re.Pattern[str], text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the headings in a text, each with what is between it and the next."""
    headings = list(heading.finditer(text))
    for match, following in zip_longest(headings, headings[1:]):
        yield match, text[match.end() : following.start() if following is not None else None]


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, in one line.

    Parameters
    ----------
    text : str
        A text.

    Examples
    --------
    >>> first_sentence("Fit the model\\nto e.g. spectra. It may take\\na while.")
    'Fit the model to e.g. spectra.'
    """
    paragraph = text.strip().partition("\n\n")[0]
    return " ".join(_END_OF_SENTENCE.split(paragraph)[0].split())
