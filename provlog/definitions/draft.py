"""A definition file to begin with, made of what classes and functions say of themselves."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

from provlog.definitions.classes import is_place
from provlog.definitions.docstrings import Documented, documented, first_sentence
from provlog.definitions.draft_types import (
    annotated,
    called,
    changes,
    class_in,
    is_output,
    is_path,
    is_path_class,
    made_by,
)
from provlog.definitions.scope import globals_of
from provlog.errors import InputError, UsageError

__all__ = ["draft"]

_DATATYPES = frozenset({"bool", "float", "int", "str"})
_PLAIN = (bool, float, int, str)
_NOT_NAMED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_UNKNOWN = Documented("", "")
# Of a function that returns nothing, or does not return.
_NOTHING = frozenset({"None", "Never", "NoReturn"})
_BEGINNING = """\
# A draft: what is used and generated is guessed from annotations, docstrings and names.

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
    >>> print(draft(["provlog.text:duration"]), end="")
    # A draft: what is used and generated is guessed from annotations, docstrings and names.
    <BLANKLINE>
    activities:
      provlog.text:duration:
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
        section, item = _argument(function, name, parameter, text, entities)
        found[section].append(item)
    found["generation"] += _returned(function, name, entities)
    if _has_object(owner, name):
        item = _object("self", "", _own(owner, entities), "self")
        found["usage"].insert(0, item)
        if changes(name):
            found["generation"].append({**item})
    description = first_sentence(inspect.getdoc(function) or "") or "To be described"
    return _known(description=description, **found)


def _argument(
    function: Any,
    name: str,
    parameter: inspect.Parameter,
    text: Documented,
    entities: dict[str, Any],
) -> tuple[str, dict[str, Any]]:
    """Return what is known of an argument, and under which key of the activity it is said."""
    value = f"kwargs.{parameter.name}"
    if is_path(parameter, text):
        item = _file(parameter.name, text.description, value, entities)
        return "generation" if is_output(name, parameter.name) else "usage", item
    known = globals_of(function)
    annotation = annotated(parameter.annotation)
    entity = class_in(annotation, text, parameter.name, known)
    if entity is None or type(parameter.default) in _PLAIN:
        return "parameters", _parameter(parameter, text)
    entities.setdefault(entity, _entity(entity, known.get(annotation, parameter.annotation)))
    return "usage", _object(parameter.name, text.description, entity, value)


def _own(owner: type, entities: dict[str, Any]) -> str:
    """Return what the objects of a class are called."""
    name = called(owner.__name__)
    entities.setdefault(name, _entity(name, owner))
    return name


def _parameters(owner: Any, name: str) -> list[inspect.Parameter]:
    """Return the parameters of a call that have names."""
    signature = _signature(getattr(owner, name))
    parameters = list(signature.parameters.values()) if signature is not None else []
    if _has_object(owner, name):
        del parameters[:1]
    return [
        parameter
        for parameter in parameters
        if parameter.kind not in _NOT_NAMED and not parameter.name.startswith("_")
    ]


def _has_object(owner: Any, name: str) -> bool:
    """Tell whether a function is a method whose first argument is the object itself."""
    kind = inspect.getattr_static(owner, name)
    return inspect.isclass(owner) and not isinstance(kind, (classmethod, staticmethod))


def _signature(function: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (NameError, TypeError, ValueError):
        # What is written in C need not have one.
        return None


def _parameter(parameter: inspect.Parameter, text: Documented) -> dict[str, Any]:
    annotation = annotated(parameter.annotation)
    return _known(
        name=parameter.name,
        description=text.description,
        value=f"kwargs.{parameter.name}",
        datatype=annotation if annotation in _DATATYPES else None,
        default=parameter.default if type(parameter.default) in _PLAIN else None,
    )


def _file(role: str, description: str, location: str, entities: dict[str, Any]) -> dict[str, Any]:
    entities.setdefault("File", {"description": "A file on the disk", "type": "File"})
    return _known(role=role, description=description, entityName="File", location=location)


def _object(role: str, description: str, entity: str, value: str) -> dict[str, Any]:
    return _known(role=role, description=description, entityName=entity, value=value)


def _returned(function: Any, name: str, entities: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is known of the returned value, unless there is none."""
    signature = _signature(function)
    annotation = signature.return_annotation if signature is not None else inspect.Signature.empty
    text = "None" if annotation is None else annotated(annotation)
    if text in _NOTHING:
        return []
    told, said = next(iter(documented(function, "Returns").items()), ("", _UNKNOWN))
    if is_path_class(text):
        return [_file("result", said.description, "result", entities)]
    known = globals_of(function)
    if not said.type:
        # What is returned has a type alone.
        told, said = made_by(name), Documented(told, said.description)
    entity = class_in(text, said, told, known) or (text if text in _DATATYPES else made_by(name))
    entities.setdefault(entity, _entity(entity, known.get(text, annotation)))
    return [_object("result", said.description, entity, "result")]


def _entity(name: str, made: Any) -> dict[str, Any]:
    """Return what is known of an entity by the class of which it is, if that is found."""
    is_known = inspect.isclass(made) and made.__name__ == name
    description = first_sentence(inspect.getdoc(made) or "") if is_known else ""
    return _known(description=description, type="PythonObject")
