"""Programs with all kinds of decorators run as without provlog."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import provlog
from tests.capture.programs import environment

PLAIN = """
import contextlib, functools, inspect, logging, pickle, sys, warnings
import click, joblib

memory = joblib.Memory("cache", verbose=0)

@memory.cache
def triple(x): return x * 3
@memory.cache
def fourfold(x): return x * 4

class Table:
    @functools.cached_property
    def rows(self): return 3
    def name(self): return inspect.currentframe().f_code.co_name

@click.command()
@click.option("--n", default=3)
def command(n): print("command", n)

@functools.singledispatch
def kind(x): return "any"
@kind.register
def _(x: int): return "int"

@contextlib.contextmanager
def following(x): yield x + 1

def old(): warnings.warn("old", stacklevel=2)
def log(): logging.getLogger("program").warning("here", stacklevel=2)
def itself(): return itself.__code__.co_name, itself.__name__, inspect.getsource(itself)

logging.basicConfig(format="%(filename)s:%(lineno)d %(funcName)s %(message)s", stream=sys.stdout)
print(triple(2), fourfold(2), triple(2), Table().rows, Table().name())
command.main(["--n", "5"], standalone_mode=False)
print(kind(1), kind("x"), type(kind), list(kind.registry))
with following(1) as x: print(x)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    old()
    print(caught[0].filename, caught[0].lineno)
log()
print(itself())
try: itself(1)
except TypeError as error: print(error)
print(pickle.loads(pickle.dumps(itself)) is itself)
"""

COMPILED = """
import numba
import numpy as np
from numba.extending import register_jitable

@numba.vectorize(["float64(float64, float64)"])
def total(a, b): return a + b
@numba.guvectorize(["(float64[:], float64[:])"], "(n)->(n)")
def twice(a, out):
    for i in range(a.shape[0]): out[i] = a[i] * 2
@numba.cfunc("float64(float64)")
def callback(x): return x * 2
@register_jitable
def helper(x): return x + 1
@numba.njit
def using(x): return helper(x)
class Table:
    @staticmethod
    @numba.njit
    def jitted(x): return x + 5
print(total(1., 2.), twice(np.arange(3.)), callback(2.), using(3), Table.jitted(1))
"""


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    shutil.rmtree(folder / "cache", ignore_errors=True)
    return subprocess.run(
        [sys.executable, *command, "program.py"],
        cwd=folder, capture_output=True, text=True, check=False, env=environment(),
    )  # fmt: skip


def compared(folder: Path, program: str, targets: str) -> tuple[set[str | None], str]:
    """Compare runs with and without provlog; return the recorded activities and messages."""
    (folder / "program.py").write_text(dedent(program))
    traced = [word for target in targets.split() for word in ("-t", target)]
    expected, found = (
        run(folder, *command)
        for command in ([], ["-m", "provlog", "run", "--log", "run.log", *traced])
    )
    assert (found.stdout, found.returncode) == (expected.stdout, expected.returncode)
    assert expected.returncode == 0, expected.stderr
    graph = provlog.read(folder / "run.log")
    assert graph.diagnostics == []
    return {one.label for one in graph.activities.values() if one.session}, found.stderr


def test_decorated_functions_do_the_same_and_are_recorded(tmp_path: Path) -> None:
    names = "triple fourfold Table command kind following old log itself"
    found, told = compared(tmp_path, PLAIN, names)
    assert found == {*names.split(), "program.py", "name"} - {"Table"}
    assert told == ""


@pytest.mark.slow
def test_compiled_functions_do_the_same_and_are_reported(tmp_path: Path) -> None:
    names = "total twice callback helper using Table"
    found, told = compared(tmp_path, COMPILED, names)
    assert found == {"program.py"}
    for name in names.split():
        assert name in told
