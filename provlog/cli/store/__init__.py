"""``provlog store``."""

from __future__ import annotations

import click

from provlog.cli.store.commands import add, find, info, remove
from provlog.cli.store.files import register, upgrade, verify

__all__ = ["store"]


@click.group()
def store() -> None:
    """Keep the provenance of many logs in a database, and search it.

    \b
    provlog store add night/*.log
    provlog lineage --store provlog.db dl2.h5
    provlog store info
    """


for _command in (add, find, info, register, remove, upgrade, verify):
    store.add_command(_command)
