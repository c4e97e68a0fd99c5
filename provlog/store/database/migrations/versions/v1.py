"""The first tables."""

from __future__ import annotations

from alembic import op

from provlog.store.database.schema import METADATA

revision = "v1"
down_revision = None

TABLES = (
    "namespace_prefix", "identifier", "log", "bundle", "element", "mention", "link",
    "activity_parameter", "description_set", "description", "described_activitydescription",
    "described_entitydescription", "described_usagedescription",
    "described_usagedescription_entitydescription", "described_generationdescription",
    "described_generationdescription_entitydescription", "described_parameterdescription",
    "described_configfiledescription",
)  # fmt: skip


def upgrade() -> None:
    """Create the tables of this version.

    A migration that changes one of them freezes its former columns here.
    """
    METADATA.create_all(op.get_bind(), [METADATA.tables[name] for name in TABLES])
