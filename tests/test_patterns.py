"""Regular expressions that are compiled at their first use."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from contextlib import suppress

import pytest

import provlog
from provlog.patterns import regex


@pytest.mark.parametrize("name", ["match", "search", "fullmatch", "findall", "split"])
def test_a_method_gives_what_the_compiled_expression_gives(name: str) -> None:
    later, compiled = regex(r"(\d)+", re.ASCII), re.compile(r"(\d)+", re.ASCII)
    for _ in range(2):
        ours, theirs = (getattr(item, name)("12 of 3") for item in (later, compiled))
        assert str(ours) == str(theirs)


def test_the_other_attributes_are_those_of_the_compiled_expression() -> None:
    later = regex(rb"(?P<digit>\d)", re.DOTALL)
    assert later.pattern == rb"(?P<digit>\d)"
    assert (later.groupindex, later.groups) == ({"digit": 1}, 1)
    assert later.flags & re.DOTALL
    assert later.sub(b"x", b"a1") == b"ax"


def test_an_expression_is_compiled_at_its_first_use() -> None:
    code = (
        "import re, provlog.patterns\n"
        "compiled = []\n"
        "original = re.compile\n"
        "re.compile = lambda *args: compiled.append(args) or original(*args)\n"
        "digits = provlog.patterns.regex('[0-9]')\n"
        "assert compiled == []\n"
        "digits.match('1'), digits.match('2'), digits.search('3')\n"
        "assert len(compiled) == 1, compiled\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_all_expressions_of_the_package_can_be_compiled() -> None:
    found = 0
    for module in pkgutil.walk_packages(provlog.__path__, "provlog."):
        if module.name.endswith("__main__"):
            continue
        with suppress(ImportError):
            values = vars(importlib.import_module(module.name)).values()
            found += sum(1 for value in values if type(value) is type(regex("")) and value.flags)
    assert found > 100
