"""What is done with a module when the program has imported it, not earlier.

A program may set environment variables before it imports numpy: nothing that
is to be traced may be imported for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["ImportWatcher", "WatchedLoader"]


class ImportWatcher(MetaPathFinder):
    """A finder that lets the others find a module, and acts when its code has run.

    Parameters
    ----------
    actions : mapping
        From the names of modules to functions of the module; they raise nothing.
    """

    def __init__(self, actions: Mapping[str, Callable[[ModuleType], None]]) -> None:
        self._actions = actions

    def install(self) -> None:
        """Begin to watch, with what has been imported already."""
        sys.meta_path.insert(0, self)
        for name, act in self._actions.items():
            if module := sys.modules.get(name):
                act(module)

    def remove(self) -> None:
        """Watch no more."""
        with suppress(ValueError):
            sys.meta_path.remove(self)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return what the other finders find, with a loader that acts."""
        if fullname not in self._actions:
            return None
        spec = _found_by_others(self, fullname, path, target)
        # What only has load_module() is left alone.
        if spec is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = WatchedLoader(spec.loader, self._actions[fullname])
        return spec


def _found_by_others(
    watcher: ImportWatcher, name: str, path: Sequence[str] | None, target: ModuleType | None
) -> ModuleSpec | None:
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        if finder is watcher or find is None:
            continue
        if spec := find(name, path, target):
            return spec  # type: ignore[no-any-return]
    return None


class WatchedLoader(Loader):
    """A loader that acts when the code of its module has run; else it is the other one.

    Parameters
    ----------
    loader : loader
        The other one.
    act : callable
        Is given the module.
    """

    def __init__(self, loader: Any, act: Callable[[ModuleType], None]) -> None:
        self.loader = loader
        self._act = act

    def __getattr__(self, name: str) -> Any:
        # A copy has no loader yet when it is asked what it has.
        if name == "loader" or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Let the other loader make the module."""
        create = getattr(self.loader, "create_module", None)
        return create(spec) if create else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the code of the module, which sees its own loader, and act."""
        module.__loader__ = self.loader
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        # A module may have put another object into its place.
        self._act(sys.modules.get(module.__name__, module))
