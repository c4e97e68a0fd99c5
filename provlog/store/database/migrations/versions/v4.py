"""What gives way to other logs, documents, and definitions for activities of other logs."""

from __future__ import annotations

from alembic import op
from sqlalchemy import exists, or_, update

from provlog.store.database.schema import METADATA, element, log, mention

revision = "v4"
down_revision = "v3"

TABLES = ("second_hand", "document", "definition", "defined_name", "defined_session")


def upgrade() -> None:
    """Create the tables, and let the next ``store add`` read the logs for them again.

    These are logs with an entity that names its activity, logs with definitions of their own,
    and sources without lines, among which are documents and job definitions.
    """
    connection = op.get_bind()
    METADATA.create_all(connection, [METADATA.tables[name] for name in TABLES])
    mentions = mention.c.log == log.c.key
    names_other = exists().where(
        mentions,
        mention.c.element == element.c.key,
        or_(*map(element.c.attributes.contains, (':CTA_ACTIVITY_ID"', ':definitions"'))),
    )
    has_lines = exists().where(mentions, mention.c.line > 1)
    connection.execute(update(log).where(or_(names_other, ~has_lines)).values(options=""))
