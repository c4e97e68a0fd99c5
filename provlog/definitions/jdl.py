"""Read job definitions of OPUS (JDL): VOTables that describe an activity.

https://github.com/ParisAstronomicalDataCentre/OPUS. They describe jobs as definition files
describe functions: their descriptions, parameters, inputs and outputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from provlog.definitions.classes import (
    ActivityDefinition,
    Definitions,
    ItemDefinition,
    ParameterDefinition,
)
from provlog.diagnostics.diagnostic import Report
from provlog.files.source import Source
from provlog.readers.xml import Form, parse_xml

__all__ = ["read_jdl"]

_FORM = Form("job definition of OPUS", ("VOTABLE", "RESOURCE", "GROUP"))
# Elements without an attribute in the model, in the spellings of all versions.
_OTHERS = {
    "executionDuration": "log:executionDuration", "executionduration": "log:executionDuration",
    "quote": "log:quote", "script": "log:script",
}  # fmt: skip


def read_jdl(source: Source, report: Report) -> Definitions:
    """Return the definitions in a job definition.

    Parameters
    ----------
    source : Source
        The opened VOTable.
    report : callable
        Receives the diagnostics as they are found.

    Raises
    ------
    InputError
        If the document is not valid XML.
    """
    root = parse_xml(source.read(report), source.name, _FORM, report)
    activities: dict[str, ActivityDefinition] = {}
    agents: dict[str, dict[str, Any]] = {}
    for resource in _children(root, "RESOURCE"):
        params = {param.get("name"): param.get("value") for param in _children(resource, "PARAM")}
        activity = _activity(resource, params)
        activities[activity.name] = activity
        if activity.contact is not None and (mail := params.get("contact_email")):
            agents[activity.contact] = {"email": mail}
    return Definitions(activities=activities, agents=agents, file=source.name)


def _activity(resource: Element, params: dict[str | None, str | None]) -> ActivityDefinition:
    groups = {group.get("name"): group for group in _children(resource, "GROUP")}
    links = [link.get("href") for link in _children(resource, "LINK")]
    return ActivityDefinition(
        name=resource.get("name") or resource.get("ID") or "",
        description=_description(resource),
        contact=params.get("contact_name") or None,
        version=params.get("version") or None,
        docurl=params.get("doculink") or next(iter(links), None),
        type=params.get("type") or None,
        subtype=params.get("subtype") or None,
        parameters=tuple(map(_parameter, _children(groups.get("InputParams"), "PARAM"))),
        usage=tuple(map(_item, _children(groups.get("Used"), "GROUP"))),
        generation=tuple(map(_item, _children(groups.get("Generated"), "GROUP"))),
        others={term: value for key, term in _OTHERS.items() if (value := params.get(key))},
    )


def _parameter(param: Element) -> ParameterDefinition:
    values = next(iter(_children(param, "VALUES")), None)
    return ParameterDefinition(
        name=param.get("name") or param.get("ID") or "",
        description=_description(param),
        datatype=param.get("datatype"),
        arraysize=param.get("arraysize"),
        xtype=param.get("xtype"),
        unit=param.get("unit"),
        ucd=param.get("ucd"),
        utype=param.get("utype"),
        min=_limit(values, "MIN"),
        max=_limit(values, "MAX"),
        default=param.get("value"),
        options=tuple(option.get("value") for option in _children(values, "OPTION")),
    )


def _limit(values: Element | None, name: str) -> str | None:
    return next((limit.get("value") for limit in _children(values, name)), None)


def _item(group: Element) -> ItemDefinition:
    params = {param.get("name"): param.get("value") for param in _children(group, "PARAM")}
    name = group.get("name") or ""
    return ItemDefinition(
        entity=name,
        # The role is usually empty: jobs use the name as role.
        role=params.get("role") or name,
        description=_description(group),
        multiplicity=params.get("multiplicity") or None,
        content_type=params.get("content_type") or None,
    )


def _description(element: Element) -> str | None:
    texts = ((child.text or "").strip() for child in _children(element, "DESCRIPTION"))
    return next(iter(texts), None) or None


def _children(element: Element | None, name: str) -> Iterator[Element]:
    """Yield children by their local names: versions of VOTable differ in their namespaces."""
    for child in () if element is None else element:
        if child.tag.rpartition("}")[2] == name:
            yield child
