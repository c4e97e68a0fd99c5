"""Ids of files and collections."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from provlog.capture.files import file_ids as files
from provlog.capture.files.file_ids import FileId, FileIds
from provlog.errors import UsageError

POSIX = pytest.mark.skipif(os.name == "nt", reason="other files")

# The contents of a folder by name; names are bytes, since any are allowed.
names = st.binary(min_size=1, max_size=8).filter(
    lambda name: not set(name) & set(b"\0/") and name not in {b".", b".."}
) | st.sampled_from([b"a", b"b", b"a b", b"x\ny", b"\xff\xfe", b"$HOME", b"~", b"n" * 200])
contents = st.sampled_from([b"", b"x", b"y", b"xy", b"./\0\0"]) | st.binary(max_size=20)
trees: st.SearchStrategy[dict[bytes, bytes]] = st.dictionaries(names, contents, max_size=4)
forests = st.dictionaries(names, contents | trees, max_size=4)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def folder_of(forest: dict[bytes, bytes | dict[bytes, bytes]]) -> Iterator[str]:
    """Return a folder with these files and folders."""
    with tempfile.TemporaryDirectory() as folder:
        plant(os.fsencode(folder), forest)
        yield folder


def plant(folder: bytes, forest: dict[bytes, bytes | dict[bytes, bytes]]) -> None:
    for name, content in forest.items():
        path = os.path.join(folder, name)
        if isinstance(content, dict):
            os.mkdir(path)
            plant(path, {**content})
        else:
            with open(path, "wb") as stream:
                stream.write(content)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the paths of the files that are read, in order."""
    found: list[str] = []
    original = files._opener

    def opener(path: str, flags: int) -> int:
        found.append(path)
        return original(path, flags)

    monkeypatch.setattr(files, "_opener", opener)
    return found


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make files look as if they were written long ago."""
    now = time.time_ns()
    monkeypatch.setattr("time.time_ns", lambda: now + 3600 * 10**9)


# Files


@given(first=contents, second=contents)
def test_the_same_content_has_the_same_id(first: bytes, second: bytes) -> None:
    ids = FileIds()
    with folder_of({b"a": first, b"b": second}) as folder:
        one, two = ids.of_file(f"{folder}/a"), ids.of_file(f"{folder}/b")
        assert one == FileId(sha256(first), f"{folder}/a", sha256(first), "sha256")
        assert (one.id == two.id) == (first == second)


@pytest.mark.parametrize("method", ["sha256", "sha1", "md5"])
def test_hashes_equal_those_of_other_programs(tmp_path: Path, method: str) -> None:
    path = tmp_path / "events.fits"
    path.write_bytes(b"SIMPLE" * 100_000)
    found = FileIds(method).of_file(path)
    digest = hashlib.new(method, path.read_bytes()).hexdigest()
    assert found == FileId(digest, str(path), digest, method)


def test_an_unknown_hash_is_an_error() -> None:
    with pytest.raises(UsageError, match="unknown hash 'crc32': use sha256, sha1, md5"):
        FileIds("crc32")


def test_paths_are_expanded_and_made_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "dl3" / "events.fits"
    path.parent.mkdir()
    path.write_bytes(b"x")
    monkeypatch.setenv("GAMMAPY_DATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    ids = FileIds()
    ways: list[str | bytes | Path] = [
        path, os.fsencode(path), "dl3/events.fits", Path("dl3/events.fits"), "./dl3/../dl3/events.fits",
        "$GAMMAPY_DATA/dl3/events.fits", "${GAMMAPY_DATA}/dl3/events.fits", "~/dl3/events.fits",
        f"file://{path}",
    ]  # fmt: skip
    assert {ids.of_file(way) for way in ways} == {ids.of_file(path)}
    assert ids.of_file("$NOT_SET/x").note == "file not found"


@POSIX
def test_a_name_that_looks_like_a_variable_is_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("$HOME", "~"):
        (tmp_path / name).write_bytes(b"x")
        assert FileIds().of_file(name) == FileId(
            sha256(b"x"), str(tmp_path / name), sha256(b"x"), "sha256"
        )


def test_a_url_is_its_own_id_and_holds_no_password() -> None:
    url = "s3://bucket/dl3/events.fits"
    assert FileIds().of_file(url) == FileIds().of_collection(url, "index") == FileId(url, url)
    found = FileIds().of_file("ftp://me:hunter2@example.org/x?token=abc")
    assert found.id == found.location == "ftp://***@example.org/x?token=(withheld)"


def test_links_are_not_resolved(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "link").symlink_to("a")
    found = FileIds().of_file(tmp_path / "link")
    assert (found.id, found.location) == (sha256(b"x"), str(tmp_path / "link"))


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("absent", "file not found"),
        ("file/x", "file not found"),
        ("dangling", "file not found"),
        ("circle", "too many levels of symbolic links"),
        ("n" * 300, "file name too long"),
        ("a\0b", "not a valid path"),
        ("~\0", "not a valid path"),
        ("\ud800", "not a valid path"),
        ("${\ud800}", "not a valid path"),
    ],
)
@POSIX
def test_a_missing_file_is_identified_by_its_path(tmp_path: Path, name: str, note: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "dangling").symlink_to("nowhere")
    path = os.path.join(tmp_path, name)
    for found in (FileIds().of_file(path), FileIds().of_collection(path, "index")):
        is_absent = note == "file not found"
        assert found == FileId(path, path, note=note, is_absent=is_absent)


def test_an_invalid_path_is_kept_as_written() -> None:
    assert FileIds().of_file("~\0").note == "not a valid path"
    assert FileIds().of_file("$\ud800").note == "not a valid path"


@POSIX
def test_a_deleted_working_directory_causes_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert FileIds().of_file("x") == FileId("x", "x", note="file not found", is_absent=True)


@POSIX
def test_pipes_sockets_and_devices_are_not_opened(tmp_path: Path, opened: list[str]) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        current = os.getcwd()
        os.chdir(tmp_path)
        try:
            # The name of a socket must be short.
            listener.bind("socket")
        finally:
            os.chdir(current)
        for path in (str(tmp_path / "pipe"), str(tmp_path / "socket"), "/dev/zero"):
            assert FileIds().of_file(path) == FileId(path, path, note="not a regular file")
        assert FileIds().of_collection(tmp_path).hash is not None
    assert opened == []


@POSIX
def test_a_pipe_that_replaces_a_file_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.touch()
    status = os.stat(path)
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(os, "stat", lambda _: status)
    assert FileIds().of_file(path) == FileId(str(path), str(path), note="not a regular file")


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="no such files")
def test_virtual_files_of_the_kernel_are_not_read(opened: list[str]) -> None:
    found = FileIds().of_file("/proc/self/status")
    assert (found.id, found.note) == ("/proc/self/status", "not a regular file")
    assert opened == []


@POSIX
def test_an_unreadable_file_is_identified_by_its_path(tmp_path: Path) -> None:
    script = (
        "import sys; from provlog.capture.files.file_ids import FileIds\n"
        "for path in sys.argv[1:]: print(*FileIds().of_collection(path), sep='|')\n"
    )
    shut, folder = tmp_path / "shut", tmp_path / "folder"
    shut.touch(mode=0)
    folder.mkdir()
    (folder / "below").mkdir(mode=0)
    (folder / "shut").touch(mode=0)
    (tmp_path / "closed").mkdir(mode=0)
    paths = [shut, tmp_path / "closed", tmp_path / "closed" / "x", folder]
    command: list[str | Path] = [sys.executable, "-c", script, *paths]
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("permissions do not bind this user")
        caps = "-dac_override,-dac_read_search"
        command = [setpriv, "--bounding-set", caps, "--inh-caps", caps, *command]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines[:3] == [
        f"{path}|{path}|None|None|no permission|False|False|()" for path in paths[:3]
    ]
    tokens = ["./", "", "below/", "", "below/", "(no permission)", "shut", "(no permission)"]
    digest = sha256("".join(f"{token}\0" for token in tokens).encode())
    assert lines[3] == f"{digest}|{folder}|{digest}|sha256|None|True|False|()"


def test_files_above_the_limit_are_not_read(tmp_path: Path, opened: list[str]) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 2049)
    ids = FileIds(limit=2048)
    found = ids.of_file(path)
    note = "larger than 2 KiB: the id is made of path, size and time"
    assert found == FileId(found.id, str(path), note=note)
    assert ids.of_file(path) == found
    os.utime(path, ns=(1, 1))
    later = ids.of_file(path)
    path.write_bytes(b"x" * 2050)
    os.utime(path, ns=(1, 1))
    larger = ids.of_file(path)
    (tmp_path / "b").write_bytes(b"x" * 2050)
    os.utime(tmp_path / "b", ns=(1, 1))
    assert len({found.id, later.id, larger.id, ids.of_file(tmp_path / "b").id}) == 4
    assert opened == []
    path.write_bytes(b"x" * 2048)
    assert ids.of_file(path).id == sha256(b"x" * 2048)


@pytest.mark.parametrize(
    ("size", "worded"),
    [
        (10, "10 bytes"),
        (1536, "1.5 KiB"),
        (3 * 2**20, "3 MiB"),
        (2**32, "4 GiB"),
        (2**42, "4096 GiB"),
    ],
)
def test_sizes_are_formatted(size: int, worded: str) -> None:
    assert files._size(size) == worded


# Unchanged files are read once


@pytest.mark.usefixtures("settled")
def test_a_file_is_read_once_for_all_uses(tmp_path: Path, opened: list[str]) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    ids = FileIds()
    assert len({*(ids.of_file(path) for _ in range(5)), ids.of_collection(path)}) == 1
    assert len({ids.of_collection(tmp_path) for _ in range(5)}) == 1
    assert opened == [str(path)]


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(b"xy"),
        lambda path: os.utime(path, ns=(5, 5)),
        lambda path: os.replace(shutil.copy2(path, f"{path}.new"), path),
    ],
    ids=["size", "time", "file"],
)
def test_a_possibly_changed_file_is_read_again(
    tmp_path: Path, opened: list[str], change: Callable[[Path], object]
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    os.utime(path, ns=(3, 3))
    ids = FileIds()
    ids.of_file(path)
    change(path)
    assert ids.of_file(path).id == sha256(path.read_bytes())
    assert opened == [str(path)] * 2


def test_size_times_and_inode_detect_changes() -> None:
    def stamp(inode: int, size: int, modified: int, changed: int) -> object:
        fields = (0, inode, 0, 0, 0, 0, size, 0, 0, 0)
        return files._stamp(
            os.stat_result(fields, {"st_mtime_ns": modified, "st_ctime_ns": changed})
        )

    stamps = {stamp(1, 1, 1, 1), stamp(2, 1, 1, 1), stamp(1, 2, 1, 1), stamp(1, 1, 2, 1)}
    assert len({*stamps, stamp(1, 1, 1, 2), stamp(1, 1, 1, 1)}) == 5


@pytest.mark.parametrize("time", [1_600_000_000_000_000_000, 1_600_000_000_123_456_789])
def test_the_times_of_a_recent_file_are_not_trusted(
    time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second change may come within the resolution of the clock, which may be 2 s."""
    status = os.stat_result(range(10), {"st_mtime_ns": time - 9, "st_ctime_ns": time})
    ticks = {10**6: False, 10**8: time % 10**9 != 0, 3 * 10**9: True, -(10**10): True}
    for later, is_settled in ticks.items():
        monkeypatch.setattr("time.time_ns", lambda: time + later)  # noqa: B023
        assert files._is_settled(status) is is_settled


def test_changes_without_a_new_time_are_detected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_stamp", lambda _: (0, 0, 0, 0))
    # However slow the machine is.
    monkeypatch.setattr(files, "_TICK", 10**12)
    path = tmp_path / "a"
    ids = FileIds()
    for content in (b"1", b"2", b"3"):
        path.write_bytes(content)
        assert ids.of_file(path).id == sha256(content)


@pytest.mark.usefixtures("settled")
def test_a_file_that_changes_during_hashing_is_not_cached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    original = files._digests_of

    def digest(*args: Any) -> object:
        found = original(*args)
        path.write_bytes(b"changed")
        return found

    ids = FileIds()
    with monkeypatch.context() as patch:
        patch.setattr(files, "_digests_of", digest)
        assert ids.of_file(path).id == sha256(b"x")
    assert ids._known == {}
    assert ids.of_file(path).id == ids.of_file(path).id == sha256(b"changed")
    assert len(opened) == 2


@pytest.mark.usefixtures("settled")
def test_the_cache_of_digests_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    monkeypatch.setattr(files, "_MAX_DIGESTS", 2)
    ids = FileIds()
    for name in "abcbca":
        (tmp_path / name).touch()
        os.utime(tmp_path / name, ns=(3, 3))
    for name in "abcbca":
        ids.of_file(tmp_path / name)
    assert [os.path.basename(path) for path in opened] == ["a", "b", "c", "a"]


def test_threads_compute_the_same_ids(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / str(number)).write_bytes(b"x" * number)
    ids = FileIds()
    found: list[FileId] = []
    threads = [
        threading.Thread(target=lambda: found.append(ids.of_collection(tmp_path))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert set(found) == {FileIds().of_collection(tmp_path)}


# Collections


@POSIX
@given(first=forests, second=forests)
def test_the_same_entries_have_the_same_id(
    first: dict[bytes, bytes | dict[bytes, bytes]], second: dict[bytes, bytes | dict[bytes, bytes]]
) -> None:
    ids = FileIds()
    with folder_of(first) as one, folder_of(second) as two, folder_of(first) as three:
        found = ids.of_collection(one)
        assert found == FileId(found.id, one, found.id, "sha256", is_folder=True)
        assert ids.of_collection(three).id == found.id
        assert (ids.of_collection(two).id == found.id) == (first == second)


@POSIX
@given(forest=forests, data=st.data())
def test_any_change_of_an_entry_changes_the_id(
    forest: dict[bytes, bytes | dict[bytes, bytes]], data: st.DataObject
) -> None:
    ids = FileIds()
    with folder_of(forest) as folder:
        before = ids.of_collection(folder).id
        name = data.draw(names)
        assume(name not in forest)
        path = os.path.join(os.fsencode(folder), name)
        with open(path, "wb") as stream:
            stream.write(data.draw(contents))
        added = ids.of_collection(folder).id
        with open(path, "ab") as stream:
            stream.write(b"z")
        changed = ids.of_collection(folder).id
        os.rename(path, path[:-1] + b"QQ")
        renamed = ids.of_collection(folder).id
        os.remove(path[:-1] + b"QQ")
        assert len({before, added, changed, renamed}) == 4
        assert ids.of_collection(folder).id == before


def test_a_collection_is_identified_by_its_index(tmp_path: Path) -> None:
    (tmp_path / "obs-index.fits").write_bytes(b"x")
    (tmp_path / "events.fits").write_bytes(b"y")
    found = FileIds().of_collection(tmp_path, "obs-index.fits")
    assert found == FileId(sha256(b"x"), str(tmp_path), sha256(b"x"), "sha256", is_folder=True)


def test_a_collection_without_its_index_is_identified_by_its_entries(tmp_path: Path) -> None:
    (tmp_path / "events.fits").write_bytes(b"y")
    ids = FileIds()
    found = ids.of_collection(tmp_path, "obs-index.fits")
    note = "index obs-index.fits: file not found; the id is made of the entries"
    assert found == ids.of_collection(tmp_path)._replace(note=note)


def test_files_and_folders_have_different_ids(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    ids = FileIds()
    assert ids.of_collection(path, "index") == ids.of_file(path)
    assert ids.of_file(tmp_path) == ids.of_collection(tmp_path)


def test_an_empty_folder_is_not_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    assert FileIds().of_file(tmp_path / "folder").id != FileIds().of_file(tmp_path / "file").id


def test_links_to_folders_are_entries_that_are_not_followed(
    tmp_path: Path, opened: list[str]
) -> None:
    folder, other = tmp_path / "folder", tmp_path / "other"
    for path in (folder, other):
        path.mkdir()
    (other / "a").touch()
    (folder / "loop").symlink_to(folder)
    (folder / "link").symlink_to("../other")
    before = FileIds().of_collection(folder)
    assert (opened, before.note) == ([], None)
    (folder / "link").unlink()
    (folder / "link").symlink_to("..")
    assert FileIds().of_collection(folder).id != before.id


@POSIX
def test_excluded_files_are_not_part_of_a_collection(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "logs").mkdir(parents=True)
    (folder / "a").write_bytes(b"x")
    (tmp_path / "link").symlink_to(folder)
    log = folder / "run.log"
    ids = FileIds(excluded=[str(log), str(folder / "logs"), "/no/such/log", "\0"])
    before = ids.of_collection(folder)
    for content in ("one", "more"):
        log.write_text(content)
        (folder / "logs" / "x.log").write_text(content)
        assert ids.of_collection(folder) == before
        assert ids.of_collection(tmp_path / "link").id == before.id
    assert ids.of_file(log).id == sha256(b"more")


def test_the_files_of_a_huge_folder_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    monkeypatch.setattr(files, "_MAX_HASHED", 3)
    for name in "abcd":
        (tmp_path / name).touch()
    found = FileIds().of_collection(tmp_path)
    note = "more than 3 entries: the id is made of names, sizes and times"
    assert found == FileId(found.id, str(tmp_path), note=note, is_folder=True)
    assert FileIds().of_collection(tmp_path) == found
    os.utime(tmp_path / "a", ns=(1, 1))
    assert FileIds().of_collection(tmp_path).id != found.id
    assert opened == []


def test_the_files_of_a_large_folder_are_not_read(tmp_path: Path, opened: list[str]) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(b"x" * 6)
    found = FileIds(limit=11).of_collection(tmp_path)
    note = "larger than 11 bytes: the id is made of names, sizes and times"
    assert found == FileId(found.id, str(tmp_path), note=note, is_folder=True)
    assert opened == []
    assert FileIds(limit=12).of_collection(tmp_path).note is None


def test_a_folder_with_too_many_entries_is_identified_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_MAX_LISTED", 3)
    for name in "abcd":
        (tmp_path / name).touch()
    path = str(tmp_path)
    assert FileIds().of_collection(path) == FileId(
        path, path, note="more than 3 entries", is_folder=True
    )


@POSIX
def test_deeply_nested_folders_have_ids(tmp_path: Path) -> None:
    current = os.getcwd()
    os.chdir(tmp_path)
    try:
        for _ in range(1500):
            os.mkdir("nnnnn")
            os.chdir("nnnnn")
    finally:
        os.chdir(current)
    # The deepest paths are too long for the operating system.
    found = FileIds().of_collection(tmp_path)
    # Too deep for pytest's removal of temporary folders.
    subprocess.run(["rm", "-rf", tmp_path / "nnnnn"], check=True)
    assert (found.hash, found.note) == (found.id, None)


@pytest.mark.usefixtures("settled")
def test_several_threads_read_a_file_once(tmp_path: Path, opened: list[str]) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"x" * 20_000_000)
    ids = FileIds()
    with ThreadPoolExecutor(6) as pool:
        found = set(pool.map(ids.of_file, [path] * 6))
    assert len(found) == 1
    assert opened.count(str(path)) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_fork_does_not_wait_for_hashing_of_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    ids = FileIds()
    lock = ids._reading[str(path)] = threading.RLock()
    with lock:
        child = os.fork()
        if not child:
            thread = threading.Thread(target=ids.of_file, args=(path,), daemon=True)
            thread.start()
            thread.join(5)
            os._exit(thread.is_alive())
        assert os.waitpid(child, 0)[1] == 0


@given(st.binary(max_size=100) | st.just(b"x" * 600_000))
def test_several_digests_are_those_of_the_content(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(content)
        found = FileIds(["sha1", "sha256", "md5"]).of_file(path)
    assert found.id == found.hash == hashlib.sha1(content).hexdigest()
    assert found.hash_type == "sha1"
    assert dict(found.others) == {
        "sha256": sha256(content), "md5": hashlib.md5(content).hexdigest(),
    }  # fmt: skip


def test_several_digests_are_made_in_one_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x")
    read: list[str] = []
    opener = files._opener

    def noted(path: str, flags: int) -> int:
        read.append(path)
        return opener(path, flags)

    monkeypatch.setattr(files, "_opener", noted)
    FileIds(["sha256", "sha1", "md5"]).of_file(path)
    assert read == [str(path)]


@pytest.mark.parametrize("method", [[], ["sha256", "crc"], ""])
def test_unknown_hash_methods_are_refused(method: list[str] | str) -> None:
    with pytest.raises(UsageError, match="hash"):
        FileIds(method)
