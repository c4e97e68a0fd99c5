"""Databases that SQL attaches to a connection of sqlite3."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from provlog.capture import Capture
from provlog.run.libraries import sqlite
from tests.capture.records.test_opened_files import files

Connection = sqlite3.Connection


connect = sqlite._watching(sqlite3.connect)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for n, name in enumerate(("main", "other", "it's")):
        with closing(sqlite3.connect(f"{name}.db")) as connection, connection:
            connection.execute("create table t (x)")
            connection.execute("insert into t values (?)", (n,))


def by_text(connection: Connection) -> None:
    connection.execute("attach 'other.db' as o")
    assert connection.execute("select x from o.t").fetchall() == [(1,)]


def by_parameter(connection: Connection) -> None:
    connection.execute("attach ? as o", ("other.db",))
    assert connection.execute("select x from o.t").fetchall() == [(1,)]
    connection.execute("detach o")


def by_uri(connection: Connection) -> None:
    connection.execute("attach 'file:other.db?mode=ro' as o")
    connection.execute("select x from o.t").fetchall()


def change(connection: Connection) -> None:
    connection.execute('attach "other.db" as o')
    with connection:
        connection.execute("insert into o.t select x from main.t")


def change_by_parameter(connection: Connection) -> None:
    connection.execute("attach $path as o", {"path": "other.db"})
    with connection:
        connection.execute("insert into o.t select x from main.t")


def create(connection: Connection) -> None:
    connection.execute("attach 'new.db' as n")
    connection.execute("create table n.copy as select * from main.t")


def vacuum(connection: Connection) -> None:
    connection.execute("vacuum")
    connection.execute("vacuum into 'copy.db'")


def in_memory(connection: Connection) -> None:
    connection.execute("attach ':memory:' as m")
    connection.execute("attach '' as n")


def in_vain(connection: Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="unable to open database"):
        connection.execute("attach 'none/x.db' as o")


def data(connection: Connection) -> None:
    with connection:
        connection.execute("insert into t values ('attach ''other.db'' as o')")


@pytest.mark.parametrize(("act", "used", "generated"), [
    (by_text, {"other.db"}, set()),
    (by_parameter, {"other.db"}, set()),
    (by_uri, {"other.db"}, set()),
    (change, {"other.db"}, {"other.db"}),
    (change_by_parameter, {"other.db"}, {"other.db"}),
    (create, set(), {"new.db"}),
    (vacuum, set(), {"main.db", "copy.db"}),
    (in_memory, set(), set()),
    (in_vain, set(), set()),
    (data, set(), {"main.db"}),
])  # fmt: skip
@pytest.mark.parametrize("is_compiled", [True, False])
def test_attached_databases_are_files_of_the_activity(
    act: Callable[[Connection], None], used: set[str], generated: set[str], is_compiled: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    if not is_compiled:
        monkeypatch.setattr(sqlite, "_compiled", None)
    capture = Capture()
    with capture.activity("act"), closing(connect("main.db", uri=True)) as connection:
        act(connection)
    assert files(capture.graph())["act"] == (used | {"main.db"}, generated)


def test_the_authorizer_of_the_program_decides() -> None:
    asked: list[Any] = []

    def refuse(*question: Any) -> int:
        asked.append(question)
        return sqlite3.SQLITE_DENY

    capture = Capture()
    with capture.activity("act"), closing(connect(":memory:")) as connection:
        connection.set_authorizer(refuse)
        with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
            connection.execute("select 1")
        connection.set_authorizer(None)
        connection.execute("select 1")
    assert asked
    assert files(capture.graph())["act"] == (set(), set())


def test_a_class_of_the_program_keeps_its_authorizer() -> None:
    class Strict(Connection):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)

    with closing(connect("main.db", factory=Strict)) as connection:
        assert type(connection) is Strict
        with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
            connection.execute("select 1")


def test_the_connection_is_one_of_sqlite3() -> None:
    with closing(connect("main.db")) as connection:
        assert type(connection) is Connection
        connection.execute("select 1")
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("select 1")


@pytest.mark.skipif(sqlite._compiled is None, reason="signal handlers run in Python code")
def test_the_exception_of_a_signal_handler_reaches_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Timeout(Exception):  # noqa: N818
        pass

    def interrupt(*_: Any) -> None:
        raise Timeout

    def act(self: Any, action: int, name: str | None) -> bool:
        signal.raise_signal(signal.SIGUSR1)
        return False

    monkeypatch.setattr(sqlite._Watch, "act", act)
    before = signal.signal(signal.SIGUSR1, interrupt)
    done = 0
    try:
        with closing(connect(":memory:")) as connection:
            # Python calls the handler as soon as the statement has run.
            with pytest.raises(Timeout):
                done += connection.execute("attach 'other.db' as o") is not None
            assert connection.execute("select x from o.t").fetchall() == [(1,)]
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert done == 0
