"""Lineages follow relations in bundles."""

from __future__ import annotations

from alembic import op
from sqlalchemy import select, update

from provlog.store.database.schema import KINDS, bundle, link, log

revision = "v3"
down_revision = "v2"


def upgrade() -> None:
    """Follow the relations in bundles, and let the next ``store add`` read their documents again.

    Reading them again finds the sessions in bundles.
    """
    connection = op.get_bind()
    is_inside = link.c.bundle.is_not(None) & (link.c.kind != KINDS["wasInfluencedBy"])
    connection.execute(update(link).where(is_inside).values(is_followed=True))
    has_bundles = log.c.key.in_(select(bundle.c.log))
    connection.execute(update(log).where(has_bundles).values(options=""))
