"""The classes of a loaded definition file: activities, entities, parameters and their items."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct, field
from msgspec.structs import force_setattr

from provlog.definitions.expressions import Expression
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.patterns import regex

__all__ = [
    "EMPTY", "ENTITY_TYPES", "ActivityDefinition", "Definitions", "EntityDefinition",
    "ItemDefinition", "ParameterDefinition", "is_target", "last_name",
]  # fmt: skip

ENTITY_TYPES = ("PythonObject", "File", "FileCollection")
"""The types of entities that definitions can have."""

_NAMES = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_TARGET = regex(rf"{_NAMES}:{_NAMES}")
_KEY = regex(rf"(?:{_NAMES}:)?{_NAMES}")


def last_name(key: str) -> str:
    """Return the name of the activity with this key: the last part of a target.

    Examples
    --------
    >>> last_name("package.module:Class.method"), last_name("Class.method"), last_name("step 1.5")
    ('method', 'method', 'step 1.5')
    """
    return re.split("[:.]", key)[-1] if _KEY.fullmatch(key) is not None else key


def is_target(text: str) -> bool:
    """Return whether a text has the form of a target.

    Examples
    --------
    >>> is_target("package.module:Class.method"), is_target("Class.method")
    (True, False)
    """
    return _TARGET.fullmatch(text) is not None


class ParameterDefinition(Struct, frozen=True, kw_only=True):
    """A parameter of an activity.

    Parameters
    ----------
    name : str
        Its name in the log.
    value : Expression, optional
        Its value.
    description, datatype, arraysize, xtype, unit, ucd, utype : str, optional
        Attributes of a parameter in the IVOA provenance model.
    min, max, default : Any
        As in the file.
    options : tuple
        The allowed values; empty if unknown.
    """

    name: str
    value: Expression | None = None
    description: str | None = None
    datatype: str | None = None
    arraysize: str | None = None
    xtype: str | None = None
    unit: str | None = None
    ucd: str | None = None
    utype: str | None = None
    min: Any = None
    max: Any = None
    default: Any = None
    options: tuple[Any, ...] = ()


class ItemDefinition(Struct, frozen=True, kw_only=True):
    """An entity that an activity uses or generates, or a member or progenitor of one.

    Parameters
    ----------
    entity : str, optional
        The name of the entity; ``None`` if the file gives only its type.
    type : str, optional
        The type of the entity: usually one of :data:`ENTITY_TYPES`, but the file may have
        any word.
    content_type : str, optional
        Its media type.
    index : str, optional
        For a ``FileCollection``: the file that identifies the whole folder.
    role, description, multiplicity : str, optional
        Its role for the activity, a description, and how many there can be.
    flow_type : str, optional
        The type of the usage or generation, one of
        :data:`~provlog.model.vodml.FLOW_TYPES`; the key ``type`` holds it, too.
    location, value, id : Expression, optional
        The path or location of the entity, its object, and its id.
    namespace : str, optional
        The prefix of its id.
    each : Expression, optional
        The list of members or progenitors (the key ``list``); the other expressions
        start at its items. Without it, they start at the only member or progenitor.
    has_members, has_progenitors : ItemDefinition, optional
        Its members and progenitors.
    overwrite : bool
        Whether the activity changes an existing entity.
    """

    entity: str | None = None
    type: str | None = None
    content_type: str | None = None
    index: str | None = None
    role: str | None = None
    description: str | None = None
    multiplicity: str | None = None
    flow_type: str | None = None
    location: Expression | None = None
    value: Expression | None = None
    id: Expression | None = None
    namespace: str | None = None
    each: Expression | None = None
    has_members: ItemDefinition | None = None
    has_progenitors: ItemDefinition | None = None
    overwrite: bool = False


class EntityDefinition(Struct, frozen=True, kw_only=True):
    """The description that entities of one name share.

    Parameters
    ----------
    name : str
        The name.
    description, docurl : str, optional
        A description, and a link to more.
    content_type : str, optional
        The media type.
    type : str, optional
        Usually one of :data:`ENTITY_TYPES`, but the file may have any word.
    index : str, optional
        For a ``FileCollection``: the file that identifies the whole folder.
    datatype, arraysize, xtype, unit, ucd, utype : str, optional
        The IVOA description of a value.
    """

    name: str
    description: str | None = None
    docurl: str | None = None
    content_type: str | None = None
    type: str | None = None
    index: str | None = None
    datatype: str | None = None
    arraysize: str | None = None
    xtype: str | None = None
    unit: str | None = None
    ucd: str | None = None
    utype: str | None = None


class ActivityDefinition(Struct, frozen=True, kw_only=True):
    """A function or method whose calls are activities.

    Parameters
    ----------
    name : str
        Its name in the log.
    target : str, optional
        The function, ``package.module:Class.method``; ``None`` if the key is only a name.
    description, contact : str, optional
        A description, and a contact.
    version, docurl, type, subtype : str, optional
        The rest of its IVOA description.
    parameters : tuple of ParameterDefinition
        Its parameters.
    usage, generation : tuple of ItemDefinition
        The entities that it uses and generates.
    unlisted : bool
        Whether arguments and results that no entry names are recorded, as without a definition.
    others : dict of str to str
        Further attributes of its description, by qualified name.
    """

    name: str
    target: str | None = None
    description: str | None = None
    contact: str | None = None
    version: str | None = None
    docurl: str | None = None
    type: str | None = None
    subtype: str | None = None
    parameters: tuple[ParameterDefinition, ...] = ()
    usage: tuple[ItemDefinition, ...] = ()
    generation: tuple[ItemDefinition, ...] = ()
    unlisted: bool = False
    others: dict[str, str] = {}


class Definitions(Struct, frozen=True, kw_only=True):
    """The content of a definition file.

    Parameters
    ----------
    activities : dict of str to ActivityDefinition
        The activities, by the keys of the file: names or targets.
    entities : dict of str to EntityDefinition
        The entities, by name.
    agents : dict of str to dict
        The agents, by name, with any keys.
    namespaces : dict of str to str
        IRIs by prefix.
    file : str, optional
        The path of the file.
    source : dict
        The unparsed definitions: mappings, lists and scalars.
    warnings : tuple of Diagnostic
        Warnings about them.
    """

    activities: dict[str, ActivityDefinition] = field(default_factory=dict)
    entities: dict[str, EntityDefinition] = field(default_factory=dict)
    agents: dict[str, dict[str, Any]] = field(default_factory=dict)
    namespaces: dict[str, str] = field(default_factory=dict)
    file: str | None = None
    source: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()
    _by_name: dict[str, ActivityDefinition | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        by_name: dict[str, ActivityDefinition | None] = {}
        for activity in filter(lambda activity: activity.target, self.activities.values()):
            # A name that two targets share is ambiguous.
            by_name[activity.name] = None if activity.name in by_name else activity
        force_setattr(self, "_by_name", by_name | self.activities)

    def of(self, name: str) -> ActivityDefinition | None:
        """Return the definition of an activity.

        Parameters
        ----------
        name : str
            A key of the file, or the last name of a target if no other target has it.
        """
        return self._by_name.get(name)


EMPTY = Definitions()
"""No definitions."""
