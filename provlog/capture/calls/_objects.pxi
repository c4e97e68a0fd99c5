# Part of _fast.pyx: fingerprints and ids of objects.

@cython.freelist(8)
cdef class Found:
    """The id of an object, as `ObjectId`."""

    cdef object id, previous, note, tracked


cdef Found found_of(object identified):
    cdef Found found = Found.__new__(Found)
    found.id, found.previous = identified.id, identified.previous
    found.note, found.tracked = identified.note, identified.tracked
    return found


cdef tuple state(object value):
    """Return the same as `state_of`."""
    kind = type(value)
    layout = _layout(kind)
    getter = field(layout, DICT_GETTER)
    if getter is None or field(layout, SLOTS):
        return state_of(value)
    found = getter(value)
    if type(found) is not dict:
        return state_of(value)
    # Not a copy: no other thread runs until the end.
    names = tuple(<dict>found)
    shape = (<dict>field(layout, SHAPES)).get(names)
    if shape is None:
        shape = _shape(kind, layout, names)
    wanted = field(shape, NAMES)
    if wanted is None:
        return field(shape, DIGEST), list((<dict>found).values())
    return field(shape, DIGEST), [(<dict>found)[name] for name in <tuple>wanted]


cdef object fingerprint(object value):
    """Return the same as `simple_fingerprint`."""
    cdef Py_ssize_t length = 0
    cdef list variables
    try:
        if converter_of(type(value)) is not of_state:
            return None
        digest, variables = state(value)
        for one in variables:
            if PyUnicode_CheckExact(one):
                length += len(<str>one)
            elif PyBytes_CheckExact(one):
                length += len(<bytes>one)
            elif not (
                PyLong_CheckExact(one) or PyFloat_CheckExact(one) or PyBool_Check(one)
                or one is None or PyComplex_CheckExact(one)
            ):
                return None
        if length > MAX_TEXT:
            return None
    except Exception as error:
        reraise_from_signal(error)
        return None
    return b"o" + <bytes>digest + <bytes>PyMarshal_WriteObjectToString(variables, 2)


cdef object entry_of(dict entries, object key):
    """Return the value that an `IdentityMap` attaches to an object, or ``None``."""
    cdef PyObject* found = PyDict_GetItemWithError(entries, PyLong_FromVoidPtr(<void*>key))
    if found is NULL:
        return None
    reference, value = <tuple><object>found
    return value if reference is None or reference() is key else None


# Names in definitions

cdef object follow(object names, object expression, str name):
    """Return the value of an expression; `name` is it if it has no steps, else ``None``."""
    if name is None:
        return names.follow(expression)
    owner, arguments = field(names, OWNER), field(names, ARGUMENTS)
    if name == "args" or name == "kwargs":
        return arguments
    try:
        if owner is not None:
            if name == "self":
                return owner
            value = getattr(owner, name, NOTHING)
            if value is not NOTHING:
                return value
        found = PyDict_GetItemWithError(arguments, name)
        if found is not NULL:
            return <object>found
        if name == "result" and field(names, RESULT) is not NOTHING:
            return field(names, RESULT)
        variables = field(names, VARIABLES)
        if name in variables:
            return variables[name]
        reason = f"no attribute, argument or global variable has the name {name!r}"
    except UnresolvedError as error:
        reason = str(error)
    except Exception as error:
        reraise_from_signal(error)
        reason = f"{name!r} raised {type(error).__name__}"
    names.report(expression.text, reason)
    return NOTHING


cdef class Item:
    """An entity of a definition; the compiled code records it if it is an object and nothing else.

    Parameters
    ----------
    item : ItemDefinition
        The entity.
    """

    cdef object pure, value, entity, kind, content_type, may_overwrite
    cdef str name, text, fields, role, argument
    cdef readonly bint is_plain

    def __init__(self, item):
        self.pure = item
        self.value = item.value
        self.argument = argument_of(item.value)
        self.may_overwrite = item.overwrite
        kind = item.type or "PythonObject"
        others = item.location, item.id, item.has_members, item.has_progenitors
        self.is_plain = (
            item.value is not None
            and others == (None, None, None, None)
            and kind not in _FILES
            and not is_secret_item(item)
        )
        self.role = None if item.role is None else repr(item.role)
        if self.is_plain:
            self.text = item.value.text
            self.name = None if item.value.steps else item.value.name
            self.kind, self.content_type = kind, item.content_type
            self.entity = item.entity
            self.fields = entity_fields(item.entity, kind, item.content_type) if item.entity else None
