# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: auto_pickle=False
"""Read the usual records at the speed of C.

Most records are complete on one line and have a plain payload: strings without escapes,
numbers, words, lists, mappings, and calls such as PosixPath('/x'). :class:`FastReader` reads
such lines, and stops at the first line that is anything else, which the scanner then reads.
It makes the events of records whose keys it has seen before; the dialect makes all others.
Both read the same from the same line; tests compare them.

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

from provlog.readers.log.facets import plain_path

cdef extern from "Python.h":
    str PyUnicode_New(Py_ssize_t size, Py_UCS4 maxchar)
    void* PyUnicode_DATA(object text)
    void* PyUnicode_DATA_OF "PyUnicode_DATA"(PyObject* text)
    Py_ssize_t PyUnicode_LENGTH_OF "PyUnicode_GET_LENGTH"(PyObject* text)
    bint PyUnicode_IS_ASCII(object text)
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL
    double PyOS_string_to_double(const char* text, char** end, PyObject* overflow) except? -1.0
    # The build defines it: the checksum of the sources.
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

# Records with more keys, or with keys that vary more, are the dialect's.
DEF MOST_KEYS = 32
DEF MOST_NODES = 10000
DEF MOST_CHILDREN = 64
DEF MOST_PARTS = 4

# Kinds of parts, see the classes in ``facets``.
DEF ID = 0
DEF RAW = 1
DEF TEXT = 2
DEF ATTRIBUTES = 3
DEF CONSTANT = 4

# Classes of characters.
DEF PLAIN = 0  # anything within a string
DEF STOPS = 1  # ends or spoils a string: quotes, backslashes, control characters
DEF IN_NAME = 2
DEF IN_TIME = 4
DEF DIGIT = 8
DEF BLANK = 16  # as str.rstrip removes them

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
    for code in b"\t\x0b\x0c\r\x1c\x1d\x1e\x1f ":
        CLASS[code] |= BLANK
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


cdef bint has_marker(const char* text, Py_ssize_t at, Py_ssize_t end) noexcept nogil:
    """Return whether a line has a whole marker."""
    cdef const char* found
    while True:
        found = <const char*>memchr(text + at, b"_", end - at)
        if found == NULL or end - (found - text) < 6:
            return False
        if memcmp(found, b"_PROV_", 6) == 0:
            return True
        at = found - text + 1


include "_payloads.pxi"


include "_records.pxi"


cdef class FastReader(RecordReader):
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

    # Whether records without markers have been read.
    cdef readonly bint has_bare
    cdef object _early_time
    cdef str _block
    cdef Py_ssize_t _size
    cdef bint _is_ascii
    # A position, in bytes and in characters.
    cdef Py_ssize_t _byte
    cdef Py_ssize_t _character

    def __init__(self, str file, origin, early_time, ids):
        RecordReader.__init__(self, file, origin, ids)
        self._early_time = early_time

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
        self._dialect = None
        return self._lines(position, number, found)

    def events(self, Py_ssize_t position, Py_ssize_t number, dialect, list found not None):
        """Add the events of the records, as :meth:`records` adds these."""
        self._dialect = dialect
        return self._lines(position, number, found)

    def longest_record(self):
        """Return the length of the longest line with a whole record; 0 if most are broken.

        Return -1 if a line with a record ends with another character than those of ASCII.
        """
        cdef const char* text = self._text
        cdef Py_ssize_t start = 0, end, last, longest = 0
        cdef int records = 0, whole = 0
        cdef const char* feed
        while start < self._size:
            feed = <const char*>memchr(text + start, b"\n", self._size - start)
            last = end = feed - text if feed != NULL else self._size
            if has_marker(text, start, end):
                records += 1
                while is_(text[last - 1], BLANK):
                    last -= 1
                if text[last - 1] & 0x80:
                    return -1
                last -= text[last - 1] == b")"
                if text[last - 1] == b"}":
                    whole += 1
                    longest = max(longest, characters(text, start, end))
            start = end + 1
        return longest if 2 * whole >= records else 0

    cdef tuple _lines(self, Py_ssize_t position, Py_ssize_t number, list found):
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
            # Hardly any two records have the same time.
            time = self._ascii(begun, at)
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
        node = self._record(at, end)
        if self._failed or self._has_progress(at):
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
        self._add(node, number, column, time, found)
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
        node = self._record(start, end)
        if self._failed or self._has_progress(start) or self._ids.isdisjoint(self._fields()):
            return False
        at = self._at
        while at < end and self._text[at] in b" \r":
            at += 1
        if at < end:
            return False
        self.has_bare = True
        self._add(node, number, 1, None, found)
        return True
