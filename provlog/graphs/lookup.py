"""Look up elements by their names: id, label, location, file name, role, pattern."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate
from pathlib import PurePath

from provlog.errors import UsageError
from provlog.model.graph import Activity, Element, Entity, ProvGraph
from provlog.text import printable

__all__ = ["find", "find_one"]


def find(graph: ProvGraph, name: str) -> list[Element]:
    """Return the entities and activities that a name may mean.

    What is found first counts: the element with that qualified name, then those
    with that id in a log, that label, that location, that file name at the end
    of the location or the id; then the entities in that role; then, as a pattern
    with ``*``, ``?`` and ``[...]``, those of which any of the names fits.

    Parameters
    ----------
    graph : ProvGraph
        The graph.
    name : str
        A name, an id, a path, or a pattern.
    """
    elements: list[Element] = [*graph.entities.values(), *graph.activities.values()]
    for names_of in _NAMES:
        found = [element for element in elements if name in names_of(element)]
        if found:
            return found
    in_role = _in_role(graph, name)
    if in_role:
        return [element for element in elements if element in in_role]
    fits = re.compile(translate(name)).match
    return [
        element
        for element in elements
        if any(fits(known) for names_of in _NAMES for known in names_of(element))
    ]


def _in_role(graph: ProvGraph, role: str) -> set[Element]:
    """Return what was used or generated in a role."""
    used = {use.target for use in graph.relations["used"] if use.role == role}
    made = graph.relations["wasGeneratedBy"]
    return used | {generation.source for generation in made if generation.role == role}


def find_one(graph: ProvGraph, name: str) -> Element:
    """Return the only element that a name means.

    Raises
    ------
    UsageError
        If there is none, or more than one.
    """
    found = find(graph, name)
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"nothing is called {name!r}: no id, label, location, file name or role")
    means = "".join(f"\n  {_described(item)}" for item in found)
    raise UsageError(f"{name!r} means {len(found)} things; name one by its id:{means}")


def _described(element: Element) -> str:
    """Tell one match from another: its id, its name, where it is, when it began, its session."""
    told = [element.id, element.name, *map(str, element.values("prov:location"))]
    if isinstance(element, Activity) and element.start:
        told.append(element.start)
    if isinstance(element, (Activity, Entity)) and element.session is not None:
        told.append(f"in {element.session.id}")
    return printable("  ".join(dict.fromkeys(told)))


def _texts(name: str) -> Callable[[Element], list[str]]:
    return lambda element: [str(value) for value in element.values(name)]


def _file_names(element: Element) -> list[str]:
    paths = [*_texts("prov:location")(element), *_texts("dcterms:identifier")(element)]
    return [PurePath(path).name for path in paths if "/" in path]


# What an element may be called, the most exact first.
_NAMES: tuple[Callable[[Element], list[str]], ...] = (
    lambda element: [element.id],
    _texts("dcterms:identifier"),
    _texts("prov:label"),
    _texts("prov:location"),
    _file_names,
)
