"""Graphs of several logs: statements that give way to those of another log."""

from __future__ import annotations

from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

import provlog
from provlog.building.builder import build
from provlog.building.positions import Positions
from provlog.building.uniting import unite
from provlog.graphs.lineage import lineage
from provlog.graphs.select import select as of_activities
from provlog.model.events import (
    ActivityEnded,
    ActivityStarted,
    EntityDescribed,
    EntityGenerated,
    EntityUsed,
    Event,
    LogStarted,
    MakerNamed,
    ParametersSet,
    SessionStarted,
)
from provlog.model.graph import ProvGraph, SecondHand
from provlog.origin import Origin
from provlog.store.database.cells import microseconds
from provlog.store.database.connection import Database
from provlog.store.database.migrating import upgrade
from provlog.store.database.schema import ACTIVITY, element
from provlog.store.database.schema import log as log_table
from provlog.store.ingest.logs import LogEntry, put_graph
from provlog.store.queries.assembly import graph_of_elements, graph_of_logs
from provlog.store.store import Store
from tests.building.test_builder import T1, T2, line
from tests.profiles import examples
from tests.readers.ctapipe.ctapipe_logs import NIGHT, PRODUCT
from tests.readers.ctapipe.test_products import PROCESS
from tests.store.test_store import UndoError, database

__all__ = ["database"]

ACTIVITIES = [str(UUID(int=number)) for number in range(1, 5)]
PRODUCTS = [str(UUID(int=number)) for number in range(11, 15)]
ROLES = st.none() | st.sampled_from(["DL1 Event", "DL2 Event"])


def time(number: int, second: int = 0) -> str:
    return f"2026-01-01T0{number}:00:0{second}Z"


@st.composite
def logs(draw: st.DrawFn, is_cut: bool = False) -> list[list[Event]]:
    """Return the events of several logs that record activities or know them from products.

    If logs are cut, a process may have another session in each: that of its first activity.
    """
    found = []
    for number in range(draw(st.integers(1, 4))):
        recorded = draw(st.lists(st.sampled_from(ACTIVITIES), max_size=3, unique=True))
        events: list[Event] = [LogStarted(origin(number), f"log{number}")]
        for activity in recorded:
            events += draw(activities(activity, number, is_cut))
        for _ in range(draw(st.integers(0 if recorded else 1, 2))):
            events += draw(products(number))
        found.append(events)
    return found


def origin(log: int, session: str | None = None) -> Origin:
    return Origin(f"{log}.log", 1, 1, session=session)


@st.composite
def activities(draw: st.DrawFn, activity: str, log: int, is_cut: bool) -> list[Event]:
    """Return what a log records of an activity."""
    number = ACTIVITIES.index(activity)
    session = f"process{number // 2}"
    if is_cut:
        session = draw(st.sampled_from([session, f"log{log}"]))
    place = origin(log, session)
    events: list[Event] = [
        SessionStarted(place, session, time(number // 2), None, {}),
        ActivityStarted(place, activity, time(number), None, {"prov:label": "ctapipe-process"}),
    ]
    if draw(st.booleans()):
        events.append(ParametersSet(place, activity, {"level": 30}))
    for product in draw(st.lists(st.sampled_from(PRODUCTS), max_size=2)):
        events += [
            EntityDescribed(place, product, {"prov:type": "File"}, activity),
            draw(st.sampled_from([EntityUsed, EntityGenerated]))(
                place, activity, product, draw(ROLES)
            ),
        ]
        if draw(st.booleans()):
            events.append(draw(makers(product, place)))
    if draw(st.booleans()):
        events.append(ActivityEnded(place, activity, time(number, 5), {"log:status": "completed"}))
    return events


@st.composite
def products(draw: st.DrawFn, log: int) -> list[Event]:
    """Return what the metadata in a product state."""
    product = draw(st.sampled_from(PRODUCTS))
    described = EntityDescribed(origin(log), product, {"prov:location": f"/data/{log}.h5"})
    return [described, draw(makers(product, origin(log)))]


@st.composite
def makers(draw: st.DrawFn, product: str, place: Origin) -> Event:
    activity = draw(st.sampled_from(ACTIVITIES))
    number = ACTIVITIES.index(activity)
    attributes = {"prov:label": "ctapipe-process", "log:software_version": "ctapipe 0.32.0"}
    # Products are written before their activity ends.
    stop = draw(st.sampled_from([None, time(number, 4), time(number, 5)]))
    return MakerNamed(place, product, activity, time(number), stop, attributes)


def read_alone(events: list[Event], is_document: bool) -> ProvGraph:
    """Return the graph of a log, or of the document that it becomes."""
    graph = build(events)
    if is_document:
        graph.second_hand = SecondHand()
    return graph


def read_together(logs: list[list[Event]], documents: list[bool]) -> ProvGraph:
    """Return the graph of logs and documents, as :class:`Reading` does."""
    sources = [*zip(logs, documents, strict=True)]
    graph = build(chain.from_iterable(log for log, is_document in sources if not is_document))
    for log, is_document in sources:
        if is_document:
            unite(graph, read_alone(log, is_document))
    return graph


def through(
    database: Database, logs: list[list[Event]], documents: list[bool]
) -> tuple[ProvGraph, ProvGraph]:
    """Add logs to an empty store; return the graph of it, and that of all its elements."""
    upgrade(database)
    try:
        with database.engine.connect() as connection, connection.begin():
            for number, (log, is_document) in enumerate(zip(logs, documents, strict=True)):
                entry = LogEntry(f"/{number}.log", "d", 1, "", "2026-01-01T00:00:00", "provlog")
                graph = read_alone(log, is_document)
                put_graph(connection, entry, graph, Positions(), is_document=is_document)
            keys = connection.scalars(select(log_table.c.key)).all()
            ids = connection.scalars(select(element.c.id).distinct()).all()
            found = graph_of_logs(connection, keys), graph_of_elements(connection, ids)
            raise UndoError
    except UndoError:
        return found


ANY = settings(
    max_examples=examples(60),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DOCUMENTS = st.lists(st.booleans(), min_size=4, max_size=4)


@ANY
@given(found=logs(), documents=DOCUMENTS)
def test_logs_products_and_documents_in_any_order(
    database: Database, found: list[list[Event]], documents: list[bool]
) -> None:
    documents = documents[: len(found)]
    expected = read_together(found, documents)
    graph, elements = through(database, found, documents)
    assert graph.to_prov() == expected.to_prov()
    codes = sorted(one.code for one in expected.diagnostics)
    assert sorted(one.code for one in graph.diagnostics) == codes
    assert elements.to_prov() == expected.to_prov()


@ANY
@given(found=logs(is_cut=True), documents=DOCUMENTS)
def test_an_activity_in_several_sessions(
    database: Database, found: list[list[Event]], documents: list[bool]
) -> None:
    """It is part of the first one."""
    documents = documents[: len(found)]
    expected = read_together(found, documents)
    assert through(database, found, documents)[0].to_prov() == expected.to_prov()


@pytest.mark.parametrize("is_first", [False, True])
def test_a_log_replaces_what_a_product_states_of_its_activity(url: str, is_first: bool) -> None:
    sources = [PRODUCT, NIGHT] if is_first else [NIGHT, PRODUCT]
    graph = provlog.read(*sources)
    activity = graph.activities[PROCESS]
    [product] = [
        made.source for made in graph.relations["wasGeneratedBy"] if made.target is activity
    ]
    with Store(url) as store:
        store.add(*sources)
        assert store.graph().to_prov() == graph.to_prov()
        assert store.graph().diagnostics == graph.diagnostics
        for start in (product, activity):
            assert store.lineage(start.id).to_prov() == lineage(graph, [start]).to_prov()
        found = store.find(activities=["ctapipe-process"])
        assert found.to_prov() == of_activities(graph, activities=["ctapipe-process"]).to_prov()
        # The product was written before the activity ended.
        alone = provlog.read(PRODUCT)
        times = alone.activities[PROCESS].end, activity.end
        assert times == ("2026-11-26T13:15:27.938Z", "2026-11-26T13:15:27.961Z")
        store.remove(NIGHT)
        assert store.graph().to_prov() == alone.to_prov()
        assert store.find(activities=["ctapipe-process"]).activities[PROCESS].end == times[0]
        store.add(NIGHT)
        store.remove(PRODUCT)
        assert store.graph().to_prov() == provlog.read(NIGHT).to_prov()


def test_a_time_that_only_a_product_states_selects_nothing(url: str) -> None:
    """Once the log of its activity is there."""
    late: dict[str, Any] = {"activities": ["ctapipe-process"], "since": "2026-11-26T13:15:30Z"}
    early: dict[str, Any] = {"activities": [PROCESS], "until": "2026-11-26T13:15:27.940Z"}
    with Store(url) as store:
        store.add(PRODUCT)
        for moved in ("start_time", "end_time"):
            move(url, moved, "2026-11-26T13:15:40Z")
        assert store.find(**late).activities
        store.add(NIGHT)
        assert PROCESS not in store.find(**late).activities
        assert PROCESS in store.find(**early).activities


def move(url: str, column: str, time: str) -> None:
    """Change what the product states of a time."""
    with closing(Database(url)) as found, found.engine.connect() as connection:
        instant = column.replace("time", "instant")
        values = {column: time, instant: microseconds(time)}
        connection.execute(update(element).where(element.c.kind == ACTIVITY).values(values))
        connection.commit()


def test_a_document_records_an_activity_that_a_product_names(url: str, tmp_path: Path) -> None:
    """Its statements replace those of the product, as those of a log do."""
    document = tmp_path / "night.json"
    provlog.write(provlog.read(NIGHT), document)
    for sources in ([document, PRODUCT], [PRODUCT, document]):
        graph = provlog.read(*sources)
        assert graph.activities.keys() == provlog.read(NIGHT).activities.keys()
        assert not graph.diagnostics
        assert graph.activities[PROCESS].end == "2026-11-26T13:15:27.961Z"
        with Store(url) as store:
            store.add(*sources)
            assert store.graph().to_prov() == graph.to_prov()
            store.remove(*sources)


def usage(path: Path, role: str | None) -> Path:
    """Write a log of one usage."""
    activity, entity = ACTIVITIES[0], PRODUCTS[0]
    roles = {} if role is None else {"used_role": role}
    records = [
        line(activity_id=activity, name="fit", startTime=T1),
        line(activity_id=activity, used_id=entity, **roles),
        line(activity_id=activity, endTime=T2),
    ]
    path.write_text("\n".join(records) + "\n")
    return path


def test_a_role_in_another_log(url: str, tmp_path: Path) -> None:
    """One log states a usage without the role that another log states; documents keep both."""
    logs = [usage(tmp_path / "a.log", None), usage(tmp_path / "b.log", "events")]
    logs.append(tmp_path / "a.json")
    provlog.write(provlog.read(logs[0]), logs[-1])
    with Store(url) as store:
        for count, sources in ((1, logs[:2]), (2, logs), (2, logs[1:])):
            store.add(*sources)
            graph = provlog.read(*sources)
            assert store.graph(*sources).to_prov() == graph.to_prov()
            assert len(graph.relations["used"]) == count
        [fit] = store.graph().activities
        for found in (store.lineage(fit), store.graph()):
            assert {use.role for use in found.relations["used"]} == {None, "events"}
        store.remove(logs[-1])
        assert {use.role for use in store.lineage(fit).relations["used"]} == {"events"}


def test_a_role_in_a_document_counts_for_documents_only(url: str, tmp_path: Path) -> None:
    logs = [usage(tmp_path / "plain.log", None), usage(tmp_path / "role.log", "events")]
    document = tmp_path / "role.json"
    provlog.write(provlog.read(logs[1]), document)
    with Store(url) as store:
        store.add(logs[0], document)
        assert {use.role for use in store.graph().relations["used"]} == {None, "events"}
        assert store.graph().to_prov() == provlog.read(logs[0], document).to_prov()


def test_a_log_decides_between_two_times_also_in_a_lineage(url: str, tmp_path: Path) -> None:
    """Whatever was added first: reading unites documents with the graph of all logs."""
    log = usage(tmp_path / "a.log", "events")
    graph = provlog.read(log)
    [activity] = graph.activities.values()
    activity.end = "2020-01-01T00:00:09"
    document = tmp_path / "a.json"
    provlog.write(graph, document)
    with Store(url) as store:
        for order in ([document, log], [log, document]):
            store.add(*order)
            expected = provlog.read(*order)
            assert store.graph().to_prov() == expected.to_prov()
            found = store.lineage(activity.id)
            assert found.activities[activity.id].end == "2020-01-01T00:00:02"
            start = expected.activities[activity.id]
            assert found.to_prov() == lineage(expected, [start]).to_prov()
            store.remove(*order)


def test_a_document_that_only_names_an_activity_replaces_nothing(url: str, tmp_path: Path) -> None:
    document = tmp_path / "bare.provn"
    document.write_text(
        f"document\n  prefix log <urn:provlog:log:>\n  activity({PROCESS}, -, -)\nendDocument\n"
    )
    with Store(url) as store:
        for order in ([document, PRODUCT], [PRODUCT, document]):
            store.add(*order)
            found = store.graph()
            assert found.activities[PROCESS].label == "ctapipe-process"
            assert found.to_prov() == provlog.read(*order).to_prov()
            store.remove(*order)


@pytest.mark.parametrize("order", [(0, 2, 1), (2, 0, 1), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
def test_a_product_with_several_digests(database: Database, order: tuple[int, ...]) -> None:
    """A document knows it by one digest, a log by two, and a third source links both."""
    # The store keeps the one that it numbered first: it sorts new names.
    one, other = "f57b007a" * 5, "5cff8ba4" * 8
    linked = {"log:hash": other, "log:hash_type": "sha256", "log:sha1": one}
    makes: list[Event] = [
        SessionStarted(origin(0, "s"), "s", time(0), None, {}),
        ActivityStarted(origin(0, "s"), ACTIVITIES[0], time(0), None, {}),
        EntityGenerated(origin(0, "s"), ACTIVITIES[0], other, "DL1 Event"),
    ]
    names: list[Event] = [
        MakerNamed(origin(1), one, ACTIVITIES[0], time(0), time(0, 4), {"prov:label": "x"}),
        EntityDescribed(origin(1), other, {"prov:label": "x.h5"}),
    ]
    sources: list[list[Event]] = [makes, names, [EntityDescribed(origin(2), other, linked)]]
    documents = [n == 0 for n in order]
    logs = [[LogStarted(origin(n), f"log{n}"), *sources[n]] for n in order]
    if order.index(2) < order.index(1):
        expected = read_together(logs, documents)
        assert [made.role for made in expected.relations["wasGeneratedBy"]] == ["DL1 Event"]
    for found in through(database, logs, documents):
        assert [made.role for made in found.relations["wasGeneratedBy"]] == ["DL1 Event"]
        assert len(found.entities) == 1
