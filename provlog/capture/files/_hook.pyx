# cython: language_level=3
"""An audit hook in C, which passes few kinds of events on.

Programs raise tens of thousands of events: pandas and scikit-learn take the ``id`` of an object
46,000 times while they are imported. Python would call a hook in Python for each of them. Most
of the events that count are files which are opened for reading; they have functions of their own.
"""

from cpython.object cimport PyObject

cdef extern from "Python.h":
    # The build defines it: the checksum of the sources.
    unsigned int PROVLOG_SOURCE

cdef extern from *:
    """
    static PyObject *provlog_handler = NULL;
    static PyObject *provlog_names = NULL;
    static PyObject *provlog_readers = NULL;
    static long provlog_writes = 0;
    static PyInterpreterState *provlog_interpreter = NULL;

    static int
    provlog_is_wanted(const char *event)
    {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(provlog_names); i++) {
            const char *name = PyBytes_AS_STRING(PyTuple_GET_ITEM(provlog_names, i));
            /* Most events differ in the first letter. */
            if (event[0] == name[0] && strcmp(event, name) == 0) {
                return 1;
            }
        }
        return 0;
    }

    /* Return the path of a file that is opened for reading, else NULL. */
    static PyObject *
    provlog_read_path(const char *event, PyObject *arguments)
    {
        if (event[0] != 'o' || strcmp(event, "open") != 0 || !PyTuple_Check(arguments)
            || PyTuple_GET_SIZE(arguments) != 3)
        {
            return NULL;
        }
        PyObject *path = PyTuple_GET_ITEM(arguments, 0);
        PyObject *flags = PyTuple_GET_ITEM(arguments, 2);
        if (!PyUnicode_CheckExact(path) || !PyLong_CheckExact(flags)) {
            return NULL;
        }
        int overflow;
        long number = PyLong_AsLongAndOverflow(flags, &overflow);
        return overflow || (number & provlog_writes) ? NULL : path;
    }

    static int
    provlog_read(PyObject *path)
    {
        int status = 0;
        PyObject *readers = provlog_readers;
        Py_INCREF(readers);
        PyThreadState *thread = PyThreadState_Get();
        PyThreadState_EnterTracing(thread);
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(readers) && status == 0; i++) {
            PyObject *result = PyObject_CallOneArg(PyTuple_GET_ITEM(readers, i), path);
            Py_XDECREF(result);
            status = result == NULL ? -1 : 0;
        }
        PyThreadState_LeaveTracing(thread);
        Py_DECREF(readers);
        return status;
    }

    /* In C, because the last event comes when the interpreter does not exist any more. */
    static int
    provlog_hook(const char *event, PyObject *arguments, void *data)
    {
        if (provlog_handler == NULL || !provlog_is_wanted(event)
            || PyInterpreterState_Get() != provlog_interpreter)
        {
            return 0;
        }
        PyObject *path = provlog_readers == NULL ? NULL : provlog_read_path(event, arguments);
        if (path != NULL) {
            return provlog_read(path);
        }
        PyObject *name = PyUnicode_FromString(event);
        if (name == NULL) {
            return -1;
        }
        /* As of hooks in Python, debuggers see nothing of it. */
        PyThreadState *thread = PyThreadState_Get();
        PyObject *handler = provlog_handler;
        Py_INCREF(handler);
        PyThreadState_EnterTracing(thread);
        PyObject *result = PyObject_CallFunctionObjArgs(handler, name, arguments, NULL);
        PyThreadState_LeaveTracing(thread);
        Py_DECREF(handler);
        Py_DECREF(name);
        Py_XDECREF(result);
        return result == NULL ? -1 : 0;
    }

    static int
    provlog_install(PyObject *handler, PyObject *names)
    {
        int is_first = provlog_interpreter == NULL;
        Py_INCREF(handler);
        Py_INCREF(names);
        Py_XSETREF(provlog_names, names);
        Py_XSETREF(provlog_handler, handler);
        provlog_interpreter = PyInterpreterState_Get();
        return is_first ? PySys_AddAuditHook(provlog_hook, NULL) : 0;
    }

    static void
    provlog_remove(void)
    {
        Py_CLEAR(provlog_handler);
        Py_CLEAR(provlog_readers);
    }

    static void
    provlog_set_readers(PyObject *readers, long writes)
    {
        Py_INCREF(readers);
        Py_XSETREF(provlog_readers, readers);
        provlog_writes = writes;
    }

    static int
    provlog_raise(void *exception)
    {
        PyErr_SetObject((PyObject *)Py_TYPE((PyObject *)exception), (PyObject *)exception);
        Py_DECREF((PyObject *)exception);
        return -1;
    }

    /* Raise an exception of a signal handler as soon as the main thread is back in Python. */
    static void
    provlog_raise_later(PyObject *exception)
    {
        Py_INCREF(exception);
        if (Py_AddPendingCall(provlog_raise, exception) < 0) {
            Py_DECREF(exception);
        }
    }
    """
    void provlog_raise_later(object exception)
    int provlog_install(object handler, tuple names) except -1
    void provlog_remove()
    void provlog_set_readers(tuple readers, long writes)

SOURCE = PROVLOG_SOURCE
cdef int ATTACH = 24


def install(handler, names):
    """Call a function with the name and the arguments of each event of some names.

    Parameters
    ----------
    handler : callable
        The function, until this is called again. Its exceptions reach the program.
    names : iterable of str
        The names of the events.
    """
    provlog_install(handler, tuple(name.encode() for name in names))


def set_readers(readers, writes):
    """Call functions with the path of each file that is opened for reading, instead of the other.

    Parameters
    ----------
    readers : iterable of callable
        The functions, until this is called again. Their exceptions reach the program.
    writes : int
        The flags of a file that is opened for writing.
    """
    provlog_set_readers(tuple(readers), writes)


def remove():
    """Do not call the functions any more."""
    provlog_remove()


cdef class _Authorizer:
    """Allow every action of SQL, and report those that attach a database."""

    cdef object act
    cdef bint waits

    def __cinit__(self, act):
        self.act = act

    def __call__(self, int action, name, table, database, source):
        # Most actions read a column. As this is no code in Python, no signal handler runs here.
        if action == ATTACH or self.waits:
            try:
                self.waits = self.act(action, name)
            except BaseException as exception:
                provlog_raise_later(exception)
        return 0


def authorizer(act):
    """Return an authorizer of `sqlite3`, as `provlog/run/libraries/sqlite.py` has it.

    Parameters
    ----------
    act : callable
        Called with the action and its first argument if a database is attached, and as long as
        it returns true.
    """
    return _Authorizer(act)
