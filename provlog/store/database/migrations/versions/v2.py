"""Digests of entities, and registered files with their locations."""

from __future__ import annotations

from alembic import op

from provlog.store.database.schema import METADATA

revision = "v2"
down_revision = "v1"

TABLES = ("entity_digest", "registered_file", "file_digest", "file_location")


def upgrade() -> None:
    """Create the tables, and enter the digests of the entities that are there."""
    from provlog.store.ingest.contents import enter_digests

    connection = op.get_bind()
    METADATA.create_all(connection, [METADATA.tables[name] for name in TABLES])
    enter_digests(connection)
