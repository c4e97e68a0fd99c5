"""Make compiled libraries raise an audit event when they open a file, as Python does.

Libraries call the operating system without Python. Therefore provlog wraps functions of theirs.
"""

from __future__ import annotations

from provlog.run.imports import Action

__all__ = ["PACKAGES", "library_action"]

PACKAGES = frozenset({
    "duckdb", "fitsio", "h5py", "netCDF4", "pandas", "polars", "pyarrow", "sqlalchemy", "sqlite3",
    "tables",
})  # fmt: skip
"""The packages that have functions to wrap."""


def library_action(name: str) -> Action | None:
    """Return what to do after the import of a module of a library, if anything."""
    if name.partition(".")[0] not in PACKAGES:
        return None
    # Most programs import none of them.
    from provlog.run.libraries.wrapped import ACTIONS

    return ACTIONS.get(name)
