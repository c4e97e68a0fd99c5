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


cdef dict KINDS = {"IdPart": ID, "RawPart": RAW, "TextPart": TEXT, "AttributesPart": ATTRIBUTES}


cdef int index_of(tuple path, key) except -2:
    return path.index(key) if key in path else -1


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


cdef class Step:
    """What makes one event: its class, and for each part the kind and the keys."""

    cdef object event
    cdef bint sets_parameters
    cdef int size
    cdef int kinds[MOST_PARTS]
    # The index of a key in the record, -1 without; for attributes, the names and indices.
    cdef int indices[MOST_PARTS]
    cdef list contents


cdef class Node:
    """A beginning of the keys of records: what may follow, and the steps if this is all."""

    cdef list keys
    cdef list nodes
    cdef tuple path
    cdef bint is_owned
    cdef list steps
    cdef bint names_session
    cdef int session
    cdef int tag

    def __init__(self, tuple path, bint is_owned):
        self.keys, self.nodes, self.path, self.is_owned, self.steps = [], [], path, is_owned, None


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

    # Whether records without markers have been read.
    cdef readonly bint has_bare
    cdef object _dialect
    cdef Node _root
    cdef int _nodes
    # The top-level keys and values of a record, and where the values begin and end.
    cdef list _keys
    cdef list _values
    cdef Py_ssize_t _starts[MOST_KEYS]
    cdef Py_ssize_t _ends[MOST_KEYS]

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
    # The number of top-level keys.
    cdef int _count
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
        self._dialect = None
        self._root = Node((), False)
        self._nodes = 0
        self._keys = [None] * MOST_KEYS
        self._values = [None] * MOST_KEYS

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

    # Records

    cdef bint _has_progress(self, Py_ssize_t start) noexcept:
        """Return whether the payload that has been read has a progress bar."""
        cdef const char* found = self._text + start
        cdef const char* end = self._text + self._at
        while True:
            found = <const char*>memchr(found, b"|", end - found)
            if found == NULL:
                return False
            if (found - 1)[0] == b"%":
                return True
            found += 1

    cdef Node _record(self, Py_ssize_t at, Py_ssize_t end):
        """Read a payload; return the node of its keys, ``None`` if they are not usual."""
        cdef Node node = self._root, before = None
        cdef int count = 0
        cdef char character
        cdef bint is_number = False
        self._at, self._end, self._failed, self._count = at, end, False, 0
        self._at += 1
        self._skip_blanks()
        if self._text[self._at] == b"}":
            self._at += 1
            return None
        while True:
            if count == MOST_KEYS:
                self._fail()
                return None
            character = self._text[self._at]
            is_number = character not in b"'\""
            key = self._number_as_key() if is_number else self._string(character)
            if self._failed:
                return None
            self._skip_blanks()
            if self._text[self._at] != b":":
                self._fail()
                return None
            self._at += 1
            self._skip_blanks()
            self._starts[count] = self._at
            if self._text[self._at] in b"{[(":
                value = self._seen_value(key, 0)
            else:
                value = self._value(0)
            if self._failed:
                return None
            self._ends[count] = self._at
            self._keys[count] = key
            self._values[count] = value
            count += 1
            before = node
            if node is not None:
                node = None if is_number else self._child(node, key)
            self._skip_blanks()
            character = self._text[self._at]
            self._at += 1
            if character == b"}":
                break
            if character != b",":
                self._fail()
                return None
            self._skip_blanks()
        self._count = count
        if is_number and before is not None and not before.is_owned and self._dialect is not None:
            # logprov writes the id of a used entity as its own key.
            count -= 1
            size = self._ends[count] - self._starts[count]
            if type(value) is int and len(key) == size and memcmp(
                PyUnicode_DATA(key), self._text + self._starts[count], size
            ) == 0:
                return self._child(before, "entity_id")
        return node

    cdef Node _child(self, Node node, str key):
        """Return the node of the keys of a node and one more; ``None`` if there are too many."""
        cdef Py_ssize_t index, count = len(node.keys)
        for index in range(count):
            if <PyObject*>node.keys[index] == <PyObject*>key:
                return <Node>node.nodes[index]
        for index in range(count):
            if node.keys[index] == key:
                node.keys[index] = key
                return <Node>node.nodes[index]
        if count == MOST_CHILDREN or self._nodes == MOST_NODES or key in node.path:
            return None
        self._nodes += 1
        child = Node((*node.path, key), node.is_owned or key in self._ids)
        node.keys.append(key)
        node.nodes.append(child)
        return child

    cdef dict _fields(self):
        cdef int index
        cdef dict fields = {}
        for index in range(self._count):
            fields[self._keys[index]] = self._values[index]
        return fields

    cdef int _add(
        self, Node node, Py_ssize_t number, Py_ssize_t column, object time, list found
    ) except -1:
        """Add a record or its events."""
        cdef Step step
        cdef list made
        if self._dialect is None:
            found.append((self._origin(self._file, number, column, time), self._fields()))
            return 0
        if node is not None and node.steps is not None:
            if node.names_session:
                session = self._part(TEXT, node.session)
                tag = None if self._failed else self._part(TEXT, node.tag)
                origin = self._origin(self._file, number, column, time, session, tag)
            else:
                origin = self._origin(self._file, number, column, time)
            if not self._failed:
                if len(node.steps) == 1:
                    made = None
                    event = self._make(<Step>node.steps[0], origin)
                    if not self._failed:
                        found.append(event)
                        return 0
                else:
                    made = []
                    for step in node.steps:
                        made.append(self._make(step, origin))
                        if self._failed:
                            break
                    else:
                        found.extend(made)
                        return 0
        # The first record of these keys, or one with an unusual id.
        self._failed = False
        fields = self._fields()
        found.extend(self._dialect.feed([(self._origin(self._file, number, column, time), fields)]))
        if node is not None and node.steps is None:
            self._learn(node)
        return 0

    cdef int _learn(self, Node node) except -1:
        """Take the steps for the keys of a node from the dialect, if it has them."""
        cdef list steps = []
        shape = self._dialect.known(node.path)
        if shape is None or not shape.makers:
            return 0
        for maker in shape.makers:
            step = self._step(maker, node.path)
            if step is None:
                return 0
            steps.append(step)
        node.names_session = shape.names_session
        node.session = index_of(node.path, "in_session")
        node.tag = index_of(node.path, "session_tag")
        node.steps = steps
        return 0

    cdef Step _step(self, maker, tuple path):
        cdef Step step = Step()
        cdef int index
        parts = maker.parts
        if len(parts) > MOST_PARTS:
            return None
        step.event, step.contents, step.size = maker.event, [], len(parts)
        step.sets_parameters = type(maker).__name__ == "ParametersMaker"
        for index, part in enumerate(parts):
            kind = KINDS.get(type(part).__name__)
            if kind is None:
                return None
            step.indices[index] = -1
            content = None
            if kind == ATTRIBUTES:
                if part.constant is not None:
                    kind, content = CONSTANT, part.constant
                else:
                    content = [(name, path.index(key)) for name, key in part.keys.items()]
            else:
                step.indices[index] = index_of(path, part.key)
            step.kinds[index] = kind
            step.contents.append(content)
        return step

    cdef object _make(self, Step step, object origin):
        """Return an event; fail if a value is unusual."""
        cdef object first = None, second = None, third = None, fourth = None
        if step.sets_parameters and type(self._values[step.indices[1]]) is not dict:
            return self._fail()
        first = self._part_of(step, 0)
        if step.size > 1 and not self._failed:
            second = self._part_of(step, 1)
            if step.size > 2 and not self._failed:
                third = self._part_of(step, 2)
                if step.size > 3 and not self._failed:
                    fourth = self._part_of(step, 3)
        if self._failed:
            return None
        if step.size == 1:
            return step.event(origin, first)
        if step.size == 2:
            return step.event(origin, first, second)
        if step.size == 3:
            return step.event(origin, first, second, third)
        return step.event(origin, first, second, third, fourth)

    cdef object _part_of(self, Step step, int index):
        cdef int kind = step.kinds[index]
        cdef list content
        cdef dict attributes
        cdef tuple item
        cdef str name
        if kind < ATTRIBUTES:
            return self._part(kind, step.indices[index])
        if kind == CONSTANT:
            return dict(step.contents[index])
        content = <list>step.contents[index]
        attributes = {}
        for item in content:
            name = <str>item[0]
            value = self._values[<int>item[1]]
            attributes[name] = plain_path(value) if name == "prov:location" else value
        return attributes

    cdef object _part(self, int kind, int index):
        """Return an id, a value or a text; fail if it is unusual."""
        if index < 0:
            return None
        value = self._values[index]
        if kind == RAW or type(value) is str:
            return value
        if type(value) is int:
            # JSON's grammar leaves an integer one spelling.
            return self._short(self._starts[index], self._ends[index])
        if value is None and kind == TEXT:
            return None
        return self._fail()

    # Payloads

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
        made = self._ascii(start, end)
        if place != NULL:
            held = place[0]
            Py_INCREF(made)
            place[0] = <PyObject*>made
            Py_XDECREF(held)
        return made

    cdef str _ascii(self, Py_ssize_t start, Py_ssize_t end):
        """Return ASCII characters as a new string."""
        cdef str made = PyUnicode_New(end - start, 127)
        if end > start:
            memcpy(PyUnicode_DATA(made), self._text + start, end - start)
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
