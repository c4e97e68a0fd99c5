"""``provlog store add``, ``remove`` and ``info``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from provlog.cli.logs import (
    PROBLEMS,
    declared,
    definitions_option,
    namespace_option,
    reader_option,
)
from provlog.cli.messages import print_message, print_text, progress_bar, show_diagnostics

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["add", "info", "remove", "url_option"]

_DEFAULT = "provlog.db"


def url_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--store``; the command receives a ``url``."""
    return click.option(
        "--store",
        "url",
        metavar="FILE|URL",
        default=_DEFAULT,
        show_default=True,
        help="File of SQLite, or postgresql://HOST/DATABASE.",
    )(command)


@click.command()
@click.argument("logs", nargs=-1, required=True, type=click.Path())
@url_option
@namespace_option
@reader_option
@definitions_option
@click.option("--force", is_flag=True, help="Read unchanged logs, too.")
def add(
    logs: tuple[str, ...],
    url: str,
    namespaces: tuple[str, ...],
    reader: str | None,
    definitions: str | None,
    force: bool,
) -> None:
    """Add LOGS to a store, which is made if there is none.

    An unchanged log is passed over, and a log with another content replaces what the
    store has of it. Each log is added whole or not at all.

    \b
    provlog store add night/*.log
    provlog store add --store postgresql://host/prov night/*.log
    """
    from provlog.store.store import Store

    with Store(url) as opened, progress_bar(logs) as progress:
        for path in logs:
            [added] = opened.add(
                path,
                namespaces=declared(namespaces),
                reader=reader,
                definitions=definitions,
                force=force,
                progress=progress,
            )
            show_diagnostics(added.diagnostics)
            print_message(f"provlog: {added.name}: {added.status}")


@click.command()
@click.argument("logs", nargs=-1, required=True, type=click.Path())
@url_option
def remove(logs: tuple[str, ...], url: str) -> None:
    """Remove LOGS from a store, with all that no other log states.

    \b
    provlog store remove night/run1.log

    Exit codes: 0 all were removed, 1 one was not in the store.
    """
    from provlog.store.store import Store

    with Store(url, create=False) as opened:
        missing = opened.remove(*logs)
        for name in missing:
            print_message(f"provlog: {name}: is not in the store {opened.name}")
    if missing:
        raise click.exceptions.Exit(PROBLEMS)


@click.command()
@url_option
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def info(url: str, as_json: bool) -> None:
    """List the logs in a store.

    \b
    provlog store info
    provlog store info --store postgresql://host/prov --json
    """
    from provlog.store.store import Store

    with Store(url, create=False) as opened:
        logs = opened.logs()
    if as_json:
        rows = [{name: getattr(log, name) for name in log.__struct_fields__} for log in logs]
        print_text(json.dumps(rows, indent=1))
        return
    for log in logs:
        print_text(f"{log.added}  {log.name}")
