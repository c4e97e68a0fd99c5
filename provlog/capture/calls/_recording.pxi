# Part of _fast.pyx: the state of a recorder, and the records that it writes.


# The recording

include "_writing.pxi"


cdef class Recording(Writer):
    """The state of a recorder in one process.

    Parameters
    ----------
    recorder : Recorder
        The recorder.
    """

    cdef readonly object token
    cdef object recorder, guard
    cdef object entities, objects, tracked, acquire_objects, release_objects, sessions, files
    cdef dict entries, owners, latest
    cdef object excluded
    cdef KnownRules rules
    # Ordered dictionaries.
    cdef object known, held, held_parts
    cdef set busy
    cdef object tallies
    cdef str agent
    cdef Py_ssize_t max_entries
    cdef long long each
    cdef bint is_worker, keeps_states
    cdef unsigned long main_thread

    def __init__(self, recorder):
        super().__init__(recorder._log, recorder.entities)
        self.recorder = recorder
        self.token = recorder.token
        self.tallies = recorder.tallies
        self.each = recorder.each
        self.is_worker = recorder._is_worker
        self.main_thread = recorder.main_thread
        self.keeps_states = recorder._objects.keeps_states
        self.guard = recorder.guard
        self.busy = recorder.guard.busy
        self.entities = entities = recorder.entities
        self.latest = entities._latest._entries
        self.known = entities.results.known
        self.objects = objects = recorder._objects
        self.acquire_objects, self.release_objects = objects._lock.acquire, objects._lock.release
        self.tracked = objects._tracked
        self.entries = objects._tracked._entries
        self.max_entries = 0
        self.held, self.held_parts = objects.held
        self.sessions = recorder._sessions
        self.owners = recorder._sessions._of_objects._entries
        self.agent = recorder._agent
        self.files = files = recorder.opened_files
        self.excluded, self.rules = files._excluded, KnownRules(files._rules)

    cdef object innermost(self):
        """Return the innermost activity in progress in this thread or task."""
        cdef PyObject* value = NULL
        PyContextVar_Get(context_variable, NULL, &value)
        found = <object>value
        Py_DECREF(found)
        while found is not None and field(found, HAS_ENDED):
            found = field(found, ENCLOSING)
        return found

    cdef Records begin(self, str name, str literal, object enclosing, object owner):
        """Start an activity, as `Recorder.begin`; `literal` is its name as text of Python."""
        cdef Records records
        parent = enclosing
        while parent is not None and field(parent, LOG) is not self.log:
            parent = field(parent, ENCLOSING)
        cdef bint is_inner = (
            parent is not None and (<str>field(parent, ID)).startswith(<str>self.token)
        )
        if self.is_worker and not is_inner:
            self.entities.forget()
        if owner is None:
            session = field(self.sessions, PROCESS) if parent is None else field(parent, SESSION)
            if session is None:
                session = self.sessions.of_process()
        else:
            session = None
            if not isinstance(owner, type):
                session = entry_of(self.owners, owner)
            if session is None:
                session = self.recorder._session(owner, parent)
        if PyDict_Size(self.held) or PyDict_Size(self.held_parts):
            self.objects.release()
        depth = 0 if enclosing is None else field(enclosing, DEPTH) + 1
        cdef long long number = next_activity()
        activity = Activity(
            f"{<str>self.token}{number:04d}", name, session, self.log, parent, enclosing, False, depth
        )
        if is_inner:
            if field(parent, INPUTS) is not None:
                join_task(activity, parent)
                self.keeps_states = True
        elif self.is_worker or (
            parent is None and PyThread_get_thread_ident() != self.main_thread
        ):
            # The start of a task.
            set_field(activity, INPUTS, "")
            if not self.keeps_states:
                self.objects.keeps_states = self.keeps_states = True
        records = records_of(activity)
        records.begin()
        records.put(NAME)
        records.put(literal)
        records.put(START)
        records.put(records.time)
        records.put(IN_SESSION)
        records.put(<str>field(session, SESSION_ID))
        if parent is not None:
            records.put(PARENT)
            records.put(<str>field(parent, ID))
        records.put(AGENT)
        records.put(self.agent)
        records.end()
        return records

    # Objects

    cdef Found of(self, object value, object latest, bint is_new_state):
        """Return the id of an object, as `ObjectIds.of`."""
        cdef Found found
        cdef long long number
        print_ = fingerprint(value)
        if print_ is None or is_identified_by_value(type(value)):
            print_ = array_print(value)
            if print_ is not None:
                return self.of_array(value, xxh3_128_hexdigest(print_))
            return found_of(self.objects.of(value, latest=latest, is_new_state=is_new_state))
        self.acquire_objects()
        try:
            tracked = entry_of(self.entries, value)
            if (
                tracked is None and latest is not None
                and field(latest, TRACKED_FINGERPRINT) == print_
            ):
                tracked = latest
                self.put(value, tracked)
            if tracked is None:
                number = next_object()
                tracked = TrackedObject(f"{<str>self.token}{number:016d}", print_)
                self.put(value, tracked)
            elif is_new_state or field(tracked, TRACKED_FINGERPRINT) != print_:
                return found_of(self.objects._of_new_state(tracked, print_, is_new_state, None))
            if self.keeps_states:
                self.objects._add_state(field(tracked, TRACKED_ID), print_)
            found = Found.__new__(Found)
            found.id, found.previous = field(tracked, TRACKED_ID), field(tracked, TRACKED_PREVIOUS)
            found.tracked = tracked
            return found
        finally:
            self.release_objects()

    cdef Found of_array(self, object value, str id):
        """Return the id of an array with the id of its content, as `ObjectIds._by_value`."""
        cdef Found found
        self.acquire_objects()
        try:
            if entry_of(self.entries, value) is not None:
                return found_of(self.objects._by_value(value, id, None))
            self.put(value, TrackedObject(id, None))
            found = Found.__new__(Found)
            found.id = id
            return found
        finally:
            self.release_objects()

    cdef int put(self, object value, object tracked) except -1:
        """Attach the state to an object, as `IdentityMap.put`."""
        try:
            reference = PyWeakref_NewRef(value, None)
        except TypeError:
            self.tracked.put(value, tracked)
            return 0
        self.entries[PyLong_FromVoidPtr(<void*>value)] = reference, tracked
        if PyDict_Size(self.entries) > self.max_entries:
            self.max_entries = self.tracked._max_entries
            if PyDict_Size(self.entries) > self.max_entries:
                self.tracked._remove_dead()
                self.max_entries = self.tracked._max_entries
        return 0

    cdef str object(self, object value, Records records):
        """Describe an object, as `Entities.object` without a name."""
        cdef Found found
        cdef str fields
        kind = type(value)
        if kind in CONTAINERS or self.is_known(value):
            return self.entities.object(value, records.pure())
        found = self.of(value, None, False)
        if found.id not in <dict>field(field(records.activity, SESSION), DESCRIBED):
            fields = self.fields(value, found, fields_of_class(kind))
            self.describe(found.id, found.previous, fields, records)
        if found.previous is not None:
            self.objects.mark_recorded(found.id, found.tracked)
        return found.id

    cdef bint is_known(self, object value) except -1:
        """Return whether a value may be the number or text that a call returned."""
        if not PyDict_Size(self.known):
            return False
        return PyDict_GetItemWithError(self.known, PyLong_FromVoidPtr(<void*>value)) is not NULL

    cdef str fields(self, object value, Found found, str fields):
        """Return the fields of an object with its value and note, as `object_fields`."""
        if is_data_class(type(value)):
            return fields if found.note is None else fields + <str>note_field(found.note)
        identified = ObjectId(found.id, found.previous, found.note, found.tracked)
        return object_fields(value, identified, fields, False)

    cdef str item(self, Item item, Records records, object names, bint is_generated):
        """Describe the entity of a definition's item, as `Entities.item`; return its id."""
        cdef Found found
        cdef dict variables
        if not item.is_plain:
            return self.entities.item(item.pure, records.pure(), names, is_generated)
        variables = self.variables(item, records, names)
        latest, tracked = variables.get(item.text, (None, None))
        value = follow(names, item.value, item.name)
        if value is NOTHING or value is None:
            return None
        known = None
        if self.known and not is_generated:
            known = self.entities.results.entity_of(value)
        if known is None:
            found = self.of(
                value, None if is_generated else tracked, is_generated and item.may_overwrite
            )
        else:
            found = found_of(ObjectId(known))
        fields = item.fields
        if fields is None:
            fields = entity_fields(short_name(type(value)), item.kind, item.content_type)
        fields = self.fields(value, found, fields)
        previous = found.previous
        # The kinds and conditions of `object_entity` and `Entities.item`.
        if found.tracked is not None or type(value).__hash__ is None:
            variables[item.text] = found.id, found.tracked
            if previous is None and (item.may_overwrite or not is_generated):
                previous = latest
        self.describe(found.id, previous, fields, records)
        if previous is not None:
            self.objects.mark_recorded(found.id, found.tracked)
        return found.id

    cdef dict variables(self, Item item, Records records, object names):
        """Return the last known entities of variables, as `Entities._variables`."""
        name = item.value.name if item.name is None else item.name
        owner = field(names, OWNER)
        if name in field(names, ARGUMENTS) or name in ("args", "kwargs", "result"):
            return self.entities._variables(item.value, field(records.activity, SESSION), names)
        if owner is None:
            return field(field(records.activity, SESSION), LATEST)
        latest = entry_of(self.latest, owner)
        if latest is None:
            latest = {}
            self.entities._latest.put(owner, latest)
        return latest

    # Files

    cdef int name_files(self, object activity, object arguments) except -1:
        """Remember the files that plain arguments name, as `OpenedFiles.name`."""
        cdef PyObject* name
        cdef PyObject* value
        cdef Py_ssize_t position = 0
        cdef bint is_path
        if field(self.files, IS_CLOSED):
            return 0
        while PyDict_Next(arguments, &position, &name, &value):
            is_path = False
            if (
                PyUnicode_CheckExact(<object>value) and is_plain_text(<object>value, &is_path)
                and is_path and ("/" in <str>value or may_be_path(<object>value))
            ):
                self.name_file(activity, <str>value, <object>name)
        return 0

    cdef int name_file(self, object activity, str text, object role) except -1:
        """Remember a file, as `OpenedFiles._name`."""
        cdef provlog_status status
        cdef int code
        cdef str path = absolute_path(text)
        cdef dict places = field(self.files, PLACES)
        cdef PyObject* place = PyDict_GetItemWithError(places, path)
        if place is NULL:
            if path in self.excluded or self.rules.ignores(path):
                return 0
            if len(places) < MAX_PLACES and is_absolute(path):
                # The activity probably opens the file.
                places[path] = path
        elif not <object>place:
            return 0
        code = status_of(path, &status)
        if code == -3 or path in <dict>field(self.files, WRITING):
            self.files._name(activity, path, role)
        elif code < 0 or status.is_regular:
            named = field(activity, NAMED_FILES)
            if named is None:
                named = {}
                set_field(activity, NAMED_FILES, named)
            before = None if code < 0 else stamp_of(&status)
            (<dict>named).setdefault(path, NamedFile(role, before))
        return 0

    cdef bint has_files(self, object activity) except -1:
        """Return whether the end of an activity decides about files."""
        cdef PyObject* name
        cdef PyObject* value
        cdef Py_ssize_t position = 0
        named = field(activity, NAMED_FILES)
        if field(activity, FOLDERS) is not None:
            return True
        while named is not None and PyDict_Next(named, &position, &name, &value):
            if field(<object>value, IS_OPENED) is not True:
                return True
        position = 0
        writing = <dict>field(self.files, WRITING)
        while PyDict_Next(writing, &position, &name, &value):
            writer = field(<object>value, WRITING_ACTIVITY)
            if writer is activity or field(writer, HAS_ENDED):
                return True
        return False

    # The end

    cdef int settle(self, object activity, Records records) except -1:
        """Record the files of an activity, as `Recorder.end` does."""
        if self.has_files(activity):
            self.write(records)
            self.files.settle(activity)
        return 0

    cdef int end(self, object activity, Records records, object error) except -1:
        """Write the end of an activity, and release what it held."""
        cdef str failure = ""
        set_field(activity, HAS_ENDED, True)
        try:
            if error is not None and not is_success(error):
                failure = failure_of(error)
            records.begin()
            records.put(END)
            records.put(records.time)
            records.put(QUOTE)
            records.put(failure)
            records.end()
            self.write(records)
        except Exception as problem:
            self.guard.failed(activity.name, problem)
        finally:
            if PyDict_Size(self.held) or PyDict_Size(self.held_parts):
                self.objects.release()
        return 0
