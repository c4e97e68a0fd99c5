# Part of _fast.pyx: the status of a file, and its content, from the system.

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
    static const char *provlog_folder(char *folder, size_t size) { return NULL; }
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

    static const char *
    provlog_folder(char *folder, size_t size)
    {
        return getcwd(folder, size);
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
    const char* provlog_folder(char* folder, size_t size)
    Py_ssize_t provlog_write(int descriptor, const char* data, Py_ssize_t size) nogil


cdef enum: MAX_FOLDER = 4096


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
    if is_absolute(path):
        return path
    return plain_path(path) or local_path(path)


cdef str plain_path(str path):
    """Return the absolute path of a file in or below the working directory, or ``None``."""
    cdef char folder[MAX_FOLDER]
    if not is_normal(path) or path[0] == "~" or "$" in path:
        return None
    if provlog_folder(folder, MAX_FOLDER) is NULL or folder[0] != b"/" or folder[1] == 0:
        return None
    return f"{PyUnicode_DecodeFSDefault(folder)}/{path}"


cdef bint is_absolute(str path) except -1:
    """Return whether a path has the form of an absolute path of a file."""
    return is_normal(path) and path[0] == "/"


cdef bint is_normal(str path) except -1:
    """Return whether nothing in a path refers to another folder."""
    # Others may have to be changed, and so may all on Windows.
    cdef Py_ssize_t length = PyUnicode_GET_LENGTH(path), index
    cdef const char* text
    if not (HAS_ROOT and length and PyUnicode_IS_ASCII(path)):
        return False
    text = <const char*>PyUnicode_DATA(path)
    for index in range(length - 1):
        if text[index] == b"/" and (text[index + 1] == b"/" or text[index + 1] == b"."):
            return False
    return text[0] != b"." and text[length - 1] != b"/"


cdef bint is_directly_in(str path, str folder):
    """Return whether a file is in a folder, not below it, and not hidden."""
    cdef Py_ssize_t start = PyUnicode_GET_LENGTH(folder), end = PyUnicode_GET_LENGTH(path)
    if start >= end or not PyUnicode_IS_ASCII(path) or not PyUnicode_IS_ASCII(folder):
        return False
    text = <const char*>PyUnicode_DATA(path)
    if text[start] == b"." or memcmp(text, PyUnicode_DATA(folder), start):
        return False
    return memchr(text + start, b"/", end - start) is NULL


cdef class KnownRules:
    """The rules for ignored files, with their latest decision: many files are of the same kind.

    Parameters
    ----------
    rules : FileRules
        The rules.
    """

    cdef object pure
    # Those of the latest file that is not ignored, if they decide.
    cdef str folder, suffix

    def __init__(self, rules):
        self.pure = rules
        self.folder = self.suffix = "\0"

    cdef bint ignores(self, str path) except -1:
        """Return whether a file that is read is ignored."""
        cdef Py_ssize_t start
        if (
            PyUnicode_Tailmatch(path, self.suffix, 0, PY_SSIZE_T_MAX, 1) > 0
            and is_directly_in(path, self.folder)
        ):
            return False
        if self.pure.ignores(path):
            return True
        start = path.rfind("/") + 1
        if not self.pure.has_patterns and 0 < start < path.rfind("."):
            self.folder, self.suffix = path[:start], path[path.rfind(".") :]
        return False


cdef bint is_beginning(tuple beginnings, str path) except -1:
    """Return whether a path begins with one of some texts."""
    for one in beginnings:
        if PyUnicode_Tailmatch(path, one, 0, PY_SSIZE_T_MAX, -1) > 0:
            return True
    return False


cdef bint is_settled(provlog_status* status, long long time) except -1:
    """Return whether a change from a time on would change the times, as `file_ids._is_settled`."""
    cdef long long last = max(status.mtime, status.ctime)
    cdef long long tick = file_ids._TICK if last % SECOND else file_ids._SLOW_TICK
    cdef long long passed = time - last
    return passed > tick or -passed > tick
