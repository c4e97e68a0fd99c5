# Part of _fast.pyx: the class of functions whose calls have no frame.


cdef extern from *:
    """
    #include <stddef.h>
    #include "structmember.h"

    static PyObject *provlog_current = NULL;

    /* While Python 3.11 changes a context, it may collect garbage, whose finalizers may change
       the context, too: a suspended generator is closed. Python does not survive that. */
    #if PY_VERSION_HEX < 0x030C0000
    #define PROVLOG_PAUSE_COLLECTOR int is_enabled = PyGC_Disable();
    #define PROVLOG_RESUME_COLLECTOR if (is_enabled) PyGC_Enable();
    #else
    #define PROVLOG_PAUSE_COLLECTOR
    #define PROVLOG_RESUME_COLLECTOR
    #endif

    static PyObject *provlog_set(PyObject *variable, PyObject *value) {
        PyObject *token;
        PROVLOG_PAUSE_COLLECTOR
        token = PyContextVar_Set(variable, value);
        PROVLOG_RESUME_COLLECTOR
        return token;
    }

    static int provlog_reset(PyObject *variable, PyObject *token) {
        int status;
        PROVLOG_PAUSE_COLLECTOR
        status = PyContextVar_Reset(variable, token);
        PROVLOG_RESUME_COLLECTOR
        return status;
    }

    /* What a call runs. A class, and the name of the method that it inherits, are there if only
       the call tells which method that is. */
    typedef struct {
        PyObject *function;
        PyObject *cls;
        PyObject *name;
        int is_getter;
    } provlog_Target;

    /* Returns the Running call; None for a call that is not recorded; NULL with an error, or
       without one for a call by the code in Python. The references in the target are those of
       the TracedCalls. */
    static PyObject *(*provlog_begin)(
        PyObject *calls, PyObject *function, PyObject *const *arguments, Py_ssize_t count,
        PyObject *names, provlog_Target *target, PyObject **token);
    static int (*provlog_end)(PyObject *call, PyObject *result, PyObject *error);

    static void provlog_become_plain(provlog_Function *function) {
        function->function.vectorcall = function->plain;
        Py_SET_TYPE((PyObject *)function, &PyFunction_Type);
        Py_CLEAR(function->calls);
        provlog_hide_own(function);
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

    static int provlog_is_of(PyObject *owner, PyTypeObject *cls) {
        return PyObject_TypeCheck(owner, cls)
            || (PyType_Check(owner) && PyType_IsSubtype((PyTypeObject *)owner, cls));
    }

    static PyObject *provlog_run(
        provlog_Target *target, PyObject *const *arguments, size_t flags, PyObject *names) {
        PyObject *parent, *method, *result;
        if (target->cls == NULL || !provlog_is_of(arguments[0], (PyTypeObject *)target->cls))
            return PyObject_Vectorcall(target->function, arguments, flags, names);
        /* As Inherited. */
        parent = PyObject_CallFunctionObjArgs(
            (PyObject *)&PySuper_Type, target->cls, arguments[0], NULL);
        if (parent == NULL)
            return NULL;
        method = PyObject_GetAttr(parent, target->name);
        Py_DECREF(parent);
        if (method == NULL || target->is_getter)
            return method;
        result = PyObject_Vectorcall(
            method, arguments + 1, PyVectorcall_NARGS(flags) - 1, names);
        Py_DECREF(method);
        return result;
    }

    static PyObject *provlog_call(
        PyObject *self, PyObject *const *arguments, size_t flags, PyObject *names) {
        provlog_Function *function = (provlog_Function *)self;
        PyObject *calls = function->calls, *token = NULL, *call, *result;
        provlog_Target target;
        if (calls == NULL || !provlog_has_room()) {
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
        result = provlog_run(&target, arguments, flags, names);
        provlog_depth--;
        if (token != NULL) {
            PyObject *type, *error, *trace;
            PyErr_Fetch(&type, &error, &trace);
            if (provlog_reset(provlog_current, token) < 0)
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
        Py_VISIT(((provlog_Function *)self)->own);
        Py_VISIT(((provlog_Function *)self)->variables);
        return PyFunction_Type.tp_traverse(self, visit, arg);
    }

    static int provlog_clear(PyObject *self) {
        Py_CLEAR(((provlog_Function *)self)->calls);
        provlog_clear_own((provlog_Function *)self);
        return PyFunction_Type.tp_clear(self);
    }

    static void provlog_dealloc(PyObject *self) {
        PyObject_GC_UnTrack(self);
        Py_CLEAR(((provlog_Function *)self)->calls);
        provlog_clear_own((provlog_Function *)self);
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
        .tp_getset = provlog_attributes,
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

    /* The calls may be None. */
    static PyObject *provlog_function(PyObject *wrapper, PyObject *calls, PyObject *own) {
        provlog_Function *made = PyObject_GC_New(provlog_Function, &provlog_FunctionType);
        if (made == NULL)
            return NULL;
        memcpy((char *)made + sizeof(PyObject), (char *)wrapper + sizeof(PyObject),
               sizeof(PyFunctionObject) - sizeof(PyObject));
        PyFunction_Type.tp_traverse(wrapper, provlog_hold, NULL);
        made->function.func_weakreflist = NULL;
        made->function.func_version = 0;
        made->plain = made->function.vectorcall;
        made->calls = NULL;
        if (calls != Py_None) {
            made->function.vectorcall = provlog_call;
            made->calls = Py_NewRef(calls);
        }
        made->own = made->variables = NULL;
        PyObject_GC_Track((PyObject *)made);
        if (PyFunction_Check(own) && provlog_show_own(made, own) < 0)
            Py_CLEAR(made);
        return (PyObject *)made;
    }
    """
    ctypedef struct PyFunctionObject:
        PyObject* func_defaults
        PyObject* func_kwdefaults
    ctypedef struct Target "provlog_Target":
        PyObject* function
        PyObject* cls
        PyObject* name
        int is_getter
    int provlog_ready(object variable, void* begin, void* end) except -1
    object provlog_function(object wrapper, object calls, object own)
    object provlog_set(object variable, object value)
