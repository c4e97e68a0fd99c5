"""Events made from the keys of payloads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.events import (
    ActivityEnded,
    ActivityNested,
    ActivityStarted,
    EntityDerived,
    EntityDescribed,
    EntityGenerated,
    EntityUsed,
    Event,
    LogStarted,
    MemberAdded,
    ParametersSet,
    SessionStarted,
)
from provlog.origin import Origin
from provlog.readers.log.dialect import Dialect
from tests.strategies import ids, payloads

ORIGIN = Origin("run.log", 1, 1, "2019-10-07T11:20:06")
TIME = "2019-10-07T11:20:05.884419"


def states(payload: dict[str, Any]) -> tuple[list[Event], list[str]]:
    """Return the events of a record, and codes of diagnostics."""
    found: list[Diagnostic] = []
    events = Dialect(found.append).feed([(ORIGIN, payload)])
    assert isinstance(events[0], LogStarted)
    return events[1:], [diagnostic.code for diagnostic in found]


@pytest.mark.parametrize(
    ("payload", "events"),
    [
        ({"session_id": 8751, "startTime": TIME, "module": "m"},
         [SessionStarted(ORIGIN, "8751", TIME, None, {"log:module": "m"})]),
        ({"activity_id": "a", "activity_name": "fit", "startTime": TIME, "agent_name": "me"},
         [ActivityStarted(ORIGIN, "a", TIME, "me", {"prov:label": "fit"})]),
        ({"activity_id": "a", "name": "fit", "startTime": TIME, "script": "/x.py"},
         [ActivityStarted(ORIGIN, "a", TIME, None, {"prov:label": "fit", "log:script": "/x.py"})]),
        ({"activity_id": "a", "name": "fit", "startTime": TIME, "in_activity": 7},
         [ActivityStarted(ORIGIN, "a", TIME, None, {"prov:label": "fit"}),
          ActivityNested(ORIGIN, "a", "7")]),
        ({"activity_id": "a", "startTime": TIME, "in_activity": None},
         [ActivityStarted(ORIGIN, "a", TIME, None, {})]),
        ({"activity_id": "a", "in_activity": "b"}, [ActivityNested(ORIGIN, "a", "b")]),
        ({"activity_id": "a", "in_activity": None}, [ActivityStarted(ORIGIN, "a", None, None, {})]),
        ({"activity_id": "a", "in_activity": "b", "endTime": TIME, "status": "failed"},
         [ActivityNested(ORIGIN, "a", "b"), ActivityEnded(ORIGIN, "a", TIME, {"log:status": "failed"})]),
        ({"entity_id": "e", "in_activity": "b"},
         [EntityDescribed(ORIGIN, "e", {"log:in_activity": "b"})]),
        ({"activity_id": "a", "endTime": TIME}, [ActivityEnded(ORIGIN, "a", TIME, {})]),
        ({"activity_id": "a", "endTime": TIME, "status": "failed"},
         [ActivityEnded(ORIGIN, "a", TIME, {"log:status": "failed"})]),
        ({"activity_id": "a", "parameters": {"x": 1}}, [ParametersSet(ORIGIN, "a", {"x": 1})]),
        ({"activity_id": "a", "parameters": [1]},
         [ActivityStarted(ORIGIN, "a", None, None, {"log:parameters": [1]})]),
        ({"activity_id": "a", "used_id": 5, "used_role": "r"}, [EntityUsed(ORIGIN, "a", "5", "r")]),
        ({"activity_id": "a", "generated_id": "e"}, [EntityGenerated(ORIGIN, "a", "e", None)]),
        ({"activity_id": "a", "used_id": "e", "entity_type": "T", "entity_location": "/x"},
         [EntityDescribed(ORIGIN, "e", {"prov:type": "T", "prov:location": "/x"}, "a"),
          EntityUsed(ORIGIN, "a", "e", None)]),
        ({"entity_id": "e", "name": "n", "type": "T", "value": 1, "contentType": "text/plain"},
         [EntityDescribed(ORIGIN, "e", {"prov:label": "n", "prov:type": "T", "prov:value": 1,
                                        "dcterms:format": "text/plain"})]),
        ({"entity_id": "e", "filepath": "PosixPath('/x')", "hash": "h"},
         [EntityDescribed(ORIGIN, "e", {"prov:location": "/x", "log:hash": "h"})]),
        ({"entity_id": "e", "location": "a", "filepath": "b"},
         [EntityDescribed(ORIGIN, "e", {"prov:location": "a"}),
          EntityDescribed(ORIGIN, "e", {"prov:location": "b"})]),
        ({"entity_id": "e", "member_id": 1, "member_type": "T", "member_location": "/x"},
         [EntityDescribed(ORIGIN, "1", {"prov:type": "T", "prov:location": "/x"}),
          MemberAdded(ORIGIN, "e", "1")]),
        ({"entity_id": "e", "progenitor_id": "p"}, [EntityDerived(ORIGIN, "e", "p")]),
        ({"entity_description": "MyObject", "value": 2, "1234": 1234},
         [EntityDescribed(ORIGIN, "1234", {"prov:label": "MyObject", "prov:value": 2})]),
        ({"activity_id": "a", "generated_id": "g", "used_role": "in"},
         [ActivityStarted(ORIGIN, "a", None, None, {"log:used_role": "in"}),
          EntityGenerated(ORIGIN, "a", "g", None)]),
        ({"session_id": "s", "agent_name": "me"}, [SessionStarted(ORIGIN, "s", None, "me", {})]),
        ({"entity_id": "e"}, [EntityDescribed(ORIGIN, "e", {})]),
        ({"entity_id": "e", "name": "n", "session_tag": "t"},
         [EntityDescribed(Origin("run.log", 1, 1, ORIGIN.time, None, "t"), "e", {"prov:label": "n"})]),
        ({"activity_id": "a"}, [ActivityStarted(ORIGIN, "a", None, None, {})]),
        ({"entity_id": "e", "my key": 1},
         [EntityDescribed(ORIGIN, "e", {"log:my_key-a0e12d60": 1}),
          EntityDescribed(ORIGIN, "e", {"provlog:renamed": {"log:my_key-a0e12d60": "my key"}})]),
    ],
)  # fmt: skip
def test_events_of_records(payload: dict[str, Any], events: list[Event]) -> None:
    assert states(payload) == (events, [])


def test_a_record_with_many_facets_has_an_event_for_each() -> None:
    payload = {
        "session_id": "s", "activity_id": "a", "name": "fit", "startTime": TIME, "endTime": TIME,
        "parameters": {"x": 1}, "used_id": "u", "generated_id": "g", "entity_id": "e",
        "member_id": "m", "progenitor_id": "p",
    }  # fmt: skip
    kinds = [type(event) for event in states(payload)[0]]
    assert set(kinds) == {
        SessionStarted, ActivityStarted, ParametersSet, EntityUsed, EntityGenerated,
        ActivityEnded, MemberAdded, EntityDerived,
    }  # fmt: skip
    assert kinds[0] is SessionStarted


@pytest.mark.parametrize(
    "payload", [{}, {"name": "x"}, {"kind": "kind"}, {"used_id": 1}, {"activity_id": None}]
)
def test_a_record_without_a_known_id_is_reported(payload: dict[str, Any]) -> None:
    assert states(payload) == ([], ["PL201"])


def test_session_names_of_a_record() -> None:
    payload = {"activity_id": "a", "endTime": TIME, "in_session": 5, "session_tag": "fit:n"}
    (event,), _ = states(payload)
    assert (event.origin.session, event.origin.tag) == ("5", "fit:n")


def test_values_of_two_keys_for_one_attribute_are_both_kept() -> None:
    (first, second), _ = states({"entity_id": "e", "name": "a", "entity_name": "b"})
    assert isinstance(first, EntityDescribed)
    assert isinstance(second, EntityDescribed)
    assert {first.attributes["prov:label"], second.attributes["prov:label"]} == {"a", "b"}


@given(st.lists(payloads(ids), max_size=8))
def test_every_value_of_a_record_is_in_some_event(records: list[dict[str, Any]]) -> None:
    structural = {
        "in_session",
        "session_id",
        "activity_id",
        "entity_id",
        "member_id",
        "progenitor_id",
    }
    for payload in records:
        plain = {key: value for key, value in payload.items() if isinstance(value, str)}
        events, _ = states(dict(payload))
        said = repr(events)
        for key, value in plain.items():
            assert key in structural or repr(value) in said or value.startswith("PosixPath")
