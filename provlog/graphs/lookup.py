"""Look up elements by their names: id, label, location, file name, role, pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fnmatch import translate
from pathlib import PurePath

from provlog.errors import UsageError
from provlog.model.graph import Activity, Element, Entity, ProvGraph
from provlog.text import did_you_mean, printable

__all__ = ["find", "find_one", "only_one"]


def find(graph: ProvGraph, name: str) -> list[Element]:
    """Return the entities and activities with a name.

    These names are tried in order until one matches: the qualified name, the id in the
    log, the label, the location, the file name at the end of the location or id, and
    the role. A name that matches nothing is tried as a pattern with ``*``, ``?`` and
    ``[...]``.

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
    """Return the entities that were used or generated in a role."""
    used = {use.target for use in graph.relations["used"] if use.role_text == role}
    made = graph.relations["wasGeneratedBy"]
    return used | {generation.source for generation in made if generation.role_text == role}


def find_one(graph: ProvGraph, name: str) -> Element:
    """Return the only element with a name.

    Raises
    ------
    UsageError
        If no element has the name, or several have it.
    """
    return only_one(find(graph, name), name, graph)


def only_one(found: Sequence[Element], name: str, graph: ProvGraph) -> Element:
    """Return the only element among those found for a name.

    Parameters
    ----------
    found : sequence of Element
        The elements with the name.
    name : str
        The name.
    graph : ProvGraph
        The graph whose labels the message suggests if none was found.

    Raises
    ------
    UsageError
        If there is no element, or several.
    """
    if len(found) == 1:
        return found[0]
    if not found:
        labels = {label for element in graph.elements() for label in _texts("prov:label")(element)}
        raise UsageError(
            f"no entity or activity has the id, label, location, file name or role "
            f"{name!r}{did_you_mean(name, sorted(labels))}"
        )
    matches = "".join(f"\n  {_described(item)}" for item in found)
    raise UsageError(f"{name!r} matches {len(found)}; choose one by its id:{matches}")


def _described(element: Element) -> str:
    """Return a match as a line: its id, name, location, start and session."""
    parts = [element.id, element.name, *map(str, element.values("prov:location"))]
    if isinstance(element, Activity) and element.start:
        parts.append(element.start)
    if isinstance(element, (Activity, Entity)) and element.session is not None:
        parts.append(f"in {element.session.id}")
    return printable("  ".join(dict.fromkeys(parts)))


def _texts(name: str) -> Callable[[Element], list[str]]:
    return lambda element: [str(value) for value in element.values(name)]


def _file_names(element: Element) -> list[str]:
    paths = [*_texts("prov:location")(element), *_texts("dcterms:identifier")(element)]
    return [PurePath(path).name for path in paths if "/" in path]


# The kinds of names of an element, the most exact first.
_NAMES: tuple[Callable[[Element], list[str]], ...] = (
    lambda element: [element.id],
    _texts("dcterms:identifier"),
    _texts("prov:label"),
    _texts("prov:location"),
    _file_names,
)
