"""Files that activities open are used or generated."""

from __future__ import annotations

import gzip
import io
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from textwrap import dedent
from typing import Any

import h5py
import pytest

import provlog
from provlog.capture import Capture
from provlog.capture.files.audit import observe
from provlog.model.graph import ProvGraph
from tests.capture.programs import environment, run

Files = dict[str, tuple[set[str | None], set[str | None]]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("x\n1\n")
    with sqlite3.connect("in.db") as connection:
        connection.execute("create table t (x)")
    connection.close()
    return tmp_path


def files(graph: ProvGraph) -> Files:
    """Return the names of the used and generated files by activity."""
    found: Files = {
        str(one.label): (set(), set()) for one in graph.activities.values() if one.session
    }
    for relation in graph.relations["used"]:
        if relation.target.values("prov:location"):
            found[str(relation.source.label)][0].add(relation.target.label)
    for relation in graph.relations["wasGeneratedBy"]:
        if relation.source.values("prov:location"):
            found[str(relation.target.label)][1].add(relation.source.label)
    return found


def recorded(act: Callable[[], object], capture: Capture | None = None) -> Files:
    capture = capture or Capture()
    with capture.activity("outer"), capture.activity("inner"):
        act()
    return files(capture.graph())


def copy_text() -> None:
    Path("out.csv").write_text(Path("in.csv").read_text() + "2\n")


def test_read_files_are_used_and_written_ones_generated_by_the_innermost_activity() -> None:
    found = recorded(copy_text)
    assert found == {"outer": (set(), set()), "inner": ({"in.csv"}, {"out.csv"})}


def write_then_rename() -> None:
    Path("out.tmp").write_text("new")
    os.replace("out.tmp", "out.csv")


def write_then_rename_folder() -> None:
    os.mkdir("partial")
    Path("partial/out.csv").write_text("new")
    os.rename("partial", "final")


def write_then_remove() -> None:
    Path("out.csv").write_text("new")
    os.remove("out.csv")


def write_then_read() -> None:
    Path("out.csv").write_text("new")
    Path("out.csv").read_text()


def append() -> None:
    with open("in.csv", "a") as stream:
        stream.write("2\n")


def open_for_changes_without_any() -> None:
    with open("in.csv", "r+") as stream:
        stream.read()


def fail_to_open() -> None:
    with pytest.raises(FileNotFoundError):
        open("missing.csv")  # noqa: SIM115


def copy_exactly() -> None:
    Path("copy.csv").write_bytes(Path("in.csv").read_bytes())


def by_descriptor() -> None:
    number = os.open(b"out.csv", os.O_WRONLY | os.O_CREAT)
    os.write(number, b"new")
    with open(number, "wb"):
        pass


def sqlite() -> None:
    connection = sqlite3.connect("out.db")
    connection.execute("create table t (x)")
    connection.commit()
    connection.close()


def sqlite_read_only() -> None:
    with sqlite3.connect("file:in%2Edb?mode=ro", uri=True) as connection:
        connection.execute("select * from t").fetchall()
    connection.close()


def sqlite_in_memory() -> None:
    for name in (":memory:", "file:x?mode=memory", "file::memory:"):
        sqlite3.connect(name, uri=True).close()


def relative_after_chdir() -> None:
    os.mkdir("sub")
    os.chdir("sub")
    Path("out.csv").write_text("new")
    os.chdir("..")


def code_and_devices() -> None:
    Path(os.devnull).write_text("x")
    Path(__file__).read_text()


@pytest.mark.parametrize(("act", "used", "generated"), [
    (write_then_rename, set(), {"out.csv"}),
    (write_then_rename_folder, set(), {"out.csv"}),
    (write_then_remove, set(), set()),
    (write_then_read, set(), {"out.csv"}),
    (append, {"in.csv"}, {"in.csv"}),
    (open_for_changes_without_any, {"in.csv"}, set()),
    (fail_to_open, set(), set()),
    (copy_exactly, {"in.csv"}, set()),
    (by_descriptor, set(), {"out.csv"}),
    (sqlite, set(), {"out.db"}),
    (sqlite_read_only, {"in.db"}, set()),
    (sqlite_in_memory, set(), set()),
    (relative_after_chdir, set(), {"out.csv"}),
    (code_and_devices, set(), set()),
])  # fmt: skip
def test_ways_to_open(act: Callable[[], object], used: set[str], generated: set[str]) -> None:
    assert recorded(act)["inner"] == (used, generated)


def test_an_appended_file_derives_from_its_previous_state() -> None:
    capture = Capture()
    recorded(append, capture)
    [derived] = capture.graph().relations["wasDerivedFrom"]
    assert derived.source is not derived.target


def test_a_file_that_stays_open_is_generated_when_the_enclosing_activity_ends() -> None:
    capture = Capture()
    with capture.activity("outer"):
        with capture.activity("open"):
            stream = open("out.csv", "w")  # noqa: SIM115
        assert files(capture.graph())["open"] == (set(), set())
        stream.write("complete")
        stream.close()
    assert files(capture.graph())["open"] == (set(), {"out.csv"})


def test_a_file_that_another_activity_reads_is_generated_before() -> None:
    capture = Capture()
    with capture.activity("outer"):
        Path("out.csv").write_text("new")
        with capture.activity("inner"):
            Path("out.csv").read_text()
    assert files(capture.graph()) == {"outer": (set(), {"out.csv"}), "inner": ({"out.csv"}, set())}
    [generated] = capture.graph().relations["wasGeneratedBy"]
    [used] = capture.graph().relations["used"]
    assert generated.source.id == used.target.id


def test_a_database_that_changes_after_another_activity_has_read_it_is_generated_again() -> None:
    capture = Capture()
    with capture.activity("all"):
        with capture.activity("write"):
            connection = sqlite3.connect("out.db")
            connection.execute("pragma journal_mode = wal")
            with connection:
                connection.execute("create table t (x)")
        with capture.activity("read"):
            sqlite3.connect("out.db").close()
        connection.close()
    graph = capture.graph()
    made = [one.source for one in graph.relations["wasGeneratedBy"]]
    final = sha256(Path("out.db").read_bytes()).hexdigest()
    assert final in {one.values("log:hash")[0] for one in made}
    assert files(graph)["read"][0] == {"out.db"}


def test_the_log_of_a_database_that_another_process_has_written_is_used(folder: Path) -> None:
    program = """
        import os, sqlite3
        connection = sqlite3.connect("new.db")
        connection.execute("pragma journal_mode = wal")
        with connection:
            connection.execute("create table t (x)")
        os._exit(0)
    """
    run(folder, program)
    assert Path("new.db-wal").stat().st_size
    found = recorded(lambda: sqlite3.connect("new.db").close())
    assert found["inner"][0] == {"new.db", "new.db-wal"}


def test_named_files_are_not_recorded_again() -> None:
    capture = Capture()
    with capture.activity("inner") as activity:
        activity.used("in.csv", role="table")
        activity.generated("out.csv", role="result")
        copy_text()
    graph = capture.graph()
    assert [one.role for one in graph.relations["used"]] == ["table"]
    assert [one.role for one in graph.relations["wasGeneratedBy"]] == ["result"]


def test_a_file_that_is_named_after_it_was_opened_has_one_usage_and_one_generation() -> None:
    capture = Capture()
    with capture.activity("copy") as activity:
        copy_text()
        with capture.activity("check"):
            Path("out.csv").read_text()
        activity.used("in.csv", role="table")
        activity.generated("out.csv", role="result")
    graph = capture.graph()
    [copy] = [one for one in graph.activities.values() if one.label == "copy"]
    assert [one.role for one in graph.relations["used"] if one.source is copy] == ["table"]
    assert [one.role for one in graph.relations["wasGeneratedBy"]] == ["result"]


def test_a_renamed_file_is_generated_once() -> None:
    capture = Capture()
    with capture.activity("write"):
        Path("out.tmp").write_text("new")
    with capture.activity("rename"):
        os.rename("out.tmp", "out.csv")
    assert files(capture.graph())["rename"] == (set(), set())
    [entity] = capture.graph().entities.values()
    assert [Path(str(one)).name for one in entity.values("prov:location")] == ["out.tmp", "out.csv"]


def count(source: str, target: str) -> None:
    lines = len(Path(source).read_text().splitlines())
    Path(target).write_text(str(lines))


def makers(graph: ProvGraph, name: str) -> list[str]:
    """Return the names of the activities that generated a file."""
    [entity] = [
        one
        for one in graph.entities.values()
        if name in {Path(str(place)).name for place in one.values("prov:location")}
    ]
    made = [one for one in graph.relations["wasGeneratedBy"] if one.source is entity]
    return sorted(str(one.target.label) for one in made)


@pytest.mark.parametrize("size", [1, 300_000])
def test_equal_files_are_generated_by_each_activity_that_writes_one(size: int) -> None:
    capture = Capture()
    content = "x" * size
    for name in ("a", "b"):
        with capture.activity(name):
            Path(f"{name}.csv").write_text(content)
    with capture.activity("again"):
        Path("a.csv").write_text(content)
    with capture.activity("copy"):
        Path("c.csv").write_text(Path("a.csv").read_text())
    with capture.activity("rename"):
        os.rename("b.csv", "d.csv")
    assert makers(capture.graph(), "a.csv") == ["a", "b"]
    assert capture.graph().diagnostics == []


def test_equal_results_of_two_calls_have_both_inputs() -> None:
    capture = Capture()
    Path("other.csv").write_text("y\n2\n")
    for name in ("in", "other"):
        capture.trace(count, name)(f"{name}.csv", f"{name}.txt")
    graph = capture.graph()
    assert makers(graph, "other.txt") == ["in", "other"]
    assert files(graph)["other"][0] == {"other.csv"}


def test_the_content_of_an_input_is_not_generated() -> None:
    capture = Capture()
    with capture.activity("read"):
        text = Path("in.csv").read_text()
    with capture.activity("write"):
        Path("copy.csv").write_text(text)
    assert makers(capture.graph(), "copy.csv") == []


def test_modes_and_patterns_choose_among_the_files() -> None:
    assert recorded(copy_text, Capture(files="none"))["inner"] == (set(), set())
    assert recorded(copy_text, Capture(ignore=["in.*"]))["inner"] == (set(), {"out.csv"})
    assert recorded(code_and_devices, Capture(files="all"))["inner"] == (
        {Path(__file__).name},
        set(),
    )


def test_each_capture_has_its_own_activities() -> None:
    captures = Capture(), Capture()
    with captures[0].activity("inner"), captures[1].activity("inner"):
        copy_text()
    for capture in captures:
        assert files(capture.graph())["inner"] == ({"in.csv"}, {"out.csv"})
    captures[0].close()


def test_threads_without_an_activity_count_for_the_program() -> None:
    capture = Capture()
    with capture.program("program"), capture.activity("inner"):
        thread = threading.Thread(target=copy_text)
        thread.start()
        thread.join()
    assert files(capture.graph()) == {
        "program": ({"in.csv"}, {"out.csv"}), "inner": (set(), set()),
    }  # fmt: skip


def test_files_that_the_program_leaves_open_are_complete() -> None:
    capture = Capture()
    with capture.program("program"):
        stream = open("out.csv", "w")  # noqa: SIM115
        stream.write("in the buffer")
    [entity] = [one for one in capture.graph().entities.values() if one.label == "out.csv"]
    stream.close()
    with capture.activity("check") as check:
        check.used("out.csv")
    assert len([one for one in capture.graph().entities.values() if one.label == "out.csv"]) == 1
    assert entity.values("prov:location") == [str(Path("out.csv").absolute())]


def test_a_failure_of_the_recording_does_not_reach_the_program(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = Capture()
    with capture.activity("inner"):
        monkeypatch.setattr(os, "fsdecode", lambda _: 1 / 0)
        copy_text()
        monkeypatch.undo()
    assert "not recorded in full: ZeroDivisionError" in caplog.text


def test_an_observer_ends_with_its_last_reference() -> None:
    seen: list[object] = []

    class Taking:
        is_busy = False

        def is_listening(self) -> bool:
            return not self.is_busy

        def read(self, path: str) -> None:
            if not self.is_busy:
                seen.append(path)

        def __call__(self, event: object) -> None:
            seen.append(event)

    observer = Taking()
    observe(observer)
    Path("in.csv").read_text()
    assert len(seen) == 1
    observer.is_busy = True
    Path("in.csv").read_text()
    assert len(seen) == 1
    observer.is_busy = False
    del observer
    Path("in.csv").read_text()
    assert len(seen) == 1


# Files that Python does not see


def unseen(path: str, mode: str) -> None:
    """Open a file as a compiled library does: without an audit event."""
    code = f"from pathlib import Path; p = Path({path!r}); print(p.read_text()) if {mode!r} == 'r' else p.write_text('new')"
    # multiprocessing's way to start programs has no event either.
    from multiprocessing.util import spawnv_passfds

    process = spawnv_passfds(sys.executable.encode(), [sys.executable, "-c", code], [1])
    os.waitpid(process, 0)


def call(path: str | Path | list[str], function: Callable[..., object]) -> ProvGraph:
    capture = Capture()

    @capture.trace
    def step(path: str | Path | list[str]) -> None:
        function(path)

    step(path)
    return capture.graph()


@pytest.mark.parametrize("kind", [str, Path])
def test_a_file_that_an_argument_names_is_used_if_it_is_unchanged(kind: type) -> None:
    graph = call(kind("in.csv"), lambda path: unseen(str(path), "r"))
    assert files(graph)["step"] == ({"in.csv"}, set())
    assert [one.role for one in graph.relations["used"]] == ["path"]


@pytest.mark.parametrize("kind", [str, Path])
@pytest.mark.parametrize("name", ["in.csv", "out.csv"])
def test_a_file_that_an_argument_names_is_generated_if_it_changes(name: str, kind: type) -> None:
    graph = call(kind(name), lambda path: unseen(str(path), "w"))
    assert files(graph)["step"] == (set(), {name})
    assert [one.role for one in graph.relations["wasGeneratedBy"]] == ["path"]


@pytest.mark.parametrize("kind", [str, Path])
def test_an_existing_file_that_is_replaced_is_not_used(kind: type) -> None:
    graph = call(kind("in.csv"), lambda path: Path(path).write_text("new"))
    assert files(graph)["step"] == (set(), {"in.csv"})


def test_texts_that_name_no_file_are_parameters_only() -> None:
    graph = call("missing.csv", lambda path: None)
    assert files(graph)["step"] == (set(), set())


@pytest.mark.parametrize("opened", [open, gzip.open])
def test_open_files_that_a_call_takes_are_used_and_generated_by_it(opened: Any) -> None:
    with opened("in.gz", "wt") as stream:
        stream.write("some text")
    capture = Capture()

    def copy(source: Any, target: Any) -> None:
        target.write(source.read() + b"more")

    with capture.activity("all"), opened("in.gz", "rb") as source, opened("out", "wb") as target:
        for one in (io.BytesIO(b"x"), sys.stdin):
            capture.trace(lambda stream: None, "ignore")(one)
        capture.trace(copy)(source, target)
    found = files(capture.graph())
    assert found["copy"] == ({"in.gz"}, {"out"})
    assert found["all"] == ({"in.gz"}, set())
    assert found["ignore"] == (set(), set())


def test_the_database_of_a_connection_is_used_and_generated_by_the_call_that_takes_it() -> None:
    def copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
        with target:
            target.execute("create table u (x)")
        source.execute("select * from t")

    capture = Capture()
    with capture.activity("all"):
        names = "in.db", "out.db", ":memory:"
        source, target, memory = connections = [sqlite3.connect(name) for name in names]
        capture.trace(copy)(source, target)
        capture.trace(lambda memory: None, "ignore")(memory)
        for connection in connections:
            connection.close()
    found = files(capture.graph())
    assert found["copy"] == ({"in.db"}, {"out.db"})
    assert found["all"] == ({"in.db"}, set())
    assert found["ignore"] == (set(), set())


def test_the_file_of_an_hdf5_dataset_is_used_by_the_call_that_takes_it() -> None:
    with h5py.File("in.h5", "w") as file:
        file["x"] = [1, 2]
    capture = Capture()
    with capture.activity("all"), h5py.File("in.h5") as file:
        capture.trace(lambda data: data[:].sum(), "add")(file["x"])
    assert files(capture.graph())["add"] == ({"in.h5"}, set())


def test_a_call_that_changes_a_file_unseen_generates_only_the_change() -> None:
    def sort(path: str) -> None:
        subprocess.run(["sort", "-o", path, path], check=True)

    capture = Capture()
    with capture.activity("write"):
        Path("out.txt").write_text("b\na\n")
        capture.trace(sort)("out.txt")
    graph = capture.graph()
    made = {one.target.label: one.source for one in graph.relations["wasGeneratedBy"]}
    assert made.keys() == {"write", "sort"}
    [derived] = graph.relations["wasDerivedFrom"]
    assert (derived.source, derived.target) == (made["sort"], made["write"])


def test_files_in_a_list_are_used() -> None:
    Path("more.csv").write_text("x")
    graph = call(["in.csv", "more.csv"], lambda paths: None)
    assert files(graph)["step"] == ({"in.csv", "more.csv"}, set())


def test_a_file_that_a_part_of_the_activity_opens_is_used_by_that_part_only() -> None:
    capture = Capture()

    @capture.trace
    def inner(path: str) -> None:
        Path(path).read_text()

    @capture.trace
    def outer(path: str) -> None:
        inner(path)

    outer("in.csv")
    assert files(capture.graph()) == {"outer": (set(), set()), "inner": ({"in.csv"}, set())}


@pytest.mark.parametrize("start", [
    lambda: subprocess.run(["cp", "in.csv", "out/"], check=True),
    lambda: subprocess.run(["sh", "-c", "sort ../in.csv > result.csv; echo >> result.csv"], cwd="out", check=True),
    lambda: subprocess.run("sort in.csv > out.csv; echo >> out.csv", shell=True, check=True),
    lambda: os.system("(sort in.csv; echo) > out.csv"),
])  # fmt: skip
@pytest.mark.skipif(os.name == "nt", reason="a shell is needed")
def test_a_started_program_uses_and_generates_files(start: Callable[[], object]) -> None:
    os.mkdir("out")
    found = recorded(start)
    written = [path for path in Path().rglob("*.csv") if path.name != "in.csv"]
    generated = {path.name for path in written}
    assert found["inner"] == ({"in.csv"}, generated)
    assert found["outer"] == (set(), set())


def test_the_output_of_the_program_is_not_a_file_of_a_started_program(folder: Path) -> None:
    program = """
        import subprocess
        from provlog.capture import Capture
        capture = Capture(log="run.log")
        with capture.activity("act"):
            subprocess.run(["true"], check=True)
            print("some text", flush=True)
    """
    (folder / "program.py").write_text(dedent(program))
    with open("stdout.txt", "w") as stream:
        arguments = [sys.executable, "program.py"]
        subprocess.run(arguments, stdout=stream, env=environment(), check=True)
    labels = {one.label for one in provlog.read("run.log").entities.values()}
    assert "stdout.txt" not in labels


def test_a_command_that_writes_no_files_is_not_followed() -> None:
    capture = Capture()
    Path("script.sh").write_text("echo x > foreign.txt")
    with capture.activity("act"):
        # The file is written by another program of this name.
        os.waitpid(os.posix_spawn("/bin/sh", ["uname", "script.sh"], os.environ), 0)
    assert files(capture.graph())["act"] == (set(), set())


def test_a_file_that_a_started_program_reads_is_used() -> None:
    found = recorded(lambda: subprocess.run([sys.executable, "-c", "", "in.csv"], check=True))
    assert found["inner"] == ({"in.csv"}, set())


# The end of a process


@pytest.mark.parametrize("code", [
    "with capture.activity('step'): stream = open('out.csv', 'w')\nstream.write('text')",
    """
    from multiprocessing import get_context
    def work():
        with open("out.csv", "w") as stream: stream.write("text")
    with capture.activity("step"):
        process = get_context("fork").Process(target=work)
        process.start()
        process.join()
    """,
])  # fmt: skip
@pytest.mark.skipif(os.name == "nt", reason="forks")
def test_files_are_complete_at_the_end_of_the_process(folder: Path, code: str) -> None:
    start = "from provlog.capture import Capture\ncapture = Capture(log='run.log')\n"
    done = run(folder, start + dedent(code))
    assert (done.returncode, done.stderr) == (0, "")
    graph = provlog.read("run.log")
    assert files(graph)["step"] == (set(), {"out.csv"})
    [out] = [one for one in graph.entities.values() if one.label == "out.csv"]
    assert out.values("dcterms:identifier") == [sha256(b"text").hexdigest()]


def edit_renamed() -> None:
    os.rename("in.csv", "in.csv.bak")
    Path("in.csv").write_text(Path("in.csv.bak").read_text().upper())
    os.remove("in.csv.bak")


def test_a_file_that_is_renamed_and_read_is_used() -> None:
    capture = Capture()
    with capture.activity("make"):
        Path("made.csv").write_text("x,y\n")
    with capture.activity("edit"):
        os.rename("made.csv", "made.csv.bak")
        Path("made.csv").write_text(Path("made.csv.bak").read_text().upper())
        os.remove("made.csv.bak")
    graph = capture.graph()
    [made] = [one.source for one in graph.relations["wasGeneratedBy"] if one.target.label == "make"]
    [used] = graph.relations["used"]
    assert (used.source.label, used.target) == ("edit", made)
    assert files(graph)["edit"][1] == {"made.csv"}


def test_a_file_of_others_that_is_renamed_and_read_is_used_and_not_generated() -> None:
    assert recorded(edit_renamed)["inner"] == ({"in.csv.bak"}, {"in.csv"})


def test_a_file_between_two_started_programs_is_generated_and_not_used() -> None:
    def two() -> None:
        Path("a.csv").write_text(Path("in.csv").read_text() + "b\na\n")
        subprocess.run(["sort", "-o", "b.csv", "a.csv"], check=True)
        subprocess.run("sed s/x/z/ b.csv > c.csv", shell=True, check=True)

    assert recorded(two)["inner"] == ({"in.csv"}, {"a.csv", "b.csv", "c.csv"})


def test_a_file_that_another_activity_makes_between_two_started_programs_is_used() -> None:
    capture = Capture()
    with capture.activity("outer"):
        subprocess.run(["sort", "-o", "b.csv", "in.csv"], check=True)
        with capture.activity("inner"):
            Path("a.csv").write_text("new")
        subprocess.run(["sort", "-o", "c.csv", "-r", "a.csv"], check=True)
    assert "a.csv" in files(capture.graph())["outer"][0]
