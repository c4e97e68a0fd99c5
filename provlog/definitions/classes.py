"""What a definition file says, in a form that is ready to be used while a program runs."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct, field
from msgspec.structs import force_setattr

from provlog.definitions.expressions import Expression
from provlog.diagnostics.diagnostic import Diagnostic

__all__ = [
    "EMPTY", "KINDS", "ActivityDefinition", "Definitions", "EntityDefinition", "ItemDefinition",
    "ParameterDefinition", "is_place", "last_name",
]  # fmt: skip

KINDS = ("PythonObject", "File", "FileCollection")
"""What an entity can be."""

_NAMES = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_PLACE = re.compile(rf"{_NAMES}:{_NAMES}")
_KEY = re.compile(rf"(?:{_NAMES}:)?{_NAMES}")


def last_name(key: str) -> str:
    """Return what the activity of a key is called: of a place or ``Class.method``, the last name.

    Examples
    --------
    >>> last_name("package.module:Class.method"), last_name("Class.method"), last_name("step 1.5")
    ('method', 'method', 'step 1.5')
    """
    return re.split("[:.]", key)[-1] if _KEY.fullmatch(key) is not None else key


def is_place(text: str) -> bool:
    """Tell whether a text can say where a class or function is.

    Examples
    --------
    >>> is_place("package.module:Class.method"), is_place("Class.method")
    (True, False)
    """
    return _PLACE.fullmatch(text) is not None


class ParameterDefinition(Struct, frozen=True, kw_only=True):
    """A parameter of an activity.

    Parameters
    ----------
    name : str
        What the log calls it.
    value : Expression, optional
        Its value.
    description, datatype, arraysize, xtype, unit, ucd, utype : str, optional
        What the IVOA says of a parameter.
    min, max, default : Any
        As they were written.
    options : tuple
        The values that it can have; empty if not said.
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
    """An entity that an activity uses or generates, or a member or progenitor of such a one.

    Parameters
    ----------
    entity : str, optional
        The name of the entity; ``None`` where only its kind is said.
    type : str, optional
        Its kind, one of :data:`KINDS` unless the file has another word; ``None`` if not said.
    content_type : str, optional
        Its media type.
    index : str, optional
        The file in the folder that stands for the whole of a ``FileCollection``.
    role, description, multiplicity : str, optional
        What it is for the activity.
    location, value, id : Expression, optional
        Where the entity is, what it is, and its id.
    namespace : str, optional
        The prefix of its id.
    each : Expression, optional
        The list of members or progenitors (the key ``list``); the other expressions
        start at its items. Without it there is one, at which they start.
    has_members, has_progenitors : ItemDefinition, optional
        Its members, and what it was made of.
    overwrite : bool
        Whether the activity writes over an entity that was there before.
    """

    entity: str | None = None
    type: str | None = None
    content_type: str | None = None
    index: str | None = None
    role: str | None = None
    description: str | None = None
    multiplicity: str | None = None
    location: Expression | None = None
    value: Expression | None = None
    id: Expression | None = None
    namespace: str | None = None
    each: Expression | None = None
    has_members: ItemDefinition | None = None
    has_progenitors: ItemDefinition | None = None
    overwrite: bool = False


class EntityDefinition(Struct, frozen=True, kw_only=True):
    """A kind of entity.

    Parameters
    ----------
    name : str
        What it is called.
    description, docurl : str, optional
        What it is, and where more is said of it.
    content_type : str, optional
        Its media type.
    type : str, optional
        One of :data:`KINDS`, unless the file has another word.
    index : str, optional
        The file in the folder that stands for the whole of a ``FileCollection``.
    """

    name: str
    description: str | None = None
    docurl: str | None = None
    content_type: str | None = None
    type: str | None = None
    index: str | None = None


class ActivityDefinition(Struct, frozen=True, kw_only=True):
    """A function or method whose calls are activities.

    Parameters
    ----------
    name : str
        What the log calls it.
    target : str, optional
        Where it is, ``package.module:Class.method``, if the definitions say so.
    description, contact : str, optional
        What it does, and who knows more.
    parameters : tuple of ParameterDefinition
        Its parameters.
    usage, generation : tuple of ItemDefinition
        What it uses and generates.
    """

    name: str
    target: str | None = None
    description: str | None = None
    contact: str | None = None
    parameters: tuple[ParameterDefinition, ...] = ()
    usage: tuple[ItemDefinition, ...] = ()
    generation: tuple[ItemDefinition, ...] = ()


class Definitions(Struct, frozen=True, kw_only=True):
    """All that a definition file says.

    Parameters
    ----------
    activities : dict of str to ActivityDefinition
        The activities, by the keys of the file: names, or places.
    entities : dict of str to EntityDefinition
        The entities, by name.
    agents : dict of str to dict
        Whatever is said of the agents, by name.
    namespaces : dict of str to str
        IRIs by prefix.
    file : str, optional
        Where all comes from.
    source : dict
        The definitions as they were written: mappings, lists and scalars.
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
            # A name that two places share means neither.
            by_name[activity.name] = None if activity.name in by_name else activity
        force_setattr(self, "_by_name", by_name | self.activities)

    def of(self, name: str) -> ActivityDefinition | None:
        """Return the definition of an activity.

        Parameters
        ----------
        name : str
            A key of the file, or the name alone of a place in it, if no other has it.
        """
        return self._by_name.get(name)


EMPTY = Definitions()
"""No definitions."""
