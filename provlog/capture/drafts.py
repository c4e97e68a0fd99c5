"""A definition file to begin with, made of what classes and functions say of themselves."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

from provlog.capture.descriptions import is_place
from provlog.capture.docstrings import Documented, documented, first_sentence
from provlog.errors import InputError, UsageError

__all__ = ["draft"]

_DATATYPES = frozenset({"bool", "float", "int", "str"})
_PLAIN = (bool, float, int, str)
_NOT_NAMED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_UNKNOWN = Documented("", "")
# What is a path by its annotation, its type in the docstring, its name.
_PATH_CLASS = re.compile(r"(?:^|\| ?)(?:\w+\.)*\w*Path(?:Like)?\b")
_PATH_TYPE = re.compile(r"^(?!list|sequence).*\bpath\b", re.IGNORECASE)
_PATH_NAME = re.compile(r"(?:path|filename)(?!s)")
_WRITES = re.compile(r"(?:dump|export|save|to|write)(?:_|$)")
_CLASS = re.compile(r"(?:\w+\.)*(?!Any$|Never$|NoReturn$|Self$|object$)([^\W\d]\w*)")
_BEGINNING = """\
# A draft: of what is used and generated it has the paths and the returned values alone.

"""


def draft(names: Iterable[str]) -> str:
    """Return the draft of a definition file.

    Parameters
    ----------
    names : iterable of str
        Functions, and classes, of which all public methods are meant:
        ``package.module:function``, ``package.module:Class``.

    Returns
    -------
    str
        YAML that is valid.

    Raises
    ------
    UsageError
        If there is nothing of that name.
    InputError
        If a module fails to be imported.

    Examples
    --------
    >>> print(draft(["provlog.wording:duration"]), end="")
    # A draft: of what is used and generated it has the paths and the returned values alone.
    <BLANKLINE>
    activities:
      provlog.wording:duration:
        description: Return a time span as a person says it.
        parameters:
        - name: seconds
          value: kwargs.seconds
          datatype: float
        generation:
        - role: result
          entityName: str
          value: result
    entities:
      str:
        type: PythonObject
    """
    import yaml

    activities: dict[str, Any] = {}
    entities: dict[str, Any] = {}
    for place, owner, name in (found for wanted in names for found in _functions(wanted)):
        activities[place] = _activity(owner, name, entities)
    sections = _known(activities=activities, entities=entities)
    return _BEGINNING + yaml.safe_dump(sections, sort_keys=False, allow_unicode=True, width=100)


def _known(**items: Any) -> dict[str, Any]:
    """Return what is neither empty nor unknown."""
    return {key: item for key, item in items.items() if item not in (None, "", [], {})}


def _functions(wanted: str) -> Iterator[tuple[str, Any, str]]:
    """Yield the functions that are meant: their places, what has them, and their names."""
    if not is_place(wanted):
        raise UsageError(f"{wanted!r} is no place such as package.module:Class")
    module, _, path = wanted.partition(":")
    owner, found = _found(module, path)
    if inspect.isclass(found):
        methods = [name for name in vars(found) if _is_public_method(found, name)]
        if not methods:
            raise UsageError(f"{wanted} has no public methods of its own")
        for name in methods:
            yield f"{wanted}.{name}", found, name
    elif inspect.isroutine(inspect.unwrap(found)):
        yield wanted, owner, path.rpartition(".")[2]
    else:
        raise UsageError(f"{wanted} is neither a class nor a function")


def _found(module: str, path: str) -> tuple[Any, Any]:
    """Return what is at a place, and what has it."""
    try:
        imported = importlib.import_module(module)
        owner, _, name = path.rpartition(".")
        found = attrgetter(owner)(imported) if owner else imported
        return found, getattr(found, name)
    except AttributeError as error:
        if error.name is not None and error.name in path.split("."):
            raise UsageError(f"module {module!r} has no {path!r}") from error
        raise _not_imported(module, error) from error
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            raise UsageError(f"there is no module {error.name!r}") from error
        raise _not_imported(module, error) from error
    except (Exception, SystemExit) as error:
        raise _not_imported(module, error) from error


def _not_imported(module: str, error: BaseException) -> InputError:
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return InputError(f"{module} cannot be imported: {text}")


def _is_public_method(owner: type, name: str) -> bool:
    return not name.startswith("_") and inspect.isroutine(inspect.unwrap(vars(owner)[name]))


def _activity(owner: Any, name: str, entities: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of an activity, and add the entities that it speaks of."""
    function = getattr(owner, name)
    found: dict[str, list[Any]] = {"parameters": [], "usage": [], "generation": []}
    said = documented(function, "Parameters")
    for parameter in _parameters(owner, name):
        text = said.get(parameter.name, _UNKNOWN)
        if _is_path(parameter, text):
            item = _file(parameter.name, text.description, f"kwargs.{parameter.name}", entities)
            found["generation" if _WRITES.match(name) else "usage"].append(item)
        else:
            found["parameters"].append(_parameter(parameter, text))
    found["generation"] += _returned(function, entities)
    description = first_sentence(inspect.getdoc(function) or "") or "To be described"
    return _known(description=description, **found)


def _parameters(owner: Any, name: str) -> list[inspect.Parameter]:
    """Return the parameters of a call that have names."""
    signature = _signature(getattr(owner, name))
    parameters = list(signature.parameters.values()) if signature is not None else []
    kind = inspect.getattr_static(owner, name)
    if inspect.isclass(owner) and not isinstance(kind, (classmethod, staticmethod)):
        # The object itself.
        del parameters[:1]
    return [
        parameter
        for parameter in parameters
        if parameter.kind not in _NOT_NAMED and not parameter.name.startswith("_")
    ]


def _signature(function: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (NameError, TypeError, ValueError):
        # What is written in C need not have one.
        return None


def _annotation(annotation: Any) -> str:
    """Return an annotation as it may have been written, without that it can be ``None``."""
    if annotation is inspect.Signature.empty:
        return ""
    text = annotation.__name__ if inspect.isclass(annotation) else str(annotation)
    return text.strip("'\"").removesuffix(" | None")


def _parameter(parameter: inspect.Parameter, text: Documented) -> dict[str, Any]:
    annotation = _annotation(parameter.annotation)
    return _known(
        name=parameter.name,
        description=text.description,
        value=f"kwargs.{parameter.name}",
        datatype=annotation if annotation in _DATATYPES else None,
        default=parameter.default if type(parameter.default) in _PLAIN else None,
    )


def _is_path(parameter: inspect.Parameter, text: Documented) -> bool:
    annotation = _annotation(parameter.annotation)
    if annotation in _DATATYPES - {"str"}:
        return False
    tests = (_PATH_CLASS, annotation), (_PATH_TYPE, text.type), (_PATH_NAME, parameter.name)
    return any(pattern.search(told) for pattern, told in tests)


def _file(role: str, description: str, location: str, entities: dict[str, Any]) -> dict[str, Any]:
    entities.setdefault("File", {"description": "A file on the disk", "type": "File"})
    return _known(role=role, description=description, entityName="File", location=location)


def _returned(function: Any, entities: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is known of the returned value, if there is one."""
    signature = _signature(function)
    annotated = signature.return_annotation if signature is not None else inspect.Signature.empty
    annotation = "None" if annotated is None else _annotation(annotated)
    texts = list(documented(function, "Returns").values())
    if annotation == "None" or not (annotation or texts):
        return []
    description = texts[0].description if texts else ""
    if _PATH_CLASS.search(annotation):
        return [_file("result", description, "result", entities)]
    match = _CLASS.fullmatch(annotation)
    name = match[1] if match is not None else "result"
    entities.setdefault(name, _entity(function, annotated if match is not None else None))
    return [_known(role="result", description=description, entityName=name, value="result")]


def _entity(function: Any, annotated: Any) -> dict[str, Any]:
    """Return what is known of an entity by the class of which it is."""
    known = getattr(inspect.unwrap(function), "__globals__", {})
    made = known.get(annotated) if isinstance(annotated, str) else annotated
    description = first_sentence(inspect.getdoc(made) or "") if inspect.isclass(made) else ""
    return _known(description=description, type="PythonObject")
