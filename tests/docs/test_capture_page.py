"""The commands of docs/capture.md print what the page shows, except for times and ids."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.docs.test_docs import CONSOLE
from tests.drawings import svg_nodes
from tests.test_layout import ROOT
from tests.timeless import timeless

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a shell is needed")

PAGE = ROOT / "docs" / "capture.md"
PICTURE = ROOT / "docs" / "pictures" / "excess.svg"
FILE = re.compile(r"^`([\w.]+)`[^\n]*:\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
STEP = re.compile(r"^\$ ([^\n]*)\n(.*?)(?=^\$ |\Z)", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which the commands run, with the files that the page shows."""
    outside = tmp_path_factory.mktemp("page")
    for name, arguments in (("python", ""), ("provlog", "-m provlog")):
        program = outside / name
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {arguments} "$@"\n')
        program.chmod(0o755)
    folder = outside / "excess"
    folder.mkdir()
    (folder / "sample_logs").symlink_to(ROOT / "sample_logs")
    for name, text in FILE.findall(PAGE.read_text(encoding="utf-8")):
        (folder / name).write_text(text)
    return folder


def ran(command: str, folder: Path) -> str:
    """Run a command; return its output without paths and names of this machine."""
    printed = subprocess.run(
        command, shell=True, cwd=folder, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={
            "PATH": f"{folder.parent}:/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT), "LOGNAME": "analyst", "USER": "analyst", "LANG": "C.UTF-8",
        },
    ).stdout  # fmt: skip
    return anonymous(printed, folder)


def anonymous(text: str, folder: Path) -> str:
    text = text.replace(str(folder), "/home/analyst/excess").replace(str(folder.parent), "/opt/bin")
    text = text.replace(sys.executable, "/opt/venv/bin/python").replace(str(ROOT), "/opt/provlog")
    text = text.replace(platform.release(), "6.1.0")
    return text.replace(f"'{platform.node()}'", "'node01.lan'")


@pytest.fixture(scope="module")
def shown_and_printed(folder: Path, request: pytest.FixtureRequest) -> list[tuple[str, str, str]]:
    """Return each command with the output on the page and the real one; ``--accept`` updates the page."""
    text = PAGE.read_text(encoding="utf-8")
    steps = [step.groups() for block in CONSOLE.findall(text) for step in STEP.finditer(block)]
    found = [(command, shown, ran(command, folder)) for command, shown in steps]
    if request.config.getoption("--accept"):
        for command, shown, printed in found:
            if timeless(shown) != timeless(printed):
                text = text.replace(f"$ {command}\n{shown}", f"$ {command}\n{printed}", 1)
        PAGE.write_text(text, encoding="utf-8")
        log = (folder / "run.log").read_text(encoding="utf-8")
        (folder / "anonymous.log").write_text(anonymous(log, folder), encoding="utf-8")
        ran(f"provlog graph anonymous.log -o {PICTURE}", folder)
        return [(command, printed, printed) for command, _, printed in found]
    return found


def test_commands_print_what_the_page_shows(
    shown_and_printed: list[tuple[str, str, str]],
) -> None:
    assert len(shown_and_printed) > 10
    for command, shown, printed in shown_and_printed:
        assert (command, timeless(printed)) == (command, timeless(shown))


def test_the_picture_shows_the_lineage_of_the_script(
    shown_and_printed: list[tuple[str, str, str]], folder: Path
) -> None:
    assert shown_and_printed
    kept, drawn = (
        [timeless(str(lines)) for _, lines in svg_nodes(path.read_text(encoding="utf-8"))]
        for path in (PICTURE, folder / "excess.svg")
    )
    assert kept == drawn


def test_the_excerpt_of_the_gammapy_definitions_is_in_the_file() -> None:
    [excerpt] = re.findall(
        r"^```yaml\n(  gammapy.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE
    )
    whole = yaml.safe_load((ROOT / "docs" / "gammapy" / "definition.yaml").read_text())
    for place, shown in yaml.safe_load(excerpt).items():
        activity = whole["activities"][place]
        assert shown["generation"] == activity["generation"]
        assert shown["description"] == activity["description"]
        assert all(item in activity["usage"] for item in shown["usage"])
