# Part of _fast.pyx: values that need no conversion, and ids.

cdef inline int number(const char* text, int size):
    """Return the number of so many digits; -1 for anything else."""
    cdef int value = 0, index
    for index in range(size):
        if not 48 <= text[index] <= 57:
            return -1
        value = 10 * value + text[index] - 48
    return value


cdef bint is_time(object value):
    """Return whether a value is a usual ``xsd:dateTime``, without a zone."""
    cdef const char* text
    cdef int year, month, day, most
    if type(value) is not str or not PyUnicode_IS_ASCII(value):
        return False
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(value)
    if size != 19 and size != 26:
        return False
    text = PyUnicode_DATA(value)
    if not (text[4] == text[7] == 45 and text[10] == 84 and text[13] == text[16] == 58):
        return False
    if size == 26 and (text[19] != 46 or number(text + 20, 6) < 0):
        return False
    year, month, day = number(text, 4), number(text + 5, 2), number(text + 8, 2)
    if year < 1 or not 1 <= month <= 12:
        return False
    if month == 2:
        most = 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    else:
        most = 30 if month in (4, 6, 9, 11) else 31
    return (
        1 <= day <= most
        and 0 <= number(text + 11, 2) <= 23
        and 0 <= number(text + 14, 2) <= 59
        and 0 <= number(text + 17, 2) <= 59
    )


cdef inline bint is_plain(object value):
    """Return whether a value is a text that needs no conversion."""
    cdef const char* text
    cdef Py_ssize_t index
    if type(value) is not str:
        return False
    if not PyUnicode_IS_ASCII(value):
        return (<str>value).isprintable()
    text = PyUnicode_DATA(value)
    for index in range(PyUnicode_GET_LENGTH(value)):
        if not 32 <= text[index] <= 126:
            return False
    return True


cdef inline bint is_word(object raw):
    """Return whether an id consists of ASCII letters and digits."""
    cdef const char* text
    cdef Py_ssize_t index
    if not PyUnicode_IS_ASCII(raw) or PyUnicode_GET_LENGTH(raw) == 0:
        return False
    text = PyUnicode_DATA(raw)
    for index in range(PyUnicode_GET_LENGTH(raw)):
        if not (48 <= text[index] <= 57 or 65 <= (text[index] & 0xDF) <= 90):
            return False
    return True


cdef inline bint is_simple_id(object raw):
    """Return whether an id is a short word, which is not global and needs no conversion."""
    return PyUnicode_GET_LENGTH(raw) < 32 and is_word(raw)


cdef inline bint is_hash(object raw):
    """Return whether an id is a hash in hexadecimal digits, which is global."""
    cdef const char* text
    cdef Py_ssize_t index, size = PyUnicode_GET_LENGTH(raw)
    if size not in (32, 40, 56, 64, 96, 128) or not PyUnicode_IS_ASCII(raw):
        return False
    text = PyUnicode_DATA(raw)
    for index in range(size):
        if not (48 <= text[index] <= 57 or 65 <= (text[index] & 0xDF) <= 70):
            return False
    return True
