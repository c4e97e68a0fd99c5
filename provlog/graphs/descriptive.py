"""Show the descriptions of parameters and elements as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from provlog.model.descriptions import (
    ActivityDescription,
    DatasetDescription,
    Descriptions,
    ValueDescription,
)
from provlog.model.graph import Element

__all__ = ["described_lines", "parameter_line", "short_line"]

_LONGEST = 80


def parameter_line(
    descriptions: Descriptions, activity: Element, attribute: str, value: object
) -> str | None:
    """Return name, value, unit and description of a parameter; ``None`` without a description.

    Parameters
    ----------
    descriptions : Descriptions
        The descriptions of the graph.
    activity : Element
        The activity.
    attribute : str
        The name of the parameter's attribute, ``param:...``.
    value : object
        The parameter's value.

    Returns
    -------
    str
        The line, such as ``energy_min 1 TeV, minimum energy of the fit``.
    """
    described = descriptions.of_parameter(activity, attribute)
    if described is None:
        return None
    text = f"{described.name} {short_line(str(value))}"
    if described.unit and not text.endswith(f" {described.unit}"):
        text += f" {described.unit}"
    return ", ".join(filter(None, [text, described.description]))


def described_lines(descriptions: Descriptions, element: Element) -> Iterator[str]:
    """Yield the lines of an activity's or entity's description."""
    described = descriptions.described.get(element)
    if described is None:
        return
    text = getattr(described, "description", "")
    if text:
        yield f"description: {text}"
    if isinstance(described, ActivityDescription):
        for name, value in (("type", described.type), ("version", described.version)):
            if value:
                yield f"{name}: {value}"
    elif isinstance(described, DatasetDescription) and described.content_type:
        yield f"content type: {described.content_type}"
    elif isinstance(described, ValueDescription):
        unit = f" [{described.unit}]" if described.unit else ""
        yield f"value: {described.value_type}{unit}"


def short_line(text: str) -> str:
    """Return a text as one line, cut after 80 characters."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"
