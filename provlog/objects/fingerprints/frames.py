"""Fingerprints of the tables, columns, indexes and arrays of pandas, without importing it."""

from __future__ import annotations

from typing import Any

from provlog.objects.classes import base_names
from provlog.objects.fingerprints.walk import Convert, Walk

__all__ = ["FRAMES"]

_RANGES = frozenset({"pandas.RangeIndex", "pandas.core.indexes.range.RangeIndex"})
# The types of the offsets at which texts in an Arrow array end.
_TEXTS = {"string": "i4", "large_string": "i8"}


def _frame(walk: Walk, value: Any) -> bytes:
    names = [walk.primitive(repr(name)) for name in value.columns]
    # The arrays themselves: a Series for each column takes ten times as long.
    arrays = getattr(value, "_iter_column_arrays", None)
    columns = arrays() if arrays is not None else (column for _, column in value.items())
    parts = [_column(walk, column) for column in columns]
    return walk.joined(b"D", [*names, *parts, _column(walk, value.index)])


def _series(walk: Walk, value: Any) -> bytes:
    name = walk.primitive(repr(value.name))
    return walk.joined(b"S", [name, _column(walk, value), _column(walk, value.index)])


def _index(walk: Walk, value: Any) -> bytes:
    names = [walk.primitive(repr(name)) for name in value.names]
    return walk.joined(b"I", [*names, _column(walk, value)])


def _extension(walk: Walk, value: Any) -> bytes:
    return walk.joined(b"E", [walk.primitive(str(value.dtype)), _column(walk, value)])


def _column(walk: Walk, column: Any) -> bytes:
    """Return the fingerprint of a column or an index of pandas."""
    if base_names(type(column))[0] in _RANGES:
        # Without its numbers, which may take as much memory as a column.
        return b"r%d %d %d" % (column.start, len(column), column.step)
    is_array = base_names(type(column))[0] == "numpy.ndarray"
    return walk.fingerprint(column if is_array else _values(column))


def _values(column: Any) -> Any:
    """Return the content of a column or an index, if possible without its items."""
    dtype = column.dtype
    if "numpy.dtype" in base_names(type(dtype)):
        return column.to_numpy()
    array = getattr(column, "array", column)
    chunks = getattr(array, "_pa_array", None)
    if chunks is not None and str(chunks.type) in _TEXTS:
        return [str(dtype), *_texts(chunks)]
    if hasattr(array, "codes") and hasattr(array, "categories"):
        return [str(dtype), array.codes, _values(array.categories)]
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


FRAMES: dict[str, Convert] = {
    "pandas.core.frame.DataFrame": _frame,
    "pandas.DataFrame": _frame,
    "pandas.core.series.Series": _series,
    "pandas.Series": _series,
    "pandas.core.indexes.base.Index": _index,
    "pandas.Index": _index,
    "pandas.core.arrays.base.ExtensionArray": _extension,
    "pandas.api.extensions.ExtensionArray": _extension,
}
"""Converters by the full names of classes, as pandas 2 and 3 have them."""
