"""The values and attributes of elements in the rows of a VOTable."""

from __future__ import annotations

from provlog.model.graph import Attributes, Element
from provlog.model.values import InternationalizedString, Literal, Value, qname
from provlog.model.vodml import AGENT_TYPES
from provlog.readers.votable.tables import Row

__all__ = ["add_type", "append_value", "attribute_value", "complete_agent"]


def attribute_value(row: Row) -> Value:
    """Return the value in a row of ``Attribute``."""
    text, datatype = row.get("attribute_value", ""), row.get("datatype")
    if datatype is None:
        return text
    if "language" in row:
        return InternationalizedString(text, datatype, row["language"])
    return Literal(text, datatype)


def complete_agent(attributes: Attributes, row: Row, has_label: bool) -> None:
    """Add the type of an agent, and drop a name that only repeats its id."""
    if not has_label and attributes.get("prov:label") == row["id"]:
        del attributes["prov:label"]
    type = row.get("type")
    if type is not None and "prov:type" not in attributes and "voprov:type" not in attributes:
        if type in AGENT_TYPES:
            attributes["prov:type"] = qname(f"prov:{type}")
        else:
            attributes["voprov:type"] = type


def add_type(element: Element, type: str) -> None:
    """Add a type to an element that does not have it."""
    held = element.attributes.get("prov:type")
    if held is None:
        element.attributes["prov:type"] = qname(type)
    elif qname(type) not in (held if isinstance(held, list) else [held]):
        append_value(element.attributes, "prov:type", qname(type))


def append_value(attributes: Attributes, name: str, value: Value) -> None:
    """Add a value to an attribute that may already have others."""
    held = attributes.get(name)
    if held is None:
        attributes[name] = value
    elif isinstance(held, list):
        held.append(value)
    else:
        attributes[name] = [held, value]
