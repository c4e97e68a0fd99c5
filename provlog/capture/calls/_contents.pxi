# Part of _fast.pyx: fingerprints of arrays, lists of numbers and texts, and numbers of numpy.

# The start of the fingerprint of an array, by data type and shape.
cdef dict array_kinds = {}
cdef Py_ssize_t MAX_ARRAY_KINDS = 1000

# By name, since numpy need not be imported.
cdef object is_array_class = cached_by_class(lambda kind: class_name(kind) == "numpy.ndarray")
cdef object is_float64_class = cached_by_class(lambda kind: class_name(kind) == "numpy.float64")
cdef bytes START_OF_FLOAT64 = b"#3:<f88:" if sys.byteorder == "little" else b"#3:>f88:"


cdef bytes array_print(object value):
    """Return the fingerprint of a `numpy.ndarray` of numbers, or ``None`` for another value."""
    cdef bytes start, data
    if not is_array_class(type(value)):
        return None
    dtype, shape = value.dtype, value.shape
    if (
        dtype.kind not in NUMBERS or not value.flags.c_contiguous or value.nbytes > MAX_BYTES
    ):
        return None
    found = PyDict_GetItemWithError(array_kinds, (dtype, shape))
    start = start_of_array(dtype, shape) if found is NULL else <bytes><object>found
    data = start + b"16:" + <bytes>xxh3_128_digest(value) + b"0:"
    return b"a" + (data if len(data) < MAX_INLINE else <bytes>xxh3_128_digest(data))


cdef bytes start_of_array(object dtype, object shape):
    """Return the start of the fingerprint of an array, and remember it."""
    kind = repr((dtype.str, shape)).encode()
    start = b"%d:%b" % (len(kind), kind)
    if PyDict_Size(array_kinds) >= MAX_ARRAY_KINDS:
        array_kinds.clear()
    array_kinds[dtype, shape] = start
    return start


cdef bytes list_print(list value, Py_ssize_t* rows):
    """Return the fingerprint of a list of numbers and texts, or of rows of them, or ``None``.

    The number of rows is -1 if it has none.
    """
    cdef Py_ssize_t length = 0
    cdef bytes data
    rows[0] = -1
    if not len(value):
        return None
    if not are_primitive(value, &length):
        rows[0] = len(value)
        for row in value:
            if not (PyList_CheckExact(row) or PyTuple_CheckExact(row)):
                return None
            if not are_primitive(row, &length):
                return None
    if length > MAX_SERIALIZED:
        return None
    data = PyMarshal_WriteObjectToString(value, 2)
    if len(data) >= MAX_INLINE:
        data = xxh3_128_digest(data)
    return (b"[" if rows[0] < 0 else b"[r") + data


cdef bint are_primitive(object values, Py_ssize_t* length) except -1:
    """Return whether all items of a list or tuple are numbers or texts; add their length."""
    cdef PyObject** items = PySequence_Fast_ITEMS(values)
    cdef Py_ssize_t index
    for index in range(PySequence_Fast_GET_SIZE(values)):
        value = <object>items[index]
        if PyUnicode_CheckExact(value):
            length[0] += PyUnicode_GET_LENGTH(value)
        elif PyBytes_CheckExact(value):
            length[0] += len(<bytes>value)
        elif not (
            PyFloat_CheckExact(value) or PyLong_CheckExact(value) or PyBool_Check(value)
            or value is None or PyComplex_CheckExact(value)
        ):
            return False
    return True


cdef bytes number_print(object value):
    """Return the fingerprint of a number that is its own literal."""
    cdef double number
    if not is_float64_class(type(value)):
        return PyMarshal_WriteObjectToString(value, 2)
    number = PyFloat_AS_DOUBLE(value)
    return START_OF_FLOAT64 + PyBytes_FromStringAndSize(<char*>&number, sizeof(number))


cdef str number_text(object value):
    """Return a number that is its own literal as text."""
    return repr(PyFloat_AS_DOUBLE(value) if is_float64_class(type(value)) else value)
