"""Raise the audit event of an opened file in place of a compiled library."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from types import FunctionType, ModuleType
from typing import Any, TypeVar

from provlog.capture.calls.wrapping import SKIPPED_FILE
from provlog.capture.files.descriptors import stream_path
from provlog.capture.files.unseen import Stamp, stamp_of

__all__ = [
    "REPLACE", "UPDATE", "announce", "argument", "files_of", "flags_of", "replace", "unnoticed",
    "writing_to",
]  # fmt: skip

UPDATE = os.O_RDWR | os.O_CREAT
"""The flags of a file whose content a library may read and change."""

REPLACE = UPDATE | os.O_TRUNC
"""The flags of a file whose content a library replaces."""

_FLAGS = {
    "r": os.O_RDONLY,
    "r+": os.O_RDWR,
    "w": REPLACE,
    "w-": UPDATE | os.O_EXCL,
    "x": UPDATE | os.O_EXCL,
    "a": UPDATE,
    "rw": UPDATE,
}
# The content stays, unless the library changes it.
_MAY_WRITE = os.O_WRONLY | os.O_CREAT
# The number of files of a folder that are announced.
_MAX_FILES = 10_000

# The module of the classes of streams of pyarrow, which cannot be changed.
_PYARROW = "pyarrow.lib"

_Function = TypeVar("_Function", bound=Callable[..., Any])


# The functions that replace those of libraries, which stay alive, by the address of the original.
_replaced: dict[int, tuple[Any, Any]] = {}


def replace(module: ModuleType, name: str, make: Callable[[Any], Any]) -> None:
    """Replace a function of a module, or a method of its classes, if this version has it.

    Parameters
    ----------
    module : module
        The module.
    name : str
        The name in it: ``read_table`` or ``File.__init__``.
    make : callable
        Takes the function and returns the other one.
    """
    # A class of C may refuse it.
    with suppress(Exception):
        *classes, last = name.split(".")
        holder: Any = getattr(module, classes[0]) if classes else module
        function = getattr(holder, last)
        if not callable(function):
            return
        # A function with several names stays one, and no function is replaced twice.
        _, other = _replaced.get(id(function)) or (None, make(function))
        setattr(holder, last, other)
        _replaced[id(function)] = function, other
        _replaced[id(other)] = other, other
        if holder is module:
            _place_at_home(function, other, last)


def _place_at_home(function: Any, other: Any, name: str) -> None:
    """Put a function where `pickle` looks for it: in the module that defines the original."""
    home, own_name = sys.modules.get(function.__module__), function.__qualname__
    if getattr(home, name, None) is function and "." in own_name:
        # The qualified name of a function of pybind11 leads nowhere.
        own_name = other.__qualname__ = name
    if getattr(home, own_name, None) is function:
        setattr(home, own_name, other)


def unnoticed(function: _Function) -> _Function:
    """Let warnings skip the frames of a function when they look for the code of the program."""
    if isinstance(function, FunctionType):
        function.__code__ = function.__code__.replace(co_filename=SKIPPED_FILE)
    return function


def flags_of(mode: Any) -> int:
    """Return the flags of a file that a library opens in a mode such as ``r+``."""
    return _FLAGS.get(mode.rstrip("bt") if isinstance(mode, str) else mode, os.O_RDWR)


def announce(path: str | bytes, flags: int = os.O_RDONLY) -> None:
    """Raise the event of a file that a library opens; a hook of the program may refuse it."""
    sys.audit("open", path, None, flags)


def argument(args: Sequence[Any], kwargs: dict[str, Any], names: str, position: int) -> Any:
    """Return the argument of a call; ``names`` are those of all versions of the library."""
    if position < len(args):
        return args[position]
    return next((kwargs[name] for name in names.split() if name in kwargs), None)


@unnoticed
def writing_to(paths: Sequence[str], write: Callable[[], Any], flags: int = REPLACE) -> Any:
    """Write files, or files in folders, whose names are known only afterwards.

    Parameters
    ----------
    paths : sequence of str
        The files and folders.
    write : callable
        Writes them.
    flags : int
        How the files that have changed were opened.
    """
    before = dict(_stamps(paths))
    for path in paths:
        if not os.path.isdir(path):
            announce(path, _MAY_WRITE)
    result = write()
    for file, stamp in _stamps(paths):
        if before.get(file) != stamp:
            announce(file, flags)
    return result


def _stamps(paths: Sequence[str]) -> Iterator[tuple[str, Stamp]]:
    for path in paths:
        for file in _files_in(path) if os.path.isdir(path) else (path,):
            with suppress(OSError, ValueError):
                yield file, stamp_of(os.stat(file))


def files_of(path: Any) -> Iterator[str | bytes]:
    """Yield the files that a path, a list of paths, a pattern, a folder or a stream denotes."""
    if isinstance(path, (list, tuple)):
        for one in islice(path, _MAX_FILES):
            yield from files_of(one)
    elif isinstance(path, bytes):
        # h5py encodes paths. In other libraries, bytes are data.
        if b"\n" not in path and b"\0" not in path:
            yield path
    elif isinstance(path, (str, os.PathLike)):
        name = os.fspath(path)
        if os.path.isdir(name):
            yield from _files_in(name)
        elif glob.has_magic(name) and not os.path.exists(name):
            yield from islice(sorted(glob.iglob(name, recursive=True)), _MAX_FILES)
        else:
            yield name
    elif type(path).__module__ == _PYARROW and (place := stream_path(path)) is not None:
        yield place


def _files_in(folder: str) -> Iterator[str]:
    """Yield the data files in a folder, as pyarrow finds them."""
    found = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        for name in sorted(names):
            if found < _MAX_FILES and not name.startswith((".", "_")):
                found += 1
                yield os.path.join(place, name)
