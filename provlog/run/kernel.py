"""The recording inside the kernel of a notebook that ``provlog run`` executes."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from provlog.capture.ipython import Cells
from provlog.capture.records.activity import current
from provlog.run.activity import program_activity
from provlog.run.script import Run

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["finish", "start"]

_programs: list[AbstractContextManager[None]] = []


class _CellError(Exception):
    """A cell has raised an exception."""


def start(*fields: Any) -> None:
    """Start the activity of the notebook, which contains an activity for each cell.

    Parameters
    ----------
    *fields
        The fields of the `Run`.
    """
    from IPython import get_ipython

    run = Run(*fields)
    tracer = run.prepared()
    # All targets are in modules: cells are activities themselves.
    tracer.read("")
    sys.argv = [run.program]
    program = program_activity(tracer.capture, run.program)
    program.__enter__()
    _programs.append(program)
    Cells(get_ipython(), tracer.capture, current.get())


def finish(has_failed: bool) -> None:
    """End the activity of the notebook."""
    error = _CellError() if has_failed else None
    for program in _programs:
        with suppress(_CellError):
            program.__exit__(None if error is None else _CellError, error, None)
    _programs.clear()
