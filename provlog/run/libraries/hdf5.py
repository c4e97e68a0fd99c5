"""Announce the files that h5py opens, also those that the program does not name.

HDF5 itself opens the targets of external links, the sources of virtual datasets, the files with
the data of a dataset (external storage), and the members of a file that a driver divides.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial, wraps
from itertools import count
from types import ModuleType
from typing import Any

from provlog.run.imports import Action
from provlog.run.libraries.announcing import (
    UPDATE,
    announce,
    argument,
    flags_of,
    replace,
    unnoticed,
)

__all__ = ["HDF5"]

_MAX_FILES = 10_000
# The number of members by which a family of files may grow while it is open.
_MAX_NEW = 100
_SPLIT = (b"-m.h5", b"-r.h5")


class _Thread(threading.local):
    """What the next file is divided into: the extensions of the driver `split`."""

    extensions: tuple[bytes, ...] = ()


_thread = _Thread()


# Files that the program names


def _wrap_files(module: ModuleType) -> None:
    replace(module, "make_fapl", _remembering)
    replace(module, "make_fid", _announcing_file)


def _remembering(make_fapl: Callable[..., Any]) -> Callable[..., Any]:
    @unnoticed
    @wraps(make_fapl)
    def remembered(driver: Any, *args: Any, **kwargs: Any) -> Any:
        _thread.extensions = ()
        if driver == "split":
            names = ("meta_ext", "raw_ext")
            given = [kwargs.get(name, usual) for name, usual in zip(names, _SPLIT, strict=True)]
            _thread.extensions = tuple(one for one in given if isinstance(one, bytes))
        return make_fapl(driver, *args, **kwargs)

    return remembered


def _announcing_file(make_fid: Callable[..., Any]) -> Callable[..., Any]:
    @unnoticed
    @wraps(make_fid)
    def announced(name: Any, mode: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(name, bytes) and b"\n" not in name and b"\0" not in name:
            flags = flags_of(mode or "r")
            driver = argument(args, kwargs, "fapl", 1)
            for file in _members(name, driver, is_written=flags != os.O_RDONLY):
                announce(file, flags)
        return make_fid(name, mode, *args, **kwargs)

    return announced


def _members(name: bytes, access: Any, *, is_written: bool) -> Iterable[str | bytes]:
    """Return the files behind the name of a file, which depend on its driver."""
    with suppress(AttributeError, TypeError, ValueError):
        from h5py import h5fd

        driver = access.get_driver()
        if driver == h5fd.FAMILY:
            return [*_family(os.fsdecode(name), _MAX_NEW if is_written else 0)]
        if driver == h5fd.MULTI and _thread.extensions:
            # A name may be a pattern: %s-m.h5
            return [
                one.replace(b"%s", name) if b"%s" in one else name + one
                for one in _thread.extensions
            ]
    return (name,)


def _family(pattern: str, new: int = 0) -> Iterator[str]:
    """Yield the numbered files of a pattern as long as they exist, and some new ones."""
    for number in count():
        path = pattern % number
        if not os.path.exists(path):
            yield from (pattern % one for one in range(number, number + new))
            return
        if number >= _MAX_FILES or path == pattern:
            return
        yield path


# Files that HDF5 finds


def _wrap_groups(module: ModuleType) -> None:
    with suppress(AttributeError, ImportError):
        # h5py has imported it already.
        from h5py import h5d, h5f

        # Newer versions have `_get`, which `__getitem__` and `get` call.
        getter = "_get" if "_get" in vars(module.Group) else "__getitem__"
        for name in (getter, "create_dataset", "create_group"):
            files_behind = partial(_files_behind, h5d, h5f, is_new=name != getter)
            make = partial(_announcing_item, files_behind=files_behind)
            replace(module, f"Group.{name}", make)


def _announcing_item(
    get: Callable[..., Any], files_behind: Callable[[Any, Any], list[str | bytes]]
) -> Callable[..., Any]:
    @unnoticed
    @wraps(get)
    def announced(self: Any, *args: Any, **kwargs: Any) -> Any:
        item = get(self, *args, **kwargs)
        files: list[str | bytes] = []
        with suppress(Exception):
            files = files_behind(self, item)
        if files:
            flags = UPDATE if _is_writable(item) else os.O_RDONLY
            for file in files:
                announce(file, flags)
        return item

    return announced


def _files_behind(h5d: Any, h5f: Any, group: Any, item: Any, *, is_new: bool) -> list[str | bytes]:
    """Return the files behind an item of a group, besides that of the group."""
    id = item.id
    found: list[str | bytes] = []
    place = h5f.get_name(id)
    if place != h5f.get_name(group.id):
        # Through an external link.
        found.append(place)
    # Only data in one piece in the file itself has an offset. Properties take more time.
    if type(id) is h5d.DatasetID and id.get_offset() is None:
        layout = item._dcpl.get_layout()
        if layout == h5d.VIRTUAL and not is_new:
            found += _sources(item, os.fsdecode(place))
        elif layout == h5d.CONTIGUOUS and item._dcpl.get_external_count() > 0:
            found += _storage(item, os.fsdecode(place))
    return found


def _sources(dataset: Any, place: str) -> Iterator[str]:
    """Yield the files of the sources of a virtual dataset."""
    properties = dataset._dcpl
    number = min(properties.get_virtual_count(), _MAX_FILES)
    names = dict.fromkeys(properties.get_virtual_filename(one) for one in range(number))
    folder = os.path.dirname(place)
    prefix = dataset.id.get_access_plist().get_virtual_prefix()
    prefixes = [os.environ.get("HDF5_VDS_PREFIX", ""), os.fsdecode(prefix or b"")]
    prefixes = [one.replace("${ORIGIN}", folder or ".") for one in prefixes]
    for name in names:
        # A point denotes the file itself.
        if name != ".":
            yield from _source(name, [*filter(None, prefixes), folder, ""])


def _source(name: str, folders: list[str]) -> Iterator[str]:
    """Yield the files of a source: one, or several with numbers (``run-%b.h5``)."""
    is_series = "%b" in name
    for folder in folders:
        path = os.path.join(folder, name)
        if is_series:
            pattern = path.replace("%b", "\0").replace("%%", "\1").replace("%", "%%")
            files = [*_family(pattern.replace("\0", "%d").replace("\1", "%%"))]
        else:
            path = path.replace("%%", "%")
            files = [path] if os.path.isfile(path) else []
        if files:
            yield from files
            return


def _storage(dataset: Any, place: str) -> Iterator[str]:
    """Yield the files with the data of a dataset."""
    prefix = os.environ.get("HDF5_EXTFILE_PREFIX") or os.fsdecode(
        dataset.id.get_access_plist().get_efile_prefix() or b""
    )
    folder = prefix.replace("${ORIGIN}", os.path.dirname(place) or ".")
    properties = dataset._dcpl
    for one in range(min(properties.get_external_count(), _MAX_FILES)):
        yield os.path.join(folder, os.fsdecode(properties.get_external(one)[0]))


def _is_writable(item: Any) -> bool:
    with suppress(Exception):
        from h5py import h5f, h5i

        return bool(h5i.get_file_id(item.id).get_intent() & h5f.ACC_RDWR)
    return False


HDF5: dict[str, Action] = {"h5py._hl.files": _wrap_files, "h5py._hl.group": _wrap_groups}
"""The actions to run after the import of modules, by their names."""
