"""Registered files: known by their content, with all places where they are."""

from __future__ import annotations

import hashlib
import mimetypes
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from msgspec import Struct
from sqlalchemy import Connection, insert, select, update

from provlog.errors import InputError
from provlog.files.digest import local_copy
from provlog.files.source import readable
from provlog.store.database.interning import list_of, names_of
from provlog.store.database.schema import file_digest, file_location, has_text, registered_file
from provlog.store.ingest.adding import log_name
from provlog.store.ingest.contents import ids_with_digests

__all__ = [
    "ALGORITHMS", "PRESENT", "Registered", "check_location", "file_digests", "ids_of_file",
    "locations", "place_of", "register", "set_state",
]  # fmt: skip

ALGORITHMS = ("sha256", "sha1", "md5")
"""The algorithms of the digests by which logs identify files."""

PRESENT, MISSING, CHANGED = "present", "missing", "changed"

_PIECE = 1 << 20
_TYPES = {".fits": "application/fits", ".h5": "application/x-hdf5", ".hdf5": "application/x-hdf5"}


class Registered(Struct, frozen=True):
    """A place of a registered file.

    Parameters
    ----------
    location : str
        Its absolute path or URL.
    state : str
        ``present``, ``missing`` or ``changed``, when it was checked.
    checked : str
        When it was checked, as ``xsd:dateTime``.
    size : int
        The size of the file when it was registered.
    media_type : str, optional
        Its media type, from its name.
    digests : dict
        Its digests by algorithm.
    entities : tuple of str
        The entities of the store that are this file.
    """

    location: str
    state: str
    checked: str
    size: int
    media_type: str | None
    digests: dict[str, str]
    entities: tuple[str, ...] = ()


def file_digests(path: str) -> tuple[int, dict[str, str]]:
    """Return the size of a file and its digests by algorithm.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    found = {name: hashlib.new(name, usedforsecurity=False) for name in ALGORITHMS}
    size = 0
    with readable(path), open(path, "rb") as stream:
        while piece := stream.read(_PIECE):
            size += len(piece)
            for digest in found.values():
                digest.update(piece)
    return size, {name: digest.hexdigest() for name, digest in found.items()}


def register(connection: Connection, location: str, size: int, digests: dict[str, str]) -> None:
    """Enter a place of a file.

    Parameters
    ----------
    connection : Connection
        A connection that writes.
    location : str
        The absolute path or URL.
    size : int
        The size of the file.
    digests : dict
        Its digests by algorithm.
    """
    now = _now()
    digest = digests[ALGORITHMS[0]]
    file = connection.scalar(select(file_digest.c.file).where(file_digest.c.digest == digest))
    if file is None:
        suffix = os.path.splitext(location)[1].lower()
        media_type = _TYPES.get(suffix) or mimetypes.guess_type(location)[0]
        row = {"size": size, "media_type": media_type, "registered": now}
        [file] = connection.scalars(
            insert(registered_file).values(row).returning(registered_file.c.key)
        )
        rows = [{"digest": d, "algorithm": name, "file": file} for name, d in digests.items()]
        connection.execute(insert(file_digest), rows)
    held = {"file": file, "state": PRESENT, "checked": now}
    place = has_text(file_location.c.location, location)
    if not connection.execute(update(file_location).where(place).values(held)).rowcount:
        connection.execute(insert(file_location).values(location=location, **held))


def locations(connection: Connection, wanted: Sequence[str] = ()) -> Iterator[Registered]:
    """Yield the places of registered files, all or those named, in the order of registering."""
    query = select(file_location, registered_file.c.size, registered_file.c.media_type).join(
        registered_file, registered_file.c.key == file_location.c.file
    )
    rows = connection.execute(query.order_by(file_location.c.key)).all()
    rows = [row for row in rows if not wanted or row.location in wanted]
    digests: dict[int, dict[str, str]] = {}
    files = list_of(connection, {row.file for row in rows})
    for row in connection.execute(select(file_digest).where(file_digest.c.file.in_(files))):
        digests.setdefault(row.file, {})[row.algorithm] = row.digest
    for row in rows:
        held = digests.get(row.file, {})
        names = names_of(connection, ids_with_digests(connection, held.values()))
        yield Registered(
            row.location, row.state, row.checked, row.size, row.media_type, held,
            tuple(names.values()),
        )  # fmt: skip


def check_location(known: Registered) -> str:
    """Return the present state of a place: whether the file exists and has its digest."""
    try:
        with local_copy(known.location) as path:
            if os.path.getsize(path) != known.size:
                return CHANGED
            _, found = file_digests(path)
    except (InputError, OSError):
        return MISSING
    return PRESENT if found == known.digests else CHANGED


def set_state(connection: Connection, location: str, state: str) -> None:
    """Enter the state of a place."""
    place = has_text(file_location.c.location, location)
    held = {"state": state, "checked": _now()}
    connection.execute(update(file_location).where(place).values(held))


def place_of(path: str) -> str:
    """Return the absolute path or URL by which a place is registered."""
    return log_name(path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def ids_of_file(connection: Connection, name: str) -> list[int]:
    """Return the entities that a file on this machine is, by its content."""
    if not os.path.isfile(name):
        return []
    return ids_with_digests(connection, file_digests(name)[1].values())
