# Part of _fast.pyx: the log of a recorder, and the records in it.

cdef Py_ssize_t HANDLER = place_of(RecordLog, "_handler")
cdef Py_ssize_t LOCK = place_of(RecordLog, "_lock")
cdef Py_ssize_t BUFFER = place_of(RecordLog, "_buffer")
cdef Py_ssize_t PREFIX = place_of(LogFileHandler, "_prefix")
cdef Py_ssize_t DESCRIPTOR = place_of(LogFileHandler, "_descriptor")
cdef Py_ssize_t IS_QUICK = place_of(LogFileHandler, "is_quick")
cdef Py_ssize_t SOME_BYTES = 1 << 16


cdef class Writer:
    """The log of a recorder, and the entities that it contains.

    Parameters
    ----------
    log : RecordLog
        The log.
    entities : Entities
        The entities.
    """

    cdef object __weakref__
    cdef object log
    cdef set ids
    # The lock and the buffer of the log, which a forked process replaces.
    cdef object lock, acquire, release, buffer
    cdef list recent
    cdef object handler
    cdef dict handler_variables
    # The number of bytes that the buffer does not count yet.
    cdef Py_ssize_t kept

    def __init__(self, log, entities):
        self.log = log
        self.ids = entities._ids

    cdef int write(self, Records records) except -1:
        """Write records, and remove them."""
        records.absorb()
        if not records.size:
            return 0
        own = field(self.log, HANDLER)
        if own is not None and self.is_only_receiver(own):
            data = PyBytes_FromStringAndSize(records.text, records.size)
            records.size = 0
            lock = field(self.log, LOCK)
            if lock is not self.lock:
                self.lock, self.acquire, self.release = lock, lock.acquire, lock.release
            self.acquire()
            try:
                self.keep(data)
                append(own, data)
            finally:
                self.release()
            return 0
        others = record_log.Records(records.now, records.time)
        others.lines = records.lines()
        self.log.write(others)
        return 0

    cdef bint is_only_receiver(self, object own) except -1:
        """Return whether the records go to the log file, unchanged, and nowhere else."""
        handlers = LOGGER_VARIABLES["handlers"]
        if own is not self.handler:
            self.handler, self.handler_variables = own, vars(own)
        variables = self.handler_variables
        return (
            type(handlers) is list
            and len(<list>handlers) == 1
            and (<list>handlers)[0] is own
            and not LOGGER_VARIABLES["filters"]
            and variables["level"] == 0
            and variables["formatter"] is None
            and not variables["filters"]
            and LOGGER_VARIABLES["level"] <= 20
        )

    cdef int keep(self, bytes data) except -1:
        """Add the lines to the buffer, as `RecordBuffer.add`."""
        buffer = field(self.log, BUFFER)
        if buffer is not self.buffer:
            self.buffer, self.recent = buffer, buffer._recent
        self.recent.append(data)
        self.kept += len(data)
        if self.kept > SOME_BYTES:
            buffer.grow(self.kept)
            self.kept = 0
        return 0

    cdef int describe(self, str id, object previous, str fields, Records records) except -1:
        """Write the description of an entity, as `Entities.write`."""
        cdef dict described = field(field(records.activity, SESSION), DESCRIBED)
        if described.get(id) == fields:
            return 0
        if len(described) > MAX_KNOWN:
            described.clear()
        described[id] = fields
        records.begin_entity(id)
        records.put(fields)
        records.end_entity()
        if id not in self.ids:
            if len(self.ids) > MAX_KNOWN:
                self.ids.clear()
            self.ids.add(id)
            if previous is not None and previous != id:
                records.begin_entity(id)
                records.put(PROGENITOR)
                records.put(literal(previous))
                records.put(COMMA)
                records.end_entity()
        return 0

    cdef int relate(self, Records records, bint is_generated, str entity, str role) except -1:
        """Add a usage or generation, as `ActivityRecords.relate`; `role` is text of Python."""
        (<set>field(records.activity, RELATED)).add(("generated" if is_generated else "used", entity))
        records.begin()
        records.put(GENERATED_ID if is_generated else USED_ID)
        records.put(literal(entity))
        if role is not None:
            records.put(GENERATED_ROLE if is_generated else USED_ROLE)
            records.put(role)
        records.end()
        return 0


cdef int append(object handler, bytes data) except -1:
    """Append whole lines to the file, as `LogFileHandler.append`."""
    cdef const char* text = PyBytes_AS_STRING(data)
    cdef Py_ssize_t size = len(data), written
    cdef int descriptor
    if field(handler, PREFIX):
        handler.append(data)
        return 0
    descriptor = field(handler, DESCRIPTOR)
    is_quick = field(handler, IS_QUICK)
    if is_quick is None:
        handler.is_quick = is_quick = provlog_is_local(descriptor)
    if is_quick:
        # Other threads would take the lock of the interpreter, and this one wait for it, at
        # each write.
        written = provlog_write(descriptor, text, size)
    else:
        with nogil:
            written = provlog_write(descriptor, text, size)
    if written < 0:
        # Once more, and with an exception.
        handler.append(data)
    elif written != size:
        handler._write_rest(data[written:])
    return 0
