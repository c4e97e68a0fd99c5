"""Build the graph of jobs, in which URLs identify all elements.

The ids of OPUS have six characters, and two servers may use the same one. Therefore a job is
identified by ``<server>/rest/<name>/<id>`` and a file by ``<server>/store/?ID=<id>``, as in
OPUS's own provenance documents. Jobs of other services, and inputs that are URLs, are
identified by their URLs as in any log.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from provlog.model.digests import algorithm_of
from provlog.model.graph import Activity, Agent, Element, Entity, ProvGraph, Relation
from provlog.model.identifiers import attribute_name, digest, qualified_name
from provlog.model.values import Literal, date_time, literal, safe_text
from provlog.readers.opus.jobs import Job, Parameter, Result, Server, Stored
from provlog.urls import is_url

__all__ = ["Jobs"]

UWS = "http://www.ivoa.net/xml/UWS/v1.1#"

_TIMES = "local time of the server, without a zone; the start is when the job was queued"


class Jobs:
    """Builder of a graph from jobs.

    Attributes
    ----------
    graph : ProvGraph
        The graph.
    """

    def __init__(self) -> None:
        self.graph = ProvGraph()
        self.graph.namespaces["uws"] = UWS

    def add(self, job: Job, stored: Iterable[Stored]) -> Activity:
        """Add a job with the files that it used and generated.

        Parameters
        ----------
        job : Job
            The job.
        stored : iterable of Stored
            The job's files in the store of an OPUS server.
        """
        activity = self._activity(job)
        if job.server is not None:
            for file in stored:
                self.file(job.server, file)
        if job.owner is not None:
            agent = self._agent(job)
            relation = Relation(activity, agent, "owner")
            self.graph.relations["wasAssociatedWith"][relation] = None
        for parameter in job.parameters:
            self._parameter(activity, job, parameter)
        for result in job.results:
            entity = self._result(job, result)
            generation = Relation(entity, activity, result.name or None)
            self.graph.relations["wasGeneratedBy"][generation] = None
        return activity

    def file(self, server: Server, file: Stored) -> Entity:
        """Return the entity of a file in a server's store, with all known attributes."""
        iri = f"{server.url}/store/?ID={_quoted(file.id)}"
        entity = self._entity(qualified_name("entity", iri, None), file.id)
        _add(entity, "prov:label", file.name)
        _add(entity, "prov:type", "File")
        _add(entity, "prov:location", file.url)
        _add(entity, "dcterms:format", file.media_type)
        if file.hash:
            _add(entity, "log:hash", file.hash)
            _add(entity, "log:hash_type", algorithm_of(file.hash))
        for name, value in file.others.items():
            _add(entity, name, value)
        return entity

    def used(self, activity: Activity, entity: Entity, role: str | None) -> None:
        """State that a job used an entity."""
        self.graph.relations["used"][Relation(activity, entity, role or None)] = None

    def derived(self, entity: Entity, progenitor: Entity) -> None:
        """State that an entity was derived from another one."""
        self.graph.relations["wasDerivedFrom"][Relation(entity, progenitor)] = None

    def _activity(self, job: Job) -> Activity:
        url = self._url(job)
        if url is not None:
            name = qualified_name("activity", url, None)
        else:
            name = qualified_name("activity", job.id, digest(repr(job)))
        activity = self.graph.activities.setdefault(name, Activity(name, {}))
        _add(activity, "dcterms:identifier", job.id)
        _add(activity, "prov:label", job.name or f"job {job.id}")
        _add(activity, "prov:location", url)
        activity.start = self._time(activity, "start", job.start)
        activity.end = self._time(activity, "end", job.end)
        if job.server is not None and activity.start is not None:
            _add(activity, "provlog:times", _TIMES)
        _add(activity, "log:status", job.phase)
        _add(activity, "log:exception", job.error)
        for attribute, value in job.others.items():
            _add(activity, attribute_name(*attribute.split(":", 1)), value)
        return activity

    def _url(self, job: Job) -> str | None:
        if job.server is not None and job.name is not None:
            parts = (job.server.endpoint, job.name, job.id)
            return "/".join((job.server.url, *map(_quoted, parts)))
        return job.url

    def _time(self, activity: Activity, which: str, text: str | None) -> str | None:
        time = date_time(text) if text is not None else None
        if time is None:
            _add(activity, f"log:{which}Time", text)
        return time

    def _agent(self, job: Job) -> Agent:
        owner = job.owner or ""
        server = job.server
        raw = f"{server.url}/user/{_quoted(owner)}" if server is not None else owner
        name = qualified_name("agent", raw, None)
        agent = self.graph.agents.setdefault(name, Agent(name, {}))
        _add(agent, "prov:label", owner)
        _add(agent, "dcterms:identifier", owner)
        return agent

    def _parameter(self, activity: Activity, job: Job, parameter: Parameter) -> None:
        if not parameter.is_input:
            _add(activity, attribute_name("param", parameter.name), parameter.value)
            return
        if parameter.stored is not None and job.server is not None:
            entity = self.file(job.server, Stored(parameter.stored))
            self.used(activity, entity, parameter.name)
            return
        for part in _parts(parameter.value):
            self.used(activity, self._value(job, parameter, part), parameter.name)

    def _value(self, job: Job, parameter: Parameter, part: str) -> Entity:
        """Return the entity of an input outside the store: a URL, or an id on the server."""
        if is_url(part):
            entity = self._entity(qualified_name("entity", part, None), part)
            _add(entity, "prov:location", part)
            _add(entity, "prov:label", part.rstrip("/").rpartition("/")[2])
            return entity
        scope = job.server.url if job.server is not None else job.url or job.id
        entity = self._entity(qualified_name("entity", part, scope), part)
        _add(entity, "prov:label", f"{parameter.name} {part}")
        return entity

    def _result(self, job: Job, result: Result) -> Entity:
        if result.stored is not None and job.server is not None:
            return self.file(job.server, Stored(result.stored))
        raw = result.url or f"{job.url or job.id}/results/{result.name}"
        entity = self._entity(qualified_name("entity", raw, None), raw)
        _add(entity, "prov:label", result.name)
        _add(entity, "prov:location", result.url)
        _add(entity, "dcterms:format", result.media_type)
        return entity

    def _entity(self, name: str, raw: str) -> Entity:
        entity = self.graph.entities.get(name)
        if entity is None:
            entity = self.graph.entities[name] = Entity(name, {})
            _add(entity, "dcterms:identifier", raw)
        return entity


def _quoted(text: str) -> str:
    """Percent-encode a part of an IRI, in which OPUS writes even blanks unencoded."""
    return quote(text, safe="/@:+,;=!$&'()*~")


def _parts(value: str) -> list[str]:
    """Return the values of an input that may have several, separated by commas."""
    return [part.strip() for part in (value.split(",") if "," in value else value.split())]


def _add(element: Element, name: str, value: Any) -> None:
    """Add a value to an attribute unless it is empty or already present."""
    if value is None or value == "":
        return
    added = value if isinstance(value, Literal) else literal(value)
    text = safe_text(added) if isinstance(added, str) else added
    held = element.attributes.get(name)
    if held is None:
        element.attributes[name] = text
    elif text not in (held if isinstance(held, list) else [held]):
        element.attributes[name] = [*(held if isinstance(held, list) else [held]), text]
