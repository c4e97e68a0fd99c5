"""Find the modules of recorded functions that are not in the script, for a draft."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from provlog.model.graph import Activity, ProvGraph
from provlog.run.automatic import module_files, steps
from provlog.run.rewrite import defined_names

__all__ = ["places_of_steps"]

_SCRIPT = "script"


def places_of_steps(graph: ProvGraph) -> dict[str, str]:
    """Return the targets of the steps that programs have in modules beside their scripts.

    The source is read again, so a script that no longer exists has no steps.

    Parameters
    ----------
    graph : ProvGraph
        The graph of the logs of the programs.

    Returns
    -------
    dict of str to str
        The target, ``module:function`` or ``module:Class.method``, by the name of the function
        or method. Names that the script defines itself are left out.
    """
    places: dict[str, str] = {}
    for relation in graph.relations["used"]:
        if relation.role == _SCRIPT and isinstance(relation.source, Activity):
            for path in map(str, relation.target.values("prov:location")):
                folders = map(str, relation.source.values("log:working_directory"))
                with suppress(OSError, SyntaxError, ValueError, RecursionError):
                    places = {**dict(_places(path, next(folders, ""))), **places}
    return places


def _places(path: str, folder: str) -> Iterator[tuple[str, str]]:
    """Yield the names and targets of the steps of a script."""
    with open(path, "rb") as stream:
        text = stream.read()
    own = defined_names(text)
    for base, package in _packages(path, folder):
        for module, name in steps(text, base, package):
            if module:
                found = [name, *_methods(base, module, name)]
                yield from (
                    (last, f"{module}:{one}")
                    for one in found
                    if (last := one.rpartition(".")[2]) not in own
                )


def _packages(path: str, folder: str) -> Iterator[tuple[str, str]]:
    """Yield the folders in which a script, or a module of a package, searches for modules."""
    yield os.path.dirname(path), ""
    inner = os.path.relpath(os.path.dirname(path), folder) if folder else os.pardir
    if inner != os.curdir and not inner.startswith(os.pardir):
        yield folder, inner.replace(os.sep, ".")


def _methods(folder: str, module: str, name: str) -> Iterator[str]:
    """Yield the methods of a class, with its name."""
    for file in module_files(folder, module):
        with suppress(OSError), open(file, "rb") as stream:
            yield from (one for one in defined_names(stream.read()) if one.startswith(f"{name}."))
