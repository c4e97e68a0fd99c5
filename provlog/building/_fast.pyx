# cython: language_level=3, auto_pickle=False
"""Add the usual events at the speed of C.

:meth:`Adder.add_all` does what the handlers of :class:`~provlog.building.builder.Builder` do for
events in the current session, about activities that have started, with simple values. It leaves
all other events to the handlers. Tests compare both.
"""

from cpython.dict cimport PyDict_GetItem, PyDict_SetDefault
from cpython.object cimport PyObject

from provlog.structs cimport field, place_of, set_field

from provlog.building.attributes import plain_value
from provlog.building.builder import parameter_names
from provlog.building.entities import COLLECTION, IDENTIFIER
from provlog.building.naming import PART_OF
from provlog.building.scopes import Scope
from provlog.model.elements import Activity, Element, Entity
from provlog.model.events import (
    ActivityEnded,
    ActivityStarted,
    EntityDerived,
    EntityDescribed,
    EntityGenerated,
    EntityUsed,
    MemberAdded,
    ParametersSet,
)
from provlog.model.identifiers import is_global
from provlog.model.relations import Relation
from provlog.model.values import integer
from provlog.origin import Origin

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)
    const char* PyUnicode_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    # The build defines it: the checksum of the sources.
    unsigned int PROVLOG_SOURCE

SOURCE = PROVLOG_SOURCE

cdef Py_ssize_t ORIGIN = place_of(EntityUsed, "origin")
cdef Py_ssize_t COLLECTION_OF_MEMBER = place_of(MemberAdded, "entity")
cdef Py_ssize_t MEMBER = place_of(MemberAdded, "member")
cdef Py_ssize_t DERIVED = place_of(EntityDerived, "entity")
cdef Py_ssize_t PROGENITOR = place_of(EntityDerived, "progenitor")
cdef Py_ssize_t OF_ACTIVITY = place_of(EntityUsed, "activity")
cdef Py_ssize_t USED = place_of(EntityUsed, "entity")
cdef Py_ssize_t ROLE = place_of(EntityUsed, "role")
cdef Py_ssize_t GENERATED = place_of(EntityGenerated, "entity")
cdef Py_ssize_t GENERATED_ROLE = place_of(EntityGenerated, "role")
cdef Py_ssize_t DESCRIBED = place_of(EntityDescribed, "entity")
cdef Py_ssize_t DESCRIPTION = place_of(EntityDescribed, "attributes")
cdef Py_ssize_t BESIDE = place_of(EntityDescribed, "activity")
cdef Py_ssize_t END = place_of(ActivityEnded, "end")
cdef Py_ssize_t END_ATTRIBUTES = place_of(ActivityEnded, "attributes")
cdef Py_ssize_t START = place_of(ActivityStarted, "start")
cdef Py_ssize_t AGENT = place_of(ActivityStarted, "agent")
cdef Py_ssize_t START_ATTRIBUTES = place_of(ActivityStarted, "attributes")
cdef Py_ssize_t PARAMETERS = place_of(ParametersSet, "parameters")
cdef Py_ssize_t SESSION = place_of(Origin, "session")
cdef Py_ssize_t TAG = place_of(Origin, "tag")
cdef Py_ssize_t KEY = place_of(Scope, "key")
cdef Py_ssize_t ENTITIES = place_of(Scope, "entities")
cdef Py_ssize_t NAME = place_of(Scope, "name")
cdef Py_ssize_t SESSION_OF_SCOPE = place_of(Scope, "session")
cdef Py_ssize_t ID = place_of(Element, "id")
cdef Py_ssize_t ATTRIBUTES = place_of(Element, "attributes")
cdef Py_ssize_t SESSION_OF_ACTIVITY = place_of(Activity, "session")
cdef Py_ssize_t SESSION_OF_ENTITY = place_of(Entity, "session")
cdef Py_ssize_t STARTED = place_of(Activity, "start")
cdef Py_ssize_t ENDED = place_of(Activity, "end")


# Values
include "_values.pxi"


cdef class Adder:
    """Adder of events to a builder that records no positions."""

    cdef object builder, scopes, entities, merger, add_to_entities, merge_any, merge_one, handlers
    cdef dict used, generated, associated, members, derived, agents, placed, global_activities
    cdef dict global_entities
    cdef list activities, found_entities
    cdef set hashes
    # As of the last event that a handler added.
    cdef dict latest, waiting, sessions, tags, mentioned, pending
    cdef object current, key
    cdef bint interleaved, is_named
    # The activity of the last event, which is often that of the next one: its id, and itself.
    cdef object last_raw
    cdef tuple last_placed

    def __init__(self, builder, handlers):
        self.builder, self.handlers = builder, handlers
        self.scopes, self.entities, self.merger = (
            builder._scopes, builder._entities, builder._merger
        )
        relations = builder.graph.relations
        self.used, self.generated = relations["used"], relations["wasGeneratedBy"]
        self.associated, self.members = relations["wasAssociatedWith"], relations["hadMember"]
        self.derived = relations["wasDerivedFrom"]
        self.agents, self.placed = builder._agents, builder._placed
        self.global_activities = builder._global_activities
        self.activities, self.hashes = builder._activities, self.entities.hashes
        self.global_entities = self.entities._global
        self.add_to_entities, self.found_entities = self.entities._entity, self.entities.found
        self.merge_any, self.merge_one = self.merger.merge, self.merger.add
        self.refresh()

    cdef refresh(self):
        scopes = self.scopes
        self.latest, self.waiting = self.builder._latest, self.builder._waiting
        self.sessions, self.tags, self.current = scopes.sessions, scopes._tags, scopes.current
        self.mentioned, self.pending = self.entities._mentioned, self.entities._pending
        self.interleaved, self.is_named = scopes.interleaved, scopes._named
        self.key = field(self.current, KEY)
        self.last_raw = None

    def add_all(self, events):
        """Add events; return false if there were none."""
        cdef bint found = False, done
        self.refresh()
        for event in events:
            found = True
            kind = type(event)
            if kind is EntityDescribed:
                done = self.described(event)
            elif kind is EntityUsed:
                done = self.related(event, True)
            elif kind is EntityGenerated:
                done = self.related(event, False)
            elif kind is ActivityStarted:
                done = self.started(event)
            elif kind is ParametersSet:
                done = self.configured(event)
            elif kind is ActivityEnded:
                done = self.ended(event)
            elif kind is MemberAdded:
                done = self.member_added(event)
            elif kind is EntityDerived:
                done = self.derived_from(event)
            else:
                done = False
            if not done:
                self.handlers[kind](self.builder, event)
                self.refresh()
        return found

    cdef object scope_of(self, origin):
        """Return the scope of a record of the current session, ``None`` for any other record."""
        session, tag = field(origin, SESSION), field(origin, TAG)
        if session is not None:
            scope = self.sessions.get(session) if self.is_named else None
        elif tag is not None:
            scope = self.tags.get(tag)
        else:
            return self.current
        return scope if scope is not None and field(scope, KEY) is self.key else None

    cdef object placed_of(self, event):
        """Return the placed activity of an event, ``None`` for an unusual event."""
        cdef PyObject* placed
        raw = field(event, OF_ACTIVITY)
        if raw is not self.last_raw:
            placed = PyDict_GetItem(self.latest, raw)
            if placed is NULL:
                return None
            self.last_raw, self.last_placed = raw, <object>placed
        if self.scope_of(field(event, ORIGIN)) is None:
            return None
        return self.last_placed if field(self.last_placed[2], KEY) is self.key else None

    cdef object entity(self, raw, scope):
        """Return the entity with an id in a scope, which is created if it is new."""
        cdef dict known = <dict>field(scope, ENTITIES)
        cdef PyObject* entity = PyDict_GetItem(known, raw)
        if entity is not NULL:
            return <object>entity
        cdef bint everywhere = is_hash(raw)
        if not everywhere and not is_simple_id(raw):
            return self.add_to_entities(raw, scope)
        made = self.global_entities.get(raw) if everywhere else None
        if made is None:
            made = Entity("", {IDENTIFIER: raw})
            self.found_entities.append((made, raw, scope, everywhere))
            if everywhere:
                self.global_entities[raw] = made
        known[raw] = made
        return made

    cdef object mention(self, raw, scope):
        """Return the entity with an id in a scope; ``None`` if events wait for its scope."""
        if self.interleaved:
            if raw in self.pending:
                return None
            self.mentioned[raw] = scope
        return self.entity(raw, scope)

    cdef bint related(self, event, bint is_used) except -1:
        role = field(event, ROLE if is_used else GENERATED_ROLE)
        placed = self.placed_of(event) if role is None or is_plain(role) else None
        if placed is None:
            return False
        activity, _, scope = <tuple>placed
        entity = self.mention(field(event, USED if is_used else GENERATED), scope)
        if entity is None:
            return False
        if is_used:
            self.used[Relation(activity, entity, role)] = None
        else:
            self.generated[Relation(entity, activity, role)] = None
        return True

    cdef bint described(self, event) except -1:
        origin = field(event, ORIGIN)
        scope = self.scope_of_description(origin, field(event, BESIDE))
        if scope is None:
            return False
        raw, attributes = field(event, DESCRIBED), <dict>field(event, DESCRIPTION)
        if attributes.get("log:hash") == raw:
            self.hashes.add(raw)
        self.merge(self.entity(raw, scope), attributes, origin)
        return True

    cdef object scope_of_description(self, origin, activity):
        """Return the scope of an entity that a record describes, perhaps beside an activity."""
        cdef PyObject* placed
        if field(origin, SESSION) is None and field(origin, TAG) is None:
            if activity is not None:
                placed = PyDict_GetItem(self.latest, activity)
                return None if placed is NULL else (<tuple>placed)[2]
            if self.interleaved:
                return None
        return self.scope_of(origin)

    cdef bint member_added(self, event) except -1:
        scope = None if self.interleaved else self.scope_of(field(event, ORIGIN))
        if scope is None:
            return False
        collection = self.entity(field(event, COLLECTION_OF_MEMBER), scope)
        kind = (<dict>field(collection, ATTRIBUTES)).setdefault("prov:type", COLLECTION)
        if kind is not COLLECTION:
            self.merge_one(collection, "prov:type", COLLECTION, field(event, ORIGIN))
        self.members[Relation(collection, self.entity(field(event, MEMBER), scope))] = None
        return True

    cdef bint derived_from(self, event) except -1:
        scope = None if self.interleaved else self.scope_of(field(event, ORIGIN))
        if scope is None:
            return False
        entity = self.entity(field(event, DERIVED), scope)
        self.derived[Relation(entity, self.entity(field(event, PROGENITOR), scope))] = None
        return True

    cdef merge(self, element, dict attributes, origin):
        cdef PyObject* known
        for raw in attributes.values():
            kind = type(raw)
            if not (kind is str or kind is int or kind is float or kind is bool or raw is None):
                self.merge_any(element, attributes, origin)
                return
        held = <dict>field(element, ATTRIBUTES)
        for name, raw in attributes.items():
            if is_plain(raw):
                value = raw
            elif type(raw) is int and name != "prov:label":
                value = integer(raw)
            else:
                value = plain_value(name, raw)
            known = PyDict_GetItem(held, name)
            if known is NULL:
                held[name] = value
            elif <object>known != value:
                self.merge_one(element, name, value, origin)

    cdef bint ended(self, event) except -1:
        end = field(event, END)
        placed = self.placed_of(event) if is_time(end) else None
        if placed is None:
            return False
        activity = (<tuple>placed)[0]
        if field(activity, ENDED) is not None:
            return False
        set_field(activity, ENDED, end)
        attributes = <dict>field(event, END_ATTRIBUTES)
        if attributes:
            self.merge(activity, attributes, field(event, ORIGIN))
        return True

    cdef bint configured(self, event) except -1:
        parameters = <dict>field(event, PARAMETERS)
        names, renamed = parameter_names(tuple(parameters))
        placed = self.placed_of(event) if not renamed else None
        if placed is None:
            return False
        attributes = dict(zip(names, parameters.values()))
        self.merge((<tuple>placed)[0], attributes, field(event, ORIGIN))
        return True

    cdef bint started(self, event) except -1:
        """Add the start of a new activity in the current session."""
        origin, raw, start = field(event, ORIGIN), field(event, OF_ACTIVITY), field(event, START)
        scope = self.scope_of(origin) if is_simple_id(raw) and is_time(start) else None
        if scope is None:
            return False
        key = self.key, raw
        if (
            raw in self.latest or key in self.placed
            or raw in self.global_activities or raw in self.waiting
        ):
            return False
        activity = Activity("", {IDENTIFIER: raw}, start)
        placed = activity, raw, scope
        self.activities.append(placed)
        self.latest[raw] = self.placed[key] = placed
        self.last_raw, self.last_placed = raw, placed
        tag = field(origin, TAG)
        if tag is not None:
            self.tags[tag] = scope
        self.merge(activity, <dict>field(event, START_ATTRIBUTES), origin)
        name = field(event, AGENT)
        if name is not None:
            agent = self.agents.get(name)
            if agent is None:
                self.builder._associate(activity, name)
            else:
                self.associated[Relation(activity, agent)] = None
        return True


# Names
include "_names.pxi"
