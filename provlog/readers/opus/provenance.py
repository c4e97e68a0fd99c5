"""Read OPUS's own provenance documents, with the same ids as its job documents.

Parameters become parameters of the job, without the bundle that OPUS puts them in. Descriptions
become those of the IVOA model. Other bundles, such as the internal provenance of 2021, stay
bundles.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from provlog.diagnostics.diagnostic import Report
from provlog.files.source import Source
from provlog.model.descriptions import (
    ActivityDescription,
    DatasetDescription,
    FlowDescription,
    GenerationDescription,
    ParameterDescription,
    UsageDescription,
)
from provlog.model.graph import (
    Activity,
    Agent,
    Attributes,
    Bundle,
    Element,
    Entity,
    ProvGraph,
    Relation,
    Statements,
    gathered,
    relation_of,
)
from provlog.model.identifiers import attribute_name, local_name, qualified_name
from provlog.model.namespaces import NAMESPACES
from provlog.model.values import (
    QUALIFIED_NAME,
    Literal,
    Value,
    date_time,
    held_text,
    qname,
    safe_text,
)
from provlog.readers.opus.records import Document, Record, read_records
from provlog.readers.prefixes import declare_prefixes

__all__ = ["read_opus_provenance"]

_CLASSES: dict[str, type[Element]] = {"activity": Activity, "entity": Entity, "agent": Agent}
# Kinds of relation, with their formal attributes and the kinds of their ends.
_ENDS = {
    "used": (("activity", "activity"), ("entity", "entity")),
    "wasGeneratedBy": (("entity", "entity"), ("activity", "activity")),
    "wasDerivedFrom": (("generatedEntity", "entity"), ("usedEntity", "entity")),
    "wasAssociatedWith": (("activity", "activity"), ("agent", "agent")),
    "wasAttributedTo": (("entity", "entity"), ("agent", "agent")),
    "wasInformedBy": (("informed", "activity"), ("informant", "activity")),
    "hadMember": (("collection", "entity"), ("entity", "entity")),
    "wasInfluencedBy": (("influencee", ""), ("influencer", "")),
}
_TERMS = {"voprov:content_type": "dcterms:format"}
# Bundles in which OPUS puts statements about the job itself.
_OWN_BUNDLES = ("#configuration", "#description")
_CONTACT = "Contact"

_Flow = TypeVar("_Flow", bound=FlowDescription)


def read_opus_provenance(source: Source, report: Report) -> ProvGraph:
    """Return the graph of a provenance document of OPUS.

    Parameters
    ----------
    source : Source
        The opened document.
    report : callable
        Receives the diagnostics as they are found.

    Raises
    ------
    InputError
        If the document is neither valid JSON nor valid XML.
    """
    graph = _Translation(read_records(source.read(report), source.name, report)).graph
    declare_prefixes(graph)
    return graph


class _Translation:
    """Converter of the records of a document to a graph."""

    def __init__(self, document: Document) -> None:
        self.graph = ProvGraph()
        self._namespaces = document.namespaces
        job = document.namespaces.get("opus_job", "")
        self._server = job.rstrip("/").rpartition("/")[0]
        # Elements by bundle and by their name in the document.
        self._elements: dict[tuple[str | None, str], Element] = {}
        self._records = document.records
        self._jobs = [item.name for item in self._of("activity") if item.bundle is None]
        for kind in _CLASSES:
            for record in self._of(kind):
                self._element(record)
        self._configure()
        self._describe()
        for kind in _ENDS:
            for record in self._of(kind):
                self._relate(record)
        for name in self.graph.bundles.keys() & self.graph.entities.keys():
            self.graph.entities[name].attributes["prov:type"] = qname("prov:Bundle")

    def _of(self, *kinds: str) -> list[Record]:
        return [record for record in self._records if record.kind in kinds]

    # Names

    def _name(self, kind: str, name: str) -> str:
        """Return the qualified name of an element. Ids are relative to the server's URL."""
        prefix, colon, local = name.partition(":")
        if name.startswith("#") or not colon:
            # Plain values have no namespace of their own.
            return qualified_name(kind, name, self._server or None)
        if prefix in NAMESPACES and self._namespaces.get(prefix, NAMESPACES[prefix]):
            return name
        iri = self._namespaces.get(prefix)
        if iri is None:
            return qualified_name(kind, name, self._server or None)
        return qualified_name(kind, iri + local, None)

    def _home(self, bundle: str | None) -> Statements:
        if bundle is None or bundle.endswith(_OWN_BUNDLES):
            return self.graph
        name = self._bundle_name(bundle)
        return self.graph.bundles.setdefault(name, Bundle(id=name))

    def _bundle_name(self, bundle: str) -> str:
        # The prefix of 2021 belongs to the content of the bundle, not to its own name.
        return qualified_name(
            "bundle",
            f"{self._server}/{bundle[bundle.index('#') :]}" if "#" in bundle else bundle,
            None,
        )

    def _element(self, record: Record) -> Element:
        element = self._found(record.kind, record.name, record.bundle)
        if isinstance(element, Activity):
            element.start = date_time(record.formals.get("startTime"))
            element.end = date_time(record.formals.get("endTime"))
        pairs = [(self._term(name), self._value(value)) for name, value in record.attributes]
        element.attributes |= gathered(pairs)
        if record.name.startswith("opus_store:"):
            element.attributes.setdefault("prov:type", "File")
        return element

    def _found(self, kind: str, name: str, bundle: str | None) -> Element:
        """Return an element, which is created if no record has described it yet."""
        home = self._home(bundle)
        if name == "current_job" and bundle is not None and len(self._jobs) == 1:
            name = self._jobs[0]
        if kind == "entity" and "#" in name and name.rpartition(":")[2] in self._bundle_locals():
            own = self._bundle_name(name)
        else:
            own = self._name(kind, name)
        elements = {"activity": home.activities, "entity": home.entities, "agent": home.agents}[
            kind
        ]
        element = elements.get(own)  # type: ignore[attr-defined]
        if element is None:
            raw = name.rpartition(":")[2].rpartition("/")[2]
            identified: Attributes = {"dcterms:identifier": safe_text(raw)}
            element = elements[own] = _CLASSES[kind](own, identified)  # type: ignore[index]
        found: Element = element
        self._elements[bundle, name] = found
        return found

    def _bundle_locals(self) -> set[str]:
        return {record.bundle for record in self._records if record.bundle is not None}

    def _value(self, value: Value) -> Value:
        """Return a value; a name in an unknown namespace is a text."""
        if not isinstance(value, Literal) or value.datatype != QUALIFIED_NAME:
            return value
        prefix, colon, _ = value.text.partition(":")
        if prefix not in NAMESPACES and prefix != "prov":
            if not colon or prefix not in self._namespaces:
                return safe_text(value.text)
            self.graph.namespaces.setdefault(prefix, self._namespaces[prefix])
        return value

    def _term(self, name: str) -> str:
        name = _TERMS.get(name, name)
        prefix, _, local = name.partition(":")
        if prefix in ("prov", *NAMESPACES):
            return name
        if (iri := self._namespaces.get(prefix)) is None:
            return attribute_name("log", name.replace(":", "_"))
        self.graph.namespaces.setdefault(prefix, iri)
        return attribute_name(prefix, local)

    # Parameters and descriptions

    def _configure(self) -> None:
        """Add parameters and their descriptions to each job."""
        parameters = {record.name: record.texts() for record in self._of("parameter")}
        of_jobs: dict[str, list[dict[str, str]]] = {}
        for record in self._of("wasConfiguredBy"):
            job, name = record.formals.get("configured", ""), record.formals.get("configurator", "")
            texts = parameters.get(name)
            if texts is None:
                continue
            activity = self._found("activity", job, None)
            key = attribute_name("param", texts.get("name") or name.rpartition("/")[2])
            activity.attributes[key] = safe_text(texts.get("value", ""))
            of_jobs.setdefault(job, []).append(texts)
        for job, described in of_jobs.items():
            if any("datatype" in texts for texts in described):
                self._add_description(job, self._described_by(job, described))

    def _described_by(self, job: str, parameters: Iterable[dict[str, str]]) -> ActivityDescription:
        name = self._found("activity", job, None).label
        return ActivityDescription(
            id=self._description_id(f"opus_jdl:{name}"), name=name,
            parameters=tuple(self._parameter(f"opus_jdl:{name}", texts) for texts in parameters),
        )  # fmt: skip

    def _add_description(self, job: str, described: ActivityDescription) -> None:
        self.graph.descriptions.add(described)
        self.graph.descriptions.described[self._found("activity", job, None)] = described

    def _describe(self) -> None:
        """Add the descriptions in a document with DESCRIPTIONS=1 or 2."""
        made = {
            record.name: self._description(record) for record in self._of("activityDescription")
        }
        for record in self._of("isDescribedBy"):
            described = made.get(record.formals.get("descriptor", ""))
            if described is not None:
                self._add_description(record.formals.get("described", ""), described)
        for record in self._of("wasInfluencedBy"):
            described = made.get(record.formals.get("influencee", ""))
            if described is None:
                continue
            contact = self._found("agent", record.formals.get("influencer", ""), None)
            for job, held in self.graph.descriptions.described.items():
                if held is described:
                    relation = Relation(job, contact, _CONTACT)
                    self.graph.relations["wasAssociatedWith"][relation] = None
            record.kind = "described contact"

    def _description(self, record: Record) -> ActivityDescription:
        texts = record.texts()
        parts = {
            kind: [item for item in self._of(kind) if item.name.startswith(f"{record.name}#")]
            for kind in ("usageDescription", "generationDescription", "parameterDescription")
        }
        known = {"name", "label", "version", "description", "doculink", "type", "subtype"}
        return ActivityDescription(
            id=self._description_id(record.name),
            name=texts.get("name", ""), version=texts.get("version", ""),
            description=texts.get("description", ""), docurl=texts.get("doculink", ""),
            type=texts.get("type", ""), subtype=texts.get("subtype", ""),
            usages=tuple(self._flow(UsageDescription, item) for item in parts["usageDescription"]),
            generations=tuple(
                self._flow(GenerationDescription, item) for item in parts["generationDescription"]
            ),
            parameters=tuple(
                self._parameter(record.name, item.texts()) for item in parts["parameterDescription"]
            ),
            attributes=gathered(
                (self._term(name), value) for name, value in record.attributes
                if name.partition(":")[2] not in known
            ),
        )  # fmt: skip

    def _flow(self, kind: type[_Flow], record: Record) -> _Flow:
        texts = record.texts()
        media = [
            item.formals["related"].partition(":")[2]
            for item in self._of("isRelatedTo")
            if item.formals.get("relator") == record.name and "related" in item.formals
        ]
        entities = tuple(
            DatasetDescription(
                id=self._description_id(f"media-type:{name}"), name=name, content_type=name
            )
            for name in media
        )
        return kind(
            id=self._description_id(record.name), role=texts.get("role", ""),
            description=texts.get("description", ""), multiplicity=texts.get("multiplicity", ""),
            entities=entities,
        )  # fmt: skip

    def _parameter(self, of: str, texts: dict[str, str]) -> ParameterDescription:
        name = texts.get("name", "")
        return ParameterDescription(
            id=self._description_id(f"{of}#{name}"), name=name,
            value_type=texts.get("datatype", "").removeprefix("xs:"),
            description=texts.get("description", ""), unit=texts.get("unit", ""),
            ucd=texts.get("ucd", ""), min=texts.get("min", ""), max=texts.get("max", ""),
            default=texts.get("default", ""),
            options=tuple(filter(None, texts.get("options", "").split(","))),
        )  # fmt: skip

    def _description_id(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        return f"log:description-{local_name(self._namespaces.get(prefix, '') + local)}"

    # Relations

    def _relate(self, record: Record) -> None:
        ends = []
        for formal, kind in _ENDS[record.kind]:
            name = record.formals.get(formal)
            if name is None:
                return
            known = self._elements.get((record.bundle, name)) or self._elements.get((None, name))
            ends.append(known or self._found(kind or "entity", name, record.bundle))
        pairs = [(self._term(name), self._value(value)) for name, value in record.attributes]
        times = [date_time(held_text(value)) for name, value in pairs if name == "prov:time"]
        relation = relation_of(
            ends[0], ends[1], [pair for pair in pairs if pair[0] != "prov:time"],
            time=next(iter(times), None),
        )  # fmt: skip
        self._home(record.bundle).relations[record.kind][relation] = None
