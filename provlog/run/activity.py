"""Record the run of a program as an activity: script, arguments, commit, exit status, packages."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from provlog.capture.process.distributions import imported_distributions
from provlog.capture.process.git import git_state
from provlog.redaction import without_secrets

if TYPE_CHECKING:
    from provlog.capture.capture import Capture

__all__ = ["exit_status", "program_activity"]

_FAILED = 1
_INTERRUPTED = 130
# The name of code and of standard input is that of the session.
_WITHOUT_FILE = {"<string>": "-c", "<stdin>": "-"}


@contextmanager
def program_activity(capture: Capture, file: str) -> Iterator[None]:
    """Record a ``with`` block as the run of a program, whose arguments are in ``sys.argv``.

    Parameters
    ----------
    capture : Capture
        Records the activity.
    file : str
        The path of the script, or of the ``__main__`` module in a folder or an archive.
    """
    if not capture.enabled:
        yield
        return
    script = _existing(file)
    arguments = without_secrets(sys.argv)[1:]
    # Before the activity, which would otherwise start git.
    commit = git_state(os.path.dirname(script))
    with capture.program(_name(file), {"arguments": arguments} if arguments else None) as block:
        block.describe({"type": "Program", "working_directory": _folder(), **commit})
        if os.path.isfile(script):
            block.used(script, role="script")
        status = 0
        try:
            yield
        except BaseException as error:
            status = exit_status(error)
            raise
        finally:
            # A step of the recording: the program did not open the files that this reads.
            packages = capture.recorder.guard.run(block.id, imported_distributions)
            block.describe({"exit_status": status, "packages": packages or {}})


def exit_status(error: BaseException) -> int:
    """Return the exit status of a program that ends with an exception.

    Examples
    --------
    >>> [exit_status(error) for error in (SystemExit(), SystemExit(3), ValueError("x"))]
    [0, 3, 1]
    """
    if isinstance(error, SystemExit):
        code = error.code
        return code & 0xFF if isinstance(code, int) else _FAILED if code else 0
    return _INTERRUPTED if isinstance(error, KeyboardInterrupt) else _FAILED


def _name(file: str) -> str:
    if file in _WITHOUT_FILE:
        return _WITHOUT_FILE[file]
    folder, name = os.path.split(file)
    return os.path.basename(folder) if name == "__main__.py" and folder else name


def _existing(path: str) -> str:
    """Return the path of a file, or of the archive that contains it."""
    while not os.path.exists(path) and os.path.dirname(path) not in ("", path):
        path = os.path.dirname(path)
    return os.path.abspath(path)


def _folder() -> Any:
    try:
        return os.getcwd()
    except OSError:
        return None
