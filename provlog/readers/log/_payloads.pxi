# Part of _fast.pyx: the values of records.


cdef class PayloadReader:
    """Reader of values; strings and containers that repeat are one object."""

    cdef const char* _text
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
        self._seen = {}

    def __dealloc__(self):
        cdef Py_ssize_t index
        if self._strings != NULL:
            for index in range(STRINGS):
                Py_XDECREF(self._strings[index])
            PyMem_Free(self._strings)

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
