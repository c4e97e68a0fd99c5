"""Descriptions of activities and entities: the facts known before a run.

The classes and their attributes are those of the IVOA Provenance Data Model 1.0,
sections 2.5 to 2.7; :mod:`provlog.model.vodml` has their multiplicities and types. The
model gives descriptions no ids, but documents and tables need them. provlog derives the ids
from the content, so equal descriptions have equal ids in all logs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from provlog.model.identifiers import attribute_name
from provlog.model.vodml import SETUP

if TYPE_CHECKING:
    from provlog.model.elements import Attributes, Element
    from provlog.model.relations import Relation

__all__ = [
    "ActivityDescription",
    "ConfigFileDescription",
    "DatasetDescription",
    "Description",
    "Descriptions",
    "EntityDescription",
    "FlowDescription",
    "GenerationDescription",
    "ParameterDescription",
    "UsageDescription",
    "ValueDescription",
    "entity_class",
    "roles_of",
]


class Description(Struct, eq=False, kw_only=True, rename="camel"):
    """A description. All its attributes are text, as in the model.

    Parameters
    ----------
    id : str
        The qualified name in a document.
    attributes : dict
        Attributes of the source that the model does not define, by qualified name.
    """

    id: str
    attributes: Attributes = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The name of the description's class in the VO-DML document."""
        return type(self).__name__

    def roles(self) -> Iterator[tuple[str, str | tuple[str, ...]]]:
        """Yield name and value of each attribute of the model that has a value.

        Examples
        --------
        >>> list(UsageDescription(id="ex:u", role="events", type="Main").roles())
        [('role', 'events'), ('type', 'Main')]
        """
        for name, attribute in roles_of(type(self)):
            value = getattr(self, attribute)
            if value:
                yield name, value


class ParameterDescription(Description, kw_only=True, eq=False):
    """The description of a parameter of an activity (section 2.7.2)."""

    name: str
    value_type: str = ""
    description: str = ""
    unit: str = ""
    ucd: str = ""
    utype: str = ""
    min: str = ""
    max: str = ""
    default: str = ""
    options: tuple[str, ...] = ()


class ConfigFileDescription(Description, kw_only=True, eq=False):
    """The description of a configuration file of an activity (section 2.7.3)."""

    name: str
    content_type: str = ""
    description: str = ""


class EntityDescription(Description, kw_only=True, eq=False):
    """A kind of entity (section 2.5.2)."""

    name: str
    description: str = ""
    docurl: str = ""
    type: str = ""


class ValueDescription(EntityDescription, kw_only=True, eq=False):
    """A kind of entity that holds a value (section 2.6.2)."""

    value_type: str = ""
    unit: str = ""
    ucd: str = ""
    utype: str = ""


class DatasetDescription(EntityDescription, kw_only=True, eq=False):
    """A kind of entity that is a file or another resource (section 2.6.1)."""

    content_type: str = ""


class FlowDescription(Description, kw_only=True, eq=False):
    """An input or an output of an activity (section 2.5.3).

    Parameters
    ----------
    entities : tuple of EntityDescription
        The kinds of entity that the input or output can be.
    """

    role: str
    description: str = ""
    type: str = ""
    multiplicity: str = ""
    entities: tuple[EntityDescription, ...] = field(default=(), name="entityDescription")


class UsageDescription(FlowDescription, kw_only=True, eq=False):
    """An input of an activity (section 2.5.3)."""


class GenerationDescription(FlowDescription, kw_only=True, eq=False):
    """An output of an activity (section 2.5.3)."""


class ActivityDescription(Description, kw_only=True, eq=False):
    """A kind of activity (section 2.5.1).

    Parameters
    ----------
    usages, generations, parameters, config_files : tuple
        The descriptions of its inputs, outputs, parameters and configuration files.
    """

    name: str
    version: str = ""
    description: str = ""
    docurl: str = ""
    type: str = ""
    subtype: str = ""
    usages: tuple[UsageDescription, ...] = field(default=(), name="usageDescription")
    generations: tuple[GenerationDescription, ...] = field(default=(), name="generationDescription")
    parameters: tuple[ParameterDescription, ...] = field(default=(), name="parameterDescription")
    config_files: tuple[ConfigFileDescription, ...] = field(
        default=(), name="configFileDescription"
    )

    def parts(self) -> Iterator[Description]:
        """Yield the descriptions of inputs, outputs, parameters and configuration files."""
        yield from self.usages
        yield from self.generations
        yield from self.parameters
        yield from self.config_files


_COMPOSED = frozenset(
    {"id", "attributes", "entities", "usages", "generations", "parameters", "config_files"}
)


def roles_of(kind: type[Description]) -> tuple[tuple[str, str], ...]:
    """Return the attributes of a class: for each, its name in the model and in Python."""
    if kind not in _ROLES:
        _ROLES[kind] = tuple(
            (role, attribute)
            for role, attribute in zip(
                kind.__struct_encode_fields__, kind.__struct_fields__, strict=True
            )
            if attribute not in _COMPOSED
        )
    return _ROLES[kind]


_ROLES: dict[type[Description], tuple[tuple[str, str], ...]] = {}


class Descriptions(Struct, eq=False):
    """The descriptions of a graph and the elements that they describe.

    The description of a usage or a parameter is the part of its activity's description
    that has the same role or name, as the standard demands; likewise for a generation.

    Parameters
    ----------
    activities, entities : dict
        Descriptions by id.
    described : dict
        The description of each activity and entity that has one.
    unlisted : set of str
        The ids of descriptions of activities that also have inputs and outputs in other roles.
    """

    activities: dict[str, ActivityDescription] = field(default_factory=dict)
    entities: dict[str, EntityDescription] = field(default_factory=dict)
    described: dict[Element, Description] = field(default_factory=dict)
    unlisted: set[str] = field(default_factory=set)
    _flows: dict[tuple[Description, str], dict[str, FlowDescription]] = field(default_factory=dict)
    _parameters: dict[Description, dict[str, ParameterDescription]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return whether there are any descriptions."""
        return bool(self.activities or self.entities)

    def of_activity(self, activity: Element) -> ActivityDescription | None:
        """Return the description of an activity."""
        found = self.described.get(activity)
        return found if isinstance(found, ActivityDescription) else None

    def of_entity(self, entity: Element) -> EntityDescription | None:
        """Return the description of an entity."""
        found = self.described.get(entity)
        return found if isinstance(found, EntityDescription) else None

    def of_relation(self, kind: str, relation: Relation) -> FlowDescription | None:
        """Return the description of a usage or a generation, by its role.

        Parameters
        ----------
        kind : str
            ``used`` or ``wasGeneratedBy``.
        relation : Relation
            The usage or generation.
        """
        if relation.role is None:
            return None
        activity = relation.source if kind == "used" else relation.target
        described = self.described.get(activity)
        if described is None:
            return None
        return self.flows(kind, described).get(relation.role)

    def of_relations(
        self, kind: str, relations: Iterable[Relation]
    ) -> Iterator[tuple[Relation, FlowDescription | None]]:
        """Yield each usage or generation with its description, in one pass over many of them.

        Parameters
        ----------
        kind : str
            ``used`` or ``wasGeneratedBy``.
        relations : iterable of Relation
            The usages or generations.
        """
        described = self.described.get
        is_usage = kind == "used"
        by_role: dict[Description, dict[str, FlowDescription]] = {}
        for relation in relations:
            found = described(relation.source if is_usage else relation.target)
            if found is None or relation.role is None:
                yield relation, None
                continue
            flows = by_role.get(found)
            if flows is None:
                flows = by_role[found] = self.flows(kind, found)
            yield relation, flows.get(relation.role)

    def config_files(
        self, usages: Iterable[Relation]
    ) -> Iterator[tuple[Relation, ConfigFileDescription]]:
        """Yield the usages of configuration files with the descriptions of these files.

        The standard states the configuration by a file in both ways: as the usage of an entity
        with the type ``Setup`` (section 2.5.4), and as a ConfigFile (section 2.7.3).
        """
        for relation, flow in self.of_relations("used", usages):
            if (
                flow is None
                or flow.type != SETUP
                or "prov:location" not in relation.target.attributes
            ):
                continue
            for file in getattr(self.described[relation.source], "config_files", ()):
                if file.name == flow.role:
                    yield relation, file
                    break

    def flows(self, kind: str, described: Description) -> dict[str, FlowDescription]:
        """Return the inputs or outputs of an ActivityDescription by role."""
        found = self._flows.get((described, kind))
        if found is None:
            name = "usages" if kind == "used" else "generations"
            found = {}
            for flow in getattr(described, name, ()):
                found.setdefault(flow.role, flow)
            self._flows[described, kind] = found
        return found

    def of_parameter(self, activity: Element, name: str) -> ParameterDescription | None:
        """Return the description of a parameter, by the name of its attribute, ``param:...``."""
        described = self.described.get(activity)
        return None if described is None else self.parameters(described).get(name)

    def parameters(self, described: Description) -> dict[str, ParameterDescription]:
        """Return the parameters of an ActivityDescription by the names of their attributes."""
        found = self._parameters.get(described)
        if found is None:
            found = self._parameters[described] = {
                attribute_name("param", parameter.name): parameter
                for parameter in getattr(described, "parameters", ())
            }
        return found

    def restricted(self, elements: Iterable[Element]) -> Descriptions:
        """Return the descriptions of these elements and all descriptions these refer to."""
        part = Descriptions(unlisted=self.unlisted)
        for element in elements:
            if (described := self.described.get(element)) is not None:
                part.add(described)
                part.described[element] = described
        return part

    def add(self, described: Description) -> None:
        """Add a description and all descriptions that it refers to."""
        if isinstance(described, ActivityDescription):
            self.activities.setdefault(described.id, described)
            for flow in (*described.usages, *described.generations):
                for entity in flow.entities:
                    self.entities.setdefault(entity.id, entity)
        elif isinstance(described, EntityDescription):
            self.entities.setdefault(described.id, described)

    def unite(self, other: Descriptions, same: dict[Element, Element]) -> None:
        """Add another graph's descriptions; ``same`` names the elements that were replaced."""
        for described in (*other.activities.values(), *other.entities.values()):
            self.add(described)
        self.unlisted |= other.unlisted
        for element, described in other.described.items():
            self.described.setdefault(same.get(element, element), described)

    def all(self) -> Iterator[tuple[Description, ActivityDescription | None]]:
        """Yield each description with the one that it is a part of, if any."""
        for activity in self.activities.values():
            yield activity, None
            for part in activity.parts():
                yield part, activity
        for entity in self.entities.values():
            yield entity, None


def entity_class(described: Description | None) -> str | None:
    """Return the class of a described value or dataset entity, ``None`` for other entities."""
    return _ENTITY_CLASSES.get(type(described))


_ENTITY_CLASSES: dict[type[Any], str] = {
    ValueDescription: "ValueEntity",
    DatasetDescription: "DatasetEntity",
}
