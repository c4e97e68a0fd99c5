"""The classes of the IVOA Provenance Data Model 1.0, and how each role is written in W3C PROV.

https://www.ivoa.net/documents/ProvenanceDM/20200411/

Names, types and multiplicities are those of the standard's VO-DML document. The terms
are those of the ``voprov`` package, except ``prov:name``, which PROV does not define.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

__all__ = [
    "ACTIVITY_TYPES",
    "AGENT_ROLES",
    "AGENT_TYPES",
    "ARTEFACT",
    "ARTEFACT_TYPES",
    "CLASSES",
    "CONFIGURED",
    "DESCRIBED",
    "DESCRIPTOR",
    "ELEMENT_CLASSES",
    "ENTITY_ROLES",
    "FLOWS",
    "FLOW_TYPES",
    "REFERENCE",
    "RELATED",
    "RELATION_CLASSES",
    "SETUP",
    "Role",
    "VoClass",
]  # fmt: skip

AGENT_TYPES = ("Person", "Organization", "SoftwareAgent")
"""The literals of ``AgentType`` (section 2.4.1), which are also classes of PROV."""

ARTEFACT_TYPES = ("Parameter", "Configfile")
"""The literals of ``TypeOfConfigArtefact`` (section 2.7.4).

The text of the standard and voprov write ``ConfigFile``.
"""

AGENT_ROLES = (
    "Author", "Contributor", "Coordinator", "Creator", "Curator", "Editor", "Funder",
    "Investigator", "Observer", "Operator", "Provider", "Publisher",
)  # fmt: skip
"""Reserved words for the role of an agent (section 2.4.4)."""

ENTITY_ROLES = frozenset({"Author", "Creator", "Curator", "Editor", "Provider", "Publisher"})
"""The roles of agents that refer to entities instead of activities."""

ACTIVITY_TYPES = (
    "Observation", "Simulation", "Reduction", "Calibration", "Reconstruction", "Selection",
    "Analysis",
)  # fmt: skip
"""Reserved words for the type of an ActivityDescription (section 2.5.1)."""

FLOW_TYPES = ("Main", "Calibration", "Preview", "Setup", "Quality", "Log", "Context")
"""Reserved words for the type of a UsageDescription or GenerationDescription (section 2.5.4)."""

SETUP = "Setup"
"""The type of the usage of a configuration."""

DESCRIBED = "voprov:DescriptionRelation"
"""The type of the influence of a description on the described element."""

RELATED = "voprov:RelatedToRelation"
"""The type of the influence between a description and a part of it."""

CONFIGURED = "voprov:ConfigurationRelation"
"""The type of the influence of a parameter or configuration file on its activity."""

ARTEFACT = "voprov:artefactType"
"""The attribute of that influence that distinguishes parameters from configuration files."""

REFERENCE = "voprov:HadReference"
"""The type of the influence of an entity on a parameter whose value it holds."""

DESCRIPTOR = "voprov:descriptor"
"""The attribute that holds the description of a usage or generation."""

FLOWS = ("used", "wasGeneratedBy")
"""The kinds of relation that have a description of their own."""

RELATION_CLASSES = {
    "used": "voprov:Usage",
    "wasGeneratedBy": "voprov:Generation",
    "wasDerivedFrom": "voprov:Derivation",
    "wasInformedBy": "voprov:Communication",
    "wasAssociatedWith": "voprov:Association",
    "wasAttributedTo": "voprov:Attribution",
}
"""For each kind of relation in the model its class as voprov writes it as a type.

A membership has none: PROV-N allows no attributes on ``hadMember``.
"""

ELEMENT_CLASSES = frozenset(
    {
        "voprov:Activity", "voprov:Agent", "voprov:Entity", "voprov:ValueEntity",
        "voprov:DatasetEntity", "voprov:Collection",
    }
)  # fmt: skip
"""The classes of elements that voprov writes as types."""


class Role(NamedTuple):
    """An attribute, a reference or a composition of a class.

    Parameters
    ----------
    name : str
        The name in the VO-DML document.
    kind : str
        ``attribute``, ``reference`` or ``composition``.
    type : str
        The type or class of its values.
    multiplicity : str
        ``1``, ``0..1`` or ``0..*``.
    term : str
        The attribute or relation of W3C PROV that expresses it. A term of ``voprov:`` that
        ends in ``Relation`` is the type of a ``wasInfluencedBy``, as is
        ``voprov:HadReference``.
    """

    name: str
    kind: str
    type: str
    multiplicity: str
    term: str


class VoClass(NamedTuple):
    """A class of the model.

    Parameters
    ----------
    id : str
        The ``vodml-id``; the utype is ``voprov:`` and this id.
    section : str
        The section of the standard that defines it.
    roles : tuple of Role
        The roles that the class defines itself.
    parent : str, optional
        The class that it extends.
    """

    id: str
    section: str
    roles: tuple[Role, ...]
    parent: str | None = None

    @property
    def name(self) -> str:
        """The name without the package.

        Examples
        --------
        >>> CLASSES["ConfigFile"].id, CLASSES["ConfigFile"].name
        ('ActivityConfiguration.ConfigFile', 'ConfigFile')
        """
        return self.id.rpartition(".")[2]


# One paragraph for each class: its id, the class that it extends, and its section; then its
# roles with kind, type, multiplicity and term. AC is the package ActivityConfiguration.
_MODEL = """
Agent 2.4.1
    id attribute ivoa:string 1 identifier
    name attribute ivoa:string 1 prov:label
    type attribute voprov:AgentType 0..1 prov:type
    comment attribute ivoa:string 0..1 voprov:comment
    email attribute ivoa:string 0..1 voprov:email
    affiliation attribute ivoa:string 0..1 voprov:affiliation
    phone attribute ivoa:string 0..1 voprov:phone
    address attribute ivoa:string 0..1 voprov:address
    url attribute ivoa:anyURI 0..1 voprov:url

WasAssociatedWith 2.4.2
    role attribute ivoa:string 0..1 prov:role
    agent reference voprov:Agent 1 prov:agent

WasAttributedTo 2.4.3
    role attribute ivoa:string 0..1 voprov:role
    agent reference voprov:Agent 1 prov:agent

Activity 2.2.2
    id attribute ivoa:string 1 identifier
    name attribute ivoa:string 0..1 prov:label
    startTime attribute ivoa:datetime 0..1 prov:startTime
    endTime attribute ivoa:datetime 0..1 prov:endTime
    comment attribute ivoa:string 0..1 voprov:comment
    wasAssociatedWith composition voprov:WasAssociatedWith 0..* wasAssociatedWith
    used composition voprov:Used 0..* used
    wasConfiguredBy composition voprov:AC.WasConfiguredBy 0..* voprov:ConfigurationRelation
    informant reference voprov:Activity 0..* wasInformedBy
    activityDescription reference voprov:ActivityDescription 0..1 voprov:DescriptionRelation

Used 2.3.1
    role attribute ivoa:string 0..1 prov:role
    time attribute ivoa:datetime 0..1 prov:time
    entity reference voprov:Entity 1 prov:entity
    usageDescription reference voprov:UsageDescription 0..1 voprov:descriptor

Entity 2.2.1
    id attribute ivoa:string 1 identifier
    name attribute ivoa:string 0..1 prov:label
    location attribute ivoa:string 0..1 prov:location
    generatedAtTime attribute ivoa:datetime 0..1 voprov:generatedAtTime
    invalidatedAtTime attribute ivoa:datetime 0..1 voprov:invalidatedAtTime
    comment attribute ivoa:string 0..1 voprov:comment
    wasGeneratedBy composition voprov:WasGeneratedBy 0..1 wasGeneratedBy
    wasAttributedTo composition voprov:WasAttributedTo 0..* wasAttributedTo
    usedEntity reference voprov:Entity 0..* wasDerivedFrom
    entityDescription reference voprov:EntityDescription 0..1 voprov:DescriptionRelation

WasGeneratedBy 2.3.2
    role attribute ivoa:string 0..1 prov:role
    activity reference voprov:Activity 1 prov:activity
    generationDescription reference voprov:GenerationDescription 0..1 voprov:descriptor

Collection(Entity) 2.2.1
    entity reference voprov:Entity 0..* hadMember

ValueEntity(Entity) 2.6.2
    value attribute ivoa:string 1 prov:value

DatasetEntity(Entity) 2.6.1

ActivityDescription 2.5.1
    name attribute ivoa:string 1 voprov:name
    version attribute ivoa:string 0..1 voprov:version
    description attribute ivoa:string 0..1 voprov:description
    docurl attribute ivoa:anyURI 0..1 voprov:docurl
    type attribute ivoa:string 0..1 voprov:type
    subtype attribute ivoa:string 0..1 voprov:subtype
    parameterDescription composition voprov:AC.ParameterDescription 0..* voprov:RelatedToRelation
    configFileDescription composition voprov:AC.ConfigFileDescription 0..* voprov:RelatedToRelation
    usageDescription composition voprov:UsageDescription 0..* voprov:RelatedToRelation
    generationDescription composition voprov:GenerationDescription 0..* voprov:RelatedToRelation

UsageDescription 2.5.3
    role attribute ivoa:string 1 voprov:role
    description attribute ivoa:string 0..1 voprov:description
    type attribute ivoa:string 0..1 voprov:type
    multiplicity attribute ivoa:string 0..1 voprov:multiplicity
    entityDescription reference voprov:EntityDescription 0..* voprov:RelatedToRelation

GenerationDescription 2.5.3
    role attribute ivoa:string 1 voprov:role
    description attribute ivoa:string 0..1 voprov:description
    type attribute ivoa:string 0..1 voprov:type
    multiplicity attribute ivoa:string 0..1 voprov:multiplicity
    entityDescription reference voprov:EntityDescription 0..* voprov:RelatedToRelation

EntityDescription 2.5.2
    name attribute ivoa:string 1 voprov:name
    description attribute ivoa:string 0..1 voprov:description
    docurl attribute ivoa:anyURI 0..1 voprov:docurl
    type attribute ivoa:string 0..1 voprov:type

ValueDescription(EntityDescription) 2.6.2
    valueType attribute voprov:VotableFieldFormat 1 voprov:valueType
    unit attribute ivoa:Unit 0..1 voprov:unit
    ucd attribute ivoa:string 0..1 voprov:ucd
    utype attribute ivoa:string 0..1 voprov:utype

DatasetDescription(EntityDescription) 2.6.1
    contentType attribute ivoa:string 1 voprov:contentType

AC.ParameterDescription 2.7.2
    name attribute ivoa:string 1 voprov:name
    valueType attribute voprov:VotableFieldFormat 1 voprov:valueType
    unit attribute ivoa:Unit 0..1 voprov:unit
    ucd attribute ivoa:string 0..1 voprov:ucd
    utype attribute ivoa:string 0..1 voprov:utype
    min attribute ivoa:string 0..1 voprov:min
    max attribute ivoa:string 0..1 voprov:max
    default attribute ivoa:string 0..1 voprov:default
    options attribute ivoa:string 0..* voprov:options
    description attribute ivoa:string 0..1 voprov:description

AC.ConfigFileDescription 2.7.3
    name attribute ivoa:string 1 voprov:name
    contentType attribute ivoa:string 1 voprov:contentType
    description attribute ivoa:string 0..1 voprov:description

AC.Parameter 2.7.2
    value attribute ivoa:string 1 prov:value
    name attribute ivoa:string 1 voprov:name
    valueEntity reference voprov:ValueEntity 0..1 voprov:HadReference
    parameterDescription reference voprov:AC.ParameterDescription 0..1 voprov:DescriptionRelation

AC.ConfigFile 2.7.3
    name attribute ivoa:string 1 voprov:name
    location attribute ivoa:string 0..1 prov:location
    comment attribute ivoa:string 0..1 voprov:comment
    configFileDescription reference voprov:AC.ConfigFileDescription 0..1 voprov:DescriptionRelation

AC.WasConfiguredBy 2.7.4
    artefactType attribute voprov:AC.TypeOfConfigArtefact 1 voprov:artefactType
    configFile reference voprov:AC.ConfigFile 0..1 prov:influencer
    parameter reference voprov:AC.Parameter 0..1 prov:influencer
"""


def _classes() -> Iterator[VoClass]:
    for paragraph in _MODEL.replace("AC.", "ActivityConfiguration.").strip().split("\n\n"):
        head, *lines = paragraph.splitlines()
        names, section = head.split()
        id, _, parent = names.rstrip(")").partition("(")
        yield VoClass(id, section, tuple(Role(*line.split()) for line in lines), parent or None)


CLASSES: dict[str, VoClass] = {voclass.name: voclass for voclass in _classes()}
"""All classes by name, in the order of the VO-DML document."""
