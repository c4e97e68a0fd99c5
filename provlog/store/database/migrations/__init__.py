"""The migrations of a store's tables, which Alembic runs."""
