# cython: language_level=3, auto_pickle=False
"""Take common PROV-XML documents apart at the speed of C, as ``splitting.split`` does.

Tests compare both.
"""

from cpython.bytes cimport PyBytes_AS_STRING
from libc.string cimport memcmp

from provlog.readers.documents.xml.splitting import Children, Rows, UnusualError

cdef extern from "Python.h":
    object PyUnicode_DecodeUTF8(const char* text, Py_ssize_t size, const char* errors)
    # The build defines it: the checksum of the sources.
    unsigned int PROVLOG_SOURCE

SOURCE = PROVLOG_SOURCE

# What a byte can be part of.
cdef enum:
    BLANK = 1
    NAME_START = 2
    NAME = 4
    VALUE = 8
    TEXT = 16

cdef unsigned char KINDS[256]


cdef void classify() noexcept:
    cdef int byte
    for byte in range(256):
        KINDS[byte] = 0
        if byte in b" \t\n":
            KINDS[byte] |= BLANK
        if 65 <= byte <= 90 or 97 <= byte <= 122 or byte == 95:
            KINDS[byte] |= NAME_START | NAME
        elif 48 <= byte <= 57 or byte in b".:-":
            KINDS[byte] |= NAME
        if byte >= 32 and byte not in b'"<&':
            KINDS[byte] |= VALUE
        if (byte >= 32 or byte in b"\t\n") and byte not in b"<>":
            KINDS[byte] |= TEXT


classify()

# U+FFFE and U+FFFF.
cdef tuple NOT_XML = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
cdef dict CHARACTERS = {
    b"amp": "&", b"lt": "<", b"gt": ">", b"quot": '"', b"apos": "'", b"#13": "\r",
}


cdef struct Span:
    const unsigned char* start
    Py_ssize_t size


cdef struct Attribute:
    Span name
    Span value


cdef class Names:
    """The names in a document, of which most repeat: each is one object."""

    cdef Span spans[256]
    cdef list objects

    def __cinit__(self):
        self.objects = [None] * 256
        for index in range(256):
            self.spans[index].size = -1

    cdef object of(self, Span span):
        """Return the text of a name."""
        cdef unsigned int place = span.size * 31
        if span.size:
            place += span.start[span.size - 1] * 7 + span.start[span.size // 2]
        place &= 255
        cdef Span* known = &self.spans[place]
        if known.size != span.size or memcmp(known.start, span.start, span.size):
            self.objects[place] = text_of(span)
            known[0] = span
        return self.objects[place]


cdef inline object text_of(Span span):
    return PyUnicode_DecodeUTF8(<const char*>span.start, span.size, NULL)


cdef object resolved(Span span):
    """Return a text with characters for its references."""
    cdef Py_ssize_t index, start = 0
    cdef list parts = None
    cdef Py_ssize_t end
    for index in range(span.size):
        if span.start[index] != c"&":
            continue
        end = index + 1
        while end < span.size and end < index + 6 and span.start[end] != c";":
            end += 1
        if end == span.size or span.start[end] != c";":
            raise UnusualError
        found = CHARACTERS.get(<bytes>span.start[index + 1 : end])
        if found is None:
            raise UnusualError
        parts = [] if parts is None else parts
        parts.append(text_of(Span(span.start + start, index - start)))
        parts.append(found)
        start = end + 1
    if parts is None:
        return text_of(span)
    parts.append(text_of(Span(span.start + start, span.size - start)))
    return "".join(parts)


cdef inline bint equal(Span one, Span other):
    return one.size == other.size and not memcmp(one.start, other.start, one.size)


cdef inline Span span_of(bytes text):
    return Span(<const unsigned char*>PyBytes_AS_STRING(text), len(text))


cdef class Cursor:
    """A place in a document. Methods that find nothing leave it where it is and return 0."""

    cdef const unsigned char* at
    cdef const unsigned char* end

    cdef inline void blanks(self) noexcept:
        while self.at < self.end and KINDS[self.at[0]] & BLANK:
            self.at += 1

    cdef inline bint byte(self, unsigned char byte) noexcept:
        if self.at < self.end and self.at[0] == byte:
            self.at += 1
            return True
        return False

    cdef inline bint take(self, Span text) noexcept:
        if self.end - self.at < text.size or memcmp(self.at, text.start, text.size):
            return False
        self.at += text.size
        return True

    cdef inline bint name(self, Span* found) noexcept:
        found.start = self.at
        if self.at == self.end or not KINDS[self.at[0]] & NAME_START:
            return False
        while self.at < self.end and KINDS[self.at[0]] & NAME:
            self.at += 1
        found.size = self.at - found.start
        return True

    cdef inline Span run(self, int kind) noexcept:
        """Take all bytes of a kind."""
        cdef const unsigned char* start = self.at
        while self.at < self.end and KINDS[self.at[0]] & kind:
            self.at += 1
        return Span(start, self.at - start)

    cdef inline bint attribute(self, Attribute* found) noexcept:
        """Take a blank, a name, and a value in quotation marks."""
        cdef const unsigned char* start = self.at
        if self.byte(c" ") and self.name(&found.name) and self.byte(c"=") and self.byte(c'"'):
            found.value = self.run(VALUE)
            if self.byte(c'"'):
                return True
        self.at = start
        return False

    cdef inline bint empty_end(self) noexcept:
        """Take the end of an element without content."""
        cdef const unsigned char* start = self.at
        if self.byte(c"/") and self.byte(c">"):
            return True
        self.at = start
        return False

    cdef inline bint close(self, Span tag) noexcept:
        """Take the closing tag of an element, and blanks."""
        cdef const unsigned char* start = self.at
        if self.byte(c"<") and self.byte(c"/") and self.take(tag) and self.byte(c">"):
            self.blanks()
            return True
        self.at = start
        return False


cdef class Splitter:
    """Splitter of one document. Its spans point into the document and into ``texts``."""

    cdef Cursor cursor
    cdef Names names
    cdef bytes data
    cdef list texts
    cdef Span id, ref, type, lang, role, role_tag, type_start, type_tag, qname
    cdef Span bundle, bundle_start
    cdef list columns
    cdef list first_children, child_tags, child_names, child_values, child_texts

    def __init__(self, bytes data, Py_ssize_t start, Py_ssize_t end, str prov, str type):
        self.data = data
        self.cursor = Cursor()
        self.cursor.at = <const unsigned char*>PyBytes_AS_STRING(data) + start
        self.cursor.end = <const unsigned char*>PyBytes_AS_STRING(data) + end
        self.names = Names()
        self.texts = []
        self.id = self.span(f"{prov}:id")
        self.ref = self.span(f"{prov}:ref")
        self.type = self.span(type)
        self.lang = self.span("xml:lang")
        self.role = self.span(f"<{prov}:role>")
        self.role_tag = self.span(f"{prov}:role")
        self.type_start = self.span(f'<{prov}:type {type}="xsd:QName">')
        self.type_tag = self.span(f"{prov}:type")
        self.bundle = self.span(f"{prov}:bundleContent")
        self.bundle_start = self.span(f'<{prov}:bundleContent {prov}:id="')
        self.columns = [[] for _ in range(11)]
        self.first_children = [0]
        self.child_tags, self.child_names, self.child_values, self.child_texts = [], [], [], []

    cdef Span span(self, str text):
        cdef bytes data = text.encode()
        self.texts.append(data)
        return Span(<const unsigned char*>PyBytes_AS_STRING(data), len(data))

    cdef split(self):
        cdef Cursor cursor = self.cursor
        while cursor.at < cursor.end:
            if not (self.relation() or self.bundle_border()):
                self.statement()
            self.first_children.append(len(self.child_tags))
        rows = Rows(*self.columns, self.first_children)
        return rows, Children(
            self.child_tags, self.child_names, self.child_values, self.child_texts
        )

    cdef add(self, row):
        for column, held in zip(self.columns, row):
            (<list>column).append(held)

    cdef bint relation(self) except -1:
        """Take a relation with two ends and at most a role and a type."""
        cdef Cursor cursor = self.cursor
        cdef const unsigned char* start = cursor.at
        cdef Span tag, source_tag, source, target_tag, target, role, type
        if (
            cursor.byte(c"<") and cursor.name(&tag) and not self.is_bundle(tag) and cursor.byte(c">")
        ):
            cursor.blanks()
            if self.end(&source_tag, &source) and self.end(&target_tag, &target):
                role.start = type.start = NULL
                if (
                    self.text(self.role, self.role_tag, &role)
                    and (not self.type.size or self.text(self.type_start, self.type_tag, &type))
                    and cursor.close(tag)
                ):
                    self.add((
                        self.names.of(tag), self.names.of(source_tag), text_of(source),
                        self.names.of(target_tag), text_of(target),
                        None if role.start == NULL else resolved(role),
                        None if type.start == NULL else resolved(type),
                        None, None, None, None,
                    ))  # fmt: skip
                    return True
        cursor.at = start
        return False

    cdef inline bint is_bundle(self, Span tag) noexcept:
        return tag.size >= self.bundle.size and not memcmp(
            tag.start, self.bundle.start, self.bundle.size
        )

    cdef bint end(self, Span* tag, Span* reference) noexcept:
        """Take a child that only refers to an element."""
        cdef Cursor cursor = self.cursor
        cdef Attribute attribute
        if (
            cursor.byte(c"<") and cursor.name(tag) and cursor.attribute(&attribute)
            and equal(attribute.name, self.ref) and cursor.empty_end()
        ):  # fmt: skip
            cursor.blanks()
            reference[0] = attribute.value
            return True
        return False

    cdef bint text(self, Span opening, Span tag, Span* text) noexcept:
        """Take a child with a text, if there is one; return whether that was possible."""
        cdef Cursor cursor = self.cursor
        if cursor.take(opening):
            text[0] = cursor.run(TEXT)
            return cursor.close(tag)
        return True

    cdef bint bundle_border(self) except -1:
        """Take the start or the end of a bundle."""
        cdef Cursor cursor = self.cursor
        cdef const unsigned char* start = cursor.at
        cdef Span name
        if cursor.close(self.bundle):
            self.add((*[None] * 10, "/"))
            return True
        if cursor.take(self.bundle_start):
            name = cursor.run(VALUE)
            if cursor.byte(c'"') and cursor.byte(c">"):
                cursor.blanks()
                self.add((*[None] * 9, text_of(name), None))
                return True
        cursor.at = start
        return False

    cdef statement(self):
        """Take any other statement, with its children."""
        cdef Cursor cursor = self.cursor
        cdef Span tag
        cdef Attribute attribute
        if not (cursor.byte(c"<") and cursor.name(&tag)) or self.is_bundle(tag):
            raise UnusualError
        name = None
        if cursor.attribute(&attribute):
            if not equal(attribute.name, self.id):
                raise UnusualError
            name = text_of(attribute.value)
        if cursor.empty_end():
            cursor.blanks()
        elif cursor.byte(c">"):
            cursor.blanks()
            while not cursor.close(tag):
                self.child(tag)
        else:
            raise UnusualError
        self.add((*[None] * 7, self.names.of(tag), name, None, None))

    cdef child(self, Span statement):
        """Take a child of a statement."""
        cdef Cursor cursor = self.cursor
        cdef Span tag
        cdef Attribute attribute
        if not (cursor.byte(c"<") and cursor.name(&tag)):
            raise UnusualError
        name = value = None
        if cursor.attribute(&attribute):
            name = self.names.of(attribute.name)
            if equal(attribute.name, self.ref):
                value = text_of(attribute.value)
            elif self.type.size and equal(attribute.name, self.type) or equal(attribute.name, self.lang):
                value = self.names.of(attribute.value)
            else:
                raise UnusualError
        text = ""
        if cursor.empty_end():
            cursor.blanks()
        elif cursor.byte(c">") and not equal(tag, statement):
            text = resolved(cursor.run(TEXT))
            if not cursor.close(tag):
                raise UnusualError
        else:
            raise UnusualError
        self.child_tags.append(self.names.of(tag))
        self.child_names.append(name)
        self.child_values.append(value)
        self.child_texts.append(text)


def split(bytes data, Py_ssize_t start, Py_ssize_t end, str prov, str type):
    """Return the statements of a document and their children."""
    if not data.isascii() and any(data.find(one, start, end) >= 0 for one in NOT_XML):
        raise UnusualError
    return (<Splitter>Splitter(data, start, end, prov, type)).split()
