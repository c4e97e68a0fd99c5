"""The command line: options in, one call of the library, documents and diagnostics out.

Modules of the library are imported by the commands when they run, so that
``provlog --help`` does not wait for them.
"""

from __future__ import annotations

from provlog.cli.main import main

__all__ = ["main"]
