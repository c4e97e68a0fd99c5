"""The syntax of records: keys that the reader knows, written by one module only."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provlog.capture.log.record_log import RecordLog
from provlog.capture.records.activity import Activity, Session
from provlog.capture.records.syntax import (
    ActivityRecords,
    entity_fields,
    file_fields,
    session_record,
    value_field,
)
from provlog.model import record_keys
from tests.test_layout import ROOT

CAPTURE = ROOT / "provlog" / "capture"
MODULES = [path for path in sorted(CAPTURE.rglob("*.py")) if path.name != "syntax.py"]
KEYS = {value for name, value in vars(record_keys).items() if name.isupper()}
# The others are ordinary words, such as "name".
TELLTALE = {key for key in KEYS if not key.isalpha() or not key.islower()}


def texts(path: Path) -> set[str]:
    """Return the texts in the code of a module, without docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
    }


def keys_in(texts: set[str]) -> set[str]:
    pattern = re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, sorted(TELLTALE)))})")
    return {match for text in texts for match in pattern.findall(text)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(CAPTURE)))
def test_no_other_module_of_the_capture_writes_keys(path: Path) -> None:
    assert keys_in(texts(path)) == set()
    assert "record_keys" not in path.read_text(encoding="utf-8")


def test_the_search_for_keys_finds_them() -> None:
    assert keys_in({"'entity_name': ", "_PROV_", "the activity_id"}) == {
        "entity_", "_PROV_", "activity_id",
    }  # fmt: skip


def payload(line: str) -> dict[str, Any]:
    assert line.startswith("_PROV_")
    assert line.endswith("}\n")
    fields: dict[str, Any] = ast.literal_eval(line.split("_PROV_", 2)[2])
    return fields


def records(**activity: Any) -> ActivityRecords:
    known: dict[str, Any] = {"id": "a1", "name": "fit", "parent": None} | activity
    return ActivityRecords(
        Activity(session=Session("s1"), log=RecordLog(), enclosing=None, **known)
    )


texts_with_traps = st.text() | st.sampled_from(["%s", "'", '"', "\\", "{}", "a\nb", "§", "_PROV_"])


@given(texts_with_traps, texts_with_traps, texts_with_traps | st.none())
def test_every_text_survives(name: str, entity: str, role: str | None) -> None:
    one = records(name=name)
    one.start("'me'")
    one.parameters({name: entity})
    one.relate("used", entity, role)
    one.relate("generated", entity, role)
    one.describe(entity, entity_fields(name, "File") + file_fields(entity, "h", "md5", name))
    one.member(entity, name)
    one.progenitor(entity, name)
    lines = [payload(line) for line in one.lines]
    start, _, used, generated, described, member, progenitor = lines
    assert start == {
        "activity_id": "a1", "activity_name": name, "startTime": one.time,
        "in_session": "s1", "agent_name": "me",
    }  # fmt: skip
    roles = ({}, {}) if role is None else ({"used_role": role}, {"generated_role": role})
    assert used == {"activity_id": "a1", "used_id": entity} | roles[0]
    assert generated == {"activity_id": "a1", "generated_id": entity} | roles[1]
    named = {"entity_name": name} if name else {}
    assert described == named | {
        "entity_id": entity, "entity_type": "File", "entity_location": entity,
        "entity_hash": "h", "entity_hash_type": "md5", "entity_note": name, "in_session": "s1",
    }  # fmt: skip
    assert member == {"entity_id": entity, "member_id": name, "in_session": "s1"}
    assert progenitor == {"entity_id": entity, "progenitor_id": name, "in_session": "s1"}


def test_a_nested_activity_names_its_parent() -> None:
    outer = records()
    inner = records(id="a2", parent=outer.activity)
    inner.start("'me'")
    assert payload(inner.lines[0])["in_activity"] == "a1"


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (None, {}),
        (SystemExit(), {}),
        (SystemExit(0), {}),
        (SystemExit(3), {"status": "failed", "exception": "SystemExit"}),
        (ValueError("secret"), {"status": "failed", "exception": "ValueError"}),
    ],
)
def test_the_end_of_a_failed_activity_names_the_failure(
    error: BaseException | None, failure: dict[str, str]
) -> None:
    one = records()
    one.end(error)
    assert payload(one.lines[0]) == {"activity_id": "a1", "endTime": one.time} | failure


def test_a_session_record_omits_unknown_values() -> None:
    time = "2020-01-01T00:00:00.000000+00:00"
    line = session_record(time, "s1", "2020", "me", name="run.py", configuration={"a": [1]})
    assert payload(line) == {
        "session_id": "s1", "startTime": "2020", "agent_name": "me", "session_name": "run.py",
        "configuration": {"a": [1]},
    }  # fmt: skip


@given(st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()))
def test_a_value_survives(value: Any) -> None:
    one = records()
    one.describe("e1", value_field(value))
    assert payload(one.lines[0])["entity_value"] == value
