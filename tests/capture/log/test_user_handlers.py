"""Handlers, filters and levels of the user beside the log file of a capture."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.capture import Capture
from provlog.capture.log.file_handler import LogFileHandler
from tests.capture.reading import Keeping, activities, payloads

LOGGER = logging.getLogger("provlog.capture")


@pytest.fixture
def keeping() -> Iterator[Keeping]:
    handler = Keeping()
    LOGGER.addHandler(handler)
    yield handler
    LOGGER.removeHandler(handler)


@pytest.fixture
def traced(capture: Capture) -> Callable[[], int]:
    return capture.trace(lambda: 7, "seven")


def file_handler(log: Path) -> logging.Handler:
    """Return the handler of the log file, as a user would find it."""
    [found] = [
        one for one in LOGGER.handlers if isinstance(one, LogFileHandler) and one.path == str(log)
    ]
    return found


def test_handlers_receive_all_records(
    traced: Callable[[], int], log: Path, keeping: Keeping
) -> None:
    traced()
    records = keeping.records
    assert [record.getMessage() for record in records] == log.read_text().splitlines()
    assert {record.name for record in records} == {"provlog.capture"}
    assert {(record.levelno, record.levelname) for record in records} == {(logging.INFO, "INFO")}


def test_a_record_has_the_time_at_which_it_was_made(
    traced: Callable[[], int], keeping: Keeping
) -> None:
    traced()
    time.sleep(0.1)
    traced()
    ordinary = logging.LogRecord("other", logging.INFO, __file__, 1, "", None, None)
    for record in keeping.records:
        written = datetime.fromisoformat(record.getMessage().split("_PROV_")[1])
        assert record.created == pytest.approx(written.timestamp(), abs=1e-5)
        assert record.msecs == pytest.approx(record.created % 1 * 1000, abs=1e-3)
        assert ordinary.relativeCreated - record.relativeCreated == pytest.approx(
            (ordinary.created - record.created) * 1000, abs=1
        )
        shown = logging.Formatter("%(asctime)s").format(record)
        assert shown[:19] == written.strftime("%Y-%m-%d %H:%M:%S")
    first, *_, last = keeping.records
    assert last.created - first.created >= 0.1


def test_the_level_of_a_handler_counts(
    traced: Callable[[], int], log: Path, keeping: Keeping
) -> None:
    keeping.setLevel(logging.WARNING)
    traced()
    assert keeping.records == []
    assert len(activities(provlog.read(log), "seven")) == 1


def test_the_log_record_factory_of_the_program_is_used(
    traced: Callable[[], int], log: Path, keeping: Keeping, tmp_path: Path
) -> None:
    other = Capture(log=tmp_path / "other.log")
    before = logging.getLogRecordFactory()

    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = before(*args, **kwargs)
        record.job = 17
        return record

    logging.setLogRecordFactory(factory)
    try:
        traced()
    finally:
        logging.setLogRecordFactory(before)
        other.close()
    assert [vars(record)["job"] for record in keeping.records] == [17] * len(payloads(log))
    assert {record.levelno for record in keeping.records} == {logging.INFO}
    assert (tmp_path / "other.log").read_text() == ""


def test_the_log_file_may_have_a_formatter(traced: Callable[[], int], log: Path) -> None:
    file_handler(log).setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
    traced()
    lines = log.read_text().splitlines()
    assert lines != []
    assert all(line.startswith("INFO:provlog.capture:_PROV_") for line in lines)
    assert len(activities(provlog.read(log), "seven")) == 1


def test_the_log_file_may_have_a_level(traced: Callable[[], int], log: Path) -> None:
    file_handler(log).setLevel(logging.WARNING)
    traced()
    assert log.read_text() == ""


def begins(record: logging.LogRecord) -> bool:
    return "endTime" not in record.getMessage()


def test_the_log_file_may_have_a_filter(
    traced: Callable[[], int], log: Path, keeping: Keeping
) -> None:
    file_handler(log).addFilter(begins)
    traced()
    [one] = activities(provlog.read(log), "seven")
    assert one.end is None
    assert not all(map(begins, keeping.records))


def test_a_filter_of_the_log_file_does_not_affect_other_handlers(
    traced: Callable[[], int], log: Path
) -> None:
    file_handler(log).addFilter(begins)
    traced()
    [one] = activities(provlog.read(log), "seven")
    assert one.end is None


@pytest.mark.parametrize("is_beside", [True, False])
def test_the_logger_may_have_a_filter(
    traced: Callable[[], int], log: Path, keeping: Keeping, is_beside: bool
) -> None:
    if not is_beside:
        LOGGER.removeHandler(keeping)
    LOGGER.addFilter(begins)
    try:
        traced()
    finally:
        LOGGER.removeFilter(begins)
    [one] = activities(provlog.read(log), "seven")
    assert one.end is None
    assert all(map(begins, keeping.records))


@pytest.mark.parametrize("is_beside", [True, False])
def test_the_logger_may_have_a_level(
    traced: Callable[[], int], log: Path, keeping: Keeping, is_beside: bool
) -> None:
    if not is_beside:
        LOGGER.removeHandler(keeping)
    before = LOGGER.level
    LOGGER.setLevel(logging.WARNING)
    try:
        traced()
    finally:
        LOGGER.setLevel(before)
    assert log.read_text() == ""
    assert keeping.records == []
