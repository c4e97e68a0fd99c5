# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: auto_pickle=False
"""Read the usual records at the speed of C.

Most records are complete on one line and have a plain payload: strings without escapes,
numbers, words, lists, mappings, and calls such as PosixPath('/x'). :class:`FastReader` reads
such lines, and stops at the first line that is anything else, which the scanner then reads.
Both read the same values from the same line; tests compare them.

The text is UTF-8. At the end of each line is a line feed or a NUL, which no loop passes, so that
reading one character ahead is always safe.
"""

from cpython.float cimport PyFloat_FromDouble
from cpython.long cimport PyLong_FromLongLong
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.math cimport isfinite
from libc.string cimport memchr, memcmp, memcpy

cdef extern from "Python.h":
    str PyUnicode_New(Py_ssize_t size, Py_UCS4 maxchar)
    void* PyUnicode_DATA(object text)
    void* PyUnicode_DATA_OF "PyUnicode_DATA"(PyObject* text)
    Py_ssize_t PyUnicode_LENGTH_OF "PyUnicode_GET_LENGTH"(PyObject* text)
    bint PyUnicode_IS_ASCII(object text)
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL
    double PyOS_string_to_double(const char* text, char** end, PyObject* overflow) except? -1.0
    # The build defines it: the checksum of this file.
    unsigned int PROVLOG_SOURCE

SOURCE = PROVLOG_SOURCE

# A deeper payload is the scanner's.
DEF DEEPEST = 60
DEF LONGEST_NUMBER = 40
DEF LONGEST_NAME = 90
# Short strings repeat: ids, roles, names. A table holds the last ones, so that equal strings are
# one object, which saves memory here and comparisons in the builder.
DEF STRINGS = 8192
DEF LONGEST_STRING = 48
# Long values repeat under their key: sessions describe the same packages. They are compared with
# the last one before they are read. What events hold is immutable, so that records can share it.
DEF SHORTEST_SEEN = 32
DEF LONGEST_SEEN = 1 << 16
DEF MOST_SEEN = 1000
DEF DEEPEST_SEEN = 3

# Classes of characters.
DEF PLAIN = 0  # anything within a string
DEF STOPS = 1  # ends or spoils a string: quotes, backslashes, control characters
DEF IN_NAME = 2
DEF IN_TIME = 4
DEF DIGIT = 8

cdef unsigned char CLASS[256]
cdef const char* MARK = "PROV_"


cdef void fill_classes():
    cdef int code
    for code in range(256):
        CLASS[code] = 0
        if code < 32:
            CLASS[code] |= STOPS
    for code in b"'\"\\":
        CLASS[code] |= STOPS
    for code in b"0123456789":
        CLASS[code] |= DIGIT | IN_NAME | IN_TIME
    for code in b"T:.,Z+ -":
        CLASS[code] |= IN_TIME
    for code in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.":
        CLASS[code] |= IN_NAME


fill_classes()


cdef inline bint is_(char character, int kind) noexcept nogil:
    return CLASS[<unsigned char>character] & kind != 0


cdef inline Py_ssize_t characters(const char* text, Py_ssize_t start, Py_ssize_t end) noexcept nogil:
    """Return the number of characters between two positions: bytes that do not continue one."""
    cdef Py_ssize_t at, found = 0
    for at in range(start, end):
        found += (<unsigned char>text[at] & 0xC0) != 0x80
    return found


cdef class FastReader:
    """Reader of the usual records of one log.

    Parameters
    ----------
    file : str
        The log's name, for the origins of records.
    origin, early_time : callable
        The class of origins; the function that finds the time before a marker.
    ids : frozenset of str
        The keys, one of which a payload without a marker must have.
    """

    cdef object _file
    cdef object _origin
    cdef object _early_time
    cdef object _ids
    cdef str _block
    cdef const char* _text
    cdef Py_ssize_t _size
    cdef bint _is_ascii
    # A position, in bytes and in characters.
    cdef Py_ssize_t _byte
    cdef Py_ssize_t _character
    # The position in the payload, the end of its line, and whether the payload is unusual.
    cdef Py_ssize_t _at
    cdef Py_ssize_t _end
    cdef bint _failed
    cdef PyObject** _strings
    cdef dict _seen

    def __cinit__(self):
        self._strings = <PyObject**>PyMem_Calloc(STRINGS, sizeof(PyObject*))
        if self._strings == NULL:
            raise MemoryError

    def __init__(self, str file, origin, early_time, ids):
        self._file = file
        self._origin = origin
        self._early_time = early_time
        self._ids = ids
        self._seen = {}

    def __dealloc__(self):
        cdef Py_ssize_t index
        if self._strings != NULL:
            for index in range(STRINGS):
                Py_XDECREF(self._strings[index])
            PyMem_Free(self._strings)

    def begin(self, str block not None):
        """Take the next block of lines; return false if it is not valid Unicode."""
        self._size = self._byte = self._character = 0
        try:
            self._text = PyUnicode_AsUTF8AndSize(block, &self._size)
        except UnicodeEncodeError:
            self._size = 0
            return False
        self._block = block
        self._is_ascii = PyUnicode_IS_ASCII(block)
        return True

    def records(self, Py_ssize_t position, Py_ssize_t number, list found not None):
        """Add the records of lines to a list, up to the first line that is not usual.

        Return the position and the number of that line.
        """
        cdef const char* text = self._text
        cdef Py_ssize_t start = self._byte_of(position), end, mark
        cdef const char* feed
        while start < self._size:
            feed = <const char*>memchr(text + start, b"\n", self._size - start)
            end = feed - text if feed != NULL else self._size
            if text[start] == b"{":
                if not self._read_bare(start, end, number, found):
                    break
            else:
                mark = self._marker(start, end)
                if mark == -2 or (mark >= 0 and not self._read(start, mark, end, number, found)):
                    break
                if mark == -1 and feed == NULL:
                    number -= 1
            number += 1
            start = end + 1
        return self._character_of(min(start, self._size)), number

    cdef Py_ssize_t _byte_of(self, Py_ssize_t position) noexcept:
        """Return the byte at which a character begins, behind those asked for before."""
        cdef Py_ssize_t at = self._byte, left = position - self._character
        if self._is_ascii:
            return min(max(position, 0), self._size)
        while at < self._size and left > 0:
            at += 1
            while at < self._size and (<unsigned char>self._text[at] & 0xC0) == 0x80:
                at += 1
            left -= 1
        self._byte, self._character = at, position - left
        return at

    cdef Py_ssize_t _character_of(self, Py_ssize_t byte) noexcept:
        if self._is_ascii:
            return byte
        self._character += characters(self._text, self._byte, byte)
        self._byte = byte
        return self._character

    # Markers

    cdef Py_ssize_t _marker(self, Py_ssize_t at, Py_ssize_t end) noexcept:
        """Return where a line has a marker; -1 if nowhere, -2 if perhaps a broken one."""
        cdef const char* text = self._text
        cdef const char* found
        cdef Py_ssize_t same
        while True:
            found = <const char*>memchr(text + at, b"_", end - at)
            if found == NULL:
                return -1
            at = found - text + 1
            same = 0
            while same < 5 and text[at + same] == MARK[same]:
                same += 1
            if same == 5:
                return at - 1
            # Half a marker ends the line, perhaps with a column that holds a path.
            if at + same >= end or text[at + same] in b" \t\r":
                return -2

    cdef bint _read(
        self, Py_ssize_t start, Py_ssize_t mark, Py_ssize_t end, Py_ssize_t number, list found
    ) except -1:
        """Read the record at a marker; return whether it is usual."""
        cdef const char* text = self._text
        cdef Py_ssize_t at = mark + 6, begun
        cdef object time = None
        while text[at] == b"_":
            at += 1
        if is_(text[at], DIGIT):
            begun = at
            while is_(text[at], IN_TIME):
                at += 1
            if not 10 <= at - begun <= 41 or text[at] != b"_":
                return False
            time = self._short(begun, at)
            while text[at] == b"_":
                at += 1
            if at + 4 > end or memcmp(text + at, b"PROV", 4) != 0:
                return False
            at += 4
            while text[at] == b"_":
                at += 1
        if text[at] == b"(":
            at += 1
        if text[at] != b"{":
            return False
        fields = self._payload(at, end)
        if self._failed:
            return False
        # The payload reaches up to the last brace of the line.
        at = self._at
        if memchr(text + at, b"}", end - at) != NULL:
            return False
        while at < end:
            if text[at] == b"_" and text[at + 1] == b"P":
                return False
            at += 1
        if time is None:
            time = self._time_before(start, mark)
        column = (mark - start if self._is_ascii else characters(text, start, mark)) + 1
        found.append((self._origin(self._file, number, column, time), fields))
        return True

    cdef object _time_before(self, Py_ssize_t start, Py_ssize_t mark):
        cdef Py_ssize_t at = mark
        while at > start and self._text[at - 1] == b"_":
            at -= 1
        if at == start or not (is_(self._text[at - 1], DIGIT) or self._text[at - 1] == b"Z"):
            return None
        return self._early_time(PyUnicode_DecodeUTF8(self._text + start, mark - start, NULL))

    cdef bint _read_bare(
        self, Py_ssize_t start, Py_ssize_t end, Py_ssize_t number, list found
    ) except -1:
        """Read a line that begins with a brace; return whether it is a payload."""
        cdef Py_ssize_t at
        fields = self._payload(start, end)
        if self._failed or self._ids.isdisjoint(fields):
            return False
        at = self._at
        while at < end and self._text[at] in b" \r":
            at += 1
        if at < end:
            return False
        found.append((self._origin(self._file, number, 1), fields))
        return True

    # Payloads

    cdef dict _payload(self, Py_ssize_t at, Py_ssize_t end):
        self._at, self._end, self._failed = at, end, False
        return self._mapping(0)

    cdef object _fail(self):
        self._failed = True
        return None

    cdef inline void _skip_blanks(self) noexcept:
        while self._text[self._at] == b" ":
            self._at += 1

    cdef dict _mapping(self, int depth):
        cdef dict found = {}
        cdef char character
        self._at += 1
        self._skip_blanks()
        if self._text[self._at] == b"}":
            self._at += 1
            return found
        while True:
            character = self._text[self._at]
            if character in b"'\"":
                key = self._string(character)
            else:
                key = self._number_as_key()
            if self._failed:
                return None
            self._skip_blanks()
            if self._text[self._at] != b":":
                return self._fail()
            self._at += 1
            self._skip_blanks()
            character = self._text[self._at]
            if character in b"{[(" and depth < DEEPEST_SEEN:
                value = self._seen_value(key, depth)
            else:
                value = self._value(depth)
            if self._failed:
                return None
            found[key] = value
            self._skip_blanks()
            character = self._text[self._at]
            self._at += 1
            if character == b"}":
                return found
            if character != b",":
                return self._fail()
            self._skip_blanks()

    cdef list _items(self, char closer, int depth):
        cdef list found = []
        cdef char character
        self._at += 1
        self._skip_blanks()
        if self._text[self._at] == closer:
            self._at += 1
            return found
        while True:
            value = self._value(depth)
            if self._failed:
                return None
            found.append(value)
            self._skip_blanks()
            character = self._text[self._at]
            self._at += 1
            if character == closer:
                return found
            if character != b",":
                return self._fail()
            self._skip_blanks()
            if closer == b")" and self._text[self._at] == b")":
                self._at += 1
                return found

    cdef object _seen_value(self, str key, int depth):
        """Read a container, unless the last one under its key is the same text."""
        cdef Py_ssize_t start = self._at, size
        cdef tuple last = self._seen.get(key)
        cdef bytes text
        if last is not None:
            text = <bytes>last[0]
            size = len(text)
            if size <= self._end - start and memcmp(
                <const char*>text, self._text + start, size
            ) == 0:
                self._at += size
                return last[1]
        value = self._value(depth)
        size = self._at - start
        if not self._failed and SHORTEST_SEEN <= size <= LONGEST_SEEN and (
            last is not None or len(self._seen) < MOST_SEEN
        ):
            self._seen[key] = (self._text[start:self._at], value)
        return value

    cdef object _value(self, int depth):
        cdef char character = self._text[self._at]
        if character in b"'\"":
            return self._string(character)
        if is_(character, DIGIT) or (
            character == b"-" and is_(self._text[self._at + 1], DIGIT)
        ):
            return self._number()
        if character in b"{[(":
            if depth >= DEEPEST:
                return self._fail()
            if character == b"{":
                return self._mapping(depth + 1)
            return self._items(b"]" if character == b"[" else b")", depth + 1)
        if character == b"<":
            return self._object()
        return self._word()

    cdef str _string(self, char quote):
        cdef const char* text = self._text
        cdef Py_ssize_t start = self._at + 1, at = start
        cdef unsigned char every = 0
        while True:
            while not is_(text[at], STOPS):
                every |= <unsigned char>text[at]
                at += 1
            if text[at] == quote:
                break
            if text[at] not in b"'\"":
                return self._fail()
            at += 1
        self._at = at + 1
        if every & 0x80:
            return PyUnicode_DecodeUTF8(text + start, at - start, NULL)
        return self._short(start, at)

    cdef str _short(self, Py_ssize_t start, Py_ssize_t end):
        """Return ASCII characters as a string; the same one as before, if possible."""
        cdef const char* text = self._text + start
        cdef Py_ssize_t size = end - start
        cdef unsigned long long first = 0, last = 0
        cdef PyObject** place = NULL
        cdef PyObject* held
        cdef str made
        if size <= LONGEST_STRING:
            if size >= 8:
                memcpy(&first, text, 8)
                memcpy(&last, text + size - 8, 8)
            else:
                memcpy(&first, text, size)
            first = (first ^ (last * 0x9E3779B97F4A7C15ULL) ^ size) * 0xC2B2AE3D27D4EB4FULL
            place = self._strings + ((first >> 40) & (STRINGS - 1))
            held = place[0]
            if held != NULL and PyUnicode_LENGTH_OF(held) == size and memcmp(
                PyUnicode_DATA_OF(held), text, size
            ) == 0:
                return <str>held
        made = PyUnicode_New(size, 127)
        if size:
            memcpy(PyUnicode_DATA(made), text, size)
        if place != NULL:
            held = place[0]
            Py_INCREF(made)
            place[0] = <PyObject*>made
            Py_XDECREF(held)
        return made

    cdef str _number_as_key(self):
        """Return a number that is a key, as logprov writes ids of used entities, as text."""
        cdef Py_ssize_t start = self._at
        if self._text[self._at] == b"-":
            self._at += 1
        if not is_(self._text[self._at], DIGIT):
            return self._fail()
        while is_(self._text[self._at], DIGIT):
            self._at += 1
        return self._short(start, self._at)

    cdef object _number(self):
        """Return a number of JSON's grammar."""
        cdef const char* text = self._text
        cdef Py_ssize_t start = self._at, at = start
        cdef bint is_negative = text[at] == b"-", is_integer = True
        cdef long long value = 0
        cdef Py_ssize_t digits
        cdef char copy[LONGEST_NUMBER + 1]
        at += is_negative
        digits = at
        while is_(text[at], DIGIT):
            if at - digits < 18:
                value = value * 10 + (text[at] - 48)
            at += 1
        if text[digits] == b"0" and (at - digits > 1 or is_negative and text[at] != b"."):
            return self._fail()
        if text[at] not in b".eE":
            self._at = at
            if at - digits <= 18:
                return PyLong_FromLongLong(-value if is_negative else value)
            is_integer = at - start <= LONGEST_NUMBER
            if not is_integer or at - digits > 19:
                return self._fail()
            return int(text[start:at])
        if text[at] == b".":
            at += 1
            if not is_(text[at], DIGIT):
                return self._fail()
            while is_(text[at], DIGIT):
                at += 1
        if text[at] in b"eE":
            at += 1
            if text[at] in b"+-":
                at += 1
            if not is_(text[at], DIGIT):
                return self._fail()
            while is_(text[at], DIGIT):
                at += 1
        if at - start > LONGEST_NUMBER:
            return self._fail()
        memcpy(copy, text + start, at - start)
        copy[at - start] = 0
        self._at = at
        result = PyOS_string_to_double(copy, NULL, NULL)
        if not isfinite(result):
            return self._fail()
        return PyFloat_FromDouble(result)

    cdef object _object(self):
        """Return text such as ``<Quantity 1. TeV>``."""
        cdef const char* text = self._text
        cdef Py_ssize_t start = self._at, at = start + 1
        cdef unsigned char every = 0
        if not is_(text[at], IN_NAME) or is_(text[at], DIGIT) or text[at] == b".":
            return self._fail()
        while not is_(text[at], STOPS) and text[at] not in b"<>":
            every |= <unsigned char>text[at]
            at += 1
        if text[at] != b">":
            return self._fail()
        self._at = at + 1
        return PyUnicode_DecodeUTF8(text + start, self._at - start, NULL)

    cdef object _word(self):
        """Return a constant, or text such as ``array([0.5, 2.])``."""
        cdef const char* text = self._text
        cdef Py_ssize_t start = self._at, at = start, size
        cdef char quote
        while is_(text[at], IN_NAME):
            at += 1
        size = at - start
        if size == 0:
            if begins_with(text + start, 4, b"-inf") and not is_(text[start + 4], IN_NAME):
                self._at = start + 4
                return "-inf"
            return self._fail()
        if is_(text[start], DIGIT) or text[start] == b"." or size > LONGEST_NAME:
            return self._fail()
        if text[at] != b"(":
            self._at = at
            if size == 4:
                if memcmp(text + start, b"None", 4) == 0 or memcmp(text + start, b"null", 4) == 0:
                    return None
                if memcmp(text + start, b"True", 4) == 0 or memcmp(text + start, b"true", 4) == 0:
                    return True
            elif size == 5:
                if memcmp(text + start, b"False", 5) == 0 or memcmp(text + start, b"false", 5) == 0:
                    return False
            elif size == 3:
                if memcmp(text + start, b"nan", 3) == 0 or memcmp(text + start, b"inf", 3) == 0:
                    return self._short(start, at)
            return self._fail()
        at += 1
        while text[at] not in b"()":
            quote = text[at]
            if quote in b"'\"":
                at += 1
                while text[at] != quote:
                    if is_(text[at], STOPS) and text[at] not in b"'\"":
                        return self._fail()
                    at += 1
            elif is_(quote, STOPS):
                return self._fail()
            at += 1
        if text[at] != b")":
            return self._fail()
        self._at = at + 1
        return PyUnicode_DecodeUTF8(text + start, self._at - start, NULL)


cdef inline bint begins_with(const char* text, int size, const char* word) noexcept nogil:
    """Return whether a word begins here; it stops at the end of the line."""
    cdef int at
    for at in range(size):
        if text[at] != word[at]:
            return False
    return True
