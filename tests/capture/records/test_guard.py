"""Failures of the recording cause one warning and do not reach the program."""

from __future__ import annotations

import logging
import logging.config
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import provlog
from provlog.capture import Capture
from provlog.capture.log.record_log import LOGGER
from provlog.model.graph import ProvGraph
from provlog.objects.signals import is_from_signal
from tests.capture.fixtures import Make
from tests.capture.reading import activities, activity, parameters, written
from tests.test_layout import ROOT

Graph = Callable[[], ProvGraph]


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return the warnings of the logger ``provlog``."""
    return lambda: [item.getMessage() for item in caplog.records if item.name == "provlog"]


@pytest.fixture
def handlers() -> Iterator[Callable[..., None]]:
    """Add handlers to the logger of the capture for one test."""
    before = [*LOGGER.handlers]
    filters = [*LOGGER.filters]

    yield LOGGER.addHandler
    LOGGER.handlers[:] = before
    LOGGER.filters[:] = filters


class Failing(logging.Handler):
    """A failing handler of the user."""

    def emit(self, record: logging.LogRecord) -> None:
        raise ZeroDivisionError(record.getMessage())


def run(folder: Path, text: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder."""
    (folder / "program.py").write_text(dedent(text))
    return subprocess.run(
        [sys.executable, "program.py"], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip


def ended(graph: ProvGraph) -> dict[str, int]:
    """Return the number of activities by name; all of them have an end."""
    found: dict[str, int] = {}
    for one in graph.activities.values():
        if one.session:
            assert one.end is not None
            found[str(one.label)] = found.get(str(one.label), 0) + 1
    return found


# Errors


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")

    __repr__ = __str__


@pytest.mark.parametrize(
    "error",
    [MemoryError, RecursionError, StopIteration, StopAsyncIteration, AssertionError, OSError,
     UnspeakableError, UnicodeError, AttributeError, KeyError, ReferenceError, TimeoutError],
)  # fmt: skip
def test_any_failure_of_a_step_causes_one_warning(
    capture: Capture,
    graph: Graph,
    warnings: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
) -> None:
    @capture.trace
    def function(x: Any) -> Any:
        return x

    @capture.trace
    def items(x: Any) -> Iterator[Any]:
        yield x

    def fail(*_: Any, **__: Any) -> Any:
        raise error

    function(1)
    for place in (
        "capture.records.entities.Entities.object",
        "capture.records.object_ids.ObjectIds.of",
        "objects.literals.to_literals",
        "capture.records.syntax.to_literals",
        "definitions.arguments.binder",
    ):
        monkeypatch.setattr(f"provlog.{place}", fail)
    thing = object()
    for _ in range(3):
        assert function(thing) is thing
        assert list(items(thing)) == [thing]
        with capture.activity("block", parameters={"x": 5}) as block:
            block.used(thing)
            block.generated(thing)
    monkeypatch.undo()
    assert ended(graph()) == {"function": 4, "items": 3, "block": 3}
    assert len(warnings()) == len(set(warnings())) == 3
    assert all("is not recorded in full" in text for text in warnings())


def test_a_call_whose_start_fails_is_not_recorded(
    capture: Capture,
    graph: Graph,
    warnings: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @capture.trace
    def function(x: Any) -> Any:
        return x

    def fail(*_: Any, **__: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr("provlog.capture.records.sessions.Sessions.of_process", fail)
    assert function(2) == 2
    with capture.activity("block") as block:
        block.used("x")
    monkeypatch.undo()
    assert function(3) == 3
    assert [parameters(one)["x"] for one in activities(graph(), "function")] == [3]
    assert len(warnings()) == 2


def test_calls_work_up_to_the_end_of_the_stack(capture: Capture) -> None:
    """If the stack has room for a decorated function, it has room for a traced one."""

    def decorated(function: Callable[[], int]) -> Callable[[], int]:
        return lambda: function()  # noqa: PLW0108

    def function() -> int:
        return 5

    def at(depth: int, called: Callable[[], int]) -> int:
        return called() if depth == 0 else at(depth - 1, called)

    def fits(depth: int, called: Callable[[], int]) -> bool:
        try:
            return at(depth, called) == 5
        except RecursionError:
            return False

    limit = sys.getrecursionlimit()
    depths = range(limit - 150, limit)
    expected = [fits(depth, decorated(function)) for depth in depths]
    assert any(expected)
    assert not all(expected)
    traced = capture.trace(function)
    found = [fits(depth, traced) for depth in depths]
    # Where provlog is compiled, there is no frame more than without it.
    assert found in (expected, [fits(depth, function) for depth in depths])


# Logging


def test_a_failing_handler_loses_nothing(
    make: Make, log: Path, warnings: Callable[[], list[str]], handlers: Callable[..., None]
) -> None:
    handlers(Failing())
    capture = make()
    handlers(Failing())

    @capture.trace
    def function(x: Any) -> Any:
        return x

    for number in range(3):
        assert function(number) == number
    found = provlog.read(log)
    assert written(found) == written(capture.graph())
    assert [parameters(one)["x"] for one in activities(found, "function")] == [0, 1, 2]
    assert len(warnings()) == 1
    assert "ZeroDivisionError" in warnings()[0]


def test_a_failing_filter_loses_nothing(
    capture: Capture, warnings: Callable[[], list[str]], handlers: Any
) -> None:
    @capture.trace
    def function(x: Any) -> Any:
        return x

    def fail(record: logging.LogRecord) -> bool:
        raise ZeroDivisionError

    LOGGER.addFilter(fail)
    assert [function(number) for number in range(3)] == [0, 1, 2]
    assert len(warnings()) == 1
    LOGGER.removeFilter(fail)


def test_a_handler_may_call_traced_functions(
    capture: Capture, graph: Graph, handlers: Callable[..., None]
) -> None:
    @capture.trace
    def function(x: Any) -> Any:
        return x

    class Calling(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            calls.append(function("handler"))

    calls: list[str] = []
    handlers(Calling())
    assert function("program") == "program"
    assert [parameters(one) for one in activities(graph(), "function")] == [{"x": "program"}]
    assert 0 < len(calls) < 20


def test_a_handler_may_log(capture: Capture, graph: Graph, handlers: Callable[..., None]) -> None:
    class Repeating(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record.getMessage())
            logging.getLogger("other").warning("%s", record.getMessage())

    seen: list[str] = []
    handlers(Repeating())
    capture.trace(len)("abc")
    assert ended(graph()) == {"len": 1}
    assert all(text.startswith("_PROV_") for text in seen)


def test_a_handler_may_wait_for_a_traced_call_of_another_thread(
    capture: Capture, graph: Graph, handlers: Callable[..., None]
) -> None:
    """It may hold a lock while it formats an object that calls a traced function."""
    function = capture.trace(len)

    class Waiting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not threads:
                threads.append(threading.Thread(target=function, args=["abcd"], daemon=True))
                threads[0].start()
                threads[0].join(10)
                assert not threads[0].is_alive()
                done.append(1)

        def createLock(self) -> None:  # noqa: N802
            self.lock: Any = None if sys.version_info < (3, 13) else nullcontext()

    threads: list[threading.Thread] = []
    done: list[int] = []
    handlers(Waiting())
    function("abc")
    assert done == [1]
    assert ended(graph()) == {"len": 2}


@pytest.mark.parametrize("disable", [True, False])
def test_logging_may_be_configured_during_a_run(
    capture: Capture, graph: Graph, disable: bool, handlers: Any
) -> None:
    @capture.trace
    def function(x: Any) -> Any:
        return x

    @capture.trace
    def configure() -> None:
        config = {"version": 1, "disable_existing_loggers": disable, "root": {"level": "ERROR"}}
        root = logging.getLogger()
        level, before = root.level, [*root.handlers]
        logging.config.dictConfig(config)
        root.setLevel(level)
        root.handlers[:] = before

    function(1)
    configure()
    function(2)
    logging.getLogger("provlog").disabled = False
    assert ended(graph()) == {"function": 2, "configure": 1}


def test_the_log_file_survives_logging_disable(
    capture: Capture, graph: Graph, handlers: Callable[..., None]
) -> None:
    """It silences the handlers of the user, not the requested log file."""

    @capture.trace
    def function(x: Any) -> Any:
        return x

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record)

    seen: list[Any] = []
    handlers(Keeping())
    logging.disable(logging.CRITICAL)
    try:
        function(1)
    finally:
        logging.disable(logging.NOTSET)
    assert seen == []
    function(2)
    assert seen != []
    assert [parameters(one)["x"] for one in activities(graph(), "function")] == [1, 2]


def test_the_level_set_by_the_user_is_kept(capture: Capture, log: Path) -> None:
    level = LOGGER.level
    LOGGER.setLevel(logging.ERROR)
    try:
        capture.trace(len)("abc")
    finally:
        LOGGER.setLevel(level)
    assert log.read_text() == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_the_program_survives_a_full_disk(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        """
        from provlog.capture import Capture
        capture = Capture(log="/dev/full")
        @capture.trace
        def function(x): return [x]
        print([function(i) for i in range(3)], len(capture.graph().activities))
        """,
    )
    assert done.stdout == "[[0], [1], [2]] 4\n"
    assert (
        done.stderr == "provlog: /dev/full: provenance records are lost: No space left on device\n"
    )
    assert done.returncode == 0


def test_the_program_survives_a_removed_log(capture: Capture, log: Path) -> None:
    function = capture.trace(len)
    function("abc")
    log.unlink()
    log.parent.chmod(0o500)
    try:
        assert function("abcd") == 4
    finally:
        log.parent.chmod(0o700)


# The end of the program

AT_THE_END = """
import atexit, gc, os, sys
# The order in which cycles are freed depends on when the collector ran before.
gc.disable()
from provlog.capture import Capture
capture = Capture(log="run.log")

def made(write):
    # Global variables may be deleted already.
    def late(where):
        write(1, where.encode() + b"\\n")
        return [where]
    return capture.trace(late)

late = made(os.write)

class Held:
    def __init__(self, where): self.where = where; self.itself = self
    def __del__(self): self.late(self.where)
    late = staticmethod(late)

class Alone(Held):
    def __init__(self, where): self.where = where

@capture.trace
def items(where):
    try:
        yield where
    finally:
        late(where + " closed")

early = atexit.register(late, "atexit")
cycle, alone = Held("cycle"), Alone("alone")
cycle.running = items("cycle's generator")
next(cycle.running)
running = items("generator")
next(running)
sys.modules["kept"] = Alone("in modules")
import builtins
builtins.kept = Alone("in builtins")
with capture.activity("block"):
    atexit.register(late, "from a block")
{end}
"""


@pytest.mark.parametrize(
    ("end", "code"),
    [("pass", 0), ("sys.exit(3)", 3), ("raise KeyError(5)", 1), ("gc.enable()", 0),
     ("logging_shutdown = __import__('logging').shutdown()", 0)],
)  # fmt: skip
def test_traced_functions_work_at_exit(tmp_path: Path, end: str, code: int) -> None:
    text = AT_THE_END.format(end=end)
    done = run(tmp_path, text)
    silent = run(tmp_path, text.replace('"run.log"', "'silent.log'"), PROVLOG_CAPTURE="0")
    assert done.returncode == silent.returncode == code
    assert done.stdout == silent.stdout
    places = {"atexit", "from a block", "alone", "cycle", "in modules", "generator closed"}
    assert places <= set(done.stdout.splitlines())
    lines = done.stderr.splitlines()
    assert lines[-1:] == silent.stderr.splitlines()[-1:]
    assert "xception ignored" not in done.stderr
    found = provlog.read(tmp_path / "run.log")
    assert found.diagnostics == []
    assert {parameters(one)["where"] for one in activities(found, "late")} >= {"atexit", "cycle"}


def test_threads_may_outlive_the_program(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        """
        import threading, time
        from provlog.capture import Capture
        capture = Capture(log="run.log")
        @capture.trace
        def function(x): return [x]
        def work():
            while True: function(1)
        for _ in range(4): threading.Thread(target=work, daemon=True).start()
        while len(open("run.log").readlines()) < 500: time.sleep(0.01)
        """,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    found = provlog.read(tmp_path / "run.log")
    # The last line may be incomplete.
    assert len(found.diagnostics) <= 1
    assert len(activities(found, "function")) > 50


# Signals


@pytest.fixture
def on_signal() -> Iterator[Callable[[Callable[..., Any]], None]]:
    before = signal.getsignal(signal.SIGUSR1)
    yield lambda handler: signal.signal(signal.SIGUSR1, handler)  # type: ignore[misc]
    signal.signal(signal.SIGUSR1, before)


class Signalling:
    """Send a signal while the capture examines it."""

    def __repr__(self) -> str:
        signal.raise_signal(signal.SIGUSR1)
        return "text"


POSIX = pytest.mark.skipif(os.name == "nt", reason="no such signals")


@POSIX
def test_a_signal_handler_may_call_traced_functions(
    capture: Capture, graph: Graph, on_signal: Callable[[Callable[..., Any]], None]
) -> None:
    @capture.trace
    def function(x: Any) -> Any:
        return x

    got: list[Any] = []
    on_signal(lambda *_: got.append(function("handler")))
    # In a list of a list it is part of a parameter.
    assert len(function([[Signalling()]])) == 1
    signal.raise_signal(signal.SIGUSR1)
    assert got == ["handler", "handler"]
    found = [parameters(one)["x"] for one in activities(graph(), "function")]
    assert found[0] == '[["text"]]'
    assert found[-1] == "handler"


class TimeIsUpError(Exception):
    pass


class Watch:
    """A signal handler that is a method."""

    def stop(self, *_: object) -> None:
        raise TimeoutError("too late")


def raise_timeout(*_: object) -> None:
    raise TimeIsUpError


@POSIX
@pytest.mark.parametrize("handler", [raise_timeout, Watch().stop])
def test_an_exception_of_a_signal_handler_reaches_the_program(
    capture: Capture,
    graph: Graph,
    warnings: Callable[[], list[str]],
    on_signal: Callable[[Callable[..., Any]], None],
    handler: Callable[..., Any],
) -> None:
    @capture.trace
    def function(x: Any) -> Any:
        return x

    on_signal(handler)
    with pytest.raises((TimeIsUpError, TimeoutError)):
        function([[Signalling()]])
    with (
        pytest.raises((TimeIsUpError, TimeoutError)),
        capture.activity("block", {"x": Signalling()}),
    ):
        pass
    assert warnings() == []
    assert function(5) == 5
    assert ended(graph()) == {"function": 2, "block": 1}


@POSIX
def test_a_failure_is_not_attributed_to_an_uninvolved_signal_handler() -> None:
    error = ValueError()
    try:
        signal.getsignal(signal.SIGUSR1)
        signal.Handlers(77)
    except ValueError as found:
        error = found
    assert not is_from_signal(error)


@POSIX
def test_a_timeout_interrupts_hashing(
    capture: Capture,
    graph: Graph,
    tmp_path: Path,
    on_signal: Callable[[Callable[..., Any]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object) -> Any:
        signal.raise_signal(signal.SIGUSR1)

    (tmp_path / "large").write_text("large")
    on_signal(Watch().stop)
    monkeypatch.setattr("provlog.capture.files.file_ids._digests_of", interrupted)
    with pytest.raises(TimeoutError, match="too late"), capture.activity("block") as block:
        block.used(tmp_path / "large")
    assert activity(graph(), "block").values("log:exception") == ["TimeoutError"]


@POSIX
def test_a_signal_may_arrive_at_any_line(tmp_path: Path) -> None:
    """Signals may arrive at any time; a handler's call may be missing, but no other record."""
    done = run(
        tmp_path,
        """
        import signal, sys
        from provlog.capture import Capture
        capture = Capture(log="run.log", each=100_000)
        class Thing: pass
        @capture.trace
        def function(x, thing): return [x]
        @capture.trace
        def handled(): return 5
        handlings = []
        signal.signal(signal.SIGALRM, lambda *_: handlings.append(handled()))
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        for i in range(2000): assert function(i, Thing()) == [i]
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(len(handlings) > 10)
        """,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("True\n", "", 0)
    found = provlog.read(tmp_path / "run.log")
    assert found.diagnostics == []
    numbers = ended(found)
    assert numbers["function"] == 2000
    assert {parameters(one)["x"] for one in activities(found, "function")} == {*range(2000)}
