"""Rewriting decorates the functions and classes of a program, and changes nothing else."""

from __future__ import annotations

import builtins
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from textwrap import indent
from types import CodeType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provlog.run.rewrite import DECORATOR, compiled
from tests.profiles import examples

NAMES = ["f", "g", "C"]


@st.composite
def blocks(draw: st.DrawFn, depth: int = 3) -> str:
    """Generate programs of functions, classes and branches."""
    kinds = ["pass", "x = 1"]
    if depth:
        kinds += ["def", "async def", "class", "if True:", "try:", "@bare\ndef", "@bare\nclass"]
    parts = []
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3)):
        if kind in ("pass", "x = 1"):
            parts.append(kind)
            continue
        body = indent(draw(blocks(depth=depth - 1)), "    ")
        name = draw(st.sampled_from(NAMES))
        heads = {"if True:": kind, "try:": kind}
        heads |= {each: f"{each} {name}:" for each in ("class", "@bare\nclass")}
        tail = "\nfinally:\n    pass" if kind == "try:" else ""
        parts.append(f"{heads.get(kind, f'{kind} {name}():')}\n{body}{tail}")
    return "\n".join(parts)


def run_decorated(code: CodeType) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """Run a program; return the decorated objects by name, and its namespace."""
    found = []

    def decorator(name: str, is_innermost: bool) -> Callable[[Any], Any]:
        def decorate(thing: Any) -> Any:
            if is_innermost:
                assert inspect.isfunction(thing)
                return thing
            found.append((name, getattr(thing, "__qualname__", repr(thing))))
            return thing

        return decorate

    namespace: dict[str, Any] = {"bare": lambda thing: thing, "__name__": "program"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtins, DECORATOR, decorator, raising=False)
        exec(code, namespace)
    return found, namespace


def lines(code: CodeType) -> Iterator[tuple[str, int]]:
    yield code.co_qualname, code.co_firstlineno
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from lines(constant)


def expected(program: str, functions: set[str]) -> list[tuple[str, str]]:
    """Return the same names, found in the text of the program."""
    outer: list[tuple[int, str, str]] = []
    found = []
    for line in program.splitlines():
        depth = len(line) - len(line.lstrip())
        while outer and outer[-1][0] >= depth:
            outer.pop()
        match = re.match(r" *(?:async )?(def|class) (\w)", line)
        if match is None:
            continue
        kinds = {kind for _, kind, _ in outer}
        outer.append((depth, match[1], match[2]))
        name = ".".join(name for _, _, name in outer)
        if "def" not in kinds and (match[1] == "class" or (not kinds and match[2] in functions)):
            found.append((name, name))
    return found


@settings(max_examples=examples(50))
@given(blocks(), st.sets(st.sampled_from(NAMES)))
def test_top_level_functions_and_all_classes_are_decorated(
    program: str, functions: set[str]
) -> None:
    plain = compiled(program, "program.py", None)
    code = compiled(program, "program.py", functions)
    assert list(lines(code)) == list(lines(plain))
    assert sorted(run_decorated(code)[0]) == sorted(expected(program, functions))


def test_the_program_own_decorators_get_the_same_objects() -> None:
    program = "def outer(f): return [f.__name__]\n@outer\ndef f(): pass\n@outer\nclass C: pass\n"
    found, namespace = run_decorated(compiled(program, "program.py", {"f"}))
    # The result of the decorators is decorated.
    assert found == [("f", "['f']"), ("C", "['C']")]
    assert (namespace["f"], namespace["C"]) == (["f"], ["C"])


@pytest.mark.parametrize("count", [600, 2500])
def test_deeply_nested_programs_compile(count: int) -> None:
    terms = " + ".join(["1"] * count)
    branches = "".join(f"elif x == {n}:\n    def f(): pass\n" for n in range(count))
    program = f"x = {terms}\nif x == -1:\n    pass\n{branches}else:\n    class C: pass\n"
    found, namespace = run_decorated(compiled(program, "program.py", {"f"}))
    is_traced = count < 1000 or sys.version_info[:2] != (3, 12)
    assert (found, namespace["x"]) == ([("C", "C")] if is_traced else [], count)


def test_a_program_whose_tree_is_too_deep_is_not_traced(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("provlog.run.rewrite._decorate_definitions", refuse)
    found, namespace = run_decorated(compiled("def f(): pass\nx = 1\n", "program.py", {"f"}))
    assert (found, namespace["x"]) == ([], 1)
    assert "program.py: its functions are not traced" in caplog.text


def test_encoding_and_future_imports_are_kept() -> None:
    program = "# coding: latin-1\nfrom __future__ import annotations\ndef f(x: é): return 'é'\n"
    _, namespace = run_decorated(compiled(program.encode("latin-1"), "program.py", {"f"}))
    assert namespace["f"](0) == "é"
    assert namespace["f"].__annotations__ == {"x": "é"}
    _, namespace = run_decorated(compiled("def f(x: int): pass\n", "program.py", {"f"}))
    assert namespace["f"].__annotations__ == {"x": int}


@pytest.mark.parametrize("functions", [None, {"f"}])
def test_invalid_source_is_a_syntax_error(functions: set[str] | None) -> None:
    with pytest.raises(SyntaxError) as raised:
        compiled(b"x = 1\ndef f(:\n", "/there/program.py", functions)
    assert (raised.value.filename, raised.value.lineno) == ("/there/program.py", 2)
