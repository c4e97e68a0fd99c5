# Part of _fast.pyx: the places of fields in structs, and the fixed parts of records.

cdef Py_ssize_t ID = place_of(Activity, "id")
cdef Py_ssize_t SESSION = place_of(Activity, "session")
cdef Py_ssize_t LOG = place_of(Activity, "log")
cdef Py_ssize_t ENCLOSING = place_of(Activity, "enclosing")
cdef Py_ssize_t DEPTH = place_of(Activity, "depth")
cdef Py_ssize_t HAS_ENDED = place_of(Activity, "has_ended")
cdef Py_ssize_t EXPECTED_FILES = place_of(Activity, "expected_files")
cdef Py_ssize_t NAMED_FILES = place_of(Activity, "named_files")
cdef Py_ssize_t FOLDERS = place_of(Activity, "folders")
cdef Py_ssize_t TALLIES = place_of(Activity, "tallies")
cdef Py_ssize_t RELATED = place_of(Activity, "related")
cdef Py_ssize_t INPUTS = place_of(Activity, "inputs")
cdef Py_ssize_t SESSION_ID = place_of(Session, "id")
cdef Py_ssize_t LATEST = place_of(Session, "latest")
cdef Py_ssize_t DESCRIBED = place_of(Session, "described")
cdef Py_ssize_t TRACKED_ID = place_of(TrackedObject, "id")
cdef Py_ssize_t TRACKED_FINGERPRINT = place_of(TrackedObject, "fingerprint")
cdef Py_ssize_t TRACKED_PREVIOUS = place_of(TrackedObject, "previous")
cdef Py_ssize_t ACTIVE = place_of(Tally, "active")
cdef Py_ssize_t NEXT = place_of(Tally, "next")
cdef Py_ssize_t TOKEN = place_of(Tally, "token")
cdef Py_ssize_t SLOTS = place_of(_Layout, "slots")
cdef Py_ssize_t DICT_GETTER = place_of(_Layout, "dict_getter")
cdef Py_ssize_t SHAPES = place_of(_Layout, "shapes")
cdef Py_ssize_t NAMES = place_of(_Shape, "names")
cdef Py_ssize_t DIGEST = place_of(_Shape, "digest")
cdef Py_ssize_t OWNER = place_of(Names, "owner")
cdef Py_ssize_t ARGUMENTS = place_of(Names, "arguments")
cdef Py_ssize_t RESULT = place_of(Names, "result")
cdef Py_ssize_t VARIABLES = place_of(Names, "variables")

# The fixed parts of records.
cdef str MARKER = syntax.MARKER
cdef str ACTIVITY = syntax._ACTIVITY
cdef str NAME = syntax._NAME
cdef str START = syntax._START
cdef str IN_SESSION = syntax._SESSION
cdef str PARENT = syntax._PARENT
cdef str AGENT = syntax._AGENT
cdef str PARAMETERS = syntax._PARAMETERS
cdef str END = syntax._END
cdef str ENTITY = syntax._ENTITY
cdef str BESIDE_SESSION = syntax._IN_SESSION
cdef str COMMA = ", "
cdef str COLON = ": "
cdef str BRACE = "{"
cdef str BRACE_END = "}"
cdef str QUOTE = "'"
cdef str END_OF_RECORD = "}\n"
cdef str END_OF_TEXT = "'}\n"
cdef str USED_ID, USED_ROLE, GENERATED_ID, GENERATED_ROLE
USED_ID, USED_ROLE = syntax._RELATIONS["used"]
GENERATED_ID, GENERATED_ROLE = syntax._RELATIONS["generated"]
cdef str PROGENITOR = f"'{syntax.PROGENITOR_ID}': "
cdef object failure_of = syntax._failure
cdef object is_success = syntax._is_success
