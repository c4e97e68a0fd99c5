"""Fingerprints of the arrays of numpy and the tables of astropy, without importing either."""

from __future__ import annotations

from typing import Any

from provlog.objects.classes import base_by_name, base_names
from provlog.objects.fingerprints.walk import MAX_BYTES, Convert, TooLargeError, Walk, name_bytes
from provlog.objects.state import state_of

__all__ = ["ARRAYS", "NUMBERS"]

NUMBERS = frozenset("biufc")
"""The kinds of data types whose arrays have a buffer."""


def _array(walk: Walk, value: Any) -> bytes:
    # Through ndarray itself: a subclass such as Quantity forbids some of its methods.
    array = base_by_name(type(value), "numpy.ndarray")
    dtype, shape = array.dtype.__get__(value), array.shape.__get__(value)
    if array.nbytes.__get__(value) > MAX_BYTES:
        raise TooLargeError
    data: Any
    if dtype.names is not None:
        data = _fields(array.view(value, array))
    else:
        data = array.tolist(array.ravel(value)) if dtype.hasobject else _content(array, value)
    # A subclass may add a unit or a mask.
    added = b"" if array is type(value) else _subclass_state(walk, value)
    # The text of a structured type lacks its fields.
    kind = repr((dtype.str if dtype.names is None else dtype.descr, shape)).encode()
    # Bytes of any length count as their digest.
    content = walk.digest(data) if type(data) is memoryview else walk.fingerprint(data)
    return walk.joined(b"a", [kind, content, added])


def _content(array: Any, value: Any) -> memoryview:
    """Return the bytes of an array in the order of its indices, without a copy if possible."""
    if not array.flags.__get__(value).c_contiguous:
        return memoryview(array.tobytes(value))
    if array.dtype.__get__(value).kind in NUMBERS:
        return memoryview(value)
    plain = array.view(value, array).reshape(-1)
    # As bytes: the buffer protocol has no dates, and no items of length 0.
    return memoryview(plain.view("u1") if plain.dtype.itemsize else b"")


def _subclass_state(walk: Walk, value: Any) -> bytes:
    kind = type(value)
    convert = next((_SUBCLASSES[name] for name in base_names(kind) if name in _SUBCLASSES), None)
    if convert is None:
        digest, variables = state_of(value)
        return walk.sequence(b"o" + digest, variables)
    return name_bytes(kind) + convert(walk, value)


def _mask(walk: Walk, value: Any) -> bytes:
    # The other attributes are created on demand.
    mask = object.__getattribute__(value, "__dict__").get("_mask")
    # An array without masked elements may have no mask.
    is_masking = mask is not None and mask.tobytes().strip(b"\0")
    return walk.fingerprint(mask) if is_masking else b""


def _scalar(walk: Walk, value: Any) -> bytes:
    data = value.tobytes() if value.dtype.names is None else walk.fingerprint(_fields(value))
    return walk.joined(b"#", [value.dtype.str.encode(), data])


def _fields(value: Any) -> dict[str, Any]:
    """Return the fields of a structured array or record, without the padding between them."""
    return {name: value[name] for name in value.dtype.names}


def _table(walk: Walk, value: Any) -> bytes:
    columns = [(str(name), column) for name, column in value.columns.items()]
    return b"T" + walk.fingerprint([columns, dict(value.meta)])


ARRAYS: dict[str, Convert] = {
    "numpy.ndarray": _array,
    "numpy.generic": _scalar,
    "astropy.table.table.Table": _table,
}
"""Converters by the full names of classes."""

# Subclasses of ndarray whose fingerprint covers only a part of the state.
_SUBCLASSES: dict[str, Convert] = {
    "numpy.ma.MaskedArray": _mask,
    "numpy.ma.core.MaskedArray": _mask,
    # Its state is the file that it maps.
    "numpy.memmap": lambda walk, value: b"",
}
