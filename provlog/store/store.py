"""A store: the provenance of many logs in one database."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any, Self

from sqlalchemy import Connection, select

from provlog.errors import InputError, UsageError
from provlog.files.digest import local_copy
from provlog.model.graph import ProvGraph
from provlog.store.database.connection import DEFAULT, Database
from provlog.store.database.interning import names_of
from provlog.store.database.migrating import check_version, upgrade
from provlog.store.database.schema import log
from provlog.store.ingest.adding import Added, Adding, add_log, log_name
from provlog.store.ingest.logs import LogEntry, find_log, remove_log
from provlog.store.queries.conditions import condition
from provlog.store.queries.describing import described_elements, described_logs
from provlog.store.queries.lineage import before_the_last, reached
from provlog.store.queries.lookup import find_one
from provlog.store.queries.search import find_activities, session_keys, touching
from provlog.store.registry import (
    Registered,
    check_location,
    file_digests,
    ids_of_file,
    locations,
    place_of,
    register,
    set_state,
)

__all__ = ["Added", "Registered", "Store"]

Path = str | os.PathLike[str]


class Store:
    """The provenance of many logs in one database.

    Parameters
    ----------
    store : str or path, optional
        The path of a file of SQLite, or ``postgresql://HOST/DATABASE``.
    create : bool, optional
        Whether to create the store if it does not exist.

    Raises
    ------
    InputError
        If the store does not exist and is not to be created, or has another version.
    UsageError
        If the URL is invalid, or the database has tables of another program.
    MissingExtraError
        If the driver of the database is not installed.

    Examples
    --------
    >>> with Store(":memory:") as store:
    ...     [added] = store.add("sample_logs/presentation-excerpt.log")
    ...     graph = store.graph()
    >>> added.status, added.statements
    ('added', 12)
    >>> graph
    <ProvGraph: 0 sessions, 1 activities, 6 entities, 0 agents, 5 relations>
    """

    def __init__(self, store: Path = DEFAULT, *, create: bool = True) -> None:
        self._database = Database(store)
        path = self._database.path
        if not create and path is not None and not os.path.exists(path):
            raise InputError(f"{path}: no such store; make one with: provlog store add")
        try:
            self._open(create)
        except BaseException:
            self.close()
            raise

    def _open(self, create: bool) -> None:
        if create:
            upgrade(self._database, old=False)
        else:
            with self._database.reading() as connection:
                check_version(connection, self.name)

    @property
    def name(self) -> str:
        """The path, or the URL without the password."""
        return self._database.name

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._database.close()

    def add(
        self,
        *paths: Path,
        namespaces: Mapping[str, str] | None = None,
        reader: str | None = None,
        definitions: Path | None = None,
        force: bool = False,
        progress: Callable[[str, int], None] | None = None,
    ) -> list[Added]:
        """Add logs, each in a transaction of its own.

        Parameters
        ----------
        *paths : path
            Logs or other sources of provenance, by path or URL.
        namespaces : mapping, optional
            IRIs by prefix, as in :func:`provlog.read`.
        reader : str, optional
            The name of the reader for all logs. By default, it is detected for each log.
        definitions : path, optional
            A definition file, which takes precedence over definitions in the logs.
        force : bool, optional
            Whether to read unchanged logs again.
        progress : callable, optional
            Receives a log's name and the number of bytes of it that have been read.

        Returns
        -------
        list of Added
            One for each log.

        Raises
        ------
        InputError
            If a log cannot be read. The earlier logs are then in the store.
        OutputError
            If the store cannot be written.
        """
        adding = Adding(
            namespaces=dict(namespaces or {}),
            reader=reader,
            definitions=None if definitions is None else os.path.abspath(definitions),
            force=force,
        )
        return [add_log(self._database, adding, os.fspath(path), progress) for path in paths]

    def remove(self, *paths: Path) -> list[str]:
        """Remove logs and everything that only they state; return the logs not in the store.

        Parameters
        ----------
        *paths : path
            The logs, as they were added.

        Raises
        ------
        OutputError
            If the store cannot be written.
        """
        names = [log_name(os.fspath(path)) for path in paths]
        return [name for name in names if not self._database.write(partial(remove_log, name=name))]

    def logs(self) -> list[LogEntry]:
        """Return the logs in the store, in the order in which they were first added."""
        columns = [log.c[name] for name in LogEntry.__struct_fields__]
        with self._database.reading() as connection:
            rows = connection.execute(select(*columns).order_by(log.c.key))
            return [LogEntry(*row) for row in rows]

    def graph(self, *paths: Path) -> ProvGraph:
        """Return the graph of logs, equal to that of reading them together.

        Parameters
        ----------
        *paths : path
            The logs, as they were added; by default all logs of the store.

        Raises
        ------
        InputError
            If the store cannot be read, or holds no log.
        UsageError
            If a log is not in the store.
        """
        with self._database.reading() as connection:
            keys = [self._key(connection, log_name(os.fspath(path))) for path in paths]
            if not paths:
                keys = [*connection.scalars(select(log.c.key).order_by(log.c.key))]
            if not keys:
                raise InputError(f"{self.name}: holds no log yet; add some: provlog store add")
            return described_logs(connection, keys)

    def _key(self, connection: Connection, name: str) -> int:
        found = find_log(connection, name)
        if found is None:
            raise UsageError(f"{name}: is not in the store {self.name}; see provlog store info")
        return int(found.key)

    def find(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        sessions: Collection[str] = (),
        activities: Collection[str] = (),
        parameters: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        limit: int | None = None,
    ) -> ProvGraph:
        """Return the activities that match all criteria, with everything directly related.

        Parameters
        ----------
        since, until : str, optional
            ISO 8601 times; select the activities that ran at any time between them.
        sessions : collection of str
            Ids, names or labels of sessions.
        activities : collection of str
            Names or ids of activities.
        parameters : mapping or iterable of tuple
            Conditions by the name of a parameter: a text, or an operator and a number,
            with or without a unit, such as ``>1 TeV``.
        limit : int, optional
            The maximal number of activities.

        Returns
        -------
        ProvGraph
            The activities, the entities that they used and generated, their sessions and
            agents, as :func:`provlog.graphs.select.select` returns them from a graph.

        Raises
        ------
        UsageError
            If a criterion is invalid, or no activity matches.

        Examples
        --------
        >>> with Store(":memory:") as store:
        ...     _ = store.add("sample_logs/gammapy-2020-04.log")
        ...     graph = store.find(activities=["run_fit"], since="2020-04")
        >>> sorted({activity.label for activity in graph.activities.values()})
        ['gammapy.analysis.core.Analysis', 'run_fit']
        """
        items = parameters.items() if isinstance(parameters, Mapping) else parameters
        conditions = [condition(name, text) for name, text in items]
        with self._database.reading() as connection:
            found = find_activities(
                connection,
                since=since,
                until=until,
                sessions=sessions,
                activities=activities,
                parameters=conditions,
                limit=limit,
            )
            if not found:
                raise UsageError(f"no activity in the store {self.name} matches the selection")
            only_sessions = sessions and not (since or until or activities or conditions)
            whole = session_keys(connection, sessions) if only_sessions else []
            touched = touching(connection, found, whole)
            return described_elements(connection, touched, lambda: found)

    def lineage(
        self,
        name: str,
        *,
        upstream: bool = True,
        downstream: bool = False,
        depth: int | None = None,
        usage_types: Collection[str] = (),
        no_usage_types: Collection[str] = (),
    ) -> ProvGraph:
        """Return the upstream or downstream lineage of an entity or activity.

        The database follows the relations, so that only the result is read.

        Parameters
        ----------
        name : str
            An id, label, location, file name or role, or a pattern.
        upstream, downstream : bool, optional
            The directions to follow.
        depth : int, optional
            The maximal number of relations to follow.
        usage_types, no_usage_types : collection of str, optional
            The types of usages and generations to follow, and to skip.

        Raises
        ------
        UsageError
            If nothing or more than one element has the name.

        Examples
        --------
        >>> with Store(":memory:") as store:
        ...     _ = store.add("sample_logs/presentation-excerpt.log")
        ...     store.lineage("get_observations")
        <ProvGraph: 0 sessions, 1 activities, 1 entities, 0 agents, 1 relations>
        """
        return self.lineage_of(
            name,
            upstream=upstream,
            downstream=downstream,
            depth=depth,
            usage_types=usage_types,
            no_usage_types=no_usage_types,
        )[0]

    def lineage_of(self, name: str, **options: Any) -> tuple[ProvGraph, str]:
        """Return the result of :meth:`lineage`, and the id of the element that it starts from."""
        with self._database.reading() as connection:
            start = find_one(connection, name, ids_of_file)
            ids = reached(connection, [start], **options)
            above = partial(before_the_last, connection, [start], **options)
            graph = described_elements(connection, ids, above)
            return graph, names_of(connection, [start])[start]

    def register(self, *paths: Path) -> list[Registered]:
        """Enter files by their content, with the places where they are.

        Parameters
        ----------
        *paths : path
            The files, by path or URL.

        Returns
        -------
        list of Registered
            One for each file, with the entities of the store that have its content.

        Raises
        ------
        InputError
            If a file cannot be read.
        OutputError
            If the store cannot be written.

        Examples
        --------
        >>> with Store(":memory:") as store:
        ...     [file] = store.register("sample_logs/presentation-excerpt.log")
        >>> file.state, file.size, sorted(file.digests)
        ('present', 1572, ['md5', 'sha1', 'sha256'])
        """
        places = []
        for given in paths:
            path = os.fspath(given)
            place = place_of(path)
            with local_copy(path) as local:
                size, digests = file_digests(local)
            change = partial(register, location=place, size=size, digests=digests)
            self._database.write(change)
            places.append(place)
        return self.files(*places)

    def files(self, *paths: Path) -> list[Registered]:
        """Return the places of registered files: all, or those named."""
        wanted = [place_of(os.fspath(path)) for path in paths]
        with self._database.reading() as connection:
            return [*locations(connection, wanted)]

    def verify(self, *paths: Path) -> list[Registered]:
        """Check whether registered files still exist and have the same content.

        Parameters
        ----------
        *paths : path
            The places to check; all if none is named.

        Returns
        -------
        list of Registered
            The checked places with their states, which the store keeps.
        """
        known = self.files(*paths)
        for file in known:
            state = check_location(file)
            self._database.write(partial(set_state, location=file.location, state=state))
        return self.files(*(file.location for file in known)) if known else []
