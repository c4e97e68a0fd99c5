"""Draft a definition file from a recorded run: the types of parameters, objects and files."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from provlog.definitions.draft import dump
from provlog.definitions.draft_types import entity_name
from provlog.definitions.expressions import ExpressionError, parse
from provlog.errors import InputError
from provlog.model.graph import Activity, Entity, ProvGraph, Relation

__all__ = ["draft_of_run"]

_PROGRAM = "Program"
_FILES = frozenset({"File", "FileCollection"})
_PARAMETER = "param:"
_DATATYPES = {bool: "bool", int: "int", float: "float", str: "str"}
# The role of an item in a dict, such as result[table].
_KEY = re.compile(r"\[([^\W\d]\w*)\]")
_NAME = re.compile(r"[^\W\d]\w*")
_RESULT = "result"
# Types that the recording describes item by item.
_CONTAINERS = frozenset({"dict", "frozenset", "list", "set", "tuple"})
# The recording links a generator with the activity that runs it later, which has no result.
_STREAMS = frozenset({"async_generator", "generator"})
_DESCRIPTION = "To be described"


def draft_of_run(graph: ProvGraph, places: Mapping[str, str] | None = None) -> str:
    """Return the draft of a definition file for the activities of a recorded run.

    Entries of the definitions with which the run was recorded are kept.

    Parameters
    ----------
    graph : ProvGraph
        The graph of the log.
    places : mapping, optional
        The targets of functions outside of the script, ``module:function``, by name.

    Returns
    -------
    str
        A valid definition file.

    Raises
    ------
    InputError
        If the log has no activities of functions.
    """
    calls = defaultdict[str, list[Activity]](list)
    for activity in graph.activities.values():
        is_call = activity.session is not None and _PROGRAM not in activity.values("prov:type")
        if is_call and activity.label and _NAME.fullmatch(activity.label):
            calls[activity.label].append(activity)
    if not calls:
        raise InputError("the log has no activities of functions")
    entities: dict[str, Any] = {}
    defined = _Defined(graph)
    places = {**(places or {}), **defined.places}
    used = _relations_of(graph.relations["used"], lambda one: (one.source, one.target))
    made = _relations_of(graph.relations["wasGeneratedBy"], lambda one: (one.target, one.source))
    activities = {
        places.get(name, name): _nonempty(
            description=defined.description(name) or _description(several),
            parameters=_parameters(several, used, defined.of(name, "parameters", "name")),
            usage=_items(several, used, entities, defined.of(name, "usage"), is_usage=True),
            generation=_items(
                several, made, entities, defined.of(name, "generation"), is_usage=False
            ),
            unlisted=True,
        )
        for name, several in calls.items()
    }
    named = {one.get("entityName") for items in _listed(activities) for one in items}
    entities |= {name: one for name, one in defined.entities.items() if name in named}
    return dump(_nonempty(activities=activities, entities=entities))


_Entries = dict[str, dict[str, Any]]


class _Defined:
    """The definitions that a log holds, as they were written."""

    def __init__(self, graph: ProvGraph) -> None:
        self.entities: _Entries = {}
        self.places: dict[str, str] = {}
        self._activities: _Entries = {}
        for session in graph.sessions.values():
            for text in session.values("log:definitions"):
                with suppress(ValueError, TypeError, RecursionError):
                    self._add(_mapping(json.loads(text)))

    def _add(self, definitions: dict[str, Any]) -> None:
        self.entities |= _mapping(definitions.get("entities"))
        for key, activity in _mapping(definitions.get("activities")).items():
            module, _, qualified = key.rpartition(":")
            name = qualified.rpartition(".")[2]
            self._activities[name] = _mapping(activity)
            if module or "." in qualified:
                self.places[name] = key

    def of(self, name: str, section: str, key: str = "role") -> _Entries:
        """Return the entries in a section of an activity, by role or by name."""
        entries = self._activities.get(name, {}).get(section)
        found = map(_mapping, entries if isinstance(entries, list) else ())
        return {str(one[key]): one for one in found if key in one}

    def description(self, name: str) -> Any:
        """Return the description of an activity, if it has one."""
        return self._activities.get(name, {}).get("description")


def _listed(activities: _Entries) -> Iterator[list[dict[str, Any]]]:
    for activity in activities.values():
        yield from (activity.get("usage", []), activity.get("generation", []))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


_Related = dict[Any, list[tuple[str | None, Entity]]]


def _relations_of(relations: Iterable[Relation], ends: Any) -> _Related:
    found = defaultdict[Any, list[tuple[str | None, Entity]]](list)
    for relation in relations:
        activity, entity = ends(relation)
        found[activity].append((relation.role, entity))
    return found


def _description(calls: list[Activity]) -> str:
    found = [text for one in calls for text in one.values("dcterms:description")]
    return str(found[0]) if found else _DESCRIPTION


def _parameters(calls: list[Activity], used: _Related, defined: _Entries) -> list[dict[str, Any]]:
    """Return the parameters of the calls with their types, without those that are also data."""
    data = {
        role for one in calls for role, entity in used.get(one, ()) if not _is_file(entity)
    }  # fmt: skip
    kinds = defaultdict[str, set[type]](set)
    for activity in calls:
        for key in activity.attributes:
            if key.startswith(_PARAMETER):
                kinds[key.removeprefix(_PARAMETER)] |= set(map(type, activity.values(key)))
    return [
        defined.get(name)
        or _nonempty(name=name, datatype=_DATATYPES.get(*found) if len(found) == 1 else None)
        for name, found in kinds.items()
        if _NAME.fullmatch(name) and name not in data
    ]


def _items(
    calls: list[Activity],
    related: _Related,
    entities: dict[str, Any],
    defined: _Entries,
    is_usage: bool,
) -> list[dict[str, Any]]:
    """Return the entities of the calls by role, without those that have no role."""
    by_role = defaultdict[str, list[Entity]](list)
    for activity in calls:
        for role, entity in related.get(activity, ()):
            if role is not None:
                by_role[role].append(entity)
    items = []
    for role, found in by_role.items():
        if role in defined:
            items.append(defined[role])
            continue
        expression = _KEY.sub(r'["\1"]', role)
        if is_usage and expression.startswith(_RESULT):
            expression = f"kwargs.{expression}"
        if not _is_listed(expression, found):
            continue
        is_file = _is_file(found[0])
        name = "DataFile" if is_file else _common_name(found)
        kind = str(found[0].values("prov:type")[0]) if is_file else "PythonObject"
        entities.setdefault(name, {"type": kind})
        key = "location" if is_file else "value"
        items.append({"role": role, "entityName": name, key: expression})
    return items


def _is_listed(expression: str, found: list[Entity]) -> bool:
    """Return whether a definition can describe an entity as well as the recording without one.

    The recording links numbers, generators, and the items of containers.
    """
    try:
        parse(expression)
    except ExpressionError:
        return False
    labels = {one.label for one in found}
    is_value = any(one.values("prov:value") for one in found)
    return (
        len(set(map(_is_file, found))) == 1
        and not is_value
        and not labels & (_CONTAINERS | _STREAMS)
    )


def _is_file(entity: Entity) -> bool:
    return any(str(kind) in _FILES for kind in entity.values("prov:type"))


def _common_name(entities: list[Entity]) -> str:
    names = {str(one.label) for one in entities}
    return entity_name(names.pop()) if len(names) == 1 else "Objects"


def _nonempty(**items: Any) -> dict[str, Any]:
    return {key: item for key, item in items.items() if item not in (None, "", [], {})}
