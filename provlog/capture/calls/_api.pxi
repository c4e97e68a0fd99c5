# Part of _fast.pyx: what Cython does not declare of Python's interface for C.

cdef extern from "Python.h":
    # The build defines it: the checksum of the sources.
    unsigned int PROVLOG_SOURCE
    Py_ssize_t Py_REFCNT(object value)
    bint PyBool_Check(object value)
    bint PyBytes_CheckExact(object value)
    bint PyComplex_CheckExact(object value)
    bint PyFloat_CheckExact(object value)
    double PyFloat_AS_DOUBLE(object value)
    bint PyList_CheckExact(object value)
    bint PyLong_CheckExact(object value)
    long long PyLong_AsLongLongAndOverflow(object value, int* overflow)
    bint PyUnicode_CheckExact(object value)
    Py_ssize_t PY_SSIZE_T_MAX
    Py_ssize_t PySequence_Fast_GET_SIZE(object value)
    PyObject** PySequence_Fast_ITEMS(object value)
    bint PyTuple_CheckExact(object value)
    void PyObject_GC_UnTrack(object value)
    str PyUnicode_DecodeFSDefault(const char* text)
    object PyUnicode_EncodeFSDefault(object text)
    bint PyUnicode_IS_ASCII(object text)
    void* PyUnicode_DATA(object text)
    str PyUnicode_New(Py_ssize_t length, int maximum)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)

cdef extern from "marshal.h":
    object PyMarshal_WriteObjectToString(object value, int version)
