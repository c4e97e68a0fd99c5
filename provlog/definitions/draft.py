"""Draft a definition file from the signatures and docstrings of classes and functions."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

from provlog.definitions.classes import is_target
from provlog.definitions.docstrings import (
    Documented,
    documented_parameters,
    documented_result,
    first_sentence,
)
from provlog.definitions.draft_types import (
    annotated,
    entity_for,
    entity_name,
    is_output,
    is_path,
    is_path_class,
    may_change,
    result_name,
)
from provlog.definitions.scope import globals_of
from provlog.errors import InputError, UsageError

__all__ = ["draft", "dump"]

_DATATYPES = frozenset({"bool", "float", "int", "str"})
_PLAIN = (bool, float, int, str)
_NOT_NAMED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_UNKNOWN = Documented()
_NO_RESULT = frozenset({"None", "Never", "NoReturn"})
_HEADER = """\
# A draft: usage and generation are guessed from annotations, docstrings and names.
# unlisted: arguments and results that no entry names are recorded as without a definition.

"""


def draft(targets: Iterable[str]) -> str:
    """Return the draft of a definition file.

    Parameters
    ----------
    targets : iterable of str
        Functions, ``package.module:function``, classes, ``package.module:Class``, whose
        public methods become activities, and modules, with all their functions and classes.

    Returns
    -------
    str
        A valid definition file.

    Raises
    ------
    UsageError
        If a target does not exist.
    InputError
        If the import of a module fails.

    Examples
    --------
    >>> print(draft(["provlog.text:duration"]), end="")
    # A draft: usage and generation are guessed from annotations, docstrings and names.
    # unlisted: arguments and results that no entry names are recorded as without a definition.
    <BLANKLINE>
    activities:
      provlog.text:duration:
        description: Return a number of seconds in words.
        parameters:
        - name: seconds
          value: kwargs.seconds
          datatype: float
        unlisted: true
    """
    activities: dict[str, Any] = {}
    entities: dict[str, Any] = {}
    for key, owner, name in (found for target in targets for found in _functions(target)):
        activities[key] = _activity(owner, name, entities)
    return _HEADER + dump(_nonempty(activities=activities, entities=entities))


def dump(sections: dict[str, Any]) -> str:
    """Return the text of a definition file."""
    import yaml

    return yaml.safe_dump(sections, sort_keys=False, allow_unicode=True, width=100)


def _nonempty(**items: Any) -> dict[str, Any]:
    """Return the items that are not empty."""
    return {key: item for key, item in items.items() if item not in (None, "", [], {})}


def _functions(target: str) -> Iterator[tuple[str, Any, str]]:
    """Yield the functions of a target: the key of the activity, the owner and the name."""
    if all(name.isidentifier() for name in target.split(".")):
        yield from _functions_of_module(target)
        return
    if not is_target(target):
        raise UsageError(
            f"{target!r} is not a target: write package.module, package.module:Class or "
            "package.module:function"
        )
    module, _, path = target.partition(":")
    owner, found = _found(module, path)
    if inspect.isclass(found):
        methods = [name for name in vars(found) if _is_public_method(found, name)]
        if not methods:
            raise UsageError(f"{target} has no public methods of its own")
        for name in methods:
            yield f"{target}.{name}", found, name
    elif inspect.isroutine(inspect.unwrap(found)):
        yield target, owner, path.rpartition(".")[2]
    else:
        raise UsageError(f"{target} is neither a class nor a function")


def _functions_of_module(name: str) -> Iterator[tuple[str, Any, str]]:
    module, _ = _found(name, "__name__")
    found = 0
    for key, thing in vars(module).items():
        is_own = getattr(thing, "__module__", None) == name and not key.startswith("_")
        if inspect.isclass(thing):
            is_own &= any(_is_public_method(thing, method) for method in vars(thing))
        if is_own and (inspect.isclass(thing) or inspect.isroutine(thing)):
            found += 1
            yield from _functions(f"{name}:{key}")
    if not found:
        raise UsageError(f"{name} has no public functions or classes of its own")


def _found(module: str, path: str) -> tuple[Any, Any]:
    """Import a module; return the owner of a path in it, and the object itself."""
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
            raise UsageError(f"module {error.name!r} not found") from error
        raise _not_imported(module, error) from error
    except (Exception, SystemExit) as error:
        raise _not_imported(module, error) from error


def _not_imported(module: str, error: BaseException) -> InputError:
    text = " ".join(f"{type(error).__name__}: {error}".split())
    is_running = not isinstance(error, (SyntaxError, ModuleNotFoundError))
    hint = "; if it is a script, record it with provlog run, and draft from the log"
    return InputError(f"cannot import {module}: {text}{hint if is_running else ''}")


def _is_public_method(owner: type, name: str) -> bool:
    return not name.startswith("_") and inspect.isroutine(inspect.unwrap(vars(owner)[name]))


def _activity(owner: Any, name: str, entities: dict[str, Any]) -> dict[str, Any]:
    """Return the draft of an activity, and add the entities that it refers to."""
    function = getattr(owner, name)
    found: dict[str, list[Any]] = {"parameters": [], "usage": [], "generation": []}
    entries = documented_parameters(function)
    for parameter in _parameters(owner, name):
        text = entries.get(parameter.name, _UNKNOWN)
        if _is_known(parameter, text):
            section, item = _argument(function, name, parameter, text, entities)
            found[section].append(item)
    found["generation"] += _returned(function, name, entities)
    if _takes_self(owner, name):
        item = _object("self", "", _class_entity(owner, entities), "self")
        found["usage"].insert(0, item)
        if may_change(name):
            found["generation"].append({**item})
    description = first_sentence(inspect.getdoc(function) or "") or "To be described"
    return {**_nonempty(description=description, **found), "unlisted": True}


def _is_known(parameter: inspect.Parameter, text: Documented) -> bool:
    """Return whether anything indicates the kind of an argument; if not, the recording decides."""
    is_described = bool(annotated(parameter.annotation) or text.type)
    return is_described or type(parameter.default) in _PLAIN or is_path(parameter, text)


def _argument(
    function: Any,
    name: str,
    parameter: inspect.Parameter,
    text: Documented,
    entities: dict[str, Any],
) -> tuple[str, dict[str, Any]]:
    """Return the section of the activity to which an argument belongs, and its entry there."""
    value = f"kwargs.{parameter.name}"
    if is_path(parameter, text):
        item = _file(parameter.name, text.description, value, entities)
        return "generation" if is_output(name, parameter.name) else "usage", item
    known = globals_of(function)
    annotation = annotated(parameter.annotation)
    entity = entity_for(annotation, text, parameter.name, known)
    if entity is None or type(parameter.default) in _PLAIN:
        return "parameters", _parameter(parameter, text)
    entities.setdefault(entity, _entity(entity, known.get(annotation, parameter.annotation)))
    return "usage", _object(parameter.name, text.description, entity, value)


def _class_entity(owner: type, entities: dict[str, Any]) -> str:
    """Return the name of the entity for the objects of a class; add the entity."""
    name = entity_name(owner.__name__)
    entities.setdefault(name, _entity(name, owner))
    return name


def _parameters(owner: Any, name: str) -> list[inspect.Parameter]:
    """Return the public named parameters of a function, without ``self``."""
    signature = _signature(getattr(owner, name))
    parameters = list(signature.parameters.values()) if signature is not None else []
    if _takes_self(owner, name):
        del parameters[:1]
    return [
        parameter
        for parameter in parameters
        if parameter.kind not in _NOT_NAMED and not parameter.name.startswith("_")
    ]


def _takes_self(owner: Any, name: str) -> bool:
    """Return whether a function is a method whose first argument is the instance."""
    kind = inspect.getattr_static(owner, name)
    return inspect.isclass(owner) and not isinstance(kind, (classmethod, staticmethod))


def _signature(function: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (NameError, TypeError, ValueError):
        # Compiled functions may have no signature.
        return None


def _parameter(parameter: inspect.Parameter, text: Documented) -> dict[str, Any]:
    annotation = annotated(parameter.annotation)
    return _nonempty(
        name=parameter.name,
        description=text.description,
        value=f"kwargs.{parameter.name}",
        datatype=annotation if annotation in _DATATYPES else None,
        default=parameter.default if type(parameter.default) in _PLAIN else None,
    )


def _file(role: str, description: str, location: str, entities: dict[str, Any]) -> dict[str, Any]:
    entities.setdefault("File", {"description": "A file on the disk", "type": "File"})
    return _nonempty(role=role, description=description, entityName="File", location=location)


def _object(role: str, description: str, entity: str, value: str) -> dict[str, Any]:
    return _nonempty(role=role, description=description, entityName=entity, value=value)


def _returned(function: Any, name: str, entities: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entry for the returned value, in a list; an empty list without a result."""
    signature = _signature(function)
    annotation = signature.return_annotation if signature is not None else inspect.Signature.empty
    text = "None" if annotation is None else annotated(annotation)
    entry = documented_result(function)
    is_unknown = not text and not entry.type
    # The recording links numbers, and each item of a tuple.
    if text in _NO_RESULT or is_unknown or text in _DATATYPES or text.startswith("tuple"):
        return []
    if is_path_class(text):
        return [_file("result", entry.description, "result", entities)]
    known = globals_of(function)
    made = result_name(name)
    entity = entity_for(text, entry, entry.name or made, known)
    if entity is None:
        entity = text if text in _DATATYPES else made
    entities.setdefault(entity, _entity(entity, known.get(text, annotation)))
    return [_object("result", entry.description, entity, "result")]


def _entity(name: str, made: Any) -> dict[str, Any]:
    """Return the draft of an entity, described by the docstring of its class if known."""
    is_known = inspect.isclass(made) and made.__name__ == name
    description = first_sentence(inspect.getdoc(made) or "") if is_known else ""
    return _nonempty(description=description, type="PythonObject")
