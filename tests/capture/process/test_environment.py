"""The environment of a program."""

from __future__ import annotations

import ast
import getpass
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import provlog
from provlog.capture.process import environment
from provlog.capture.process.environment import ENVIRONMENT, system, user
from provlog.graphs.summary import summary
from provlog.redaction import WITHHELD, is_secret_name

CANARY = "canary-9c1b"


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Give a copy of ``sys.modules`` that a test may change."""
    monkeypatch.setattr(sys, "modules", sys.modules.copy())
    return sys.modules  # type: ignore[return-value]


def module(name: str, **attributes: object) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(attributes)
    return made


def test_the_environment_is_a_literal() -> None:
    found = system()
    assert ast.literal_eval(repr(found)) == found
    assert [*found] == [
        "executable", "platform", "python", "environment", "arguments", "working_directory",
        "process_id", "packages",
    ]  # fmt: skip


def test_the_environment_has_the_keys_of_other_frameworks() -> None:
    """All keys of gammapy and ctapipe, except a few that are slow or recorded elsewhere."""
    log = Path("sample_logs/gammapy-2020-04.log").read_text(encoding="utf-8")
    _, _, text = log.partition("'executable'")
    text, _, _ = text.partition(", 'start_time_utc'")
    theirs = ast.literal_eval("{'executable'" + text + "}")
    ours = system()
    assert set(theirs) <= set(ours)
    assert set(theirs["python"]) == set(ours["python"])
    assert set(theirs["platform"]) - set(ours["platform"]) == {
        "architecture_linkage", "processor", "boot_time",
    }  # fmt: skip


def test_the_environment_describes_this_process() -> None:
    found = system()
    assert (found["process_id"], found["working_directory"]) == (os.getpid(), os.getcwd())
    assert found["executable"] == sys.executable
    assert sys.version.startswith(found["python"]["version"])
    assert found["packages"]["hypothesis"] == importlib.import_module("hypothesis").__version__
    assert found["packages"]["provlog"] == provlog.__version__
    assert not set(found["packages"]) & sys.stdlib_module_names


def test_show_prints_host_and_software(tmp_path: Path) -> None:
    found = system()
    session = {
        "session_id": "s1", "module": "provlog.api", "startTime": "2026-01-01T00:00:00", "system": found,
    }  # fmt: skip
    log = tmp_path / "run.log"
    log.write_text(f"_PROV_2026-01-01T00:00:00_PROV_{session!r}\n", encoding="utf-8")
    row = summary(provlog.read(log))["sessions"][0]
    assert row["host"] == found["platform"]["node"]
    assert row["software"] == [
        f"provlog {provlog.__version__}", f"Python {found['python']['version']}",
    ]  # fmt: skip


# Environment variables


def test_no_other_variables_are_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CANARY", "AWS_SECRET_ACCESS_KEY", "PATH_CANARY", "MY_PATH", "path", "PWD"):
        monkeypatch.setenv(name, CANARY)
    assert CANARY not in repr(system())


def test_no_other_variables_are_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[str] = set()

    class Spy(dict[str, str]):
        def __contains__(self, name: object) -> bool:
            read.add(str(name))
            return super().__contains__(name)

        def __getitem__(self, name: str) -> str:
            read.add(name)
            return super().__getitem__(name)

    monkeypatch.setattr(os, "environ", Spy({"PATH": "/bin", "CANARY": CANARY}))
    assert system()["environment"] == {"PATH": "/bin"}
    assert read == set(ENVIRONMENT)


def test_variables_are_recorded_if_they_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GAMMAPY_DATA", "https://me:hunter2@example.org/dl3")
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    assert system()["environment"] == {
        "GAMMAPY_DATA": "https://***@example.org/dl3", "SLURM_JOB_ID": "17",
    }  # fmt: skip


def test_variables_with_secret_names_are_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any(map(is_secret_name, ENVIRONMENT))
    monkeypatch.setattr(environment, "ENVIRONMENT", ("GITHUB_TOKEN", "HOME"))
    monkeypatch.setenv("GITHUB_TOKEN", CANARY)
    monkeypatch.setenv("HOME", "/home/me")
    assert system()["environment"] == {"HOME": "/home/me"}


def test_secrets_of_the_command_line_are_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["run.py", "--password", "hunter2"])
    assert system()["arguments"] == ["run.py", "--password", WITHHELD]


# Versions of packages


def test_versions_come_from_the_package_or_its_distribution(
    modules: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site-packages"
    for folder in ("Installed_Pkg-1.0.dist-info", "old.egg-2.0-py3.11.egg-info", "own-9.dist-info"):
        (site / folder).mkdir(parents=True)
    (tmp_path / "data" / "elsewhere-1.0.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "data"), str(site), "/no/site-packages"])
    for name in ("installed_pkg", "old_egg", "elsewhere", "unknown", "_private"):
        modules[name] = module(name)
    modules["own"] = module("own", __version__="3.0")
    found = environment._packages()
    expected = {
        "installed_pkg": "1.0",
        "old_egg": "2.0",
        "own": "3.0",
        "elsewhere": None,
        "unknown": None,
    }
    assert {name: found.get(name) for name in expected} == expected
    assert "_private" not in found


def test_the_first_folder_on_the_path_wins(
    modules: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / place / "site-packages" for place in ("user", "all")]
    for folder, version in zip(folders, ("2.0", "1.0"), strict=True):
        (folder / f"twice-{version}.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(folder) for folder in folders])
    modules["twice"] = module("twice")
    assert environment._packages()["twice"] == "2.0"


def test_module_getattr_is_not_called(modules: dict[str, Any]) -> None:
    asked: list[str] = []

    class Hostile(ModuleType):
        def __getattribute__(self, name: str) -> Any:
            asked.append(name)
            raise ZeroDivisionError

        @property
        def __version__(self) -> str:
            raise ZeroDivisionError

    class Text(str):
        __slots__ = ()

        def __repr__(self) -> str:
            raise ZeroDivisionError

    lazy = module("lazy", __getattr__=asked.append)
    odd = module("odd", __version__=Text("1"))
    long = module("long", __version__="1" * 10**6)
    number = module("number", __version__=3)
    modules |= {
        "hostile": Hostile("hostile"), "lazy": lazy, "odd": odd, "long": long, "number": number,
        "nothing": None, "object": object(), "type": Hostile, "": module(""),
    }  # fmt: skip
    found = environment._packages()
    assert found["provlog"] == provlog.__version__
    assert (
        set(found) & {"hostile", "lazy", "odd", "long", "number", "nothing", "object", ""} == set()
    )
    assert asked == []


def test_lazy_modules_stay_as_they_are(
    modules: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lazy_one.py"
    path.write_text("raise ZeroDivisionError('loaded')")
    spec = importlib.util.spec_from_file_location("lazy_one", path)
    assert spec is not None
    assert spec.loader is not None
    spec.loader = importlib.util.LazyLoader(spec.loader)
    made = importlib.util.module_from_spec(spec)
    modules["lazy_one"] = made
    spec.loader.exec_module(made)
    assert "lazy_one" not in environment._packages()
    with pytest.raises(ZeroDivisionError, match="loaded"):
        made.anything  # noqa: B018


def test_no_heavy_package_is_imported() -> None:
    script = (
        "import sys; from provlog.capture.process.environment import system, user\n"
        "found = system(); user()\n"
        "print(*sorted({'subprocess', 'importlib.metadata', 'asyncio', 'yaml', 'prov'}\n"
        "              & set(sys.modules)), 'platform' in found, len(found))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "True 8\n"


# Failures


def test_failing_parts_are_omitted(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Any:
        raise OSError

    for target in (
        "os.getcwd",
        "platform.uname",
        "provlog.capture.process.environment.imported_packages",
    ):
        monkeypatch.setattr(target, fail)
    monkeypatch.setattr(sys, "argv", None)
    monkeypatch.setitem(environment._PARTS, "working_directory", fail)
    assert [*system()] == ["executable", "python", "environment", "process_id"]


def test_the_version_of_libc_may_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> str:
        raise ValueError("unrecognized configuration name")

    monkeypatch.setattr(os, "confstr", fail, raising=False)
    found = system()["platform"]
    assert "libcver" not in found
    assert found["num_cpus"] == os.cpu_count()


def test_the_user_has_a_login_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "analyst")
    assert user() == "analyst"


def test_the_login_name_is_that_of_getpass(monkeypatch: pytest.MonkeyPatch) -> None:
    assert user() == getpass.getuser()
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    assert user() == getpass.getuser()


def test_a_user_may_lack_a_login_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setitem(sys.modules, "pwd", None)
    monkeypatch.setattr(os, "getuid", lambda: 1234, raising=False)
    assert user() == "uid 1234"
    monkeypatch.delattr(os, "getuid")
    assert user() == "unknown"
