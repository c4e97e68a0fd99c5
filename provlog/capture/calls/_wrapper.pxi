# Part of _fast.pyx: functions whose calls are recorded without a frame of their own.
#
# Such a function is an instance of a subclass of Python's class of functions, with the code of
# the wrapper in Python. All that looks at it finds a function. But a call does not run that code:
# compiled code records the call and calls the traced function, so that the stack shows only the
# program's own frames.
#
# Each such call takes room on the stack of C, which a call of a function in Python does not. Where
# that has no room, they become plain functions that run the code of the wrapper.


cdef extern from *:
    Py_ssize_t PyTuple_GET_SIZE(PyObject* value)
    PyObject* PyTuple_GET_ITEM(PyObject* value, Py_ssize_t index)


# Later versions may lay out functions in another way.
cdef bint KNOWS_FUNCTIONS = sys.version_info < (3, 14)
# The values of more parameters than these are not on the stack.
cdef enum: FEW_PARAMETERS = 64


cdef class TracedCalls:
    """How the calls of a function are recorded.

    Parameters
    ----------
    function : callable
        The function.
    target : Inherited, optional
        The method to call instead, if it is inherited.
    recorder : FastCallRecorder
        Records the calls.
    switch : Switch
        Says whether calls are recorded.
    is_method : bool
        Whether the first argument is the object whose method it is.
    has_signature : bool
        Whether the code of the function tells its parameters; otherwise it takes any arguments.
    """

    cdef object __weakref__
    cdef object function, inherited
    cdef dict switch
    cdef Target target
    cdef FastCallRecorder recorder
    # The names of the parameters: first those that may be positional.
    cdef tuple names
    cdef Py_ssize_t positional, only_positional, count
    # Whether parameters take all other arguments, by position and by name.
    cdef bint takes_rest, takes_others, is_method

    def __init__(self, function, target, recorder, switch, is_method, has_signature):
        self.function, self.recorder, self.switch = function, recorder, vars(switch)
        self.is_method, self.inherited = is_method, target
        self.names, self.takes_rest, self.takes_others = (), True, True
        if has_signature:
            code = function.__code__
            self.positional, self.only_positional = code.co_argcount, code.co_posonlyargcount
            self.count = code.co_argcount + code.co_kwonlyargcount
            self.names = code.co_varnames[:self.count]
            self.takes_rest, self.takes_others = bool(code.co_flags & 4), bool(code.co_flags & 8)
        self.target.function, self.target.cls = <PyObject*>function, NULL
        if target is not None:
            self.target.cls = <PyObject*>target.cls
            self.target.name, self.target.is_getter = <PyObject*>target.name, target.is_getter

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
        cdef PyObject* few[FEW_PARAMETERS]
        cdef PyObject** values = few
        if self.count > FEW_PARAMETERS:
            values = <PyObject**>PyMem_RawMalloc(self.count * sizeof(PyObject*))
            if values is NULL:
                return None
        try:
            return self.begin_with(wrapper, arguments, given, names, values)
        finally:
            if values is not few:
                PyMem_RawFree(values)

    cdef Running begin_with(
        self, object wrapper, PyObject** arguments, Py_ssize_t given, object names,
        PyObject** values,
    ):
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
            return self.recorder.begun_call(tuple(args), named, False)
        for index in range(self.count):
            if index == 0 and self.is_method:
                owner = <object>values[0]
            else:
                named[self.names[index]] = <object>values[index]
        return self.recorder.begun(owner, named, False)


cdef bint has_defaults_of(object wrapper, object function):
    """Return whether the program has left the defaults of both alike."""
    if not isinstance(function, FunctionType):
        return True
    own, others = <PyFunctionObject*><PyObject*>wrapper, <PyFunctionObject*><PyObject*>function
    return (
        own.func_defaults is others.func_defaults and own.func_kwdefaults is others.func_kwdefaults
    )


cdef PyObject* begin_call(
    PyObject* pointer, PyObject* wrapper, PyObject** arguments, Py_ssize_t given, PyObject* names,
    Target* target, PyObject** token,
) except? NULL:
    cdef TracedCalls calls = <TracedCalls>pointer
    cdef Running call = None
    if given == 0 and calls.inherited is not None:
        # The object is a keyword argument.
        return NULL
    if calls.switch["enabled"]:
        if not has_defaults_of(<object>wrapper, calls.function):
            return NULL
        call = calls.begin(
            <object>wrapper, arguments, given, None if names is NULL else <object>names
        )
        if call is not None:
            before = provlog_set(context_variable, call.activity)
            Py_INCREF(before)
            token[0] = <PyObject*>before
    target[0] = calls.target
    Py_INCREF(call)
    return <PyObject*>call


cdef int end_call(PyObject* call, PyObject* result, PyObject* error) except -1:
    if result is NULL:
        return (<Running>call).finish(NOTHING, <object>error, False)
    # The call in C has the only reference.
    cdef bint is_unshared = result.ob_refcnt <= 1
    return (<Running>call).finish(<object>result, None, is_unshared)


provlog_ready(context_variable, <void*>begin_call, <void*>end_call)

