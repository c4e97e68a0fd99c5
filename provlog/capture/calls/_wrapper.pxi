# Part of _fast.pyx: functions whose calls are recorded without a frame of their own.
#
# Such a function is an instance of a subclass of Python's class of functions, with the code of
# the wrapper in Python. All that looks at it finds a function. But a call does not run that code:
# compiled code records the call and calls the traced function, so that the stack shows only the
# program's own frames.
#
# Each such call takes room on the stack of C, which a call of a function in Python does not. Where
# many of them are nested, they become plain functions that run the code of the wrapper.


cdef extern from *:
    """
    #include <stddef.h>
    #include <string.h>
    #include "structmember.h"

    #if defined(_MSC_VER)
    #define PROVLOG_OF_THREAD __declspec(thread)
    #else
    #define PROVLOG_OF_THREAD __thread
    #endif

    /* The number of nested calls, of about a kilobyte each, after which functions become plain. */
    #define PROVLOG_MAX_DEPTH 50

    typedef struct {
        PyFunctionObject function;
        /* The TracedCalls; NULL if the function is plain. */
        PyObject *calls;
        vectorcallfunc plain;
    } provlog_Function;

    static PROVLOG_OF_THREAD int provlog_depth = 0;
    static PyObject *provlog_current = NULL;

    /* Returns the Running call; None for a call that is not recorded; NULL with an error, or
       without one for a call by the code in Python. */
    static PyObject *(*provlog_begin)(
        PyObject *calls, PyObject *function, PyObject *const *arguments, Py_ssize_t count,
        PyObject *names, PyObject **target, PyObject **token);
    static int (*provlog_end)(PyObject *call, PyObject *result, PyObject *error);

    static void provlog_become_plain(provlog_Function *function) {
        function->function.vectorcall = function->plain;
        Py_SET_TYPE((PyObject *)function, &PyFunction_Type);
        Py_CLEAR(function->calls);
    }

    static PyObject *provlog_failed(PyObject *call) {
        PyObject *type, *error, *trace, *type2, *error2, *trace2;
        PyErr_Fetch(&type, &error, &trace);
        PyErr_NormalizeException(&type, &error, &trace);
        if (trace != NULL)
            PyException_SetTraceback(error, trace);
        if (provlog_end(call, NULL, error) == 0) {
            PyErr_Restore(type, error, trace);
            return NULL;
        }
        PyErr_Fetch(&type2, &error2, &trace2);
        PyErr_NormalizeException(&type2, &error2, &trace2);
        if (error2 != error)
            PyException_SetContext(error2, Py_NewRef(error));
        PyErr_Restore(type2, error2, trace2);
        Py_XDECREF(type);
        Py_XDECREF(error);
        Py_XDECREF(trace);
        return NULL;
    }

    static PyObject *provlog_call(
        PyObject *self, PyObject *const *arguments, size_t flags, PyObject *names) {
        provlog_Function *function = (provlog_Function *)self;
        PyObject *calls = function->calls, *target = NULL, *token = NULL, *call, *result;
        if (calls == NULL || provlog_depth >= PROVLOG_MAX_DEPTH) {
            provlog_become_plain(function);
            return function->plain(self, arguments, flags, names);
        }
        Py_INCREF(calls);
        call = provlog_begin(
            calls, self, arguments, PyVectorcall_NARGS(flags), names, &target, &token);
        if (call == NULL) {
            Py_DECREF(calls);
            return PyErr_Occurred() ? NULL : function->plain(self, arguments, flags, names);
        }
        provlog_depth++;
        result = PyObject_Vectorcall(target, arguments, flags, names);
        provlog_depth--;
        if (token != NULL) {
            PyObject *type, *error, *trace;
            PyErr_Fetch(&type, &error, &trace);
            if (PyContextVar_Reset(provlog_current, token) < 0)
                PyErr_Clear();
            PyErr_Restore(type, error, trace);
            Py_DECREF(token);
            if (result == NULL)
                provlog_failed(call);
            else if (provlog_end(call, result, NULL) < 0)
                Py_CLEAR(result);
        }
        Py_DECREF(call);
        Py_DECREF(calls);
        return result;
    }

    static int provlog_traverse(PyObject *self, visitproc visit, void *arg) {
        Py_VISIT(((provlog_Function *)self)->calls);
        return PyFunction_Type.tp_traverse(self, visit, arg);
    }

    static int provlog_clear(PyObject *self) {
        Py_CLEAR(((provlog_Function *)self)->calls);
        return PyFunction_Type.tp_clear(self);
    }

    static void provlog_dealloc(PyObject *self) {
        PyObject_GC_UnTrack(self);
        Py_CLEAR(((provlog_Function *)self)->calls);
        /* The base class expects a tracked object. */
        PyObject_GC_Track(self);
        PyFunction_Type.tp_dealloc(self);
    }

    static PyObject *provlog_reduce(PyObject *self, PyObject *Py_UNUSED(ignored)) {
        /* By name, as a function. */
        return PyObject_GetAttrString(self, "__qualname__");
    }

    static PyMethodDef provlog_methods[] = {
        {"__reduce__", provlog_reduce, METH_NOARGS, NULL},
        {NULL, NULL, 0, NULL},
    };

    /* Each class has a __doc__, which would hide that of functions. */
    static PyMemberDef provlog_members[] = {
        {"__doc__", T_OBJECT, offsetof(PyFunctionObject, func_doc), 0, NULL},
        {NULL, 0, 0, 0, NULL},
    };

    static PyTypeObject provlog_FunctionType = {
        PyVarObject_HEAD_INIT(NULL, 0)
        .tp_name = "function",
        .tp_basicsize = sizeof(provlog_Function),
        .tp_dealloc = provlog_dealloc,
        .tp_vectorcall_offset = offsetof(PyFunctionObject, vectorcall),
        .tp_call = PyVectorcall_Call,
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL
            | Py_TPFLAGS_METHOD_DESCRIPTOR,
        .tp_traverse = provlog_traverse,
        .tp_clear = provlog_clear,
        .tp_methods = provlog_methods,
        .tp_members = provlog_members,
    };

    static int provlog_ready(PyObject *current, void *begin, void *end) {
        provlog_begin = begin;
        provlog_end = end;
        provlog_current = Py_NewRef(current);
        provlog_FunctionType.tp_base = &PyFunction_Type;
        return PyType_Ready(&provlog_FunctionType);
    }

    static int provlog_hold(PyObject *held, void *Py_UNUSED(ignored)) {
        Py_INCREF(held);
        return 0;
    }

    static PyObject *provlog_function(PyObject *wrapper, PyObject *calls) {
        provlog_Function *made = PyObject_GC_New(provlog_Function, &provlog_FunctionType);
        if (made == NULL)
            return NULL;
        memcpy((char *)made + sizeof(PyObject), (char *)wrapper + sizeof(PyObject),
               sizeof(PyFunctionObject) - sizeof(PyObject));
        PyFunction_Type.tp_traverse(wrapper, provlog_hold, NULL);
        made->function.func_weakreflist = NULL;
        made->function.func_version = 0;
        made->plain = made->function.vectorcall;
        made->function.vectorcall = provlog_call;
        made->calls = Py_NewRef(calls);
        PyObject_GC_Track((PyObject *)made);
        return (PyObject *)made;
    }
    """
    ctypedef struct PyFunctionObject:
        PyObject* func_defaults
        PyObject* func_kwdefaults
    int provlog_ready(object variable, void* begin, void* end) except -1
    object provlog_function(object wrapper, object calls)
    Py_ssize_t PyTuple_GET_SIZE(PyObject* value)
    PyObject* PyTuple_GET_ITEM(PyObject* value, Py_ssize_t index)


# Later versions may lay out functions in another way.
cdef bint KNOWS_FUNCTIONS = sys.version_info < (3, 14)
# A function with more parameters runs the code of its wrapper.
cdef enum: MAX_PARAMETERS = 64


cdef class TracedCalls:
    """How the calls of a function are recorded.

    Parameters
    ----------
    function : function
        The function.
    recorder : FastCallRecorder
        Records the calls.
    switch : Switch
        Says whether calls are recorded.
    is_method : bool
        Whether the first argument is the object whose method it is.
    """

    cdef object __weakref__
    cdef object function
    cdef dict switch
    cdef FastCallRecorder recorder
    # The names of the parameters: first those that may be positional.
    cdef tuple names
    cdef Py_ssize_t positional, only_positional, count
    # The names of the parameters that take all others, or an empty text.
    cdef bint takes_rest, takes_others, is_method

    def __init__(self, function, recorder, switch, is_method):
        code = function.__code__
        self.function, self.recorder, self.switch = function, recorder, vars(switch)
        self.positional, self.only_positional = code.co_argcount, code.co_posonlyargcount
        self.count = code.co_argcount + code.co_kwonlyargcount
        self.names = code.co_varnames[:self.count]
        self.takes_rest, self.takes_others = bool(code.co_flags & 4), bool(code.co_flags & 8)
        self.is_method = is_method

    cdef int bind(
        self, object wrapper, PyObject** arguments, Py_ssize_t given, object names,
        PyObject** values, dict others,
    ) except -1:
        """Find the value of each parameter; return whether all are found, and none is left."""
        cdef Py_ssize_t index, place, first
        cdef PyObject* defaults
        if given > self.positional and not self.takes_rest:
            return False
        for index in range(self.count):
            values[index] = arguments[index] if index < given and index < self.positional else NULL
        if names is not None:
            for index in range(PyTuple_GET_SIZE(<PyObject*>names)):
                name = <object>PyTuple_GET_ITEM(<PyObject*>names, index)
                place = self.place_of(name)
                if place < 0:
                    if not self.takes_others:
                        return False
                    others[name] = <object>arguments[given + index]
                elif values[place] is not NULL:
                    return False
                else:
                    values[place] = arguments[given + index]
        defaults = (<PyFunctionObject*><PyObject*>wrapper).func_defaults
        first = self.positional - (0 if defaults is NULL else PyTuple_GET_SIZE(defaults))
        for index in range(self.count):
            if values[index] is NULL:
                if index < self.positional:
                    if index < first:
                        return False
                    values[index] = PyTuple_GET_ITEM(defaults, index - first)
                else:
                    defaults = (<PyFunctionObject*><PyObject*>wrapper).func_kwdefaults
                    if defaults is NULL:
                        return False
                    values[index] = PyDict_GetItemWithError(
                        <object>defaults, (<tuple>self.names)[index]
                    )
                    if values[index] is NULL:
                        return False
        return True

    cdef Py_ssize_t place_of(self, object name) except -2:
        """Return the place of a parameter that may be named in a call; -1 for any other name."""
        cdef Py_ssize_t index
        for index in range(self.only_positional, self.count):
            if <object>PyTuple_GET_ITEM(<PyObject*>self.names, index) is name:
                return index
        for index in range(self.only_positional, self.count):
            if <object>PyTuple_GET_ITEM(<PyObject*>self.names, index) == name:
                return index
        return -1

    cdef Running begin(
        self, object wrapper, PyObject** arguments, Py_ssize_t given, object names
    ):
        """Record the start of a call; return ``None`` if it is not recorded."""
        cdef PyObject* values[MAX_PARAMETERS]
        cdef Py_ssize_t index
        cdef dict named = {}
        cdef bint is_open = self.takes_rest or self.takes_others
        cdef dict others = {} if self.takes_others else None
        owner = None
        if not self.bind(wrapper, arguments, given, names, values, others):
            # The function refuses the call.
            return None
        if is_open:
            args = [<object>values[index] for index in range(self.positional)]
            for index in range(self.positional, given):
                args.append(<object>arguments[index])
            for index in range(self.positional, self.count):
                named[self.names[index]] = <object>values[index]
            if others:
                named.update(others)
            return self.recorder.begun_call(tuple(args), named)
        for index in range(self.count):
            if index == 0 and self.is_method:
                owner = <object>values[0]
            else:
                named[self.names[index]] = <object>values[index]
        return self.recorder.begun(owner, named)


cdef bint has_defaults_of(object wrapper, object function):
    """Return whether the program has left the defaults of both alike."""
    own, others = <PyFunctionObject*><PyObject*>wrapper, <PyFunctionObject*><PyObject*>function
    return (
        own.func_defaults is others.func_defaults and own.func_kwdefaults is others.func_kwdefaults
    )


cdef PyObject* begin_call(
    PyObject* pointer, PyObject* wrapper, PyObject** arguments, Py_ssize_t given, PyObject* names,
    PyObject** target, PyObject** token,
) except? NULL:
    cdef TracedCalls calls = <TracedCalls>pointer
    cdef Running call = None
    if calls.switch["enabled"]:
        if not has_defaults_of(<object>wrapper, calls.function):
            return NULL
        call = calls.begin(
            <object>wrapper, arguments, given, None if names is NULL else <object>names
        )
        if call is not None:
            before = PyContextVar_Set(context_variable, call.activity)
            Py_INCREF(before)
            token[0] = <PyObject*>before
    target[0] = <PyObject*>calls.function
    Py_INCREF(call)
    return <PyObject*>call


cdef int end_call(PyObject* call, PyObject* result, PyObject* error) except -1:
    if result is NULL:
        return (<Running>call).finish(NOTHING, <object>error, False)
    # The call in C has the only reference.
    cdef bint is_unshared = result.ob_refcnt <= 1
    return (<Running>call).finish(<object>result, None, is_unshared)


provlog_ready(context_variable, <void*>begin_call, <void*>end_call)

