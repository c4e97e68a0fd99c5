# Part of _fast.pyx: files that the program opens for reading, and those that arguments name.

include "_status.pxi"

cdef Py_ssize_t READ_FILES = place_of(Activity, "read_files")
cdef Py_ssize_t NAME_OF_ACTIVITY = place_of(Activity, "name")
cdef Py_ssize_t NAMED_ROLE = place_of(NamedFile, "role")
cdef Py_ssize_t NAMED_BEFORE = place_of(NamedFile, "before")
cdef Py_ssize_t IS_OPENED = place_of(NamedFile, "is_opened")
cdef Py_ssize_t BUSY = place_of(Guard, "busy")
cdef Py_ssize_t PROGRAM = place_of(OpenedFiles, "program")
cdef Py_ssize_t WRITING = place_of(OpenedFiles, "writing")
cdef Py_ssize_t PLACES = place_of(OpenedFiles, "_places")
cdef Py_ssize_t IS_CLOSED = place_of(OpenedFiles, "_is_closed")
cdef Py_ssize_t WRITING_ACTIVITY = place_of(Writing, "activity")
cdef Py_ssize_t WRITING_BEFORE = place_of(Writing, "before")
cdef Py_ssize_t WRITING_ROLE = place_of(Writing, "role")
cdef Py_ssize_t IS_UPDATE = place_of(Writing, "is_update")

cdef str FILE_NAME = f"'{syntax.ENTITY}{syntax.NAME}': "
cdef str FILE_TYPE = f", '{syntax.ENTITY}{syntax.TYPE}': '{FILE}', '{syntax.ENTITY}{syntax.LOCATION}': "
cdef str FILE_HASH = f", '{syntax.ENTITY}{syntax.HASH}': "
cdef str FILE_HASH_TYPE = f", '{syntax.ENTITY}{syntax.HASH_TYPE}': "
cdef bint HAS_ROOT = os.sep == "/"
cdef str VALUE = f"'{syntax.ENTITY}{syntax.VALUE}': "
cdef object named_tuple = tuple.__new__

cdef Py_ssize_t MAX_PLACES = opened_files._MAX_PLACES
# Files that are not smaller are read in blocks.
cdef Py_ssize_t BLOCK = file_ids._BLOCK
cdef tuple VIRTUAL = file_ids._VIRTUAL
# Only the code in Python reads them without releasing their locks.
cdef set DATABASES = connections.databases
# One reader at a time uses it: memory from the system would cost more than to read into it.
cdef char* memory = NULL
cdef bint is_memory_in_use = False


cdef class FileRecords(Writer):
    """Identify files, and record them, as `FileIds` and `Entities` do.

    Parameters
    ----------
    log : RecordLog
        The log.
    entities : Entities
        The entities.
    """

    cdef object files, results
    cdef dict at, known
    cdef tuple methods
    cdef list hashes

    def __init__(self, log, entities):
        super().__init__(log, entities)
        self.at = entities._at
        self.results = entities.results
        self.files = files = entities._files
        self.known = files._known
        self.methods = files.methods
        # To copy one takes half the time that making one does.
        self.hashes = [
            file_ids._CONSTRUCTORS[one](usedforsecurity=False).copy for one in files.methods
        ]

    def record_written(self, str path, writing):
        """Record a written file, as `OpenedFiles._record_writing`; return whether that was possible."""
        cdef provlog_status status
        cdef Records records
        cdef int code = status_of(path, &status)
        if code == -3:
            return False
        if code < 0 or not status.is_regular:
            return True
        cdef bint is_update = field(writing, IS_UPDATE)
        if is_update and field(writing, WRITING_BEFORE) == stamp_of(&status):
            return True
        file = self.file(path, &status)
        if file is None:
            return False
        activity, id = field(writing, WRITING_ACTIVITY), (<tuple>file)[0]
        records = records_of(activity)
        is_known = id in self.ids
        if is_known and not is_update:
            # The code in Python tells copies from files that happen to be equal.
            return False
        self.describe_file(file, path, records, not is_update)
        if not is_known:
            if ("generated", id) not in <set>field(activity, RELATED):
                role = field(writing, WRITING_ROLE)
                self.relate(records, True, id, None if role is None else literal(role))
            self.results.add_file(id, path)
        self.write(records)
        return True

    cdef object file(self, str place, provlog_status* status):
        """Return the id of a file; ``None`` if only the code in Python can find it."""
        found = PyDict_GetItemWithError(self.known, place)
        if found is not NULL:
            stamp, file = <tuple><object>found
            if has_stamp(stamp, status):
                return file
        if (
            status.size + 1 >= BLOCK or status.size > self.files.limit
            or is_beginning(VIRTUAL, place) or place in DATABASES
        ):
            return None
        return self.read_file(place, status)

    cdef object read_file(self, str place, provlog_status* status):
        """Read a small file, as `FileIds._read`."""
        cdef provlog_status after
        file = self.digest(place, status.size + 1, &after)
        if file is not None and is_same(status, &after) and is_settled(&after, now_in_ns()):
            self.keep_file(place, &after, file)
        return file

    cdef object read_named(self, object activity, str place, provlog_status* status):
        """Read a file without its status before, and get that; maybe ``None``.

        An argument of the activity names it. It was a small regular file when the activity
        began, so that opening it has no other effect.
        """
        cdef long long start
        named_files = field(activity, NAMED_FILES)
        if named_files is None or PyDict_GetItemWithError(self.known, place) is not NULL:
            return None
        named = PyDict_GetItemWithError(named_files, place)
        before = None if named is NULL else field(<object>named, NAMED_BEFORE)
        limit = min(self.files.limit, BLOCK - 1)
        if (
            before is None or (<tuple>before)[0] > limit
            or is_beginning(VIRTUAL, place) or place in DATABASES
        ):
            return None
        start = now_in_ns()
        file = self.digest(place, BLOCK, status)
        # Had it changed since the start, its times would show that.
        if file is None or status.size > limit or not is_settled(status, start):
            return None
        self.keep_file(place, status, file)
        return file

    cdef int keep_file(self, str place, provlog_status* status, object file) except -1:
        """Remember the id of an unchanged file."""
        if len(self.known) >= file_ids._MAX_DIGESTS:
            self.files._forget_earliest()
        stamp = status.size, status.mtime, status.ctime, status.inode
        known = stamp, file
        # They refer to numbers and texts only: the garbage collector need not look at them.
        PyObject_GC_UnTrack(stamp)
        PyObject_GC_UnTrack(file)
        PyObject_GC_UnTrack(known)
        self.known[place] = known
        return 0

    cdef object digest(self, str place, Py_ssize_t length, provlog_status* after):
        """Read a file of fewer bytes, and get its status then; maybe ``None``."""
        global memory, is_memory_in_use
        cdef Py_ssize_t size
        cdef bytes name = PyUnicode_EncodeFSDefault(place)
        cdef const char* text = PyBytes_AS_STRING(name)
        cdef bint is_shared = not is_memory_in_use
        cdef char* data
        if is_shared and memory is NULL:
            memory = <char*>PyMem_RawMalloc(BLOCK)
        data = memory if is_shared else <char*>PyMem_RawMalloc(length)
        if data is NULL:
            return None
        if is_shared:
            is_memory_in_use = True
        try:
            with nogil:
                size = provlog_read(text, data, length, after)
            # It has grown, or cannot be read.
            if size < 0 or size >= length:
                return None
            digests = []
            for copy in self.hashes:
                copied = copy()
                copied.update(PyMemoryView_FromMemory(data, size, PyBUF_READ))
                digests.append(copied.hexdigest())
        finally:
            if is_shared:
                is_memory_in_use = False
            else:
                PyMem_RawFree(data)
        others = () if len(digests) == 1 else tuple(zip(self.methods[1:], digests[1:]))
        digest = digests[0]
        return named_tuple(
            FileId, (digest, place, digest, self.methods[0], None, False, False, others)
        )

    cdef int describe_file(
        self, object named, str place, Records records, bint is_new
    ) except -1:
        """Describe a file unless its session has, as `Entities.opened_file`."""
        cdef tuple file = <tuple>named
        cdef str id = file[0], fields
        previous = self.at.get(place)
        if previous == id and id in <dict>field(field(records.activity, SESSION), DESCRIBED):
            return 0
        name = place[place.rfind("/") + 1 :]
        fields = (
            f"{FILE_NAME}{literal(name)}{FILE_TYPE}{literal(place)}{FILE_HASH}{literal(file[2])}"
            f"{FILE_HASH_TYPE}{literal(file[3])}, "
        )
        for method, digest in file[7]:
            fields += f"'{syntax.ENTITY}{method}': {digest!r}, "
        if len(self.at) > MAX_KNOWN:
            self.at.clear()
        self.at[place] = id
        # A file that an activity replaces does not derive from its previous content.
        self.describe(id, None if is_new else previous, fields, records)
        return 0


cdef class FileReader(FileRecords):
    """Record the files that the program opens for reading, as `OpenedFiles.read`.

    It does not keep the `OpenedFiles` alive, to which it leaves all that is unusual.

    Parameters
    ----------
    opened : OpenedFiles
        The records of opened files.
    """

    cdef object reference, guard
    cdef frozenset excluded
    cdef KnownRules rules
    cdef tuple ignored
    # The beginning of the path of the latest file that was ignored.
    cdef str latest

    def __init__(self, opened):
        super().__init__(opened._log, opened._entities)
        self.reference = PyWeakref_NewRef(opened, None)
        self.guard = opened._guard
        self.ignored, self.excluded = opened._ignored, opened._excluded
        self.rules = KnownRules(opened._rules)
        self.latest = self.ignored[0] if self.ignored else "\0"

    def read(self, path):
        """Record a file that is about to be opened for reading, unless it is ignored."""
        self.record(path)

    cdef int record(self, str path) except -1:
        cdef object place = None
        cdef set busy
        cdef PyObject* found
        opened = self.reference()
        if opened is None:
            return 0
        if path and path[0] != "/":
            path = plain_path(path) or path
        found = PyDict_GetItemWithError(field(opened, PLACES), path)
        if found is not NULL:
            place = <object>found
        elif self.is_ignored(path):
            return 0
        if (place is not None and not place) or field(opened, IS_CLOSED):
            return 0
        busy = field(self.guard, BUSY)
        thread = PyThread_get_thread_ident()
        if thread in busy:
            return 0
        activity = self.innermost(opened)
        if activity is None:
            return 0
        busy.add(thread)
        try:
            self.record_opened(opened, activity, path, place)
        except Exception as failure:
            self.guard.failed(field(activity, NAME_OF_ACTIVITY), failure)
        finally:
            busy.discard(thread)
        return 0

    cdef bint is_ignored(self, str path) except -1:
        """Return whether a file is in an ignored folder."""
        if PyUnicode_Tailmatch(path, self.latest, 0, PY_SSIZE_T_MAX, -1) <= 0:
            if is_directly_in(path, self.rules.folder):
                return False
            for one in self.ignored:
                if PyUnicode_Tailmatch(path, one, 0, PY_SSIZE_T_MAX, -1) > 0:
                    self.latest = one
                    break
            else:
                return False
        return ".." not in path

    cdef str place(self, object opened, str path):
        """Return the absolute path of a read file, as `OpenedFiles._place`."""
        cdef dict places = field(opened, PLACES)
        if not is_absolute(path) or len(places) >= MAX_PLACES:
            return opened._place(path)
        place = "" if path in self.excluded or self.rules.ignores(path) else path
        places[path] = place
        return place

    cdef object innermost(self, object opened):
        """Return the innermost activity of this log, or that of the program."""
        cdef PyObject* value = NULL
        PyContextVar_Get(context_variable, NULL, &value)
        found = <object>value
        Py_DECREF(found)
        while found is not None and (
            field(found, HAS_ENDED) or field(found, LOG) is not self.log
        ):
            found = field(found, ENCLOSING)
        return field(opened, PROGRAM) if found is None else found

    cdef int record_opened(
        self, object opened, object activity, str path, object place
    ) except -1:
        cdef provlog_status status
        cdef tuple stamp
        cdef Records records
        if place is None:
            place = self.place(opened, path)
        if not place:
            return 0
        if (
            PyUnicode_Tailmatch(place, "-wal", 0, PY_SSIZE_T_MAX, 1) > 0
            or place in <dict>field(opened, WRITING)
        ):
            opened._read_opened(activity, path, place)
            return 0
        read_files = field(activity, READ_FILES)
        file = self.read_named(activity, place, &status)
        if file is None:
            code = status_of(place, &status)
            if code == -3:
                opened._read_opened(activity, path, place)
            if code < 0 or not status.is_regular:
                return 0
        stamp = stamp_of(&status)
        if read_files is not None:
            found = PyDict_GetItemWithError(read_files, place)
            if found is not NULL and <object>found == stamp:
                role_of(activity, place)
                return 0
        if file is None:
            file = self.file(place, &status)
        if file is None or place in <dict>field(opened, WRITING):
            opened._read_opened(activity, path, place)
            return 0
        role = role_of(activity, place)
        read_files = field(activity, READ_FILES)
        if read_files is None:
            read_files = {}
            set_field(activity, READ_FILES, read_files)
        (<dict>read_files)[place] = stamp
        records = records_of(activity)
        self.describe_file(file, place, records, False)
        id = (<tuple>file)[0]
        if ("used", id) not in <set>field(activity, RELATED):
            self.relate(records, False, id, None if role is None else literal(role))
        self.write(records)
        return 0


cdef object role_of(object activity, str place):
    """Return the argument that names a file, and remember that the file has been opened."""
    role = None
    one = activity
    while one is not None:
        named_files = field(one, NAMED_FILES)
        if named_files is not None:
            found = PyDict_GetItemWithError(named_files, place)
            if found is not NULL:
                if one is activity:
                    role = field(<object>found, NAMED_ROLE)
                set_field(<object>found, IS_OPENED, True)
        one = field(one, ENCLOSING)
    return role


def file_reader(opened):
    """Return the function that records files that are opened for reading; maybe ``None``."""
    return FileReader(opened).read if PROVLOG_HAS_FILES else None


def file_records(log, entities):
    """Return an object that records files; maybe ``None``."""
    return FileRecords(log, entities) if PROVLOG_HAS_FILES else None
