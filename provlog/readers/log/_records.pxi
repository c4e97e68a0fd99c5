# Part of _fast.pyx: the keys of records, and the events that these make.

cdef dict KINDS = {"IdPart": ID, "RawPart": RAW, "TextPart": TEXT, "AttributesPart": ATTRIBUTES}


cdef int index_of(tuple path, key) except -2:
    return path.index(key) if key in path else -1


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


cdef class RecordReader(PayloadReader):
    """Reader of payloads, which makes records or events of them.

    Parameters
    ----------
    file : str
        The log's name, for the origins of records.
    origin : callable
        The class of origins.
    ids : frozenset of str
        The keys, one of which a payload without a marker must have.
    """

    cdef object _dialect
    cdef Node _root
    cdef int _nodes
    # The top-level keys and values of a record, and where the values begin and end.
    cdef list _keys
    cdef list _values
    cdef Py_ssize_t _starts[MOST_KEYS]
    cdef Py_ssize_t _ends[MOST_KEYS]
    # The number of top-level keys.
    cdef int _count
    cdef object _file
    cdef object _origin
    cdef object _ids

    def __init__(self, str file, origin, ids):
        self._file = file
        self._origin = origin
        self._ids = ids
        self._dialect = None
        self._root = Node((), False)
        self._nodes = 0
        self._keys = [None] * MOST_KEYS
        self._values = [None] * MOST_KEYS

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
