# cython: language_level=3, auto_pickle=False
"""Give elements and relations the classes of the IVOA's model, at the speed of C.

The functions do what the methods of ``classed.Classed`` with these names do. Tests compare both.
"""

from cpython.dict cimport PyDict_GetItem, PyDict_Next
from cpython.object cimport PyObject

from provlog.structs cimport field, place_of

from provlog.model.elements import Activity, Element, Entity
from provlog.model.relations import QualifiedRelation, Relation

cdef extern from "Python.h":
    # The build defines it: the checksum of the sources.
    unsigned int PROVLOG_SOURCE

SOURCE = PROVLOG_SOURCE

cdef Py_ssize_t ID = place_of(Element, "id")
cdef Py_ssize_t ATTRIBUTES = place_of(Element, "attributes")
cdef Py_ssize_t SESSION_OF_ENTITY = place_of(Entity, "session")
cdef Py_ssize_t START = place_of(Activity, "start")
cdef Py_ssize_t END = place_of(Activity, "end")
cdef Py_ssize_t SESSION_OF_ACTIVITY = place_of(Activity, "session")
cdef Py_ssize_t SOURCE_END = place_of(Relation, "source")
cdef Py_ssize_t TARGET_END = place_of(Relation, "target")
cdef Py_ssize_t ROLE = place_of(Relation, "role")
cdef Py_ssize_t TYPE = place_of(Relation, "type")


cdef inline object item(dict table, object key):
    cdef PyObject* found = PyDict_GetItem(table, key)
    return None if found == NULL else <object>found


cdef dict typed(object element, object description, types, dict known):
    """Return the attributes of an element with its class among the types."""
    cdef dict attributes = <dict>field(element, ATTRIBUTES)
    cdef object held = item(attributes, "prov:type")
    cdef tuple key = (tuple(held) if type(held) is list else held, description)
    cdef object found = item(known, key)
    if found is None:
        # Types are few: elements share them.
        found = known[key] = types(held, description)
    attributes = attributes.copy()
    attributes["prov:type"] = found
    return attributes


cdef object entity_like(object entity, dict attributes):
    return Entity(field(entity, ID), attributes, field(entity, SESSION_OF_ENTITY))


cdef object activity_like(object activity, dict attributes):
    return Activity(
        field(activity, ID), attributes, field(activity, START), field(activity, END),
        field(activity, SESSION_OF_ACTIVITY),
    )


cdef dict classed(
    dict table, dict moved, dict described, types, object (*like)(object, dict)
):
    """Return elements with their classes; ``like`` returns one with other attributes."""
    cdef Py_ssize_t at = 0
    cdef PyObject* name
    cdef PyObject* held
    cdef dict found = {}, known = {}
    while PyDict_Next(table, &at, &name, &held):
        element = <object>held
        made = item(moved, element)
        if made is None:
            made = like(element, typed(element, item(described, element), types, known))
            moved[element] = made
        found[<object>name] = made
    return found


def entities(dict table, dict moved, dict described, types):
    """Return entities with their classes.

    ``types`` returns the types of an entity with its class, given its types and its description.
    """
    return classed(table, moved, described, types, entity_like)


def activities(dict table, dict moved, types):
    """Return activities with their class.

    ``types`` returns the types of an activity with its class, given its types.
    """
    return classed(table, moved, {}, types, activity_like)


def relations(dict table, dict moved, voclass, dict described, int end, additions, other):
    """Return relations of one kind between the elements of the view.

    ``described`` has the descriptions of activities, and ``end`` is the end of the relations that
    is an activity: 0 for the source, 1 for the target, -1 if there is nothing to add.
    ``additions`` returns the attributes and arguments to add, given a description and a role.
    ``other`` returns any relation that is not a plain one without a type.
    """
    cdef Py_ssize_t at = 0
    cdef PyObject* held
    cdef dict found = {}, known = {}
    cdef tuple key, added
    while PyDict_Next(table, &at, &held, NULL):
        relation = <object>held
        if type(relation) is not Relation or field(relation, TYPE) is not None:
            found[other(relation)] = None
            continue
        source, target = field(relation, SOURCE_END), field(relation, TARGET_END)
        role = field(relation, ROLE)
        added = None
        if end >= 0:
            description = item(described, target if end else source)
            if description is not None:
                key = (description, role)
                added = item(known, key)
                if added is None:
                    added = known[key] = additions(description, role)
        source, target = moved_to(moved, source), moved_to(moved, target)
        if added is None or not (added[0] or added[1]):
            found[Relation(source, target, role, voclass)] = None
        else:
            found[
                QualifiedRelation(source, target, role, voclass, None, None, added[1], added[0])
            ] = None
    return found


cdef inline object moved_to(dict moved, object element):
    cdef PyObject* found = PyDict_GetItem(moved, element)
    return element if found == NULL else <object>found
