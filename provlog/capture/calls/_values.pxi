# Part of _fast.pyx: numbers and texts that are their own literals.

cdef bint is_plain_text(object value, bint* is_path):
    """Return whether a text has nothing to mask, so that its ``repr`` is it.

    The text may be a path if it has a dot or a slash.
    """
    cdef const char* text
    cdef Py_ssize_t index
    if not PyUnicode_IS_ASCII(value) or PyUnicode_GET_LENGTH(value) > MAX_PLAIN:
        return False
    text = <const char*>PyUnicode_DATA(value)
    for index in range(PyUnicode_GET_LENGTH(value)):
        if text[index] == b"." or text[index] == b"/":
            is_path[0] = True
        elif not (
            97 <= text[index] <= 122 or 65 <= text[index] <= 90 or 48 <= text[index] <= 57
            or text[index] == b"_" or text[index] == b" " or text[index] == b"-"
        ):
            return False
    return True


cdef bint is_plain(object value, bint* is_path) except -1:
    """Return whether a value is a number or text that is its own literal."""
    cdef int overflow = 0
    if value is None or PyBool_Check(value):
        return True
    if PyLong_CheckExact(value):
        PyLong_AsLongLongAndOverflow(value, &overflow)
        return overflow == 0
    if PyFloat_CheckExact(value):
        return isfinite(PyFloat_AS_DOUBLE(value))
    return PyUnicode_CheckExact(value) and is_plain_text(value, is_path)


cdef bint are_plain(object arguments, object known, bint* has_paths) except -1:
    """Return whether all values are plain, and none is the known result of a call."""
    cdef PyObject* name
    cdef PyObject* value
    cdef Py_ssize_t position = 0
    cdef bint has_known = PyDict_Size(known) > 0
    while PyDict_Next(arguments, &position, &name, &value):
        if not is_plain(<object>value, has_paths):
            return False
        if has_known and PyDict_GetItemWithError(known, PyLong_FromVoidPtr(value)) is not NULL:
            return False
    return True


cdef bint is_number(object value):
    """Return whether a value is a number, maybe a truth value, that is its own literal."""
    cdef int overflow = 0
    if PyBool_Check(value):
        return True
    if PyLong_CheckExact(value):
        PyLong_AsLongLongAndOverflow(value, &overflow)
        return overflow == 0
    if not (PyFloat_CheckExact(value) or is_float64_class(type(value))):
        return False
    return isfinite(PyFloat_AS_DOUBLE(value))


# Names of arguments that indicate no secret.
cdef set plain_names = set()
cdef Py_ssize_t MAX_NAMES = 4096


cdef bint are_plain_names(object arguments) except -1:
    """Return whether all names are plain texts, and none indicates a secret."""
    cdef PyObject* name
    cdef Py_ssize_t position = 0
    while PyDict_Next(arguments, &position, &name, NULL):
        if not PyUnicode_CheckExact(<object>name):
            return False
        if <object>name not in plain_names:
            if is_secret_name(<object>name):
                return False
            if len(plain_names) >= MAX_NAMES:
                plain_names.clear()
            plain_names.add(<object>name)
    return True
