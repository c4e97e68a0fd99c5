"""Definitions in a store describe as those in their source."""

from __future__ import annotations

from pathlib import Path

import pytest

from provlog.definitions.ivoa import descriptions_of
from provlog.definitions.jdl import read_jdl
from provlog.definitions.load import load
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.files.source import Source
from provlog.store.ingest.definitions import StoredDefinitions, definitions_cell, definitions_of
from tests.test_layout import ROOT

DATA = ROOT / "tests" / "data"
JDLS = sorted((DATA / "opus").glob("*_vot.xml"))
FILES = [*JDLS, *sorted(DATA.glob("*definition*.yaml"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_descriptions_are_equal(path: Path) -> None:
    found: list[Diagnostic] = []
    if path in JDLS:
        with Source(str(path)) as source:
            definitions = read_jdl(source, found.append)
    else:
        definitions = load(path)
    again = definitions_of(definitions_cell(definitions, {"log": "log2"}))
    assert again.prefixes == {"log": "log2"}
    assert again.definitions.agents == definitions.agents
    before, after = descriptions_of(definitions), descriptions_of(again.definitions)
    assert repr(after.activities) == repr(before.activities)
    assert repr(after.entities) == repr(before.entities)
    assert [repr(one) for one in after.members.values()] == [
        repr(one) for one in before.members.values()
    ]
    contacts = {key: one.contact for key, one in definitions.activities.items()}
    assert {key: one.contact for key, one in again.definitions.activities.items()} == contacts


def test_each_prefix_is_renamed_once() -> None:
    """Also if the store has a prefix of the log for another namespace."""
    stored = StoredDefinitions(definitions_of(EMPTY).definitions, {"log": "log2", "param": "log"})
    assert stored.to_own_prefixes() == {"log2": "log", "log": "param", "param": "log2"}
    assert StoredDefinitions(stored.definitions, {}).to_own_prefixes() == {}


EMPTY = '{"activities":{},"entities":{},"agents":{},"file":null,"prefixes":{}}'
