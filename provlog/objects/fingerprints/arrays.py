"""Fingerprints of arrays and tables: numpy, astropy and pandas, none of them imported."""

from __future__ import annotations

from typing import Any

from provlog.objects.classes import base_by_name, base_names
from provlog.objects.fingerprints.walk import MAX_BYTES, Convert, TooLargeError, Walk, name_bytes
from provlog.objects.state import state_of

__all__ = ["ARRAYS"]


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
    kind = repr((dtype.descr, shape)).encode()
    # Bytes of any length count as their digest.
    content = walk.digest(data) if type(data) is memoryview else walk.fingerprint(data)
    return walk.joined(b"a", [kind, content, added])


def _content(array: Any, value: Any) -> memoryview:
    """Return the bytes of an array in the order of its indices, without a copy if possible."""
    if not array.flags.__get__(value).c_contiguous:
        return memoryview(array.tobytes(value))
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


def _frame(walk: Walk, value: Any) -> bytes:
    columns = [(repr(name), _values(column)) for name, column in value.items()]
    return b"D" + walk.fingerprint([columns, _values(value.index)])


def _series(walk: Walk, value: Any) -> bytes:
    return b"S" + walk.fingerprint([repr(value.name), _values(value), _values(value.index)])


def _values(column: Any) -> Any:
    """Return the content of a column or an index of pandas, if possible without its items."""
    if getattr(column, "nlevels", 1) > 1:
        return column.to_numpy()
    array = column.array
    chunks = getattr(array, "_pa_array", None)
    if chunks is not None and str(chunks.type) in _TEXTS:
        return [str(column.dtype), *_texts(chunks)]
    if hasattr(array, "codes") and hasattr(array, "categories"):
        return [str(column.dtype), array.codes, _values(array.categories)]
    return column.to_numpy()


def _texts(chunks: Any) -> list[Any]:
    """Return the missing-value mask, the lengths and the bytes of texts in an Arrow array."""
    # Not at the top: pandas has imported it.
    import numpy

    missing = chunks.is_null().to_numpy() if chunks.null_count else None
    lengths, parts = [], []
    for chunk in (chunks if missing is None else chunks.fill_null("")).chunks:
        _, offsets, data = chunk.buffers()
        all_ends = numpy.frombuffer(offsets, dtype=_TEXTS[str(chunk.type)])
        ends = all_ends[chunk.offset : chunk.offset + len(chunk) + 1]
        lengths.append(numpy.diff(ends).astype("i8").tobytes())
        if data is not None and len(chunk):
            parts.append(memoryview(data)[int(ends[0]) : int(ends[-1])])
    return [missing, b"".join(lengths), b"".join(parts)]


# The types of the offsets at which texts in an Arrow array end.
_TEXTS = {"string": "i4", "large_string": "i8"}

ARRAYS: dict[str, Convert] = {
    "numpy.ndarray": _array,
    "numpy.generic": _scalar,
    "astropy.table.table.Table": _table,
    "pandas.core.frame.DataFrame": _frame,
    "pandas.DataFrame": _frame,
    "pandas.core.series.Series": _series,
    "pandas.Series": _series,
}
"""Converters by the full names of classes."""

# Subclasses of ndarray whose fingerprint covers only a part of the state.
_SUBCLASSES: dict[str, Convert] = {
    "numpy.ma.MaskedArray": _mask,
    "numpy.ma.core.MaskedArray": _mask,
    # Its state is the file that it maps.
    "numpy.memmap": lambda walk, value: b"",
}
