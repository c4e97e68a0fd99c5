"""Records of entities that activities use and generate.

Each session describes an entity once, and again if there is something new. An object, a
file's content or a variable that has changed since it was last seen is a new entity,
derived from the previous one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from provlog.capture.files.paths import absolute_path, path_of_file
from provlog.capture.records.entity import (
    COLLECTION,
    FILE,
    OBJECT,
    EntityRecord,
    fields_of_class,
    is_secret_item,
    object_entity,
    object_fields,
    type_of_file,
    value_or_none,
)
from provlog.capture.records.members import members_of, record_container
from provlog.capture.records.object_ids import ObjectId
from provlog.capture.records.places import place_of
from provlog.capture.records.results import Results
from provlog.capture.records.syntax import (
    ActivityRecords,
    entity_fields,
    file_fields,
    location_field,
)
from provlog.definitions.scope import Follow, Names
from provlog.objects.classes import short_name
from provlog.objects.data import CONTAINERS
from provlog.objects.identity_map import IdentityMap
from provlog.objects.literals import to_literal

if TYPE_CHECKING:
    from provlog.capture.files.file_ids import FileId, FileIds
    from provlog.capture.records.activity import Activity, LatestEntities, Session
    from provlog.capture.records.object_ids import ObjectIds, TrackedObject
    from provlog.definitions.expressions import Expression
    from provlog.definitions.load import ItemDefinition

__all__ = ["Entities"]

# Beyond this number, entities are described again instead of remembered.
_MAX_KNOWN = 200_000
_FILES = frozenset({FILE, COLLECTION})

_Relate = Callable[[ActivityRecords, str, str], None]


class Entities:
    """Write the records of entities.

    Parameters
    ----------
    files : FileIds
        Identifies files.
    objects : ObjectIds
        Identifies objects.

    Attributes
    ----------
    results : Results
        The numbers and texts that calls returned.
    """

    def __init__(self, files: FileIds, objects: ObjectIds) -> None:
        self._files = files
        self.objects = objects
        # The ids of all recorded entities.
        self._ids: set[str] = set()
        # The id of the last known content of each file.
        self._at: dict[str, str] = {}
        self.results = Results()
        # The last known entities in the instance variables of an object.
        self._latest: IdentityMap[LatestEntities] = IdentityMap()

    def identify(self, value: Any) -> ObjectId:
        """Return the id of an object."""
        known = self.results.entity_of(value)
        return self.objects.of(value) if known is None else ObjectId(known)

    def identify_result(self, value: Any, activity: Activity) -> ObjectId:
        """Return the id of a number or text that an activity made."""
        return self.objects.of_result(value, place_of(activity, self.objects))

    def forget(self) -> None:
        """Forget which entities are recorded."""
        self._ids.clear()
        self.objects.states.clear()
        self.results.forget()

    def may_know(self, value: Any) -> bool:
        """Return whether an object may be a recorded entity, without a look at its content."""
        return self.results.may_know(value) or self.objects.may_know(value)

    def has(self, entity: str | None) -> bool:
        """Return whether an entity with this id is recorded."""
        return entity in self._ids

    def know(self, entity: str) -> None:
        """Remember that an entity is recorded."""
        if len(self._ids) > _MAX_KNOWN:
            self._ids.clear()
        self._ids.add(entity)

    def has_file(self, path: str) -> bool:
        """Return whether a file at an absolute path is an entity, maybe in an earlier state."""
        return path in self._at

    def is_file(self, path: os.PathLike[str]) -> bool:
        """Return whether a path leads to an entity or to an existing file other than the log."""
        location = absolute_path(path)
        is_existing = location not in self._files.excluded and os.path.isfile(location)
        return is_existing or self.has_file(location)

    def members(self, value: Any) -> list[tuple[Any, Any]]:
        """Return the items of a container that are entities, each with its key or position."""
        return members_of(self, value)

    def object(
        self,
        value: Any,
        records: ActivityRecords,
        name: str | None = None,
        identified: ObjectId | None = None,
        is_secret: bool = False,
    ) -> str:
        """Describe an object, unless its session has described it; return its id.

        Parameters
        ----------
        value : object
            The object.
        records : ActivityRecords
            Receives the records.
        name : str, optional
            The name of the entity; by default that of the class.
        identified : ObjectId, optional
            The id of the object, if it is known already.
        is_secret : bool
            Whether to withhold the value.
        """
        if identified is None:
            known = self.results.known
            identified = self.identify(value) if known else self.objects.of(value)
        if is_secret:
            identified = self.objects.secret(identified)
        id, previous, kind = identified.id, identified.previous, type(value)
        is_described = name is None and id in records.activity.session.described
        # A task of a worker lists the members of its containers although an earlier task did.
        is_listed = kind not in CONTAINERS or self.has(id)
        if not (is_described and is_listed):
            fields = entity_fields(name, OBJECT) if name else fields_of_class(kind)
            if kind in CONTAINERS:
                record_container(
                    self, value, identified, fields, records, is_secret, is_listed=is_listed
                )
            else:
                fields = object_fields(value, identified, fields, is_secret)
                self.write(id, previous, fields, records)
        if previous is not None:
            # Not earlier: another thread may describe the object meanwhile.
            self.objects.mark_recorded(id, identified.tracked)
        return id

    def file(
        self, path: str, records: ActivityRecords, name: str | None, is_generated: bool
    ) -> str:
        """Describe a file or a folder of files; return its id."""
        return self.identified_file(self._files.of_file(path), records, name, is_generated)

    def identified_file(
        self, file: FileId, records: ActivityRecords, name: str | None, is_new: bool
    ) -> str:
        """Describe a file or folder with an id, which may be that of a state; return the id."""
        name = name or os.path.basename(file.location) or file.location
        entity = self._file_entity(file, entity_fields(name, type_of_file(file)), is_new)
        self._describe(entity, records)
        return entity.id

    def opened_file(
        self, path: str, status: os.stat_result, records: ActivityRecords, *, is_new: bool = False
    ) -> tuple[str, bool]:
        """Describe a file, unless its session has described it, maybe by a better name.

        Parameters
        ----------
        path : str
            The absolute path.
        status : os.stat_result
            The status of a regular file.
        records : ActivityRecords
            Receives the records.
        is_new : bool
            Whether the file does not derive from its previous content.

        Returns
        -------
        (str, bool)
            The id of the entity, and whether it was recorded before.
        """
        file = self._files.of_opened(path, status)
        is_known = self.has(file.id)
        is_described = file.id in records.activity.session.described
        if not is_described or self._at.get(file.location) != file.id:
            self.identified_file(file, records, None, is_new)
        return file.id, is_known

    def item(
        self, item: ItemDefinition, records: ActivityRecords, names: Names, is_generated: bool
    ) -> str | None:
        """Describe the entity of a definition's item, with its members and progenitors.

        Returns
        -------
        str or None
            The entity's id; ``None`` if the entity does not exist.
        """
        variable: Expression = item.value or item.location or item.id  # type: ignore[assignment]
        variables = self._variables(variable, records.activity.session, names)
        latest, tracked = variables.get(variable.text, (None, None))
        # A generated object is a new entity, even if it equals the previous one.
        known = None if is_generated else tracked
        entity = self._entity(item, names.follow, is_generated, known)
        if entity is None:
            return None
        if entity.fault is not None:
            names.report((item.location or variable).text, entity.fault)
            if is_generated or not entity.id:
                return None
        if entity.may_be_previous:
            variables[variable.text] = entity.id, entity.tracked
            if entity.previous is None and (item.overwrite or not is_generated):
                entity = replace(entity, previous=latest)
        self._describe(entity, records)
        if item.has_members is not None:
            member = ActivityRecords.member
            self._relate(member, entity, item.has_members, records, names, is_generated)
        if item.has_progenitors is not None:
            progenitor = ActivityRecords.progenitor
            self._relate(progenitor, entity, item.has_progenitors, records, names)
        return entity.id

    def _variables(self, variable: Expression, session: Session, names: Names) -> LatestEntities:
        """Return the last known entities of the variables beside that of an expression."""
        if not names.lasts(variable.name):
            # An argument: a different variable in each call.
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
        relate: _Relate,
        entity: EntityRecord,
        item: ItemDefinition,
        records: ActivityRecords,
        names: Names,
        is_generated: bool = False,
    ) -> None:
        """Describe the members or progenitors of an entity, and relate them to it."""
        related = records.activity.session.related
        if len(related) > _MAX_KNOWN:
            related.clear()
        # An entity whose id does not depend on its content may gain members.
        if entity.is_state and not _is_new(related, (entity.id, id(item))):
            return
        for follow in [names.follow] if item.each is None else names.each(item.each):
            other = self._entity(item, follow, is_generated)
            if other is not None and other.id:
                self._describe(other, records)
                if _is_new(related, (entity.id, relate, other.id)):
                    relate(records, entity.id, other.id)

    # The entity of a definition's item

    def _entity(
        self,
        item: ItemDefinition,
        follow: Follow,
        is_generated: bool,
        latest: TrackedObject | None = None,
    ) -> EntityRecord | None:
        location = value_or_none(follow(item.location)) if item.location is not None else None
        if type(location) is str and not location:
            # An option that is not set.
            location = None
        own_id = value_or_none(follow(item.id)) if item.id is not None else None
        kind = item.type or (OBJECT if location is None else FILE)
        # Without expressions, the member is the value itself, where objects are allowed.
        is_named = item.id is not None or (item.location is not None and kind in _FILES)
        needs_value = item.value is not None or not is_named
        value = value_or_none(follow(item.value)) if needs_value else None
        place = value if location is None else location
        # Python takes an empty path for the current folder.
        if kind in _FILES and type(place) is str and not place:
            place = None
        if place is None and own_id is None:
            return None
        if value is None and own_id is None:
            value = place
        name = item.entity or (short_name(type(place)) if own_id is None else None)
        if kind in _FILES and place is not None:
            entity = self._located_entity(item, place, is_generated and not item.overwrite)
        elif value is not None:
            is_new_state = is_generated and item.overwrite
            known = None if is_generated else self.results.entity_of(value)
            if known is None:
                identified = self.objects.of(value, latest=latest, is_new_state=is_new_state)
            else:
                identified = ObjectId(known)
            if is_secret_item(item):
                identified = self.objects.secret(identified)
            fields = entity_fields(name, kind, item.content_type)
            if location is not None:
                fields += location_field(to_literal(location))
            entity = object_entity(value, identified, fields, is_secret_item(item))
        else:
            entity = EntityRecord("", None, entity_fields(name, kind, item.content_type))
        if own_id is None:
            return entity
        id = str(to_literal(own_id))
        id = f"{item.namespace}:{id}" if item.namespace else id
        return replace(entity, id=id, previous=None, may_be_previous=False, is_state=False)

    def _located_entity(self, item: ItemDefinition, place: Any, is_new: bool) -> EntityRecord:
        path = path_of_file(place)
        if path is None:
            fault = f"a {short_name(type(place))!r} object is not a path"
            fields = entity_fields(item.entity, item.type or FILE)
            return EntityRecord("", None, fields, fault=fault)
        index = (item.index if item.type == COLLECTION else None) or ""
        file = self._files.of_collection(path, index)
        name = item.entity or os.path.basename(file.location) or file.location
        fields = entity_fields(name, item.type or type_of_file(file), item.content_type)
        entity = self._file_entity(file, fields, is_new, index)
        if file.is_absent:
            return replace(entity, fault=f"{file.location} does not exist")
        return entity

    def _file_entity(
        self, file: FileId, fields: str, is_new: bool, index: str = ""
    ) -> EntityRecord:
        fields += file_fields(file.location, file.hash, file.hash_type, file.note, file.others)
        # A folder identified by its index is another entity than one identified by its content.
        place = f"{file.location}\0{index}" if index else file.location
        previous = self._at.get(place)
        if len(self._at) > _MAX_KNOWN:
            self._at.clear()
        self._at[place] = file.id
        # A file that an activity replaces does not derive from its previous content.
        return EntityRecord(file.id, None if is_new else previous, fields)

    # Records

    def _describe(self, entity: EntityRecord, records: ActivityRecords) -> None:
        """Record new information about an entity."""
        self.write(entity.id, entity.previous, entity.fields, records)
        if entity.previous is not None:
            # Not earlier: another thread may describe the object meanwhile.
            self.objects.mark_recorded(entity.id, entity.tracked)

    def write(self, id: str, previous: str | None, fields: str, records: ActivityRecords) -> bool:
        """Record new information about an entity; return whether it is new to its session."""
        described = records.activity.session.described
        known = described.get(id)
        if known == fields:
            return False
        if len(described) > _MAX_KNOWN:
            described.clear()
        described[id] = fields
        records.describe(id, fields)
        if id not in self._ids:
            self.know(id)
            if previous is not None and previous != id:
                records.progenitor(id, previous)
        return known is None


def _is_new(seen: set[tuple[object, ...]], one: tuple[object, ...]) -> bool:
    if one in seen:
        return False
    seen.add(one)
    return True
