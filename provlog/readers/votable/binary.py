"""Decode the rows of a VOTable in the serialisations BINARY and BINARY2.

https://www.ivoa.net/documents/VOTable/20191021/, sections 5.3 and 5.4. Values become the
texts that TABLEDATA has for them.
"""

from __future__ import annotations

import binascii
import math
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["Field", "InvalidBinaryError", "rows_in"]


class Field(NamedTuple):
    """A column, as its FIELD declares it.

    Parameters
    ----------
    name, utype : str
        Its name and utype; empty for none.
    datatype, arraysize : str, optional
        The type of its values, and their number: ``3``, ``*``, ``2x3*`` or empty for one.
    """

    name: str
    utype: str
    datatype: str = "char"
    arraysize: str = ""


class InvalidBinaryError(ValueError):
    """The data ends within a row, is not valid base64, or has an unknown type."""


# The size of an item in bytes, and its code in the struct module.
_NUMBERS = {
    "unsignedByte": "B", "short": "h", "int": "i", "long": "q", "float": "f", "double": "d",
}  # fmt: skip
_CHARACTERS = {"char": (1, "utf-8"), "unicodeChar": (2, "utf-16-be")}
_DIGITS = 10
_BOOLEANS = {b"T": "true", b"t": "true", b"1": "true", b"F": "false", b"f": "false", b"0": "false"}


def rows_in(text: str, fields: Sequence[Field], *, has_nulls: bool) -> Iterator[list[str]]:
    """Yield the rows of a stream.

    Parameters
    ----------
    text : str
        The stream in base64.
    fields : sequence of Field
        The columns.
    has_nulls : bool
        Whether bits before each row mark its missing values, as in BINARY2.

    Raises
    ------
    InvalidBinaryError
        After the rows before the first error.

    Examples
    --------
    >>> list(rows_in("AAAAAmFiAAc=", [Field("a", "", "char", "*"), Field("n", "", "short")],
    ...              has_nulls=False))
    [['ab', '7']]
    """
    try:
        data = _Data(binascii.a2b_base64(text))
    except binascii.Error as error:
        raise InvalidBinaryError(str(error)) from None
    begun = -1
    while data.has_more:
        if data.place == begun:
            raise InvalidBinaryError("a row has no data")
        begun = data.place
        marks = data.take((len(fields) + 7) // 8) if has_nulls else b""
        row = [_value(data, field) for field in fields]
        if has_nulls:
            bits = int.from_bytes(marks, "big")
            last = 8 * len(marks) - 1
            row = ["" if bits >> last - place & 1 else cell for place, cell in enumerate(row)]
        yield row


class _Data:
    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self.place = 0

    @property
    def has_more(self) -> bool:
        return self.place < len(self._data)

    def take(self, size: int) -> bytes:
        """Return the next bytes."""
        end = self.place + size
        if end > len(self._data):
            raise InvalidBinaryError("the data ends within a row")
        found = bytes(self._data[self.place : end])
        self.place = end
        return found


def _value(data: _Data, field: Field) -> str:
    count = _count(data, field.arraysize)
    if field.datatype in _CHARACTERS:
        size, encoding = _CHARACTERS[field.datatype]
        return data.take(size * count).decode(encoding, "replace").partition("\0")[0]
    if field.datatype == "boolean":
        return " ".join(_BOOLEANS.get(bytes([byte]), "") for byte in data.take(count))
    if field.datatype == "bit":
        packed = data.take((count + 7) // 8)
        if count == 1:
            # astropy sets another bit than the first one.
            return str(int(packed != b"\0"))
        bits = "".join(f"{byte:08b}" for byte in packed)
        return " ".join(bits[:count])
    if (code := _NUMBERS.get(field.datatype)) is None:
        raise InvalidBinaryError(f"column {field.name!r} has the datatype {field.datatype!r}")
    packed = data.take(struct.calcsize(code) * count)
    values = struct.unpack(f">{count}{code}", packed)
    return " ".join("" if isinstance(it, float) and math.isnan(it) else str(it) for it in values)


def _count(data: _Data, arraysize: str) -> int:
    """Return the number of items of a value; only the last dimension can vary."""
    if arraysize.endswith("*"):
        return int(struct.unpack(">I", data.take(4))[0])
    sizes = arraysize.split("x") if arraysize else []
    if not all(size.isdecimal() and len(size) < _DIGITS for size in sizes):
        raise InvalidBinaryError(f"invalid arraysize {arraysize!r}")
    return math.prod(map(int, sizes))
