"""``provlog run`` alone says where the files of a script come from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import provlog
from provlog.graphs.lineage import lineage
from provlog.model.graph import Entity, ProvGraph
from tests.capture.programs import environment

FLOW = """
import sys

import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split


def load(path):
    return pd.read_csv(path)


def clean(table):
    return table.dropna()


def split(table, seed=0):
    return train_test_split(table[["x"]], table["y"], random_state=seed)


def fit(x, y):
    return LinearRegression().fit(x, y)


def predict(model, x):
    return model.predict(x)


def score(truth, predicted):
    return pd.DataFrame({"r2": [r2_score(truth, predicted)]})


def save(result, path):
    result.to_csv(path)


table = clean(load(sys.argv[1]))
x_train, x_test, y_train, y_test = split(table)
predicted = predict(fit(x_train, y_train), x_test)
save(score(y_test, predicted), "scores.csv")
"""
STEPS = ["load", "clean", "split", "fit", "predict", "score", "save"]


def test_the_output_of_seven_functions_goes_back_to_the_table(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    (tmp_path / "flow.py").write_text(FLOW)
    rows = [f"{x},{2 * x + x % 7}" for x in range(50)]
    (tmp_path / "data.csv").write_text("\n".join(["x,y", *rows, ",3\n"]))
    graph = recorded(tmp_path, "flow.py", "data.csv")
    names = origins(graph, "scores.csv")
    assert {"data.csv", *STEPS} <= names
    # The files of Python and of packages are not data.
    files = {entity.label for entity in graph.entities.values() if location(entity)}
    assert files == {"flow.py", "data.csv", "scores.csv"}


def recorded(folder: Path, *arguments: str, log: str = "prov.log") -> ProvGraph:
    """Run a program under ``provlog run`` without options; return the graph of its log."""
    command = [sys.executable, "-m", "provlog", "run", "--log", log, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return provlog.read(folder / log)


def location(entity: Entity) -> str | None:
    found = entity.values("prov:location")
    return str(found[0]) if found else None


def origins(graph: ProvGraph, file: str) -> set[str | None]:
    """Return the names of all that the file with a name comes from."""
    [found] = [one for one in graph.entities.values() if one.label == file]
    part = lineage(graph, [found])
    return {one.label for one in (*part.entities.values(), *part.activities.values())}
