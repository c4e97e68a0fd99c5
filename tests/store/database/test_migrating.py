"""Stores of older and newer versions, and databases that are no stores."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

import provlog
from provlog.errors import InputError, UsageError
from provlog.graphs.bundles import in_bundles
from provlog.store.database import migrating
from provlog.store.database.connection import Database
from provlog.store.database.migrating import upgrade_store
from provlog.store.database.schema import METADATA
from provlog.store.store import Store
from tests.cli.test_cli import run
from tests.readers.ctapipe.ctapipe_logs import NIGHT, PRODUCT
from tests.samples import LOGS, SAMPLES
from tests.test_layout import ROOT

# The tables since version 4.
LATER = ("second_hand", "document", "definition", "defined_name", "defined_session")
OPUS = ROOT / "tests" / "data" / "opus"


@pytest.mark.filterwarnings("ignore:.*reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:.*autogenerate skipping")
def test_the_migrations_make_the_tables_of_the_schema(url: str) -> None:
    Store(url).close()
    with closing(Database(url)) as database, database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        views = {"relation", "statement"}
        found = [
            change
            for change in compare_metadata(context, METADATA)
            if change[0] not in {"add_index", "remove_index"}
            and getattr(change[1], "name", "") not in views
        ]
        assert found == []


def test_an_old_store_is_refused_until_it_is_upgraded(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store of version 1, with provenance in it."""
    with Store(url) as store:
        store.add(*LOGS[:4])
    with closing(Database(url)) as database, database.engine.connect() as connection:
        # What version 1 did not have.
        for table in (
            "entity_digest", "registered_file", "file_digest", "file_location", "second_hand",
            "document", "definition", "defined_name", "defined_session",
        ):  # fmt: skip
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("UPDATE alembic_version SET version_num = 'v1'"))
        connection.commit()
    for create in (True, False):
        with pytest.raises(InputError, match=r"version v1.*provlog store upgrade"):
            Store(url, create=create)
    assert upgrade_store(url) == ("v1", migrating.HEAD)
    assert "already" in run("store", "upgrade", "--store", url).errors
    with Store(url) as store:
        assert store.graph().to_prov() == provlog.read(*LOGS[:4]).to_prov()
        store.add(LOGS[4])


def test_lineages_of_an_upgraded_store_follow_bundles(url: str, tmp_path: Path) -> None:
    """A store of version 2, which did not."""
    graph = provlog.read(SAMPLES / "gammapy-2020-04.log")
    document = tmp_path / "bundles.json"
    provlog.write(in_bundles(graph), document)
    result = next(made.source for made in graph.relations["wasGeneratedBy"])
    with Store(url) as store:
        store.add(document)
        expected = store.lineage(result.id).to_prov()
    with closing(Database(url)) as database, database.engine.connect() as connection:
        for table in LATER:
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("UPDATE link SET is_followed = FALSE WHERE bundle IS NOT NULL"))
        connection.execute(text("UPDATE alembic_version SET version_num = 'v2'"))
        connection.commit()
    assert upgrade_store(url) == ("v2", migrating.HEAD)
    with Store(url) as store:
        assert len(store.lineage(result.id).activities) == 1
        [added] = store.add(document)
        assert added.status == "replaced"
        assert store.lineage(result.id).to_prov() == expected


def test_an_upgraded_store_learns_what_gives_way_and_what_describes(url: str) -> None:
    """A store of version 3 had neither; the next ``store add`` reads these logs again."""
    sources = [
        PRODUCT, NIGHT, OPUS / "gammapy_crab_vot.xml", OPUS / "gammapy_crab-b213a3.uws.xml",
        SAMPLES / "provlog-gammapy.log",
    ]  # fmt: skip
    with Store(url) as store:
        store.add(*sources, LOGS[0])
    with closing(Database(url)) as database, database.engine.connect() as connection:
        for table in LATER:
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("UPDATE alembic_version SET version_num = 'v3'"))
        connection.commit()
    assert upgrade_store(url) == ("v3", migrating.HEAD)
    with Store(url) as store:
        for path in sources:
            assert store.graph(path).to_prov() == provlog.read(path).to_prov()
        assert not store.graph(*sources[2:4]).descriptions.described
        statuses = [one.status for one in store.add(*sources, LOGS[0])]
        assert statuses == [*["replaced"] * 5, "unchanged"]
        assert store.graph(*sources).to_prov() == provlog.read(*sources).to_prov()


def test_a_newer_store_is_refused(url: str) -> None:
    Store(url).close()
    with closing(Database(url)) as database, database.engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'v99'"))
        connection.commit()
    for refused in (lambda: Store(url), lambda: upgrade_store(url)):
        with pytest.raises(InputError, match="use a newer provlog"):
            refused()


def test_tables_of_another_program_are_left_alone(url: str) -> None:
    with closing(Database(url)) as database, database.engine.connect() as connection:
        connection.execute(text("CREATE TABLE mine (x INTEGER)"))
        connection.commit()
    with pytest.raises(UsageError, match="another program"):
        Store(url)
    with pytest.raises(InputError, match="not a"):
        upgrade_store(url)
