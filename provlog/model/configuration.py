"""Parameters and configuration files: their names, and their ids as entities or rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provlog.model.descriptions import ConfigFileDescription, Descriptions
from provlog.model.identifiers import local_name
from provlog.model.relations import Relation

__all__ = ["PARAMETER", "config_file_ids", "parameter_id", "parameter_name"]

PARAMETER = "param:"
"""The beginning of the attributes of an activity that are parameters."""


def parameter_id(activity: str, name: str, kind: str = "parameter") -> str:
    """Return the id of a parameter or a configuration file as an entity or a row.

    Parameters
    ----------
    activity : str
        The id of the activity that it configured.
    name : str
        Its name in the form of :func:`parameter_name`.
    kind : str, optional
        ``parameter`` or ``configfile``.

    Examples
    --------
    >>> parameter_id("log:activity-s-1", "energy_min")
    'log:parameter-s-1-energy_min'
    """
    prefix, _, local = activity.rpartition(":")
    return f"{prefix}:{kind}-{local.removeprefix('activity-')}-{name}"


def config_file_ids(
    descriptions: Descriptions, usages: Iterable[Relation]
) -> Iterator[tuple[str, Relation, ConfigFileDescription]]:
    """Yield the usages of configuration files with ids for these files, and their descriptions."""
    taken = set[str]()
    for relation, described in descriptions.config_files(usages):
        first = parameter_id(relation.source.id, local_name(described.name), "configfile")
        id, number = first, 1
        while id in taken:
            number += 1
            id = f"{first}-{number}"
        taken.add(id)
        yield id, relation, described


def parameter_name(attribute: str) -> str:
    """Return the name of a parameter for ids, from its attribute's name, ``param:...``.

    Examples
    --------
    >>> parameter_name("param:energy_min")
    'energy_min'
    """
    return local_name(attribute[len(PARAMETER) :])
