"""The excerpt of the presentation that defines the format."""

from __future__ import annotations

import json

import pytest

import provlog
from tests.samples import EXCERPT


@pytest.fixture(scope="module")
def graph() -> provlog.ProvGraph:
    """Return the graph of the excerpt."""
    return provlog.read(EXCERPT)


def test_one_activity_with_start_and_end(graph: provlog.ProvGraph) -> None:
    (activity,) = graph.activities.values()
    assert activity.label == "get_observations"
    assert activity.start == "2019-10-07T11:20:05.884419"
    assert activity.end == "2019-10-07T11:20:06.091068"


def test_both_parameters_including_the_one_without_its_brace(graph: provlog.ProvGraph) -> None:
    (activity,) = graph.activities.values()
    parameters = {
        name: activity.values(name)[0] for name in activity.attributes if name.startswith("param:")
    }
    assert parameters.keys() == {"param:datastore", "param:filters"}
    assert parameters["param:datastore"] == "SGAMMAPY_DATA/hess-dl3-dr1"
    filters = json.loads(parameters["param:filters"])
    assert [len(item) for item in filters] == [3]
    assert filters[0]["variable"] == "TARGET_NAME"


def test_one_use_with_its_role(graph: provlog.ProvGraph) -> None:
    (use,) = graph.relations["used"]
    assert use.role == "datastore"
    assert use.source in graph.activities.values()
    assert use.target.values("prov:type") == ["DataStore"]


def test_one_collection_of_four_observations(graph: provlog.ProvGraph) -> None:
    memberships = graph.relations["hadMember"]
    assert len({membership.source for membership in memberships}) == 1
    members = [membership.target for membership in memberships]
    assert len(members) == 4
    assert all(member.values("prov:type") == ["Observation"] for member in members)
    (collection,) = {membership.source for membership in memberships}
    assert "prov:Collection" in collection.values("prov:type")


def test_two_warnings_with_their_lines(graph: provlog.ProvGraph) -> None:
    found = [(item.code, item.severity, item.origin.line) for item in graph.diagnostics]
    assert found == [("PL101", "warning", 4), ("PL103", "warning", 8)]
