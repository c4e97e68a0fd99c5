"""Commands, links and pictures in the README and the other pages are up to date."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from provlog.cli import main
from tests.drawings import parsed, svg_nodes
from tests.samples import SAMPLES
from tests.test_layout import ROOT

CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *(
        page
        for folder in ("docs", "benchmarks", "sample_logs")
        for page in (ROOT / folder).glob("*.md")
    ),
]


@pytest.mark.skipif(os.name == "nt", reason="a shell is needed")
def test_commands_of_the_readme_print_what_it_shows(tmp_path: Path) -> None:
    (tmp_path / "sample_logs").symlink_to(ROOT / "sample_logs")
    program = tmp_path / "provlog"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m provlog "$@"\n')
    program.chmod(0o755)
    blocks = CONSOLE.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert blocks
    for block in blocks:
        for step in block.split("$ ")[1:]:
            command, _, shown = step.partition("\n")
            printed = subprocess.run(
                command, shell=True, cwd=tmp_path, text=True, check=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
            ).stdout  # fmt: skip
            assert printed == shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_files_are_valid(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def sections(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_sections_are_valid(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target, section in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", text):
        assert section in sections(page.parent / target if target else page), (target, section)


def test_options_of_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = main.list_commands(click.Context(main))
    known = "".join(CliRunner().invoke(main, [name, "--help"]).output for name in names)
    for option in set(re.findall(r"(?<![\w-])--[a-z]+", readme)):
        assert option in known


PICTURES = {
    "excerpt": ["presentation-excerpt.log"],
    "gammapy": ["provlog-gammapy.log"],
    "fit": ["gammapy-2020-04.log", "--focus", "430032922596335269", "--upstream"],
    "night": [
        "lstosa-simulated-data.log.xz", "--session", "01807", "--max-nodes", "50",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_up_to_date(name: str, accept: bool) -> None:
    picture = ROOT / "docs" / "pictures" / f"{name}.svg"
    log, *options = PICTURES[name]
    arguments = ["graph", str(SAMPLES / log), *options]
    if accept:
        assert CliRunner().invoke(main, [*arguments, "-o", str(picture)]).exit_code == 0
    drawn = CliRunner().invoke(main, [*arguments, "-f", "dot"])
    assert dict(svg_nodes(picture.read_text(encoding="utf-8"))) == parsed(drawn.stdout).nodes
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert f"pictures/{picture.name})" in pages
