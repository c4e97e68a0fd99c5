# Part of _fast.pyx: the statements of relations.

cdef inline bint is_name(object name) noexcept:
    """Return whether every format writes a qualified name as it is."""
    cdef const char* text
    cdef Py_ssize_t index, size, colon = 0
    if not PyUnicode_IS_ASCII(name):
        return False
    text, size = PyUnicode_DATA(name), PyUnicode_GET_LENGTH(name)
    for index in range(size):
        if text[index] == b":":
            if colon:
                return False
            colon = index
        elif not (48 <= text[index] <= 57 or 65 <= (text[index] & 0xDF) <= 90 or text[index] == 95):
            # A prefix has no dot. A local part does not begin with a dot or a hyphen.
            if text[index] == b".":
                if not colon or index == colon + 1:
                    return False
            elif text[index] != b"-" or (colon and index == colon + 1):
                return False
    if not 65 <= (text[0] & 0xDF) <= 90:
        return False
    return 0 < colon < size - 1 and text[size - 1] != b"."


# Names that every format writes as they are, and a number.
cdef list ENDS = ["prov:placeholder-of-a-source", "prov:placeholder-of-a-target", placeholder(0)]


cdef class Relations:
    """Writer of relations of one kind."""

    cdef object write
    cdef dict templates
    cdef Buffer buffer
    # The class, role and other contents of the last relation, which the next one often has, too.
    cdef object last
    cdef object role, type, arguments, attributes
    cdef Template template

    def __init__(self, write, Buffer buffer):
        self.write, self.buffer = write, buffer
        self.templates = {}

    cdef bint is_usual(self, object relation) except -1:
        """Find the template of a relation; return false if it has none."""
        cdef object arguments = None, attributes = None
        kind = type(relation)
        if kind is QualifiedRelation:
            if field(relation, RELATION_ID) is not None or field(relation, TIME) is not None:
                return False
            for end in (field(relation, SOURCE_END), field(relation, TARGET_END)):
                if end is ABSENT or not is_name(field(end, ID)):
                    return False
            arguments, attributes = field(relation, ARGUMENTS), field(relation, PAIRS)
        elif kind is not Relation:
            return False
        role, type_ = field(relation, ROLE), field(relation, TYPE)
        if not (
            kind is self.last and role is self.role and type_ is self.type
            and arguments is self.arguments and attributes is self.attributes
        ):
            self.last, self.role, self.type = kind, role, type_
            self.arguments, self.attributes = arguments, attributes
            self.template = self.template_of()
        return self.template is not None

    cdef Template template_of(self):
        """Return the template of relations such as the last one."""
        cdef tuple key = (self.role, self.type, self.arguments, self.attributes)
        if key in self.templates:
            return <Template>self.templates[key]
        if len(self.templates) == MOST_SHAPES:
            return None
        ends = [Element(name, {}) for name in ENDS[:2]]
        if self.last is Relation:
            sample = Relation(*ends, self.role, self.type)
        else:
            sample = QualifiedRelation(
                *ends, self.role, self.type, None, None, self.arguments, self.attributes
            )
        template = None
        # The placeholder of the number may be a part of an attribute.
        if ENDS[2] not in self.write(sample, 1):
            template = template_of(self.write(sample, ENDS[2]), ENDS, 2)
        self.templates[key] = template
        return template

    cdef int fill(self, object relation, Py_ssize_t number) except -1:
        cdef char digits[24]
        cdef int place, index
        cdef Template template = self.template
        for place in range(template.size):
            self.buffer.put_bytes(<bytes>template.texts[place])
            index = template.order[place]
            if index == 2:
                self.buffer.put(digits, snprintf(digits, sizeof(digits), "%zd", number))
            else:
                end = field(relation, SOURCE_END if index == 0 else TARGET_END)
                self.buffer.put_text(field(end, ID))
        return self.buffer.put_bytes(<bytes>template.texts[template.size])


def relations(items, write, str separator):
    """Yield the statements of relations of one kind, joined into pieces."""
    cdef Buffer buffer = Buffer()
    cdef Relations writer = Relations(write, buffer)
    cdef bytes between = separator.encode()
    cdef bint is_first = True
    cdef Py_ssize_t number = 0
    for relation in items:
        number += 1
        if writer.is_usual(relation):
            if not is_first:
                buffer.put_bytes(between)
            writer.fill(relation, number)
        else:
            text = write(relation, number)
            if text is None:
                continue
            if not is_first:
                buffer.put_bytes(between)
            buffer.put_text(text)
        is_first = False
        if buffer.size >= PIECE:
            yield buffer.take()
    if buffer.size:
        yield buffer.take()
