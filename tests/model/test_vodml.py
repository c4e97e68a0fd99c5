"""The model's classes, compared with the standard's own VO-DML document."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from provlog.model import descriptions
from provlog.model.descriptions import Description, roles_of
from provlog.model.vodml import AGENT_TYPES, ARTEFACT_TYPES, CLASSES

VODML = Path(__file__).parent.parent / "data" / "ivoa" / "Provenance.vo-dml.xml"
MODEL = ElementTree.parse(VODML).getroot()
KINDS = ("attribute", "composition", "reference")


def text(node: ElementTree.Element, path: str) -> str:
    return node.findtext(path, "").strip()


def multiplicity(role: ElementTree.Element) -> str:
    low = text(role, "multiplicity/minOccurs")
    high = text(role, "multiplicity/maxOccurs").replace("-1", "*")
    return low if low == high else f"{low}..{high}"


def test_classes_are_those_of_the_standard() -> None:
    expected = {
        text(node, "vodml-id"): text(node, "extends/vodml-ref").removeprefix("voprov:")
        for node in MODEL.iter("objectType")
    }
    assert len(expected) == 21
    assert {voclass.id: voclass.parent or "" for voclass in CLASSES.values()} == expected


def test_roles_have_the_kinds_types_and_multiplicities_of_the_standard() -> None:
    expected = {
        text(role, "vodml-id"): (kind, text(role, "datatype/vodml-ref"), multiplicity(role))
        for node in MODEL.iter("objectType")
        for kind in KINDS
        for role in node.findall(kind)
    }
    found = {
        f"{voclass.id}.{role.name}": (role.kind, role.type, role.multiplicity)
        for voclass in CLASSES.values()
        for role in voclass.roles
    }
    assert found == expected


@pytest.mark.parametrize(
    ("name", "literals"),
    [("AgentType", AGENT_TYPES), ("TypeOfConfigArtefact", ARTEFACT_TYPES)],
)
def test_enumerations_have_the_literals_of_the_standard(
    name: str, literals: tuple[str, ...]
) -> None:
    node = next(node for node in MODEL.iter("enumeration") if text(node, "name") == name)
    assert tuple(text(literal, "name") for literal in node.findall("literal")) == literals


@pytest.mark.parametrize(
    "name", [name for name in CLASSES if name.endswith("Description")], ids=str
)
def test_a_description_has_the_attributes_of_its_class(name: str) -> None:
    kind: type[Description] = getattr(descriptions, name)
    expected = set[str]()
    current: str | None = name
    while current is not None:
        voclass = CLASSES[current]
        expected |= {role.name for role in voclass.roles if role.kind == "attribute"}
        current = voclass.parent
    assert {role for role, _ in roles_of(kind)} == expected
