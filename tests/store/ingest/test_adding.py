"""Adding logs: once, again, grown, changed, removed, by several processes at once."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import provlog
from provlog.errors import InputError
from provlog.model.graph import ProvGraph
from provlog.store.database.connection import Database
from provlog.store.database.schema import ENTITY, METADATA, element, identifier, link, log, mention
from provlog.store.store import Store
from tests.samples import LOGS, SAMPLES, document
from tests.store.ingest.adding import add_at_once

LOG = SAMPLES / "gammapy-2020-04.log"
# How many samples are added.
COUNTS = [5, pytest.param(len(LOGS), marks=pytest.mark.slow)]


def content(url: str) -> dict[str, list[Any]]:
    """Return the rows of a store, with identifiers by name and without what time and order give."""
    with closing(Database(url)) as database, database.engine.connect() as connection:
        names = dict(connection.execute(select(identifier.c.key, identifier.c.name)).all())
        logs = dict(connection.execute(select(log.c.key, log.c.name)).all())

        def named(row: dict[str, Any]) -> str:
            for column in ("id", "source", "target", "session", "bundle", "flow"):
                if row.get(column) is not None:
                    row[column] = names[row[column]]
            if "attributes" in row and row["kind"] == ENTITY:
                # The session of whichever log was the first.
                del row["session"]
            if "attributes" in row:
                # Made of integers that depend on the order.
                del row["digest"]
            row["log"] = logs.get(row.get("log"))
            for column in ("key", "added", "element", "description", "description_set"):
                row.pop(column, None)
            return repr(sorted(row.items()))

        return {
            table.name: sorted(
                named(dict(row._mapping)) for row in connection.execute(select(table))
            )
            for table in (element, mention, link, log)
        }


def sizes(url: str) -> dict[str, int]:
    """Return the number of rows of each table."""
    with closing(Database(url)) as database, database.engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in METADATA.tables.values()
        }


def same(one: ProvGraph, other: ProvGraph) -> bool:
    return bool(one.to_prov() == other.to_prov())


@pytest.mark.parametrize("count", COUNTS)
def test_the_same_log_again_changes_nothing(url: str, count: int) -> None:
    logs = LOGS[:count]
    with Store(url) as store:
        store.add(*logs)
        before = sizes(url)
        assert {added.status for added in store.add(*logs)} == {"unchanged"}
        assert sizes(url) == before
        assert {added.status for added in store.add(*logs, force=True)} == {"replaced"}
        assert sizes(url) == before


def test_other_options_read_a_log_again(url: str) -> None:
    namespaces = {"log": "https://example.org/prov/"}
    with Store(url) as store:
        store.add(LOG)
        [added] = store.add(LOG, namespaces=namespaces)
        assert added.status == "replaced"
        assert same(store.graph(LOG), provlog.read(LOG, namespaces=namespaces))


def test_a_log_that_grew_adds_what_is_new(url: str, tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    lines = LOG.read_text().splitlines(keepends=True)
    with Store(url) as store:
        for number in (20, 60, len(lines)):
            path.write_text("".join(lines[:number]))
            [added] = store.add(path)
            assert added.status == ("added" if number == 20 else "grown")
            assert same(store.graph(), provlog.read(path))
    whole = content(url)
    with Store(url) as store:
        store.remove(path)
        store.add(path)
    assert content(url) == whole


def test_a_changed_log_replaces_its_own_statements(url: str, tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    with Store(url) as store:
        store.add(LOG)
        alone = sizes(url)
        for source in LOGS[:6]:
            shutil.copy(source, path)
            store.add(path)
            assert same(store.graph(path), provlog.read(path))
            assert same(store.graph(), provlog.read(LOG, path))
        assert store.remove(path) == []
        # Names and descriptions stay for the next log that has them.
        kept = ("element", "mention", "link", "activity_parameter", "log", "bundle")
        assert {name: sizes(url)[name] for name in kept} == {name: alone[name] for name in kept}
        assert same(store.graph(), provlog.read(LOG))


def test_a_log_without_provenance_changes_nothing(url: str, tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    shutil.copy(LOG, path)
    with Store(url) as store:
        store.add(path)
        path.write_text("nothing\n")
        [added] = store.add(path)
        assert (added.status, added.diagnostics[0].code) == ("empty", "PL002")
        assert same(store.graph(), provlog.read(LOG))
        path.unlink()
        with pytest.raises(InputError, match="no such file"):
            store.add(path)


def test_each_statement_has_its_line(url: str) -> None:
    """The positions are those that check reports."""
    excerpt = SAMPLES / "presentation-excerpt.log"
    with Store(url) as store:
        store.add(excerpt)
    with closing(Database(url)) as database, database.engine.connect() as connection:
        query = select(mention.c.line, element.c.local_id).join(
            element, element.c.key == mention.c.element
        )
        lines = {raw: line for line, raw in connection.execute(query)}
        text = excerpt.read_text().splitlines()
        for raw, line in lines.items():
            # A record's line is that of its marker; wrapped records go on.
            assert any(raw in part for part in text[line - 1 : line + 3]), raw
        assert all(connection.scalars(select(link.c.line)))


def test_conflicting_descriptions_are_reported(url: str, tmp_path: Path) -> None:
    digest = "d41d8cd98f00b204e9800998ecf8427e"
    paths = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.log"
        path.write_text(
            f"_PROV_2020-01-01T00:00:01_PROV_{{'entity_id': '{digest}', 'value': '{name}'}}\n"
        )
        paths.append(path)
    with Store(url) as store:
        store.add(*paths)
        graph = store.graph()
    assert [found.code for found in graph.diagnostics] == ["PL304"]
    [entity] = graph.entities.values()
    assert (entity.values("prov:value"), entity.values("log:value")) == (["a"], ["b"])


@pytest.mark.parametrize("count", COUNTS)
def test_processes_add_the_same_and_other_logs_at_once(
    url: str, count: int, tmp_path: Path
) -> None:
    """Also the tables are made by whoever comes first."""
    paths = [str(path) for path in LOGS[:count]]
    found = add_at_once(url, paths, paths[::-1], paths[count // 2 :] + paths[: count // 2])
    assert all(isinstance(statuses, list) for statuses in found), found
    statuses = [status for one in found for status in one]
    assert sorted(statuses) == ["added"] * count + ["unchanged"] * 2 * count
    other = str(tmp_path / "alone.db")
    with Store(other) as store:
        store.add(*paths)
    assert content(url) == content(other)
    with Store(url) as store:
        # In the order in which the store has got them.
        assert same(store.graph(), provlog.read(*(entry.name for entry in store.logs())))
        assert document(store.graph(LOG), "provn").count("\n") > 50
