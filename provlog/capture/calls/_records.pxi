# Part of _fast.pyx: times, and the text of records.


# Times

# The last whole second, its text, and the place of its microseconds there.
cdef long long second = 0
cdef enum: MAX_TIME = 64
cdef char text_of_second[MAX_TIME]
cdef Py_ssize_t length_of_second = 0
cdef Py_ssize_t place_of_fraction = 0


cdef extern from *:
    """
    #ifdef _WIN32
    static long long provlog_now(void) { return -1; }
    #else
    #include <time.h>
    static long long
    provlog_now(void)
    {
        struct timespec now;
        if (clock_gettime(CLOCK_REALTIME, &now) < 0) {
            return -1;
        }
        return (long long)now.tv_sec * 1000000000LL + now.tv_nsec;
    }
    #endif
    """
    long long provlog_now()


cdef long long now_in_ns() except? -1:
    """Return the time in nanoseconds since the epoch, as `time.time_ns`."""
    cdef long long now = provlog_now()
    return now if now >= 0 else time.time_ns()


cdef bint is_in_second(long long now):
    """Return whether ``text_of_second`` is that of a time, and write its microseconds there."""
    cdef long long rest = now - second
    cdef Py_ssize_t place = place_of_fraction + 6
    if not (0 <= rest < SECOND and length_of_second):
        return False
    rest //= 1000
    while place > place_of_fraction:
        place -= 1
        text_of_second[place] = <char>(48 + rest % 10)
        rest //= 10
    return True


cdef str time_text(long long now):
    """Return nanoseconds since the epoch as ``clock.format_time`` does."""
    global second, length_of_second, place_of_fraction
    if is_in_second(now):
        return PyUnicode_DecodeASCII(text_of_second, length_of_second, NULL)
    text = clock.format_time(now)
    start, template = clock.second
    if text.isascii() and len(text) <= MAX_TIME:
        data = (<str>text).encode()
        memcpy(text_of_second, <char*><bytes>data, len(data))
        place_of_fraction = (<str>template).index("%")
        second, length_of_second = start, len(data)
    return text


# Records of one time

# Most calls write fewer bytes at once.
cdef Py_ssize_t ROOM = 2000


@cython.freelist(8)
cdef class Records:
    """Records about one activity, as `ActivityRecords`, into which it may turn.

    Their text is UTF-8. Copying the parts of a record one behind the other takes a fraction of
    the time that joining them to a text does.
    """

    cdef object activity, made
    cdef long long now
    cdef str time
    cdef char* text
    cdef Py_ssize_t size, room

    def __dealloc__(self):
        PyMem_RawFree(self.text)

    cdef object pure(self):
        """Return the same records for code in Python."""
        made = self.made
        if made is None:
            self.made = made = ActivityRecords.__new__(ActivityRecords)
            made.activity, made.lines, made.now, made.time = self.activity, [], self.now, self.time
            made._prefix = f"{MARKER}{self.time}{ACTIVITY}{<str>field(self.activity, ID)}"
        if self.size:
            # Python code may have kept the other records, and added lines behind these.
            made.lines = [*self.lines(), *made.lines]
        return made

    cdef list lines(self):
        """Remove and return the text as lines with their line ends."""
        cdef str text = self.text[:self.size].decode("utf-8")
        self.size = 0
        return [f"{line}\n" for line in text.split("\n")[:-1]]

    cdef int absorb(self) except -1:
        """Move the lines that code in Python has added to the text."""
        if self.made is not None and self.made.lines:
            lines, self.made.lines = self.made.lines, []
            for line in lines:
                self.put(line)
        return 0

    cdef inline int add(self, const char* text, Py_ssize_t length) except -1:
        """Add characters."""
        cdef char* moved
        if self.size + length > self.room:
            moved = <char*>PyMem_RawRealloc(self.text, self.size + length + ROOM)
            if moved is NULL:
                raise MemoryError
            self.text, self.room = moved, self.size + length + ROOM
        memcpy(self.text + self.size, text, length)
        self.size += length
        return 0

    cdef inline int put(self, str text) except -1:
        """Add a text."""
        if PyUnicode_IS_ASCII(text):
            return self.add(<const char*>PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text))
        data = text.encode("utf-8", "backslashreplace")
        return self.add(PyBytes_AS_STRING(data), len(data))

    cdef int begin(self) except -1:
        """Start a record of the activity, behind those that code in Python has added."""
        self.absorb()
        self.put(MARKER)
        self.put(self.time)
        self.put(ACTIVITY)
        self.put(<str>field(self.activity, ID))
        return 0

    cdef int begin_entity(self, str id) except -1:
        """Start a record of an entity, behind those that code in Python has added."""
        self.absorb()
        self.put(MARKER)
        self.put(self.time)
        self.put(ENTITY)
        self.put(literal(id))
        self.put(COMMA)
        return 0

    cdef int parameters(self, object values) except -1:
        """Add the parameters of the activity: numbers and texts that are their own literals."""
        inputs = field(self.activity, INPUTS)
        if inputs is not None:
            set_field(self.activity, INPUTS, inputs + repr(values))
        cdef PyObject* name
        cdef PyObject* value
        cdef Py_ssize_t position = 0
        cdef bint is_first = True
        self.begin()
        self.put(PARAMETERS)
        self.put(BRACE)
        while PyDict_Next(values, &position, &name, &value):
            if not is_first:
                self.put(COMMA)
            is_first = False
            self.put(literal(<object>name))
            self.put(COLON)
            self.put_plain(<object>value)
        self.put(BRACE_END)
        return self.end()

    cdef int put_plain(self, object value) except -1:
        """Add a number or text that is its own literal."""
        return self.put(literal(value) if PyUnicode_CheckExact(value) else repr(value))

    cdef int end(self) except -1:
        """End a record."""
        self.put(END_OF_RECORD)
        return 0

    cdef int end_entity(self) except -1:
        """End a record of an entity with its session."""
        self.put(BESIDE_SESSION)
        self.put(<str>field(field(self.activity, SESSION), SESSION_ID))
        self.put(END_OF_TEXT)
        return 0


cdef Records records_of(object activity):
    cdef Records records = Records.__new__(Records)
    records.activity = activity
    records.now = now_in_ns()
    records.time = time_text(records.now)
    return records


# Whether a character stands for itself in a literal.
cdef bint is_itself[128]
cdef int character
for character in range(128):
    is_itself[character] = chr(character).isprintable() and chr(character) not in "'\\"


cdef str literal(str text):
    """Return the ``repr`` of a text."""
    cdef Py_ssize_t length = PyUnicode_GET_LENGTH(text), index
    cdef const unsigned char* data
    cdef str quoted
    cdef char* into
    if not PyUnicode_IS_ASCII(text):
        return repr(text)
    data = <const unsigned char*>PyUnicode_DATA(text)
    for index in range(length):
        if not is_itself[data[index]]:
            return repr(text)
    quoted = PyUnicode_New(length + 2, 127)
    into = <char*>PyUnicode_DATA(quoted)
    into[0] = into[length + 1] = b"'"
    memcpy(into + 1, data, length)
    return quoted
