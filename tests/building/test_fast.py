"""The compiled builder of usual events, beside the handlers that do the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import provlog
from provlog.building import builder, naming
from provlog.building.builder import build
from provlog.model.events import (
    ActivityEnded,
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
from provlog.model.values import date_time
from provlog.origin import Origin
from tests.samples import LOGS, document

FAST = builder._compiled()
pytestmark = pytest.mark.skipif(FAST is None, reason="the compiled modules are not built")

ids = st.sampled_from(["a1", "a2", "x-y", "ü", "7" * 32, "run:1", "https://a.b/c", ""])
times = st.sampled_from(
    ["2020-01-01T00:00:00", "2020-02-29T23:59:59.000001", "2021-02-29T00:00:00", "2020-13-01T00:00:00",
     "0000-01-01T00:00:00", "2020-01-01T24:00:00", "2020-01-01 00:00:00", "2020-01-01T00:00:00Z",
     "2020-01-01T00:00:00.12345x", "2020-01-01T00:00:00,123456", "\uff12020-01-01T00:00:00", "", None, 12],
)  # fmt: skip
values = st.sampled_from(
    ["text", "Crab", "ünï", "a\nb", "\x00", "nan", 1, True, 0.5, float("nan"), None, [1, "a"], {"a": 1},
     {"a": 2, "b": "x" * 2000}, 2**70],
)  # fmt: skip
names = st.sampled_from(["prov:label", "prov:type", "prov:value", "log:hash", "log:status"])
attributes = st.dictionaries(names, values, max_size=3)
roles = st.sampled_from([None, "role", "ü", "a\nb", "\x00"])
origins = st.builds(
    Origin,
    st.just("x.log"),
    st.integers(1, 3),
    st.just(1),
    st.just(None),
    st.sampled_from([None, None, None, "s1", "s2", "s3"]),
    st.sampled_from([None, None, None, None, "f:s1", "g:s9"]),
)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(LogStarted, origins, st.sampled_from(["00000001", "00000002"])),
    st.builds(SessionStarted, origins, st.sampled_from(["s1", "s2"]), times, roles, attributes),
    st.builds(ActivityStarted, origins, ids, times, roles, attributes),
    st.builds(ActivityEnded, origins, ids, times, attributes),
    st.builds(
        ParametersSet,
        origins,
        ids,
        st.dictionaries(st.sampled_from(["n", "a b", "-"]), values, max_size=3),
    ),
    st.builds(EntityUsed, origins, ids, ids, roles),
    st.builds(EntityGenerated, origins, ids, ids, roles),
    st.builds(MemberAdded, origins, ids, ids),
    st.builds(EntityDerived, origins, ids, ids),
    st.builds(EntityDescribed, origins, ids, attributes, st.sampled_from([None, None, "a1"])),
)


def without(patch: pytest.MonkeyPatch) -> None:
    for module in (builder, naming):
        patch.setattr(module, "_compiled", lambda: None)


def written(graph: ProvGraph) -> tuple[list[str], str]:
    return [document(graph, name) for name in ("provjson", "provn")], repr(graph.diagnostics)


@given(st.lists(events, max_size=25))
def test_events(listed: list[Event]) -> None:
    compiled = written(build(listed))
    with pytest.MonkeyPatch.context() as patch:
        without(patch)
        assert compiled == written(build(listed))


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
def test_documents_of_samples(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = written(provlog.read(path))
    without(monkeypatch)
    assert compiled == written(provlog.read(path))


@given(st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?", fullmatch=True))
def test_times(time: str) -> None:
    started = ActivityStarted(Origin("x.log", 1, 1), "a", time, None, {})
    (activity,) = build([started]).activities.values()
    assert activity.start == date_time(time)
