"""The tables, compared with the proposal they follow and with the standard's roles."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path

import pytest

from provlog.model.tables import MODEL_TABLES, TABLES
from provlog.model.vodml import CLASSES

PROPOSAL = Path(__file__).parent.parent / "data" / "ivoa" / "provtap-1.0-proposal.tsv"


def test_the_tables_of_the_model_are_those_of_the_proposal() -> None:
    with PROPOSAL.open(encoding="utf-8", newline="") as file:
        rows = [
            tuple(
                row[key]
                for key in (
                    "table", "table_utype", "column", "not_null", "ucd", "utype", "target", "xtype",
                )
            )
            for row in csv.DictReader(file, delimiter="\t")
        ]  # fmt: skip
    assert [
        (
            table.sql_name, table.utype, column.name, "1" if column.is_required else "0",
            column.ucd, column.utype, f"{column.target}.id" if column.target else "", column.xtype,
        )
        for table in MODEL_TABLES.values()
        for column in table.columns
    ] == rows  # fmt: skip


def test_every_role_of_the_standard_has_a_column() -> None:
    utypes = {column.utype for table in MODEL_TABLES.values() for column in table.columns}
    roles = {
        f"voprov:{voclass.id}.{role.name}" for voclass in CLASSES.values() for role in voclass.roles
    }
    assert roles <= utypes


def test_columns_refer_to_tables_with_an_id() -> None:
    with_id = {table.sql_name for table in TABLES.values() if table.columns[0].name == "id"}
    targets = {column.target for table in TABLES.values() for column in table.columns}
    assert targets - {""} <= with_id


def test_every_ucd_is_valid() -> None:
    ucd = pytest.importorskip("astropy.io.votable.ucd")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for table in TABLES.values():
            for column in table.columns:
                assert ucd.check_ucd(column.ucd, check_controlled_vocabulary=True), column
