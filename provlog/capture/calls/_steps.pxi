# Part of _fast.pyx: coroutines and generators whose bodies run without the frame of a wrapper.
#
# The wrapper is a coroutine or generator itself, so the program gets one. It makes an object of a
# class below, which runs the body step by step. Meanwhile the wrapper's frame is not on Python's
# stack: the body's frame comes right after that of the code that asks for the next step.
#
# An exception of the body does not pass through the wrapper either, which would add its frame to
# the traceback. The object keeps it, and the wrapper raises it again with a bare `raise`, for
# which Python adds nothing.


cdef class Steps:
    """Run the body of a coroutine or generator, and record the end of its call.

    Parameters
    ----------
    call : Running, optional
        The call, if it is recorded.
    body : object
        The coroutine or generator.
    """

    cdef Running call
    cdef object activity, body, token
    # What the next step sends or throws into the body.
    cdef object sent, thrown
    # The last item or the result, and the exception of the body.
    cdef object value, error

    def __init__(self, call, body):
        self.call, self.body = call, body
        self.activity = None if call is None else (<Running>call).activity

    @staticmethod
    def has_room():
        """Return whether the stack of C has room for a step."""
        return bool(provlog_has_room())

    def item(self):
        """Return the last item or the result, and forget it."""
        value, self.value = self.value, None
        return value

    def receive(self, value):
        """Send a value into the body in the next step."""
        self.sent = value

    def catch(self, error):
        """Throw an exception that the wrapper has caught into the body in the next step."""
        self.thrown = without_first_frame(error)

    def has_failed(self):
        """Return whether the body has raised an exception, which a bare `raise` raises then."""
        error, self.error = self.error, None
        if error is None:
            return False
        PyErr_SetHandledException(error)
        return True

    cdef PySendResult advance(self, object value, PyObject** result) noexcept:
        """Run the body until its next item or its end."""
        cdef PySendResult status
        thrown, self.thrown = self.thrown, None
        self.enter()
        if thrown is None:
            status = PyIter_Send(self.body, value, result)
        else:
            status = throw_into(self.body, thrown, result)
        if status != PYGEN_NEXT or self.leaves_each_step():
            self.leave()
        return status

    cdef bint leaves_each_step(self) noexcept:
        return False

    cdef void enter(self) noexcept:
        """Make the activity the current one."""
        cdef PyObject* token
        if self.activity is not None and self.token is None:
            token = raw_set(context_variable, self.activity)
            if token is NULL:
                PyErr_Clear()
            else:
                self.token = <object>token
                Py_DECREF(self.token)

    cdef void leave(self) noexcept:
        """Restore the activity that was current before, as `leave`."""
        cdef PyObject* kind = NULL
        cdef PyObject* error = NULL
        cdef PyObject* trace = NULL
        if self.token is not None:
            PyErr_Fetch(&kind, &error, &trace)
            if raw_reset(context_variable, self.token) < 0:
                PyErr_Clear()
            PyErr_Restore(kind, error, trace)
            self.token = None

    cdef int finish(self, object result, object error, bint is_unshared) except -1:
        """Record the end of the call, once."""
        call, self.call, self.activity = self.call, None, None
        if call is not None:
            (<Running>call).finish(result, error, is_unshared)
        return 0

    cdef int fail(self, object error, object recorded):
        """Keep the exception of the body, and record the end of the call."""
        self.error = error
        try:
            self.finish(NOTHING, recorded, False)
        except BaseException as interruption:
            self.error = interruption
        return 0

    cdef int succeed(self, object result, bint is_unshared):
        try:
            self.finish(result, None, is_unshared)
        except BaseException as interruption:
            self.error = interruption
        return 0


cdef class GeneratorSteps(Steps):
    """Run a generator; its activity is current only while it runs."""

    cdef bint leaves_each_step(self) noexcept:
        return True

    def step(self):
        """Run the generator until its next item; return false at its end."""
        cdef PyObject* result = NULL
        cdef PySendResult status
        cdef void* frame
        value, self.sent = self.sent, None
        frame = provlog_hide()
        status = self.advance(value, &result)
        provlog_show(frame)
        del value
        if status == PYGEN_ERROR:
            error = fetched()
            self.fail(error, None if isinstance(error, GeneratorExit) else error)
            return False
        self.value = <object>result
        Py_DECREF(self.value)
        if status == PYGEN_RETURN:
            self.succeed(NOTHING if self.value is None else self.value, False)
        return status == PYGEN_NEXT


cdef class CoroutineSteps(Steps):
    """Run a coroutine: an iterator that the wrapper awaits, and whose result is false."""

    # The exception that closes it.
    cdef object closing

    def __init__(self, call, body):
        super().__init__(call, body)
        if not PyCoro_CheckExact(body):
            self.body = iterator_of_awaitable(body)

    def catch(self, error):
        """Throw an exception that the wrapper has caught into the body in the next step."""
        if isinstance(error, GeneratorExit):
            self.closing = error
        Steps.catch(self, error)

    def __await__(self):
        return self

    def __next__(self):
        return self.send(None)

    def send(self, value):
        """Run the body until it awaits, as a generator does."""
        cdef PyObject* result = NULL
        if self.run(value, &result, provlog_hide()) != PYGEN_NEXT:
            returned = <object>result
            Py_DECREF(returned)
            raise StopIteration(returned)
        item = <object>result
        Py_DECREF(item)
        return item

    def throw(self, kind, value=None, trace=None):
        """Raise an exception where the body awaits."""
        cdef PyObject* result = NULL
        self.thrown = exception_of(kind, value, trace)
        # The caller is not the wrapper.
        if self.run(None, &result, NULL) != PYGEN_NEXT:
            returned = <object>result
            Py_DECREF(returned)
            raise StopIteration(returned)
        item = <object>result
        Py_DECREF(item)
        return item

    def __getattr__(self, name):
        # Tools follow what a coroutine awaits.
        if name.startswith(("cr_", "gi_", "ag_")):
            return getattr(self.body, name)
        raise AttributeError(name)

    cdef PySendResult run(self, object value, PyObject** result, void* hidden) noexcept:
        """Run the body until it awaits; then return what the wrapper gets as a result."""
        cdef PySendResult status = self.advance(value, result)
        provlog_show(hidden)
        if status == PYGEN_NEXT:
            return status
        if status == PYGEN_ERROR:
            has_item = self.end_with(fetched())
        else:
            has_item = self.end(result[0])
        Py_INCREF(has_item)
        result[0] = <PyObject*>has_item
        return PYGEN_RETURN

    cdef object end_with(self, object error):
        """End with an exception of the body."""
        self.fail(error, error)
        return False

    cdef object end(self, PyObject* result):
        """End with a result of the body, to which nothing else refers here."""
        cdef bint is_unshared = result.ob_refcnt <= 1
        if self.closing is None:
            self.succeed(<object>result, is_unshared)
        else:
            # Nobody gets the result, as in Python, where the wrapper does not see it either.
            self.fail(None, self.closing)
        self.value = <object>result
        Py_DECREF(self.value)
        return False


cdef class AsyncGeneratorSteps(CoroutineSteps):
    """Run an asynchronous generator: what the wrapper awaits is whether there is an item."""

    cdef object generator

    def __init__(self, call, generator):
        Steps.__init__(self, call, None)
        self.generator = generator
        # The loop knows the wrapper. It would close both at its end, the inner generator twice.
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(None, None)
        try:
            self.body = generator.asend(None)
        finally:
            sys.set_asyncgen_hooks(*hooks)

    def receive(self, value):
        """Send a value into the body in the next step."""
        self.body = self.generator.asend(value)

    def catch(self, error):
        """Throw an exception that the wrapper has caught into the body in the next step."""
        if self.body is None:
            self.body = self.generator.athrow(without_first_frame(error))
        else:
            self.thrown = without_first_frame(error)

    cdef object end_with(self, object error):
        self.body = None
        if isinstance(error, StopAsyncIteration):
            self.succeed(NOTHING, False)
        else:
            self.fail(error, None if isinstance(error, GeneratorExit) else error)
        return False

    cdef object end(self, PyObject* result):
        self.body = None
        self.value = <object>result
        Py_DECREF(self.value)
        return True


cdef PySendResult send_to(PyObject* steps, PyObject* value, PyObject** result) noexcept:
    return (<CoroutineSteps>steps).run(<object>value, result, provlog_hide())


provlog_set_am_send(CoroutineSteps, <void*>send_to)
provlog_set_am_send(AsyncGeneratorSteps, <void*>send_to)


STEPS = {
    "generator": GeneratorSteps,
    "coroutine": CoroutineSteps,
    "asynchronous generator": AsyncGeneratorSteps,
}
