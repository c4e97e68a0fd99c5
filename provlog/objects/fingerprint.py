"""What makes a Python value what it is, as bytes: equal values give equal bytes.

Plain values and containers, arrays and tables are their content; of any other
object the state counts (:mod:`~provlog.objects.state`), and where that cannot be
seen, which object it is.
"""

from __future__ import annotations

import dis
import marshal
from collections.abc import Callable, Collection, Iterable
from hashlib import blake2b
from itertools import islice
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    MethodType,
    MethodWrapperType,
    ModuleType,
)
from typing import Any

from provlog.objects.classes import (
    base_named,
    bases_of,
    class_name,
    remembered,
    type_names,
    variables_of_class,
    weakref_offset_of,
)
from provlog.objects.interrupts import hand_on
from provlog.objects.state import has_variables, is_opaque, state_of

__all__ = ["TooLargeError", "Which", "beginning", "by_value", "content"]

_MOST_VALUES = 100_000
_MOST_BYTES = 64 * 1024 * 1024
_DEEPEST = 50
# Of the text in a list, which is looked at as a whole, and in an object, which is remembered.
_MOST_TEXT = 16 * 1024 * 1024
_MOST_TEXT_KEPT = 10_000
_MOST_ITEMS = 2_000_000
_MOST_FIRST = 1000
# Of objects that are told apart by which they are, and cannot be referred to weakly: only so
# many are known again.
_MOST_HELD = 500
# What a hash is made with that says which object it is, and the attribute that it asks for.
_IDENTITY = frozenset({"id", "hash", "object", "super"})
_HASH = frozenset({"__hash__"})
_TEXTS = frozenset({str, bytes})
_PLAIN: frozenset[type] = frozenset({int, float, str, bool, type(None), bytes, complex})

Which = Callable[[Any], object]


class TooLargeError(Exception):
    """A value has more in it than can be looked at in each call."""


def content(value: Any, which: Which = id) -> bytes:
    """Return what makes a value what it is.

    Parameters
    ----------
    value : object
        The value.
    which : callable
        Returns a number, or a text, that no other object has or had, for an object in it
        whose state cannot be seen.

    Raises
    ------
    TooLargeError
        If it has too much in it.
    Exception
        What the methods of an odd value raise.

    Examples
    --------
    >>> content({"a": 1, "b": [2.5]}) == content({"b": [2.5], "a": 1})
    True
    >>> content(1) == content(True)
    False
    """
    if _converter(type(value)) is _state:
        # Nearly all objects are small.
        mark, held = state_of(value)
        if _are_few_and_plain(held):
            return b"o" + mark + marshal.dumps(held, 2)
    return _Walk(which).content(value)


@remembered
def by_value(kind: type) -> bool:
    """Tell whether the objects of a class are told apart by what they hold, not by which they are.

    So are plain values, their containers, arrays, tables, and what defines a hash of
    its own: it may not change.

    Examples
    --------
    >>> by_value(list), by_value(object)
    (True, False)
    """
    names = type_names(kind)
    if not _REFERRED.keys().isdisjoint(names):
        return False
    if kind in _CONTENTS or not _NAMED.keys().isdisjoint(names):
        return True
    for base in bases_of(kind):
        variables = variables_of_class(base)
        if "__hash__" in variables and not _is_delegating(variables["__hash__"]):
            hasher = variables["__hash__"]
            return hasher is not None and hasher is not object.__hash__
    return False


def _is_delegating(hasher: Any) -> bool:
    """Tell whether a ``__hash__`` says only what ``object`` or a base says: which object it is."""
    if type(hasher) is not FunctionType:
        return False
    steps = [(step.opname, step.argval) for step in dis.get_instructions(hasher)]
    names = {name for opname, name in steps if opname == "LOAD_GLOBAL"}
    # An attribute may have the name of a function.
    attributes = {name for opname, name in steps if opname.endswith(("_ATTR", "_METHOD"))}
    asks = "id" in names or bool(attributes)
    return asks and names <= _IDENTITY and attributes <= _HASH


def beginning(value: Any, which: Which = id) -> bytes | None:
    """Return what stands for a container that is too large: its length and its first items.

    ``None`` if it is no container, or if these are too much, too.
    """
    kind = type(value)
    for base, items in _ITEMS.items():
        if issubclass(kind, base):
            first = list(islice(items(value), _MOST_FIRST))
            try:
                return b"..." + content([class_name(kind), base.__len__(value), first], which)
            except TooLargeError:
                return None
    return None


def _are_few_and_plain(values: list[Any]) -> bool:
    """Tell whether there is nothing but a few numbers and a little text."""
    left = _MOST_TEXT_KEPT
    for value in values:
        kind = type(value)
        if kind in _TEXTS:
            left -= len(value)
        elif kind not in _PLAIN:
            return False
    return left >= 0


def _are_plain(values: Collection[Any], most: int) -> bool:
    """Tell whether there is nothing but numbers and up to so much text."""
    kinds = {*map(type, values)}
    if not kinds <= _PLAIN:
        return False
    if kinds.isdisjoint(_TEXTS):
        return True
    return sum(len(value) for value in values if type(value) in _TEXTS) <= most


class _Walk:
    """One value with all that is in it."""

    def __init__(self, which: Which) -> None:
        self._which = which
        self._held = _MOST_HELD
        self._values = _MOST_VALUES
        self._bytes = _MOST_BYTES
        # What is being looked at, and what has been: an object may be in several places.
        self._open: dict[int, int] = {}
        self._done: dict[int, tuple[Any, bytes]] = {}

    def content(self, value: Any) -> bytes:
        kind = type(value)
        if kind in _PLAIN:
            return self.plain(value)
        address = id(value)
        if address in self._open:
            return b"@%d" % (len(self._open) - self._open[address])
        if address in self._done:
            return self._done[address][1]
        self.count(1)
        if len(self._open) > _DEEPEST:
            raise TooLargeError
        self._open[address] = len(self._open)
        try:
            found = _converter(kind)(self, value)
        except (TooLargeError, RecursionError):
            raise
        except Exception as error:
            hand_on(error)
            if len(self._open) == 1:
                raise
            # Of a part that cannot be looked at, only which it is counts.
            found = b"!" + self.which(value)
        del self._open[address]
        # With the value, so that no other one gets its address while this goes on.
        self._done[address] = value, found
        return found

    def plain(self, value: Any) -> bytes:
        if type(value) in _TEXTS and len(value) > _MOST_BYTES:
            # Python remembers the hash of a text, so that the next look costs nothing.
            value = "long", len(value), hash(value)
        data = marshal.dumps(value, 2)
        return data if len(data) < 64 else self.digest(data)

    def which(self, value: Any) -> bytes:
        if not weakref_offset_of(type(value)):
            self._held -= 1
            if self._held < 0:
                raise TooLargeError
        return b"%b %b" % (_name(type(value)), str(self._which(value)).encode())

    def digest(self, data: Any) -> bytes:
        self._bytes -= memoryview(data).nbytes
        if self._bytes < 0:
            raise TooLargeError
        return blake2b(data, digest_size=16).digest()

    def count(self, values: int) -> None:
        self._values -= values
        if self._values < 0:
            raise TooLargeError

    def sequence(self, mark: bytes, values: list[Any]) -> bytes:
        if _are_plain(values, _MOST_TEXT):
            return mark + self.plain(values)
        return self.joined(mark, map(self.content, values))

    def joined(self, mark: bytes, parts: Iterable[bytes]) -> bytes:
        text = b"".join([b"%d:%b" % (len(part), part) for part in parts])
        return mark + (text if len(text) < 64 else self.digest(text))

    def pairs(self, mark: bytes, items: Iterable[tuple[Any, Any]]) -> bytes:
        # Another thread may change it.
        found = sorted([(self.content(key), self.content(value)) for key, value in list(items)])
        return self.joined(mark, [part for pair in found for part in pair])


# Contents by type

_Converter = Callable[[_Walk, Any], bytes]


def _name(kind: type) -> bytes:
    return class_name(kind).encode("utf-8", "surrogatepass")


def _state(walk: _Walk, value: Any) -> bytes:
    mark, held = state_of(value)
    return walk.sequence(b"o" + mark, held)


def _opaque(walk: _Walk, value: Any) -> bytes:
    kind = type(value)
    # A compiled class without variables has compiled methods, too: they may be called.
    is_shown = by_value(kind) and not has_variables(kind)
    shown = walk.content((hash(value), repr(value))) if is_shown else walk.which(value)
    return walk.joined(b"c", [_state(walk, value), shown])


def _exception(walk: _Walk, value: Any) -> bytes:
    arguments = vars(BaseException)["args"].__get__(value)
    return walk.joined(b"x", [_state(walk, value), walk.content(arguments)])


def _method(walk: _Walk, value: Any) -> bytes:
    owner = value.__self__
    if owner is None or type(owner) is ModuleType:
        return walk.joined(b"b", [walk.content((value.__module__, value.__qualname__))])
    # It is made anew whenever it is asked for; what it belongs to is not.
    function = value.__func__ if type(value) is MethodType else value.__qualname__
    whose = walk.content(owner) if issubclass(type(owner), type) else walk.which(owner)
    return walk.joined(b"b", [walk.content(function), whose])


def _text(walk: _Walk, value: Any) -> bytes:
    text = f"t{class_name(type(value))} {value!r}"
    return text.encode("utf-8", "backslashreplace")


def _member(walk: _Walk, value: Any) -> bytes:
    # Of an enumeration, which may show its members as it likes.
    return walk.joined(b"e", [_name(type(value)), walk.content(vars(value).get("_value_"))])


def _pattern(walk: _Walk, value: Any) -> bytes:
    return b"r" + walk.content((value.pattern, value.flags))


def _sequence(mark: bytes, base: Any) -> _Converter:
    def convert(walk: _Walk, value: Any) -> bytes:
        if base.__len__(value) > _MOST_ITEMS:
            raise TooLargeError
        return walk.sequence(mark, [*base.__iter__(value)])

    return convert


def _bytes(walk: _Walk, value: Any) -> bytes:
    return b"y" + walk.digest(value)


def _set(base: Any) -> _Converter:
    def convert(walk: _Walk, value: Any) -> bytes:
        walk.count(base.__len__(value))
        return walk.joined(b"{", sorted(map(walk.content, [*base.__iter__(value)])))

    return convert


def _mapping(walk: _Walk, value: Any) -> bytes:
    walk.count(dict.__len__(value))
    return walk.pairs(b"d", dict.items(value))


def _by_name(walk: _Walk, value: Any) -> bytes:
    name = _name(value)
    # Those that are defined in a function have one name.
    return b"n" + name + (walk.which(value) if b"<" in name else b"")


def _function(walk: _Walk, value: Any) -> bytes:
    name = f"n{value.__module__}.{value.__qualname__}"
    if "<" not in name:
        return name.encode("utf-8", "surrogatepass")
    # Those that are defined in a function have one name, and differ in what they hold.
    held = [value.__defaults__, value.__kwdefaults__, *map(_in_cell, value.__closure__ or ())]
    return walk.sequence(b"f", [name, walk.digest(marshal.dumps(value.__code__, 2)), held])


def _in_cell(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        # Not filled yet.
        return None


def _array(walk: _Walk, value: Any) -> bytes:
    # As an array itself: a quantity forbids some of what an array does.
    array = base_named(type(value), "numpy.ndarray")
    dtype, shape = array.dtype.__get__(value), array.shape.__get__(value)
    if array.nbytes.__get__(value) > _MOST_BYTES:
        raise TooLargeError
    data: Any
    if dtype.names is not None:
        data = _fields(array.view(value, array))
    else:
        data = array.tolist(array.ravel(value)) if dtype.hasobject else array.tobytes(value)
    # With what a subclass adds: a unit, a mask.
    added = b"" if array is type(value) else _added(walk, value)
    kind = repr((dtype.descr, shape)).encode()
    return walk.joined(b"a", [kind, walk.content(data), added])


def _added(walk: _Walk, value: Any) -> bytes:
    kind = type(value)
    adds = next((_ADDS[name] for name in type_names(kind) if name in _ADDS), None)
    return _state(walk, value) if adds is None else _name(kind) + adds(walk, value)


def _mask(walk: _Walk, value: Any) -> bytes:
    # The rest comes into being when somebody asks for it.
    mask = object.__getattribute__(value, "__dict__").get("_mask")
    # There may be none where nothing is hidden.
    is_hiding = mask is not None and mask.tobytes().strip(b"\0")
    return walk.content(mask) if is_hiding else b""


def _scalar(walk: _Walk, value: Any) -> bytes:
    data = value.tobytes() if value.dtype.names is None else walk.content(_fields(value))
    return walk.joined(b"#", [value.dtype.str.encode(), data])


def _fields(value: Any) -> dict[str, Any]:
    """What is in an array of records, or in one record, without what is between the fields."""
    return {name: value[name] for name in value.dtype.names}


def _table(walk: _Walk, value: Any) -> bytes:
    columns = [(str(name), column) for name, column in value.columns.items()]
    return b"T" + walk.content([columns, dict(value.meta)])


def _frame(walk: _Walk, value: Any) -> bytes:
    columns = [(repr(name), column.to_numpy()) for name, column in value.items()]
    return b"D" + walk.content([columns, value.index.to_numpy()])


def _series(walk: _Walk, value: Any) -> bytes:
    return b"S" + walk.content([repr(value.name), value.to_numpy(), value.index.to_numpy()])


def _nothing(walk: _Walk, value: Any) -> bytes:
    return b"-"


def _queue(walk: _Walk, value: Any) -> bytes:
    return walk.joined(b"q", [walk.sequence(b"[", list(value)), _state(walk, value)])


def _plain_array(walk: _Walk, value: Any) -> bytes:
    return walk.joined(b"A", [value.typecode.encode(), walk.digest(memoryview(value))])


def _with_state(convert: _Converter) -> _Converter:
    return lambda walk, value: walk.joined(b"s", [convert(walk, value), _state(walk, value)])


# Of a subclass, too, they are read where they are stored: no method is called.
_CONTAINERS: dict[type, _Converter] = {
    list: _sequence(b"[", list),
    tuple: _sequence(b"(", tuple),
    dict: _mapping,
    set: _set(set),
    frozenset: _set(frozenset),
}

_ITEMS: dict[Any, Callable[[Any], Iterable[Any]]] = {
    **{base: base.__iter__ for base in (list, tuple, set, frozenset, bytearray)},
    dict: dict.items,
}

_CONTENTS: dict[type, _Converter] = {
    **dict.fromkeys(_PLAIN, _Walk.plain),
    **_CONTAINERS,
    bytearray: _bytes,
    range: _text,
    slice: _text,
    type(Ellipsis): _text,
    type(NotImplemented): _text,
    type: _by_name,
    FunctionType: _function,
    **dict.fromkeys((BuiltinFunctionType, MethodType, MethodWrapperType), _method),
    ModuleType: _text,
}

_NAMED: dict[str, _Converter] = {
    "numpy.ndarray": _array,
    "numpy.generic": _scalar,
    "astropy.table.table.Table": _table,
    "pandas.core.frame.DataFrame": _frame,
    "pandas.DataFrame": _frame,
    "pandas.core.series.Series": _series,
    "pandas.Series": _series,
    "datetime.date": _text,
    "datetime.time": _text,
    "datetime.timedelta": _text,
    "decimal.Decimal": _text,
    "fractions.Fraction": _text,
    "uuid.UUID": _text,
    "pathlib.PurePath": _text,
    "enum.Enum": _member,
    "re.Pattern": _pattern,
    "collections.deque": _queue,
    "array.array": _plain_array,
}

# What counts of what a subclass of arrays adds, where that is not all of it.
_ADDS: dict[str, _Converter] = {
    "numpy.ma.MaskedArray": _mask,
    "numpy.ma.core.MaskedArray": _mask,
    # Where it comes from.
    "numpy.memmap": lambda walk, value: b"",
}

# What an object refers to but does not own.
_REFERRED: dict[str, _Converter] = {
    "weakref.ReferenceType": _nothing,
    "weakref.ProxyType": _nothing,
    "_thread.lock": _nothing,
    "_thread.RLock": _nothing,
    "logging.Logger": _nothing,
}

_BASES: dict[type, _Converter] = {
    type: _by_name,
    BaseException: _exception,
    str: _with_state(lambda walk, value: walk.plain(str.__str__(value))),
    bytes: _with_state(lambda walk, value: walk.plain(bytes.__bytes__(value))),
    bytearray: _with_state(_bytes),
    int: _with_state(lambda walk, value: walk.plain(int.__int__(value))),
    float: _with_state(lambda walk, value: walk.plain(float.__float__(value))),
    **{base: _with_state(convert) for base, convert in _CONTAINERS.items()},
}


@remembered
def _converter(kind: type) -> _Converter:
    """Return what gives the content of the objects of a class."""
    found = _CONTENTS.get(kind)
    if found is None:
        named = _NAMED | _REFERRED
        found = next((named[name] for name in type_names(kind) if name in named), None)
    if found is None:
        rest = _opaque if is_opaque(kind) else _state
        found = next((_BASES[base] for base in _BASES if issubclass(kind, base)), rest)
    return found
