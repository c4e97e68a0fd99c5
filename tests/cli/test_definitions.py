"""``provlog definitions``: output, messages and exit codes."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path, PurePath

import pytest

import provlog
from tests.cli.test_cli import one_line, provlog_process, run
from tests.definitions.test_load import ALL, PRESENTATION
from tests.test_layout import ROOT


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, a temporary one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_valid_file(here: Path) -> None:
    (here / "d.yaml").write_text(ALL)
    assert run("definitions", "check", "d.yaml") == (
        0, "", "provlog: d.yaml: 2 activities, 2 entities\n",
    )  # fmt: skip


def test_warnings_exit_with_0() -> None:
    result = run("definitions", "check", PRESENTATION)
    assert result.code == 0
    assert result.output.startswith(
        f"{PRESENTATION}:15:21: warning PL609 activity 'get_observations': "
    )
    assert result.output.count("\n") == 3
    assert one_line(result) == f"provlog: {PRESENTATION}: 2 activities, 0 entities, 3 warnings"


def test_errors_exit_with_1(here: Path) -> None:
    (here / "a.yaml").write_text("activities:\n  fit: 1\n  fit: 2\n")
    (here / "b.yaml").write_text("activities: {fit: {usage: 3}}\n")
    result = run("definitions", "check", "a.yaml", PRESENTATION, "b.yaml")
    assert result.code == 1
    lines = result.output.splitlines()
    assert lines[:2] == [
        "a.yaml:2:8: error PL602 activity 'fit': a mapping is expected, not a number",
        "a.yaml:3:3: error PL603 key 'fit' is also in line 2",
    ]
    assert (
        lines[-1]
        == "b.yaml:1:27: error PL602 activity 'fit': usage: a list is expected, not a number"
    )
    assert result.errors.splitlines() == [
        "provlog: a.yaml: 2 errors",
        f"provlog: {PRESENTATION}: 2 activities, 0 entities, 3 warnings",
        "provlog: b.yaml: 1 error",
    ]


def test_warnings_are_counted_beside_errors(here: Path) -> None:
    (here / "a.yaml").write_text("activities: {fit: {usage: 3, x: 1}}\n")
    result = run("definitions", "check", "a.yaml")
    assert one_line(result) == "provlog: a.yaml: 1 error, 1 warning"


def test_the_other_files_are_checked_after_an_unreadable_one(here: Path) -> None:
    (here / "a.yaml").write_text("- a")
    result = run("definitions", "check", "none.yaml", here, "a.yaml")
    assert result.code == 3
    assert result.output == "a.yaml:1:1: error PL602 a mapping is expected, not a list\n"
    assert result.errors.splitlines() == [
        "provlog: none.yaml: cannot be read: no such file or directory",
        f"provlog: {here}: cannot be read: is a directory",
        "provlog: a.yaml: 1 error",
    ]


def test_findings_in_other_formats(here: Path) -> None:
    (here / "a.yaml").write_text("activities: {fit: {usage: 3, x: 1}}\n")
    (here / "b.yaml").write_text("- a")
    result = run("definitions", "check", "a.yaml", "b.yaml", "--format", "json")
    assert (result.code, result.errors) == (1, "")
    assert [(row["file"], row["line"], row["code"]) for row in json.loads(result.output)] == [
        ("a.yaml", 1, "PL602"), ("a.yaml", 1, "PL604"), ("b.yaml", 1, "PL602"),
    ]  # fmt: skip
    github = run("definitions", "check", "a.yaml", "-f", "github").output.splitlines()
    assert github[0].startswith("::error file=a.yaml,line=1,col=27,title=PL602::activity 'fit'")
    sarif = json.loads(run("definitions", "check", "a.yaml", "-f", "sarif").output)
    assert [found["ruleId"] for found in sarif["runs"][0]["results"]] == ["PL602", "PL604"]


def test_a_file_without_findings_gives_an_empty_list(here: Path) -> None:
    (here / "d.yaml").write_text(ALL)
    assert run("definitions", "check", "d.yaml", "-f", "json") == (0, "[]\n", "")


def test_codes_of_definition_files_are_explained() -> None:
    result = run("check", "--explain", "PL6")
    assert result.code == 0
    assert result.output.startswith("### PL601: invalid YAML in a definition file\n")


def test_a_draft_of_a_module_in_the_current_folder(here: Path) -> None:
    (here / "analysis_of_mine.py").write_text(
        "print('imported')\ndef fit(n=3):\n    'Fit it.'\n    return n\n"
    )
    result = provlog_process(
        "definitions", "draft", "analysis_of_mine:fit", env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert (result.returncode, result.stderr) == (0, "imported\n")
    assert result.stdout.splitlines()[3:] == [
        "activities:",
        "  analysis_of_mine:fit:",
        "    description: Fit it.",
        "    parameters:",
        "    - name: n",
        "      value: kwargs.n",
        "      default: 3",
        "    unlisted: true",
    ]


def test_a_draft_of_a_log(here: Path) -> None:
    (here / "flow.py").write_text("def fit(n=3):\n    return [n]\nfit()\n")
    ran = provlog_process(
        "run", "--log", "run.log", "flow.py", env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    result = run("definitions", "draft", "run.log")
    assert (result.code, result.output.splitlines()[:2]) == (0, ["activities:", "  fit:"])


STEPS = {
    "steps/__init__.py": "from steps.inner import load\n",
    "steps/inner.py": "def load(path):\n    return [open(path).read()]\n",
    "models.py": (
        "class Model:\n"
        "    def __init__(self, rows): self.rows = rows\n"
        "    def fit(self): self.rows = self.rows * 2\n"
        "    def save(self, path): open(path, 'w').write(str(self.rows))\n"
    ),
    "flow/__init__.py": "",
    "flow/clean.py": "def clean(rows): return [*rows, 'x']\n",
    "flow/__main__.py": (
        "import steps\nfrom models import Model\nfrom .clean import clean\n"
        "model = Model(clean(steps.load('in.csv')))\nmodel.fit()\nmodel.save('out.txt')\n"
    ),
}  # fmt: skip


def statements(log: str) -> set[tuple[str, ...]]:
    graph = provlog.read(log)
    kinds = ("used", "wasGeneratedBy", "wasDerivedFrom")
    return {
        # A definition gives files another name.
        (kind, *(PurePath(str(next(iter(one.values("prov:location")), one.label))).name
                 for one in (relation.source, relation.target)))
        for kind in kinds
        for relation in graph.relations[kind]
    }  # fmt: skip


def test_a_draft_names_the_modules_of_functions_beside_the_script(here: Path) -> None:
    for name, text in STEPS.items():
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text(text)
    (here / "in.csv").write_text("1")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def recorded(log: str, *options: str) -> set[tuple[str, ...]]:
        ran = provlog_process("run", "--log", log, *options, "-m", "flow", env=environment)
        assert (ran.returncode, ran.stderr) == (0, "")
        return statements(log)

    without = recorded("run.log")
    drafted = run("definitions", "draft", "run.log").output
    (here / "draft.yaml").write_text(drafted)
    assert {line.strip() for line in drafted.splitlines()} >= {
        "steps.inner:load:", "flow.clean:clean:", "models:Model.fit:", "models:Model.save:",
    }  # fmt: skip
    assert recorded("drafted.log", "-d", "draft.yaml") >= without
    os.remove("flow/__main__.py")
    assert "  load:\n" in run("definitions", "draft", "run.log").output


def test_a_script_does_not_see_the_arguments_of_provlog(here: Path) -> None:
    (here / "counting.py").write_text("import sys\nprint(open(sys.argv[1]))\n")
    result = run("definitions", "draft", "counting")
    expected = (
        "provlog: cannot import counting: IndexError: list index out of range; if it is a script"
    )
    assert (result.code, one_line(result).partition(",")[0]) == (3, expected)


def test_a_draft_restores_the_path(here: Path) -> None:
    before = sys.path[:]
    assert run("definitions", "draft", "json:loads", "json:JSONDecoder").code == 0
    assert sys.path == before


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("nosuch", 2, "provlog: module 'nosuch' not found"),
        ("no such", 2, "provlog: 'no such' is not a target: write package.module, package.module:Class or package.module:function"),
        ("json:nosuch", 2, "provlog: module 'json' has no 'nosuch'"),
        ("broken_of_mine:x", 3, "provlog: cannot import broken_of_mine: ZeroDivisionError: division by zero; if it is a script, record it with provlog run, and draft from the log"),
    ],
)  # fmt: skip
def test_a_wrong_target_is_a_one_line_error(name: str, code: int, message: str, here: Path) -> None:
    (here / "broken_of_mine.py").write_text("1 / 0")
    result = run("definitions", "draft", name)
    assert (result.code, result.output, one_line(result)) == (code, "", message)


@pytest.mark.parametrize("command", [(), ("check",), ("draft",)])
def test_help_has_examples(command: tuple[str, ...]) -> None:
    assert "provlog definitions " in run("definitions", *command, "--help").output
