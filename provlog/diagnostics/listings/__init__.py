"""Write diagnostics: one module for each format, found through :data:`LISTINGS`.

A listing is a function from ordered diagnostics to pieces of text. To add a format,
write its module and its line in the table.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provlog.diagnostics.diagnostic import Diagnostic

__all__ = ["LISTINGS", "listing"]

LISTINGS: dict[str, tuple[str, str]] = {
    "text": ("provlog.diagnostics.listings.plaintext", "write_text"),
    "json": ("provlog.diagnostics.listings.jsonlist", "write_json"),
    "github": ("provlog.diagnostics.listings.github", "write_github"),
    "sarif": ("provlog.diagnostics.listings.sarif", "write_sarif"),
}
"""All formats by name, each with its module, imported at first use, and its function."""


def listing(diagnostics: Sequence[Diagnostic], format: str) -> Iterator[str]:
    """Yield diagnostics in a format, in pieces of text.

    Parameters
    ----------
    diagnostics : sequence of Diagnostic
        The diagnostics, in their order.
    format : str
        A key of :data:`LISTINGS`.
    """
    module, function = LISTINGS[format]
    write: Callable[[Sequence[Diagnostic]], Iterator[str]]
    write = getattr(importlib.import_module(module), function)
    return write(diagnostics)
