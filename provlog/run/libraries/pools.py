"""Announce the connections to SQLite that a pool of SQLAlchemy hands out.

SQLAlchemy connects to a database once, and uses the connection again in other activities.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial, wraps
from typing import Any

from provlog.capture.files.audit import HANDLE
from provlog.run.imports import Action
from provlog.run.libraries.announcing import replace, unnoticed

__all__ = ["POOLS"]


def _announcing(init: Callable[..., None]) -> Callable[..., None]:
    @unnoticed
    @wraps(init)
    def announced(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        connection = None
        with suppress(Exception):
            if self.dialect.name == "sqlite":
                connection = self._dbapi_connection.dbapi_connection
        if connection is not None:
            sys.audit(HANDLE, connection)

    return announced


POOLS: dict[str, Action] = {
    "sqlalchemy.engine.base": partial(replace, name="Connection.__init__", make=_announcing)
}
"""The actions to run after the import of modules, by their names."""
