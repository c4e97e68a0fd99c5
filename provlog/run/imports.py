"""An import hook that calls a function for a module as soon as the program has imported it.

provlog never imports the modules of its targets itself: a program may set environment
variables before it imports numpy, for example.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["Action", "ImportWatcher", "WatchedLoader"]

Action = Callable[[ModuleType], None]
"""A function that takes an imported module and never raises."""


# Without the base classes of `importlib.abc`, whose import takes as long as a tenth of provlog's.
class ImportWatcher:
    """Find modules with the other finders, and call an action after a module's code has run.

    Parameters
    ----------
    action_of : callable
        Returns the action for the name of a module, or ``None``.
    """

    def __init__(self, action_of: Callable[[str], Action | None]) -> None:
        self._action_of = action_of

    def install(self) -> None:
        """Start to watch imports; run the actions of modules that are already imported."""
        sys.meta_path.insert(0, self)
        for name in [*sys.modules]:
            act = self._action_of(name) if type(name) is str else None
            # A program may set a module to None, so that it cannot be imported.
            if act is not None and (module := sys.modules.get(name)):
                act(module)

    def remove(self) -> None:
        """Stop watching imports."""
        with suppress(ValueError):
            sys.meta_path.remove(self)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return the spec that the other finders find, with a loader that runs the action."""
        act = self._action_of(fullname)
        if act is None:
            return None
        spec = _found_by_others(self, fullname, path, target)
        # Loaders that only have the deprecated load_module() are left unchanged.
        if spec is not None and hasattr(spec.loader, "exec_module"):
            loader: Any = WatchedLoader(spec.loader, act)
            spec.loader = loader
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


class WatchedLoader:
    """Wrap a loader: run an action after the module's code, delegate everything else.

    Parameters
    ----------
    loader : loader
        The wrapped loader.
    act : callable
        The action; takes the module.
    """

    def __init__(self, loader: Any, act: Action) -> None:
        self.loader = loader
        self._act = act

    def __getattr__(self, name: str) -> Any:
        # `copy` looks attributes up on an instance that has no loader yet.
        if name == "loader" or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Let the wrapped loader create the module."""
        create = getattr(self.loader, "create_module", None)
        return create(spec) if create else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code, which sees its original loader, and then the action."""
        module.__loader__ = self.loader
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        # A module may replace itself in sys.modules.
        self._act(sys.modules.get(module.__name__, module))
