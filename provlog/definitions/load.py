"""Definition files: what the activities of a program are, and what they use and generate.

Their format is the YAML of gammapy's provenance prototypes and of logprov. They are
read and checked once, before anything runs.

In their expressions ``kwargs.x`` and ``args.x`` are the argument of the call that is
named x, given by name or not; ``result`` is what is returned, ``self`` the object. Any
other first name is an attribute of the object, of a method; or else an argument, or
else a global name of the function's module.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from provlog.definitions.classes import (
    EMPTY,
    ActivityDefinition,
    Definitions,
    EntityDefinition,
    ItemDefinition,
    ParameterDefinition,
)
from provlog.definitions.findings import in_order
from provlog.definitions.parse import definitions_from
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.diagnostics.severity import Severity
from provlog.errors import DefinitionError, InputError

__all__ = [
    "EMPTY", "ActivityDefinition", "Definitions", "EntityDefinition", "ItemDefinition",
    "ParameterDefinition", "definitions_of", "examine", "load",
]  # fmt: skip


def load(path: str | os.PathLike[str]) -> Definitions:
    """Read a definition file.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    Definitions
        With what is odd in the file as its warnings.

    Raises
    ------
    DefinitionError
        If anything is wrong with it; all of it is told.
    InputError
        If it cannot be read.

    Examples
    --------
    >>> definitions = load("tests/data/presentation-definition.yaml")
    >>> definitions.of("get_observations").usage[0].location.text
    'settings.observations.datastore'
    """
    return _required(*examine(path))


def definitions_of(data: Mapping[str, Any], file: str | None = None) -> Definitions:
    """Return what a mapping defines that has the keys of a definition file.

    Parameters
    ----------
    data : mapping
        The definitions.
    file : str, optional
        Where they come from.

    Raises
    ------
    DefinitionError
        If anything is wrong with them; all of it is told.

    Examples
    --------
    >>> definitions_of({"activities": {"fit": {"usage": "datasets"}}})
    Traceback (most recent call last):
    provlog.errors.DefinitionError: definitions: activity 'fit': usage: a list is expected, not a
    text
    """
    return _required(*definitions_from(data, file))


def examine(path: str | os.PathLike[str]) -> tuple[Definitions | None, list[Diagnostic]]:
    """Return the content of a definition file and all findings.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    Definitions or None
        ``None`` if there are errors.
    list of Diagnostic
        Errors and warnings, in the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    from provlog.definitions.yaml import read_yaml

    file = os.fspath(path)
    document = read_yaml(_content(file), file)
    if document.data is None and document.findings:
        return None, document.findings
    definitions, findings = definitions_from(document.data, file, document.places)
    if document.findings:
        return None, in_order(document.findings + findings)
    return definitions, findings


def _content(file: str) -> bytes:
    from provlog.definitions.yaml import MAX_SIZE

    try:
        with open(file, "rb") as stream:
            return stream.read(MAX_SIZE + 1)
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        raise InputError(f"{file}: cannot be read: {what}") from error
    except ValueError as error:
        raise InputError(f"{file!r}: no path: {error}") from error


def _required(definitions: Definitions | None, findings: Sequence[Diagnostic]) -> Definitions:
    if definitions is None:
        errors = [found for found in findings if found.severity is Severity.ERROR]
        raise DefinitionError("\n".join(f"{error.place}: {error.message}" for error in errors))
    return definitions
