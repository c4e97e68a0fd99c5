# Part of _fast.pyx: frames on Python's stack, and exceptions that pass through compiled code.


cdef extern from *:
    """
    #if PY_VERSION_HEX < 0x030E0000
    #ifndef Py_BUILD_CORE
    #define Py_BUILD_CORE 1
    #endif
    #include "internal/pycore_frame.h"

    #if PY_VERSION_HEX >= 0x030D0000
    #define PROVLOG_FRAME(state) (state)->current_frame
    #else
    #define PROVLOG_FRAME(state) (state)->cframe->current_frame
    #endif

    /* Take the innermost frame off the stack, and return it. */
    static void *provlog_hide(void) {
        PyThreadState *state = PyThreadState_Get();
        struct _PyInterpreterFrame *frame = PROVLOG_FRAME(state);
        if (frame != NULL) {
            PROVLOG_FRAME(state) = frame->previous;
            provlog_depth++;
        }
        return frame;
    }

    static void provlog_show(void *frame) {
        if (frame != NULL) {
            PROVLOG_FRAME(PyThreadState_Get()) = frame;
            provlog_depth--;
        }
    }
    #else
    static void *provlog_hide(void) { return NULL; }
    static void provlog_show(void *frame) { }
    #endif

    static void provlog_set_am_send(PyObject *cls, void *function) {
        ((PyTypeObject *)cls)->tp_as_async->am_send = function;
    }
    """
    int provlog_has_room()
    void* provlog_hide()
    void provlog_show(void* frame)
    void provlog_set_am_send(object cls, void* function)
    ctypedef enum PySendResult:
        PYGEN_RETURN, PYGEN_ERROR, PYGEN_NEXT
    # Declared without their exceptions: for those that pass through it, Cython would add to the
    # traceback.
    PySendResult PyIter_Send(object iterator, object value, PyObject** result)
    PyObject* PyObject_CallOneArg(object function, object argument)
    PyObject* PyObject_CallNoArgs(object function)
    PyObject* PyObject_GetAttrString(object value, const char* name)
    PyObject* PyErr_Occurred()
    bint PyErr_ExceptionMatches(object kind)
    void PyErr_Clear()
    void PyErr_Fetch(PyObject** kind, PyObject** error, PyObject** trace)
    void PyErr_Restore(PyObject* kind, PyObject* error, PyObject* trace)
    void PyErr_NormalizeException(PyObject** kind, PyObject** error, PyObject** trace)
    void PyErr_SetHandledException(object error)
    void PyErr_SetObject(object kind, object error)
    int PyException_SetTraceback(object error, object trace)
    int PyCoro_CheckExact(object value)
    int PyGen_CheckExact(object value)
    PyObject* raw_set "provlog_set"(object variable, object value)
    int raw_reset "provlog_reset"(object variable, object token)


cdef object fetched():
    """Return the current exception, with its traceback, and clear it."""
    cdef PyObject* kind = NULL
    cdef PyObject* pointer = NULL
    cdef PyObject* trace = NULL
    PyErr_Fetch(&kind, &pointer, &trace)
    PyErr_NormalizeException(&kind, &pointer, &trace)
    error = <object>pointer
    if trace is not NULL:
        PyException_SetTraceback(error, <object>trace)
        Py_DECREF(<object>trace)
    Py_DECREF(<object>kind)
    Py_DECREF(error)
    return error


cdef PySendResult throw_into(object body, object error, PyObject** result) noexcept:
    """Throw an exception into an iterator, as `PyIter_Send` sends a value."""
    cdef PyObject* method = PyObject_GetAttrString(body, "throw")
    if method is NULL:
        PyErr_Clear()
        PyErr_SetObject(type(error), error)
        return PYGEN_ERROR
    result[0] = PyObject_CallOneArg(<object>method, error)
    Py_DECREF(<object>method)
    if result[0] is not NULL:
        return PYGEN_NEXT
    if not PyErr_ExceptionMatches(StopIteration):
        return PYGEN_ERROR
    returned = fetched().value
    Py_INCREF(returned)
    result[0] = <PyObject*>returned
    return PYGEN_RETURN


cdef object without_first_frame(object error):
    """Remove the frame of the wrapper, which has caught the exception, from its traceback."""
    trace = error.__traceback__
    PyException_SetTraceback(error, None if trace is None else trace.tb_next)
    return error


cdef object exception_of(object kind, object value, object trace):
    """Return the exception that arguments of `throw` denote; the body refuses other arguments."""
    error = kind
    if isinstance(kind, type) and issubclass(kind, BaseException):
        try:
            if isinstance(value, kind):
                error = value
            elif value is None:
                error = kind()
            else:
                error = kind(*value) if isinstance(value, tuple) else kind(value)
        except BaseException as failure:
            error = failure
    return error if trace is None else error.with_traceback(trace)


cdef object iterator_of_awaitable(object value):
    """Return what an `await` of a value iterates over."""
    if PyGen_CheckExact(value) and value.gi_code.co_flags & 0x100:
        return value
    method = getattr(type(value), "__await__", None)
    if method is None:
        raise TypeError(f"object {type(value).__name__} can't be used in 'await' expression")
    return method(value)
