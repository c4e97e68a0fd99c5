"""The views have the names, columns and rows of the IVOA's tables."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

import provlog
from provlog.graphs.tables.rows import table_rows
from provlog.model.tables import MODEL_TABLES
from provlog.store.database.connection import Database
from provlog.store.store import Store
from tests.samples import SAMPLES

DATA = Path(__file__).parent.parent.parent / "data" / "ivoa"
LOG = SAMPLES / "provlog-gammapy.log"
FULL = DATA / "example-1.0-proposal.vot.xml"


@pytest.mark.parametrize("source", [LOG, FULL, SAMPLES / "lstosa-0.9.5.log"])
def test_the_views_hold_the_rows_of_the_tables(url: str, source: Path) -> None:
    with Store(url) as store:
        store.add(source)
    graph = provlog.read(source)
    expected = {
        rows.table.sql_name: sorted(zip(*rows.columns, strict=True))
        for rows in table_rows(graph, graph.descriptions, graph.namespaces)
        if rows.table.name in MODEL_TABLES
    }
    database = Database(url)
    with closing(database), database.engine.connect() as connection:
        for table in MODEL_TABLES.values():
            names = [column["name"] for column in inspect(connection).get_columns(table.sql_name)]
            columns = [column.name for column in table.columns]
            assert names[: len(columns)] == columns
            query = text(f"SELECT {', '.join(columns)} FROM {table.sql_name}")
            found = sorted(tuple(cell or "" for cell in row) for row in connection.execute(query))
            assert found == expected.get(table.sql_name, []), table.name


def test_an_entity_of_several_logs_has_one_row(url: str, tmp_path: Path) -> None:
    """A column that is missing in one log comes from another one."""
    digest = "d41d8cd98f00b204e9800998ecf8427e"
    for name, more in (("a", "'name': 'Events'"), ("b", "'location': '/data/e.fits'")):
        log = tmp_path / f"{name}.log"
        log.write_text(f"_PROV_2020-01-01T00:00:01_PROV_{{'entity_id': '{digest}', {more}}}\n")
    with Store(url) as store:
        store.add(tmp_path / "a.log", tmp_path / "b.log")
    database = Database(url)
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT name, location FROM entity")).all()
        assert [*map(tuple, rows)] == [("Events", "/data/e.fits")]
        origins = connection.execute(text("SELECT log, line FROM statement ORDER BY log")).all()
        assert [*map(tuple, origins)] == [
            (str(tmp_path / "a.log"), 1), (str(tmp_path / "b.log"), 1)
        ]  # fmt: skip
    database.close()
