"""Hypothesis strategies for the contents of logs."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from provlog.building.builder import build
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
from provlog.model.graph import ProvGraph
from provlog.origin import Origin

HOSTILE_TEXTS = (
    "", " ", "a b", "a/b", "/data/x y.fits", "it's", 'say "so"', "''", "\"'", "\\", "\\n", "a\nb",
    "\r\n", "\t", "\x00", "\x07\x1b[31m", "\x7f\x85", "\ud800", "\udfff\ud800", "]]>", "<a b='c'>",
    "&amp;", "<!--", "😀", "é", "\ufeff", "\ufffe\uffff", "\u2028", "1", "1.2", "-1", "23592",
    "x.2", "x-2", "x_2", "x 2", ".", "..", "-", "_", "a.", "-a", "_:b", "log:x", "prov:type",
    "xml:x", "ex:a b", "gamma-events:23523", "gamma-events:", ":x", "a:b:c", "https://example.org/a?b=c#d",
    "C:\\data\\x", "%41", "{}", "}", "})", "_PROV_", "__PROV__{", "null", "None", "true", "NaN",
    "INF", "1e400", "2019-10-07T11:20:06", "2019-02-30T00:00:00", "24:00", "'%% xsd:int", "%%",
    "endDocument", "a" * 300, "d41d8cd98f00b204e9800998ecf8427e", "PosixPath('/x')",
    "<Quantity 1. TeV>", "bad, }",
)  # fmt: skip

texts = st.sampled_from(HOSTILE_TEXTS) | st.text(st.characters(codec=None), max_size=12)
ids = texts.filter(bool) | st.integers(-(10**30), 10**30)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.sampled_from([2**31 - 1, 2**31, -(2**31) - 1, 2**63 - 1, 2**63, 10**30])
    | st.floats()
    | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
times = st.sampled_from(
    ("2019-10-07T11:20:05.884419", "2019-10-07 11:20:05", "2019-10-07T11:20:05+02:00",
     "2019-10-07T11:20:05Z", "20191007T112005", "yesterday", "", "2019-13-01T00:00:00",
     None, 3, 1.5)
)  # fmt: skip


def payloads(ids: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for payloads of records of every kind with these ids."""
    extras = st.dictionaries(
        st.sampled_from(["name", "type", "location", "value", "hash", "status"]) | texts,
        values,
        max_size=3,
    )

    def record(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
        return st.builds(lambda more, own: more | own, extras, st.fixed_dictionaries(keys))

    return st.one_of(
        record(session_id=ids, startTime=times),
        record(activity_id=ids, name=texts, startTime=times, in_session=ids, agent_name=texts),
        record(activity_id=ids, name=texts, in_session=ids, in_activity=ids | st.none()),
        record(activity_id=ids, endTime=times),
        record(activity_id=ids, parameters=st.dictionaries(texts, values, max_size=4) | values),
        record(activity_id=ids, used_id=ids, used_role=texts, entity_type=texts),
        record(activity_id=ids, generated_id=ids, generated_role=texts),
        record(entity_id=ids),
        record(entity_id=ids, member_id=ids, member_type=texts),
        record(entity_id=ids, progenitor_id=ids),
    )


def is_json(value: Any) -> bool:
    """Return whether a value can be written as JSON."""
    try:
        json.dumps(value, allow_nan=False).encode()
    except (ValueError, UnicodeError):
        return False
    return True


@st.composite
def logs(draw: st.DrawFn) -> list[str]:
    """Draw the lines of a log with records of every kind and hostile ids and values."""
    few_ids = st.sampled_from(draw(st.lists(ids, min_size=2, max_size=5)))
    lines = []
    for payload in draw(st.lists(payloads(few_ids), min_size=1, max_size=8)):
        mark = draw(st.sampled_from(("_PROV_{}_PROV_", "_PROV_{}_PROV(", "__PROV__{}__PROV__")))
        as_json = draw(st.booleans()) and is_json(payload)
        text = json.dumps(payload) if as_json else repr(payload)
        closing = ")" if mark.endswith("(") else ""
        lines.append(f"INFO:x:{mark.format('2019-10-07T11:20:06.091102')}{text}{closing}")
    return lines


@st.composite
def graphs(draw: st.DrawFn) -> ProvGraph:
    """Draw graphs of generated events."""
    origin = Origin("x.log", 1, 1, "2019-10-07T11:20:06")
    own = texts.filter(bool)
    terms = st.sampled_from(
        ["prov:label", "prov:type", "prov:location", "prov:value", "log:hash", "dcterms:format"]
    )
    attributes = st.dictionaries(terms, values, max_size=4)
    plain = st.dictionaries(terms.filter(lambda term: term != "prov:value"), values, max_size=3)
    some = st.just(origin)
    made: st.SearchStrategy[list[Event]] = st.lists(
        st.one_of(
            st.builds(SessionStarted, some, own, times, st.none() | own, plain),
            st.builds(ActivityStarted, some, own, times, st.none() | own, plain),
            st.builds(ActivityEnded, some, own, times, plain),
            st.builds(ActivityNested, some, own, own),
            st.builds(ParametersSet, some, own, st.dictionaries(texts, values, max_size=4)),
            st.builds(EntityUsed, some, own, own, st.none() | texts),
            st.builds(EntityGenerated, some, own, own, st.none() | texts),
            st.builds(EntityDescribed, some, own, attributes),
            st.builds(MemberAdded, some, own, own),
            st.builds(EntityDerived, some, own, own),
        ),
        max_size=12,
    )
    return build([LogStarted(origin, "deadbeef"), *draw(made)])
