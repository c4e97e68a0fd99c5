# Part of _fast.pyx: the attributes of traced functions, which are those of the functions themselves.
#
# What pickles functions by value, such as cloudpickle, sees the code, the closure and the variables
# of the wrapper instead. So the function that a worker gets is traced, too.


cdef extern from *:
    """
    #include <string.h>

    typedef struct {
        PyFunctionObject function;
        /* The TracedCalls; NULL if the calls run the code of the wrapper. */
        PyObject *calls;
        vectorcallfunc plain;
        /* The traced function, whose parts the program sees, and the variables of the wrapper;
           NULL if the program sees the wrapper. */
        PyObject *own, *variables;
    } provlog_Function;

    static int provlog_is_pickled(void) {
        PyObject *globals = PyEval_GetGlobals(), *name;
        name = globals == NULL ? NULL : PyDict_GetItemString(globals, "__name__");
        return name != NULL && PyUnicode_Check(name) && PyUnicode_IS_COMPACT_ASCII(name)
            && (strstr((const char *)PyUnicode_DATA(name), "cloudpickle") != NULL
                || strstr((const char *)PyUnicode_DATA(name), "dill.") != NULL);
    }

    /* Return the function whose parts are to be seen. */
    static PyFunctionObject *provlog_seen(PyObject *self) {
        PyObject *own = ((provlog_Function *)self)->own;
        return (PyFunctionObject *)(own == NULL || provlog_is_pickled() ? self : own);
    }

    static PyObject *provlog_get_code(PyObject *self, void *Py_UNUSED(closure)) {
        return Py_NewRef(provlog_seen(self)->func_code);
    }

    static int provlog_set_code(PyObject *self, PyObject *code, void *Py_UNUSED(closure)) {
        PyObject *own = ((provlog_Function *)self)->own, *descriptor;
        int status = -1;
        descriptor = PyObject_GetAttrString((PyObject *)&PyFunction_Type, "__code__");
        if (descriptor != NULL) {
            status = Py_TYPE(descriptor)->tp_descr_set(descriptor, own ? own : self, code);
            Py_DECREF(descriptor);
        }
        return status;
    }

    static PyObject *provlog_get_closure(PyObject *self, void *Py_UNUSED(closure)) {
        PyObject *cells = provlog_seen(self)->func_closure;
        return Py_NewRef(cells == NULL ? Py_None : cells);
    }

    static PyObject *provlog_get_dict(PyObject *self, void *Py_UNUSED(closure)) {
        PyObject *variables = PyObject_GenericGetDict(self, NULL), *all;
        if (variables == NULL || ((provlog_Function *)self)->own == NULL || !provlog_is_pickled())
            return variables;
        all = PyDict_Copy(((provlog_Function *)self)->variables);
        if (all != NULL && PyDict_Update(all, variables) < 0)
            Py_CLEAR(all);
        Py_DECREF(variables);
        return all;
    }

    static int provlog_set_dict(PyObject *self, PyObject *variables, void *Py_UNUSED(closure)) {
        PyObject *own = ((provlog_Function *)self)->own;
        if (own != NULL && PyObject_GenericSetDict(own, variables, NULL) < 0)
            return -1;
        return PyObject_GenericSetDict(self, variables, NULL);
    }

    /* Not among the variables: `inspect` and numba find the function itself by these. */
    static PyObject *provlog_get_special(PyObject *self, void *name) {
        provlog_Function *function = (provlog_Function *)self;
        PyObject *variables = function->own == NULL ? function->function.func_dict
                                                    : function->variables;
        PyObject *found = variables == NULL ? NULL : PyDict_GetItemString(variables, name);
        if (found == NULL) {
            PyErr_SetString(PyExc_AttributeError, name);
            return NULL;
        }
        return Py_NewRef(found);
    }

    static int provlog_set_special(PyObject *self, PyObject *value, void *name) {
        PyObject *variables = PyObject_GenericGetDict(self, NULL);
        int status;
        if (variables == NULL)
            return -1;
        status = value == NULL ? PyDict_DelItemString(variables, name)
                               : PyDict_SetItemString(variables, name, value);
        Py_DECREF(variables);
        return status;
    }

    static PyGetSetDef provlog_attributes[] = {
        {"__code__", provlog_get_code, provlog_set_code, NULL, NULL},
        {"__closure__", provlog_get_closure, NULL, NULL, NULL},
        {"__dict__", provlog_get_dict, provlog_set_dict, NULL, NULL},
        {"__wrapped__", provlog_get_special, provlog_set_special, NULL, "__wrapped__"},
        {"__numba__", provlog_get_special, provlog_set_special, NULL, "__numba__"},
        {NULL, NULL, NULL, NULL, NULL},
    };

    /* Let a function share the variables of the traced one. */
    static int provlog_show_own(provlog_Function *made, PyObject *own) {
        PyObject *variables = PyObject_GenericGetDict(own, NULL);
        if (variables == NULL)
            return -1;
        made->own = Py_NewRef(own);
        made->variables = made->function.func_dict;
        made->function.func_dict = variables;
        return 0;
    }

    /* Become like the wrapper again. */
    static void provlog_hide_own(provlog_Function *function) {
        PyObject *variables = function->function.func_dict;
        if (function->own == NULL)
            return;
        if (PyDict_Update(function->variables, variables) < 0)
            PyErr_Clear();
        function->function.func_dict = function->variables;
        function->variables = NULL;
        Py_CLEAR(function->own);
        Py_DECREF(variables);
    }

    static void provlog_clear_own(provlog_Function *function) {
        Py_CLEAR(function->own);
        Py_CLEAR(function->variables);
    }
    """
