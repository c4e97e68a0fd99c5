"""Loading of compiled modules."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

import provlog
from provlog.compiled import MODULES, PURE, compiled, running

NAME = "provlog.readers.log._fast"


def test_a_module_that_was_not_built() -> None:
    assert compiled("provlog.readers.log._absent") is None


def test_all_modules_are_listed() -> None:
    root = Path(provlog.__file__).parent
    sources = [path.relative_to(root.parent).with_suffix("") for path in root.rglob("*.pyx")]
    assert sorted(".".join(source.parts) for source in sources) == sorted(MODULES)


def test_one_module_of_another_source_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    if running() != "compiled":
        pytest.skip("the compiled modules are not built")
    stale = ModuleType(NAME)
    stale.SOURCE = 1  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, NAME, stale)
    assert running() == f"compiled, except {NAME}"


def test_a_module_of_another_source_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    stale = ModuleType(NAME)
    stale.SOURCE = 1  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, NAME, stale)
    assert compiled(NAME) is None


@pytest.mark.parametrize("value", ["", "0"])
def test_an_empty_variable_or_0_does_not(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PURE, raising=False)
    expected = running()
    monkeypatch.setenv(PURE, value)
    assert running() == expected


def test_the_variable_turns_compiled_modules_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PURE, "1")
    assert compiled(NAME) is None
    assert running() == "pure Python"
