"""``provlog formats``."""

from __future__ import annotations

import click

from provlog.writers import FORMATS

__all__ = ["formats"]


@click.command()
def formats() -> None:
    """List the formats that can be written.

    \b
    provlog formats
    """
    rows = [("NAME", "SUFFIXES", "FORMAT", "MEDIA TYPE", "NEEDS")]
    for format in FORMATS.values():
        needs = f"provlog[{format.extra}]" if format.extra else ""
        rows.append(
            (format.name, " ".join(format.suffixes), format.title, format.media_type, needs)
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
