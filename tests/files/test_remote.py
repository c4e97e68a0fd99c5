"""Logs and outputs at URLs: in memory, in files, on a local web server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.batch.layout import stem
from provlog.errors import InputError, MissingExtraError, OutputError, UsageError
from provlog.urls import is_url
from tests.cli.test_cli import run
from tests.nights import outputs
from tests.samples import LOGS, SAMPLES, document

fsspec = pytest.importorskip("fsspec")
LOG = SAMPLES / "gammapy-2020-04.log"


@pytest.fixture
def memory() -> Iterator[Any]:
    """The file system in memory, with the real logs in two folders."""
    system = fsspec.filesystem("memory")
    for log in LOGS:
        folder = "gammapy" if log.name.startswith("gammapy") else "others"
        system.pipe(f"/logs/{folder}/{log.name}", log.read_bytes())
    yield system
    system.store.clear()
    system.pseudo_dirs.clear()


class Quiet(SimpleHTTPRequestHandler):
    """A web server that writes nothing to the terminal."""

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    """The address of a web server for the real logs, on this machine only."""
    handler = partial(Quiet, directory=str(SAMPLES))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_urls_are_distinguished_from_paths() -> None:
    assert all(map(is_url, ["s3://b/k", "memory://x", "zip://a.log::file:///x.zip", "HTTP://x"]))
    assert not any(
        map(
            is_url, ["file:///x", "run.log", "-", "C:\\x", "c://x", "/a://b", "a b://c", "://x", ""]
        )
    )


def test_every_command_reads_and_writes_at_urls(memory: Any) -> None:
    url = "memory://logs/gammapy/gammapy-2020-04.log"
    assert provlog.read(url).to_prov() == provlog.read(LOG).to_prov()
    assert run("convert", url, "-o", "memory://out/run.provn").code == 0
    assert memory.cat("/out/run.provn").decode() == document(provlog.read(LOG), "provn")
    assert run("show", url).output == run("show", LOG).output
    assert run("convert", "memory://logs/others/lstosa-simulated-data.log.xz").code == 0


def test_a_batch_from_memory_to_memory(memory: Any) -> None:
    result = run("batch", "memory://logs", "-d", "memory://logs/prov", "-f", "provn")
    assert result.code == 0
    for log in LOGS:
        folder = "gammapy" if log.name.startswith("gammapy") else "others"
        written = memory.cat(f"/logs/prov/{folder}/{stem(log.name)}.provn")
        assert written.decode() == document(provlog.read(log), "provn")
    again = run("batch", "memory://logs", "-d", "memory://logs/prov", "-f", "provn")
    assert f"{len(LOGS)} of {len(LOGS)} logs" in again.errors
    assert f"{len(LOGS)} unchanged" in again.errors
    memory.rm("/logs/prov/others/lstosa-runwise.provn")
    again = run("batch", "memory://logs", "-d", "memory://logs/prov", "-f", "provn")
    assert "1 converted" in again.errors


def test_a_batch_with_patterns_and_places(memory: Any, tmp_path: Path) -> None:
    assert run("batch", "memory://logs/**/gammapy*.log", "-d", tmp_path).code == 0
    assert [*outputs(tmp_path)] == [
        f"gammapy/{stem(log.name)}.json" for log in LOGS if "gammapy-20" in log.name
    ]
    assert run("batch", "memory://logs/gammapy", "-d", tmp_path / "x", "--merge").code == 0
    assert [*outputs(tmp_path / "x")] == ["merged.json"]


def test_a_batch_between_files_with_urls(tmp_path: Path) -> None:
    result = run("batch", LOG.as_uri(), "-d", (tmp_path / "out").as_uri())
    assert result.code == 0
    assert [*outputs(tmp_path / "out")] == ["gammapy-2020-04.json"]


def test_a_batch_from_the_web(web: str, tmp_path: Path) -> None:
    for number, (name, logs) in enumerate(
        [
            (f"{web}/", len(LOGS) + 1),
            (f"{web}/gammapy*.log", 3),
            (f"{web}/gammapy-2020-04.log?x=1", 1),
        ]
    ):
        out = tmp_path / str(number)
        result = run("batch", name, "-d", out)
        assert (result.code, result.errors.count(f"{logs} of {logs} logs")) == (0, 1)
        written = (out / "gammapy-2020-04.json").read_text(encoding="utf-8")
        assert written == document(provlog.read(LOG), "provjson")


def test_unreadable_and_unwritable_urls_are_reported(web: str, memory: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.log: no such file"):
        provlog.read(f"{web}/none.log")
    with pytest.raises(InputError, match="cannot be read"):
        provlog.read("http://127.0.0.1:1/run.log")
    with pytest.raises(InputError, match="is a directory"):
        provlog.read("memory://logs/gammapy")
    with pytest.raises(OutputError, match="cannot be written"):
        provlog.write(provlog.read(LOG), f"{web}/run.json")
    with pytest.raises(UsageError, match="nonsense"):
        provlog.read("nonsense://x/run.log")
    result = run(
        "batch", "memory://logs/gammapy", f"{web}/none.log", f"{web}/none*", "-d", tmp_path
    )
    assert result.code == 1
    assert f"{web}/none.log: error PL003 no such file" in result.errors
    assert f"{web}/none*: error PL003 no file found" in result.errors
    assert "3 converted" in result.errors


def test_a_batch_to_an_unwritable_url(web: str, memory: Any) -> None:
    result = run("batch", "memory://logs/gammapy", "-d", f"{web}/out")
    assert result.code == 1
    assert result.errors.count("error PL004") == 3
    assert "the manifest could not be written" in result.errors


def test_a_store_that_cannot_be_reached_is_reported_without_its_password(tmp_path: Path) -> None:
    url = "ftp://me:secret@127.0.0.1:1/run.log"
    result = run("batch", url, LOG, "-d", tmp_path)
    assert result.code == 1
    assert "ftp://***@127.0.0.1:1/run.log: error PL003 cannot be reached" in result.errors
    assert "1 converted" in result.errors
    for arguments in (["convert", url], ["batch", str(LOG), "-d", url]):
        result = run(*arguments)
        assert result.code in (3, 4)
        assert "secret" not in result.errors
        assert "cannot be reached" in result.errors


def test_hidden_files_are_skipped(memory: Any, tmp_path: Path) -> None:
    memory.pipe("/logs/.git/x.log", LOG.read_bytes())
    memory.pipe("/logs/.hidden.log", LOG.read_bytes())
    result = run("batch", "memory://logs", "-d", tmp_path)
    assert f"{len(LOGS)} of {len(LOGS)} logs" in result.errors


def test_an_unreadable_manifest_is_not_overwritten(
    memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["batch", str(LOG), "-d", "memory://out"]
    run(*arguments)
    before = memory.cat("/out/.provlog-batch.db")

    def fail(*arguments: object, **options: object) -> None:
        raise TimeoutError("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(type(memory), "get_file", fail)
        result = run(*arguments)
    assert (result.code, "no answer" in result.errors) == (3, True)
    assert memory.cat("/out/.provlog-batch.db") == before
    assert "1 unchanged" in run(*arguments).errors


def test_without_fsspec_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'provlog\[remote\]'"):
        provlog.read("s3://bucket/run.log")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://me:se/cret@127.0.0.1:1/run.log",
        "ftp://me:se#cret@127.0.0.1:1/run.log",
        "ftp://me:se@cret@127.0.0.1:1/run.log",
        "http://127.0.0.1:1/run.json?token=se,cret",
        "nosuch://me:se/cret@host/run.log",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "arguments",
    [
        ["convert", "{url}"],
        ["check", "{url}"],
        ["show", "{url}"],
        ["convert", str(LOG), "-o", "{url}"],
        ["batch", "{url}", "-d", "out"],
        ["batch", str(LOG), "-d", "{url}"],
        ["batch", str(LOG), "-d", "out", "--report", "{url}"],
    ],
)
def test_no_command_shows_a_secret_of_a_url(
    url: str, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*(argument.format(url=url) for argument in arguments))
    assert result.code in (1, 2, 3, 4)
    assert "cret" not in result.output + result.errors
    assert url.partition("://")[0] + "://" in result.output + result.errors
