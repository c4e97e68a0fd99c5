"""Load definition files, which describe activities and the entities they use and generate.

The format is the YAML of gammapy's provenance prototypes and of logprov; docs/capture.md
describes it. A file is read and checked once, before the program runs.
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
        The definitions, with warnings about the file.

    Raises
    ------
    DefinitionError
        If the file has errors; the message lists all of them.
    InputError
        If the file cannot be read.

    Examples
    --------
    >>> definitions = load("tests/data/presentation-definition.yaml")
    >>> definitions.of("get_observations").usage[0].location.text
    'settings.observations.datastore'
    """
    return _required(*examine(path))


def definitions_of(data: Mapping[str, Any], file: str | None = None) -> Definitions:
    """Return the definitions in a mapping that has the keys of a definition file.

    Parameters
    ----------
    data : mapping
        The definitions.
    file : str, optional
        The name of their source in messages.

    Raises
    ------
    DefinitionError
        If there are errors; the message lists all of them.

    Examples
    --------
    >>> definitions_of({"activities": {"fit": {"usage": "datasets"}}})
    Traceback (most recent call last):
    provlog.errors.DefinitionError: definitions: activity 'fit': usage: a list is expected, not text
    """
    from provlog.definitions.parse import definitions_from

    return _required(*definitions_from(data, file))


def examine(
    path: str | os.PathLike[str], *, with_review: bool = False
) -> tuple[Definitions | None, list[Diagnostic]]:
    """Return the content of a definition file and all findings.

    Parameters
    ----------
    path : path
        The file.
    with_review : bool
        Also review units, UCDs and other words of descriptions, which takes longer.

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
    # Imported here, because most programs are recorded without definitions.
    from provlog.definitions.parse import definitions_from
    from provlog.definitions.yaml import read_yaml

    file = os.fspath(path)
    document = read_yaml(_content(file), file)
    if document.data is None and document.findings:
        return None, document.findings
    definitions, findings = definitions_from(document.data, file, document.places)
    if with_review:
        from provlog.definitions.review import review

        findings = in_order(findings + review(document.data, file, document.places))
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
        raise InputError(f"{file!r}: not a valid path: {error}") from error


def _required(definitions: Definitions | None, findings: Sequence[Diagnostic]) -> Definitions:
    if definitions is None:
        errors = [found for found in findings if found.severity is Severity.ERROR]
        raise DefinitionError("\n".join(f"{error.place}: {error.message}" for error in errors))
    return definitions
