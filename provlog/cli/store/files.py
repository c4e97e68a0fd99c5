"""``provlog store register``, ``verify`` and ``upgrade``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from provlog.cli.documents import json_option
from provlog.cli.logs import PROBLEMS
from provlog.cli.messages import print_json, print_message, print_text
from provlog.cli.store.commands import url_option
from provlog.text import printable

if TYPE_CHECKING:
    from provlog.store.registry import Registered

__all__ = ["register", "upgrade", "verify"]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@url_option
@json_option
def register(files: tuple[str, ...], url: str, as_json: bool) -> None:
    """Register FILES by their content, with the places where they are.

    provlog hashes each file and shows the entities of the store with the same content. If
    the content is registered already, the file becomes a further location of it.

    \b
    provlog store register /data/dl3/*.fits.gz
    """
    from provlog.store.store import Store

    with Store(url) as opened:
        _show(opened.register(*files), as_json)


@click.command()
@click.argument("files", nargs=-1, type=click.Path())
@url_option
@json_option
def verify(files: tuple[str, ...], url: str, as_json: bool) -> None:
    """Check whether registered files still exist and have the same content.

    Without FILES, all are checked.

    \b
    provlog store verify

    Exit codes: 0 all are present, 1 some are missing or changed.
    """
    from provlog.store.registry import PRESENT
    from provlog.store.store import Store

    with Store(url, create=False) as opened:
        found = opened.verify(*files)
    _show(found, as_json)
    if any(file.state != PRESENT for file in found) or (files and len(found) < len(set(files))):
        raise click.exceptions.Exit(PROBLEMS)


def _show(found: list[Registered], as_json: bool) -> None:
    if as_json:
        from msgspec.structs import asdict

        print_json([asdict(file) for file in found])
        return
    for file in found:
        entities = ", ".join(file.entities) or "not in the provenance"
        print_text(printable(f"{file.state:8}  {file.location}  {entities}"))


@click.command()
@url_option
def upgrade(url: str) -> None:
    """Upgrade a store that an older provlog made.

    The upgrade is one transaction. Make a backup first.

    \b
    provlog store upgrade --store prov.db
    """
    from provlog.store.database.migrating import upgrade_store

    before, after = upgrade_store(url)
    if before == after:
        print_message(f"provlog: the store has version {after} already")
    else:
        print_message(f"provlog: upgraded the store from version {before} to {after}")
