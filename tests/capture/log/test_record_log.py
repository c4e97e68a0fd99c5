"""The log of a capture beside other users of ``logging``."""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import provlog.capture.log.buffer
from provlog.capture import Capture
from provlog.capture.log import record_log
from provlog.capture.log.file_handler import LogFileHandler
from provlog.capture.log.record_log import RecordLog, Records
from tests.capture.reading import Keeping, activities

LOGGER = logging.getLogger("provlog.capture")
Make = Callable[..., Capture]


def labels(path: Path) -> list[str]:
    import provlog

    return [one.label for one in provlog.read(path).activities.values() if one.session]


@pytest.fixture
def kept() -> Iterator[list[logging.LogRecord]]:
    """Return the records that reach the handlers of the user."""
    handler = Keeping()
    root = logging.getLogger()
    root.addHandler(handler)
    level = root.level
    # Not by assignment: loggers remember which levels are enabled until setLevel is called.
    root.setLevel(logging.INFO)
    yield handler.records
    root.removeHandler(handler)
    root.setLevel(level)


def work() -> int:
    return 1


def test_a_log_of_one_capture_does_not_silence_another(
    make: Make, log: Path, kept: list[logging.LogRecord]
) -> None:
    filed, other = make(), Capture()
    filed.trace(work, "filed")()
    assert kept == []
    other.trace(work, "other")()
    assert len(kept) == len(list(other._log.lines()))
    assert labels(log) == ["filed"]


def test_closing_a_capture_restores_the_logger(make: Make) -> None:
    before = LOGGER.propagate, LOGGER.level, list(LOGGER.handlers)
    one, other = make(), make()
    one.close()
    other.trace(work)()
    other.close()
    assert (LOGGER.propagate, LOGGER.level, LOGGER.handlers) == before


def test_two_captures_write_to_separate_logs(make: Make, tmp_path: Path) -> None:
    one = make()
    other = Capture(log=tmp_path / "other.log")
    one.trace(work, "one")()
    other.trace(work, "other")()
    other.close()
    one.trace(work, "again")()
    assert labels(tmp_path / "run.log") == ["one", "again"]
    assert labels(tmp_path / "other.log") == ["other"]


@pytest.mark.parametrize("level", [logging.WARNING, logging.INFO])
def test_the_level_of_the_logger_belongs_to_the_user(make: Make, log: Path, level: int) -> None:
    capture = make()
    before = LOGGER.level
    LOGGER.setLevel(level)
    try:
        capture.trace(work)()
    finally:
        LOGGER.setLevel(before)
    assert bool(log.read_text()) == (level == logging.INFO)


def test_the_level_of_the_root_logger_does_not_count(make: Make, log: Path) -> None:
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.CRITICAL)
    try:
        make().trace(work)()
    finally:
        root.setLevel(before)
    assert labels(log) == ["work"]


def test_the_log_continues_without_room_for_the_buffer(
    make: Make, log: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*args: Any, **kwargs: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(provlog.capture.log.buffer, "_MAX_BYTES", 1000)
    monkeypatch.setattr(provlog.capture.log.buffer, "_temporary_file", full)
    traced = make().trace(work)
    for _ in range(20):
        assert traced() == 1
    assert labels(log) == ["work"] * 20
    assert caplog.text.count("No space left") == 1


def test_the_program_chooses_the_temporary_folder(
    capture: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provlog.capture.log.buffer, "_MAX_BYTES", 1000)
    monkeypatch.setattr(tempfile, "tempdir", None)
    traced = capture.trace(work)
    for _ in range(20):
        traced()
    assert capture._log._buffer._file is not None
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert tempfile.gettempdir() == str(tmp_path)


def test_the_buffer_is_complete_while_other_threads_write(
    capture: Capture, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provlog.capture.log.buffer, "_MAX_BYTES", 5000)
    traced = capture.trace(work)

    def works() -> None:
        for _ in range(300):
            traced()

    threads = [threading.Thread(target=works) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        capture.graph()
    for thread in threads:
        thread.join()
    assert len(activities(capture.graph(), "work")) == 900
    assert sorted(capture._log.lines()) == sorted(log.read_text().splitlines(True))


def test_calls_during_a_read_of_the_buffer_do_not_block(
    capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provlog.capture.log.buffer, "_MAX_BYTES", 500)
    traced = capture.trace(work)
    for _ in range(5):
        traced()
    buffer = capture._log._buffer
    file = buffer._file
    assert file is not None
    stored = file

    class Calling:
        """A file that calls a traced function, as a finalizer might during a read."""

        def seek(self, *place: int) -> None:
            stored.seek(*place)

        def read(self) -> bytes:
            for _ in range(5):
                traced()
            return stored.read()

    monkeypatch.setattr(buffer, "_file", Calling())
    capture._log.lines()
    monkeypatch.setattr(buffer, "_file", file)
    assert len(activities(capture.graph(), "work")) == 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_fork_leaves_the_buffer_of_its_parent_alone(
    capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provlog.capture.log.buffer, "_MAX_BYTES", 1000)
    traced = capture.trace(work)
    for _ in range(30):
        traced()
    child = os.fork()
    if not child:
        traced()
        os._exit(0)
    os.waitpid(child, 0)
    for _ in range(30):
        traced()
    lines = list(capture._log.lines())
    assert len(lines) == len(set(lines))
    assert len(activities(capture.graph(), "work")) == 60


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_log_records_of_a_fork_name_its_process(tmp_path: Path) -> None:
    path = tmp_path / "formatted.log"
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("%(process)d %(threadName)s %(message)s"))
    capture = Capture()
    LOGGER.addHandler(handler)
    level = LOGGER.level
    LOGGER.setLevel(logging.INFO)
    try:
        traced = capture.trace(work)
        traced()
        child = os.fork()
        if not child:
            traced()
            os._exit(0)
        os.waitpid(child, 0)
        named = threading.Thread(target=traced, name="first name")
        named.start()
        named.join()
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(level)
        handler.close()
    processes = {line.split(" ", 1)[0] for line in path.read_text().splitlines()}
    assert processes == {str(os.getpid()), str(child)}
    assert " first name _PROV_" in path.read_text()


def test_a_disabled_capture_does_not_open_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVLOG_CAPTURE", "0")
    path = tmp_path / "absent" / "run.log"
    capture = Capture(log=path)
    assert capture.trace(work)() == 1
    path.parent.mkdir()
    capture.enabled = True
    assert capture.trace(work)() == 1
    capture.close()
    assert labels(path) == ["work"]


def test_the_buffer_has_the_order_of_the_log(
    capture: Capture, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provlog.capture.log.buffer, "_MAX_BYTES", 1500)
    for number in range(40):
        capture.trace(work, f"work {number}")()
        assert list(capture._log.lines()) == log.read_text().splitlines(True)
    found = [one.label for one in capture.graph().activities.values() if one.session]
    assert found == [f"work {number}" for number in range(40)]


def test_records_behind_a_position_come_in_blocks_of_whole_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_log, "_BLOCK", 100)
    log = RecordLog(LogFileHandler(tmp_path / "run.log"))
    (tmp_path / "run.log").write_bytes(b"an earlier run\n")
    begun = log.position()
    for number in range(20):
        records = Records(0, "")
        records.lines = [f"{number} {'x' * 7 * number}\n"]
        log.write(records)

    blocks = [*log.since(begun)]

    assert len(blocks) > 3
    assert all(block.endswith(b"\n") for block in blocks)
    assert b"an earlier run\n" + b"".join(blocks) == (tmp_path / "run.log").read_bytes()
    log.close()


def test_without_a_file_the_records_are_those_of_this_process() -> None:
    log = RecordLog()
    records = Records(0, "")
    records.lines = ["one\n", "two\n"]
    log.write(records)
    assert (log.position(), [*log.since(0)]) == (0, [b"one\ntwo\n"])
