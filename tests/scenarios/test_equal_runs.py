"""Logs of two runs of a program differ only in times and process ids."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest

import provlog
from tests.capture.programs import run

PROGRAM = dedent("""
    import re, sys
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from provlog.capture import Capture

    capture = Capture(log=sys.argv[1])

    class Model:
        def __init__(self, index):
            self.index = index
            self.parts = {Part(), Part()}
            self.pattern = re.compile("[a-c]")

    class Part:
        pass

    @capture.trace_methods
    class Analysis:
        def __init__(self):
            self.steps = []

        def step(self, value):
            self.steps.append(value)
            return object()

    @capture.trace
    def load(paths):
        return [float(number) for path in sorted(paths) for number in path.read_text().split()]

    @capture.trace
    def fit(data, names, index):
        return Model(index), np.array(data)

    @capture.trace
    def apply(model, data, others):
        model.index += 1
        return pd.DataFrame({"energy": data, "name": [*"xyz"], "type": [np.dtype("f8")] * 3})

    @capture.trace
    def save(table, path, columns):
        table.to_csv(path)
        return path

    @capture.trace
    def settings(modes=frozenset({"b", "a", "c"})):
        return {"modes": {*modes}, "test": lambda x: x in {"q", "r", "s"}}

    @capture.trace
    def get_token(user):
        return "hunter2"

    Path("a.txt").write_text("1 2")
    Path("b.txt").write_text("3")
    data = load({Path("a.txt"), Path("b.txt"), Path("program.py")} - {Path("program.py")})
    model, energies = fit(data, {"u", "v"}, int(sys.argv[2]))
    table = apply(model, energies, [object(), settings()])
    save(table, Path("out.csv"), {*"energy"})
    analysis = Analysis()
    first = analysis.step(1)
    get_token("me")
    analysis.step(first)
    fit([first], {first}, 2)
""")


def recorded(folder: Path, seed: int, index: int = 2) -> str:
    """Run the program; return its log without times and process ids."""
    for name in ("out.csv", f"{seed}.log"):
        (folder / name).unlink(missing_ok=True)
    done = run(folder, PROGRAM, f"{seed}.log", str(index), PYTHONHASHSEED=str(seed))
    assert done.returncode == 0, done.stderr
    return comparable((folder / f"{seed}.log").read_text())


def comparable(log: str) -> str:
    """Return a log without times, process ids and the id of the run, which is made of these."""
    session = re.search(r"'session_id': '(\w+)'", log)
    assert session is not None
    for pattern in (
        session[1], r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", r"'process_id': \d+",
        r"'PYTHONHASHSEED': '\d+'", r"\b\d\.log\b",
    ):  # fmt: skip
        log = re.sub(pattern, "-", log)
    return log


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


def test_two_runs_give_equal_logs(folder: Path) -> None:
    first, second = recorded(folder, 1), recorded(folder, 2)
    assert first.splitlines() == second.splitlines()
    assert "hunter2" not in first
    graph = provlog.read(folder / "1.log", folder / "2.log")
    assert graph.diagnostics == []


def test_records_that_do_not_depend_on_a_parameter_stay_the_same(folder: Path) -> None:
    first, second = recorded(folder, 1).splitlines(), recorded(folder, 3, index=5).splitlines()
    differences = [pair for pair in zip(first, second, strict=True) if pair[0] != pair[1]]
    assert all("'arguments'" in one or "'index': 2" in one for one, _ in differences)
    assert len(differences) == 3
