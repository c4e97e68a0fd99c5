"""Run a program that is not a Python script, and record what it reads and writes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from provlog.capture.process.environment import PARENT
from provlog.redaction import without_secrets
from provlog.run.program import NoProgramError

if TYPE_CHECKING:
    from provlog.capture.capture import Capture

__all__ = ["executable", "run_command"]

_SIGNALED = 128
_PYTHON_SUFFIXES = (".py", ".pyw", ".pyz")
_FORWARDED = ("SIGINT", "SIGTERM", "SIGHUP")


def executable(program: str) -> str | None:
    """Return the path of a program that is not a Python script; ``None`` for any other name."""
    found = shutil.which(program)
    if found is None or found.endswith(_PYTHON_SUFFIXES):
        return None
    with suppress(OSError), open(found, "rb") as stream:
        first = stream.readline(200)
        if first.startswith(b"#!") and b"python" in first and os.path.exists(program):
            return None
    return os.path.abspath(found)


def run_command(capture: Capture, program: str, arguments: Sequence[str]) -> int:
    """Run a program as an activity; return its exit status, as a shell does.

    The files that its arguments name, the working directory and the folders that its
    arguments name show what it read and wrote.

    Parameters
    ----------
    capture : Capture
        Records the activity.
    program : str
        The path or the name of the program.
    arguments : sequence of str
        Its arguments.

    Raises
    ------
    NoProgramError
        If the program does not exist or cannot be started.
    """
    path = executable(program)
    if path is None:
        raise NoProgramError(f"{program}: not found, or not a program")
    # The session is that of the program, not of provlog.
    sys.argv = command = [program, *arguments]
    parameters = {"arguments": without_secrets(command)[1:]} if arguments else None
    with capture.program(os.path.basename(path), parameters) as block:
        block.describe({"type": "Program", "working_directory": os.getcwd()})
        block.used(path, role="program")
        # A program that records itself is a part of this activity.
        environment = {**os.environ, PARENT: block.id} if block.id else None
        with _forwarded_signals() as take:
            try:
                process = subprocess.Popen(command, executable=path, env=environment)  # noqa: S603
            except OSError as error:
                message = f"{program}: cannot run it: {error.strerror or error}"
                raise NoProgramError(message) from error
            take(process)
            code = process.wait()
        status = code if code >= 0 else _SIGNALED - code
        block.describe({"exit_status": status, **({"status": "failed"} if status else {})})
    return status


@contextmanager
def _forwarded_signals() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Forward signals to a program; a terminal sends it interruptions itself.

    Yields a function that takes the program once it has started. Earlier signals wait for it.
    """
    processes: list[subprocess.Popen[bytes]] = []
    received: list[int] = []

    def forward(number: int, _: object) -> None:
        if number == signal.SIGINT:
            return
        if processes:
            processes[0].send_signal(number)
        else:
            received.append(number)

    def take(process: subprocess.Popen[bytes]) -> None:
        processes.append(process)
        for number in received:
            process.send_signal(number)

    before: dict[int, Any] = {}
    # Only the main thread of a process may set a handler.
    with suppress(ValueError):
        for name in _FORWARDED:
            if number := getattr(signal, name, None):
                before[number] = signal.signal(number, forward)
    try:
        yield take
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
