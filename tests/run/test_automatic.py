"""The steps of a program are found in its source and in the modules beside it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from provlog.run.automatic import steps


def found(folder: Path, text: str, package: str = "") -> list[str]:
    names = steps(dedent(text), str(folder), package)
    return [f"{module}:{name}" if module else name for module, name in names]


@pytest.mark.parametrize(("text", "expected"), [
    ("def f(): g()\ndef g(): ...\ndef h(): ...\nh()\nx = [f() for _ in y]\n", ["h", "f"]),
    ("def f(): ...\nif True:\n for x in y:\n  with z(f()): pass\n", ["f"]),
    ("def f(): ...\ntry:\n pass\nexcept E:\n f()\n", ["f"]),
    ("def f(): ...\nprint(lambda: f())\n", ["f"]),
    ("class C:\n def m(self): f()\ndef f(): ...\nC().m()\n", ["C"]),
    ("def f(): ...\npool.map(f, x)\n", ["f"]),
    ("def f(): ...\ng = f\nframe.apply(f)\n", []),
    ("def f(): ...\ndef g(): ...\nfor step in [f, g]: step()\n", ["f", "g"]),
    ("def f(): ...\nsteps = {'f': f, 'n': 1, **more}\n", ["f"]),
    ("class C: ...\ndef f(): ...\nisinstance(x, (C, int)) or f()\n", ["f"]),
    ("f()\n", []),
])  # fmt: skip
def test_functions_called_by_the_top_level_are_steps(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    assert found(tmp_path, text) == expected


@pytest.mark.parametrize("call", [
    "def main(): f()\nmain()", "def main(): f()\nif __name__ == '__main__':\n sys.exit(main())",
    "async def start(): await f()\nasyncio.run(start())",
])  # fmt: skip
def test_functions_called_by_the_main_function_are_steps(tmp_path: Path, call: str) -> None:
    names = found(tmp_path, f"def f(): g()\ndef g(): ...\n{call}\n")
    assert set(names) in ({"main", "f"}, {"start", "f"})


def test_commands_of_click_are_main_functions(tmp_path: Path) -> None:
    names = found(tmp_path, """
        @click.command()
        @click.option("--x")
        def reduce(x):
            f()

        def f(): ...
        """)  # fmt: skip
    assert names == ["reduce", "f"]


@pytest.mark.parametrize(("imported", "call"), [
    ("from beside import f", "f()"), ("from beside import f as g", "g()"),
    ("import beside", "beside.f()"), ("import beside as b", "b.f()"),
    ("from exporting import f", "f()"),
])  # fmt: skip
def test_modules_beside_the_program_have_steps(tmp_path: Path, imported: str, call: str) -> None:
    (tmp_path / "beside.py").write_text("def f(): ...\nx = 1\n")
    (tmp_path / "exporting.py").write_text("from beside import f\nfrom exporting import g\n")
    assert found(tmp_path, f"{imported}\n{call}\n") == ["beside:f"]


def test_packages_beside_the_program_have_steps(tmp_path: Path) -> None:
    (tmp_path / "tool").mkdir()
    (tmp_path / "tool" / "__init__.py").write_text("from .core import load\n")
    (tmp_path / "tool" / "core.py").write_text("def load(): ...\ndef main(): load()\n")
    assert found(tmp_path, "import tool\ntool.load()\n") == ["tool.core:load"]
    assert found(tmp_path, "import tool.core\ntool.core.load()\n") == ["tool.core:load"]
    assert found(tmp_path, "from tool import core\ncore.load()\n") == ["tool.core:load"]
    text = "from .core import main\nmain()\n"
    assert found(tmp_path, text, "tool") == ["tool.core:main", "tool.core:load"]


@pytest.mark.parametrize("text", [
    "import json\njson.loads('1')\n", "from json import loads\nloads('1')\n",
    "from broken import f\nf()\n", "from beside import x\nx()\n", "from . import f\nf()\n",
    "from exporting import g\ng()\n",
])  # fmt: skip
def test_other_modules_have_no_steps(tmp_path: Path, text: str) -> None:
    (tmp_path / "beside.py").write_text("x = 1\n")
    (tmp_path / "broken.py").write_text("def f(:\n")
    (tmp_path / "exporting.py").write_text("from exporting import g\n")
    assert found(tmp_path, text) == []
