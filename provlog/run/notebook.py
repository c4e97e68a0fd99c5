"""Execute a notebook and record its cells as activities."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from provlog.capture.ipython import OWN_CODE
from provlog.errors import MissingExtraError, ProvlogError
from provlog.files.replace import replacing
from provlog.run.program import NoProgramError

if TYPE_CHECKING:
    from provlog.run.script import Run

__all__ = ["CellFailedError", "run_notebook"]

_KERNEL = "python3"
_START = f"{OWN_CODE} start; start(*{{fields!r}})"
_FINISH = f"{OWN_CODE} finish; finish({{has_failed}})"


class CellFailedError(ProvlogError):
    """A cell has raised an exception; the message is its traceback."""

    exit_code = 1


def run_notebook(run: Run, output: str | None = None) -> None:
    """Execute a notebook in its folder, in the kernel that it names.

    Parameters
    ----------
    run : Run
        The run; its program is the path of the notebook.
    output : str, optional
        The path for the executed notebook.

    Raises
    ------
    MissingExtraError
        If nbclient is not installed.
    NoProgramError
        If the notebook cannot be read, or its kernel cannot be started.
    CellFailedError
        If a cell raises an exception.
    OutputError
        If the executed notebook cannot be written.
    """
    try:
        import nbclient
        import nbformat
        from jupyter_client.kernelspec import NoSuchKernel
    except ImportError as error:
        raise MissingExtraError("running a notebook", "notebook") from error
    try:
        notebook = nbformat.read(run.program, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise NoProgramError(f"{run.program}: cannot read it: {error}") from error
    name = notebook.metadata.get("kernelspec", {}).get("name", _KERNEL)
    folder = os.path.dirname(os.path.abspath(run.program))
    client = nbclient.NotebookClient(
        notebook, timeout=None, kernel_name=name, resources={"metadata": {"path": folder}}
    )
    try:
        with client.setup_kernel():
            _execute(client, _START.format(fields=_absolute(run)))
            _execute_cells(client)
    except NoSuchKernel as error:
        raise NoProgramError(f"{run.program}: there is no kernel {name}") from error
    except nbclient.exceptions.CellExecutionError as error:
        raise CellFailedError(str(error)) from error
    except nbclient.exceptions.DeadKernelError as error:
        raise CellFailedError(f"{run.program}: the kernel {name} died") from error
    finally:
        if output is not None:
            with replacing(output) as stream:
                stream.write(nbformat.writes(notebook).encode())  # type: ignore[no-untyped-call]


def _execute_cells(client: Any) -> None:
    has_failed = True
    try:
        for index, cell in enumerate(client.nb.cells):
            client.execute_cell(cell, index)
        has_failed = False
    finally:
        _execute(client, _FINISH.format(has_failed=has_failed))


def _execute(client: Any, code: str) -> None:
    """Execute code that is not a part of the notebook."""
    from nbformat.v4 import new_code_cell

    cell = new_code_cell(code)  # type: ignore[no-untyped-call]
    # nbclient takes no other cells.
    client.nb.cells.append(cell)
    try:
        client.execute_cell(cell, len(client.nb.cells) - 1, store_history=False)
    finally:
        client.nb.cells.pop()


def _absolute(run: Run) -> tuple[Any, ...]:
    """Return the fields of a run for the kernel, which works in another folder."""
    from provlog.run.automatic import STEPS

    # The cells are the steps.
    targets = tuple(target for target in run.targets if target != STEPS)
    return tuple(run.with_absolute_paths()._replace(targets=targets))
