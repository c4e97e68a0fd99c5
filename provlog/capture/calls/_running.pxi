# Part of _fast.pyx: calls in progress.

def references(result, error=None):
    """Return the number of references to an argument."""
    return Py_REFCNT(result)


cdef Py_ssize_t OWN_REFERENCES = own_references(references)


cdef bint is_seen(dict seen, object value) except -1:
    """Return whether a summary has examined an object."""
    cdef PyObject* reference = PyDict_GetItemWithError(seen, PyLong_FromVoidPtr(<void*>value))
    return reference is not NULL and (<object>reference)() is value


cdef class Running:
    """A call in progress."""

    cdef readonly object activity
    # The activity that was current before.
    cdef object token

    def end(self, result, error=None):
        """Record the end of the call; ``result`` may be :data:`NOTHING`."""
        self.finish(result, error, Py_REFCNT(result) <= OWN_REFERENCES)

    cdef int finish(self, object result, object error, bint is_unshared) except -1:
        """Record the end; `is_unshared` is true if nothing else refers to the result."""
        return 0


cdef class FastSummarizedCall(Running):
    """A call that is a part of a summary, as `SummarizedCall`."""

    cdef object summary, names
    cdef bint has_expressions
    cdef long long start

    cdef int finish(self, object result, object error, bint is_unshared) except -1:
        cdef long long now = now_in_ns()
        summary = self.summary
        cdef dict facts = summary.__dict__
        # Other threads cannot run in between.
        facts["calls"] += 1
        facts["last"] = now
        facts["time"] += now - self.start
        if error is not None:
            facts["failures"] += 1
        elif self.names is not None:
            summary.examine_result(result, self.names)
        elif type(result) not in SCALARS and result is not NOTHING and not self.has_expressions:
            if facts["_left"] > 0 and not is_seen(<dict>facts["_seen"], result):
                summary.examine_result(result, None)
        return 0


cdef class FastCall(Running):
    """A call in progress, as `Call`."""

    cdef FastCallRecorder recorder
    cdef Recording recording
    # The inputs that only the code in Python can record.
    cdef object inner
    cdef object names, owner
    cdef list states, watched
    cdef readonly object added_frames

    cdef int finish(self, object result, object error, bint is_unshared) except -1:
        cdef Recording recording = self.recording
        cdef FastCallRecorder recorder = self.recorder
        cdef Records records
        activity = self.activity
        if recorder.recorder.token is not recording.token:
            # The call began in another process, in which it ends, too.
            return 0
        tallies = field(activity, TALLIES)
        if PyDict_Size(tallies):
            for tally in (<dict>tallies).values():
                tally.finish()
        try:
            records = records_of(activity)
        except Exception as failure:
            # The stack may have no room for another function.
            set_field(activity, HAS_ENDED, True)
            recording.guard.failed(recorder.name, failure)
            return 0
        thread = PyThread_get_thread_ident()
        was_busy = thread in recording.busy
        recording.busy.add(thread)
        try:
            if not was_busy:
                if error is None:
                    self.record_outputs(records, result, is_unshared)
                    if self.watched:
                        outside.record_outputs(recorder.function, records.pure(), self.watched)
                    if field(activity, EXPECTED_FILES) is not None:
                        recorder.recorder._record_expected_files(records.pure())
                recording.settle(activity, records)
        except Exception as failure:
            recording.guard.failed(recorder.name, failure)
        finally:
            try:
                recording.end(activity, records, error)
            finally:
                if not was_busy:
                    recording.busy.discard(thread)
        if self.added_frames:
            reduce(self.added_frames)
        return 0

    cdef int record_outputs(self, Records records, object result, bint is_unshared) except -1:
        cdef FastCallRecorder recorder = self.recorder
        cdef Recording recording = self.recording
        cdef Found found
        owner = self.owner
        if self.inner is not None:
            self.inner._is_unshared = is_unshared
            self.inner._record_outputs(records.pure(), result)
            return 0
        names = self.names
        if self.states is not None:
            # Before the result, which may be one of them.
            undefined.record_changes(recorder.function, records.pure(), self.states)
        if names is not None:
            set_field(names, RESULT, result)
            recorder.record_items(recording, recorder.generation, records, names, True)
            return 0
        if owner is not None:
            try:
                if PyDict_Size(recording.known):
                    undefined._relate_if_changed(recorder.function, records.pure(), owner)
                else:
                    found = recording.of(owner, None, False)
                    if found.previous is not None:
                        identified = ObjectId(found.id, found.previous, found.note, found.tracked)
                        undefined.relate(
                            recorder.function, "generated", records.pure(), owner,
                            recorder.function.owner_name, identified,
                        )
            except Exception as failure:
                recording.guard.failed(recorder.name, failure)
        if result is None or result is NOTHING or (owner is not None and result is owner):
            return 0
        if not (recorder.is_secret or recorder.has_named):
            if is_data(result) and not isinstance(result, tuple):
                recording.relate(records, True, recording.object(result, records), "'result'")
                return 0
            if is_number(result) and (is_unshared or not recording.is_known(result)):
                record_number(recording, records, result, is_unshared)
                return 0
            if undefined.is_number_or_text(result):
                record_scalar(recording, records, result, is_unshared)
                return 0
            if type(result) is list or type(result) is dict:
                if record_container(recording, records, result):
                    return 0
        undefined.record_result(recorder.function, records.pure(), result, is_unshared)
        return 0
