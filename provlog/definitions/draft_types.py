"""Guess whether arguments and results are paths, entities or settings.

The guess uses annotation, docstring and name.

Settings are numbers, texts and choices; entities are objects that an earlier step made.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from provlog.definitions.classes import ENTITY_TYPES
from provlog.definitions.docstrings import Documented

__all__ = [
    "annotated",
    "entity_for",
    "entity_name",
    "is_output",
    "is_path",
    "is_path_class",
    "may_change",
    "result_name",
]  # fmt: skip

_NUMBERS = frozenset({"bool", "float", "int"})
# For these annotations, the name of an argument may show that it is a path.
_VAGUE = frozenset({"", "Any", "object", "str"})

_PATH_CLASS = re.compile(r"(?:^|\| ?)(?:\w+\.)*\w*Path(?:Like)?\b")
_PATH_TYPE = re.compile(r"^(?!list|sequence).*\bpath\b", re.IGNORECASE)
_LIST_TYPE = re.compile(r"(?:list|sequence|iterable|tuple)\b", re.IGNORECASE)
_PATH_NAME = re.compile(
    r"(?:path|filename)(?:_|$)|(?:^|_|in|out)file$|path$|fname$|(?<!na)dir$|directory$|folder$"
    r"|^(?:src|dst)$"
)
_OUTPUT_NAME = re.compile(
    r"output|out(?:put)?_?(?:dir|directory|file|filename|fname|folder|path)|dest\w*|dst"
)
_INPUT_NAME = re.compile(r"in(?:put)?_?(?:dir|directory|file|filename|fname|folder|path)|src")
_WRITES = re.compile(r"(?:dump|export|save|write)|to(?:_|$|file)")

_SHOWS = re.compile(r"(?:as|copy|has|info|is|peek|plot|print|show|summary)(?:_|$)")

_WITHOUT_NONE = re.compile(r"\s*\|\s*None\b|\bNone\s*\|\s*")
_WRAPPED = re.compile(r"(?:typing\.)?(?:Optional|Annotated|Final)\[(.*)\]")
# In a docstring, the name of a class is in backticks or has upper and lower case; "N" is a number.
_CLASS_NAME = re.compile(r"[^\W\d_]\w*")
_DOCUMENTED_CLASS = re.compile(
    r"`~?(?:\w+\.)*([^\W\d]\w*)`|\b(?:\w+\.)*([A-Z]\w*[a-z]\w*|ndarray|recarray)\b"
    r"|\b(array(?:[-_]like)?)\b"
)
_END_OF_TYPE = re.compile(r",|\.\s")
_CONTAINER = re.compile(
    r"(?:\w+\.)*(?:list|tuple|dict|set|frozenset|sequence|iterable|collection|mapping)\b",
    re.IGNORECASE,
)
_ARRAY = re.compile(r"(?:nd|rec)?array(?:[-_]?like)?|NDArray", re.IGNORECASE)
# Lower-case names of types whose values are settings.
_SETTINGS = frozenset({
    "angle", "any", "bool", "bytes", "callable", "collection", "complex", "date", "datetime",
    "decimal", "dict", "enum", "false", "float", "fraction", "frozenset", "int", "iterable",
    "iterator", "latitude", "list", "literal", "longitude", "mapping", "mutablemapping", "none",
    "nonetype", "number", "object", "optional", "path", "pathlike", "purepath", "quantity", "self",
    "sequence", "set", "str", "string", "time", "timedelta", "true", "tuple", "type", "union",
    "unit", "unitbase", "uuid",
})  # fmt: skip
_VERBS = re.compile(
    r"(?:build|calculate|compute|create|estimate|extract|fetch|find|get|load|make|open|produce|read"
    r"|select|simulate)_"
)


def annotated(annotation: Any) -> str:
    """Return the text of an annotation, without ``None`` among its alternatives.

    Examples
    --------
    >>> annotated(int | None), annotated("Spectrum | None"), annotated(inspect.Signature.empty)
    ('int', 'Spectrum', '')
    """
    if annotation is inspect.Signature.empty:
        return ""
    text = annotation.__name__ if inspect.isclass(annotation) else str(annotation)
    text = _WITHOUT_NONE.sub("", text.strip("'\""))
    wrapped = _WRAPPED.fullmatch(text)
    return wrapped[1] if wrapped is not None else text


def is_path(parameter: inspect.Parameter, entry: Documented) -> bool:
    """Return whether an argument is probably the path of a file or a folder."""
    annotation = annotated(parameter.annotation)
    if annotation in _NUMBERS or type(parameter.default) in (bool, float, int):
        return False
    if is_path_class(annotation) or _PATH_TYPE.search(entry.type):
        return True
    is_vague = annotation in _VAGUE and not _LIST_TYPE.match(entry.type)
    is_named = _PATH_NAME.search(parameter.name) or _OUTPUT_NAME.fullmatch(parameter.name)
    return is_vague and is_named is not None


def is_path_class(annotation: str) -> bool:
    """Return whether an annotation names a path class."""
    return _PATH_CLASS.search(annotation) is not None


def is_output(function: str, argument: str) -> bool:
    """Return whether a function probably writes the file at a path, by its and the argument's name.

    Examples
    --------
    >>> is_output("write_table", "path"), is_output("stack", "outdir"), is_output("read", "path")
    (True, True, False)
    """
    if _OUTPUT_NAME.fullmatch(argument) is not None:
        return True
    return _WRITES.match(function) is not None and _INPUT_NAME.fullmatch(argument) is None


def may_change(function: str) -> bool:
    """Return whether a method may change its object, by its name.

    Examples
    --------
    >>> may_change("run_fit"), may_change("write_models"), may_change("plot_spectrum")
    (True, False, False)
    """
    return _WRITES.match(function) is None and _SHOWS.match(function) is None


def entity_for(
    annotation: str, entry: Documented, name: str, known: Mapping[str, Any]
) -> str | None:
    """Return the name of the entity for an argument or a result; ``None`` for a setting.

    Parameters
    ----------
    annotation : str
        The text of the annotation; may be empty.
    entry : Documented
        The entry of the docstring.
    name : str
        The name of the argument or result, after which an array or a list is named.
    known : dict
        The global variables of the function.

    Examples
    --------
    >>> texts = ("Table", "np.ndarray", "list[int]")
    >>> [entity_for(text, Documented(), "raw_image", {}) for text in texts]
    ['Table', 'RawImage', None]
    """
    found = known.get(annotation)
    if isinstance(found, TypeVar) or (inspect.isclass(found) and issubclass(found, Enum)):
        return None
    if annotation and annotation not in _VAGUE - {"str"}:
        text, names = annotation, _CLASS_NAME.findall(annotation)
        classes = [one for one in names if one[0].isupper() or _ARRAY.fullmatch(one)]
    else:
        # The type may be followed by other text: "array, optional", "float. Default is 1".
        text = "" if entry.type.startswith("{") else _END_OF_TYPE.split(entry.type)[0]
        classes = ["".join(one) for one in _DOCUMENTED_CLASS.findall(text)]
    classes = [one for one in classes if one.lower() not in _SETTINGS]
    if not classes:
        return None
    if _CONTAINER.match(text) or _ARRAY.fullmatch(classes[0]):
        return _camel_case(name)
    return entity_name(classes[0])


def entity_name(name: str) -> str:
    """Return the name of the entity for a class; never an entity type such as ``File``."""
    return f"{name}Object" if name in ENTITY_TYPES else name


def _camel_case(name: str) -> str:
    return entity_name("".join(word[:1].upper() + word[1:] for word in name.split("_")))


def result_name(function: str) -> str:
    """Return the noun in a function's name, such as ``FluxPoints``, or else ``result``.

    Examples
    --------
    >>> result_name("get_flux_points"), result_name("open_file"), result_name("fit")
    ('FluxPoints', 'FileObject', 'result')
    """
    match = _VERBS.match(function)
    return _camel_case(function[match.end() :]) if match is not None else "result"
