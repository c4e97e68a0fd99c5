"""Fingerprints by type: plain values and containers by content, other objects by state.

An object whose state cannot be read counts by its identity.
"""

from __future__ import annotations

import dis
import marshal
from collections.abc import Iterable
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
    PATHS,
    base_names,
    bases_of,
    cached_by_class,
    class_name,
    class_variables,
)
from provlog.objects.fingerprints.arrays import ARRAYS
from provlog.objects.fingerprints.frames import FRAMES
from provlog.objects.fingerprints.walk import (
    PRIMITIVES,
    Convert,
    TooLargeError,
    Walk,
    name_bytes,
)
from provlog.objects.signals import reraise_from_signal
from provlog.objects.state import has_variables, is_opaque, state_of

__all__ = ["converter_of", "is_identified_by_value", "of_state"]

_MAX_ITEMS = 2_000_000
# The globals and attributes of a __hash__ that identifies an object by its identity.
_IDENTITY_GLOBALS = frozenset({"id", "hash", "object", "super"})
_IDENTITY_ATTRIBUTES = frozenset({"__hash__"})


@cached_by_class
def is_identified_by_value(kind: type) -> bool:
    """Return whether instances of a class are identified by value rather than identity.

    These are plain values, their containers, arrays, tables, and classes with a
    ``__hash__`` of their own, which promises that their value does not change.

    Examples
    --------
    >>> is_identified_by_value(list), is_identified_by_value(object)
    (True, False)
    """
    names = base_names(kind)
    if not _REFERENCES.keys().isdisjoint(names):
        return False
    if kind in _BY_TYPE or not _BY_NAME.keys().isdisjoint(names):
        return True
    for base in bases_of(kind):
        variables = class_variables(base)
        if "__hash__" in variables and not _is_hash_of_identity(variables["__hash__"]):
            method = variables["__hash__"]
            return method is not None and method is not object.__hash__
    return False


def _is_hash_of_identity(method: Any) -> bool:
    """Return whether a ``__hash__`` only calls ``id`` or an inherited ``__hash__``."""
    if not isinstance(method, FunctionType):
        return False
    steps = [(step.opname, step.argval) for step in dis.get_instructions(method)]
    names = {name for opname, name in steps if opname == "LOAD_GLOBAL"}
    # Separate from the globals, because an attribute may have the name of a function.
    attributes = {name for opname, name in steps if opname.endswith(("_ATTR", "_METHOD"))}
    calls_identity = "id" in names or bool(attributes)
    return calls_identity and names <= _IDENTITY_GLOBALS and attributes <= _IDENTITY_ATTRIBUTES


def of_state(walk: Walk, value: Any) -> bytes:
    """Return the fingerprint of an object by its instance variables."""
    digest, variables = state_of(value)
    return walk.sequence(b"o" + digest, variables)


def _opaque(walk: Walk, value: Any) -> bytes:
    kind = type(value)
    # A compiled class without variables also has compiled methods, which may be called.
    if is_identified_by_value(kind) and not has_variables(kind):
        rest = walk.fingerprint(_parts(value))
    else:
        rest = walk.identity(value)
    return walk.joined(b"c", [of_state(walk, value), rest])


def _parts(value: Any) -> Any:
    """Return the parts of a value for pickling, or else its ``repr`` and its hash."""
    try:
        made = value.__reduce_ex__(2)
    except Exception as error:  # noqa: BLE001  (a class may refuse to be pickled in any way)
        reraise_from_signal(error)
        # The hash may differ in another run, which is better than two values with one id.
        return hash(value), repr(value)
    if type(made) is str:
        return made
    # The fourth and the fifth part are iterators.
    return (*made[:3], *(None if part is None else list(part) for part in made[3:5]))


def _exception(walk: Walk, value: Any) -> bytes:
    arguments = vars(BaseException)["args"].__get__(value)
    return walk.joined(b"x", [of_state(walk, value), walk.fingerprint(arguments)])


def _method(walk: Walk, value: Any) -> bytes:
    owner = value.__self__
    if owner is None or type(owner) is ModuleType:
        return walk.joined(b"b", [walk.fingerprint((value.__module__, value.__qualname__))])
    # Each access makes a new bound method: its function and its object identify it.
    function = value.__func__ if type(value) is MethodType else value.__qualname__
    is_class = issubclass(type(owner), type)
    bound_to = walk.fingerprint(owner) if is_class else walk.identity(owner)
    return walk.joined(b"b", [walk.fingerprint(function), bound_to])


def _text(walk: Walk, value: Any) -> bytes:
    text = f"t{class_name(type(value))} {value!r}"
    return text.encode("utf-8", "backslashreplace")


def _enum_member(walk: Walk, value: Any) -> bytes:
    # By value, since an enumeration may define any repr.
    member = walk.fingerprint(vars(value).get("_value_"))
    return walk.joined(b"e", [name_bytes(type(value)), member])


def _pattern(walk: Walk, value: Any) -> bytes:
    return b"r" + walk.fingerprint((value.pattern, value.flags))


def _sequence(mark: bytes, base: Any) -> Convert:
    def convert(walk: Walk, value: Any) -> bytes:
        if base.__len__(value) > _MAX_ITEMS:
            raise TooLargeError
        return walk.sequence(mark, [*base.__iter__(value)])

    return convert


def _bytes(walk: Walk, value: Any) -> bytes:
    return b"y" + walk.digest(value)


def _set(base: Any) -> Convert:
    def convert(walk: Walk, value: Any) -> bytes:
        walk.count(base.__len__(value))
        return walk.joined(b"{", sorted(map(walk.fingerprint, [*base.__iter__(value)])))

    return convert


def _mapping(walk: Walk, value: Any) -> bytes:
    walk.count(dict.__len__(value))
    return walk.pairs(b"d", dict.items(value))


def _class(walk: Walk, value: Any) -> bytes:
    name = name_bytes(value)
    # All classes that a function defines share one name.
    return b"n" + name + (walk.identity(value) if b"<" in name else b"")


def _function(walk: Walk, value: Any) -> bytes:
    name = f"n{value.__module__}.{value.__qualname__}"
    if "<" not in name:
        return name.encode("utf-8", "surrogatepass")
    # All functions that a function defines share one name, and differ in defaults and closure.
    closure = map(_cell_contents, value.__closure__ or ())
    state = [value.__defaults__, value.__kwdefaults__, *closure]
    return walk.sequence(b"f", [name, walk.digest(marshal.dumps(value.__code__, 2)), state])


def _cell_contents(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        # The cell is still empty.
        return None


def _reference(walk: Walk, value: Any) -> bytes:
    return b"-"


def _deque(walk: Walk, value: Any) -> bytes:
    return walk.joined(b"q", [walk.sequence(b"[", list(value)), of_state(walk, value)])


def _array_module(walk: Walk, value: Any) -> bytes:
    return walk.joined(b"A", [value.typecode.encode(), walk.digest(memoryview(value))])


def _with_state(convert: Convert) -> Convert:
    return lambda walk, value: walk.joined(b"s", [convert(walk, value), of_state(walk, value)])


# The methods of the built-in types, which read subclasses without calling theirs.
_CONTAINERS: dict[type, Convert] = {
    list: _sequence(b"[", list),
    tuple: _sequence(b"(", tuple),
    dict: _mapping,
    set: _set(set),
    frozenset: _set(frozenset),
}

# For a class itself, not for its subclasses.
_BY_TYPE: dict[type, Convert] = {
    **dict.fromkeys(PRIMITIVES, Walk.primitive),
    **_CONTAINERS,
    bytearray: _bytes,
    range: _text,
    slice: _text,
    type(Ellipsis): _text,
    type(NotImplemented): _text,
    type: _class,
    FunctionType: _function,
    **dict.fromkeys((BuiltinFunctionType, MethodType, MethodWrapperType), _method),
    ModuleType: _text,
}

# For classes, and their subclasses, that need not be imported.
_BY_NAME: dict[str, Convert] = {
    **ARRAYS,
    **FRAMES,
    "datetime.date": _text,
    "datetime.time": _text,
    "datetime.timedelta": _text,
    "decimal.Decimal": _text,
    "fractions.Fraction": _text,
    "uuid.UUID": _text,
    "pandas._libs.tslibs.period._Period": _text,
    **dict.fromkeys(PATHS, _text),
    "enum.Enum": _enum_member,
    "re.Pattern": _pattern,
    "collections.deque": _deque,
    "array.array": _array_module,
}

# Objects that others refer to without owning them: not a part of their state.
_REFERENCES: dict[str, Convert] = dict.fromkeys(
    (
        "weakref.ReferenceType", "weakref.ProxyType", "_thread.lock", "_thread.RLock",
        "logging.Logger",
        # What records the program changes with each record.
        "provlog.capture.capture.Capture", "provlog.capture.blocks.ActivityBlock",
    ),
    _reference,
)  # fmt: skip

# For subclasses, the first match counts.
_BY_BASE: dict[type, Convert] = {
    type: _class,
    FunctionType: _function,
    BaseException: _exception,
    str: _with_state(lambda walk, value: walk.primitive(str.__str__(value))),
    bytes: _with_state(lambda walk, value: walk.primitive(bytes.__bytes__(value))),
    bytearray: _with_state(_bytes),
    int: _with_state(lambda walk, value: walk.primitive(int.__int__(value))),
    float: _with_state(lambda walk, value: walk.primitive(float.__float__(value))),
    **{base: _with_state(convert) for base, convert in _CONTAINERS.items()},
}


@cached_by_class
def converter_of(kind: type) -> Convert:
    """Return the function that gives the fingerprint of the instances of a class."""
    return _BY_TYPE.get(kind) or _by_name(base_names(kind)) or _by_base(kind)


def _by_name(names: Iterable[str]) -> Convert | None:
    named = _BY_NAME | _REFERENCES
    return next((named[name] for name in names if name in named), None)


def _by_base(kind: type) -> Convert:
    rest = _opaque if is_opaque(kind) else of_state
    return next((_BY_BASE[base] for base in _BY_BASE if issubclass(kind, base)), rest)
