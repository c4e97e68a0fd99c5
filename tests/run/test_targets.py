"""Targets are parsed, and traced in their modules."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provlog.errors import UsageError
from provlog.run.targets import Target, parse_target, trace_in_module


@given(st.text(alphabet="ab.:1 é-*?", max_size=12))
def test_a_target_is_parsed_completely_or_refused(text: str) -> None:
    names = re.split(r"[.:]", text)
    if text.count(":") < 2 and all(re.sub(r"[*?]", "x", name).isidentifier() for name in names):
        assert str(parse_target(text, "key")) == text
    else:
        with pytest.raises(UsageError, match=re.escape(repr(text))):
            parse_target(text)


class Marks:
    """A stand-in for Capture that notes its calls."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, ...]] = []

    def trace(self, function: Any, name: str | None = None) -> Any:
        self.noted.append(("trace", function.__name__, str(name)))
        return lambda: ("traced", function())

    def trace_method(self, cls: type, name: str, activity: str | None = None) -> None:
        self.noted.append(("trace_method", cls.__name__, name))

    def trace_methods(self, cls: type) -> type:
        self.noted.append(("trace_methods", cls.__name__))
        return cls


def traced(*targets: Target) -> list[tuple[str, ...]]:
    marks: Any = Marks()
    for one in targets:
        trace_in_module(marks, importlib.import_module(one.module), one)
    noted: list[tuple[str, ...]] = marks.noted
    return noted


def test_functions_methods_and_classes_of_a_module_are_traced(folder: Path) -> None:
    (folder / "pkg").mkdir()
    (folder / "pkg" / "__init__.py").write_text("from pkg.core import Tool, make as produce\n")
    (folder / "pkg" / "core.py").write_text(
        "class Tool:\n class Inner:\n  def f(self): pass\n def g(self): pass\n"
        "def make(): return 1\ndef make_all(): return make()\n"
    )
    assert traced(
        Target("pkg", "produce", "key"),
        Target("pkg", "Tool"),
        Target("pkg.core", "Tool.g"),
        Target("pkg.core", "Tool.Inner.f"),
    ) == [
        ("trace", "make", "key"),
        ("trace_methods", "Tool"),
        ("trace_method", "Tool", "g"),
        ("trace_method", "Inner", "f"),
    ]
    pkg = importlib.import_module("pkg")
    assert pkg.produce() == pkg.core.make_all() == ("traced", 1)


@pytest.mark.parametrize("path", ["nothing", "JSONDecoder.nothing", "nothing.decode"])
def test_a_missing_name_is_an_error(path: str) -> None:
    with pytest.raises(UsageError, match=f"json has no {path}"):
        traced(Target("json", path))


def test_a_cached_function_stays_cached(folder: Path) -> None:
    (folder / "cached.py").write_text(
        "from functools import lru_cache\n"
        "@lru_cache(maxsize=3, typed=True)\ndef load(): return [1]\n"
        "@lru_cache\ndef used(): return [2]\nused()\n"
    )
    assert traced(Target("cached", "load", "key")) == [("trace", "load", "key")]
    load = importlib.import_module("cached").load
    assert load() is load()
    assert (load.cache_info().hits, load.cache_parameters()) == (1, {"maxsize": 3, "typed": True})
    load.cache_clear()
    # Wrapping it would return other objects than those already cached.
    with pytest.raises(UsageError, match="its cache is filled already"):
        traced(Target("cached", "used"))


def test_callable_objects_are_refused(folder: Path) -> None:
    (folder / "hooks.py").write_text(
        "from functools import partial\n"
        "class Hook:\n limit = 5\n def __call__(self): return 6\n"
        "hook = Hook()\npart = partial(print)\n"
    )
    with pytest.raises(UsageError, match=r"it is a hooks\.Hook, not a function"):
        traced(Target("hooks", "hook"))
    assert traced(Target("hooks", "part"), Target("numpy", "save"), Target("random", "choice")) == [
        # The function inside the partial.
        ("trace", "print", "None"),
        ("trace", "save", "None"),
        ("trace", "choice", "None"),
    ]


def test_lazily_loaded_names_are_not_imported(folder: Path) -> None:
    (folder / "lazy").mkdir()
    (folder / "lazy" / "__init__.py").write_text(
        "def __getattr__(name):\n from lazy import part\n return part.load\n"
    )
    (folder / "lazy" / "part.py").write_text("def load(): pass\n")
    with pytest.raises(
        UsageError, match="lazy has no load right after its import, because it loads"
    ):
        traced(Target("lazy", "load"))
    assert "lazy.part" not in sys.modules
