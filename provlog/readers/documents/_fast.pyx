# cython: language_level=3, auto_pickle=False
"""Survey decoded PROV-JSON at the speed of C: the functions of ``usual`` with these names.

Tests compare both.
"""

from cpython.bytes cimport PyBytes_AS_STRING
from cpython.dict cimport PyDict_GetItem, PyDict_Next
from cpython.object cimport PyObject
from libc.string cimport memchr

from provlog.model.values import Literal
from provlog.readers.documents.usual import Columns, Elements

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)
    const void* PyUnicode_DATA(object text)
    int PyUnicode_KIND(object text)
    Py_UCS4 PyUnicode_READ(int kind, const void* data, Py_ssize_t index)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    # The build defines it: the checksum of the sources.
    unsigned int PROVLOG_SOURCE

SOURCE = PROVLOG_SOURCE


def colons(bytes data):
    """Return how many colons follow a quotation mark, and how many of these marks are escaped."""
    cdef const char* start = PyBytes_AS_STRING(data)
    cdef const char* end = start + len(data)
    cdef const char* at = start
    cdef Py_ssize_t found = 0, escaped = 0
    while True:
        at = <const char*>memchr(at, c":", end - at)
        if at == NULL:
            return found, escaped
        if at > start and at[-1] == c'"':
            found += 1
            escaped += at > start + 1 and at[-2] == c"\\"
        at += 1


cdef bint is_safe(str text):
    """Return whether XML can hold all characters of a text."""
    cdef Py_ssize_t index, size = PyUnicode_GET_LENGTH(text)
    cdef const unsigned char* ascii
    cdef const void* data = PyUnicode_DATA(text)
    cdef unsigned char byte
    cdef bint is_unsafe = False
    cdef int kind
    cdef Py_UCS4 character
    if PyUnicode_IS_ASCII(text):
        ascii = <const unsigned char*>data
        for index in range(size):
            byte = ascii[index]
            is_unsafe |= (byte < 32) & (byte != 9) & (byte != 10) & (byte != 13)
        return not is_unsafe
    kind = PyUnicode_KIND(text)
    for index in range(size):
        character = PyUnicode_READ(kind, data, index)
        if (
            (character < 32 and character not in (9, 10, 13))
            or 0xD800 <= character <= 0xDFFF
            or character in (0xFFFE, 0xFFFF)
        ):  # fmt: skip
            return False
    return True


def elements_of(dict records):
    """Return elements, and what their attributes hold."""
    cdef Py_ssize_t at = 0, inner, shortest = -1, keys = len(records)
    cdef PyObject *record
    cdef PyObject *name
    cdef PyObject *held
    cdef bint are_safe = True
    cdef set names = set()
    cdef list literals = []
    while PyDict_Next(records, &at, NULL, &record):
        keys += len(<dict>record)
        inner = 0
        while PyDict_Next(<object>record, &inner, &name, &held):
            names.add(<object>name)
            if type(<object>held) is str:
                are_safe = are_safe and is_safe(<str>held)
            elif type(<object>held) is Literal:
                literals.append(<object>held)
            else:
                if shortest < 0 or len(<list>held) < shortest:
                    shortest = len(<list>held)
                for value in <list>held:
                    if type(value) is str:
                        are_safe = are_safe and is_safe(<str>value)
                    else:
                        literals.append(value)
    return Elements(
        records, names, literals, are_safe, 2 if shortest < 0 else shortest, keys + 2 * len(literals)
    )


def columns_of(dict records, tuple names):
    """Return relations of one kind as columns."""
    cdef Py_ssize_t at = 0, inner, number = 0, keys = len(records), usual
    cdef PyObject *record
    cdef PyObject *name
    cdef PyObject *held
    cdef PyObject *found
    cdef int column
    cdef list columns = [[], [], [], []]
    cdef dict others = {}, rest
    cdef frozenset known = frozenset(names)
    while PyDict_Next(records, &at, NULL, &record):
        usual = 0
        for column in range(4):
            found = PyDict_GetItem(<object>record, <object>names[column])
            usual += found != NULL
            (<list>columns[column]).append(None if found == NULL else <object>found)
        keys += len(<dict>record)
        rest = None
        if usual < len(<dict>record):
            rest = others[number] = {}
        inner = 0
        while PyDict_Next(<object>record, &inner, &name, &held):
            if type(<object>held) is Literal:
                keys += 2
            elif type(<object>held) is list:
                for value in <list>held:
                    keys += 2 * (type(value) is Literal)
            if rest is not None and <object>name not in known:
                rest[<object>name] = <object>held
        number += 1
    return Columns(records, *columns, others, keys)
