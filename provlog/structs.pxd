"""The fields of msgspec's structs, and those in ``__slots__``, at the speed of C."""

from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF

cdef extern from "Python.h":
    ctypedef struct PyMemberDef:
        Py_ssize_t offset
    ctypedef struct PyMemberDescrObject:
        PyMemberDef* d_member


cdef inline Py_ssize_t place_of(object type, str name) except -1:
    """Return where a struct of a type keeps a field."""
    descriptor = getattr(type, name)
    if descriptor.__class__.__name__ != "member_descriptor":
        raise ImportError(f"{type.__name__}.{name} is no plain field")
    return (<PyMemberDescrObject*><PyObject*>descriptor).d_member.offset


cdef inline object field(object struct, Py_ssize_t place):
    return <object>(<PyObject**>(<char*><PyObject*>struct + place))[0]


cdef inline void set_field(object struct, Py_ssize_t place, object value):
    cdef PyObject** found = <PyObject**>(<char*><PyObject*>struct + place)
    cdef PyObject* old = found[0]
    Py_INCREF(value)
    found[0] = <PyObject*>value
    Py_DECREF(<object>old)
