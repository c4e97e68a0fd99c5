# Part of _fast.pyx: the names of elements.

cdef class Names:
    """Names of elements of one kind, of which only the id differs within a scope."""

    cdef object name_any, beginning_of
    cdef str kind
    # The last scope, and the beginning of its names.
    cdef object scope
    cdef str beginning

    def __init__(self, namer, str kind):
        self.name_any, self.beginning_of, self.kind = namer.name, namer.beginning, kind

    cdef str name(self, raw, scope):
        if scope is None or not is_word(raw):
            return self.name_any(self.kind, raw, scope)
        if scope is not self.scope:
            self.scope, self.beginning = scope, self.beginning_of(self.kind, field(scope, NAME))
        return self.beginning + <str>raw


def name_activities(namer, activities, dict named, dict influences):
    """Name activities, each as a part of its session."""
    cdef Names names = Names(namer, "activity")
    cdef dict counts = {}
    cdef str name
    for activity, raw, scope in activities:
        name = names.name(raw, scope if is_simple_id(raw) or not is_global(raw) else None)
        if name in named:
            count = counts[name] = counts.get(name, 1) + 1
            name = f"{name}.{count}"
        session = field(scope, SESSION_OF_SCOPE)
        set_field(activity, ID, name)
        set_field(activity, SESSION_OF_ACTIVITY, session)
        named[name] = activity
        if session is not None:
            influences[Relation(activity, session, None, PART_OF)] = None


def name_entities(namer, entities, hashes, dict named):
    """Name entities; return those that are not the first with their name, with that one."""
    cdef Names names = Names(namer, "entity")
    cdef list others = []
    cdef str name
    for entity, raw, scope, everywhere in entities:
        name = names.name(raw, None if everywhere or raw in hashes else scope)
        set_field(entity, ID, name)
        set_field(entity, SESSION_OF_ENTITY, field(scope, SESSION_OF_SCOPE))
        first = <object>PyDict_SetDefault(named, name, entity)
        if first is not entity:
            others.append((first, entity))
    return others
