"""Read the entries for parameters and results in numpydoc, Google and Sphinx docstrings."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from docstring_parser import Docstring

__all__ = ["Documented", "documented_parameters", "documented_result", "first_sentence"]

_END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


class Documented(NamedTuple):
    """The docstring's entry for a parameter or a result.

    Parameters
    ----------
    type : str
        The type; may be empty.
    description : str
        The first sentence of the description; may be empty.
    name : str
        The name; empty for a result without one.
    """

    type: str = ""
    description: str = ""
    name: str = ""


def documented_parameters(function: Any) -> dict[str, Documented]:
    """Return the entries for the parameters of a function, by name.

    Parameters
    ----------
    function : object
        The object that has the docstring.

    Examples
    --------
    >>> documented_parameters(first_sentence)
    {'text': Documented(type='str', description='A text.', name='text')}
    """
    return {
        name: Documented(entry.type_name or "", first_sentence(entry.description or ""), name)
        for entry in _parsed(function).params
        if entry.args[0] != "attribute"
        for name in _names(entry.arg_name)
    }


def documented_result(function: Any) -> Documented:
    """Return the entry for the returned value, the first one if there are several.

    Parameters
    ----------
    function : object
        The object that has the docstring.

    Examples
    --------
    >>> documented_result(documented_result)
    Documented(type='Documented', description='The entry; empty without one.', name='')

    Returns
    -------
    Documented
        The entry; empty without one.
    """
    entry = _parsed(function).returns
    if entry is None or entry.is_generator:
        return Documented()
    name = _names(entry.return_name or "")[0]
    return Documented(entry.type_name or "", first_sentence(entry.description or ""), name)


def _names(text: str) -> list[str]:
    """Return the names in an entry such as ``a, b : int``."""
    return [name.strip() for name in text.split(",")]


def _parsed(function: Any) -> Docstring:
    from docstring_parser import Docstring, ParseError, parse

    try:
        return parse(inspect.getdoc(function) or "")
    except ParseError:
        return Docstring()


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
