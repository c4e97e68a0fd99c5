"""The log that the compiled recording writes to."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from provlog.capture import Capture
from provlog.capture.calls import recording

pytestmark = [
    pytest.mark.skipif(recording._compiled() is None, reason="the compiled modules are not built"),
    pytest.mark.skipif(os.name == "nt", reason="other files"),
]


def scale(x: float) -> float:
    return x * 1.5


def test_a_pipe_that_a_thread_of_the_program_reads(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(reading, True)
    found: list[bytes] = []

    def drain() -> None:
        while block := os.read(reading, 4096):
            found.append(block)

    reader = threading.Thread(target=drain)
    capture = Capture(log=pipe)
    reader.start()
    traced = capture.trace(scale)
    # More than a pipe holds: a writer that let no other thread run would wait forever.
    for number in range(1000):
        traced(number / 2)
    capture.close()
    reader.join()
    os.close(reading)
    assert b"".join(found).count(b"'endTime'") == 1000


def test_a_log_that_the_program_closes(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    capture = Capture(log=log)
    traced = capture.trace(scale)
    traced(1.5)
    handler = capture.recorder._log._handler
    assert handler is not None
    os.close(handler._descriptor)
    traced(2.5)
    capture.close()
    assert log.read_text().count("'endTime'") == 2
