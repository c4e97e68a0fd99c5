"""A progress bar for inputs that take a while."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

__all__ = ["progress_bar"]

_PATIENCE = 1.0


@contextmanager
def progress_bar(paths: Sequence[str]) -> Iterator[Callable[[str, int], None] | None]:
    """Yield what shows progress through logs on standard error, ``None`` if that is no terminal.

    The bar appears after a second, if all sizes are known.
    """
    sizes = [os.path.getsize(path) for path in paths if os.path.isfile(path)]
    if not sys.stderr.isatty() or len(sizes) < len(paths):
        yield None
        return
    begun = time.monotonic()
    done: dict[str, int] = {}
    bar: Any = None

    def show(path: str, size: int) -> None:
        nonlocal bar
        done[path] = size
        if bar is None:
            if time.monotonic() - begun < _PATIENCE:
                return
            bar = click.progressbar(length=sum(sizes), label="reading", file=sys.stderr)
            bar.__enter__()
        bar.update(sum(done.values()) - bar.pos)

    try:
        yield show
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)
