"""The recipes of docs/ci.md: valid pipelines, whose provlog commands run on a sample log."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from junitparser import JUnitXml

from tests.samples import EXCERPT, LOGS, SAMPLES
from tests.test_layout import ROOT

RECIPES = [
    yaml.safe_load(block)
    for block in re.findall(
        r"^```yaml\n(.*?)^```$", (ROOT / "docs" / "ci.md").read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
]  # fmt: skip
GITHUB, GITLAB, PRE_COMMIT = RECIPES
SCHEMAS = {"vendor.github-workflows": GITHUB, "vendor.gitlab-ci": GITLAB}


def commands(recipe: Any) -> list[str]:
    """Return the provlog commands of a pipeline, in order."""
    if isinstance(recipe, str):
        return [recipe] if recipe.startswith("provlog ") else []
    parts = (
        recipe.values() if isinstance(recipe, dict) else recipe if isinstance(recipe, list) else []
    )
    return [command for part in parts for command in commands(part)]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_pipelines_are_valid(schema: str, tmp_path: Path) -> None:
    # YAML 1.1 takes the key "on" for a truth.
    recipe = {"on" if key is True else key: value for key, value in SCHEMAS[schema].items()}
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps(recipe))
    judged = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout + judged.stderr


@pytest.mark.skipif(os.name == "nt", reason="a shell is needed")
@pytest.mark.parametrize("recipe", [GITHUB, GITLAB], ids=["GitHub", "GitLab"])
def test_commands_of_the_pipelines_work(recipe: Any, tmp_path: Path) -> None:
    shutil.copytree(SAMPLES, tmp_path / "logs", ignore=shutil.ignore_patterns("*.md"))
    program = tmp_path / "bin" / "provlog"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m provlog "$@"\n')
    program.chmod(0o755)
    env = os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    assert commands(recipe)
    for command in commands(recipe):
        done = subprocess.run(
            command, shell=True, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        verdict = command.startswith("provlog check") and "--fail-on never" not in command
        assert (done.returncode, "Traceback" in done.stderr) == (int(verdict), False), command
        if "--format github" in command:
            assert (
                "::warning file=logs/presentation-excerpt.log,line=4,col=42,title=PL101::"
                in done.stdout
            )
    assert (tmp_path / "provenance" / "gammapy-2020-04.svg").exists()
    if recipe is GITHUB:
        assert json.loads((tmp_path / "provlog.sarif").read_text())["version"] == "2.1.0"
        assert json.loads((tmp_path / "provenance" / "report.json").read_text())["failed"] == 0
    else:
        suite = next(iter(JUnitXml.fromfile(str(tmp_path / "provenance.xml"))))
        assert len(list(suite)) == len(LOGS)


@pytest.mark.slow
def test_the_hook_checks_the_logs_of_a_commit(tmp_path: Path) -> None:
    if shutil.which("git") is None or importlib.util.find_spec("pre_commit") is None:
        pytest.skip("needs git and pre-commit")
    (hook,) = PRE_COMMIT["repos"][0]["hooks"]
    assert hook["id"] in (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    # A repository with the files of this one, as they are now.
    repo = tmp_path / "provlog"
    shutil.copytree(
        ROOT / "provlog", repo / "provlog", ignore=shutil.ignore_patterns("__pycache__", "*.so")
    )
    for name in (
        "pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".pre-commit-hooks.yaml",
    ):  # fmt: skip
        shutil.copy(ROOT / name, repo / name)
    user = tmp_path / "user"
    user.mkdir()
    shutil.copy(EXCERPT, user / "run.log")
    (user / "notes.txt").write_text("nothing\n")
    env = os.environ | {
        "PRE_COMMIT_HOME": str(tmp_path / "home"), "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
    }  # fmt: skip
    for folder in (repo, user):
        for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
            subprocess.run(["git", *command], cwd=folder, env=env, check=True)
    tried = subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", repo, hook["id"], "--all-files", "--verbose"],
        cwd=user, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert tried.returncode == 1, tried.stdout + tried.stderr
    assert "run.log:4:42: warning PL101 closing '}' missing" in tried.stdout
    assert "notes.txt" not in tried.stdout
