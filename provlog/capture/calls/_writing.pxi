# Part of _fast.pyx: the log of a recorder, and the records in it.

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
    cdef dict log_variables
    cdef set ids

    def __init__(self, log, entities):
        self.log = log
        self.log_variables = vars(log)
        self.ids = entities._ids

    cdef int write(self, Records records) except -1:
        """Write records, and remove them from their list."""
        cdef list lines = records.current()
        if not lines:
            return 0
        if records.made is None:
            records.lines = []
        else:
            records.made.lines = []
        own = self.log_variables["_handler"]
        if own is not None and self.is_only_receiver(own):
            text = "".join(lines) if len(lines) > 1 else lines[0]
            try:
                data = PyUnicode_AsUTF8String(text)
            except UnicodeEncodeError:
                data = text.encode("utf-8", "backslashreplace")
            lock = self.log_variables["_lock"]
            lock.acquire()
            try:
                self.keep(data)
                append(own, data)
            finally:
                lock.release()
            return 0
        others = record_log.Records(records.now, records.time)
        others.lines = lines
        self.log.write(others)
        return 0

    cdef int parameters(self, Records records, str literal) except -1:
        """Add parameters, as `ActivityRecords.parameters`."""
        inputs = field(records.activity, INPUTS)
        if inputs is not None:
            set_field(records.activity, INPUTS, inputs + literal)
        records.current().append(f"{records.prefix}{PARAMETERS}{literal}}}\n")
        return 0

    cdef bint is_only_receiver(self, object own) except -1:
        """Return whether the records go to the log file, unchanged, and nowhere else."""
        handlers = LOGGER_VARIABLES["handlers"]
        variables = <dict>own.__dict__
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
        buffer = self.log_variables["_buffer"]
        variables = <dict>buffer.__dict__
        (<list>variables["_recent"]).append(data)
        size = variables["_size"] + len(data)
        variables["_size"] = size
        if size > buffer_module._MAX_BYTES and not variables["_is_being_read"]:
            buffer._move_to_file()
        return 0

    cdef int describe(self, str id, object previous, str fields, Records records) except -1:
        """Write the description of an entity, as `Entities._write`."""
        cdef dict described = field(field(records.activity, SESSION), DESCRIBED)
        cdef str session
        if described.get(id) == fields:
            return 0
        if len(described) > MAX_KNOWN:
            described.clear()
        described[id] = fields
        session = field(field(records.activity, SESSION), SESSION_ID)
        records.current().append(
            f"{MARKER}{records.time}{ENTITY}'{id}', {fields}{BESIDE_SESSION}{session}'}}\n"
        )
        if id not in self.ids:
            if len(self.ids) > MAX_KNOWN:
                self.ids.clear()
            self.ids.add(id)
            if previous is not None and previous != id:
                fields = f"{PROGENITOR}{previous!r}, "
                records.current().append(
                    f"{MARKER}{records.time}{ENTITY}'{id}', {fields}{BESIDE_SESSION}{session}'}}\n"
                )
        return 0

    cdef int relate(self, Records records, bint is_generated, str entity, str role) except -1:
        """Add a usage or generation, as `ActivityRecords.relate`; `role` is text of Python."""
        cdef str tail = "" if role is None else (GENERATED_ROLE if is_generated else USED_ROLE) + role
        (<set>field(records.activity, RELATED)).add(("generated" if is_generated else "used", entity))
        records.current().append(
            f"{records.prefix}{GENERATED_ID if is_generated else USED_ID}{entity!r}{tail}}}\n"
        )
        return 0
