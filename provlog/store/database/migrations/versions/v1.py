"""The first tables."""

from __future__ import annotations

from alembic import op

from provlog.store.database.schema import METADATA

revision = "v1"
down_revision = None


def upgrade() -> None:
    """Create all tables; the next migration copies what it finds here before it changes it."""
    METADATA.create_all(op.get_bind())
