"""The first tables."""

from __future__ import annotations

from alembic import op

from provlog.store.database.schema import METADATA

revision = "v1"
down_revision = None


def upgrade() -> None:
    """Create all tables. The next migration must copy the definitions from here before a change."""
    METADATA.create_all(op.get_bind())
