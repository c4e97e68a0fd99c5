# Part of _fast.pyx: files that the program opens for reading, and those that arguments name.

cdef extern from *:
    """
    typedef struct {
        int is_regular;
        long long size, mtime, ctime;
        unsigned long long inode;
    } provlog_status;

    #ifdef _WIN32
    /* Its times and inodes need other functions. */
    #define PROVLOG_HAS_FILES 0
    #define PROVLOG_IS_UNKNOWN 1
    static int provlog_stat(const char *path, provlog_status *status) { return -1; }
    static Py_ssize_t provlog_read(const char *path, char *data, Py_ssize_t length,
        provlog_status *after) { return -1; }
    static int provlog_is_local(int descriptor) { return 0; }
    static Py_ssize_t provlog_write(int descriptor, const char *data, Py_ssize_t size) { return -1; }
    #else
    #define PROVLOG_HAS_FILES 1
    #include <errno.h>
    #include <fcntl.h>
    #include <sys/stat.h>
    #include <unistd.h>
    #ifdef __linux__
    #include <sys/vfs.h>
    #endif
    #define PROVLOG_IS_UNKNOWN (errno != ENOENT && errno != ENOTDIR && errno != EACCES)

    static long long
    provlog_time(struct timespec time)
    {
        return (long long)time.tv_sec * 1000000000LL + time.tv_nsec;
    }

    static void
    provlog_take(const struct stat *found, provlog_status *status)
    {
        status->is_regular = S_ISREG(found->st_mode);
        status->size = found->st_size;
        status->inode = found->st_ino;
    #ifdef __APPLE__
        status->mtime = provlog_time(found->st_mtimespec);
        status->ctime = provlog_time(found->st_ctimespec);
    #else
        status->mtime = provlog_time(found->st_mtim);
        status->ctime = provlog_time(found->st_ctim);
    #endif
    }

    static int
    provlog_stat(const char *path, provlog_status *status)
    {
        struct stat found;
        if (stat(path, &found) < 0) {
            return -1;
        }
        provlog_take(&found, status);
        return 0;
    }

    /* Return the number of bytes, which is the length if the file is longer. */
    static Py_ssize_t
    provlog_read(const char *path, char *data, Py_ssize_t length, provlog_status *after)
    {
        struct stat found;
        Py_ssize_t size = -1;
        int number = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (number < 0) {
            return -1;
        }
        /* Its status before is known: a file that has just replaced it has another inode. */
        size = read(number, data, length);
        if (fstat(number, &found) < 0 || !S_ISREG(found.st_mode)) {
            size = -1;
        }
        else {
            provlog_take(&found, after);
        }
        close(number);
        return size;
    }

    /* Return whether a write needs the memory only: a regular file of a local file system. */
    static int
    provlog_is_local(int descriptor)
    {
    #ifdef __linux__
        struct stat found;
        struct statfs system;
        if (fstat(descriptor, &found) < 0 || !S_ISREG(found.st_mode)
            || fstatfs(descriptor, &system) < 0)
        {
            return 0;
        }
        switch ((unsigned int)system.f_type) {
            case 0xEF53: /* ext2, ext3, ext4 */
            case 0x58465342: /* XFS */
            case 0x9123683E: /* Btrfs */
            case 0x01021994: /* tmpfs */
            case 0x794C7630: /* overlayfs, of containers */
                return 1;
        }
    #endif
        return 0;
    }

    static Py_ssize_t
    provlog_write(int descriptor, const char *data, Py_ssize_t size)
    {
        return write(descriptor, data, size);
    }
    #endif
    """
    ctypedef struct provlog_status:
        int is_regular
        long long size, mtime, ctime
        unsigned long long inode
    bint PROVLOG_HAS_FILES
    bint PROVLOG_IS_UNKNOWN
    int provlog_stat(const char* path, provlog_status* status) nogil
    Py_ssize_t provlog_read(
        const char* path, char* data, Py_ssize_t length, provlog_status* after
    ) nogil
    bint provlog_is_local(int descriptor)
    Py_ssize_t provlog_write(int descriptor, const char* data, Py_ssize_t size) nogil

cdef Py_ssize_t READ_FILES = place_of(Activity, "read_files")
cdef Py_ssize_t NAME_OF_ACTIVITY = place_of(Activity, "name")
cdef Py_ssize_t NAMED_ROLE = place_of(NamedFile, "role")
cdef Py_ssize_t IS_OPENED = place_of(NamedFile, "is_opened")
cdef Py_ssize_t WRITING_ACTIVITY = place_of(_Writing, "activity")
cdef Py_ssize_t WRITING_BEFORE = place_of(_Writing, "before")
cdef Py_ssize_t WRITING_ROLE = place_of(_Writing, "role")
cdef Py_ssize_t IS_UPDATE = place_of(_Writing, "is_update")

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
# One reader at a time uses it: memory from the system would cost more than to read into it.
cdef char* memory = NULL
cdef bint is_memory_in_use = False


cdef int status_of(str path, provlog_status* status) except -2:
    """Get the status of a file; return a negative number without one, -3 if it is unknown why."""
    cdef bytes name
    cdef const char* text
    cdef Py_ssize_t length
    cdef int found
    cdef bint is_unknown = False
    if PyUnicode_IS_ASCII(path):
        text, length = <const char*>PyUnicode_DATA(path), PyUnicode_GET_LENGTH(path)
    else:
        try:
            name = PyUnicode_EncodeFSDefault(path)
        except UnicodeError:
            return -1
        text, length = PyBytes_AS_STRING(name), len(name)
    if <Py_ssize_t>strlen(text) != length:
        return -1
    with nogil:
        found = provlog_stat(text, status)
        if found < 0:
            is_unknown = PROVLOG_IS_UNKNOWN
    return -3 if is_unknown else found


cdef inline bint has_stamp(tuple stamp, provlog_status* status) except -1:
    """Return whether a stamp is that of a file; its fields are those of `file_ids._stamp`."""
    return (
        <long long>stamp[0] == status.size and <long long>stamp[1] == status.mtime
        and <long long>stamp[2] == status.ctime and <unsigned long long>stamp[3] == status.inode
    )


cdef inline bint is_same(provlog_status* first, provlog_status* second):
    return (
        first.size == second.size and first.mtime == second.mtime
        and first.ctime == second.ctime and first.inode == second.inode
    )


cdef inline tuple stamp_of(provlog_status* status):
    """Return size, time and inode, as `unseen.stamp_of`."""
    return status.size, status.mtime, status.inode


cdef str absolute_path(str path):
    """Return the absolute path of a plain text, as `paths.absolute_path`."""
    # Others may have to be changed, and so may all on Windows.
    if HAS_ROOT and path[0] == "/" and path[-1] != "/" and "/." not in path and "//" not in path:
        return path
    return local_path(path)


cdef bint is_beginning(tuple beginnings, str path) except -1:
    """Return whether a path begins with one of some texts."""
    for one in beginnings:
        if PyUnicode_Tailmatch(path, one, 0, PY_SSIZE_T_MAX, -1) > 0:
            return True
    return False


cdef class FileRecords(Writer):
    """Identify files, and record them, as `FileIds` and `Entities` do.

    Parameters
    ----------
    log : RecordLog
        The log.
    entities : Entities
        The entities.
    """

    cdef object files
    cdef dict at, known
    cdef tuple methods, hashes

    def __init__(self, log, entities):
        super().__init__(log, entities)
        self.at = entities._at
        self.files = files = entities._files
        self.known = files._known
        self.methods = files.methods
        self.hashes = tuple(
            partial(file_ids._CONSTRUCTORS[one], usedforsecurity=False) for one in files.methods
        )

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
        self.describe_file(file, path, records, not is_update)
        # An exact copy is the same entity as the original, which nothing generates again.
        if not is_known and ("generated", id) not in <set>field(activity, RELATED):
            role = field(writing, WRITING_ROLE)
            self.relate(records, True, id, None if role is None else repr(role))
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
            or is_beginning(VIRTUAL, place)
        ):
            return None
        return self.read_file(place, status)

    cdef object read_file(self, str place, provlog_status* status):
        """Read a small file, as `FileIds._read`."""
        global memory, is_memory_in_use
        cdef provlog_status after
        cdef Py_ssize_t length = status.size + 1, size
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
                size = provlog_read(text, data, length, &after)
            # It has grown, or cannot be read.
            if size < 0 or size >= length:
                return None
            digests = [
                one(PyMemoryView_FromMemory(data, size, PyBUF_READ)).hexdigest()
                for one in self.hashes
            ]
        finally:
            if is_shared:
                is_memory_in_use = False
            else:
                PyMem_RawFree(data)
        others = () if len(digests) == 1 else tuple(zip(self.methods[1:], digests[1:]))
        digest = digests[0]
        file = named_tuple(
            FileId, (digest, place, digest, self.methods[0], None, False, False, others)
        )
        if is_same(status, &after) and is_settled(&after):
            if len(self.known) >= file_ids._MAX_DIGESTS:
                self.files._forget_earliest()
            self.known[place] = (after.size, after.mtime, after.ctime, after.inode), file
        return file

    cdef int describe_file(
        self, object named, str place, Records records, bint is_new
    ) except -1:
        """Describe a file unless its session has, as `Entities.opened_file`."""
        cdef tuple file = <tuple>named
        cdef str id = file[0], fields
        previous = self.at.get(place)
        if previous == id and id in <dict>field(field(records.activity, SESSION), DESCRIBED):
            return 0
        name = place[place.rindex("/") + 1 :]
        fields = (
            f"{FILE_NAME}{name!r}{FILE_TYPE}{place!r}{FILE_HASH}{file[2]!r}"
            f"{FILE_HASH_TYPE}{file[3]!r}, "
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
    cdef dict variables, guard_variables
    cdef tuple ignored
    # The latest beginning of an ignored path: a program opens many files of one folder.
    cdef str latest

    def __init__(self, opened):
        super().__init__(opened._log, opened._entities)
        self.reference = PyWeakref_NewRef(opened, None)
        self.variables = vars(opened)
        self.guard = opened._guard
        self.guard_variables = vars(opened._guard)
        self.ignored = opened._ignored
        self.latest = self.ignored[0] if self.ignored else "\0"

    def read(self, path):
        """Record a file that is about to be opened for reading, unless it is ignored."""
        self.record(path)

    cdef int record(self, str path) except -1:
        cdef dict variables = self.variables
        cdef object place = None
        cdef set busy
        cdef PyObject* found = PyDict_GetItemWithError(variables["_places"], path)
        if found is not NULL:
            place = <object>found
        elif self.is_ignored(path):
            return 0
        if (place is not None and not place) or variables["_is_closed"]:
            return 0
        busy = self.guard_variables["busy"]
        thread = PyThread_get_thread_ident()
        if thread in busy:
            return 0
        activity = self.innermost()
        if activity is None:
            return 0
        busy.add(thread)
        try:
            self.record_opened(activity, path, place)
        except Exception as failure:
            self.guard.failed(field(activity, NAME_OF_ACTIVITY), failure)
        finally:
            busy.discard(thread)
        return 0

    cdef bint is_ignored(self, str path) except -1:
        """Return whether a file is in an ignored folder."""
        if PyUnicode_Tailmatch(path, self.latest, 0, PY_SSIZE_T_MAX, -1) <= 0:
            for one in self.ignored:
                if PyUnicode_Tailmatch(path, one, 0, PY_SSIZE_T_MAX, -1) > 0:
                    self.latest = one
                    break
            else:
                return False
        return ".." not in path

    cdef object innermost(self):
        """Return the innermost activity of this log, or that of the program."""
        cdef PyObject* value = NULL
        PyContextVar_Get(context_variable, NULL, &value)
        found = <object>value
        Py_DECREF(found)
        while found is not None and (
            field(found, HAS_ENDED) or field(found, LOG) is not self.log
        ):
            found = field(found, ENCLOSING)
        return self.variables["program"] if found is None else found

    cdef int record_opened(self, object activity, str path, object place) except -1:
        cdef provlog_status status
        cdef tuple stamp
        cdef Records records
        opened = self.reference()
        if opened is None:
            return 0
        if place is None:
            place = opened._place(path)
        if not place:
            return 0
        if (
            PyUnicode_Tailmatch(place, "-wal", 0, PY_SSIZE_T_MAX, 1) > 0
            or place in <dict>self.variables["writing"]
        ):
            opened._read_opened(activity, path, place)
            return 0
        code = status_of(place, &status)
        if code == -3:
            opened._read_opened(activity, path, place)
        if code < 0 or not status.is_regular:
            return 0
        stamp = stamp_of(&status)
        read_files = field(activity, READ_FILES)
        if read_files is not None:
            found = PyDict_GetItemWithError(read_files, place)
            if found is not NULL and <object>found == stamp:
                role_of(activity, place)
                return 0
        file = self.file(place, &status)
        if file is None or place in <dict>self.variables["writing"]:
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
            self.relate(records, False, id, None if role is None else repr(role))
        self.write(records)
        return 0


cdef bint is_settled(provlog_status* status) except -1:
    """Return whether a change from now on would change the times, as `file_ids._is_settled`."""
    cdef long long last = max(status.mtime, status.ctime)
    cdef long long tick = file_ids._TICK if last % SECOND else file_ids._SLOW_TICK
    cdef long long passed = time_ns() - last
    return passed > tick or -passed > tick


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
