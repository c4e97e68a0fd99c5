"""``provlog formats``."""

from __future__ import annotations

from collections.abc import Iterable

import click

from provlog.cli.messages import print_table, print_text
from provlog.readers import READERS, Reader
from provlog.writers import FORMATS, Format

__all__ = ["formats"]


@click.command()
def formats() -> None:
    """List the sources that provlog reads and the formats that it writes.

    Commands detect the kind of a source; --from NAME overrides it. The suffix of an
    output determines its format; -f NAME overrides it.

    \b
    provlog formats
    """
    _list("SOURCE", READERS.values())
    print_text()
    _list("FORMAT", FORMATS.values())


def _list(title: str, kinds: Iterable[Reader | Format]) -> None:
    rows = [("NAME", "SUFFIXES", title, "MEDIA TYPE", "NEEDS")]
    for kind in kinds:
        needs = f"provlog[{kind.extra}]" if kind.extra else ""
        rows.append((kind.name, " ".join(kind.suffixes), kind.title, kind.media_type, needs))
    print_table(rows)
