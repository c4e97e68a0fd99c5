"""The page on the IVOA model, compared with the standard's own VO-DML document."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from provlog.model.tables import FURTHER_TABLES, TABLES
from provlog.model.vodml import CLASSES, ELEMENT_CLASSES, RELATION_CLASSES
from provlog.writers import PARAMETERS
from tests.test_layout import ROOT

PAGE = (ROOT / "docs" / "ivoa.md").read_text(encoding="utf-8")
VODML = ROOT / "tests" / "data" / "ivoa" / "Provenance.vo-dml.xml"
COLUMNS = {
    column.utype: f"{table.name}.{column.name}"
    for table in reversed(TABLES.values())
    for column in reversed(table.columns)
    if column.utype
}
ROLES = [
    (node.findtext("vodml-id", ""), role.findtext("name", ""))
    for node in ElementTree.parse(VODML).iter("objectType")
    for role in node
    if role.tag in {"attribute", "composition", "reference"}
]


def test_the_standard_has_this_many_roles() -> None:
    assert len(ROLES) == 95


@pytest.mark.parametrize(("class_id", "role"), ROLES)
def test_every_role_of_the_standard_has_a_row(class_id: str, role: str) -> None:
    name = class_id.rpartition(".")[2]
    declared = next(item for item in CLASSES[name].roles if item.name == role)
    row = re.search(rf"^\| `{name}\.{role}` \| (.*) \|$", PAGE, re.MULTILINE)
    assert row is not None
    multiplicity, source, term, column = row[1].split(" | ")
    assert multiplicity == declared.multiplicity
    assert source
    assert declared.term in term
    assert column == f"`{COLUMNS[f'voprov:{class_id}.{role}']}`"


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_has_its_section(name: str) -> None:
    assert f"### {name}\n\n`voprov:{CLASSES[name].id}`, section {CLASSES[name].section}" in PAGE


def test_every_class_that_is_a_type_is_on_the_page() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    for kind, name in RELATION_CLASSES.items():
        assert any(f"`{kind}`" in row and f"`{name}`" in row for row in rows)
    assert all(f"`{name}`" in PAGE for name in ELEMENT_CLASSES)


def test_further_tables_and_options_are_on_the_page() -> None:
    assert all(f"| `{name}` |" in PAGE for name in FURTHER_TABLES)
    assert f"--parameters {PARAMETERS[1]}" in PAGE
