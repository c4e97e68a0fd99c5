"""Whatever stops an ingest, the store stays consistent and the same command completes it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

import provlog
from provlog.errors import InputError, OutputError
from provlog.store.database.connection import Database
from provlog.store.database.schema import (
    defined_name,
    defined_session,
    definition,
    document,
    element,
    link,
    log,
    mention,
    parameter,
    second_hand,
)
from provlog.store.store import Store
from tests.readers.ctapipe.ctapipe_logs import PRODUCT
from tests.samples import LOGS, SAMPLES
from tests.store.ingest.test_adding import content, same
from tests.store.server import Server, programs, running_server
from tests.test_layout import ROOT


def check_consistent(url: str) -> None:
    """Every log is there whole, and nothing refers to what is not there."""
    with closing(Database(url)) as database, database.engine.connect() as connection:
        if database.backend == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        elements = select(element.c.key)
        for column in (mention.c.element, parameter.c.element, second_hand.c.element):
            assert not connection.scalars(select(column).where(column.not_in(elements))).all()
        of_logs = (mention, link, second_hand, document, definition, defined_name, defined_session)
        for column in (table.c.log for table in of_logs):
            assert not connection.scalars(
                select(column).where(column.not_in(select(log.c.key)))
            ).all()
        mentioned = select(mention.c.element)
        assert not connection.scalars(elements.where(element.c.key.not_in(mentioned))).all()
        for key, statements in connection.execute(select(log.c.key, log.c.statements)):
            found = sum(
                connection.scalar(select(func.count()).select_from(table).where(table.c.log == key))
                or 0
                for table in (mention, link)
            )
            assert found == statements


def add_in_child(url: str, paths: list[str]) -> int:
    """Add logs in a child process that has all modules already, and return its id."""
    child = os.fork()
    if child == 0:
        try:
            with Store(url) as store:
                store.add(*paths)
            os._exit(0)
        finally:
            os._exit(1)
    return child


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="signals of POSIX")
def test_killed_at_any_moment(url: str, tmp_path: Path) -> None:
    """A process is killed 50 times while it adds logs; another one completes the work."""
    random.seed(17)
    opus = ROOT / "tests" / "data" / "opus"
    jobs = opus / "gammapy_crab_vot.xml", opus / "gammapy_crab-b213a3.uws.xml"
    paths = [str(path) for path in (*LOGS[:4], *jobs, PRODUCT, SAMPLES / "provlog-gammapy.log")]
    undisturbed = str(tmp_path / "undisturbed.db")
    Store(url).close()
    begun = time.monotonic()
    assert os.waitpid(add_in_child(undisturbed, paths), 0)[1] == 0
    whole = min(time.monotonic() - begun, 0.5)
    killed = 0
    while killed < 50:
        child = add_in_child(url, paths)
        time.sleep(random.uniform(0, whole))
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        if os.WIFSIGNALED(status):
            killed += 1
            check_consistent(url)
        if random.random() < 0.3 or not os.WIFSIGNALED(status):
            # Begin again, from nothing or from some logs.
            with Store(url) as store:
                store.remove(*random.sample(paths, random.choice([len(paths), 3])))
    assert os.waitpid(add_in_child(url, paths), 0)[1] == 0
    check_consistent(url)
    assert content(url) == content(undisturbed)


def test_a_failure_within_a_transaction(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(url) as store:
        store.add(LOGS[0])
        before = content(url)

        def fail(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr("provlog.store.ingest.statements.GraphRows.links", fail)
            with pytest.raises(KeyboardInterrupt):
                store.add(LOGS[1])
        assert content(url) == before
        store.add(LOGS[1])
        assert same(store.graph(), provlog.read(*LOGS[:2]))


def test_a_full_disk(tmp_path: Path) -> None:
    path = str(tmp_path / "prov.db")
    with Store(path) as store:
        store.add(LOGS[0])
        before = content(path)
        with store._database.engine.connect() as connection:
            pages = connection.execute(text("PRAGMA page_count")).scalar() or 0
        # SQLite reports a limit of its own as it reports a full disk.
        from sqlalchemy import event

        @event.listens_for(store._database.engine, "begin")
        def limit(connection: object) -> None:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")  # type: ignore[attr-defined]

        with pytest.raises(OutputError, match=r"prov.db: cannot be written: .*full"):
            store.add(SAMPLES / "lstosa-0.9.5.log")
    check_consistent(path)
    assert content(path) == before


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_read_only_file_can_be_read() -> None:
    # The folders of pytest are closed to other users, and so may be that of the checkout.
    folder = Path(tempfile.mkdtemp())
    path = str(folder / "prov.db")
    log = shutil.copy(LOGS[1], folder)
    with Store(path) as store:
        store.add(LOGS[0])
    program = (
        "import sys, os, provlog\n"
        # Root may write everything; another user may not be able to import the modules.
        "with provlog.Store(':memory:') as other: other.add(sys.argv[2]); other.graph()\n"
        "if os.geteuid() == 0: os.seteuid(65534)\n"
        "store = provlog.Store(sys.argv[1], create=False)\n"
        "print(store.graph())\n"
        "try: store.add(sys.argv[2])\n"
        "except provlog.ProvlogError as error: print(type(error).__name__, error)\n"
    )
    os.chmod(path, 0o444)
    os.chmod(folder, 0o555)
    shown = subprocess.run(
        [sys.executable, "-c", program, path, log],
        text=True, capture_output=True, check=False,
    )  # fmt: skip
    shutil.rmtree(folder)
    lines = shown.stdout.splitlines()
    assert lines[0].startswith("<ProvGraph: 0 sessions, 5 activities"), shown
    assert lines[1].startswith("OutputError"), shown
    assert "readonly" in lines[1] or "read-only" in lines[1]


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that a test may stop."""
    bin = programs()
    if bin is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with running_server(bin) as running:
        yield running


def test_a_server_that_goes_away(own_server: Server) -> None:
    url = own_server.new_database()
    with Store(url) as store:
        store.add(LOGS[0])
        own_server.control("-m", "immediate", "stop")
        with pytest.raises(InputError, match="cannot be read"):
            store.graph()
        with pytest.raises((InputError, OutputError), match="cannot be"):
            store.add(LOGS[1])
        own_server.start()
        store.add(LOGS[1])
        assert same(store.graph(), provlog.read(*LOGS[:2]))
