"""The log file: whole lines, with several writers, killed writers and a full disk."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provlog.capture.log.file_handler import LogFileHandler
from provlog.errors import OutputError

POSIX = pytest.mark.skipif(os.name == "nt", reason="other files")

# Writes lines with the process and thread that wrote them, and their length.
WRITER = """
import logging, sys, threading
from provlog.capture.log.file_handler import LogFileHandler
path, name, threads, records, most = sys.argv[1], *map(int, sys.argv[2:])
logger = logging.getLogger("provlog.capture")
logger.setLevel("INFO")
logger.propagate = False
logger.addHandler(LogFileHandler(path))
def write(thread):
    for number in range(records):
        logger.info("%s %s %s %s end", name, thread, number, "x" * (number * 997 % most))
workers = [threading.Thread(target=write, args=[thread]) for thread in range(threads)]
print("ready", flush=True)
sys.stdin.readline()
for worker in workers: worker.start()
for worker in workers: worker.join()
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "run.log"


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """Give the logger of the capture, and restore it."""
    found = logging.getLogger("provlog.capture")
    level, handlers = found.level, [*found.handlers]
    found.setLevel("INFO")
    yield found
    found.setLevel(level)
    found.handlers[:] = handlers


def record(message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("x", logging.INFO, "x.py", 1, message, arguments, None)


def started(*arguments: object) -> subprocess.Popen[bytes]:
    """Start a writer, which waits for a signal."""
    command = [sys.executable, "-c", WRITER, *map(str, arguments)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"ready"
    return process


def go(*processes: subprocess.Popen[bytes]) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()


def ended(*processes: subprocess.Popen[bytes]) -> list[int]:
    for process in processes:
        process.communicate()
    return [process.returncode for process in processes]


# Lines


def test_each_record_is_one_line(log: Path, logger: logging.Logger) -> None:
    with closing(LogFileHandler(log)) as handler:
        logger.addHandler(handler)
        logger.info("_PROV_%s_PROV_{'n': %d}", "2026-01-01", 1)
        logger.info("100 %")
    assert log.read_text() == "_PROV_2026-01-01_PROV_{'n': 1}\n100 %\n"


def test_a_formatter_may_add_text(log: Path) -> None:
    with closing(LogFileHandler(log)) as handler:
        handler.setFormatter(logging.Formatter("%(levelname)s [%(name)s] %(message)s"))
        handler.emit(record("a"))
    assert log.read_text() == "INFO [x] a\n"


def test_the_path_is_absolute_and_fixed(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(log.parent)
    with closing(LogFileHandler("run.log")) as handler:
        monkeypatch.chdir("/")
        handler.emit(record("a"))
        assert handler.path == str(log)
    assert log.read_text() == "a\n"


def test_existing_lines_are_kept(log: Path) -> None:
    log.write_text("before\n")
    for line in ("one", "two"):
        with closing(LogFileHandler(log)) as handler:
            handler.emit(record(line))
    assert log.read_text() == "before\none\ntwo\n"


def test_a_record_after_half_a_line_starts_a_new_line(log: Path) -> None:
    log.write_text("before\nhal")
    with closing(LogFileHandler(log)) as handler:
        handler.emit(record("one"))
        handler.emit(record("two"))
    assert log.read_text() == "before\nhal\none\ntwo\n"


def test_an_unused_log_file_is_unchanged(log: Path) -> None:
    log.write_text("hal")
    LogFileHandler(log).close()
    assert log.read_text() == "hal"


@given(texts=st.lists(st.text(st.characters(codec=None)), max_size=5))
def test_any_text_can_be_written(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.log"
    path.unlink(missing_ok=True)
    with closing(LogFileHandler(path)) as handler:
        for text in texts:
            handler.emit(record("%s", text))
    expected = "".join(f"{text}\n" for text in texts).encode("utf-8", "backslashreplace")
    assert path.read_bytes() == expected


def test_lines_of_a_megabyte(log: Path) -> None:
    def write(letter: str) -> None:
        for _ in range(3):
            handler.handle(record("%s", letter * 2**20))

    with closing(LogFileHandler(log)) as handler:
        threads = [threading.Thread(target=write, args=[letter]) for letter in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = log.read_text().splitlines()
    assert Counter(lines) == {letter * 2**20: 3 for letter in "abcd"}


# Several writers


def judge(path: Path, processes: int, threads: int, records: int, most: int) -> None:
    lines = path.read_text().splitlines()
    expected = {
        f"{name} {thread} {number} {'x' * (number * 997 % most)} end"
        for name in range(processes)
        for thread in range(threads)
        for number in range(records)
    }
    assert len(lines) == len(expected)
    assert set(lines) == expected


@pytest.mark.parametrize(
    ("processes", "threads", "records"),
    [(3, 4, 500), pytest.param(8, 8, 10_000, marks=pytest.mark.slow)],
)
def test_lines_of_several_writers_never_mix(
    log: Path, processes: int, threads: int, records: int
) -> None:
    writers = [started(log, name, threads, records, 500) for name in range(processes)]
    go(*writers)
    assert ended(*writers) == [0] * processes
    judge(log, processes, threads, records, 500)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no such processes")
def test_a_forked_process_continues_writing(log: Path) -> None:
    script = (
        "import os, sys, logging; from provlog.capture.log.file_handler import LogFileHandler\n"
        "handler = LogFileHandler(sys.argv[1])\n"
        "children = []\n"
        "for name in range(4):\n"
        "    child = os.fork()\n"
        "    if not child:\n"
        "        for number in range(300):\n"
        "            handler.handle(logging.LogRecord('x', 20, '', 1, f'{name} 0 {number}  end', (), None))\n"
        "        os._exit(0)\n"
        "    children.append(child)\n"
        "sys.exit(sum(os.waitpid(child, 0)[1] for child in children))\n"
    )
    subprocess.run([sys.executable, "-c", script, log], check=True)
    judge(log, 4, 1, 300, 1)


@POSIX
def test_a_killed_writer_leaves_whole_lines(log: Path) -> None:
    writer = started(log, 0, 2, 10**9, 100_000)
    go(writer)
    while not log.exists() or log.stat().st_size < 10**6:
        assert writer.poll() is None
    writer.kill()
    assert ended(writer) == [-signal.SIGKILL]
    *whole, last = log.read_bytes().split(b"\n")
    for line in whole:
        _, _, number, _ = line.split(b" ", 3)
        assert line.endswith(b" end")
        assert line.count(b"x") == int(number) * 997 % 100_000
    log.write_bytes(log.read_bytes() + b"hal")
    with closing(LogFileHandler(log)) as handler:
        handler.emit(record("next"))
    assert log.read_bytes().split(b"\n") == [*whole, last + b"hal", b"next", b""]


# Failures of writing


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("absent/run.log", "the folder {}/absent does not exist"),
        (".", "is a directory"),
        ("file/run.log", "not a directory"),
        ("x" * 300, "file name too long"),
        ("a\0b", "null "),
        ("pipe", "no such device or address"),
    ],
)
@POSIX
def test_a_log_that_cannot_be_opened_is_an_error(tmp_path: Path, place: str, reason: str) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputError) as error:
        LogFileHandler(os.path.join(tmp_path, place))
    text = str(error.value)
    assert text.partition(": cannot be written: ")[2].lower() == reason.format(tmp_path) or (
        reason == "null " and reason in text
    )


def test_a_failed_open_causes_no_error_at_exit(tmp_path: Path) -> None:
    script = (
        "import sys; from provlog.capture.log.file_handler import LogFileHandler\n"
        "try: LogFileHandler(sys.argv[1])\n"
        "except Exception as error: kept = error\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")


@POSIX
def test_a_write_only_file_is_written(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log.write_text("before\n")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    handler = LogFileHandler(log)
    monkeypatch.undo()
    with closing(handler):
        handler.emit(record("one"))
    assert log.read_text() == "before\n\none\n"


@pytest.mark.parametrize("most", [1, 2, 7])
def test_partial_writes_are_completed(
    log: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda place, data: write(place, data[:most]))
    with closing(LogFileHandler(log)) as handler:
        handler.emit(record("a record"))
        handler.emit(record("another one"))
    assert log.read_text() == "a record\nanother one\n"


def test_a_failed_write_loses_one_record_and_warns_once(
    log: Path,
    logger: logging.Logger,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    write = os.write
    # The bytes for which each write has room: none at all, or some and then none.
    rooms = iter([99, 4, 0, 0, 99, 0, 99])

    def limited(place: int, data: bytes) -> int:
        room = next(rooms)
        if not room:
            raise OSError(28, "No space left on device")
        return write(place, data[:room])

    with closing(LogFileHandler(log)) as handler:
        logger.addHandler(handler)
        monkeypatch.setattr(os, "write", limited)
        for number in range(6):
            logger.info("record %d", number)
        monkeypatch.undo()
    assert log.read_text() == "record 0\nreco\nrecord 3\nrecord 5\n"
    (warning,) = [item for item in caplog.records if item.name == "provlog"]
    assert warning.levelname == "WARNING"
    assert (
        warning.getMessage()
        == f"provlog: {log}: provenance records are lost: No space left on device"
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_without_logging_the_warning_is_on_standard_error() -> None:
    script = (
        "import logging; from provlog.capture.log.file_handler import LogFileHandler\n"
        "logger = logging.getLogger('provlog.capture')\n"
        "logger.addHandler(LogFileHandler('/dev/full'))\n"
        "for number in range(3): logger.warning('record')\n"
        "print('done')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "done\n"
    assert (
        done.stderr == "provlog: /dev/full: provenance records are lost: No space left on device\n"
    )


def test_a_failure_of_the_warning_is_ignored(log: Path) -> None:
    asked: list[str] = []

    def fail(item: logging.LogRecord) -> bool:
        asked.append(item.getMessage())
        raise ZeroDivisionError

    parent = logging.getLogger("provlog")
    parent.addFilter(fail)
    try:
        with closing(LogFileHandler(log)) as handler:
            handler.emit(record("%d", "no number"))
            handler.emit(record("next"))
    finally:
        parent.removeFilter(fail)
    assert len(asked) == 1
    assert log.read_text() == "next\n"


def test_the_failing_handler_may_receive_the_warning(log: Path) -> None:
    parent = logging.getLogger("provlog")
    with closing(LogFileHandler(log)) as handler:
        parent.addHandler(handler)
        handler.emit(record("%d", "no number"))
        parent.removeHandler(handler)
    (line,) = log.read_text().splitlines()
    assert line.startswith(f"provlog: {log}: provenance records are lost: TypeError: ")


def test_an_unformattable_record_is_lost_alone(log: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Hostile:
        def __str__(self) -> str:
            raise RecursionError("too deep")

    with closing(LogFileHandler(log)) as handler:
        handler.emit(record("%s", Hostile()))
        handler.emit(record("%d", "no number"))
        handler.emit(record("next"))
    assert log.read_text() == "next\n"
    assert [item.getMessage() for item in caplog.records] == [
        f"provlog: {log}: provenance records are lost: RecursionError: too deep"
    ]


def test_a_record_after_close_reopens_the_file(log: Path, tmp_path: Path) -> None:
    handler = LogFileHandler(log)
    number = handler._descriptor
    handler.close()
    handler.close()
    # A file of the program may have the former descriptor of the log.
    other = os.dup2(os.open(tmp_path / "other", os.O_RDWR | os.O_CREAT), number)
    handler.emit(record("late"))
    handler.close()
    os.close(other)
    assert (tmp_path / "other").read_text() == ""
    assert log.read_text() == "late\n"


def test_a_full_disk_only_loses_records(tmp_path: Path) -> None:
    """Use a file system of 64 kB in a separate mount namespace."""
    mount = f"mount -t tmpfs -o size=64k none {tmp_path}"
    unshare = shutil.which("unshare")
    if (
        unshare is None
        or subprocess.run(
            [unshare, "-m", "sh", "-c", mount], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no file system may be mounted")
    script = f"""
import logging, os
from provlog.capture.log.file_handler import LogFileHandler
logger = logging.getLogger("provlog.capture")
logger.setLevel("INFO")
with open("{tmp_path}/other", "wb") as other: other.write(bytes(40000))
logger.addHandler(LogFileHandler("{tmp_path}/run.log"))
for number in range(60): logger.info("%d %s end", number, "x" * 700)
os.remove("{tmp_path}/other")
for number in range(60, 80): logger.info("%d %s end", number, "x" * 700)
print(open("{tmp_path}/run.log").read(), end="")
"""
    command = f"{mount} && exec {sys.executable} -c '{script}'"
    done = subprocess.run(
        [unshare, "-m", "sh", "-c", command], capture_output=True, text=True, check=True
    )
    assert done.stderr == (
        f"provlog: {tmp_path}/run.log: provenance records are lost: No space left on device\n"
    )
    lines = [line for line in done.stdout.splitlines() if line]
    whole = [int(line.split()[0]) for line in lines if line.endswith(" end")]
    assert len(lines) - len(whole) <= 1
    assert whole == [*range(whole.index(60)), *range(60, 80)]
    assert 10 < whole.index(60) < 60


@pytest.mark.skipif(os.name != "posix", reason="files have no numbers")
def test_a_program_that_closes_all_descriptors_gets_no_records_in_its_files(tmp_path: Path) -> None:
    """A daemon closes all descriptors, and the next file gets the lowest free number."""
    script = """if True:
        import os, sys
        from provlog.capture import Capture

        capture = Capture(log="run.log")
        step = capture.trace(lambda n: [n], "step")
        step(1)
        os.closerange(3, 4096)
        with open("result.csv", "w") as out:
            print("a,b", file=out, flush=True)
            step(2)
            print("1,2", file=out)
        assert out.closed
    """
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)
    assert (tmp_path / "result.csv").read_text() == "a,b\n1,2\n"
    assert (tmp_path / "run.log").read_text().count("'endTime'") == 2


@pytest.mark.skipif(os.name != "posix", reason="files have no numbers")
def test_the_log_never_replaces_standard_output(tmp_path: Path) -> None:
    script = (
        "import os; from provlog.capture import Capture; Capture(log='run.log'); os.write(1, b'x')"
    )
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -c "{script}" >&-', sys.executable],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Bad file descriptor" in done.stderr
    assert (tmp_path / "run.log").read_text() == ""
