"""The tables of the IVOA, as ProvTAP names them: views of the tables of a store."""

from __future__ import annotations

from sqlalchemy import Connection


def create_views(connection: Connection) -> None:
    """Create all views."""


def drop_views(connection: Connection) -> None:
    """Drop all views."""
