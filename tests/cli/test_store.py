"""``provlog store``, and the commands that read a store."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import provlog
from tests.cli.test_cli import run
from tests.samples import EXCERPT, SAMPLES

LOG = str(SAMPLES / "gammapy-2020-04.log")


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A store with two logs."""
    path = str(tmp_path / "prov.db")
    assert run("store", "add", "--store", path, LOG, str(EXCERPT)).code == 0
    return path


def test_a_log_in_a_store_converts_to_the_same_document(store: str) -> None:
    expected = run("convert", LOG, "-f", "provn")
    assert run("convert", "--store", store, LOG, "-f", "provn").output == expected.output


def test_the_store_of_the_folder_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("store", "add", LOG).code == 0
    assert (tmp_path / "provlog.db").exists()
    rows = json.loads(run("store", "info", "--json").output)
    assert [row["name"] for row in rows] == [LOG]


def test_the_lineage_of_a_store_is_that_of_its_logs(store: str) -> None:
    for options in (
        [],
        ["--upstream", "--depth", "2"],
        ["--downstream"],
        ["--json"],
        ["-f", "provn"],
    ):
        found = run("lineage", "--store", store, "430032922596335269", *options)
        assert found.code == 0, found.errors
        expected = run("lineage", LOG, str(EXCERPT), "430032922596335269", *options)
        assert sorted(found.output.splitlines()) == sorted(expected.output.splitlines())


def test_removing_a_log(store: str) -> None:
    assert run("store", "remove", "--store", store, LOG).code == 0
    again = run("store", "remove", "--store", store, LOG)
    assert again.code == 1
    assert f"{LOG}: is not in the store" in again.errors
    graph = provlog.Store(store).graph()
    assert graph.to_prov() == provlog.read(EXCERPT).to_prov()


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (["convert", "--store", "none.db"], "none.db: no such store", 3),
        (["convert", "--store", str(EXCERPT)], "file is not a database", 3),
        (
            ["convert", "--store", "mysql://me:secret@host/x"],
            "invalid store 'mysql://***@host/x': write a path",
            2,
        ),
        (["convert", "--store", "x://"], "invalid store", 2),
        (["store", "add", "-"], "standard input has no name", 2),
        (["lineage", "only-a-name"], "Missing argument 'NAME'", 2),
        (["nest", "--store", "x.db"], "No such option", 2),
        (["convert"], "Missing argument 'LOGS...'", 2),
    ],
)
def test_errors(
    arguments: list[str], message: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert message in result.errors
    assert "secret" not in result.errors
    assert result.code == code
    assert not [*tmp_path.glob("none*")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["convert", "-f", "provjson", "-o"],
        ["convert", LOG, "-f", "provjson", "-o"],
        ["lineage", "430032922596335269", "-f", "provjson", "-o"],
        ["graph", "-f", "svg", "-o"],
        ["explore", "--no-browser", "-o"],
        ["store", "find", "-f", "provjson", "-o"],
        ["store", "add", LOG, "--report"],
    ],
)
@pytest.mark.parametrize("url", ["{}", "sqlite:///{}"])
def test_no_output_overwrites_the_store(arguments: list[str], url: str, store: str) -> None:
    result = run(*arguments, store, "--store", url.format(store))
    assert f"{store}: is an input; name another output" in result.errors
    assert result.code == 2
    assert len(provlog.Store(store, create=False).logs()) == 2


def test_options_of_reading_belong_to_adding(store: str) -> None:
    result = run("convert", "--store", store, "--from", "log")
    assert result.code == 2
    assert "give them to provlog store add" in result.errors


def test_only_stores_need_their_packages(tmp_path: Path) -> None:
    """Without SQLAlchemy, everything else works, and a store names the extra."""
    program = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "import importlib.util as util\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'sqlalchemy' else find(name, *rest)\n"
        "from provlog.cli import main\n"
        "main(sys.argv[1:])\n"
    )

    def without(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(command, text=True, capture_output=True, check=False)

    report = str(tmp_path / "report.json")
    done = without("batch", LOG, "-d", str(tmp_path / "out"), "--report", report)
    assert done.returncode == 0, done.stderr
    for arguments in (("store", "info"), ("convert", "--store", "x.db"), ("store", "add", LOG)):
        refused = without(*arguments)
        assert refused.returncode == 2
        assert refused.stderr == (
            "provlog: a store needs more packages: pip install 'provlog[store]'\n"
        )
