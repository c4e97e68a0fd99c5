"""Convert definitions to the descriptions of the IVOA Provenance Data Model.

An activity becomes an ActivityDescription, its parameters ParameterDescriptions, its usage
and generation UsageDescriptions and GenerationDescriptions, the entities they name
EntityDescriptions: a ValueDescription if the definition has a datatype, a DatasetDescription
if it has a media type.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from provlog.definitions.classes import (
    ActivityDefinition,
    Definitions,
    EntityDefinition,
    ItemDefinition,
    ParameterDefinition,
)
from provlog.model.descriptions import (
    ActivityDescription,
    ConfigFileDescription,
    DatasetDescription,
    Description,
    EntityDescription,
    FlowDescription,
    GenerationDescription,
    ParameterDescription,
    UsageDescription,
    ValueDescription,
)
from provlog.model.identifiers import digest, local_name
from provlog.model.values import json_text, safe_text
from provlog.model.vodml import SETUP

__all__ = ["DefinedDescriptions", "descriptions_of"]

_Flow = TypeVar("_Flow", bound=FlowDescription)


class DefinedDescriptions(Struct, eq=False):
    """The descriptions in a set of definitions.

    Parameters
    ----------
    definitions : Definitions
        The definitions.
    activities : dict
        Their ActivityDescriptions, by the keys of the definitions.
    entities : dict
        EntityDescriptions by the name of the entity.
    members : dict
        The descriptions of the members and progenitors of each input and output, if the
        definitions have them.
    """

    definitions: Definitions
    activities: dict[str, ActivityDescription] = field(default_factory=dict)
    entities: dict[str, EntityDescription] = field(default_factory=dict)
    members: dict[FlowDescription, dict[str, EntityDescription]] = field(default_factory=dict)
    _by_definition: dict[int, ActivityDescription] = field(default_factory=dict)
    _with_units: dict[tuple[int, tuple[str | None, ...]], ActivityDescription] = field(
        default_factory=dict
    )

    def of(self, name: str) -> ActivityDescription | None:
        """Return the description of an activity, by its name in the log."""
        defined = self.definitions.of(name)
        return None if defined is None else self._by_definition.get(id(defined))

    def unlisted(self) -> set[str]:
        """Return the ids of activities that may have inputs and outputs in other roles."""
        activities = self.definitions.activities
        return {one.id for key, one in self.activities.items() if activities[key].unlisted}

    def with_units(self, name: str, units: Mapping[str, str]) -> ActivityDescription | None:
        """Return the description of an activity whose parameters have units.

        Parameters
        ----------
        name : str
            The name of the activity in the log.
        units : mapping
            The units of the values of parameters; a unit in the definition takes precedence.
        """
        defined = self.definitions.of(name)
        if defined is None:
            return None
        parameters = tuple(
            replace(parameter, unit=parameter.unit or units.get(parameter.name))
            for parameter in defined.parameters
        )
        if parameters == defined.parameters:
            return self.of(name)
        key = id(defined), tuple(parameter.unit for parameter in parameters)
        if key not in self._with_units:
            described = _activity(replace(defined, parameters=parameters), self)
            self._with_units[key] = described
        return self._with_units[key]


def descriptions_of(definitions: Definitions) -> DefinedDescriptions:
    """Return the descriptions in definitions.

    Examples
    --------
    >>> from provlog.definitions.load import load
    >>> described = descriptions_of(load("tests/data/presentation-definition.yaml"))
    >>> described.of("get_observations").usages[0].description
    'DataStore object file'
    """
    found = DefinedDescriptions(definitions)
    for name, entity in definitions.entities.items():
        found.entities[name] = _entity(entity)
    for key, activity in definitions.activities.items():
        described = _activity(activity, found)
        found.activities[key] = found._by_definition[id(activity)] = described
    return found


def _activity(defined: ActivityDefinition, found: DefinedDescriptions) -> ActivityDescription:
    described = ActivityDescription(
        id="",
        name=_text(defined.name),
        version=_text(defined.version),
        description=_text(defined.description),
        docurl=_text(defined.docurl),
        type=_text(defined.type),
        subtype=_text(defined.subtype),
        usages=tuple(_flow(UsageDescription, item, found) for item in defined.usage),
        generations=tuple(_flow(GenerationDescription, item, found) for item in defined.generation),
        parameters=tuple(map(_parameter, defined.parameters)),
        config_files=tuple(_config_file(item) for item in defined.usage if _is_config_file(item)),
        attributes={name: safe_text(value) for name, value in defined.others.items()},
    )
    _name_parts(described)
    return described


def _is_config_file(item: ItemDefinition) -> bool:
    is_file = item.type == "File" or item.location is not None or item.content_type is not None
    return item.flow_type == SETUP and is_file


def _config_file(item: ItemDefinition) -> ConfigFileDescription:
    """Return the description of a configuration file, whose name is the role of its usage."""
    return ConfigFileDescription(
        id="",
        name=_role(item),
        content_type=_text(item.content_type),
        description=_text(item.description),
    )


def _role(item: ItemDefinition) -> str:
    return _text(item.role) or _text(item.entity or item.type)


def _flow(kind: type[_Flow], item: ItemDefinition, found: DefinedDescriptions) -> _Flow:
    entity = _entity_of(item, found, None)
    described = kind(
        id="",
        role=_role(item),
        description=_text(item.description),
        type=_text(item.flow_type),
        multiplicity=_text(item.multiplicity),
        entities=() if entity is None else (entity,),
    )
    parts = {"hadMember": item.has_members, "wasDerivedFrom": item.has_progenitors}
    kinds = {
        relation: part_entity
        for relation, part in parts.items()
        if part is not None
        and (part_entity := _entity_of(part, found, part.description)) is not None
    }
    if kinds:
        found.members[described] = kinds
    return described


def _entity_of(
    item: ItemDefinition, found: DefinedDescriptions, description: str | None
) -> EntityDescription | None:
    """Return the description of an item's entity; ``description`` is the default of its text."""
    name = item.entity or item.type or (item.role if item.content_type else None)
    if name is None:
        return None
    entity = found.definitions.entities.get(name) or EntityDefinition(name=name)
    described = _entity(
        EntityDefinition(
            name=name,
            description=entity.description or description,
            docurl=entity.docurl,
            content_type=item.content_type,
            type=item.type,
            datatype=entity.datatype,
            arraysize=entity.arraysize,
            xtype=entity.xtype,
            unit=entity.unit,
            ucd=entity.ucd,
            utype=entity.utype,
        )
    )
    known = found.entities.setdefault(name, described)
    return known if known.id == described.id else described


def _entity(defined: EntityDefinition) -> EntityDescription:
    common: dict[str, Any] = {
        "name": _text(defined.name),
        "description": _text(defined.description),
        "docurl": _text(defined.docurl),
        "type": _text(defined.type),
    }
    described: EntityDescription
    if defined.content_type:
        described = DatasetDescription(id="", content_type=_text(defined.content_type), **common)
    elif value := _value_roles(defined):
        described = ValueDescription(id="", **value, **common)
    else:
        described = EntityDescription(id="", **common)
    described.id = _id(described, described.name, _content(described))
    return described


def _parameter(defined: ParameterDefinition) -> ParameterDescription:
    return ParameterDescription(
        id="",
        name=_text(defined.name),
        description=_text(defined.description),
        min=_text(defined.min),
        max=_text(defined.max),
        default=_text(defined.default),
        options=tuple(map(_text, defined.options)),
        **_value_roles(defined),
    )


def _value_roles(defined: EntityDefinition | ParameterDefinition) -> dict[str, Any]:
    """Return the nonempty roles that describe a value.

    The model has one attribute for three of VOTable, without a syntax. provlog writes
    datatype, arraysize and xtype as ``char[*]:timestamp``.
    """
    array = f"[{defined.arraysize}]" if defined.arraysize else ""
    xtype = f":{defined.xtype}" if defined.xtype else ""
    roles = {
        "value_type": _text(f"{defined.datatype or ''}{array}{xtype}"),
        "unit": _text(defined.unit),
        "ucd": _text(defined.ucd),
        "utype": _text(defined.utype),
    }
    return {name: value for name, value in roles.items() if value}


def _text(value: Any) -> str:
    """Return a value of a definition as text, as the model demands; empty for ``None``."""
    if value is None:
        return ""
    return safe_text(value if isinstance(value, str) else json_text(value))


# Ids


def _name_parts(described: ActivityDescription) -> None:
    content = _content(described)
    described.id = _id(described, described.name, content)
    local = described.id.partition(":")[2].partition("-")[2]
    used: Counter[str] = Counter()
    for part in described.parts():
        name = part.role if isinstance(part, FlowDescription) else getattr(part, "name", "")
        id = f"log:{part.kind.lower()}-{local}-{local_name(name)}"
        used[id] += 1
        part.id = id if used[id] == 1 else f"{id}-{used[id]}"


def _id(described: Description, name: str, content: Any) -> str:
    return f"log:{described.kind.lower()}-{local_name(name)}-{digest(json_text(content))}"


def _content(described: Description) -> list[Any]:
    """Return the content of a description as plain data, from which its id is derived."""
    return [described.kind, *described.roles(), *map(_content, _parts(described))]


def _parts(described: Description) -> Iterator[Description]:
    if isinstance(described, ActivityDescription):
        yield from described.parts()
    elif isinstance(described, FlowDescription):
        yield from described.entities
