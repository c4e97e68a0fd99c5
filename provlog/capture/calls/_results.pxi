# Part of _fast.pyx: what calls return.

cdef int record_number(
    Recording recording, Records records, object value, bint is_own
) except -1:
    """Record a number that is its own literal, as `record_scalar`."""
    cdef bytes print_ = number_print(value)
    cdef str place, id
    if is_own:
        if field(records.activity, INPUTS) is not None:
            place = place_in_run(records.activity, recording.objects)
        else:
            place = (<str>field(records.activity, ID)).removeprefix(recording.objects.run)
        print_ += b" " + PyUnicode_AsUTF8String(place)
    id = xxh3_128_hexdigest(print_)
    if id not in <dict>field(field(records.activity, SESSION), DESCRIBED):
        fields = f"{fields_of_class(type(value))}{VALUE}{number_text(value)}, "
        recording.describe(id, None, fields, records)
    recording.relate(records, True, id, "'result'")
    if not is_own:
        return 0
    if PyDict_Size(recording.known) < MAX_RESULTS and not recording.is_worker:
        recording.known[PyLong_FromVoidPtr(<void*>value)] = value, id
    else:
        recording.entities.results.add(value, id)
    return 0


cdef int record_scalar(
    Recording recording, Records records, object value, bint is_own
) except -1:
    """Record a number or text that a call returned.

    If it is the call's own, as nothing else refers to it, this is `undefined.relate_number`, else
    `undefined.relate`.
    """
    cdef str id
    entities = recording.entities
    identified = (
        entities.identify_result(value, records.activity) if is_own else entities.identify(value)
    )
    id = identified.id
    if id not in <dict>field(field(records.activity, SESSION), DESCRIBED):
        fields = object_fields(value, identified, fields_of_class(type(value)), False)
        recording.describe(id, None, fields, records)
    recording.relate(records, True, id, "'result'")
    if is_own:
        entities.results.add(value, id)
    return 0


cdef bint record_container(Recording recording, Records records, object value) except -1:
    """Record a list or dict without members that the call returned, as `undefined.relate`.

    Return false, without records, if it may have members.
    """
    cdef str id
    cdef bytes print_ = None
    cdef Py_ssize_t rows = -1
    if len(value) > MAX_ITEMS or recording.is_known(value):
        return False
    if type(value) is list:
        print_ = list_print(value, &rows)
    if print_ is None or rows >= 0 or PyDict_Size(recording.known):
        if recording.entities.members(value):
            return False
    if print_ is None:
        identified = recording.objects.of(value)
    else:
        identified = recording.objects._by_value(value, xxh3_128_hexdigest(print_), None)
    id = identified.id
    if (
        id not in <dict>field(field(records.activity, SESSION), DESCRIBED)
        or id not in recording.ids
    ):
        fields = object_fields(value, identified, fields_of_class(type(value)), False)
        recording.entities.results.add_length(value)
        previous = identified.previous if identified.previous in recording.ids else None
        recording.describe(id, previous, fields, records)
        recording.entities.know(id)
    if identified.previous is not None:
        recording.objects.mark_recorded(id, identified.tracked)
    recording.relate(records, True, id, "'result'")
    recording.entities.results.add_container(value, id)
    return True
