# cython: language_level=3, auto_pickle=False
"""Record the usual calls at the speed of C.

:class:`FastCallRecorder` does what :class:`~provlog.capture.calls.recording.CallRecorder`, and what
it calls, do for the usual calls: numbers and short texts as arguments, objects whose variables
are numbers and texts, definitions that name objects, a log in a file. :class:`FileReader` does the
same for the files that :class:`~provlog.capture.records.opened_files.OpenedFiles` sees opened for
reading. They leave all else to the code in Python, and share its state. Tests compare both.
"""

import os
import sys
import time
from types import FunctionType

from xxhash import xxh3_128_digest, xxh3_128_hexdigest

cimport cython
from cpython.contextvars cimport PyContextVar_Get
from cpython.buffer cimport PyBUF_READ
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.dict cimport PyDict_GetItemWithError, PyDict_Next, PyDict_Size
from cpython.long cimport PyLong_FromVoidPtr
from cpython.mem cimport PyMem_RawFree, PyMem_RawMalloc, PyMem_RawRealloc
from cpython.memoryview cimport PyMemoryView_FromMemory
from cpython.object cimport PyObject
from cpython.pythread cimport PyThread_get_thread_ident
from cpython.ref cimport Py_DECREF, Py_INCREF
from cpython.unicode cimport PyUnicode_AsUTF8String, PyUnicode_DecodeASCII, PyUnicode_Tailmatch
from cpython.weakref cimport PyWeakref_NewRef
from libc.math cimport isfinite
from libc.string cimport memchr, memcmp, memcpy, strlen

from provlog.capture.calls import outside, undefined
from provlog.capture.calls.changes import state_of_argument
from provlog.capture.calls.defined import take_stream
from provlog.capture.calls.function import argument_of
from provlog.capture.calls.recording import Call
from provlog.capture.calls.stack import STEP, extend, reduce
from provlog.capture.calls.summary import Tally
from provlog.capture.files import connections, file_ids
from provlog.capture.files.file_ids import FileId
from provlog.capture.files.paths import local_path, may_be_path
from provlog.capture.log import clock, record_log
from provlog.capture.log.file_handler import LogFileHandler
from provlog.capture.log.record_log import RecordLog
from provlog.capture.process.workers import next_activity, next_object
from provlog.capture.records import opened_files, syntax
from provlog.capture.records.activity import Activity, NamedFile, Session, current
from provlog.capture.records.entities import _FILES, _MAX_KNOWN
from provlog.capture.records.entity import FILE, fields_of_class, is_secret_item, object_fields
from provlog.capture.records.members import _MAX_ITEMS
from provlog.capture.records.object_ids import ObjectId, TrackedObject
from provlog.capture.records.file_states import Writing
from provlog.capture.records.guard import Guard
from provlog.capture.records.opened_files import OpenedFiles
from provlog.capture.records.places import join_task
from provlog.capture.records.places import place_of as place_in_run
from provlog.capture.records.results import _MAX_RESULTS, own_references
from provlog.capture.records.sessions import Sessions
from provlog.capture.records.streams import is_stream
from provlog.capture.records.syntax import ActivityRecords, entity_fields, note_field
from provlog.definitions.arguments import Arguments
from provlog.definitions.expressions import UnresolvedError
from provlog.definitions.scope import NOTHING, Names
from provlog.objects.classes import cached_by_class, class_name, short_name
from provlog.objects.data import CONTAINERS, SCALARS, is_data, is_data_class
from provlog.objects.fingerprints import fingerprint as fingerprint_module
from provlog.objects.fingerprints import walk
from provlog.objects.fingerprints.arrays import NUMBERS
from provlog.objects.fingerprints.converters import converter_of, is_identified_by_value, of_state
from provlog.objects.signals import reraise_from_signal
from provlog.objects.state import _Layout, _Shape, _layout, _shape, state_of
from provlog.redaction import is_secret_name

from provlog.structs cimport field, place_of, set_field

include "_api.pxi"

SOURCE = PROVLOG_SOURCE

cdef object context_variable = current.get.__self__
cdef object LOGGER = record_log.LOGGER
cdef dict LOGGER_VARIABLES = vars(LOGGER)
cdef long long SECOND = clock.SECOND
cdef Py_ssize_t MAX_KNOWN = _MAX_KNOWN
cdef Py_ssize_t MAX_ITEMS = _MAX_ITEMS
cdef Py_ssize_t MAX_RESULTS = _MAX_RESULTS
# The length of texts that are examined character by character.
cdef Py_ssize_t MAX_PLAIN = 1000
cdef Py_ssize_t MAX_TEXT = fingerprint_module._MAX_TEXT
cdef Py_ssize_t MAX_BYTES = walk.MAX_BYTES
cdef Py_ssize_t MAX_INLINE = walk._MAX_INLINE
cdef Py_ssize_t MAX_SERIALIZED = walk._MAX_TEXT

include "_places.pxi"


include "_records.pxi"
include "_contents.pxi"
include "_objects.pxi"
include "_recording.pxi"
include "_results.pxi"
include "_files.pxi"


# Values
include "_values.pxi"


# Calls

cdef class FastCallRecorder:
    """Record the calls of a function, as `CallRecorder`.

    Parameters
    ----------
    pure : CallRecorder
        The recorder in Python.
    """

    # Without it, provlog would keep alive what a traced function refers to.
    cdef object __weakref__
    cdef readonly object pure
    cdef object function, recorder, definition
    cdef Recording recording
    cdef str name, literal, owner_role
    cdef bint has_plain_names, has_named, records_owner, records_unlisted, has_expressions
    cdef bint is_simple
    cdef bint is_secret, is_own_secret
    # The parameters of the definition: name, expression, and its name if it has no steps.
    cdef list parameters
    cdef list usage, generation, changing

    def __init__(self, pure):
        self.pure = pure
        self.function = function = pure._function
        self.recorder = function.recorder
        self.name, self.literal = function.name, repr(function.name)
        self.definition = definition = function.definition
        self.records_owner = function.records_owner
        self.records_unlisted = function.records_unlisted
        self.has_expressions = function.has_expressions
        self.owner_role = repr(function.owner_name)
        self.is_secret = function.is_secret
        self.is_own_secret = function.is_secret or is_secret_name(function.owner_name)
        self.has_plain_names = function.has_plain_names
        self.has_named = len(function.named) > 0
        self.changing = list(function.changing)
        # Without entities that the decorator names.
        self.is_simple = not (function.used or function.generated)
        self.parameters, self.usage, self.generation = [], [], []
        if definition is not None:
            self.is_simple &= not definition.unlisted
            self.is_simple &= not any(is_secret_name(one.name) for one in definition.parameters)
            for one in definition.parameters:
                value = one.value
                is_name = value is not None and not value.steps
                self.parameters.append((one.name, value, value.name if is_name else None))
            self.usage = [Item(one) for one in definition.usage]
            self.generation = [Item(one) for one in definition.generation]

    def begin(self, owner, arguments):
        """Record the start of a call and its inputs; return ``None`` if it is not recorded."""
        return self.begun(owner, arguments, True)

    cdef Running begun(self, object owner, object arguments, bint has_frame):
        cdef Recording recording = self.recording
        try:
            recorder = self.recorder
            if recording is None or recorder.token is not recording.token:
                self.recording = recording = self.current()
            thread = PyThread_get_thread_ident()
            if thread in recording.busy:
                return None
            recording.busy.add(thread)
            try:
                enclosing = recording.innermost()
                tallies = recording.tallies if enclosing is None else field(enclosing, TALLIES)
                tally = (<dict>tallies).get(self.pure)
                if tally is None or field(tally, TOKEN) is not recording.token:
                    tally = self.pure._new_tally(tallies, enclosing)
                summary = field(tally, ACTIVE)
                if summary is None and field(tally, NEXT)() > recording.each:
                    summary = tally.start(enclosing, owner)
                if summary is None:
                    return self.started(recording, enclosing, owner, arguments, has_frame)
                return self.summarized(summary, owner, arguments)
            except Exception as failure:
                recording.guard.failed(self.name, failure)
                return None
            finally:
                recording.busy.discard(thread)
        except RecursionError:
            return None

    def begin_call(self, args, kwargs):
        """Record the start of a call whose arguments have no names yet."""
        return self.begun_call(args, kwargs, True)

    cdef Running begun_call(self, object args, object kwargs, bint has_frame):
        try:
            named = self.recorder.guard.run(self.name, self.pure._named, args, kwargs)
        except RecursionError:
            return None
        return None if named is None else self.begun(named[0], named[1], has_frame)

    def wrapper(self, wrapper, function, switch, is_method, target, has_signature):
        """Return a function like a wrapper, whose calls have no frame; maybe the wrapper itself."""
        if not KNOWS_FUNCTIONS:
            return wrapper
        calls = TracedCalls(function, target, self, switch, is_method, has_signature)
        return provlog_function(wrapper, calls, function)

    def step_wrapper(self, wrapper, function):
        """Return a function like the wrapper of a function of generators or coroutines."""
        return provlog_function(wrapper, None, function) if KNOWS_FUNCTIONS else wrapper

    def steps(self, kind):
        """Return the class that runs coroutines or generators without a frame, or ``None``."""
        return STEPS[kind] if KNOWS_FUNCTIONS else None

    def __reduce__(self):
        return self.pure.__reduce__()

    cdef Recording current(self):
        """Return the state of the recorder in this process."""
        recording = self.recorder.recording
        if recording is None or recording.token is not self.recorder.token:
            recording = self.recorder.recording = Recording(self.recorder)
        return recording

    cdef Running summarized(self, object summary, object owner, object arguments):
        """Start a call that is a part of a summary, as `Summary.begin`."""
        cdef FastSummarizedCall call = FastSummarizedCall.__new__(FastSummarizedCall)
        cdef PyObject* name
        cdef PyObject* value
        cdef Py_ssize_t position = 0
        # The first call of a summary examines the variables from outside.
        cdef bint is_known = not self.has_expressions and summary._watched is not None
        call.summary, call.activity = summary, summary.activity
        call.has_expressions, call.start = self.has_expressions, now_in_ns()
        if summary._left > 0:
            seen = <dict>summary._seen
            while is_known and PyDict_Next(arguments, &position, &name, &value):
                is_known = type(<object>value) in SCALARS or is_seen(seen, <object>value)
            if is_known and owner is not None and self.records_owner:
                is_known = is_seen(seen, owner)
            if not is_known:
                call.names = summary.begin(owner, arguments).names
        return call

    cdef FastCall started(
        self, Recording recording, object enclosing, object owner, object arguments, bint has_frame
    ):
        """Record the start and the inputs, as `CallRecorder._begin`."""
        cdef FastCall call = FastCall.__new__(FastCall)
        cdef Records records = recording.begin(self.name, self.literal, enclosing, owner)
        activity = records.activity
        call.recorder, call.recording, call.activity = self, recording, activity
        try:
            try:
                if not self.record_usual(call, records, owner, arguments):
                    call.inner = Call(self.function, activity)
                    call.inner.record_inputs(records.pure(), owner, arguments)
                if self.function.is_generator:
                    self.recorder.streams.start(records.pure())
            except Exception as failure:
                recording.guard.failed(self.name, failure)
        except BaseException as interruption:
            recording.write(records)
            self.recorder.end(activity, interruption)
            raise
        recording.write(records)
        depth = field(activity, DEPTH)
        if depth >= STEP:
            call.added_frames = extend(depth, has_frame)
        return call

    cdef bint record_usual(
        self, FastCall call, Records records, object owner, object arguments
    ) except -1:
        """Record usual inputs; return false if they are unusual and nothing is recorded."""
        cdef Recording recording = call.recording
        cdef bint has_paths = False
        cdef bint is_usual = self.is_simple and are_plain(arguments, recording.known, &has_paths)
        if self.is_simple and self.definition is not None:
            if not is_usual or has_paths:
                recording.guard.attempt(
                    self.name, self.recorder.opened_files.name, records.activity, arguments
                )
            self.record_defined(call, records, owner, arguments)
            return True
        if not is_usual or not (self.has_plain_names or are_plain_names(arguments)):
            return False
        cdef bint uses_owner = self.records_owner and owner is not None
        if uses_owner and (
            self.is_own_secret or type(owner) in CONTAINERS or not is_data_class(type(owner))
        ):
            return False
        if has_paths:
            try:
                recording.name_files(records.activity, arguments)
            except Exception as failure:
                recording.guard.failed(self.name, failure)
        if PyDict_Size(arguments):
            records.parameters(arguments)
        if uses_owner:
            call.owner = owner
            if fingerprint(owner) is None:
                # Examining it may take long.
                recording.write(records)
            self.relate(recording, records, owner, False, self.owner_role)
        function = self.function
        if function.has_outside and not outside.are_idle(function, owner):
            call.watched = outside.record_inputs(function, records.pure(), owner, arguments)
        return True

    cdef int relate(
        self, Recording recording, Records records, object value, bint is_generated, str role
    ) except -1:
        """Record an object as used or generated, as `undefined.relate`."""
        try:
            recording.relate(records, is_generated, recording.object(value, records), role)
        except Exception as failure:
            recording.guard.failed(self.name, failure)
        return 0

    # By a definition

    cdef int record_defined(
        self, FastCall call, Records records, object owner, object arguments
    ) except -1:
        """Record the parameters and the used entities of a definition."""
        cdef dict values = {}
        cdef bint is_plain_value = True, is_path = False
        cdef Recording recording = call.recording
        call.names = names = Names.__new__(Names)
        function = self.function
        names.owner, names.variables, names.result = owner, function.variables, NOTHING
        names.arguments = arguments if type(arguments) is Arguments else Arguments(arguments)
        names.report = function.warn_unresolved
        for name, expression, first in self.parameters:
            if expression is None:
                found = PyDict_GetItemWithError(arguments, name)
                if found is NULL:
                    names.report(name, "the function has no argument of that name")
                    continue
                value = <object>found
            else:
                value = follow(names, expression, first)
                if value is NOTHING:
                    continue
            values[name] = value
            is_plain_value = is_plain_value and is_plain(value, &is_path)
        if not is_plain_value:
            records.pure().parameters(values)
        elif values:
            records.parameters(values)
        if self.usage:
            # Examining the entities may take long: write the parameters first.
            recording.write(records)
            self.record_items(recording, self.usage, records, names, False)
        for argument, role in self.changing:
            if argument in arguments:
                if call.states is None:
                    call.states = []
                call.states += state_of_argument(
                    self.recorder.entities, role, arguments[argument]
                )
        return 0

    cdef int record_items(
        self, Recording recording, list items, Records records, object names, bint is_generated
    ) except -1:
        cdef Item item
        cdef PyObject* found
        for item in items:
            try:
                entity = recording.item(item, records, names, is_generated)
                if entity is not None:
                    recording.relate(records, is_generated, entity, item.role)
                    if not is_generated and item.argument is not None:
                        found = PyDict_GetItemWithError(field(names, ARGUMENTS), item.argument)
                        if found is not NULL and is_stream(<object>found):
                            take_stream(self.function, item.pure, names, entity)
            except Exception as failure:
                recording.guard.failed(self.name, failure)
        return 0


include "_running.pxi"


include "_room.pxi"
include "_attributes.pxi"
include "_function.pxi"
include "_wrapper.pxi"
include "_frames.pxi"
include "_steps.pxi"
