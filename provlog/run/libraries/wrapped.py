"""The modules of libraries that have functions to wrap."""

from __future__ import annotations

from types import ModuleType

from provlog.run.imports import Action
from provlog.run.libraries.hdf5 import HDF5
from provlog.run.libraries.openings import OPENINGS
from provlog.run.libraries.pools import POOLS
from provlog.run.libraries.sql import SQL
from provlog.run.libraries.sqlite import SQLITE

__all__ = ["ACTIONS"]


_TABLES = (OPENINGS, HDF5, POOLS, SQL, SQLITE)


def _action(name: str) -> Action:
    actions = [table[name] for table in _TABLES if name in table]

    def act(module: ModuleType) -> None:
        for one in actions:
            one(module)

    return act


ACTIONS: dict[str, Action] = {name: _action(name) for table in _TABLES for name in table}
"""The actions to run after the import of modules, by their names."""
