"""Searching a store finds what a selection of the graph has."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import provlog
from provlog.errors import UsageError
from provlog.graphs.select import select
from provlog.model.graph import ProvGraph
from provlog.store.store import Store
from tests.samples import LOGS


@pytest.fixture(scope="module")
def graph() -> ProvGraph:
    """All samples."""
    return provlog.read(*LOGS)


@pytest.fixture(scope="module")
def store(new_url: Callable[[], str]) -> Iterator[Store]:
    """A store of all samples."""
    with Store(new_url()) as store:
        store.add(*LOGS)
        yield store


def test_selections_are_those_of_the_graph(store: Store, graph: ProvGraph) -> None:
    for criteria in (
        {"activities": ["run_fit"]},
        {"activities": ["run_fit", "get_datasets"], "sessions": ["8793892393657"]},
        {"sessions": ["01807"]},
        {"sessions": ["01807", "8769988954045"]},
        {"since": "2026-11-22T17:31:24.3"},
        {"until": "2026-11-22T17:20"},
        {"since": "2026-11-22", "until": "2026-11-22T17:31:24.25", "activities": ["dl1ab"]},
    ):
        found = store.find(**criteria)
        assert found.to_prov() == select(graph, **criteria).to_prov(), criteria


@pytest.mark.parametrize(
    ("criteria", "message"),
    [
        ({"activities": ["run_fi"]}, "no activity 'run_fi'"),
        ({"sessions": ["x" * 100_000]}, "no session"),
        ({"since": "yesterday"}, "'yesterday' is not a valid ISO 8601 time"),
        ({"since": "2050"}, "no activity in the store"),
        ({"parameters": {"a": ">x"}}, "'x' is not a number"),
        ({"parameters": {"a\x00\ud800": "'; DROP TABLE log"}}, "no activity in the store"),
    ],
)
def test_errors(store: Store, criteria: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        store.find(**criteria)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def parameters(
    new_url: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A store of activities with parameters."""
    values = {
        "a": "'1.5 TeV'", "b": "'900 GeV'", "c": "'3 TeV'", "d": "2", "e": "'stacked'", "f": "2.5",
        "g": "'3 deg'", "h": "float('nan')", "i": "1e400", "j": "[1, 2]",
    }  # fmt: skip
    log = tmp_path_factory.mktemp("parameters") / "run.log"
    log.write_text(
        "".join(
            f"_PROV_2020-01-01T00:00:01_PROV_{{'activity_id': '{id}', 'name': '{id}', "
            f"'startTime': '2020-01-01T00:00:01'}}\n"
            f"_PROV_2020-01-01T00:00:01_PROV_{{'activity_id': '{id}', 'parameters': {{'e': {value}}}}}\n"
            for id, value in values.items()
        )
    )
    with Store(new_url()) as store:
        store.add(log)
        yield store


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (">1 TeV", "ac"), (">= 0.9 TeV", "abc"), ("<1000 GeV", "b"), ("3 TeV", "c"), ("3000 GeV", "c"),
        ("2", "d"), (">=2", "df"), ("!=2", "f"), ("=stacked", "e"), ("stacked", "e"),
        ("[1,2]", "j"), ("<100 deg", "g"), (">1 furlong_", ""),
    ],
)  # fmt: skip
def test_parameters_are_compared_by_their_value(
    parameters: Store, condition: str, expected: str
) -> None:
    try:
        graph = parameters.find(parameters=[("e", condition)])
    except UsageError:
        assert expected == ""
    else:
        assert "".join(one.label for one in graph.activities.values()) == expected
