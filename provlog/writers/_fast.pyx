# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: auto_pickle=False
"""Write the usual statements at the speed of C, in any format.

This module knows no format. Of all statements with the same names and datatypes, a writer writes
one with placeholders instead of ids, times and values; the text around these is the template of
the others. The writer itself writes each statement with other contents, such as lists of values.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_Next
from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdio cimport snprintf
from libc.string cimport memcpy

from provlog.structs cimport field, place_of

from provlog.model.graph import ABSENT, Activity, Element, QualifiedRelation, Relation
from provlog.model.values import Literal

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)
    const char* PyUnicode_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL
    # The build defines it: the checksum of the sources.
    unsigned int PROVLOG_SOURCE

SOURCE = PROVLOG_SOURCE

# The size of a piece: large enough for speed, small enough to stay in the processor's cache.
DEF PIECE = 1 << 16
# A statement with more values, or with names that vary more, is written by the writer.
DEF MOST_VALUES = 64
DEF MOST_SHAPES = 4096
DEF MOST_CHILDREN = 64
# Sessions share long values, as one object: the last ones are escaped once.
DEF LONG = 1000
DEF MOST_LONG = 16

cdef Py_ssize_t ID = place_of(Element, "id")
cdef Py_ssize_t ATTRIBUTES = place_of(Element, "attributes")
cdef Py_ssize_t STARTED = place_of(Activity, "start")
cdef Py_ssize_t ENDED = place_of(Activity, "end")
cdef Py_ssize_t SOURCE_END = place_of(Relation, "source")
cdef Py_ssize_t TARGET_END = place_of(Relation, "target")
cdef Py_ssize_t ROLE = place_of(Relation, "role")
cdef Py_ssize_t TYPE = place_of(Relation, "type")
cdef Py_ssize_t RELATION_ID = place_of(QualifiedRelation, "id")
cdef Py_ssize_t TIME = place_of(QualifiedRelation, "time")
cdef Py_ssize_t ARGUMENTS = place_of(QualifiedRelation, "arguments")
cdef Py_ssize_t PAIRS = place_of(QualifiedRelation, "attributes")
cdef Py_ssize_t TEXT = place_of(Literal, "text")
cdef Py_ssize_t DATATYPE = place_of(Literal, "datatype")


cdef class Buffer:
    """A growing text in UTF-8."""

    cdef char* data
    cdef Py_ssize_t size
    cdef Py_ssize_t capacity

    def __cinit__(self):
        self.capacity = 2 * PIECE
        self.data = <char*>PyMem_Malloc(self.capacity)
        if self.data == NULL:
            raise MemoryError

    def __dealloc__(self):
        PyMem_Free(self.data)

    cdef inline int put(self, const char* text, Py_ssize_t size) except -1:
        if self.size + size > self.capacity:
            self.grow(size)
        memcpy(self.data + self.size, text, size)
        self.size += size
        return 0

    cdef int grow(self, Py_ssize_t size) except -1:
        cdef Py_ssize_t capacity = 2 * (self.size + size)
        cdef char* data = <char*>PyMem_Realloc(self.data, capacity)
        if data == NULL:
            raise MemoryError
        self.data, self.capacity = data, capacity
        return 0

    cdef inline int put_bytes(self, bytes text) except -1:
        return self.put(PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text))

    cdef int put_text(self, object text) except -1:
        """Add a text as it is."""
        cdef Py_ssize_t size = 0
        if PyUnicode_IS_ASCII(text):
            return self.put(PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text))
        cdef const char* data = PyUnicode_AsUTF8AndSize(text, &size)
        return self.put(data, size)

    cdef str take(self):
        """Return the text and begin a new one."""
        cdef Py_ssize_t size = self.size
        self.size = 0
        return PyUnicode_DecodeUTF8(self.data, size, NULL)


cdef inline bint is_plain(object text) noexcept:
    """Return whether every format writes a value as it is."""
    cdef const unsigned char* data
    cdef unsigned char one
    cdef bint is_special = False
    cdef Py_ssize_t index
    if not PyUnicode_IS_ASCII(text):
        return False
    data = <const unsigned char*>PyUnicode_DATA(text)
    # Without a way out of the loop, the compiler tests several characters at once.
    for index in range(PyUnicode_GET_LENGTH(text)):
        one = data[index]
        is_special |= (one < 32) | (one > 126) | (one == 34) | (one == 38)
        is_special |= (one == 60) | (one == 62) | (one == 92)
    return not is_special


# Templates

cdef str placeholder(int index):
    """Return a character for private use, which the formats do not escape."""
    return chr(0xE000 + index)


cdef list placeholders(int size):
    return [placeholder(index) for index in range(size)]


cdef class Template:
    """The texts around the ids and values of a statement."""

    cdef list texts
    # After each text but the last, the id or value with this index follows.
    cdef int order[MOST_VALUES + 1]
    cdef int size


cdef Template template_of(str text, list texts, int required):
    """Split a statement at placeholders; ``None`` if it has one of them not exactly once.

    Placeholders with an index from ``required`` on may be missing.
    """
    cdef Template made = Template()
    cdef int index
    cdef Py_ssize_t position = 0, at
    places = []
    for index, sought in enumerate(texts):
        count = text.count(sought)
        if count == 1:
            places.append((text.index(sought), index))
        elif count or index < required:
            return None
    made.texts, made.size = [], len(places)
    for number, (at, index) in enumerate(sorted(places)):
        made.texts.append(text[position:at].encode())
        made.order[number] = index
        position = at + len(texts[index])
    made.texts.append(text[position:].encode())
    return made


cdef class Shape:
    """A beginning of the names and datatypes of an element's attributes."""

    cdef list names, datatypes, children
    cdef tuple path
    cdef Template template
    cdef bint is_known

    def __init__(self, tuple path):
        self.names, self.datatypes, self.children, self.path = [], [], [], path


# Elements

cdef class Elements:
    """Writer of elements of one class."""

    cdef object write, escape
    cdef list roots
    cdef int shapes
    cdef Buffer buffer
    # Long values, which must stay alive, and their escaped texts, by the identities of the values.
    cdef dict long_values
    # The texts of an element, which keeps them alive: its times and its values.
    cdef PyObject* values[MOST_VALUES]
    cdef int count

    def __init__(self, write, escape, Buffer buffer):
        self.write, self.escape, self.buffer = write, escape, buffer
        self.roots = [Shape(()) for _ in range(4)]
        self.shapes = 0
        self.long_values = {}

    cdef int add(self, object element, bint is_activity) except -1:
        """Add the statement of an element to the buffer."""
        cdef Template template = None
        cdef int times = self.take_times(element) if is_activity else 0
        cdef Shape shape = self.shape_of(element, times)
        if shape is not None:
            if not shape.is_known:
                shape.template = self.learn(element, shape, times)
                shape.is_known = True
            template = shape.template
        if template is None:
            return self.buffer.put_text(self.write(element))
        return self.fill(template, field(element, ID))

    cdef int take_times(self, object activity) except -1:
        """Keep the times of an activity; return which it has, as bits."""
        cdef int times = 0
        start, end = field(activity, STARTED), field(activity, ENDED)
        self.count = 0
        if start:
            self.values[self.count] = <PyObject*>start
            self.count += 1
            times = 1
        if end:
            self.values[self.count] = <PyObject*>end
            self.count += 1
            times |= 2
        return times

    cdef Shape shape_of(self, object element, int times):
        """Keep the values of an element; return its shape, ``None`` for an unusual one."""
        cdef Shape shape = <Shape>self.roots[times]
        cdef Py_ssize_t position = 0
        cdef PyObject* name
        cdef PyObject* held
        self.count = (times & 1) + (times >> 1)
        while PyDict_Next(field(element, ATTRIBUTES), &position, &name, &held):
            if self.count == MOST_VALUES:
                return None
            value, datatype = <object>held, None
            if type(value) is Literal:
                value, datatype = field(value, TEXT), field(value, DATATYPE)
            if type(value) is not str:
                return None
            self.values[self.count] = <PyObject*>value
            self.count += 1
            shape = self.child(shape, <object>name, datatype)
            if shape is None:
                return None
        return shape

    cdef Shape child(self, Shape shape, object name, object datatype):
        """Return the shape with one more attribute; ``None`` if there are too many."""
        cdef Py_ssize_t index, count = len(shape.names)
        for index in range(count):
            if shape.names[index] is name and shape.datatypes[index] is datatype:
                return <Shape>shape.children[index]
        for index in range(count):
            if shape.names[index] == name and shape.datatypes[index] == datatype:
                shape.names[index], shape.datatypes[index] = name, datatype
                return <Shape>shape.children[index]
        if count == MOST_CHILDREN or self.shapes == MOST_SHAPES:
            return None
        self.shapes += 1
        child = Shape((*shape.path, (name, datatype)))
        shape.names.append(name)
        shape.datatypes.append(datatype)
        shape.children.append(child)
        return child

    cdef Template learn(self, object element, Shape shape, int times):
        """Have the writer write an element of a shape."""
        cdef int index = 1
        sample = type(element)(placeholder(0), {})
        for bit, name in ((1, "start"), (2, "end")):
            if times & bit:
                setattr(sample, name, placeholder(index))
                index += 1
        for name, datatype in shape.path:
            text = placeholder(index)
            sample.attributes[name] = text if datatype is None else Literal(text, datatype)
            index += 1
        return template_of(self.write(sample), placeholders(index), index)

    cdef int fill(self, Template template, object name) except -1:
        cdef int number, index
        for number in range(template.size):
            self.buffer.put_bytes(<bytes>template.texts[number])
            index = template.order[number]
            if index == 0:
                self.buffer.put_text(name)
                continue
            value = <object>self.values[index - 1]
            self.buffer.put_text(value if is_plain(value) else self.escaped(value))
        return self.buffer.put_bytes(<bytes>template.texts[template.size])

    cdef object escaped(self, object value):
        if PyUnicode_GET_LENGTH(value) < LONG:
            return self.escape(value)
        key = <Py_ssize_t><PyObject*>value
        known = self.long_values.get(key)
        if known is None:
            if len(self.long_values) == MOST_LONG:
                self.long_values.clear()
            known = self.long_values[key] = value, self.escape(value)
        return (<tuple>known)[1]


def elements(items, write, escape, str separator):
    """Yield the statements of elements of one class, joined into pieces."""
    cdef Buffer buffer = Buffer()
    cdef Elements writer = Elements(write, escape, buffer)
    cdef bytes between = separator.encode()
    cdef bint is_first = True
    for element in items:
        if not is_first:
            buffer.put_bytes(between)
        is_first = False
        writer.add(element, type(element) is Activity)
        if buffer.size >= PIECE:
            yield buffer.take()
    if buffer.size:
        yield buffer.take()


# Relations
include "_relations.pxi"
