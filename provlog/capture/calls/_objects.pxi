# Part of _fast.pyx: times, records of one time, fingerprints and ids of objects.


# Times

# The last whole second, its text, and the place of its microseconds there.
cdef long long second = 0
cdef char text_of_second[64]
cdef Py_ssize_t length_of_second = 0
cdef Py_ssize_t place_of_fraction = 0


cdef str time_text(long long now):
    """Return nanoseconds since the epoch as ``clock.format_time`` does."""
    global second, length_of_second, place_of_fraction
    cdef long long rest = now - second
    cdef Py_ssize_t place
    if not (0 <= rest < SECOND and length_of_second):
        text = clock.format_time(now)
        start, template = clock.second
        length = len(text)
        if text.isascii() and length <= 64:
            head = (<str>template).index("%")
            data = (<str>text).encode()
            memcpy(text_of_second, <char*><bytes>data, length)
            second, length_of_second, place_of_fraction = start, length, head
        return text
    rest //= 1000
    place = place_of_fraction + 6
    while place > place_of_fraction:
        place -= 1
        text_of_second[place] = <char>(48 + rest % 10)
        rest //= 10
    return PyUnicode_DecodeASCII(text_of_second, length_of_second, NULL)


# Records of one time

@cython.freelist(8)
cdef class Records:
    """Records about one activity, as `ActivityRecords`, into which it may turn."""

    cdef object activity, made
    cdef long long now
    cdef str time, prefix
    cdef list lines

    cdef object pure(self):
        """Return the same records for code in Python."""
        if self.made is None:
            made = ActivityRecords.__new__(ActivityRecords)
            made.activity, made.lines, made.now, made.time = (
                self.activity, self.lines, self.now, self.time
            )
            made._prefix = self.prefix
            self.made = made
        return self.made

    cdef list current(self):
        """Return the lines."""
        return self.lines if self.made is None else self.made.lines


cdef Records records_of(object activity):
    cdef Records records = Records.__new__(Records)
    records.activity = activity
    records.now = time_ns()
    records.time = time_text(records.now)
    records.lines = []
    records.prefix = f"{MARKER}{records.time}{ACTIVITY}{<str>field(activity, ID)}"
    return records


# Fingerprints and ids of objects

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
    cdef str name, text, fields, role
    cdef readonly bint is_plain

    def __init__(self, item):
        self.pure = item
        self.value = item.value
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
