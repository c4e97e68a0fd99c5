"""From what an activity used or generated to records of entities.

Each entity is described once a session, and again where there is something new to
say. An entity that has changed since it was last seen is another one, derived from
the one it was: an object in memory, the content of a file, the value of a variable
that a definition names.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from provlog.capture.files.paths import path_of_file
from provlog.definitions.scope import NOTHING, Follow, Names
from provlog.objects.classes import cached_by_class, short_name
from provlog.objects.data import CONTAINERS, SCALARS, data_in, is_number
from provlog.objects.identity_map import IdentityMap
from provlog.objects.literals import to_literal
from provlog.redaction import WITHHELD, is_secret_name

if TYPE_CHECKING:
    from provlog.capture.files.ids import FileId, FileIds
    from provlog.capture.records.object_ids import Identified, Identities, Known
    from provlog.capture.records.sessions import Latest, Session
    from provlog.capture.records.syntax import Burst
    from provlog.definitions.expressions import Expression
    from provlog.definitions.load import ItemDefinition

__all__ = ["Entities"]

# More entities than this are described again rather than cached_by_class.
_MOST_KNOWN = 200_000
_FILES = frozenset({"File", "FileCollection"})
_LONGEST_VALUE = 1000
_WITHHELD = f"'entity_value': {WITHHELD!r}, "


class _Found(Struct, frozen=True):
    """An entity: its id, what it was before, what a payload says of it, what is cached_by_class."""

    id: str
    before: str | None
    said: str
    known: Known | None = None
    # Another one in its place may have been made of it.
    may_follow: bool = False
    # Why it cannot be what the definition says.
    fault: str | None = None
    # It is another one as soon as anything in it is.
    is_state: bool = True


class Entities:
    """Writes the records of entities.

    Parameters
    ----------
    files : FileIds
        Gives the ids of files.
    identities : Identities
        Gives the ids of objects.
    """

    def __init__(self, files: FileIds, identities: Identities) -> None:
        self._files = files
        self._identities = identities
        # Those of all entities.
        self._ids: set[str] = set()
        # The id of what was last seen in a place.
        self._at: dict[str, str] = {}
        # What was last seen in the variables of an object.
        self._latest: IdentityMap[Latest] = IdentityMap()

    def identify(self, value: Any) -> Identified:
        """Return which object it is. It is told only once that it has changed."""
        return self._identities.of(value)

    def has(self, entity: str | None) -> bool:
        """Tell whether something with that id is an entity."""
        return entity in self._ids

    def has_seen(self, location: str) -> bool:
        """Tell whether the file at a place is an entity."""
        return location in self._at

    def object(
        self,
        value: Any,
        burst: Burst,
        name: str | None = None,
        identified: Identified | None = None,
        is_secret: bool = False,
    ) -> str:
        """Describe an object, unless its session knows it; return its id.

        Parameters
        ----------
        value : object
            The object.
        burst : Burst
            Takes the records.
        name : str, optional
            What it is called, if it is not as its class.
        identified : Identified, optional
            Which it is, if that was asked before.
        is_secret : bool
            Do not say what it is.
        """
        if identified is None:
            identified = self._identities.of(value)
        if name is not None or identified.id not in burst.activity.session.described:
            said = _said(name, "PythonObject") if name else _said_of_class(type(value))
            found = _of_object(value, identified, said, is_secret)
            is_container = type(value) in CONTAINERS
            if is_container and not self.has(found.before):
                # What it was may have been a parameter, and no entity.
                self._identities.written(identified.id, identified.known)
                found = replace(found, before=None)
            if self._describe(found, burst) and is_container:
                for _, item in data_in(value):
                    member = self.object(item, burst, is_secret=is_secret)
                    burst.describe(f"'entity_id': {identified.id!r}, 'member_id': {member!r}, ")
        elif identified.before is not None:
            self._identities.written(identified.id, identified.known)
        return identified.id

    def file(self, path: str, burst: Burst, name: str | None, is_generated: bool) -> str:
        """Describe a file or a folder of files; return its id."""
        file = self._files.of_file(path)
        name = name or os.path.basename(file.location) or file.location
        found = self._of_file(file, _said(name, _kind(file)), is_generated)
        self._describe(found, burst)
        return found.id

    def item(
        self, item: ItemDefinition, burst: Burst, names: Names, is_generated: bool
    ) -> str | None:
        """Describe what an item of a definition stands for, with members and progenitors.

        Returns
        -------
        str or None
            The entity's id; ``None`` if there is no such entity.
        """
        variable: Expression = item.value or item.location or item.id  # type: ignore[assignment]
        variables = self._variables(variable, burst.activity.session, names)
        latest, known = variables.get(variable.text, (None, None))
        # What is generated is another one, even if it equals the one before.
        latest_known = None if is_generated else known
        found = self._found(item, names.follow, is_generated, latest_known)
        if found is None:
            return None
        if found.fault is not None:
            names.complain((item.location or variable).text, found.fault)
            if is_generated or not found.id:
                return None
        if found.may_follow:
            variables[variable.text] = found.id, found.known
            if found.before is None and (item.overwrite or not is_generated):
                found = replace(found, before=latest)
        self._describe(found, burst)
        if item.has_members is not None:
            self._relate("member_id", found, item.has_members, burst, names, is_generated)
        if item.has_progenitors is not None:
            self._relate("progenitor_id", found, item.has_progenitors, burst, names)
        return found.id

    def _variables(self, variable: Expression, session: Session, names: Names) -> Latest:
        """What was last seen where an expression leads to; arguments are others in each call."""
        if not names.lasts(variable.name):
            return {}
        if names.owner is None:
            return session.latest
        latest = self._latest.get(names.owner)
        if latest is None:
            latest = {}
            self._latest.put(names.owner, latest)
        return latest

    def _relate(
        self,
        key: str,
        entity: _Found,
        item: ItemDefinition,
        burst: Burst,
        names: Names,
        is_generated: bool = False,
    ) -> None:
        related = burst.activity.session.related
        if len(related) > _MOST_KNOWN:
            related.clear()
        # What has an id of its own may get more members.
        if entity.is_state and not _is_new(related, (entity.id, id(item))):
            return
        for follow in self._each(item, names):
            found = self._found(item, follow, is_generated)
            if found is not None and found.id:
                self._describe(found, burst)
                if _is_new(related, (entity.id, key, found.id)):
                    burst.describe(f"'entity_id': {entity.id!r}, '{key}': {found.id!r}, ")

    def _each(self, item: ItemDefinition, names: Names) -> Iterator[Follow]:
        """Yield what follows the expressions of each member or progenitor."""
        if item.each is None:
            yield names.follow
        else:
            yield from names.each(item.each)

    # What an item stands for

    def _found(
        self,
        item: ItemDefinition,
        follow: Follow,
        is_generated: bool,
        latest: Known | None = None,
    ) -> _Found | None:
        location = _present(follow(item.location)) if item.location is not None else None
        if type(location) is str and not location:
            # An option that is not set.
            location = None
        own = _present(follow(item.id)) if item.id is not None else None
        kind = item.type or ("PythonObject" if location is None else "File")
        # A member of which nothing is named is what it is, wherever an object may be.
        is_named = item.id is not None or (item.location is not None and kind in _FILES)
        value = _present(follow(item.value)) if item.value is not None or not is_named else None
        where = value if location is None else location
        # An empty path is none, not the current folder.
        if kind in _FILES and type(where) is str and not where:
            where = None
        if where is None and own is None:
            return None
        if value is None and own is None:
            value = where
        name = item.entity or (short_name(type(where)) if own is None else None)
        if kind in _FILES and where is not None:
            found = self._in_place(item, where, is_generated and not item.overwrite)
        elif value is not None:
            anew = is_generated and item.overwrite
            identified = self._identities.of(value, latest=latest, anew=anew)
            said = _said(name, kind, item.content_type)
            if location is not None:
                said += f"'entity_location': {to_literal(location)!r}, "
            found = _of_object(value, identified, said, _is_secret(item))
        else:
            found = _Found("", None, _said(name, kind, item.content_type))
        if own is None:
            return found
        named = str(to_literal(own))
        named = f"{item.namespace}:{named}" if item.namespace else named
        return replace(found, id=named, before=None, may_follow=False, is_state=False)

    def _in_place(self, item: ItemDefinition, where: Any, is_anew: bool) -> _Found:
        path = path_of_file(where)
        if path is None:
            fault = f"a {short_name(type(where))!r} object is no path"
            return _Found("", None, _said(item.entity, item.type or "File"), fault=fault)
        index = (item.index if item.type == "FileCollection" else None) or ""
        file = self._files.of_collection(path, index)
        name = item.entity or os.path.basename(file.location) or file.location
        said = _said(name, item.type or _kind(file), item.content_type)
        found = self._of_file(file, said, is_anew, index)
        return replace(found, fault=f"there is no {file.location}") if file.is_absent else found

    def _of_file(self, file: FileId, said: str, is_anew: bool, index: str = "") -> _Found:
        said += f"'entity_location': {file.location!r}, "
        if file.hash is not None:
            said += f"'entity_hash': {file.hash!r}, 'entity_hash_type': {file.hash_type!r}, "
        if file.note is not None:
            said += f"'entity_note': {file.note!r}, "
        # Known by its index a folder is another thing than by all that is in it.
        place = f"{file.location}\0{index}" if index else file.location
        before = self._at.get(place)
        if len(self._at) > _MOST_KNOWN:
            self._at.clear()
        self._at[place] = file.id
        # A file that an activity writes anew is not made of what was there.
        return _Found(file.id, None if is_anew else before, said)

    # Records

    def _describe(self, found: _Found, burst: Burst) -> bool:
        """Write what is new of an entity; tell whether it is new to its session."""
        is_new = self._write(found, burst)
        if found.before is not None:
            # Not sooner: another thread may describe it meanwhile.
            self._identities.written(found.id, found.known)
        return is_new

    def _write(self, found: _Found, burst: Burst) -> bool:
        entity, said, before = found.id, found.said, found.before
        described = burst.activity.session.described
        known = described.get(entity)
        if known == said:
            return False
        if len(described) > _MOST_KNOWN:
            described.clear()
        described[entity] = said
        burst.describe(f"'entity_id': {entity!r}, {said}")
        if entity not in self._ids:
            if len(self._ids) > _MOST_KNOWN:
                self._ids.clear()
            self._ids.add(entity)
            if before is not None and before != entity:
                burst.describe(f"'entity_id': {entity!r}, 'progenitor_id': {before!r}, ")
        return known is None


def _is_new(seen: set[tuple[object, ...]], one: tuple[object, ...]) -> bool:
    if one in seen:
        return False
    seen.add(one)
    return True


def _kind(file: FileId) -> str:
    return "FileCollection" if file.is_folder else "File"


def _of_object(value: Any, identified: Identified, said: str, is_secret: bool) -> _Found:
    if is_secret:
        said += _WITHHELD
    elif type(value) in SCALARS or is_number(value):
        said += _shown(value)
    if identified.note is not None:
        said += f"'entity_note': {identified.note!r}, "
    # A number is not made of another one.
    may_follow = identified.known is not None or type(value).__hash__ is None
    return _Found(identified.id, identified.before, said, identified.known, may_follow)


def _is_secret(item: ItemDefinition) -> bool:
    """Tell whether the names in a definition say that it is about a secret."""
    names = (item.role, item.entity, item.value and item.value.text)
    return any(name is not None and is_secret_name(name) for name in names)


def _present(value: Any) -> Any:
    return None if value is NOTHING else value


@lru_cache(maxsize=1000)
def _said(name: str | None, kind: str, content_type: str | None = None) -> str:
    named = f"'entity_name': {name!r}, " if name else ""
    typed = f"'entity_contentType': {content_type!r}, " if content_type else ""
    return f"{named}'entity_type': {kind!r}, {typed}"


@cached_by_class
def _said_of_class(kind: type) -> str:
    return _said(short_name(kind), "PythonObject")


def _shown(value: Any) -> str:
    """The value of an entity, where it is short."""
    shown = to_literal(value)
    if type(shown) is str and len(shown) > _LONGEST_VALUE:
        shown = f"{shown[:_LONGEST_VALUE]}... ({len(value)} characters)"
    return f"'entity_value': {shown!r}, "
