"""Create the tables of a store and upgrade those of an older version, with Alembic."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, func, inspect, select

from provlog.errors import InputError, UsageError
from provlog.store.database.connection import POSTGRESQL, Database

__all__ = ["HEAD", "check_version", "upgrade", "upgrade_store", "version_of"]

HEAD = "v4"
"""The version of the tables that this provlog reads and writes."""

_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32)))
# Two processes that create one store at the same time take turns.
_LOCK = 0x70726F76


def version_of(connection: Connection) -> str | None:
    """Return the version of the tables; ``None`` without tables."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.scalar(select(_VERSION.c.version_num))


def check_version(connection: Connection, name: str) -> None:
    """Raise unless a store has the tables of this version.

    Raises
    ------
    InputError
        If it is not a store, or has another version.
    """
    version = version_of(connection)
    if version == HEAD:
        return
    if version is None:
        raise InputError(f"{name}: is not a store of provlog; make one with: provlog store add")
    if version in _versions():
        raise InputError(
            f"{name}: is a store of version {version}, this provlog needs {HEAD}: "
            "upgrade it with: provlog store upgrade"
        )
    raise InputError(
        f"{name}: is a store of version {version}, which this provlog does not know "
        f"(its own is {HEAD}): use a newer provlog"
    )


def _versions() -> list[str]:
    return sorted(path.stem for path in _FOLDER.joinpath("versions").glob("v[0-9]*.py"))


_FOLDER = Path(__file__).parent / "migrations"


def upgrade(database: Database, *, create: bool = True, old: bool = True) -> tuple[str | None, str]:
    """Create or upgrade the tables of a store, and return the versions before and after.

    Parameters
    ----------
    database : Database
        The store.
    create : bool, optional
        Whether to create tables in an empty database.
    old : bool, optional
        Whether to upgrade tables of an older version.

    Raises
    ------
    InputError
        If the database holds other tables, or would have to be created or upgraded.
    """

    def change(connection: Connection) -> tuple[str | None, str]:
        if database.backend == POSTGRESQL:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        version = version_of(connection)
        if version == HEAD:
            return HEAD, HEAD
        if version is None:
            if not create:
                check_version(connection, database.name)
            if inspect(connection).get_table_names():
                raise UsageError(
                    f"{database.name}: holds tables of another program: name another database"
                )
        elif not old or version not in _versions():
            check_version(connection, database.name)
        _migrate(connection)
        return version, HEAD

    return database.write(change)


def _migrate(connection: Connection) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    from provlog.store.database.views import create_views, drop_views

    drop_views(connection)
    script = ScriptDirectory(str(_FOLDER))
    with EnvironmentContext(Config(), script) as environment:
        environment.configure(
            connection=connection,
            fn=lambda version, _: script._upgrade_revs(HEAD, version),
        )
        environment.run_migrations()
    create_views(connection)


def upgrade_store(store: str | os.PathLike[str]) -> tuple[str | None, str]:
    """Upgrade a store of an older version, and return the versions before and after.

    Raises
    ------
    InputError
        If there is no store, or its version is newer.
    """
    database = Database(store)
    try:
        if database.path is not None and not os.path.exists(database.path):
            raise InputError(f"{database.path}: no such store; create it with: provlog store add")
        return upgrade(database, create=False)
    finally:
        database.close()
