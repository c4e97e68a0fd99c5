"""The compiled recording of read files, beside the code in Python that does the same."""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
import threading
import weakref
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from provlog.capture import Capture
from provlog.capture.calls import recording
from provlog.capture.files import audit, file_ids
from tests.capture.both import both_logs
from tests.capture.reading import payloads
from tests.profiles import examples

pytestmark = pytest.mark.skipif(
    recording._compiled() is None, reason="the compiled modules are not built"
)

LARGE = file_ids._BLOCK
CONTENTS = {
    "a.csv": 10, "b": 0, "sub/c.txt": 1000, "sub/ü.txt": 5, "it's": 5, "a b.dat": 5, "x=1.txt": 5,
    "edge": LARGE - 1, "large.bin": LARGE + 5, "limit": 300_000, "db-wal": 5, "ignored.tmp": 5,
    "code.py": 5, ".hidden": 5, ".git": 5, "new.csv": 5,
}  # fmt: skip
UNSETTLED = "new.csv"
NAMES = [
    *CONTENTS, "absent.csv", "sub", "sub/../a.csv", "sub//c.txt", "./a.csv", "link", "broken", "a.csv/",
    "$HOME", "~", "no path", "password=1",
]  # fmt: skip
IGNORED: list[list[str]] = [[], ["*.tmp"]]
Step = tuple[str, str, str]


def make(folder: Path) -> None:
    """Make the files, with times that a later change does not repeat."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "sub").mkdir(parents=True)
    for name, size in CONTENTS.items():
        (folder / name).write_bytes(b"x" * size)
        if name != UNSETTLED:
            os.utime(folder / name, (1e9, 1e9))
    (folder / "link").symlink_to("a.csv")
    (folder / "broken").symlink_to("nothing")


def consume(path: Any, how: str = "read") -> Any:
    """Use a file in some way."""
    match how:
        case "read":
            with open(path) as stream:
                return len(stream.read()) * 1.5
        case "twice":
            return consume(path) + consume(path)
        case "write":
            Path(path).write_text("new")
        case "append":
            with open(path, "a") as stream:
                stream.write("more")
        case "update":
            with open(path, "r+") as stream:
                return len(stream.read(1))
        case "descriptor":
            os.close(os.open(path, os.O_RDONLY))
        case "keep":
            return open(path)
        case "database":
            with closing(sqlite3.connect(path)) as connection, connection:
                connection.execute("create table if not exists t (x)")
        case "nested":
            return inner(path)
    return len(str(path))


def inner(path: Any) -> Any:
    return consume(path) + 2**70


def with_token(token: Any) -> Any:
    return consume(token)


HOW = [
    "read", "twice", "write", "append", "update", "descriptor", "keep", "database", "nested", "none",
]  # fmt: skip
STEPS = st.tuples(
    st.sampled_from(["call", "absolute", "block", "token", "path", "thread", "outside", "touch"]),
    st.sampled_from(NAMES),
    st.sampled_from(HOW),
)


def perform(capture: Capture, folder: Path, steps: list[Step]) -> list[Any]:
    """Run a program of some steps in a folder with files; return what it raised."""
    make(folder)
    before = os.getcwd()
    os.chdir(folder)
    call = capture.trace(consume)
    secret = capture.trace(with_token)
    raised: list[Any] = []
    kept = []
    try:
        for kind, name, how in steps:
            path: Any = str(folder / name) if kind == "absolute" else name
            try:
                match kind:
                    case "block":
                        with capture.activity("block", {"path": path}) as block:
                            kept.append(consume(path, how))
                            block.used(path, role="named")
                    case "token":
                        secret(path)
                    case "path":
                        kept.append(call(Path(path), how))
                    case "thread":
                        one = threading.Thread(target=quietly, args=(call, path, how, kept))
                        one.start()
                        one.join()
                    case "outside":
                        kept.append(consume(path, how))
                    case "touch":
                        os.utime(path, (1.1e9, 1.1e9))
                    case _:
                        kept.append(call(path, how))
            except (OSError, sqlite3.Error, ValueError) as error:
                raised.append(repr(error))
        return raised
    finally:
        os.chdir(before)
        for one in kept:
            if hasattr(one, "close"):
                one.close()


def quietly(function: Callable[..., Any], path: str, how: str, kept: list[Any]) -> None:
    with suppress(OSError, sqlite3.Error, ValueError):
        kept.append(function(path, how))


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(STEPS, max_size=12),
    st.sampled_from(["sha256", ("md5", "sha1")]),
    st.sampled_from(IGNORED),
)
@example([("call", name, "read") for name in NAMES], "sha256", [])
@example([("absolute", name, "read") for name in NAMES], ("md5", "sha1"), [])
@example([("absolute", name, "twice") for name in NAMES], "sha256", [])
@example([("absolute", name, "nested") for name in NAMES], "sha256", [])
@example([("call", name, "none") for name in NAMES], "sha256", [])
@example([("path", name, "read") for name in NAMES], "sha256", [])
@example([("block", name, "descriptor") for name in NAMES], "sha256", [])
@example([("token", name, "read") for name in NAMES], "sha256", [])
@example([("absolute", "a.csv", "read"), ("absolute", "b", "read")] * 3, "sha256", [])
@example([("absolute", "a.csv", how) for how in HOW for _ in range(2)], "sha256", [])
@example(
    [("call", "a.csv", "keep"), ("call", "a.csv", "append"), ("call", "link", "read")], "md5", []
)
@example(
    [("call", "new.csv", "read"), ("call", "new.csv", "write"), ("call", "new.csv", "read")],
    "md5",
    [],
)
@example(
    [("call", "a.csv", "read"), ("touch", "a.csv", ""), ("call", "a.csv", "read")], "sha256", []
)
def test_both_write_the_same_log(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step], methods: Any, ignored: list[str]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "files"
    options = {"hash": methods, "ignore": ignored}
    (fast, first), (pure, second) = both_logs(
        lambda capture: perform(capture, folder, steps), **options
    )
    assert fast == pure
    assert first == second


@pytest.mark.parametrize("is_all", [True, False])
def test_both_ignore_the_same_files(tmp_path: Path, is_all: bool) -> None:
    def program(capture: Capture) -> None:
        with capture.activity("block"):
            for path in (os.__file__, "/etc/passwd", f"/etc/../{tmp_path}/a", "/proc/self/stat"):
                with open(path):
                    pass

    (tmp_path / "a").touch()
    (fast, _), (pure, _) = both_logs(program, files="all" if is_all else "data")
    assert fast == pure
    assert ("passwd" in "".join(fast)) == is_all


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x")
    os.utime(path, (1e9, 1e9))
    log = tmp_path / "run.log"
    capture = Capture(log=log)
    found = []
    with capture.activity("first"):
        path.read_text()
    with capture.activity("second"):
        path.write_text("more")
    with capture.activity("third"):
        found.append(path.read_text())
    capture.close()
    hashes = [one["entity_hash"] for one in payloads(log) if "entity_hash" in one]
    assert len(set(hashes)) == 2
    assert found == ["more"]


def test_a_reader_keeps_nothing_alive(tmp_path: Path) -> None:
    capture = Capture(log=tmp_path / "run.log")
    opened = weakref.ref(capture.recorder.opened_files)
    capture.close()
    del capture
    gc.collect()
    assert opened() is None
    # Nothing is left that the hook could call.
    Path(__file__).read_bytes()


def test_nothing_observes_files_for_a_closed_capture(tmp_path: Path) -> None:
    observers = len(audit._observers)
    capture = Capture(log=tmp_path / "run.log")
    assert len(audit._observers) == observers + 1
    capture.close()
    assert len(audit._observers) == observers


def test_many_threads_read_the_same_files(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.csv" for number in range(20)]
    for path in paths:
        path.write_text(path.name * 50)
        os.utime(path, (1e9, 1e9))
    log = tmp_path / "run.log"
    capture = Capture(log=log)
    call = capture.trace(consume)
    threads = [
        threading.Thread(target=lambda: [call(str(path)) for path in paths]) for _ in range(8)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    capture.close()
    records = payloads(log)
    used = [one for one in records if "used_id" in one]
    assert len(used) == 8 * len(paths)
    assert {one["entity_name"] for one in records if one.get("entity_type") == "File"} == {
        path.name for path in paths
    }
